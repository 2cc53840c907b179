#!/usr/bin/env python3
"""Amazon's own library against the stand-ins: what it can do with S3, they have to do as S3 does. The addresses come by the environment.
Exits with 77 where boto3 is missing."""

import os
import sys

try:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import ClientError
    from botocore.utils import InstanceMetadataFetcher
except ImportError:
    sys.exit(77)

BUCKET = "test-bucket"


def client(service, url, **more):
    keys = {"aws_access_key_id": "AKIDEXAMPLE", "aws_secret_access_key": os.environ["TEST_SECRET"], "region_name": "eu-central-1", **more}
    config = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"})
    return boto3.client(service, endpoint_url=url, config=config, **keys)


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
    else:
        raise AssertionError(f"{code} was expected")


s3 = client("s3", os.environ["TEST_S3"])
bodies = {"plain": b"hello", "a b+c&d/ü%20": bytes(range(256)), "empty": b"", "large": b"x" * 3_000_000}
for key, body in bodies.items():
    s3.put_object(Bucket=BUCKET, Key=key, Body=body)
    got = s3.get_object(Bucket=BUCKET, Key=key)
    assert got["Body"].read() == body, key
    assert s3.head_object(Bucket=BUCKET, Key=key)["ContentLength"] == len(body)
s3.put_object(Bucket=BUCKET, Key="sum", Body=b"sum", ChecksumAlgorithm="SHA256")
assert s3.head_object(Bucket=BUCKET, Key="sum", ChecksumMode="ENABLED").get("ChecksumSHA256"), "no checksum"
got = s3.get_object(Bucket=BUCKET, Key="large", Range="bytes=10-19")
assert got["Body"].read() == b"x" * 10 and got["ContentRange"] == "bytes 10-19/3000000", got
pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, PaginationConfig={"PageSize": 2}))
assert len(pages) > 1
assert sorted(o["Key"] for p in pages for o in p["Contents"]) == sorted([*bodies, "sum"]), pages
s3.put_object(Bucket=BUCKET, Key="kms", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId="key")
s3.delete_object(Bucket=BUCKET, Key="plain")
refused("NoSuchKey", s3.get_object, Bucket=BUCKET, Key="plain")
refused("NoSuchBucket", s3.get_object, Bucket="no-such-bucket", Key="plain")
refused("InvalidRange", s3.get_object, Bucket=BUCKET, Key="sum", Range="bytes=10-19")
refused("AccessDenied", s3.get_object, Bucket=BUCKET, Key="sum", ExpectedBucketOwner="999999999999")
refused("SignatureDoesNotMatch", client("s3", os.environ["TEST_S3"], aws_secret_access_key="wrong").get_object, Bucket=BUCKET, Key="sum")
refused("InvalidAccessKeyId", client("s3", os.environ["TEST_S3"], aws_access_key_id="AKIDNOBODY").get_object, Bucket=BUCKET, Key="sum")


def add_header(name, value):
    return lambda params, **_: params["headers"].update({name: value})


once = client("s3", os.environ["TEST_S3"])
once.meta.events.register("before-call.s3.PutObject", add_header("If-None-Match", "*"))
refused("PreconditionFailed", once.put_object, Bucket=BUCKET, Key="sum", Body=b"x")
once.put_object(Bucket=BUCKET, Key="new", Body=b"x")
lying = client("s3", os.environ["TEST_S3"])
lying.meta.events.register("before-call.s3.PutObject", add_header("x-amz-checksum-sha256", "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="))
refused("BadDigest", lying.put_object, Bucket=BUCKET, Key="lie", Body=b"x")

secrets = client("secretsmanager", os.environ["TEST_SECRETS"])
assert secrets.get_secret_value(SecretId="text")["SecretString"] == "the text"
assert secrets.get_secret_value(SecretId="bytes")["SecretBinary"] == b"\x00\x01"
refused("ResourceNotFoundException", secrets.get_secret_value, SecretId="missing")

sts = client("sts", os.environ["TEST_STS"], aws_access_key_id="AKIDSOURCE")
role = {"RoleArn": "arn:aws:iam::111122223333:role/chimplift", "RoleSessionName": "session"}
assert sts.assume_role(**role)["Credentials"]["AccessKeyId"] == "ASIAROLE"
assert sts.assume_role_with_web_identity(WebIdentityToken="web-identity-token", **role)["Credentials"]["SessionToken"]
refused("InvalidIdentityToken", sts.assume_role_with_web_identity, WebIdentityToken="another", **role)

metadata = InstanceMetadataFetcher(base_url=os.environ["TEST_METADATA"] + "/").retrieve_iam_role_credentials()
assert metadata["access_key"] == "AKIDMETADATA" and metadata["token"] == "metadata-session-token", metadata
