"""Writes files so that nobody ever sees a half-written one, and says plainly when a file is in the way.

A single file is written beside its place and renamed over it. A run folder is built beside its place and renamed into
it when it is whole. What others laid there is kept: see keeping.py. A target that another program holds open is tried
again for a short while.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from hnforecast.writing.keeping import (
    Existing,
    carry_over,
    check_target,
    dated,
    describe,
    in_the_way,
    is_run,
    set_aside,
)
from hnforecast.writing.partials import (
    ASIDE,
    PARTIAL,
    REPLACED,
    building,
    leftovers,
    partial_of,
    replaced_of,
    target_of,
)
from hnforecast.writing.refusals import HELD
from hnforecast.writing.refusals import output_error as output_error  # noqa: PLC0414  its many callers find it here

Result = TypeVar("Result")

RETRY_SECONDS = 2.5  # a virus scanner or a sync client lets go within this; a person does not
STEPS = ("assumptions", "tables", "workbook", "charts")  # of writing a run, in order


def write_file(path: Path, content: bytes) -> None:
    """Write a new file and push it to the disk; for files inside a folder nobody sees yet.

    Raises:
        OutputError: the disk is full, or the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise output_error(error, path) from error


def atomic_write(path: Path, content: bytes, *, patience: float = RETRY_SECONDS) -> None:
    """Write a file that is either the old one or the new one, whatever happens on the way.

    The temporary file is in the same folder, because a rename across disks is not atomic.

    Raises:
        OutputError: the folder cannot be written to, the disk is full, or another program holds the file.
    """
    temporary: Path | None = None
    try:
        temporary = staged = _stage(path, content)
        retry_while_held(lambda: os.replace(staged, path), patience)
        _flush_folder(path.parent)
    except OSError as error:
        raise output_error(error, path) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def place_files(folder: Path, contents: Mapping[str, bytes], *, existing: Existing) -> list[Path]:
    """Write files into a folder that others write into too: all of them, or none where one is in the way.

    A file that is there already with the same content is left as it is. All are written beside their places before the
    first is renamed, so that a full disk leaves the old ones.

    Args:
        folder: made where it is missing.
        contents: name -> content.
        existing: whether a file in the way is refused, or set aside under a dated name, or the program's own ("renew").

    Returns:
        What was set aside, under its dated name.

    Raises:
        UsageError: a file is in the way; every one together.
        OutputError: the folder cannot be made, or a file not be written; it says which.
    """
    place, staged, kept = folder, dict[Path, Path](), list[Path]()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        changed = {folder / name: raw for name, raw in contents.items() if not _holds(folder / name, raw)}
        there = [path for path in changed if os.path.lexists(path)]
        if there and existing == "refuse":
            raise in_the_way(*there)
        for place in there:
            _check_free(place)  # a file held open is found before any of its neighbours is replaced
        for place, content in changed.items():
            staged[place] = _stage(place, content)
        for place, temporary in staged.items():
            if place not in there:
                _put_new(temporary, place)
                continue
            second = set_aside(place) if existing == "aside" else None
            try:
                retry_while_held(lambda source=temporary, goal=place: os.replace(source, goal))  # type: ignore[misc]
            except OSError:
                if second is not None:
                    second.unlink(missing_ok=True)  # the name just given to what is still in its place
                raise
            kept += [second] if second is not None else []
        _flush_folder(folder)
    except FileExistsError as error:
        raise in_the_way(place) from error
    except OSError as error:
        raise output_error(error, place) from error
    finally:
        for temporary in staged.values():
            temporary.unlink(missing_ok=True)
    return kept


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and not path.is_symlink() and path.read_bytes() == content


def _check_free(path: Path) -> None:
    """Refuse a file that cannot be replaced: another program holds it, or a folder is in its place."""
    if not path.is_symlink():
        retry_while_held(lambda: path.open("r+b").close())


