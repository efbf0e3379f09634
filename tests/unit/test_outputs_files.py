"""Writing: the old file or the new one, a whole run folder or none, and plain words when something is in the way."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hnforecast.base.errors import OutputError, UsageError
from hnforecast.writing import files
from hnforecast.writing.files import RunFolder, atomic_write, clean_stale
from hnforecast.writing.keeping import MANIFEST, check_target, sign
from hnforecast.writing.locks import lock_holder, project_lock, target_lock
from hnforecast.writing.partials import partial_of, replaced_of


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_atomic_write_replaces_and_leaves_nothing_beside(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    atomic_write(path, b"old")
    atomic_write(path, b"new")
    assert path.read_bytes() == b"new"
    assert names(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("call", ["mkstemp", "fsync", "replace"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EIO])
def test_whichever_call_fails_the_old_file_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    path = tmp_path / "a.txt"
    atomic_write(path, b"old")

    def fail(*_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(files.tempfile if call == "mkstemp" else files.os, call, fail)
    with pytest.raises(OutputError) as caught:
        atomic_write(path, b"new", patience=0)
    assert caught.value.exit_code == 4
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a.txt"]


def test_a_full_disk_is_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files.os, "fsync", failing(errno.ENOSPC))
    with pytest.raises(OutputError) as caught:
        atomic_write(tmp_path / "a.xlsx", b"x")
    assert str(caught.value) == (
        f"{tmp_path / 'a.xlsx'}: The disk is full [HN801]\n  Free some space, or write elsewhere with --out."
    )


def failing(number: int, times: int = 1_000) -> Callable[..., None]:
    left = [times]

    def fail(*arguments: Any) -> None:
        if left[0] > 0:
            left[0] -= 1
            raise OSError(number, os.strerror(number))
        os_replace(*arguments)

    return fail


os_replace = os.replace


def test_a_file_open_in_excel_names_who_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "~$pack.xlsx").write_bytes(b"\x09Jo Bloggs".ljust(165, b" "))
    monkeypatch.setattr(files.os, "replace", failing(errno.EACCES))
    with pytest.raises(OutputError, match=r"The file is open in Excel by Jo Bloggs \[HN801\]\n  Close pack.xlsx"):
        atomic_write(tmp_path / "pack.xlsx", b"x", patience=0)


def test_a_file_let_go_in_time_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files.os, "replace", failing(errno.EACCES, times=2))
    atomic_write(tmp_path / "a.txt", b"new", patience=5)
    assert (tmp_path / "a.txt").read_bytes() == b"new"


def test_a_run_folder_appears_whole(tmp_path: Path) -> None:
    target = tmp_path / "run"
    with RunFolder(target) as folder:
        folder.write("tables/a.csv", b"1")
        assert names(tmp_path) == [partial_of(target).name]
        folder.write(MANIFEST, b"{}")
        folder.publish()
    assert names(tmp_path) == ["run"]
    assert (target / "tables" / "a.csv").read_bytes() == b"1"


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_what_stops_a_run_leaves_no_folder(tmp_path: Path, error: type[BaseException]) -> None:
    def stopped() -> None:
        with RunFolder(tmp_path / "run") as folder:
            folder.write("a.csv", b"1")
            raise error

    with pytest.raises(error):
        stopped()
    assert names(tmp_path) == []


def test_an_earlier_run_is_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "run"
    for content in (b"one", b"two"):
        with RunFolder(target) as folder:
            folder.write("a.csv", content)
            folder.write("only-" + content.decode(), content)
            folder.write(MANIFEST, sign({"schema": "hnforecast/test/1", "outputs": folder.outputs}, 2))
            folder.publish()
    assert names(target) == ["a.csv", "only-two", MANIFEST]
    assert names(tmp_path) == ["run"]


def write_run(target: Path, content: bytes) -> None:
    with RunFolder(target, patience=0) as folder:
        folder.write("a.csv", content)
        folder.write(MANIFEST, sign({"schema": "hnforecast/test/1", "outputs": folder.outputs}, 2))
        folder.publish()


@pytest.mark.parametrize("k", range(1, 4))
def test_whichever_rename_fails_an_earlier_run_is_still_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, k: int
) -> None:
    target = tmp_path / "run"
    write_run(target, b"old")
    calls = [0]

    def kth(source: Any, destination: Any) -> None:
        calls[0] += 1
        if calls[0] == k:
            raise OSError(errno.EACCES, "held")
        os_replace(source, destination)

    monkeypatch.setattr(files.os, "replace", kth)
    if k < 3:
        with pytest.raises(OutputError):
            write_run(target, b"new")
        assert (target / "a.csv").read_bytes() == b"old"
    assert names(tmp_path) == ["run"]


def test_a_run_killed_between_two_renames_is_brought_back(tmp_path: Path) -> None:
    kept = replaced_of(tmp_path / "run")
    kept.mkdir()
    (kept / MANIFEST).write_text("{}")
    half = partial_of(tmp_path / "run")
    half.mkdir()
    clean_stale(tmp_path)
    assert names(tmp_path) == ["run"]


def test_a_kill_at_any_moment_leaves_the_old_run_or_the_new(tmp_path: Path) -> None:
    """Ten kills at chosen moments; whatever remains is a whole run once the leftovers are cleaned."""
    script = (
        "import sys, pathlib\n"
        "from hnforecast.writing.files import RunFolder\n"
        "from hnforecast.writing.keeping import MANIFEST, sign\n"
        "target = pathlib.Path(sys.argv[1])\n"
        "print('ready', flush=True)\n"
        "for n in range(10_000):\n"
        "    with RunFolder(target) as folder:\n"
        "        for name in ('a', 'b', 'c'):\n"
        "            folder.write(name, str(n).encode())\n"
        "        folder.write(MANIFEST, sign({'schema': 'hnforecast/test/1', 'n': n, 'outputs': folder.outputs}, 2))\n"
        "        folder.publish()\n"
    )
    target = tmp_path / "run"
    with RunFolder(target) as folder:
        for name in ("a", "b", "c"):
            folder.write(name, b"first")
        folder.write(MANIFEST, sign({"schema": "hnforecast/test/1", "n": "first", "outputs": folder.outputs}, 2))
        folder.publish()
    for moment in range(10):
        process = subprocess.Popen([sys.executable, "-c", script, str(target)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.02 + 0.013 * moment)
        process.kill()
        process.communicate()
        clean_stale(tmp_path)
        assert names(tmp_path) == ["run"]
        assert names(target) == sorted(["a", "b", "c", MANIFEST])
        number = str(json.loads((target / MANIFEST).read_bytes())["n"])
        assert {(target / name).read_text() for name in ("a", "b", "c")} == {number}


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_what_is_not_a_run_is_left_alone(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "precious"
    if kind == "file":
        target.write_text("mine")
    elif kind == "folder":
        target.mkdir()
        (target / "thesis.docx").write_text("mine")
    else:
        target.symlink_to(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="holds something that is not an earlier run, so it is left alone"):
        check_target(target)
    assert target.is_symlink() or target.exists()


def test_an_empty_folder_may_become_a_run(tmp_path: Path) -> None:
    target = tmp_path / "run"
    target.mkdir()
    with RunFolder(target) as folder:
        folder.write(MANIFEST, b"{}")
        folder.publish()
    assert names(target) == [MANIFEST]


def test_a_path_too_long_for_excel_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="too long for Excel on Windows"):
        check_target(tmp_path / ("x" * 200))


def test_the_lock_says_who_holds_it(tmp_path: Path) -> None:
    waited: list[str] = []
    with project_lock(tmp_path, "hnforecast run mitigated"):
        assert f"process {os.getpid()}" in lock_holder(tmp_path)
        with (
            pytest.raises(OutputError) as caught,
            project_lock(tmp_path, "another", wait=0.1, on_wait=waited.append),
        ):
            pass
    assert f"Another program is writing to this project: process {os.getpid()}, started at" in str(caught.value)
    assert "hnforecast run mitigated" in waited[0]
    assert caught.value.exit_code == 4
    assert lock_holder(tmp_path) == ""


def test_the_lock_is_waited_for(tmp_path: Path) -> None:
    entered = threading.Event()

    def hold() -> None:
        with project_lock(tmp_path, "first"):
            entered.set()
            time.sleep(0.3)

    thread = threading.Thread(target=hold)
    thread.start()
    entered.wait()
    with project_lock(tmp_path, "second", wait=10):
        pass
    thread.join()


def test_the_lock_lies_beside_the_target_whoever_writes_it(tmp_path: Path) -> None:
    target = tmp_path / "not-there-yet" / "run"
    (tmp_path / "way").symlink_to(tmp_path)
    with (
        target_lock(target, "first"),
        pytest.raises(OutputError, match="Another program is writing"),
        target_lock(tmp_path / "way" / "not-there-yet" / "run", "second", wait=0.1),
    ):
        pass
    assert lock_holder(target.parent) == ""
