"""Writes files so that nobody ever sees a half-written one, and says plainly when a file is in the way.

A single file is written beside its place and renamed over it. A run folder is built in `.NAME.partial/` and renamed
into place when it is whole. A target that another program holds open is tried again for a short while.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from hnforecast.errors import OutputError, Place, Problem, UsageError

Result = TypeVar("Result")

RETRY_SECONDS = 2.5  # a virus scanner or a sync client lets go within this; a person does not
LONGEST_PATH = 218  # what Excel opens on Windows
MANIFEST = "run.json"
STEPS = ("assumptions", "tables", "workbook", "charts")  # of writing a run, in order
PARTIAL, REPLACED = ".partial", ".replaced"
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
_HELD = {errno.EACCES, errno.EPERM, errno.EBUSY, errno.ETXTBSY}


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
            if error.errno not in _HELD or time.monotonic() + pause > deadline:
                raise
        time.sleep(pause)
        pause = min(2 * pause, 0.5)


def output_error(error: OSError, path: Path) -> OutputError:
    """What went wrong with a file, in words, and what to do about it."""
    if error.errno in _FULL:
        what, do = "The disk is full", "Free some space, or write elsewhere with --out."
    elif error.errno in _HELD:
        what = "The file is open in another program, or you may not write there"
        do = f"Close {path.name} (in Excel, for instance) and run again, or write elsewhere with --out."
        user = excel_user(path)
        if user:
            what = f"The file is open in Excel by {user}"
    elif error.errno == errno.EROFS:
        what, do = "The folder is read-only", "Write elsewhere with --out."
    else:
        what, do = f"Could not be written: {error.strerror or error}", "Write elsewhere with --out."
    return OutputError(Problem("HN801", what, Place(file=str(path)), do=do))


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
        self.partial = target.with_name(f".{target.name}{PARTIAL}")
        self._replaced = target.with_name(f".{target.name}{REPLACED}")
        self._patience = patience

    def __enter__(self) -> Self:
        check_target(self.target)
        try:
            self.target.parent.mkdir(parents=True, exist_ok=True)
            recover(self.target)
            shutil.rmtree(self.partial, ignore_errors=True)
            self.partial.mkdir()
        except OSError as error:
            raise output_error(error, self.target) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            shutil.rmtree(self.partial, ignore_errors=True)

    def write(self, name: str, content: bytes) -> None:
        """Write one file of the run; `name` is relative, with forward slashes."""
        write_file(self.partial / name, content)

    def publish(self) -> None:
        """Put the finished folder in its place. Until the rename the earlier run stays where it was."""
        try:
            _flush_folder(self.partial)
            if self.target.is_dir():
                shutil.rmtree(self._replaced, ignore_errors=True)
                retry_while_held(lambda: os.replace(self.target, self._replaced), self._patience)
            try:
                retry_while_held(lambda: os.replace(self.partial, self.target), self._patience)
            except OSError:
                recover(self.target)
                raise
            _flush_folder(self.target.parent)
        except OSError as error:
            raise output_error(error, self.target) from error
        shutil.rmtree(self._replaced, ignore_errors=True)


def recover(target: Path) -> None:
    """Bring back an earlier run that was moved aside when the program was stopped between two renames."""
    replaced = target.with_name(f".{target.name}{REPLACED}")
    if not replaced.is_dir():
        return
    if target.exists():
        shutil.rmtree(replaced, ignore_errors=True)
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
        shutil.rmtree(folder, ignore_errors=True)
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


def excel_user(path: Path) -> str:
    """The name Excel writes into the lock file it keeps beside an open workbook; empty where there is none."""
    try:
        held = path.with_name(f"~${path.name}").read_bytes()
    except OSError:
        return ""
    return held[1 : 1 + held[0]].decode("latin-1").strip() if held and held[0] < len(held) else ""


def _flush_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows keeps no handle on a folder
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
