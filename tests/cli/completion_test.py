#!/usr/bin/env python3
"""Completions and the manual page, tried in the programs that use them: real shells on a pseudo-terminal, where Tab is pressed; man's
formatters. usage: completion_test.py CHIMPLIFT

A shell that is not installed is skipped, and said to be.
"""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

CHIMPLIFT = ""
PATIENCE = 60  # seconds; a shell that has not answered by then never will


def generated(*words):
    return subprocess.run([CHIMPLIFT, "generate", *words], check=True, capture_output=True, text=True).stdout


class Terminal:
    """A shell on a pseudo-terminal. What it shows is kept without colours and cursor movements."""

    def __init__(self, command, folder):
        environment = {"PATH": os.environ["PATH"], "TERM": "dumb", "HOME": folder, "LC_ALL": "C.UTF-8", "PS1": "ready> ", "LINES": "60",
                       "COLUMNS": "200", "ZDOTDIR": folder}
        self.child, self.descriptor = pty.fork()
        if self.child == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, environment)
        self.shown = ""

    def type(self, text):
        os.write(self.descriptor, text.encode())

    def read_until(self, wanted):
        """What was shown since the last call, up to and with `wanted` (a regular expression)."""
        ends = time.monotonic() + PATIENCE
        while not (found := re.search(wanted, self.shown)):
            if not select.select([self.descriptor], [], [], max(0.0, ends - time.monotonic()))[0]:
                raise AssertionError(f"not shown: {wanted!r} in {self.shown[-2000:]!r}")
            try:
                more = os.read(self.descriptor, 4096).decode(errors="replace")
            except OSError as error:
                raise AssertionError(f"the shell ended: {self.shown[-2000:]!r}") from error
            self.shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|[\r\x07\x08]", "", self.shown + more)
        before, self.shown = self.shown[: found.end()], self.shown[found.end():]
        return before

    def end(self):
        os.close(self.descriptor)
        os.waitpid(self.child, 0)


# What is typed before Tab, and what stands in the line afterwards.
UNIQUE = [
    ("chimplift stre", "ams "),
    ("chimplift sync --only-st", "eps"),
    ("chimplift load --snowflake-dat", "abase"),
    ("chimplift sync --log-format te", "xt "),
    ("chimplift --json pla", "n "),
    ("chimplift sync --archive fold", "er/"),
    ("chimplift sync --config set", "tings.toml"),
    ("chimplift sync --warehouse sno", "wflake:"),
    ("chimplift sync --warehouse duckdb:set", "tings.toml"),
    ("chimplift sync --only-steps lists,camp", "aign"),
    ("chimplift sync --archive a --private", "-links"),
    ("chimplift generate snowflake-s", "etup "),
    ("chimplift generate completion z", "sh "),
    ("chimplift help acc", "ounts "),
]


