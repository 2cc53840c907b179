#!/usr/bin/env python3
"""The container's file tree, tried without a container engine: made as deploy/Dockerfile makes it, then run in namespaces as the user 65532,
with a read-only root and nothing writable but /tmp and the archive. usage: image_test.py ROOT BUILD_FOLDER

Ends with 77 (skipped) where this machine allows no namespaces.
"""

import json
import os
import pathlib
import re
import shlex
import signal
import stat
import subprocess
import sys
import tempfile
import unittest

ROOT = BUILD = None
USER = 65532
SKIPPED = 77


def namespaces():
    """How this machine enters the tree: words before a shell script that mounts, and words that become the user and enter the tree."""
    # Our own PID 1 would get no signal that it does not handle, so none is made: the tree is about files and users.
    ways = [(["unshare", "--mount", "--propagation", "private"], ["/usr/sbin/chroot", f"--userspec={USER}:{USER}", "$TREE"]),
            (["unshare", "--user", "--map-root-user", "--mount"],
             ["unshare", "--user", f"--map-user={USER}", f"--map-group={USER}", "--root=$TREE"])]
    for way in ways if os.geteuid() == 0 else ways[1:]:
        try:
            with tempfile.TemporaryDirectory() as folder:
                script = f"mount --bind {shlex.quote(folder)} {shlex.quote(folder)} && mount -t tmpfs tmpfs {shlex.quote(folder)}"
                if subprocess.run([*way[0], "sh", "-c", script], capture_output=True).returncode == 0:
                    return way
        except OSError:
            pass
    return None


class Image(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.tree = pathlib.Path(cls.scratch.name) / "tree"
        cls.work = pathlib.Path(cls.scratch.name) / "work"
        subprocess.run(["sh", str(ROOT / "deploy/rootfs.sh"), str(BUILD), str(cls.tree)], check=True)
        cls.work.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(cls.work, USER, USER)
            os.chmod(cls.scratch.name, 0o755)
        accounts = pathlib.Path(cls.scratch.name) / "accounts.json"
        cls.simulator = subprocess.Popen([str(BUILD / "bin/mailchimp-sim"), "--scale", "0.1", "--accounts-file", str(accounts),
                                          "--exit-with-parent", "--exit-after", "1500"], stdout=subprocess.PIPE, text=True)
        cls.url = cls.simulator.stdout.readline().split()[-1]
        cls.accounts = accounts.read_text()

    @classmethod
    def tearDownClass(cls):
        cls.simulator.send_signal(signal.SIGTERM)
        cls.simulator.wait()
        cls.simulator.stdout.close()
        cls.scratch.cleanup()

    def run_there(self, *words):
        tree, work = shlex.quote(str(self.tree)), shlex.quote(str(self.work))
        mount, enter = WAY
        inside = " ".join(word.replace("$TREE", tree) for word in enter)
        # A bind mount of its own is what can be read-only; its mounts below are other mounts, and writable.
        script = (f"mount --bind {tree} {tree} && mount --bind {work} {tree}/work && mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs {tree}/tmp"
                  f" && mount -o remount,bind,ro {tree} && exec {inside} /usr/bin/chimplift \"$@\"")
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/tmp", "CHIMPLIFT_ACCOUNTS": self.accounts}
        return subprocess.run([*mount, "sh", "-c", script, "sh", *words], env=environment, capture_output=True, text=True)

    def test_holds_what_is_needed_and_no_more(self):
        size, names = 0, []
        for folder, _, files in os.walk(self.tree):
            for file in files:
                path = pathlib.Path(folder, file)
                about = path.lstat()
                self.assertTrue(stat.S_ISREG(about.st_mode), path)
                self.assertEqual(about.st_mode & (stat.S_ISUID | stat.S_ISGID | stat.S_IWOTH | stat.S_IWGRP), 0, path)
                size += about.st_size
                names.append(str(path.relative_to(self.tree)))
        self.assertLess(size, 130_000_000)
        programs = [name for name in names if "/bin/" in f"/{name}" or "/sbin/" in f"/{name}"]
        self.assertEqual(programs, ["usr/bin/chimplift"])
        bundle = (self.tree / "etc/ssl/certs/ca-certificates.crt").read_text()
        self.assertGreater(bundle.count("BEGIN CERTIFICATE"), 50)
        # What is passed on with its terms: DuckDB's, and those of each of Debian's libraries.
        self.assertIn("usr/lib/LICENSE.duckdb", names)
        self.assertGreater(sum(name.endswith("/copyright") for name in names), 20)

    def test_syncs_as_nobody_in_a_read_only_tree(self):
        ended = self.run_there("sync", "--api-base", self.url, "--archive", "/work/archive", "--json")
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
        certificate = json.loads(ended.stdout)["accounts"][0]["certificate"]
        self.assertIn(certificate["verdict"], ("safe to close", "safe to close, with exceptions"))
        expected = USER if os.geteuid() == 0 else os.geteuid()
        self.assertEqual({path.stat().st_uid for path in self.work.rglob("*")}, {expected})
        # Beside the archive and /tmp there is no place to write, and that is said.
        refused = self.run_there("doctor", "--api-base", self.url, "--archive", "/elsewhere", "--warehouse", "none")
        self.assertEqual(refused.returncode, 6, refused.stdout + refused.stderr)

    def test_says_what_it_is(self):
        self.assertRegex(self.run_there("version").stdout, r"^chimplift \d")


class Dockerfile(unittest.TestCase):
    """What a reviewer would look for, for good."""

    def setUp(self):
        lines = (ROOT / "deploy/Dockerfile").read_text().splitlines()
        self.steps = [line.split(None, 1) for line in lines if line and not line.startswith("#")]
        self.last = self.steps[max(i for i, step in enumerate(self.steps) if step[0] == "FROM"):]

    def test_names_no_registry(self):
        for word, rest in self.steps:
            if word == "FROM":
                self.assertRegex(rest.split()[0], r"^(scratch|[a-z]+:[a-z0-9.-]+)$")

    def test_ends_without_root_and_without_a_shell(self):
        last = dict(self.last)
        self.assertEqual(last["FROM"], "scratch")
        self.assertEqual(last["USER"], f"{USER}:{USER}")
        self.assertNotIn("RUN", last)
        entry = json.loads(last["ENTRYPOINT"])
        self.assertEqual(entry, ["/usr/bin/chimplift"])

    def test_runs_steps_that_exist(self):
        (build,) = [rest for word, rest in self.steps if word == "RUN"]
        self.assertIn("./run build", build)
        for script in re.findall(r"deploy/\S+\.sh", build):
            self.assertTrue((ROOT / script).exists(), script)


if __name__ == "__main__":
    ROOT, BUILD = pathlib.Path(sys.argv.pop(1)), pathlib.Path(sys.argv.pop(1))
    WAY = namespaces()
    if WAY is None:
        print("skipped: this machine allows no namespaces (unshare --mount): the container's tree was not tried")
        sys.exit(SKIPPED)
    unittest.main()
