#!/usr/bin/env python3
"""LookML, read by an independent parser, and its SQL run on tables that a sync made. usage: lookml_test.py PARSER_FOLDER"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from workbench import Workbench, chimplift

HERE = os.path.dirname(os.path.abspath(__file__))
PARSER = ""
BENCH = None
FRAMES = ["raw", "time", "date", "week", "month", "quarter", "year"]


def setUpModule():
    global BENCH
    if not shutil.which("node") or not os.path.exists(os.path.join(PARSER, "lib/parse/index.js")):
        raise unittest.SkipTest("no node, or no lookml-parser: ./run test fetches it")
    BENCH = Workbench()
    unittest.addModuleCleanup(BENCH.close)


class Lookml:
    """What `generate lookml` writes, as the parser understands it."""

    def __init__(self, *words):
        with tempfile.TemporaryDirectory(prefix="chimplift-lookml-") as folder:
            chimplift("generate", "lookml", "--out", folder, *words)
            parsed = subprocess.run(["node", os.path.join(HERE, "lookml_to_json.js"), PARSER, folder], capture_output=True, text=True, check=False)
            if parsed.returncode != 0:
                raise AssertionError(parsed.stderr)
            with open(os.path.join(folder, "views/email_activity.view.lkml"), encoding="utf-8") as file:
                self.sample = file.read()
        files = json.loads(parsed.stdout)
        self.model = files.pop("mailchimp.model.lkml")
        self.views = {name: view for file in files.values() for name, view in file["view"].items() if not name.startswith("$")}

    def fields(self, view):
        """Name and SQL of each dimension; of a group its raw field."""
        found = {}
        for kind in ("dimension", "dimension_group"):
            for name, field in self.views[view].get(kind, {}).items():
                if not name.startswith("$"):
                    found[name + ("_raw" if kind == "dimension_group" else "")] = field
        return found

    def field_sql(self, view, name):
        return self.fields(view)[name]["sql"].replace("${TABLE}", view).strip()

    def resolved(self, sql):
        return re.sub(r"\$\{(\w+)\.(\w+)\}", lambda found: self.field_sql(found[1], found[2]), sql)

    def explores(self):
        return {name: explore for name, explore in self.model["explore"].items() if not name.startswith("$")}


def joins(explore):
    return {name: join for name, join in explore.get("join", {}).items() if not name.startswith("$")}


class TheSql(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lookml = Lookml("--warehouse", "duckdb:x/mailchimp.duckdb")
        BENCH.rows(chimplift("generate", "duckdb-links"))

    def table(self, view):
        return self.lookml.views[view]["sql_table_name"].strip() + " " + view

    def test_each_dimension_can_be_asked_for(self):
        asked = []
        for view in self.lookml.views:
            for name in self.lookml.fields(view):
                asked.append((view, name, f"SELECT CAST(count({self.lookml.field_sql(view, name)}) AS VARCHAR) FROM {self.table(view)}"))
        answers = BENCH.ask(*[sql for _, _, sql in asked])
        for (view, name, sql), answer in zip(asked, answers):
            self.assertIsInstance(answer, list, f"{view}.{name}: {sql}: {answer}")

    def test_nested_fields_find_values(self):
        for view, name in (("campaigns", "settings_subject_line"), ("campaigns", "recipients_list_id"), ("lists", "stats_member_count"),
                           ("list_members", "merge_fields_fname"), ("campaign_stats", "opens_opens_total"), ("orders", "customer_id"),
                           ("automations", "settings_title"), ("campaign_stats", "opens_last_open_raw")):
            with self.subTest(field=f"{view}.{name}"):
                self.assertGreater(int(BENCH.rows(f"SELECT CAST(count({self.lookml.field_sql(view, name)}) AS VARCHAR) FROM {self.table(view)}")[0][0]), 0)

    def test_primary_keys_are_unique(self):
        keys = {view: self.lookml.field_sql(view, "primary_key") for view in self.lookml.views}
        answers = BENCH.ask(*[f"SELECT CAST(count(*) AS VARCHAR), CAST(count(DISTINCT {key}) AS VARCHAR) FROM {self.table(view)}"
                              for view, key in keys.items()])
        for view, answer in zip(keys, answers):
            self.assertIsInstance(answer, list, f"{view}: {answer}")
            ((rows, distinct),) = answer
            self.assertEqual(rows, distinct, view)

    def test_no_join_makes_a_row_twice(self):
        asked = []
        for name, explore in self.lookml.explores().items():
            base = f"SELECT CAST(count(*) AS VARCHAR), '' FROM {self.table(name)}"
            for target, join in joins(explore).items():
                on = self.lookml.resolved(join["sql_on"])
                target_key = self.lookml.field_sql(target, "primary_key")
                both = (f"SELECT CAST(count(*) AS VARCHAR), CAST(count({target_key}) FILTER ({target}.account_name IS NOT NULL) AS VARCHAR) "
                        f"FROM {self.table(name)} LEFT JOIN {self.table(target)} ON {on}")
                asked.append((f"{name} with {target}", base, both))
        answers = iter(BENCH.ask(*[statement for _, base, both in asked for statement in (base, both)]))
        found = 0
        for what, _, both in asked:
            ((base, _),) = next(answers)
            answer = next(answers)
            self.assertIsInstance(answer, list, f"{what}: {answer}\n{both}")
            ((rows, matches),) = answer
            self.assertEqual(rows, base, what)
            found += int(matches) > 0
        self.assertGreater(found, 80)  # joins that found a row


    def test_an_automations_contacts_are_found_by_their_id(self):
        for name in ("automation_queue", "automation_removed_subscribers"):
            join = self.lookml.resolved(joins(self.lookml.explores()[name])["list_members"]["sql_on"])
            both = f"FROM {self.table(name)} JOIN {self.table('list_members')} ON {join}"
            ((rows, same),) = BENCH.rows(f"SELECT CAST(count(*) AS VARCHAR), CAST(count(*) FILTER ({name}.email_address = list_members.email_address) AS VARCHAR) {both}")
            self.assertGreater(int(rows), 0, name)
            self.assertEqual(rows, same, name)
        # An automation's queue has an email_id too, and that is the e-mail's.
        fields = self.lookml.fields("automation_queue")
        self.assertNotIn("MD5", fields["email_id"]["description"])
        self.assertIn("MD5", fields["id"]["description"])


class TheModel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lookml = Lookml("--connection", "dwh", "--snowflake-database", "marketing")

    def test_has_a_view_and_an_explore_for_each_table(self):
        tables = {row[0] for row in BENCH.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = 'mailchimp' AND table_name <> 'file_links'")}
        self.assertEqual(set(self.lookml.views) - {"file_links"}, tables)
        self.assertEqual(set(self.lookml.explores()), tables)
        self.assertEqual(self.lookml.model["connection"], "dwh")
        self.assertEqual(self.lookml.views["lists"]["sql_table_name"].strip(), '"MARKETING"."MAILCHIMP"."LISTS"')

    def test_no_name_stands_twice_in_a_view(self):
        for view, content in self.lookml.views.items():
            names = [name for kind in ("dimension", "measure") for name in content.get(kind, {}) if not name.startswith("$")]
            for group in content.get("dimension_group", {}):
                names += [f"{group}_{frame}" for frame in FRAMES if not group.startswith("$")]
            self.assertEqual(sorted(set(names)), sorted(names), view)
            if view != "file_links":
                for name in content["set"]["detail"]["fields"]:
                    self.assertIn(name, names, view)

    def test_joins_know_what_they_are(self):
        activity = joins(self.lookml.explores()["email_activity"])
        self.assertEqual(set(activity), {"campaign_stats", "campaigns", "lists", "list_members"})
        self.assertEqual({join["relationship"] for join in activity.values()}, {"many_to_one"})
        self.assertEqual(joins(self.lookml.explores()["campaign_content"])["campaigns"]["relationship"], "one_to_one")
        self.assertEqual(set(joins(self.lookml.explores()["cart_lines"])), {"carts", "stores", "products"})

    def test_values_from_outside_are_escaped(self):
        image = self.lookml.fields("products")["image_url"]["html"]
        self.assertIn("<img", image)
        self.assertIn("<a href", self.lookml.fields("campaigns")["archive_url"]["html"])
        for view in self.lookml.views:
            for name, field in self.lookml.fields(view).items():
                for value in re.findall(r"\{\{(.*?)\}\}", field.get("html", "")):
                    self.assertEqual(value.strip(), "value | escape", f"{view}.{name}")
                if "html" in field:
                    self.assertIn('{% if scheme == "http" %}', field["html"])

    def test_is_what_it_was(self):
        with open(os.path.join(HERE, "golden/email_activity.view.lkml"), encoding="utf-8") as file:
            self.assertEqual(self.lookml.sample, file.read())

    def test_snowflake_parses_each_dimension(self):
        if not shutil.which("sqlfluff"):
            self.skipTest("sqlfluff is not installed (Debian package sqlfluff)")
        # A query for each kind of expression that there is, and no more: sqlfluff is slow.
        queries = {}
        for view in self.lookml.views:
            for name in self.lookml.fields(view):
                sql = self.lookml.field_sql(view, name)
                shape = re.sub(r'"[A-Z_]+"', "x", sql.replace(view, "t"))
                queries.setdefault(re.sub(r":\"\w+\"", ":y", shape), f"SELECT {sql} FROM {self.table_name(view)} AS {view};")
        with tempfile.NamedTemporaryFile("w", suffix=".sql", encoding="utf-8") as file:
            file.write("\n".join(queries.values()))
            file.flush()
            ended = subprocess.run(["sqlfluff", "parse", "--dialect", "snowflake", file.name], capture_output=True, text=True, check=False, cwd="/")
        self.assertNotIn("unparsable", ended.stdout)
        self.assertEqual(ended.returncode, 0, ended.stdout[-1000:] + ended.stderr[-1000:])

    def table_name(self, view):
        return self.lookml.views[view]["sql_table_name"].strip()


class Files(unittest.TestCase):
    def test_what_others_wrote_is_left_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            chimplift("generate", "lookml", "--out", folder)
            chimplift("generate", "lookml", "--out", folder)
            mine = os.path.join(folder, "views/lists.view.lkml")
            with open(mine, "w", encoding="utf-8") as file:
                file.write("view: lists {}\n")
            self.assertIn("not overwritten", chimplift("generate", "lookml", "--out", folder, code=2))
            with open(mine, encoding="utf-8") as file:
                self.assertEqual(file.read(), "view: lists {}\n")
        self.assertIn("--out FOLDER", chimplift("generate", "lookml", code=2))


if __name__ == "__main__":
    PARSER = sys.argv.pop(1)
    unittest.main(verbosity=2)
