"""Completion: what the TAB key offers, in bash itself and in the form PowerShell asks for it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hnforecast.assumptions import load_vintage
from hnforecast.cli import project as names
from hnforecast.cli.commands import COMMANDS
from hnforecast.cli.completion import HOW, POWERSHELL
from tests.cli_runner import Runner
from tests.fixtures_forecast import EXAMPLE

ROOT = Path(__file__).resolve().parents[2]


def powershell(*words: str, folder: Path = EXAMPLE) -> list[tuple[str, str]]:
    """What PowerShell is answered after these words, the last being typed."""
    variables = {
        "_HNFORECAST_COMPLETE": "powershell_complete",
        "_HNFORECAST_WORDS": "\n".join(["hnforecast", *(word for word in words if word)]),
        "_HNFORECAST_WORD": words[-1],
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "hnforecast"]
    done = subprocess.run(command, cwd=folder, env=os.environ | variables, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0
    assert done.stderr == b""
    lines = [line.split("\t") for line in done.stdout.decode("utf-8").splitlines() if line]
    assert all(len(line) == 3 and line[0] in ("plain", "file", "dir") for line in lines)
    return [(kind, value) for kind, value, _ in lines]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("comp",), ["compare", "completion"]),
        (("run", "miti"), ["mitigated"]),
        (("run", "mitigated", "--vin"), ["--vintage"]),
        (("run", "--vintage", ""), ["2026-03"]),
        (("list", "sc"), ["scenarios"]),
        (("return", "--form", "local"), ["local-send-reform-plan"]),
        (("explain", "'prices.top_up.state"), ["prices.top_up.state_special"]),
        (("completion", "p"), ["powershell"]),
        (("run", "no such scenario"), []),
    ],
)
def test_powershell_is_answered(words: tuple[str, ...], offered: list[str]) -> None:
    assert [value for _, value in powershell(*words)] == offered


def test_files_are_left_to_the_shell() -> None:
    assert {kind for kind, _ in powershell("verify", "out")} <= {"file", "dir"}


def test_outside_a_council_folder_nothing_is_offered(tmp_path: Path) -> None:
    assert powershell("run", "miti", folder=tmp_path) == []


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_completes(tmp_path: Path, cli: Runner) -> None:
    shim = tmp_path / "hnforecast"
    shim.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m hnforecast "$@"\n')
    shim.chmod(0o755)
    script = cli("completion", "bash").out
    ask = """
ask() {
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
    _hnforecast_completion hnforecast
    echo "${COMPREPLY[*]}"
}
ask hnforecast com
ask hnforecast run miti
ask hnforecast list vint
"""
    done = subprocess.run(
        ["bash", "--norc", "-c", script + ask], cwd=EXAMPLE, capture_output=True, text=True, check=False, timeout=60,
        env=os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
    )  # fmt: skip
    assert [line.split() for line in done.stdout.splitlines()] == [
        ["compare", "completion"],
        ["mitigated"],
        ["vintages"],
    ]


@pytest.mark.parametrize("shell", HOW)
def test_the_script_alone_goes_to_standard_output(cli: Runner, shell: str) -> None:
    done = cli("completion", shell)
    assert done.code == 0
    assert "_HNFORECAST_COMPLETE" in done.out
    assert "%(" not in done.out
    assert HOW[shell] in done.err.replace("\n", " ")


def test_a_shell_nobody_knows(cli: Runner) -> None:
    done = cli("completion", "powershel")
    assert done.code == 2
    assert "Did you mean 'powershell'?" in done.err


def test_the_powershell_script_is_balanced_and_speaks_as_python_listens() -> None:
    bare = re.sub(r"'[^']*'|\"[^\"]*\"", "", POWERSHELL)
    for left, right in ("{}", "()", "[]"):
        assert bare.count(left) == bare.count(right)
    for variable in ("_HNFORECAST_WORDS", "_HNFORECAST_WORD", "powershell_complete"):
        assert variable in POWERSHELL
    assert all(ord(character) < 128 for character in POWERSHELL), (
        "Windows PowerShell reads scripts in its own code page"
    )


@pytest.mark.parametrize("root", [EXAMPLE, pytest.param(ROOT, marks=pytest.mark.slow)])
def test_names_found_fast_are_those_loaded(root: Path) -> None:
    for vintage in names.vintages(root):
        loaded = load_vintage(root, vintage)
        assert set(names.values(root, vintage)) == {path for path in loaded.values if not path.startswith("measures.")}
        assert set(loaded.scenarios) <= set(names.scenarios(root))


def test_commands_offered_are_those_there_are() -> None:
    assert [value for _, value in powershell("")] == list(COMMANDS)


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    return Runner(EXAMPLE, capsys, monkeypatch)
