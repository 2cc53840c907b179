"""torture.py: every campaign is run, with seeds that can be repeated, until its share of the time is over; what fails is told."""
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
REPORT = r"""echo '{"testsuites": [{"testsuite": [{"result": "COMPLETED", "tries": "20"}, {"result": "COMPLETED"},
 {"result": "SKIPPED"}]}]}' | tr -d '\n' >"${GTEST_OUTPUT#json:}"; """.replace("\n", "")


def torture(folder, campaigns, *words):
    file = folder / "campaigns.txt"
    file.write_text(campaigns, encoding="utf-8")
    return subprocess.run([sys.executable, "-B", HERE / "torture.py", file, folder / "bin", folder / "logs", *words], text=True,
                          capture_output=True, check=False)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        braces = REPORT.replace("{", "{{").replace("}", "}}")
        well = torture(folder, f"# nothing\n\ntold: {braces} echo $CHIMPLIFT_TEST_SEED {{seed}} >>{folder}/seeds; sleep 0.2\nother: true\n", "1", "7")
        assert well.returncode == 0, well.stdout + well.stderr
        seeds = (folder / "seeds").read_text(encoding="utf-8").splitlines()
        assert seeds and seeds == [f"{seed} {seed}" for seed in range(7, 7 + len(seeds))], seeds
        told = next(line for line in well.stdout.splitlines() if line.startswith("told "))
        assert told.split()[1:4] == [str(len(seeds)), str(2 * len(seeds)), str(21 * len(seeds))], told
        assert "\nother " in well.stdout and "first seed 7" in well.stdout, well.stdout
        assert not list((folder / "logs").iterdir()), "logs of what went well"

        bad = torture(folder, "fine: true\nbad one: echo why; exit 3\n", "0", "5", "bad")
        assert bad.returncode == 1 and "failed: CHIMPLIFT_TEST_SEED=5 echo why; exit 3" in bad.stdout, bad.stdout
        assert "fine" not in bad.stdout, bad.stdout
        assert (folder / "logs" / "bad-one-5.log").read_text(encoding="utf-8") == "why\n"

        nothing = torture(folder, 'empty: echo \'{{"testsuites": []}}\' >"${{GTEST_OUTPUT#json:}}"\n', "0", "5")
        assert nothing.returncode == 1, "a filter that matches nothing must not pass"
        assert torture(folder, "fine: true\n", "0", "5", "none").returncode == 1
    print("torture: all as it should be")


main()
