"""The Windows launcher, by the rules its language breaks most often: it cannot be run here, its text can be read."""

from __future__ import annotations

import re
from pathlib import Path

from hnforecast.cli.commands import COMMANDS

LAUNCHER = Path(__file__).resolve().parents[2] / "hnforecast.cmd"
RAW = LAUNCHER.read_bytes()
LINES = RAW.decode("ascii").replace("\r\n", "\n").splitlines()
QUOTED = re.compile(r'"[^"]*"')


def code_lines() -> list[str]:
    return [line.strip() for line in LINES if line.strip() and not line.strip().lower().startswith("rem ")]


def test_line_ends_are_those_cmd_needs() -> None:
    """With bare line feeds cmd.exe misses labels, depending on where its buffer ends."""
    assert b"\n" not in RAW.replace(b"\r\n", b"")
    assert RAW.endswith(b"\r\n")


def test_every_jump_has_one_label() -> None:
    labels = [line[1:].lower() for line in code_lines() if line.startswith(":")]
    jumps = {found.lower() for line in code_lines() for found in re.findall(r"(?:goto|call) :?(\w+)", line)}
    assert len(labels) == len(set(labels))
    assert jumps <= set(labels)
    assert set(labels) - jumps == set(), "every label is jumped to"


def test_no_block_falls_into_the_next() -> None:
    """Before each label but the menu's stands a jump or an end, so that no choice runs two commands."""
    lines = code_lines()
    for position, line in enumerate(lines):
        if line.startswith(":") and line != ":menu":
            assert re.match(r"(goto \w+|exit /b|if not .* goto)", lines[position - 1]) or line == ":ready", line
    assert lines[lines.index(":ready") - 1] == "exit /b 3"


def test_paths_stand_in_quotes() -> None:
    """A folder may be called "R&D (2026) 100%": outside quotes & ends a command and ) a block."""
    for line in code_lines():
        outside = QUOTED.sub("", line)
        assert "%~dp0" not in outside, line
        assert "%CD%" not in line.upper(), line
        assert "%PERIOD%" not in outside, line


def test_what_is_typed_cannot_break_a_line() -> None:
    lines = code_lines()
    asked = next(position for position, line in enumerate(lines) if line.startswith("set /p"))
    assert lines[asked + 1] == 'if defined PERIOD set "PERIOD=%PERIOD:"=%"', "quotation marks are taken out at once"
    assert lines[asked - 1] == 'set "PERIOD="', "an earlier answer does not stay when Enter alone is pressed"
    assert "DisableDelayedExpansion" in LINES[4], "with it on, a ! in a folder's name would vanish"


def test_echoed_words_hold_nothing_cmd_acts_on() -> None:
    for line in code_lines():
        for words in re.findall(r"\becho(?:\.|\s+)([^&|)]*)", line):
            assert not re.search(r"[<>|^&()]", QUOTED.sub("", words)), line
            assert set(re.findall(r"%\w+%", words)) <= {"%CODE%"}, line


def test_the_menu_offers_what_it_does() -> None:
    shown = [int(found[1]) for line in LINES if (found := re.match(r"echo   (\d)  ", line))]
    keys = next(re.search(r"choice /c (\d+) ", line) for line in LINES if line.startswith("choice"))
    assert keys is not None
    levels = [int(found[1]) for line in LINES if (found := re.match(r"if errorlevel (\d+) goto", line))]
    assert "".join(map(str, shown)) == keys[1]
    assert levels == sorted(levels, reverse=True), "errorlevel asks for that number or more"
    assert set(levels) - {255} == set(shown)


def test_it_runs_commands_there_are() -> None:
    run = [re.match(r'%LAUNCH% run --no-dev hnforecast (?:"?([\w%*-]+)"?)', line) for line in code_lines()]
    names = {found[1] for found in run if found}
    assert names - {"--help", "%*"} <= set(COMMANDS)
    assert {"run", "check", "monitor", "return", "--help", "%*"} == names


def test_every_way_out_goes_back_where_it_came_from() -> None:
    """After pushd, popd before each exit; the exit code of a typed command is passed on."""
    lines = code_lines()
    for position, line in enumerate(lines):
        if line.startswith("exit /b") and line != "exit /b 0":
            assert any(earlier == "popd" for earlier in lines[position - 2 : position]), line
    assert lines[-1] == "exit /b %CODE%"
