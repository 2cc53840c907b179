#!/usr/bin/env python3
"""The dbt project: its YAML and Jinja read, its views and tests run on tables that a sync made, and the views' columns held against those of
Fivetran's connector. usage: dbt_test.py"""

import os
import re
import shutil
import subprocess
import tempfile
import unittest

import yaml

from dbt_project import Project
from workbench import Workbench, chimplift

HERE = os.path.dirname(os.path.abspath(__file__))
BENCH = FOLDER = None


def setUpModule():
    global BENCH, FOLDER
    BENCH = Workbench()
    unittest.addModuleCleanup(BENCH.close)
    FOLDER = os.path.join(BENCH.folder, "dbt")
    chimplift("generate", "dbt", "--out", FOLDER)


def fivetran_tables():
    """Name, whether it knows deleted rows, key and columns of each table."""
    with open(os.path.join(HERE, "fivetran_columns.txt"), encoding="utf-8") as file:
        for line in file:
            if not line.startswith("#"):
                name, key, columns = line.split("|")
                yield name.strip().rstrip("*"), "*" in name, key.split(), columns.split()


def one_column_of_each_shape(sql, seen):
    """The statement without columns that differ from one that was `seen` in names alone: sqlfluff takes seconds for a hundred of them."""
    kept = []
    for line in sql.splitlines():
        is_column = re.fullmatch(r"\s+\S.* as \w+,|\s+\w+,", line) and line.count("(") == line.count(")")
        shape = re.sub(r"\w+", "x", line)
        if not is_column or shape not in seen:
            kept.append(line)
        seen.add(shape)
    return "\n".join(kept)


def counts(*asked):
    """How many rows there are of each relation; with a condition where it is a pair of both."""
    pairs = [each if isinstance(each, tuple) else (each, "true") for each in asked]
    answers = BENCH.rows_of_each([f"SELECT CAST(count(*) AS VARCHAR) FROM {relation} WHERE {where}" for relation, where in pairs])
    return [int(rows[0][0]) for rows in answers]


