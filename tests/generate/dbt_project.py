"""As much of dbt as it takes to render a project without it: macros, dispatch, sources, variables, generic tests."""

import glob
import os
import re

import jinja2
import yaml


class Project:
    """A project for one adapter, with the relations and values that the target would give."""

    def __init__(self, folder, adapter, database, variables=None):
        self.folder, self.adapter, self.database, self.variables = folder, adapter, database, variables or {}
        self.environment = jinja2.Environment(undefined=jinja2.StrictUndefined)
        self.environment.globals.update(var=self.var, config=self.config, source=self.source, adapter=self, target=self)
        self.environment.globals["return"] = lambda value: value
        macros = self.read("macros/mailchimp.sql")
        # dbt's own block: a generic test is a macro of the name test_….
        macros = re.sub(r"{% test (\w+)\(", r"{% macro test_\1(", macros).replace("{% endtest %}", "{% endmacro %}")
        self.macros = self.environment.from_string(macros).module
        self.environment.globals.update({name: macro for name, macro in vars(self.macros).items() if not name.startswith("_")})
        self.sources = yaml.safe_load(self.environment.from_string(self.read("models/mailchimp_sources.yml")).render())["sources"][0]
        self.properties = yaml.safe_load(self.read("models/fivetran/mailchimp_fivetran.yml"))["models"]
        self.tables = {table["name"]: table for table in self.sources["tables"]}
        self.configured = {}

    def read(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8") as file:
            return file.read()

    def var(self, name, default=None):
        return self.variables.get(name, default)

    def config(self, **settings):
        self.configured = settings
        return ""

    def source(self, name, table):
        if name != self.sources["name"] or table not in self.tables:
            raise AssertionError(f"no source {name}.{table}")
        return f'{self.sources["database"]}.{self.sources["schema"]}.{table}'

    def dispatch(self, name, _package=None):
        macros = vars(self.macros)
        return macros.get(f"{self.adapter}__{name}", macros.get(f"default__{name}"))

    def models(self):
        """Alias and SQL of each model."""
        for path in sorted(glob.glob(os.path.join(self.folder, "models/fivetran/*.sql"))):
            sql = self.environment.from_string(self.read(os.path.relpath(path, self.folder))).render()
            yield self.configured["alias"], os.path.basename(path).removesuffix(".sql"), sql.strip()

    def tests_of(self, node, relation):
        """SQL of each data test of a source's table or of a model: rows that it finds are failures."""
        for test in node.get("data_tests", []):
            ((name, settings),) = test.items()
            # Both ways in which versions of dbt hand arguments on.
            yield name, vars(self.macros)["test_" + name](relation, **settings["arguments"])
            yield name, vars(self.macros)["test_" + name](relation, **settings)
        for column in node.get("columns", []):
            for test in column.get("data_tests", []):
                assert test == "not_null", test
                yield f"not_null of {column['name']}", f"select {column['name']} from {relation} where {column['name']} is null"
