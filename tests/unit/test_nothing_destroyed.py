"""What others laid where a command writes is still there afterwards: in the new folder, beside it, or untouched."""

from __future__ import annotations

import errno
import json
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from hnforecast.base.errors import OutputError, UsageError
from hnforecast.writing import files, keeping
from hnforecast.writing.files import RunFolder, clean_stale, place_files, stale_folders
from hnforecast.writing.keeping import MANIFEST, Record, carry_over, own_files, sign
from hnforecast.writing.locks import project_lock, target_lock
from hnforecast.writing.partials import building, is_live, partial_of, replaced_of

DATED = r"\.\d{4}-\d\d-\d\dT\d{4}(-\d+)?"
Tree = dict[str, bytes]


def tree(folder: Path) -> Tree:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def write(target: Path, content: bytes = b"1", existing: keeping.Existing = "renew") -> Path | None:
    with RunFolder(target, existing=existing, patience=0) as folder:
        folder.write("tables/a.csv", content)
        folder.write("pack.xlsx", content)
        kept = folder.keep()
        folder.write(MANIFEST, sign({"schema": "hnforecast/test/1", "outputs": folder.outputs, "kept": kept}, 2))
        return folder.publish()


def dead() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def of_process(path: Path, process: int) -> Path:
    return path.with_name(path.name.replace(f"-{os.getpid()}.", f"-{process}."))


# a folder of a run


def test_own_files_go_and_nothing_is_left_beside(tmp_path: Path) -> None:
    for content in (b"1", b"2", b"3"):
        write(tmp_path / "run", content)
    assert names(tmp_path) == ["run"]
    assert names(tmp_path / "run") == ["pack.xlsx", MANIFEST, "tables"]
    assert (tmp_path / "run" / "tables" / "a.csv").read_bytes() == b"3"


def test_notes_survive_the_next_run_unchanged(tmp_path: Path) -> None:
    target = tmp_path / "run"
    write(target)
    notes = {
        "notes.txt": b"mine",
        "tables/b.csv": b"mine too",
        "papers/board/minutes.docx": b"\0\1",
        "~$pack.xlsx": b"",
    }
    for name, content in notes.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(content)
    (target / "empty").mkdir()
    (target / "link").symlink_to("notes.txt")
    (target / "away").symlink_to(tmp_path)
    os.utime(target / "notes.txt", (1_000_000_000, 1_000_000_000))
    for content in (b"2", b"3"):
        write(target, content)
        held = tree(target)
        assert {name: held[name] for name in notes} == notes
        assert (target / "empty").is_dir()
        assert (target / "link").readlink() == Path("notes.txt")
        assert (target / "away").readlink() == tmp_path
        assert held["tables/a.csv"] == content
        assert (target / "notes.txt").stat().st_mtime == 1_000_000_000
    assert set(json.loads((target / MANIFEST).read_bytes())["kept"]) >= set(notes)
    assert names(tmp_path) == ["run"]


@pytest.mark.parametrize("name", ["pack.xlsx", "tables/a.csv", MANIFEST])
def test_an_edited_file_is_kept_under_a_dated_name_once(tmp_path: Path, name: str) -> None:
    target = tmp_path / "run"
    write(target)
    edited = (target / name).read_bytes().replace(b"1", b"7")
    (target / name).write_bytes(edited)
    for content in (b"2", b"3", b"4"):
        write(target, content)
    place = target / name
    dated = [path for path in place.parent.iterdir() if re.fullmatch(place.stem + DATED + place.suffix, path.name)]
    assert [path.read_bytes() for path in dated] == [edited]
    assert place.read_bytes() != edited


def test_a_note_of_the_name_of_a_new_file_or_folder_is_kept(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old / "pack.xlsx", old / "notes", new / "tables", new / "report.md"):
        folder.mkdir(parents=True)
    (old / "tables").write_text("a file where a folder is")
    (old / "pack.xlsx" / "inside.txt").write_text("a file below what is now a file")
    (new / "pack.xlsx").write_text("new")
    kept = carry_over(old, new)
    assert carry_over(old, new) == kept, "and nothing twice"
    texts = sorted((new / name).read_text() for name in kept)
    assert texts == ["a file below what is now a file", "a file where a folder is"]
    assert (new / "pack.xlsx").read_text() == "new"


def test_what_comes_in_while_a_run_is_written_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target, real = tmp_path / "run", os.replace
    write(target)

    def late(source: Any, place: Any) -> None:
        if Path(source) == target:
            (target / "late.txt").write_text("just in time")
        real(source, place)

    monkeypatch.setattr(files.os, "replace", late)
    write(target, b"2")
    assert (target / "late.txt").read_text() == "just in time"


def test_notes_that_cannot_be_kept_stop_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "run"
    write(target)
    (target / "notes.txt").write_text("mine")
    before = tree(target)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(keeping.shutil, "copyfileobj", full)
    with pytest.raises(OutputError, match="The disk is full"):
        write(target, b"2")
    assert tree(target) == before
    assert names(tmp_path) == ["run"]


