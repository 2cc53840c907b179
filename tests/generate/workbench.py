"""What the tests of generators share: tables that a real sync against the simulator made, and DuckDB to ask them with.

The programs are named by the environment: CHIMPLIFT, MAILCHIMP_SIM, DUCKDB_SQL.
"""

import json
import os
import subprocess
import tempfile

CHIMPLIFT, SIMULATOR, DUCKDB_SQL = (os.path.abspath(os.environ[name]) for name in ("CHIMPLIFT", "MAILCHIMP_SIM", "DUCKDB_SQL"))


def chimplift(*words, cwd="/", code=0):
    """Its standard output; it has to end with the code."""
    ended = subprocess.run([CHIMPLIFT, *words], cwd=cwd, capture_output=True, text=True, check=False,
                           env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"})
    if ended.returncode != code:
        raise AssertionError(f"chimplift {' '.join(words)} ended with {ended.returncode}: {ended.stderr[-2000:]}")
    return ended.stdout if code == 0 else ended.stderr


class Workbench:
    """Two accounts of the simulator, synced into a DuckDB file, once for all tests of a program."""

    def __init__(self):
        self.holder = tempfile.TemporaryDirectory(prefix="chimplift generate-")
        self.folder = self.holder.name
        self.database = os.path.join(self.folder, "mailchimp-archive", "mailchimp.duckdb")
        accounts = os.path.join(self.folder, "accounts.json")
        with subprocess.Popen([SIMULATOR, "--accounts", "2", "--scale", "0.3", "--latency-ms", "0", "--accounts-file", accounts, "--exit-after", "300",
                               "--exit-with-parent"], stdout=subprocess.PIPE, text=True) as simulator:
            url = simulator.stdout.readline().removeprefix("listening on ").strip()
            chimplift("sync", "--api-base", url, cwd=self.folder)
            simulator.terminate()

    def close(self):
        self.holder.cleanup()

    def ask(self, *statements):
        """Of each statement its rows, as lists of text, or a string: what DuckDB has against it."""
        ended = subprocess.run([DUCKDB_SQL, self.database], input=json.dumps(statements), capture_output=True, text=True, check=True)
        return [answer["error"] if isinstance(answer, dict) else answer for answer in json.loads(ended.stdout)]

    def rows(self, statement):
        """The rows of one statement, which has to be right."""
        (answer,) = self.ask(statement)
        if isinstance(answer, str):
            raise AssertionError(f"{answer}\n{statement}")
        return answer
