"""The terminal as it is met: narrow and plain consoles, progress for people alone, JSON for programs, faults too."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hnforecast.base.errors import OutputError, Problem
from hnforecast.base.timeline import show_year
from hnforecast.cli import faults, screen
from hnforecast.cli.commands import COMMANDS
from hnforecast.engine.forecast import load_project, run_forecast
from hnforecast.papers.summary import headlines, run_text
from hnforecast.papers.tables.money import account_table, agreement_table
from hnforecast.papers.tables.risk import fan_table, risk_table
from hnforecast.writing.style import position_text, round_half_up
from hnforecast.writing.terminal import listing, screen_width, text_table, wrap
from tests.cli_runner import Runner, run_process
from tests.fixtures_forecast import EXAMPLE, example_forecasts

PRINTS_NO_RESULT = {"completion"}  # a script


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    return Runner(EXAMPLE, capsys, monkeypatch)


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - PRINTS_NO_RESULT))
def test_every_command_with_a_result_offers_json(cli: Runner, name: str) -> None:
    assert " --json" in cli(name, "--help").out


@pytest.mark.parametrize(
    ("arguments", "code", "problem"),
    [
        (["nosuch", "--json"], 2, "HN850"),
        (["run", "--nosuch", "--json"], 2, "HN850"),
        (["run", "mitigatd", "--json"], 2, "HN854"),
        (["run", "--draws", "3", "--json"], 2, "HN852"),
        (["list", "scenaros", "--json"], 2, "HN854"),
        (["explain", "prices.nothing", "--json"], 2, "HN406"),
        (["check", "--vintage", "1999-01", "--json"], 2, "HN854"),
        (["list", "vintages", "--project", "/nowhere", "--json"], 2, "HN853"),
    ],
)
def test_what_goes_wrong_is_json_too(cli: Runner, arguments: list[str], code: int, problem: str) -> None:
    done = cli(*arguments)
    assert done.code == code
    told = json.loads(done.out)
    assert told["schema"] == faults.SCHEMA
    assert told["exit_code"] == code
    assert told["problems"][0]["code"] == problem
    assert set(told["problems"][0]) == {
        "code", "what", "file", "line", "column", "sheet", "cell", "path", "found", "expected", "do",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("raised", "code", "problem"),
    [
        (OutputError(Problem("HN801", "The disk is full")), 4, "HN801"),
        (PermissionError(13, "Permission denied", "a.csv"), 4, "HN801"),
        (KeyboardInterrupt(), 130, "HN898"),
        (RuntimeError("inside"), 3, "HN899"),
    ],
)
def test_faults_inside_are_json_too(
    cli: Runner,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    raised: BaseException,
    code: int,
    problem: str,
) -> None:
    from hnforecast.cli import listing as module

    def fail(*_: object) -> None:
        raise raised

    monkeypatch.setattr(module, "find_project", fail)
    monkeypatch.chdir(tmp_path)
    done = cli("list", "vintages", "--json")
    assert done.code == code
    told = json.loads(done.out)
    assert (told["exit_code"], told["problems"][0]["code"]) == (code, problem)
    assert "Traceback" not in done.out + done.err


@pytest.mark.parametrize("columns", [60, 45])
def test_tables_fold_on_a_narrow_screen(cli: Runner, monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    assert screen_width() == columns
    for text in (
        run_text(example_forecasts()),
        listing(("a", "b", "c"), [("x" * 20, "many words " * 5, "more words " * 9)]),
        cli().out,
        cli("list", "scenarios").out,
        cli("list", "measures").out,
        cli("explain", "prices.top_up.state_special").out,
        cli("doctor").out,
    ):
        # the path of a file is one word, however long
        wide = [
            line for line in text.splitlines() if len(line) > columns and max(map(len, line.split())) < columns // 2
        ]
        assert wide == []


def test_a_wide_screen_is_not_used_beyond_eighty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert screen_width() == 80
    monkeypatch.setenv("COLUMNS", "7")
    assert screen_width() == 40, "narrower than this nothing can be read"
    assert text_table([["a"], ["b"]])
    assert max(map(len, wrap("word " * 50, indent=30).splitlines())) <= 50


@pytest.mark.parametrize(
    ("encoding", "pound"), [("cp1252", "£m"), ("cp850", "£m"), ("ascii", "GBP m"), ("utf-8", "£m")]
)
def test_characters_a_console_lacks_become_plain_ones(encoding: str, pound: str) -> None:
    script = "from hnforecast.cli.screen import plain_consoles; plain_consoles(); print('£m – it’s ×2 \\u2603')"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=False, cwd=EXAMPLE.parents[2],
        env=os.environ | {"PYTHONIOENCODING": encoding},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    printed = done.stdout.decode(encoding)
    assert printed.startswith(pound)
    if encoding == "ascii":
        assert printed.strip() == "GBP m - it's x2 ?"


def test_no_environment_brings_colour() -> None:
    done = run_process(["list", "scenarios"], EXAMPLE, FORCE_COLOR="1", CLICOLOR_FORCE="1", TERM="xterm-256color")
    assert done.returncode == 0
    assert b"\x1b" not in done.stdout + done.stderr


@pytest.mark.skipif(os.name == "nt", reason="a terminal of POSIX")
@pytest.mark.parametrize(("terminal", "bar"), [("xterm", True), ("dumb", False)])
def test_progress_is_for_a_person_at_a_terminal_that_redraws(terminal: str, bar: bool) -> None:
    script = (
        "from hnforecast.cli.screen import Progress, say\n"
        "with Progress(3, 'reading') as progress:\n"
        "    for name in ('one', 'two', 'three'):\n"
        "        progress.step(name)\n"
        "say('note: ' + 'word ' * 40)\n"
    )
    printed = at_a_terminal([sys.executable, "-c", script], TERM=terminal, COLUMNS="60")
    assert ("\r" in printed.replace("\r\n", "")) is bar
    assert ("100%" in printed) is bar
    note = printed[printed.index("note:") :].replace("\r", "").splitlines()
    assert max(map(len, note)) <= 60, "messages are broken between words"
    assert len(note) >= 4


def at_a_terminal(command: list[str], **environment: str) -> str:
    """What a command prints to a terminal on standard error."""
    import pty

    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=EXAMPLE.parents[2], env=os.environ | environment
    )
    os.close(theirs)
    found, deadline = b"", time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # the other side is closed
            break
        if not piece:
            break
        found += piece
    os.close(ours)
    assert process.wait(10) == 0
    return found.decode("utf-8")


def test_in_a_pipe_lines_stay_whole(capsys: pytest.CaptureFixture[str]) -> None:
    screen.say("word " * 60)
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_what_changed_since_the_vintage_before_is_told(tmp_path: Path) -> None:
    """A figure in thousands where pounds are meant is inside its bounds, and yet not what it was."""
    from hnforecast.assumptions import load_vintage
    from hnforecast.assumptions.explain import changes_of, large_changes
    from hnforecast.engine.scenarios import resolve_scenario

    old = load_vintage(EXAMPLE)
    path = "prices.top_up.state_special"
    for factor, said in (("x1.4", 0), ("x1.6", 1), ("x0.4", 1)):
        new = resolve_scenario(old, "unmitigated", {path: factor}).vintage
        told = large_changes(old, new)
        assert len(told) == said, told
        (change,) = changes_of(old, new, path)
        assert change.new == pytest.approx(float(factor[1:]) * change.old)
        if said:
            assert told[0].startswith(f"{path} changed by more than 50% since {old.name}: ")
            assert " -> " in told[0]
    assert large_changes(old, old) == []


def test_a_run_with_draws_says_how_sure_it_is_as_the_tables_do() -> None:
    made = run_forecast(load_project(EXAMPLE), "mitigated", draws=16, savings=False)
    assert "How sure" not in run_text(example_forecasts())
    lines = run_text([made]).split("How sure: ")[1].splitlines()
    said = {line[:23].strip(): line[23:].strip() for line in lines if line[23:].strip()}
    year = lines[0][:7]
    fan = {(row[1], row[2]): row[3:] for row in fan_table([made]).rows}
    chance = {row[1]: row[2] for row in agreement_table([made]).rows}
    at = fan[(year, "gross_closing")]
    assert said["Before: 1 in 10 worse"] == position_text(float(at[1]))  # type: ignore[arg-type]
    assert said["Before: 1 in 10 better"] == position_text(float(at[-2]))  # type: ignore[arg-type]
    met = float(chance[year])  # type: ignore[arg-type]
    assert said["As agreed, chance"] == (
        "under 1%" if met < 0.01 else "over 99%" if met > 0.99 else f"{round_half_up(100 * met):.0f}%"
    )


def test_the_headlines_are_the_figures_of_the_tables() -> None:
    made = run_forecast(load_project(EXAMPLE), "mitigated", draws=16, savings=False)
    assert headlines([made], "not run") == headlines([made], "mitigated")
    title, *lines = headlines([made], "mitigated").splitlines()
    assert title == "mitigated, £m:"
    account = {(row[1], row[2]): float(row[3]) for row in account_table([made]).rows}  # type: ignore[arg-type]
    fan = {(row[1], row[2]): row[3:] for row in fan_table([made]).rows}
    chances = {row[1]: float(row[3]) for row in risk_table([made]).rows if row[2] == "probability_in_year_balance"}  # type: ignore[arg-type]
    first = show_year(made.clock.first_forecast)
    base = show_year(made.clock.first_forecast - 1)
    standing, before = (position_text(account[base, item]) for item in ("closing", "gross_closing"))
    assert lines[0].split(maxsplit=3)[3] == f"{standing} after contributions, {before} before"
    assert lines[1].split(maxsplit=1)[1] == f"{position_text(account[first, 'in_year'])} in the year"
    year = lines[4].split()[0]
    assert lines[2].split(maxsplit=3)[3].startswith(f"{position_text(account[year, 'closing'])} after contributions")
    worse, better = (position_text(float(fan[year, "closing"][at])) for at in (1, -2))  # type: ignore[arg-type]
    assert worse != better
    assert lines[3].split(maxsplit=2)[2] == f"{worse} to {better}, eight times in ten"
    share = chances[year]
    said = "under 1%" if share < 0.01 else "over 99%" if share > 0.99 else f"{round_half_up(100 * share):.0f}%"
    assert lines[4].split(maxsplit=1)[1] == f"chance of in-year balance {said}"


def test_the_headlines_come_before_the_papers(cli: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OutputError(Problem("HN000", "no room"))

    monkeypatch.setattr("hnforecast.papers.run_folder.write_run", full)
    asked = ("run", "mitigated", "--out", str(tmp_path / "run"))
    made = cli(*asked)
    assert made.code == faults.NOT_WRITTEN
    assert made.out.startswith("mitigated, £m:\n  31 March ")
    assert "no room" in made.err
    assert cli(*asked, "--json").out.startswith('{\n  "schema": "hnforecast/error/1"')