class Shells(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="chimplift-shell-")
        self.addCleanup(holder.cleanup)
        self.folder = holder.name
        os.mkdir(os.path.join(self.folder, "folder"))
        for name, text in (("settings.toml", ""), ("c.bash", generated("completion", "bash")), ("_chimplift", generated("completion", "zsh")),
                           ("c.fish", generated("completion", "fish"))):
            with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
                file.write(text)

    def press_tab(self, shell):
        for typed, rest in UNIQUE:
            with self.subTest(shell=shell.child, typed=typed):
                shell.type(typed + "\t")
                shell.read_until(re.escape(typed + rest))
                shell.type("\x15")  # the line is given up

    def test_bash(self):
        if not shutil.which("bash"):
            self.skipTest("bash is not installed")
        shell = Terminal(["bash", "--norc", "--noprofile", "-i"], self.folder)
        self.addCleanup(shell.end)
        shell.type("bind 'set enable-bracketed-paste off'; . ./c.bash; echo rea''dy\n")
        shell.read_until("\nready")
        self.press_tab(shell)
        shell.type("chimplift generate completion \t\t")
        shell.read_until(r"bash +fish +zsh")

    def test_zsh(self):
        if not shutil.which("zsh"):
            self.skipTest("zsh is not installed (Debian package zsh)")
        shell = Terminal(["zsh", "-f", "-i"], self.folder)
        self.addCleanup(shell.end)
        shell.type("unsetopt zle_bracketed_paste beep; PS1='> '; autoload -Uz compinit && compinit -u -D; . ./_chimplift; echo rea''dy\n")
        shell.read_until("\nready")
        self.press_tab(shell)

    def test_zsh_from_its_path(self):
        if not shutil.which("zsh"):
            self.skipTest("zsh is not installed (Debian package zsh)")
        shell = Terminal(["zsh", "-f", "-i"], self.folder)
        self.addCleanup(shell.end)
        shell.type("PS1='> '; fpath=($PWD $fpath); autoload -Uz compinit && compinit -u -D; echo rea''dy\n")
        shell.read_until("\nready")
        shell.type("chimplift stre\t")
        shell.read_until("chimplift streams ")

    def fish(self, typed):
        ended = subprocess.run(["fish", "--no-config", "-c", f"source c.fish; complete -C '{typed}'"], cwd=self.folder, capture_output=True, text=True,
                               check=True, env={"PATH": os.environ["PATH"], "HOME": self.folder, "LC_ALL": "C.UTF-8"})
        self.assertEqual(ended.stderr, "")
        return [line.split("\t")[0] for line in ended.stdout.splitlines()]

    def test_fish(self):
        if not shutil.which("fish"):
            self.skipTest("fish is not installed (Debian package fish)")
        self.assertEqual(self.fish("chimplift stre"), ["streams"])
        self.assertEqual(self.fish("chimplift sync --only-st"), ["--only-steps"])
        self.assertEqual(self.fish("chimplift plan --wareh"), [])
        self.assertEqual(self.fish("chimplift sync --log-format te"), ["text"])
        self.assertEqual(self.fish("chimplift sync --archive fold"), ["folder/"])
        self.assertEqual(self.fish("chimplift sync --config set"), ["settings.toml"])
        self.assertEqual(self.fish("chimplift sync --only-steps lists,campaign_c"), ["lists,campaign_content"])
        self.assertEqual(self.fish("chimplift generate completion "), ["bash", "fish", "zsh"])
        self.assertEqual(self.fish("chimplift generate snow"), ["snowflake-links", "snowflake-setup"])
        self.assertIn("sync", self.fish("chimplift "))
        self.assertEqual(self.fish("chimplift help acc"), ["accounts"])

    def test_bash_script_has_no_lint(self):
        if not shutil.which("shellcheck"):
            self.skipTest("shellcheck is not installed (Debian package shellcheck)")
        ended = subprocess.run(["shellcheck", "-s", "bash", "c.bash"], cwd=self.folder, capture_output=True, text=True, check=False)
        self.assertEqual((ended.returncode, ended.stdout), (0, ""))


class ManualPage(unittest.TestCase):
    def setUp(self):
        with tempfile.NamedTemporaryFile("w", suffix=".1", delete=False, encoding="utf-8") as file:
            file.write(generated("man"))
        self.page = file.name
        self.addCleanup(os.unlink, self.page)

    def run_it(self, *command, **more):
        return subprocess.run(command, capture_output=True, text=True, check=False, **more)

    def test_is_clean_for_mandoc(self):
        if not shutil.which("mandoc"):
            self.skipTest("mandoc is not installed (Debian package mandoc)")
        found = [line for line in self.run_it("mandoc", "-T", "lint", self.page).stdout.splitlines() if "missing date" not in line]
        self.assertEqual(found, [])

    def test_is_clean_for_groff(self):
        if not shutil.which("groff"):
            self.skipTest("groff is not installed (Debian package groff)")
        ended = self.run_it("groff", "-ww", "-man", "-Tutf8", self.page)
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))

    def test_says_what_there_is(self):
        if not shutil.which("mandoc"):
            self.skipTest("mandoc is not installed (Debian package mandoc)")
        text = re.sub(r".\x08", "", self.run_it("mandoc", "-T", "utf8", "-O", "width=200", self.page).stdout)
        for wanted in ("--excluded-steps a,b", "With verify.", "s3://…/", "EXIT STATUS", "130", "chimplift plan --account my-brand", "completion bash|zsh|fish"):
            self.assertIn(wanted, text)


if __name__ == "__main__":
    CHIMPLIFT = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
