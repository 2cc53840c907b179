"""The campaigns of tests/campaigns.txt, each with new seeds until its share of the time is over; then a table of what was tried.

usage: torture.py CAMPAIGNS BIN LOGS SECONDS SEED [NAME...]   with names: only campaigns that have one of these words in theirs
"""
import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import time

LONGEST_RUN = 1800  # seconds; a command that takes longer hangs


@dataclasses.dataclass
class Tried:
    name: str
    seeds: int = 0
    tests: int = 0
    tries: int = 0
    seconds: float = 0
    failed: int = 0


def campaigns_in(file):
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            name, command = line.split(": ", 1)
            yield name, command


def count(report):
    """Tests that were run and what they say that they tried, of a report of GoogleTest's; a command without one is one try."""
    if not report.exists():
        return 1, 1
    tests = tries = 0
    for suite in json.loads(report.read_text(encoding="utf-8"))["testsuites"]:
        for test in suite["testsuite"]:
            if test["result"] == "COMPLETED":
                tests += 1
                tries += int(test.get("tries", 1))
    return tests, tries


def run_once(command, seed, log):
    """Whether it went well, and how many tests and tries it was."""
    report = log.with_suffix(".json")
    report.unlink(missing_ok=True)
    environment = dict(os.environ, CHIMPLIFT_TEST_SEED=str(seed), GTEST_OUTPUT=f"json:{report}")
    with log.open("wb") as out:
        try:
            done = subprocess.run(command, shell=True, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=environment,
                                  timeout=LONGEST_RUN, check=False)
        except subprocess.TimeoutExpired:
            return False, 0, 0
    tests, tries = count(report)
    report.unlink(missing_ok=True)
    return done.returncode == 0 and tests > 0, tests, tries


def main():
    file, programs, logs = (pathlib.Path(word) for word in sys.argv[1:4])
    seconds, first_seed, names = int(sys.argv[4]), int(sys.argv[5]), sys.argv[6:]
    logs.mkdir(parents=True, exist_ok=True)
    campaigns = [one for one in campaigns_in(file) if not names or any(name in one[0] for name in names)]
    if not campaigns:
        sys.exit("torture: no campaign has such a name")
    end = time.monotonic() + seconds
    rows, failures = [], []
    for at, (name, template) in enumerate(campaigns):
        share = max(end - time.monotonic(), 0) / (len(campaigns) - at)
        start, tried = time.monotonic(), Tried(name)
        while tried.seeds == 0 or time.monotonic() - start < share:
            seed = first_seed + tried.seeds
            command = template.format(bin=programs, seed=seed, seconds=max(int(share), 1))
            log = logs / f"{name.replace(' ', '-')}-{seed}.log"
            is_well, tests, tries = run_once(command, seed, log)
            tried.seeds, tried.tests, tried.tries = tried.seeds + 1, tried.tests + tests, tried.tries + tries
            if is_well:
                log.unlink()
            else:
                tried.failed += 1
                failures.append(f"CHIMPLIFT_TEST_SEED={seed} {command}   # {log}")
        tried.seconds = time.monotonic() - start
        rows.append(tried)
        print(f"torture: {name}: {tried.seeds} seeds, {tried.tries} tries, {tried.failed} failed", flush=True)
    width = max(len(row.name) for row in rows)
    print(f"\n{'campaign':<{width}}{'seeds':>7}{'tests':>8}{'tries':>9}{'seconds':>9}{'failed':>8}")
    for row in rows:
        print(f"{row.name:<{width}}{row.seeds:>7}{row.tests:>8}{row.tries:>9}{row.seconds:>9.0f}{row.failed:>8}")
    print(f"first seed {first_seed}")
    for failure in failures:
        print(f"failed: {failure}")
    return 1 if failures else 0


sys.exit(main())
