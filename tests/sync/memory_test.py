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
# What docs/operations.md promises, in MB.
WITHOUT_WAREHOUSE = 160     # pull, and verify --warehouse none, whatever the number of records
GROWTH = 24                 # of these from one account to one ten or thirty times as large
PER_1000_CONTACTS = 5.5     # more, where member_details is read: five collections for each contact
TIMES_A_PAGE = 12           # more, for a page that is larger than usual
DUCKDB = 1_000              # its own limit, on top


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
        peaks = {"pull": [], "verify": []}
        for scale in (1, 10, 30) if IS_LONG else (0.2, 2):
            account = Account(self, scale)
            peaks["pull"].append(account.peak("pull", *few))
            peaks["verify"].append(account.peak("verify", "--warehouse", "none", *few))
            account.end()
        for of_command in peaks.values():
            self.assertLess(max(of_command), WITHOUT_WAREHOUSE)
            self.assertLess(max(of_command) - of_command[0], GROWTH)

    def test_grows_with_collections_by_no_more_than_is_said(self):
        only = ["--only-steps", "lists,member_details"]
        small, large = [Account(self, scale) for scale in ((1, 10) if IS_LONG else (0.1, 1.1))]
        for command, words in (("pull", only), ("verify", ["--warehouse", "none", *only])):
            growth = large.peak(command, *words) - small.peak(command, *words)
            self.assertLess(growth, PER_1000_CONTACTS * (large.contacts - small.contacts) / 1_000 + 4, command)

    def test_a_field_of_50_MB(self):
        account = Account(self, 0.05, "--fault", "huge_string:/lists:1:50000000")
        only = ["--only-steps", "lists"]
        self.assertLess(account.peak("pull", *only), WITHOUT_WAREHOUSE + TIMES_A_PAGE * 50)
        self.assertLess(account.peak("verify", "--warehouse", "none", *only), WITHOUT_WAREHOUSE + TIMES_A_PAGE * 50)
        self.assertLess(account.peak("sync", *only), WITHOUT_WAREHOUSE + TIMES_A_PAGE * 50 + DUCKDB)
        self.assertEqual(account.rows("SELECT max(length(odd_text))::VARCHAR FROM mailchimp.mailchimp.lists"), [["50000000"]])

    def test_200_columns_that_appear_one_by_one(self):
        account = Account(self, 1, "--most-rows", "10", "--fault", "new_field:/members:200")
        plain = Account(self, 1, "--most-rows", "10")
        only = ["--only-steps", "lists"]
        self.assertLess(account.peak("sync", *only) - plain.peak("sync", *only), 100)
        columns = account.rows("SELECT count(*)::VARCHAR FROM information_schema.columns WHERE table_name = 'list_members' AND "
                               "column_name LIKE 'field\\_%' ESCAPE '\\'")
        self.assertEqual(columns, [["200"]])
        for field in (1, 77, 200):
            self.assertEqual(account.rows(f"SELECT field_{field}::VARCHAR FROM mailchimp.mailchimp.list_members WHERE field_{field} IS NOT NULL"),
                             [[str(field)]])


if __name__ == "__main__":
    del sys.argv[1:4]
    unittest.main()
