#!/usr/bin/env python3
"""The views that give files links: DuckDB's leads to the bytes, Snowflake's is read by another parser. usage: links_test.py"""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from workbench import DUCKDB_SQL, Workbench, chimplift

ARCHIVE = ("--archive", "s3://my-bucket/brand's/archive")


def sql_of(archive):
    return chimplift("generate", "snowflake-links", "--archive", archive)


class DuckdbLinks(unittest.TestCase):
    def test_lead_to_the_bytes(self):
        bench = Workbench()
        self.addCleanup(bench.close)
        sql = chimplift("generate", "duckdb-links")
        self.assertEqual(sql, chimplift("generate", "duckdb-links", "--warehouse", "duckdb:/some/where/mailchimp.duckdb"))
        bench.rows(sql)
        self.assertIn("%20", bench.rows("SELECT min(storage_uri) FROM mailchimp.mailchimp.assets")[0][0], "no name with an escaped byte is tried")
        rows = bench.rows("SELECT link, sha256, CAST(bytes AS VARCHAR) FROM mailchimp.mailchimp.file_links")
        self.assertGreater(len(rows), 50)
        with open(os.path.join(os.path.dirname(__file__), "../../docs/analysts.md"), encoding="utf-8") as page:
            then = re.search(r"generate duckdb-links \| .*# then: (.*;)$", page.read(), re.MULTILINE).group(1)
        # A shell that is given the file is in its catalog; the tool is not.
        self.assertEqual(len(bench.rows_of_each(["USE mailchimp", then])[1]), len(rows))
        for link, sha256, size in rows:
            with open(link, "rb") as file:
                content = file.read()
            self.assertEqual((hashlib.sha256(content).hexdigest(), len(content)), (sha256, int(size)), link)


class DuckdbSql(unittest.TestCase):
    def test_makes_no_file_of_an_option(self):
        with tempfile.TemporaryDirectory() as folder:
            ended = subprocess.run([DUCKDB_SQL, "--help"], cwd=folder, input="[]", capture_output=True, text=True, check=False)
            self.assertEqual(ended.returncode, 2)
            self.assertIn("usage: duckdb-sql FILE", ended.stderr)
            self.assertEqual(os.listdir(folder), [])


class SnowflakeLinks(unittest.TestCase):
    def test_presign_what_lies_below_the_archive(self):
        sql = chimplift("generate", "snowflake-links", *ARCHIVE, "--snowflake-database", "marketing", "--snowflake-role", "loader")
        self.assertIn("GET_PRESIGNED_URL(@\"MARKETING\".\"MAILCHIMP\".\"CHIMPLIFT_FILES\", SUBSTR(STORAGE_URI, LENGTH('s3://my-bucket/brand''s/archive/') + 1), 3600)", sql)
        self.assertIn("SET STORAGE_ALLOWED_LOCATIONS = ('s3://my-bucket/brand''s/archive/');", sql)
        self.assertIn('TO ROLE "LOADER"', sql)
        # The view reads with its owner's rights, and the table is the loader's.
        grant = 'GRANT SELECT ON TABLE "MARKETING"."MAILCHIMP"."ASSETS" TO ROLE ACCOUNTADMIN;'
        self.assertIn(grant, sql)
        self.assertLess(sql.index("USE ROLE ACCOUNTADMIN;"), sql.index(grant))
        self.assertLess(sql.index(grant), sql.index("CREATE OR REPLACE VIEW"))
        other = chimplift("generate", "snowflake-links", *ARCHIVE, "--snowflake-stage-url", "s3://other/")
        self.assertIn("STORAGE_ALLOWED_LOCATIONS = ('s3://other/', 's3://my-bucket/brand''s/archive/')", other)
        # The list takes the place of what the setup wrote: whoever gave the stage a place of its own has to give it here too.
        for sql, warns in ((sql, True), (other, False)):
            before = sql[:sql.index("ALTER STORAGE INTEGRATION")]
            self.assertIn("-- SET replaces the whole list of locations", before)
            self.assertEqual("--snowflake-stage-url" in before, warns)
        self.assertIn("s3://<bucket>", chimplift("generate", "snowflake-links"))
        self.assertIn("not an archive on S3", chimplift("generate", "snowflake-links", "--archive", "folder", code=2))
        self.assertEqual(sql_of("s3://bucket/prefix//"), sql_of("s3://bucket/prefix"))

    def test_are_not_made_for_a_place_that_sync_refuses(self):
        for wrong, said in (("s3://", "s3:// is not a place on S3"), ("s3://B_x/y", '"B_x" is not the name of an S3 bucket'),
                            ("s3://bucket//x", "is not a place on S3")):
            self.assertIn(said, chimplift("generate", "snowflake-links", "--archive", wrong, code=2))
        for wrong, said in (("foo", "foo/ is not a place for staged files"), ("s3://B_x/y", '"B_x" is not the name of an S3 bucket')):
            for topic in ("snowflake-links", "snowflake-setup"):
                self.assertIn(said, chimplift("generate", topic, "--snowflake-stage-url", wrong, code=2))

    def test_is_read_by_another_parser(self):
        if not shutil.which("sqlfluff"):
            self.skipTest("sqlfluff is not installed (Debian package sqlfluff)")
        statements = chimplift("generate", "snowflake-links", *ARCHIVE).split(";\n")
        # What sqlfluff 1.4.5 does not know, and Snowflake's documentation has: ALTER STORAGE INTEGRATION, and stages with an integration.
        known = [each for each in statements if "STORAGE_ALLOWED_LOCATIONS" not in each and "CREATE STAGE" not in each]
        self.assertEqual(len(statements) - len(known), 2)
        with tempfile.NamedTemporaryFile("w", suffix=".sql", encoding="utf-8") as file:
            file.write(";\n".join(known))
            file.flush()
            ended = subprocess.run(["sqlfluff", "parse", "--dialect", "snowflake", file.name], capture_output=True, text=True, check=False, cwd="/",
                                   env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"})
        self.assertEqual(ended.returncode, 0, ended.stdout[-2000:] + ended.stderr[-1000:])
        self.assertNotIn("unparsable", ended.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