def _stage(path: Path, content: bytes) -> Path:
    """A file's content on the disk, in a temporary file beside its place."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "r+b") as file:  # Windows needs a handle that may write before it will flush
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)  # a temporary file is its writer's alone; colleagues on a shared drive read this one
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def _put_new(temporary: Path, path: Path) -> None:
    """Give a file its name, if nothing has it by now.

    Raises:
        OSError: something has.
    """
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):  # a disk without links
        if os.path.lexists(path):
            raise FileExistsError(path) from None
        retry_while_held(lambda: os.replace(temporary, path))


def retry_while_held(action: Callable[[], Result], patience: float = RETRY_SECONDS) -> Result:
    """Do something that another program may be blocking, again and again until the patience runs out.

    Raises:
        OSError: the last failure, once the time is up; any other failure at once.
    """
    deadline = time.monotonic() + patience
    pause = 0.05
    while True:
        try:
            return action()
        except OSError as error:
            if error.errno not in HELD or time.monotonic() + pause > deadline:
                raise
        time.sleep(pause)
        pause = min(2 * pause, 0.5)


class RunFolder:
    """Builds a run folder beside its place; leaving the `with` block by an exception leaves nothing behind.

    Args:
        target: where the folder will be.
        existing: what becomes of an earlier run there: see `keeping.refuse_existing`. Its own unaltered files go, and
            everything else of it is carried into the new folder; anything but a run is refused, or set aside.

    Raises:
        UsageError: the target holds something that is not a run, or that is kept.
        OutputError: the folder cannot be made or put in place.
    """

    def __init__(self, target: Path, *, existing: Existing = "renew", patience: float = RETRY_SECONDS) -> None:
        self.target, self.existing = target, existing
        self.partial = partial_of(target)
        self.outputs: list[dict[str, Any]] = []
        self._patience = patience
        self._busy = building(target)

    def __enter__(self) -> Self:
        check_target(self.target, self.existing)
        self._busy.__enter__()
        try:
            begin_folder(self.target)
        except OSError as error:
            self._busy.__exit__(None, None, None)
            raise output_error(error, self.target) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is not None:
                remove_folder(self.partial)
        finally:
            self._busy.__exit__(None, None, None)

    def write(self, name: str, content: bytes) -> None:
        """Write one file of the run; `name` is relative, with forward slashes."""
        write_file(self.partial / name, content)
        self.outputs.append({"path": name, **describe(content)})

    def keep(self) -> list[str]:
        """Carry what others laid into the earlier run into this one; called when all but the manifest is written.

        Returns:
            The names of what was kept.

        Raises:
            OutputError: it cannot be kept; the earlier run is as it was.
        """
        if not is_run(self.target):
            return []
        try:
            return carry_over(self.target, self.partial)
        except OSError as error:
            raise output_error(error, self.target) from error

    def publish(self) -> Path | None:
        """Put the finished folder in its place; until the rename the earlier run stays where it was.

        Returns:
            Where the earlier folder stays, under a dated name, if it was to be set aside.
        """
        self.keep()
        try:
            return put_in_place(self.target, self._patience, aside=self.existing == "aside")
        except OSError as error:
            raise output_error(error, self.target) from error


def begin_folder(target: Path) -> Path:
    """Bring back what an interrupted program moved aside, and make the empty folder that the new one is built in.

    Raises:
        OSError: it cannot be made.
    """
    partial = partial_of(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    remove_folder(partial)
    recover(target)
    for stale in leftovers(target.parent, PARTIAL, target):
        remove_folder(stale)
    partial.mkdir()
    return partial


def put_in_place(target: Path, patience: float = RETRY_SECONDS, *, aside: bool = False) -> Path | None:
    """Rename the finished folder into its place; the earlier one stays there until then.

    Args:
        target: the place.
        patience: seconds to wait for a program that holds a file of it.
        aside: whether the earlier folder stays, whole, under a dated name.

    Returns:
        Where the earlier folder stays; None where it was the program's own and is gone.

    Raises:
        OSError: a rename failed; the earlier folder is in its place.
    """
    partial = partial_of(target)
    for folder in (*(found for found in partial.rglob("*") if found.is_dir()), partial):
        _flush_folder(folder)
    earlier = target.is_dir()
    aside = aside and earlier and any(target.iterdir())
    replaced = replaced_of(target, stays=aside)
    if earlier:
        retry_while_held(lambda: os.replace(target, replaced), patience)
    try:
        retry_while_held(lambda: os.replace(partial, target), patience)
    except OSError:
        if earlier and not os.path.lexists(target):
            os.replace(replaced, target)
        raise
    _flush_folder(target.parent)
    return _settle(replaced, target) if earlier else None


def _settle(replaced: Path, target: Path) -> Path | None:
    """Give an earlier folder that stays its dated name; remove one that goes, once all that is others' is kept.

    What cannot be done now is done at the next run.
    """
    if replaced.suffix == ASIDE:
        place = dated(target)
        try:
            os.replace(replaced, place)
        except OSError:
            return replaced
        return place
    try:
        carry_over(replaced, target)
        done = partial_of(target)
        os.replace(replaced, done)  # from here on nothing in it is wanted: a kill half-way leaves what is cleaned
    except OSError:
        return None
    remove_folder(done)
    return None


def remove_folder(folder: Path) -> None:
    """Remove a folder with whatever is in it, files made read-only too; what cannot go stays for the next time."""

    def writable(action: Callable[..., object], name: str, _: object) -> None:
        try:
            Path(name).chmod(stat.S_IRWXU)  # Windows removes no read-only file
            action(name)
        except OSError:
            return

    shutil.rmtree(folder, onerror=writable)


def recover(target: Path) -> None:
    """Bring back an earlier folder that was moved aside when the program was stopped between two renames."""
    found = [*leftovers(target.parent, REPLACED, target), *leftovers(target.parent, ASIDE, target)]
    for replaced in sorted(found, key=lambda folder: -folder.stat().st_mtime):
        if os.path.lexists(target):
            _settle(replaced, target)
        else:
            os.replace(replaced, target)


def stale_folders(parent: Path) -> list[Path]:
    """Half-built run folders that a killed program left behind."""
    return leftovers(parent, PARTIAL)


def clean_stale(parent: Path) -> None:
    """Remove what killed programs half built, and bring back what they moved aside; only while the lock is held."""
    for folder in stale_folders(parent):
        remove_folder(folder)
    for folder in [*leftovers(parent, REPLACED), *leftovers(parent, ASIDE)]:
        target = target_of(folder)
        if target is not None:
            recover(target)


def _flush_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows keeps no handle on a folder
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
