"""What the tests of generators share: tables of what a real run read from the simulator, and DuckDB to ask them with.

Run as a program it makes them, in the folder that WORKBENCH names, once for the tests of all generators. The programs are named by the
environment too: CHIMPLIFT, MAILCHIMP_SIM, DUCKDB_SQL.
"""

import json
import os
import shutil
import subprocess
import tempfile

CHIMPLIFT, SIMULATOR, DUCKDB_SQL, WORKBENCH = (os.path.abspath(os.environ[name])
                                               for name in ("CHIMPLIFT", "MAILCHIMP_SIM", "DUCKDB_SQL", "WORKBENCH"))


def chimplift(*words, cwd="/", code=0):
    """Its standard output; it has to end with the code."""
    ended = subprocess.run([CHIMPLIFT, *words], cwd=cwd, capture_output=True, text=True, check=False,
                           env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"})
    if ended.returncode != code:
        raise AssertionError(f"chimplift {' '.join(words)} ended with {ended.returncode}: {ended.stderr[-2000:]}")
    return ended.stdout if code == 0 else ended.stderr


def make():
    """Reads two accounts of the simulator, and makes their tables."""
    shutil.rmtree(WORKBENCH, ignore_errors=True)
    os.makedirs(WORKBENCH)
    accounts = os.path.join(WORKBENCH, "accounts.json")
    with subprocess.Popen([SIMULATOR, "--accounts", "2", "--scale", "0.1", "--latency-ms", "0", "--accounts-file", accounts, "--exit-after", "1500",
                           "--exit-with-parent"], stdout=subprocess.PIPE, text=True) as simulator:
        url = simulator.stdout.readline().removeprefix("listening on ").strip()
        try:
            chimplift("pull", "--api-base", url, cwd=WORKBENCH)
        finally:
            simulator.terminate()
    chimplift("load", cwd=WORKBENCH)  # and no verification, which changes no table


class Workbench:
    """A copy of the tables, for one program to change; their archive is not copied."""

    def __init__(self):
        self.holder = tempfile.TemporaryDirectory(prefix="chimplift-generate-")
        self.folder = self.holder.name
        self.database = os.path.join(self.folder, "mailchimp.duckdb")
        shutil.copyfile(os.path.join(WORKBENCH, "mailchimp-archive", "mailchimp.duckdb"), self.database)

    def close(self):
        self.holder.cleanup()

    def ask(self, *statements):
        """Of each statement its rows, as lists of text, or a string: what DuckDB has against it."""
        ended = subprocess.run([DUCKDB_SQL, self.database], input=json.dumps(statements), capture_output=True, text=True, check=True)
        return [answer["error"] if isinstance(answer, dict) else answer for answer in json.loads(ended.stdout)]

    def rows_of_each(self, statements):
        """Of each statement its rows; all of them have to be right."""
        answers = self.ask(*statements)
        for statement, answer in zip(statements, answers):
            if isinstance(answer, str):
                raise AssertionError(f"{answer}\n{statement}")
        return answers

    def rows(self, statement):
        """The rows of one statement, which has to be right."""
        return self.rows_of_each([statement])[0]


if __name__ == "__main__":
    make()
