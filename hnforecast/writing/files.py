"""Writes files so that nobody ever sees a half-written one, and says plainly when a file is in the way.

A single file is written beside its place and renamed over it. A run folder is built in `.NAME.partial/` and renamed
into place when it is whole. A target that another program holds open is tried again for a short while.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from hnforecast.base.errors import Place, Problem, UsageError
from hnforecast.writing.refusals import HELD
from hnforecast.writing.refusals import output_error as output_error  # noqa: PLC0414  its many callers find it here

Result = TypeVar("Result")

RETRY_SECONDS = 2.5  # a virus scanner or a sync client lets go within this; a person does not
LONGEST_PATH = 218  # what Excel opens on Windows
MANIFEST = "run.json"
STEPS = ("assumptions", "tables", "workbook", "charts")  # of writing a run, in order
PARTIAL, REPLACED = ".partial", ".replaced"


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
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
        temporary = Path(name)
        with os.fdopen(descriptor, "r+b") as file:  # Windows needs a handle that may write before it will flush
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)  # a temporary file is its writer's alone; colleagues on a shared drive read this one
        retry_while_held(lambda: os.replace(name, path), patience)
        _flush_folder(path.parent)
    except OSError as error:
        raise output_error(error, path) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


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
        target: where the folder will be. An earlier run there is replaced; anything else is refused.

    Raises:
        UsageError: the target holds something that is not a run.
        OutputError: the folder cannot be made or put in place.
    """

    def __init__(self, target: Path, *, patience: float = RETRY_SECONDS) -> None:
        self.target = target
        self.partial = partial_of(target)
        self._patience = patience

    def __enter__(self) -> Self:
        check_target(self.target)
        try:
            begin_folder(self.target)
        except OSError as error:
            raise output_error(error, self.target) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            remove_folder(self.partial)

    def write(self, name: str, content: bytes) -> None:
        """Write one file of the run; `name` is relative, with forward slashes."""
        write_file(self.partial / name, content)

    def publish(self) -> None:
        """Put the finished folder in its place. Until the rename the earlier run stays where it was."""
        try:
            put_in_place(self.target, self._patience)
        except OSError as error:
            raise output_error(error, self.target) from error


def partial_of(target: Path) -> Path:
    """Where a folder is built before it is renamed into its place."""
    return target.with_name(f".{target.name}{PARTIAL}")


def _replaced_of(target: Path) -> Path:
    return target.with_name(f".{target.name}{REPLACED}")


def begin_folder(target: Path) -> Path:
    """Bring back what an interrupted program moved aside, and make the empty folder that the new one is built in.

    Raises:
        OSError: it cannot be made.
    """
    partial = partial_of(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    recover(target)
    remove_folder(partial)
    partial.mkdir()
    return partial


def put_in_place(target: Path, patience: float = RETRY_SECONDS) -> None:
    """Rename the finished folder into its place; the earlier one stays there until then.

    Raises:
        OSError: a rename failed; the earlier folder is in its place.
    """
    partial, replaced = partial_of(target), _replaced_of(target)
    for folder in (*(found for found in partial.rglob("*") if found.is_dir()), partial):
        _flush_folder(folder)
    if target.is_dir():
        remove_folder(replaced)
        retry_while_held(lambda: os.replace(target, replaced), patience)
    try:
        retry_while_held(lambda: os.replace(partial, target), patience)
    except OSError:
        recover(target)
        raise
    _flush_folder(target.parent)
    remove_folder(replaced)


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
    """Bring back an earlier run that was moved aside when the program was stopped between two renames."""
    replaced = _replaced_of(target)
    if not replaced.is_dir():
        return
    if target.exists():
        remove_folder(replaced)
    else:
        os.replace(replaced, target)


def is_run(folder: Path) -> bool:
    """Whether a folder is an earlier run: it holds the manifest that is written last."""
    return (folder / MANIFEST).is_file()


def check_target(target: Path) -> None:
    """Refuse a place that holds anything but an earlier run, or a path Excel on Windows cannot open.

    Raises:
        UsageError: with what to do instead.
    """
    longest = len(str(target.resolve())) + len("/charts/plans-by-placement.png")
    if longest > LONGEST_PATH:
        raise UsageError(
            Problem(
                "HN802",
                "The path of the run folder is too long for Excel on Windows",
                Place(file=str(target)),
                found=f"{longest} characters with the longest file name in it",
                expected=f"at most {LONGEST_PATH}",
                do="Choose a shorter folder with --out.",
            )
        )
    if target.is_dir() and (is_run(target) or not any(target.iterdir())):
        return
    if target.exists() or target.is_symlink():
        raise UsageError(
            Problem(
                "HN803",
                "The output folder holds something that is not an earlier run, so it is left alone",
                Place(file=str(target)),
                expected=f"a new folder, an empty one, or a run (a folder with {MANIFEST})",
                do="Choose another folder with --out, or move what is there.",
            )
        )


def stale_folders(parent: Path) -> list[Path]:
    """Half-built run folders that a killed program left behind."""
    if not parent.is_dir():
        return []
    return sorted(found for found in parent.glob(f".*{PARTIAL}") if found.is_dir())


def clean_stale(parent: Path) -> None:
    """Remove half-built run folders, and bring back runs moved aside; only while the project's lock is held."""
    for folder in stale_folders(parent):
        remove_folder(folder)
    if parent.is_dir():
        for folder in parent.glob(f".*{REPLACED}"):
            recover(folder.with_name(folder.name[1 : -len(REPLACED)]))


def lock_folder(outputs: Path, target: Path) -> Path:
    """Where the lock of a project lies: its outputs folder, or beside the run where that is not there to write to.

    Raises:
        OutputError: the folder cannot be made.
    """
    folder = outputs if target.parent == outputs or os.access(outputs, os.W_OK) else target.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(error, folder) from error
    return folder


def _flush_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows keeps no handle on a folder
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