def test_a_run_at_out_is_kept_unless_replace_is_said(tmp_path: Path) -> None:
    target = tmp_path / "run"
    write(target, existing="refuse")
    (target / "notes.txt").write_text("mine")
    before = tree(target)
    with pytest.raises(UsageError, match=r"Something is there already, so it is kept \[HN805\]"):
        write(target, b"2", existing="refuse")
    assert tree(target) == before
    for content in (b"2", b"3"):
        aside = write(target, content, existing="aside")
        assert aside is not None
        assert re.fullmatch("run" + DATED, aside.name)
        assert tree(aside)["notes.txt"] == b"mine"
        assert tree(target)["notes.txt"] == b"mine"
        assert tree(target)["pack.xlsx"] == content
    assert len(names(tmp_path)) == 3
    assert before in [tree(folder) for folder in tmp_path.iterdir()]


def test_any_folder_may_be_set_aside_but_not_the_one_worked_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "thesis.docx").write_text("mine")
    aside = write(tmp_path / "thesis", existing="aside")
    assert aside is not None
    assert names(aside) == ["thesis.docx"]
    assert "thesis.docx" not in names(tmp_path / "thesis"), "it was no run: nothing of it belongs into one"
    council = tmp_path / "council"
    (council / "assumptions").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "thesis" / "tables")
    for folder in (council, tmp_path / "thesis", tmp_path):
        with pytest.raises(UsageError, match="does not set aside"):
            write(folder, existing="aside")


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"schema": 1}', b'{"schema": "hnforecast/x", "outputs": 3}'])
def test_a_manifest_that_cannot_be_read_makes_nothing_the_programs_own(tmp_path: Path, content: bytes) -> None:
    write(tmp_path / "run")
    (tmp_path / "run" / MANIFEST).write_bytes(content)
    assert set(own_files(tmp_path / "run")) <= {MANIFEST}
    write(tmp_path / "run", b"2")
    assert b"1" in tree(tmp_path / "run").values()


# single files


def test_a_file_in_the_way_is_refused_with_all_others(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("mine")
    (tmp_path / "b.csv").write_text("mine")
    with pytest.raises(UsageError) as caught:
        place_files(tmp_path, {"a.md": b"1", "b.csv": b"2", "c.png": b"3"}, existing="refuse")
    assert [Path(problem.place.file).name for problem in caught.value.problems] == ["a.md", "b.csv"]
    assert set(tree(tmp_path).values()) == {b"mine"}
    place_files(tmp_path, {"a.md": b"mine", "c.png": b"3"}, existing="refuse")  # the same again is in nobody's way
    assert names(tmp_path) == ["a.md", "b.csv", "c.png"]


def test_with_replace_the_old_ones_stay_under_dated_names(tmp_path: Path) -> None:
    path = tmp_path / "report.docx"
    for content in (b"1", b"2", b"3", b"4"):
        place_files(tmp_path, {path.name: content}, existing="aside")
    assert path.read_bytes() == b"4"
    assert sorted(tree(tmp_path).values()) == [b"1", b"2", b"3", b"4"]
    assert all(re.fullmatch(f"report({DATED})?.docx", name) for name in names(tmp_path))


@pytest.mark.parametrize("call", ["mkstemp", "fsync", "replace"])
def test_whatever_fails_the_old_file_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    (tmp_path / "report.docx").write_text("mine")

    def fail(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(files.tempfile if call == "mkstemp" else files.os, call, fail)
    with pytest.raises(OutputError):
        place_files(tmp_path, {"report.docx": b"1"}, existing="aside")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"report.docx": "mine"}


def test_a_disk_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", fail)
    for content in (b"1", b"2"):
        place_files(tmp_path, {"a.html": content}, existing="aside")
    assert (tmp_path / "a.html").read_bytes() == b"2"
    assert sorted(tree(tmp_path).values()) == [b"1", b"2"]


def test_a_link_at_out_is_set_aside_and_its_target_untouched(tmp_path: Path) -> None:
    (tmp_path / "far").write_text("mine")
    (tmp_path / "page.html").symlink_to("far")
    place_files(tmp_path, {"page.html": b"1"}, existing="aside")
    assert (tmp_path / "far").read_text() == "mine"
    assert not (tmp_path / "page.html").is_symlink()
    assert sum(path.is_symlink() for path in tmp_path.iterdir()) == 1


def test_the_record_knows_what_the_program_wrote(tmp_path: Path) -> None:
    record, path = Record(tmp_path), tmp_path / "outputs" / "share.html"
    place_files(path.parent, {path.name: b"1"}, existing="renew")
    assert not record.holds(path)
    record.path.write_bytes(record.with_file(path, b"1"))
    assert record.holds(path)
    path.write_bytes(b"2")
    assert not record.holds(path)
    record.path.write_text("[]")
    assert not record.holds(path)


# processes


def test_the_partial_of_a_living_process_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "run"
    other = of_process(partial_of(target), os.getppid())
    elsewhere = partial_of(target).with_name(f".run.{'0' * 6}-{dead()}.partial")
    officers = [tmp_path / ".mine.partial", tmp_path / ".notes.replaced", tmp_path / ".x.1-2.partial"]
    for folder in (other, elsewhere, *officers):
        folder.mkdir()
        (folder / "a").write_text("mine")
    write(target)
    clean_stale(tmp_path)
    assert {*map(str, (other, elsewhere, *officers))} <= {str(path) for path in tmp_path.iterdir()}
    assert stale_folders(tmp_path) == []


def test_what_a_dead_process_left_is_cleaned(tmp_path: Path) -> None:
    target = tmp_path / "run"
    left = of_process(partial_of(target), dead())
    left.mkdir()
    assert stale_folders(tmp_path) == [left]
    write(target)
    assert names(tmp_path) == ["run"]


@pytest.mark.parametrize("new", [False, True])
@pytest.mark.parametrize("stays", [False, True])
def test_a_kill_between_renames_loses_nothing(tmp_path: Path, new: bool, stays: bool) -> None:
    target = tmp_path / "run"
    write(target)
    (target / "notes.txt").write_text("mine")
    moved = of_process(replaced_of(target, stays=stays), dead())
    target.rename(moved)
    if new:
        write_elsewhere = tmp_path / "elsewhere"
        write(write_elsewhere, b"2")
        write_elsewhere.rename(target)
    clean_stale(tmp_path)
    assert not moved.exists()
    held = [tree(folder) for folder in tmp_path.iterdir()]
    assert any(one.get("notes.txt") == b"mine" for one in held)
    assert tree(target)["pack.xlsx"] == (b"2" if new else b"1")
    assert len(held) == (2 if new and stays else 1)


def test_what_this_process_builds_is_not_stale(tmp_path: Path) -> None:
    target = tmp_path / "run"
    partial_of(target).mkdir()
    with building(target):
        assert is_live(partial_of(target))
    assert not is_live(partial_of(target))


RACE = """
import pathlib, sys
from hnforecast.base.errors import HnForecastError
from hnforecast.writing.files import RunFolder, clean_stale, place_files
from hnforecast.writing.keeping import MANIFEST, sign
from hnforecast.writing.locks import target_lock
target, kind, me = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
print("ready", flush=True)
sys.stdin.readline()
try:
    for turn in range(1 if kind == "refuse" else 15):
        with target_lock(target, me, wait=60):
            clean_stale(target.parent)
            if kind == "file":
                place_files(target, {"a.csv": f"{me} {turn}".encode()}, existing="aside")
                continue
            with RunFolder(target, existing=kind) as folder:
                for name in ("a", "b"):
                    folder.write(name, me.encode())
                folder.write(MANIFEST, sign({"schema": "hnforecast/test/1", "me": me, "outputs": folder.outputs}, 2))
                folder.publish()
except HnForecastError as error:
    print(error.problems[0].code)
    sys.exit(error.exit_code)
"""


def race(target: Path, kind: str) -> list[int]:
    both = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, str(target), kind, me],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for me in ("one", "other")
    ]
    for process in both:
        assert process.stdout is not None
        process.stdout.readline()
    for process in both:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in both:
        process.communicate(timeout=120)
    return [process.returncode for process in both]


