#!/usr/bin/env python3
"""An archive on S3 as Amazon's own command line sees it: listed, read, copied away and back, as docs/operations.md says. On the S3 stand-in,
and on OpenStack Swift where that is installed (with tests/swift/conditional.py, because its s3api lacks conditional writes).

usage: awscli_test.py CHIMPLIFT MAILCHIMP_SIM AWS_STANDINS"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

CHIMPLIFT, SIMULATOR, STAND_INS = (os.path.abspath(word) for word in sys.argv[1:4])
SERVE_SWIFT = Path(__file__).resolve().parent.parent / "swift" / "serve.py"
# Debian's, where there are several: another one may sign what our stand-in is not to know (chunked uploads with trailers).
AWS = "/usr/bin/aws"


def pulled(certificate):
    return {line["table"]: (line["state"], line["pulled"]) for line in certificate["streams"]}


class OnS3:
    """What holds for each store: `start` gives its settings and a bucket."""

    def setUp(self):
        if not os.path.exists(AWS):
            self.skipTest("awscli is not installed (Debian package awscli)")
        holder = tempfile.TemporaryDirectory(prefix="chimplift-awscli-")
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LC_ALL": "C.UTF-8", "AWS_EC2_METADATA_DISABLED": "true",
                            "AWS_MAX_ATTEMPTS": "1"}
        settings, self.bucket = self.start()
        self.environment |= settings

    def hold(self, process):
        """Ends with its standard input, when the test does."""
        self.addCleanup(process.wait)
        self.addCleanup(process.stdin.close)
        self.addCleanup(process.stdout.close)
        return process

    def run_it(self, *words, code=0):
        ended = subprocess.run(words, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False)
        self.assertEqual(ended.returncode, code, f"{words}\n{ended.stdout[-2000:]}\n{ended.stderr[-2000:]}")
        return ended.stdout

    def chimplift(self, command, *words):
        return json.loads(self.run_it(CHIMPLIFT, command, "--json", *words))

    def aws(self, *words):
        return self.run_it(AWS, "--endpoint-url", self.environment["AWS_ENDPOINT_URL_S3"], "s3", *words)

    def keys_below(self, url):
        return {line.split(maxsplit=3)[3]: int(line.split(maxsplit=3)[2]) for line in self.aws("ls", "--recursive", url).splitlines()}

    def test_a_sync_is_verified_listed_read_and_copied_there_and_back(self):
        simulator = subprocess.Popen([SIMULATOR, "--accounts", "1", "--scale", "0.05", "--latency-ms", "0", "--accounts-file",
                                      self.folder / "accounts.json", "--exit-after", "1500", "--exit-with-parent"],
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(simulator.wait)
        self.addCleanup(simulator.terminate)
        self.addCleanup(simulator.stdin.close)
        self.addCleanup(simulator.stdout.close)
        there = f"s3://{self.bucket}/the-archive"
        few = ["--only-steps", "lists,templates,stored_files"]  # files, and a hundred objects: each command of aws takes its time
        source = ["--api-base", simulator.stdout.readline().removeprefix("listening on ").strip()]
        account = self.chimplift("sync", *source, "--archive", there, *few)["accounts"][0]
        certificate = account["certificate"]
        self.assertTrue(certificate["verdict"].startswith("safe to close"), certificate["gaps"])
        name = account["account_name"]

        # Listed, with sizes: everything that the certificate sums up, and what is not part of the sum.
        keys = self.keys_below(there + "/")
        content = {key: size for key, size in keys.items() if f"/{name}/" in key and not key.endswith(("/lock", "certificate.json", "certificate.html"))}
        for part in ("archive.json", f"{name}/certificate.json", f"{name}/raw/lists/000001.ndjson.zst", f"{name}/ledger/"):
            self.assertTrue(any(key.startswith(f"the-archive/{part}") for key in keys), part)
        self.assertEqual(len([key for key in content if "/files/" in key]), sum(line["fetched"] for line in certificate["files"]))
        self.assertEqual(self.aws("ls", there + "/").split(), sorted(["PRE", f"{name}/"]) + self.aws("ls", there + "/archive.json").split())

        # Read.
        self.assertEqual(json.loads(self.aws("cp", f"{there}/{name}/certificate.json", "-")), certificate)

        # Copied away, and verified with no network: docs/operations.md, "An archive on S3".
        self.aws("sync", "--quiet", there, "copy")
        self.assertEqual(sum(path.is_file() for path in (self.folder / "copy").rglob("*")), len(keys))
        self.run_it("sh", "-c", f"cd copy/{name}/ledger && cat 0*.ndjson > ledger.ndjson && rm 0*.ndjson")
        verified = self.chimplift("verify", "--archive", "copy", "--warehouse", "none", *few)["accounts"][0]["certificate"]
        self.assertEqual(verified["verdict"], certificate["verdict"])
        self.assertEqual(pulled(verified), pulled(certificate))

        # And back, where runs go on.
        self.aws("sync", "--quiet", "copy", f"s3://{self.bucket}/back", "--exclude", "*.duckdb", "--exclude", "*/lock")
        again = self.chimplift("sync", *source, "--archive", f"s3://{self.bucket}/back", "--warehouse", "none", *few)["accounts"][0]
        self.assertTrue(again["certificate"]["verdict"].startswith("safe to close"), again["certificate"]["gaps"])
        self.assertLess(again["requests"], account["requests"], "only what may have changed is asked for")


class StandIn(OnS3, unittest.TestCase):
    def start(self):
        process = self.hold(subprocess.Popen([STAND_INS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        return dict(process.stdout.readline().strip().split("=", 1) for _ in range(7)), "test-bucket"


class Swift(OnS3, unittest.TestCase):
    def start(self):
        (self.folder / "swift").mkdir()
        process = self.hold(subprocess.Popen([shutil.which("python3"), SERVE_SWIFT, self.folder / "swift", "conditional"],
                                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        words = [process.stdout.readline().strip() for _ in range(5)]
        if process.poll() == 77 or not words[0]:
            self.skipTest("OpenStack Swift is not installed (swift-proxy swift-account swift-container swift-object memcached)")
        names = ("AWS_ENDPOINT_URL_S3", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION")
        self.environment |= dict(zip(names, words))
        self.aws("mb", f"s3://{words[4]}")
        return {}, words[4]


if __name__ == "__main__":
    del sys.argv[1:4]
    unittest.main()
