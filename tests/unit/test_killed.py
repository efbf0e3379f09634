"""`kill -9` at many moments of a whole run and of a return, a disk that fills up, a file open in Excel.

Each command runs in a process of its own, forked from this one so that nothing is loaded anew; it is killed at moments
spread over its whole duration and, more of them, over the time in which it writes.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

import pytest

from hnforecast.cli import application
from hnforecast.cli.faults import run_safely
from hnforecast.writing.files import clean_stale
from hnforecast.writing.locks import project_lock
from tests.cli_runner import Runner, copy_example, run_process

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="kill -9 and fork are of POSIX"),
]
MOMENTS, WHILE_WRITING = 50, 30
PERIOD, FORM = "2025-26-Q1", "safety-valve-quarterly"


def start(arguments: Sequence[str], folder: Path) -> int:
    """The command in a process of its own; returns its number."""
    child = os.fork()
    if child:
        return child
    code = 99
    try:
        os.chdir(folder)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(nowhere, number)
        sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123  lives as long as the process
        code = run_safely(application, arguments)
    finally:
        os._exit(code)


def half_built(target: Path) -> bool:
    return any(target.parent.glob(f".{target.name}.*.partial"))


def finish(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def measure(arguments: Sequence[str], folder: Path, target: Path) -> tuple[float, float]:
    """Seconds until it begins to write, and seconds it writes."""
    begun = time.monotonic()
    child, writing = start(arguments, folder), 0.0
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        if not writing and half_built(target):
            writing = time.monotonic()
        time.sleep(0.001)
    ended = time.monotonic()
    assert writing, "it wrote nothing"
    return writing - begun, ended - writing


def kill_at(child: int, target: Path, after: float, while_writing: bool) -> None:
    """Kill a process some seconds after it began, or after it began to write."""
    ready = not while_writing
    while not ready and os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        ready = half_built(target)
        time.sleep(0.0005)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    finish(child)


def at_moments(
    arguments: Callable[[int], Sequence[str]], folder: Path, target: Path, check: Callable[[int], str]
) -> dict[str, int]:
    """Start and kill a command many times; after each kill `check` says what was left, or fails."""
    chance = random.Random(20261122)
    before, writing = measure(arguments(0), folder, target)
    check(0)
    found: dict[str, int] = {}
    for moment in range(1, MOMENTS + 1):
        inside = moment % 5 < WHILE_WRITING * 5 // MOMENTS
        after = chance.uniform(0.0, writing if inside else before + writing)
        kill_at(start(arguments(moment), folder), target, after, inside)
        with project_lock(folder / "outputs", "the next program", wait=5.0):  # a killed program holds no lock
            clean_stale(target.parent)
        left = check(moment)
        found[left] = found.get(left, 0) + 1
        if moment % 10 == 0:
            assert finish(start(arguments(moment), folder)) in (0, 1), "the next run works"
            check(moment)
            assert leftovers(target.parent) == []
    return found


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.endswith((".partial", ".replaced", ".aside", ".tmp"))]


@pytest.fixture
def council(tmp_path: Path) -> Path:
    for name in (
        "engine.forecast",
        "papers.run_folder",
        "papers.workbook",
        "quarter.returns.request",
        "quarter.monitor",
    ):
        import_module(f"hnforecast.{name}")  # here once, not in every process
    return copy_example(tmp_path / "council")


def test_a_run_killed_at_any_moment(council: Path) -> None:
    target = council / "outputs" / "there"
    last: list[str] = []

    def arguments(moment: int) -> list[str]:
        changed = f"prices.top_up.state_special={13_000 + moment}"
        plain = ["run", "mitigated", "--horizon", "1", "--draws", "1", "--set", changed]
        return [*plain, "--out", str(target), "--replace"]

    def check(moment: int) -> str:
        manifest = json.loads((target / "run.json").read_text())
        held = {path.relative_to(target).as_posix(): path for path in target.rglob("*") if path.is_file()}
        assert set(held) == {item["path"] for item in manifest["outputs"]} | {"run.json"}
        for item in manifest["outputs"]:
            assert hashlib.sha256(held[item["path"]].read_bytes()).hexdigest() == item["sha256"], item["path"]
        asked = int(manifest["scenarios"]["mitigated"]["changes"][0].rpartition(" -> ")[2].split()[0].replace(",", ""))
        new = manifest["fingerprint"] not in last
        last[:] = [manifest["fingerprint"]]
        assert not new or asked == 13_000 + moment, "the new run is the one asked for"
        return "new" if new else "old"

    found = at_moments(arguments, council, target, check)
    assert found.get("old", 0) > 10, found
    assert sum(found.values()) == MOMENTS


def with_actuals(council: Path) -> Path:
    """The council with invented actuals of half a year."""
    folder = council / "inputs" / "monitoring" / "2025-26"
    if not folder.is_dir():
        assert finish(start(["monitor", "--write-illustration", "2025-26-Q2", str(folder)], council)) == 0
    return council


def test_a_return_killed_at_any_moment(council: Path) -> None:
    with_actuals(council)
    target = council / "outputs" / "returns" / PERIOD / FORM
    scenarios = ("mitigated", "adverse")
    whole: dict[str, dict[str, bytes]] = {}

    def arguments(moment: int) -> list[str]:
        return ["return", PERIOD, "--scenario", scenarios[moment % 2]]

    def contents() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in target.iterdir()}

    for moment, name in enumerate(scenarios):
        assert finish(start(arguments(moment), council)) == 0
        whole[name] = contents()
    assert whole["mitigated"] != whole["adverse"]

    def check(moment: int) -> str:
        held = contents()
        assert held in whole.values(), "neither the one return nor the other"
        return "new" if held == whole[scenarios[moment % 2]] else "old"

    found = at_moments(arguments, council, target, check)
    assert found.get("old", 0) > 5, found


def test_a_return_killed_while_it_is_sealed_is_sealed_or_not_there(council: Path) -> None:
    with_actuals(council)
    target = council / "outputs" / "returns" / PERIOD / FORM
    arguments = ["return", PERIOD, "--seal"]
    _, writing = measure(arguments, council, target)
    chance, sealed = random.Random(7), 0
    for _ in range(15):
        if target.is_dir():
            for path in target.iterdir():
                path.unlink()
            target.rmdir()
        kill_at(start(arguments, council), target, chance.uniform(0.0, writing), while_writing=True)
        if target.exists():
            assert finish(start(["verify", str(target)], council)) == 0
            sealed += 1
    assert sealed < 15
    if not target.exists():
        assert finish(start(arguments, council)) == 0
    assert finish(start(["verify", str(target)], council)) == 0


def test_a_full_disk(council: Path, tmp_path: Path) -> None:
    """A real disk of 300 kB where this may be mounted; else see test_failing_disk, which pretends."""
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300k", "none", str(small)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("needs the right to mount a small disk")
    try:
        done = run_process(
            ["run", "unmitigated", "--horizon", "1", "--draws", "1", "--out", str(small / "run")], council
        )
        assert done.returncode == 4, done.stderr
        said = done.stderr.decode("utf-8")
        assert "The disk is full [HN801]" in said
        assert "Free some space, or write elsewhere with --out." in said
        assert "Traceback" not in said
        assert [path.name for path in small.iterdir() if not path.name.startswith(".hnforecast.lock")] == []
        told = run_process(
            ["run", "unmitigated", "--horizon", "1", "--draws", "1", "--json", "--out", str(small / "run")], council
        )
        assert told.returncode == 4
        assert json.loads(told.stdout)["problems"][0]["code"] == "HN801"
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_a_workbook_open_in_excel(
    council: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows a folder with an open file cannot be renamed: the earlier run stays, and who has it open is named."""
    cli = Runner(council, capsys, monkeypatch)
    arguments = ("run", "unmitigated", "--horizon", "1", "--draws", "1", "--out", "outputs/there", "--replace")
    assert cli(*arguments).code in (0, 1)
    there = council / "outputs" / "there"
    (there / "~$committee-pack.xlsx").write_bytes(b"\x09Jo Bloggs".ljust(165, b" "))
    before = {path.name: path.read_bytes() for path in there.iterdir() if path.is_file()}
    real = os.replace

    def held(source: object, target: object) -> None:
        if Path(str(source)) == there:
            raise PermissionError(errno.EACCES, "The process cannot access the file", str(source))
        real(source, target)  # type: ignore[call-overload]

    from hnforecast.writing import files

    with monkeypatch.context() as patch:
        patch.setattr(files.os, "replace", held)
        patch.setattr(files, "retry_while_held", lambda action, patience=0.0: action())
        done = cli(*arguments)
    assert done.code == 4
    assert "A file of the folder is open in Excel: committee-pack.xlsx by Jo Bloggs" in done.err
    assert "Close committee-pack.xlsx" in done.err
    assert {path.name: path.read_bytes() for path in there.iterdir() if path.is_file()} == before
    assert leftovers(there.parent) == []
    assert "open in Excel" in cli("doctor").out
    (there / "~$committee-pack.xlsx").unlink()
    assert cli(*arguments).code in (0, 1)