class Views(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # The simulator has no reports of automations' e-mails: one campaign becomes one, and one contact clicks two links in one second.
        cls.automated, account = BENCH.rows("SELECT campaign_id, account_name FROM mailchimp.mailchimp.email_activity WHERE action = 'click' GROUP BY ALL ORDER BY count(*) DESC LIMIT 1")[0]
        changes = [f"UPDATE mailchimp.mailchimp.automation_emails SET id = '{cls.automated}' "
                   f"WHERE id = (SELECT min(id) FROM mailchimp.mailchimp.automation_emails WHERE account_name = '{account}')",
                   "INSERT INTO mailchimp.mailchimp.email_activity BY NAME SELECT * REPLACE (url || '2' AS url) FROM mailchimp.mailchimp.email_activity "
                   f"WHERE action = 'click' AND campaign_id <> '{cls.automated}' LIMIT 1",
                   "CREATE SCHEMA mailchimp.fivetran"]
        # Nor has it reports of the children of A/B tests, or of automations themselves: one of each comes in, with what it would count again.
        cls.test, cls.child, account = BENCH.rows("SELECT c.campaign_id, min(c.id), c.account_name FROM mailchimp.mailchimp.campaign_sub_reports c "
                                                  "JOIN mailchimp.mailchimp.campaigns p ON p.account_name = c.account_name AND p.id = c.campaign_id "
                                                  "WHERE p.type = 'variate' GROUP BY ALL ORDER BY 1 LIMIT 1")[0]
        cls.automation = BENCH.rows(f"SELECT min(id) FROM mailchimp.mailchimp.automations WHERE account_name = '{account}'")[0][0]
        for again in (cls.child, cls.automation):
            changes.append(f"INSERT INTO mailchimp.mailchimp.campaigns BY NAME SELECT * REPLACE ('{again}' AS id) FROM mailchimp.mailchimp.campaigns "
                           f"WHERE account_name = '{account}' AND id = '{cls.test}'")
            for table in ("campaign_recipients", "email_activity", "unsubscriptions"):
                table = f"mailchimp.mailchimp.{table}"
                changes.append(f"INSERT INTO {table} BY NAME SELECT * REPLACE ('{again}' AS campaign_id, '{account}' AS account_name) FROM {table} "
                               f"WHERE campaign_id = (SELECT max(campaign_id) FROM {table} WHERE campaign_id NOT IN ('{cls.automated}', '{cls.child}'))")
        cls.project = Project(FOLDER, "duckdb", "mailchimp")
        cls.models = {}
        for alias, name, sql in cls.project.models():
            cls.models[alias] = name
            changes.append(f"CREATE VIEW mailchimp.fivetran.{alias} AS {sql}")
        BENCH.rows_of_each(changes)

    def test_are_the_tables_of_fivetran(self):
        self.assertEqual(set(self.models), {name for name, *_ in fivetran_tables()})
        there = {}
        for table, column in BENCH.rows("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'fivetran'"):
            there.setdefault(table, set()).add(column)
        for name, has_deleted, _, columns in fivetran_tables():
            wanted = set(columns) | {"_fivetran_synced"} | ({"_fivetran_deleted"} if has_deleted else set())
            self.assertEqual(there[name] - {"account_name"}, wanted, name)

    def test_have_rows_with_unique_keys(self):
        tables = list(fivetran_tables())
        answers = BENCH.rows_of_each([f"SELECT CAST(count(*) AS VARCHAR), CAST({'count(DISTINCT (' + ', '.join(key) + '))' if key else 'count(*)'} AS VARCHAR) "
                                      f"FROM mailchimp.fivetran.{name}" for name, _, key, _ in tables])
        for (name, *_), ((rows, keys),) in zip(tables, answers):
            self.assertGreater(int(rows), 0, name)
            self.assertEqual(rows, keys, name)

    def test_hold_what_the_tables_hold(self):
        # Columns that Mailchimp fills for some, and that a wrong path would leave empty in all rows.
        filled = {"automation": "list_id title", "automation_email": "automation_id delay_amount subject_line track_opens from_name",
                  "campaign": "list_id title subject_line from_name track_opens inline_css send_time", "list": "contact_city default_from_email default_subject",
                  "member": "email_address country_code timezone merge_fname merge_lname timestamp_opt latitude", "segment": "name type created_at",
                  "campaign_recipient": "list_id", "campaign_recipient_activity": "action timestamp list_id", "unsubscribe": "timestamp list_id"}
        asked = [(name, column) for name, columns in filled.items() for column in columns.split()]
        for (name, column), number in zip(asked, counts(*[(f"mailchimp.fivetran.{name}", f"{column} IS NOT NULL") for name, column in asked])):
            self.assertGreater(number, 0, f"{name}.{column}")
        ((here, there),) = BENCH.rows("SELECT (SELECT string_agg(DISTINCT subject_line ORDER BY subject_line) FROM mailchimp.fivetran.campaign), "
                                      "(SELECT string_agg(DISTINCT settings ->> 'subject_line' ORDER BY settings ->> 'subject_line') FROM mailchimp.mailchimp.campaigns "
                                      "WHERE id NOT IN (SELECT id FROM mailchimp.mailchimp.automation_emails))")
        self.assertEqual(here, there)

    def test_know_campaigns_from_automations(self):
        mine = f"automation_email_id = '{self.automated}'"
        for kind, table in (("recipient", "campaign_recipients"), ("recipient_activity", "email_activity")):
            of_automations, of_campaigns = f"mailchimp.fivetran.automation_{kind}", f"mailchimp.fivetran.campaign_{kind}"
            found, misplaced, automated, others, together = counts((of_automations, mine), (of_campaigns, f"campaign_id = '{self.automated}'"),
                                                                   of_automations, of_campaigns, (f"mailchimp.mailchimp.{table}", f"campaign_id NOT IN {self.again()}"))
            self.assertGreater(found, 0)
            self.assertEqual(misplaced, 0)
            self.assertEqual(automated + others, together)
        # What Mailchimp has as a campaign too, because an automation sent it, is an e-mail of that automation and nothing else.
        is_automated = "EXISTS (SELECT 1 FROM mailchimp.mailchimp.automation_emails e WHERE e.account_name = c.account_name AND e.id = c.id)"
        sent, both, campaigns, wanted = counts(("mailchimp.mailchimp.campaigns", f"id = '{self.automated}'"),
                                               "mailchimp.fivetran.campaign JOIN mailchimp.fivetran.automation_email USING (account_name, id)",
                                               "mailchimp.fivetran.campaign", ("mailchimp.mailchimp.campaigns c", f"NOT {is_automated} AND id NOT IN {self.again()}"))
        self.assertGreater(sent, 0)
        self.assertEqual(both, 0)
        self.assertEqual(campaigns, wanted)

    def again(self):
        return f"('{self.child}', '{self.automation}')"

    def test_count_what_was_sent_once(self):
        of_views = {"campaign": ("campaigns", "id"), "campaign_recipient": ("campaign_recipients", "campaign_id"),
                    "campaign_recipient_activity": ("email_activity", "campaign_id"), "unsubscribe": ("unsubscriptions", "campaign_id")}
        for view, (table, column) in of_views.items():
            for again in (self.child, self.automation):
                there, here = counts((f"mailchimp.mailchimp.{table}", f"{column} = '{again}'"), (f"mailchimp.fivetran.{view}", f"{column} = '{again}'"))
                self.assertGreater(there, 0, table)
                self.assertEqual(here, 0, view)
        # The test itself, and the children of RSS campaigns, which are e-mails of their own.
        rss = ("SELECT c.id FROM mailchimp.mailchimp.campaign_sub_reports c JOIN mailchimp.mailchimp.campaigns p "
               "ON p.account_name = c.account_name AND p.id = c.campaign_id WHERE p.type = 'rss'")
        tests, children, recipients = counts(("mailchimp.fivetran.campaign", f"id = '{self.test}'"), ("mailchimp.fivetran.campaign", f"id IN ({rss})"),
                                             ("mailchimp.fivetran.campaign_recipient", f"campaign_id IN ({rss})"))
        self.assertEqual(tests, 1)
        self.assertGreater(children, 0)
        self.assertGreater(recipients, 0)
        # Unsubscriptions with an automation's e-mail are there: it has no view of its own for them.
        ((everything, once),) = BENCH.rows("SELECT CAST((SELECT count(*) FROM mailchimp.mailchimp.unsubscriptions WHERE campaign_id NOT IN "
                                           f"{self.again()}) AS VARCHAR), CAST((SELECT count(*) FROM mailchimp.fivetran.unsubscribe) AS VARCHAR)")
        self.assertEqual(everything, once)

    def test_times_are_utc_without_a_zone(self):
        joined = "FROM mailchimp.fivetran.campaign v JOIN mailchimp.mailchimp.campaigns c USING (id)"
        self.assertEqual(BENCH.rows(f"SELECT DISTINCT typeof(v.send_time) {joined}"), [["TIMESTAMP"]])
        self.assertEqual(BENCH.rows(f"SELECT CAST(bool_and(epoch(v.send_time) = epoch(c.send_time)) AS VARCHAR) {joined}"), [["true"]])

    def test_follow_the_variables(self):
        account = BENCH.rows("SELECT min(account_name) FROM mailchimp.mailchimp.lists")[0][0]
        project = Project(FOLDER, "duckdb", "mailchimp", {"chimplift_account": account, "chimplift_merge_fields": ["LNAME"],
                                                          "chimplift_one_activity_per_second": True})
        sql = {alias: text for alias, _, text in project.models()}
        self.assertEqual(BENCH.rows(f"SELECT DISTINCT account_name FROM ({sql['campaign']})"), [[account]])
        self.assertNotIn("merge_fname", sql["member"])
        key = "account_name, action, campaign_id, member_id, timestamp"
        twice = "SELECT CAST(count(*) AS VARCHAR) FROM (SELECT 1 FROM ({}) GROUP BY " + key + " HAVING count(*) > 1)"
        project = Project(FOLDER, "duckdb", "mailchimp", {"chimplift_one_activity_per_second": True})
        once = {alias: text for alias, _, text in project.models()}
        self.assertGreater(int(BENCH.rows(twice.format("FROM mailchimp.fivetran.campaign_recipient_activity"))[0][0]), 0)
        self.assertEqual(BENCH.rows(twice.format(once["campaign_recipient_activity"])), [["0"]])

    def test_their_own_tests_pass(self):
        asked = []
        for node in self.project.properties:
            alias = node["name"].removeprefix("mailchimp_fivetran__")
            self.assertEqual(self.models[alias], node["name"])
            asked += [(alias, name, sql) for name, sql in self.project.tests_of(node, f"mailchimp.fivetran.{alias}")]
        for (alias, name, _), rows in zip(asked, counts(*[f"({sql})" for _, _, sql in asked])):
            self.assertEqual(rows, 0, f"{alias}: {name}")

    def test_snowflake_reads_them(self):
        if not shutil.which("sqlfluff"):
            self.skipTest("sqlfluff is not installed (Debian package sqlfluff)")
        project = Project(FOLDER, "snowflake", "MARKETING", {"chimplift_one_activity_per_second": True, "chimplift_account": "O'Hara"})
        seen = set()
        with tempfile.NamedTemporaryFile("w", suffix=".sql", encoding="utf-8") as file:
            file.write(";\n".join(one_column_of_each_shape(sql, seen) for _, _, sql in project.models()))
            file.flush()
            ended = subprocess.run(["sqlfluff", "parse", "--dialect", "snowflake", file.name], capture_output=True, text=True, check=False, cwd="/")
        self.assertEqual(ended.returncode, 0, ended.stdout[-2000:] + ended.stderr[-1000:])
        self.assertNotIn("unparsable", ended.stdout)


class Sources(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.project = Project(FOLDER, "duckdb", "mailchimp")

    def test_are_the_tables_and_columns_that_a_sync_makes(self):
        columns = {}
        for table, column in BENCH.rows("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'mailchimp'"):
            columns.setdefault(table, set()).add(column)
        self.assertEqual(set(self.project.tables), set(columns))
        for name, table in self.project.tables.items():
            self.assertLessEqual({column["name"] for column in table["columns"]}, columns[name], name)
            self.assertTrue(table["description"] and all(column["description"] for column in table["columns"]), name)

    def test_their_own_tests_pass(self):
        asked = []
        for name, table in self.project.tables.items():
            asked += [(name, test, sql) for test, sql in self.project.tests_of(table, self.project.source("mailchimp", name))]
        self.assertGreater(len(asked), 400)
        for (name, test, _), rows in zip(asked, counts(*[f"({sql})" for _, _, sql in asked])):
            self.assertEqual(rows, 0, f"{name}: {test}")

    def test_a_key_that_is_there_twice_is_found(self):
        (sql,) = [sql for name, sql in self.project.tests_of(self.project.tables["lists"], "twice") if name == "mailchimp_unique_key"][:1]
        self.assertEqual(len(BENCH.rows(f"WITH twice AS (FROM mailchimp.mailchimp.lists UNION ALL FROM mailchimp.mailchimp.lists) {sql.strip()}")), *counts("mailchimp.mailchimp.lists"))


class Files(unittest.TestCase):
    def test_are_what_they_were(self):
        for name in ("models/fivetran/mailchimp_fivetran__unsubscribe.sql", "models/fivetran/mailchimp_fivetran__campaign_recipient.sql"):
            with open(os.path.join(FOLDER, name), encoding="utf-8") as made, open(os.path.join(HERE, "golden", os.path.basename(name)), encoding="utf-8") as golden:
                self.assertEqual(made.read(), golden.read())

    def test_the_project_and_its_profile_belong_together(self):
        with open(os.path.join(FOLDER, "dbt_project.yml"), encoding="utf-8") as file:
            project = yaml.safe_load(file)
        with open(os.path.join(FOLDER, "profiles.yml"), encoding="utf-8") as file:
            profiles = yaml.safe_load(file)
        self.assertEqual(project["profile"], project["name"])
        self.assertEqual({output["type"] for output in profiles[project["profile"]]["outputs"].values()}, {"duckdb", "snowflake"})
        with open(os.path.join(FOLDER, "macros/mailchimp.sql"), encoding="utf-8") as file:
            self.assertEqual(set(re.findall(r"dispatch\('\w+', '(\w+)'\)", file.read())), {project["name"]})


if __name__ == "__main__":
    unittest.main(verbosity=2)
