"""Command lines that are wrong: the exact message, exit code 2, and no run folder left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli_runner import Runner, copy_example

FOUND = "Using the council folder"


@pytest.fixture(scope="module")
def council(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_example(tmp_path_factory.mktemp("nasty") / "council")


@pytest.fixture
def cli(council: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    return Runner(council, capsys, monkeypatch)


CASES: dict[str, tuple[list[str], str]] = {
    "a scenario nobody knows": (
        ["run", "mitigatd"],
        "There is no such scenario in vintage 2026-03 [HN854]\n  found: mitigatd\n"
        "  expected: unmitigated, history, mitigated, adverse\n  Did you mean 'mitigated'?\n",
    ),
    "two scenarios nobody knows, told at once": (
        ["run", "mitigatd", "worst"],
        "There is no such scenario in vintage 2026-03 [HN854]\n  found: mitigatd\n"
        "  expected: unmitigated, history, mitigated, adverse\n  Did you mean 'mitigated'?\n\n"
        "There is no such scenario in vintage 2026-03 [HN854]\n  found: worst\n"
        "  expected: unmitigated, history, mitigated, adverse\n\n2 problems.\n",
    ),
    "a scenario that is a path": (
        ["run", "../../etc/passwd"],
        "There is no such scenario in vintage 2026-03 [HN854]\n  found: ../../etc/passwd\n"
        "  expected: unmitigated, history, mitigated, adverse\n",
    ),
    "a vintage nobody knows": (
        ["run", "--vintage", "2026-3"],
        "There is no such vintage [HN854]\n  found: 2026-3\n  expected: 2026-03\n  Did you mean '2026-03'?\n",
    ),
    "a vintage that is a path": (
        ["check", "--vintage", "../2026-03"],
        "There is no such vintage [HN854]\n  found: ../2026-03\n  expected: 2026-03\n  Did you mean '2026-03'?\n",
    ),
    "an override without a value": (
        ["run", "--set", "prices.top_up.state_special"],
        "--set needs a path and a value [HN855]\n  found: prices.top_up.state_special\n"
        "  expected: PATH=VALUE, such as prices.top_up.state_special=+3%\n",
    ),
    "overrides without path, without value, and twice, told at once": (
        ["run", "--set", "=3", "--set", "a.b=", "--set", "c.d=1", "--set", "c.d=2"],
        "--set needs a path and a value [HN855]\n  found: =3\n"
        "  expected: PATH=VALUE, such as prices.top_up.state_special=+3%\n\n"
        "--set needs a path and a value [HN855]\n  found: a.b=\n"
        "  expected: PATH=VALUE, such as prices.top_up.state_special=+3%\n\n"
        "--set gives c.d twice [HN855]\n  found: 1 and 2\n  Keep one of the two.\n\n3 problems.\n",
    ),
    "an override of nothing": (
        ["run", "unmitigated", "--set", "prices.topup.state_special=1"],
        "command line  prices.topup.state_special: no such value in the vintage [HN406]\n  Did you mean",
    ),
    "an override that is no number": (
        ["run", "unmitigated", "--set", "prices.top_up.state_special=lots"],
        "command line  prices.top_up.state_special: the new value is not a number [HN407]\n  found: lots\n"
        "  expected: a number such as 0.06, or a factor such as x0.97 or +3%\n",
    ),
    "a number of draws that is no power of two": (
        ["run", "--draws", "1000"],
        "The number of draws is not a power of two [HN852]\n  found: --draws 1000\n"
        "  expected: 1, 2, 4, 8 ... such as 512 or 1024\n",
    ),
    "no draws": (["run", "--draws", "0"], "Error: Invalid value for '--draws': 0 is not in the range 1<=x<=65536.\n"),
    "draws in words": (
        ["run", "--draws", "many"],
        "Error: Invalid value for '--draws': 'many' is not a valid integer range.\n",
    ),
    "a negative seed": (["run", "--seed", "-1"], "Error: Invalid value for '--seed': -1 is not in the range x>=0.\n"),
    "a horizon of nothing": (
        ["run", "--horizon", "0"],
        "Error: Invalid value for '--horizon': 0 is not in the range 1<=x<=30.\n",
    ),
    "a horizon of centuries": (
        ["run", "--horizon", "300"],
        "Error: Invalid value for '--horizon': 300 is not in the range 1<=x<=30.\n",
    ),
    "an option nobody knows": (
        ["run", "--horizn", "3"],
        "Error: No such option '--horizn'. Did you mean '--horizon'?\n",
    ),
    "a command nobody knows": (["rnu"], "Error: No such command 'rnu'. Did you mean 'run'?\n"),
    "a list of nothing": (
        ["list", "secrets"],
        "There is no such kind [HN854]\n  found: secrets\n  expected: vintages, scenarios",
    ),
    "nothing to explain": (["explain"], "Error: Missing argument 'PATH'.\n"),
    "an explanation of nothing": (
        ["explain", "prices.topup.state_special"],
        "command line  prices.topup.state_special: no such value in the vintage [HN406]\n  Did you mean",
    ),
    "a project that is none": (
        ["run", "--project", "nowhere"],
        "nowhere: This is not a council folder [HN853]\n  expected: a folder that holds assumptions/ and inputs/\n"
        "  Go into one, name one with --project DIR, or write an example with `hnforecast new --example`.\n",
    ),
    "an output folder with a path too long": (["run", "--out", "x" * 210], "too long for Excel on Windows [HN802]"),
    "an output folder that is a file": (
        ["run", "--out", "assumptions/scenarios.yaml"],
        "The output folder holds something that is not an earlier run, so it is left alone [HN803]",
    ),
    "an output folder that holds the assumptions": (
        ["run", "--out", "assumptions"],
        "The output folder holds something that is not an earlier run, so it is left alone [HN803]",
    ),
    "new of nobody": (
        ["new"],
        "No authority is named [HN856]\n"
        "  Name an authority, such as `hnforecast new worcestershire`; or add --example.\n",
    ),
    "new of two at once": (["new", "--example", "here", "there"], "The example is of no authority [HN856]"),
    "new of an authority nobody knows": (
        ["new", "worcestershyre"],
        "No authority of the national panel has this name or code [HN858]\n  found: worcestershyre\n"
        "  expected: one of 153 by name, by the Department's three digits or by GSS code\n"
        "  Did you mean Worcestershire (885)",
    ),
    "new of a name that could be several": (
        ["new", "cheshire"],
        "2 authorities could be meant [HN859]\n  found: cheshire\n"
        "  expected: Cheshire East (895), Cheshire West and Chester (896)\n  Give the three digits.\n",
    ),
    "new of an authority where something is": (
        ["new", "rutland", "assumptions"],
        "The folder is there already and not empty, so it is left alone [HN857]\n"
        "  Name another: hnforecast new rutland FOLDER.\n",
    ),
    "new where something is": (
        ["new", "--example", "assumptions"],
        "The folder is there already and not empty, so it is left alone [HN857]\n"
        "  Name another: hnforecast new --example FOLDER.\n",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_wrong_command_lines_are_told_exactly(cli: Runner, council: Path, case: str) -> None:
    arguments, message = CASES[case]
    before = sorted(path.relative_to(council) for path in council.rglob("*"))
    done = cli(*arguments)
    assert done.code == 2, done.err
    assert message in done.err
    if message.endswith("\n"):
        assert done.err.endswith(message)
    assert done.out == ""
    assert "Traceback" not in done.err
    assert sorted(path.relative_to(council) for path in council.rglob("*")) == before, "nothing is written"


def test_no_council_folder_at_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    done = Runner(tmp_path, capsys, monkeypatch)("run")
    assert done.code == 2
    assert done.err.startswith(f"{tmp_path}: There is no council folder here or above [HN853]\n")
    assert list(tmp_path.iterdir()) == []
