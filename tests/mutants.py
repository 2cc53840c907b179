"""Breaks the program on purpose, as tests/mutants.toml says, and sees the tests fail that hold what was broken.

usage: mutants.py SOURCE [WORD...]   with words: only mutants that have one of them in what they break
       mutants.py SOURCE --check      only sees whether what they replace is there
It works in a copy, SOURCE/build/mutants/: a first run builds all of it, later ones what changed.
"""
import pathlib
import subprocess
import sys
import time
import tomllib

LONGEST = 600  # seconds: a test that a mutant makes hang has caught it


def copy_sources(source, tree):
    """What git would commit; a file that is the same already keeps its time, so that it is not built again."""
    names = subprocess.run(["git", "-C", source, "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True, check=True).stdout.split("\n")
    kept = {name for name in names if name and (source / name).is_file()}
    for old in tree.rglob("*"):
        name = old.relative_to(tree)
        if old.is_file() and name.parts[0] != "build" and str(name) not in kept:
            old.unlink()
    for name in kept:
        target = tree / name
        content = (source / name).read_bytes()
        if target.exists() and target.read_bytes() == content:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        target.chmod((source / name).stat().st_mode)


class Tree:
    def __init__(self, source):
        self.folder = source / "build" / "mutants"
        self.folder.mkdir(parents=True, exist_ok=True)
        copy_sources(source, self.folder)
        self.log = self.folder / "build" / "log"
        self.log.parent.mkdir(exist_ok=True)
        if self.run(["cmake", "--preset", "dev", "-DBUILD_TESTING=ON", f"-DDUCKDB_ROOT={source}/build/deps/duckdb"]):
            sys.exit(self.log.read_text(encoding="utf-8"))

    def run(self, command, longest=None):
        with self.log.open("wb") as out:
            return subprocess.run(command, cwd=self.folder, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=longest,
                                  check=False).returncode

    def build(self, program):
        return self.run(["cmake", "--build", "build/dev", "--target", "chimplift", "mailchimp-sim", program]) == 0

    def passes(self, tests):
        """Whether these tests pass; a filter that finds none is an error."""
        program, tests = tests.split()
        try:
            status = self.run([f"build/dev/bin/{program}", f"--gtest_filter={tests}"], LONGEST)
        except subprocess.TimeoutExpired:
            return False
        if "[==========] Running 0 tests" in self.log.read_text(encoding="utf-8", errors="replace"):
            sys.exit(f"no test is named {tests}")
        return status == 0


def main():
    source = pathlib.Path(sys.argv[1]).resolve()
    mutants = tomllib.loads((source / "tests" / "mutants.toml").read_text(encoding="utf-8"))["mutant"]
    for mutant in mutants:
        found = (source / mutant["file"]).read_text(encoding="utf-8").count(mutant["old"])
        if found != 1:
            sys.exit(f"{mutant['file']} has {found} times, not once: {mutant['old']}")
    if sys.argv[2:] == ["--check"]:
        return 0
    chosen = [m for m in mutants if len(sys.argv) < 3 or any(word in m["breaks"] for word in sys.argv[2:])]
    if not chosen:
        sys.exit("no mutant has these words in what it breaks")
    tree = Tree(source)
    unbroken = {}  # tests → whether they pass as things are
    survivors = 0
    for mutant in chosen:
        began = time.monotonic()
        file = tree.folder / mutant["file"]
        right = file.read_text(encoding="utf-8")
        program = mutant["tests"].split()[0]
        if mutant["tests"] not in unbroken:
            unbroken[mutant["tests"]] = tree.build(program) and tree.passes(mutant["tests"])
            if not unbroken[mutant["tests"]]:
                print(tree.log.read_text(encoding="utf-8", errors="replace")[-3000:])
        file.write_text(right.replace(mutant["old"], mutant["new"]), encoding="utf-8")
        try:
            if not unbroken[mutant["tests"]]:
                verdict = "its tests fail without it"
            elif not tree.build(program):
                verdict = "does not compile"
                print(tree.log.read_text(encoding="utf-8", errors="replace")[-3000:])
            else:
                verdict = "SURVIVED" if tree.passes(mutant["tests"]) else "caught"
        finally:
            file.write_text(right, encoding="utf-8")
        survivors += verdict != "caught"
        print(f"{verdict:10} {time.monotonic() - began:5.0f} s  {mutant['breaks']}", flush=True)
    print(f"{len(chosen) - survivors} of {len(chosen)} mutants were caught")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
