"""The same inputs give the same bytes: in another folder, time zone, locale, encoding and order of hashing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli_runner import copy_example, run_process

pytestmark = pytest.mark.slow

# What run.json says of when, where and how long, and nothing else of it.
# own_sha256 is of the record itself, so of the moment it was made, too.
OF_THE_MOMENT = {"created", "command_line", "timings_seconds", "environment", "own_sha256"}
PLACES: dict[str, dict[str, str]] = {
    "a": {"TZ": "UTC", "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"},
    "b/deeper/with a space & more": {
        "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "12345", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0",
        "COLUMNS": "50", "LANG": "tr_TR.UTF-8", "OMP_NUM_THREADS": "2",
    },
}  # fmt: skip


def held(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def different(first: dict[str, bytes], second: dict[str, bytes]) -> list[str]:
    assert first.keys() == second.keys()
    return [name for name in first if first[name] != second[name]]


@pytest.mark.parametrize("draws", ["1", "64"])
def test_a_run(draws: str, tmp_path: Path) -> None:
    found, manifests = [], []
    for place, environment in PLACES.items():
        council = copy_example(tmp_path / place)
        done = run_process(["run", "--horizon", "2", "--draws", draws, "--json"], council, **environment)
        assert done.returncode in (0, 1), done.stderr
        told = json.loads(done.stdout)
        files = held(council / "outputs" / told["run_id"])
        manifests.append(json.loads(files.pop("run.json")))
        found.append(files)
    assert different(*found) == []
    assert len(found[0]) > 20
    first, second = ({key: value for key, value in one.items() if key not in OF_THE_MOMENT} for one in manifests)
    assert first == second
    assert manifests[0].keys() >= OF_THE_MOMENT
    packages: list[Any] = [one["environment"]["packages_sha256"] for one in manifests]
    assert packages[0] == packages[1]


def test_a_return(tmp_path: Path) -> None:
    found = []
    for place, environment in PLACES.items():
        council = copy_example(tmp_path / place)
        actuals = council / "inputs" / "monitoring" / "2025-26"
        if not actuals.is_dir():
            written = run_process(
                ["monitor", "--write-illustration", "2025-26-Q2", str(actuals)], council, **environment
            )
            assert written.returncode == 0, written.stderr
        done = run_process(["return", "2025-26-Q1"], council, **environment)
        assert done.returncode == 0, done.stderr
        found.append(held(council / "outputs" / "returns"))
        shutil.rmtree(council)
    assert different(*found) == []
    assert len(found[0]) >= 4
