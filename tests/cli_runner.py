"""Runs the command line in this process and in one of its own, in a copy of the invented council's folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from hnforecast.cli import application
from hnforecast.cli.faults import run_safely
from tests.fixtures_forecast import EXAMPLE


@dataclass(frozen=True)
class Outcome:
    """Exit code and what was printed."""

    code: int
    out: str
    err: str


class Runner:
    """The command line in a folder."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self._capsys = folder, capsys
        monkeypatch.chdir(folder)

    def __call__(self, *arguments: str) -> Outcome:
        self._capsys.readouterr()
        code = run_safely(application, arguments)
        printed = self._capsys.readouterr()
        return Outcome(code, printed.out, printed.err)


def copy_example(target: Path) -> Path:
    """A copy of the invented council, free to be damaged."""
    shutil.copytree(EXAMPLE, target, ignore=shutil.ignore_patterns("outputs"))
    return target


def run_process(
    arguments: Sequence[str], folder: Path, *, encoding: str = "utf-8", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """The command line as a user starts it."""
    settings = {**os.environ, "PYTHONIOENCODING": encoding, **environment}
    command = [sys.executable, "-m", "hnforecast", *arguments]
    return subprocess.run(command, cwd=folder, env=settings, capture_output=True, timeout=120, check=False)