def test_two_processes_race_for_one_default_folder(tmp_path: Path) -> None:
    target = tmp_path / "outputs" / "run"  # outputs/ is not there yet
    assert race(target, "renew") == [0, 0]
    manifest = json.loads((target / MANIFEST).read_bytes())
    assert {(target / name).read_text() for name in ("a", "b")} == {manifest["me"]}
    assert names(target) == ["a", "b", MANIFEST]
    assert [name for name in names(target.parent) if not name.startswith(".hnforecast")] == ["run"]


def test_two_processes_race_for_one_out(tmp_path: Path) -> None:
    target = tmp_path / "out" / "run"
    assert sorted(race(target, "refuse")) == [0, 2], "one has it, and the other keeps off"


def test_two_processes_replace_one_file(tmp_path: Path) -> None:
    assert race(tmp_path / "out", "file") == [0, 0]
    written = {f"{me} {turn}" for me in ("one", "other") for turn in range(15)}
    assert {path.read_text() for path in (tmp_path / "out").iterdir()} == written, "every one of them is still there"


# the lock


@pytest.mark.parametrize("kind", ["file", "link"])
def test_somebody_elses_file_of_the_name_of_the_holder_is_left_alone(tmp_path: Path, kind: str) -> None:
    holder, far = tmp_path / ".hnforecast.json", tmp_path / "far.json"
    far.write_text('{"mine": 1}')
    if kind == "link":
        holder.symlink_to(far)
    else:
        holder.write_text('{"mine": 1}')
    with project_lock(tmp_path, "run"):
        assert holder.read_text() == '{"mine": 1}'
    assert holder.read_text() == far.read_text() == '{"mine": 1}'


def test_the_lock_of_one_target_does_not_hold_up_another_folder(tmp_path: Path) -> None:
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with target_lock(tmp_path / "one" / "run", "first"):
            entered.set()
            leave.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    entered.wait()
    begun = time.monotonic()
    with target_lock(tmp_path / "other" / "run", "second"):
        assert time.monotonic() - begun < 5
    leave.set()
    thread.join()
