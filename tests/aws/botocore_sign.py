#!/usr/bin/env python3
"""Signs requests as botocore does, for comparison: one JSON object a line on stdin, one on stdout.
Exits with 77 where botocore is missing."""

import base64
import datetime
import json
import sys
import types
from urllib.parse import quote

try:
    import botocore.auth
    from botocore.awsrequest import AWSRequest
    from botocore.config import Config
    from botocore.credentials import Credentials
except ImportError:
    sys.exit(77)


class FixedTime(datetime.datetime):
    moment = None

    @classmethod
    def utcnow(cls):
        return cls.moment


if hasattr(botocore.auth, "get_current_datetime"):  # newer ones
    botocore.auth.get_current_datetime = FixedTime.utcnow
else:
    botocore.auth.datetime = types.SimpleNamespace(datetime=FixedTime, timedelta=datetime.timedelta)

for line in sys.stdin:
    case = json.loads(line)
    FixedTime.moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=case["micros"])
    query = "&".join(f"{quote(k, safe='-_.~')}={quote(v, safe='-_.~')}" for k, v in case["query"])
    path = quote(case["path"], safe="/~")
    request = AWSRequest(
        method=case["method"],
        url=case["endpoint"] + path + ("?" + query if query else ""),
        headers=dict(case["headers"]),
        data=base64.b64decode(case["body"]),
    )
    request.context["client_config"] = Config(s3={"payload_signing_enabled": True})
    if case["service"] != "s3":
        request.headers["X-Amz-Content-SHA256"] = case["payload_sha256"]
    signer = botocore.auth.S3SigV4Auth if case["service"] == "s3" else botocore.auth.SigV4Auth
    signer(Credentials(case["key"], case["secret"], case["token"] or None), case["service"], case["region"]).add_auth(request)
    print(json.dumps({"path": path, "authorization": request.headers["Authorization"], "date": request.headers["X-Amz-Date"],
                      "sha256": request.headers["X-Amz-Content-SHA256"], "token": request.headers.get("X-Amz-Security-Token", "")}))
