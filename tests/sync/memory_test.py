#!/usr/bin/env python3
"""How much memory the program takes, as the kernel counts it (ru_maxrss of each process), over accounts of several sizes, a field of 50 MB and
columns that appear one by one: docs/operations.md, "How large a pod", says the numbers that this holds it to.

usage: memory_test.py CHIMPLIFT MAILCHIMP_SIM DUCKDB_SQL        with CHIMPLIFT_TORTURE set: up to 90,000 contacts"""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

CHIMPLIFT, SIMULATOR, DUCKDB_SQL = (os.path.abspath(word) for word in sys.argv[1:4])
IS_LONG = "CHIMPLIFT_TORTURE" in os.environ
PER_SCALE = 3_000  # contacts
# What docs/operations.md says, in MB.
PULL, VERIFY = 160, 100  # pull, and verify --warehouse none, whatever the number of records
PER_1000_CONTACTS = 3    # more, where member_details is read: five collections for each contact
TIMES_A_PAGE = 5         # more, for a page that is larger than usual; twice that where it is loaded too


class Account:
    """One account of the simulator, and what the program takes for it."""

    def __init__(self, test, scale, *options):
        holder = tempfile.TemporaryDirectory(prefix="chimplift-memory-")
        test.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)
        self.contacts = int(PER_SCALE * scale)
        self.test = test
        self.simulator = subprocess.Popen([SIMULATOR, "--accounts", "1", "--scale", str(scale), "--latency-ms", "0", "--accounts-file",
                                           self.folder / "accounts.json", "--exit-after", "1500", "--exit-with-parent", *options],
                                          stdout=subprocess.PIPE, text=True)
        self.url = self.simulator.stdout.readline().removeprefix("listening on ").strip()
        test.addCleanup(self.end)

    def end(self):
        self.simulator.terminate()
        self.simulator.wait()
        self.simulator.stdout.close()

    def peak(self, command, *words):
        """MB."""
        source = ["--api-base", self.url] if command in ("pull", "sync") else []
        with open(self.folder / "said", "w", encoding="utf-8") as said:
            process = subprocess.Popen([CHIMPLIFT, command, "--quiet", "--accounts", "accounts.json", *source, *words], cwd=self.folder,
                                       stdout=said, stderr=said, env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"})
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        self.test.assertEqual(process.returncode, 0, (self.folder / "said").read_text(encoding="utf-8")[-2000:])
        megabytes = usage.ru_maxrss / 1024
        print(f"{command} {' '.join(words)}: {self.contacts:,} contacts, {megabytes:.0f} MB", flush=True)
        return megabytes

    def rows(self, sql):
        ended = subprocess.run([DUCKDB_SQL, self.folder / "mailchimp-archive" / "mailchimp.duckdb"], input=json.dumps([sql]), capture_output=True,
                               text=True, check=True)
        return json.loads(ended.stdout)[0]


class Memory(unittest.TestCase):
    def test_is_the_same_for_any_number_of_records(self):
        few = ["--excluded-steps", "member_details"]
        pulls, verifications = [], []
        for scale in (2, 10, 30) if IS_LONG else (0.2, 2):
            account = Account(self, scale)
            pulls.append(account.peak("pull", *few))
            verifications.append(account.peak("verify", "--warehouse", "none", *few))
            account.end()
        self.assertLess(max(pulls), PULL)
        self.assertLess(max(verifications), VERIFY)
        # From 30,000 to 90,000: what grows before that is pages that are not full yet.
        if IS_LONG:
            self.assertLess(pulls[2] - pulls[1], 30)
            self.assertLess(verifications[2] - verifications[1], 15)

    def test_grows_with_collections_by_no_more_than_is_said(self):
        only = ["--only-steps", "lists,member_details"]
        small, large = [Account(self, scale) for scale in ((2, 20) if IS_LONG else (0.2, 1))]
        more = PER_1000_CONTACTS * (large.contacts - small.contacts) / 1_000
        small.peak("pull", *only)
        self.assertLess(large.peak("pull", *only), PULL + PER_1000_CONTACTS * large.contacts / 1_000)
        verify = ["verify", "--warehouse", "none", *only]
        self.assertLess(large.peak(*verify) - small.peak(*verify), more + 12)

    def test_a_field_of_50_MB(self):
        account = Account(self, 0.05, "--fault", "huge_string:/lists:1:50000000")
        only = ["--only-steps", "lists"]
        self.assertLess(account.peak("pull", *only), PULL + TIMES_A_PAGE * 50)
        self.assertLess(account.peak("verify", "--warehouse", "none", *only), VERIFY + TIMES_A_PAGE * 50)
        self.assertLess(account.peak("sync", *only), PULL + 2 * TIMES_A_PAGE * 50)
        self.assertEqual(account.rows("SELECT max(length(odd_text))::VARCHAR FROM mailchimp.mailchimp.lists"), [["50000000"]])

    def test_200_columns_that_appear_one_by_one(self):
        many = Account(self, 1, "--most-rows", "10", "--fault", "new_field:/members:200")
        plain = Account(self, 1, "--most-rows", "10")
        only = ["--only-steps", "lists"]
        # Of these, DuckDB keeps versions of a table to which columns are added; the rest of the program does not mind.
        self.assertLess(many.peak("sync", *only) - plain.peak("sync", *only), 250)
        self.assertLess(many.peak("verify", "--warehouse", "none", *only) - plain.peak("verify", "--warehouse", "none", *only), 15)
        columns = many.rows("SELECT count(*)::VARCHAR FROM information_schema.columns WHERE table_name = 'list_members' AND "
                            "column_name LIKE 'field\\_%' ESCAPE '\\'")
        self.assertGreaterEqual(int(columns[0][0]), 190, "a few came on pages without records")
        for field in (50, 77, 100):
            found = many.rows(f"SELECT field_{field}::VARCHAR FROM mailchimp.mailchimp.list_members WHERE field_{field} IS NOT NULL")
            self.assertEqual(found, [[str(field)]])


if __name__ == "__main__":
    del sys.argv[1:4]
    unittest.main()
