#!/usr/bin/env python3
"""The views that give files links (DuckDB's leads to the bytes, Snowflake's is read by another parser), and the queries of docs/analysts.md.
usage: links_test.py"""

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


def page():
    with open(os.path.join(os.path.dirname(__file__), "../../docs/analysts.md"), encoding="utf-8") as file:
        return file.read()


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
        then = re.search(r"generate duckdb-links \| .*# then: (.*;)$", page(), re.MULTILINE).group(1)
        # A shell that is given the file is in its catalog; the tool is not.
        self.assertEqual(len(bench.rows_of_each(["USE mailchimp", then])[1]), len(rows))
        for link, sha256, size in rows:
            with open(link, "rb") as file:
                content = file.read()
            self.assertEqual((hashlib.sha256(content).hexdigest(), len(content)), (sha256, int(size)), link)


class TheQueriesOfThePage(unittest.TestCase):
    """Each statement of docs/analysts.md, on tables that a sync made, and those about older rows on rows that were made for them."""

    @classmethod
    def setUpClass(cls):
        cls.bench = Workbench()
        cls.addClassCleanup(cls.bench.close)
        blocks = "".join(re.findall(r"^```sql\n(.*?)^```$", page(), re.MULTILINE | re.DOTALL))
        cls.queries = [each.strip() for each in re.sub("^--.*", "", blocks, flags=re.MULTILINE).split(";\n") if each.strip()]

    def query(self, start):
        (found,) = [each for each in self.queries if each.startswith(start)]
        return found

    def answers(self, start, table, *rows):
        """What the query answers where the table holds these rows: of each what differs from NULL, as SQL."""
        names = sorted({name for row in rows for name in row})
        made = [f"INSERT INTO {table} BY NAME SELECT " + ", ".join(f"{row.get(name, 'NULL')} AS {name}" for name in names)
                + f", 'acc' AS account_name, 'h{at}' AS row_hash" for at, row in enumerate(rows)]
        asked = f"SELECT row_hash FROM ({self.query(start)}) ORDER BY row_hash"
        answered = self.bench.rows_of_each(["USE mailchimp.mailchimp", f"DELETE FROM {table}", *made, asked])[-1]
        return [int(row[0][1:]) for row in answered]

    def test_run(self):
        self.assertGreater(len(self.queries), 7)
        asked = [f"SELECT count(*)::VARCHAR FROM ({query})" for query in self.queries if not query.startswith("USE")]
        for query, ((count,),) in zip(asked, self.bench.rows_of_each(["USE mailchimp.mailchimp", *asked])[1:]):
            self.assertNotEqual(count, "0", query)

    def test_links_to_the_page_lead_to_its_sections(self):
        root = os.path.join(os.path.dirname(__file__), "../..")
        anchors = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^#+ (.*)$", page(), re.MULTILINE)}
        found = set(re.findall(r"\]\(#([\w-]+)\)", page()))
        for name in ["CHANGELOG.md", "README.md"] + [f"docs/{name}" for name in os.listdir(f"{root}/docs") if name.endswith(".md")]:
            with open(f"{root}/{name}", encoding="utf-8") as file:
                found |= set(re.findall(r"analysts\.md#([\w-]+)", file.read()))
        self.assertLessEqual({"older-rows", "records-without-an-id", "parents-and-children"}, found)
        self.assertLessEqual(found, anchors)

    def test_happenings_of_one_second_are_all_there(self):
        event = {"list_id": "'l'", "member_id": "'m'", "activity_type": "'event'", "created_at_timestamp": "TIMESTAMPTZ '2026-01-01 10:00:00Z'"}
        older, newer = ({"synced_at": f"TIMESTAMPTZ '2026-0{month}-01 00:00:00Z'"} for month in (2, 3))
        for what, one, two in (("event_name", "'bought'", "'looked'"), ("event_properties", "'{\"a\":1}'", "'{\"a\":2}'"), ("order_id", "'1'", "'2'"),
                               ("id", "'1'", "'2'"), ("note_id", "'1'", "'2'"), ("thread_id", "'1'", "'2'"), ("thread_direction", "'in'", "'out'"),
                               ("message_text", "'yes'", "'no'"), ("survey_id", "'1'", "'2'"), ("outreach_id", "'1'", "'2'"), ("campaign_id", "'1'", "'2'"),
                               ("link_clicked", "'x'", "'y'"), ("bounce_type", "'hard'", "'soft'"), ("signup_category", "'1'", "'2'"),
                               ("marketing_permission_text", "'1'", "'2'"), ("marketing_permission_opted_in", "true", "false"),
                               ("qbo_payment_external_id", "'1'", "'2'")):
            with self.subTest(column=what):
                self.assertEqual(self.answers("SELECT * FROM member_activity", "member_activity", {**event, **newer, what: one}, {**event, **newer, what: two}), [0, 1])
        # What may change of a happening later makes no second one.
        for what, one, two in (("campaign_title", "'Old'", "'New'"), ("note_text", "'Old'", "'New'"), ("has_read", "false", "true")):
            with self.subTest(column=what):
                self.assertEqual(self.answers("SELECT * FROM member_activity", "member_activity", {**event, **older, what: one}, {**event, **newer, what: two}), [1])

    def test_products_without_a_sku_are_all_there(self):
        sold = {"campaign_id": "'c'", "sku": "''", "currency_code": "'EUR'", "title": "'Cup'"}
        older, newer = ({"synced_at": f"TIMESTAMPTZ '2026-0{month}-01 00:00:00Z'"} for month in (2, 3))
        start = "SELECT * FROM campaign_product_activity"
        rows = ({**sold, **older}, {**sold, **newer}, {**sold, **newer, "title": "'Plate'"}, {**sold, **newer, "currency_code": "'USD'"})
        self.assertEqual(self.answers(start, "campaign_product_activity", *rows), [1, 2, 3])

    def test_of_what_stands_the_last_reading_is_taken(self):
        one_page, pages = (self.query(f"SELECT * FROM {table}").replace(f"FROM {table}", "FROM {}").replace(f"account_name, {parent})", "account_name, {})")
                           for table, parent in (("campaign_domain_performance", "campaign_id"), ("list_members", "list_id")))
        for query, table, parents, key in ((one_page, "campaign_domain_performance", "campaign_id", "domain"), (one_page, "automation_queue", "workflow_id, workflow_email_id", "id"),
                                           (one_page, "order_lines", "store_id, order_id", "id"), (pages, "list_members", "list_id", "id"),
                                           (pages, "segment_members", "list_id, segment_id", "id")):
            with self.subTest(table=table):
                # A row that the last reading did not bring: all but this one are taken.
                gone = f"INSERT INTO {table} BY NAME SELECT * REPLACE ('gone' AS {key}, synced_at - INTERVAL 30 DAY AS synced_at) FROM {table} LIMIT 1"
                counted = [f"SELECT count(*)::VARCHAR FROM ({each})" for each in (f"FROM {table} WHERE {key} = 'gone'", f"FROM {table} WHERE {key} <> 'gone'",
                                                                                 query.format(table, parents), f"FROM ({query.format(table, parents)}) WHERE {key} = 'gone'")]
                self.bench.rows_of_each(["USE mailchimp.mailchimp", gone])
                was_gone, there, taken, gone_taken = (int(rows[0][0]) for rows in self.bench.rows_of_each(["USE mailchimp.mailchimp", *counted])[1:])
                self.assertEqual((was_gone, gone_taken, taken), (1, 0, there))

    def test_are_read_by_another_parser_where_they_are_for_snowflake_too(self):
        if not shutil.which("sqlfluff"):
            self.skipTest("sqlfluff is not installed (Debian package sqlfluff)")
        both = [each for each in self.queries if "QUALIFY" in each or "campaign_sub_reports" in each]
        self.assertEqual(len(both), 6)
        with tempfile.NamedTemporaryFile("w", suffix=".sql", encoding="utf-8") as file:
            file.write(";\n".join(both) + ";\n")
            file.flush()
            ended = subprocess.run(["sqlfluff", "parse", "--dialect", "snowflake", file.name], capture_output=True, text=True, check=False, cwd="/",
                                   env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"})
        self.assertEqual(ended.returncode, 0, ended.stdout[-2000:] + ended.stderr[-1000:])
        self.assertNotIn("unparsable", ended.stdout)


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
