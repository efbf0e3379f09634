"""One program at a time in a folder that is written into: a lock that says who holds it.

The lock lies beside the target, in its resolved parent folder, so that every program that writes to a target takes the
same lock: whichever project it works for, and whether outputs/ was there before or not.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path

from hnforecast.base.errors import OutputError, Place, Problem
from hnforecast.writing.refusals import output_error

LOCK = ".hnforecast.lock"
WAIT_SECONDS = 10.0


def target_lock(
    target: Path, command: str, *, wait: float = WAIT_SECONDS, on_wait: Callable[[str], None] | None = None
) -> AbstractContextManager[None]:
    """Hold the lock of a target while writing; its parent folder is made where it is missing.

    Args:
        target: a file or a folder to be written.
        command, wait, on_wait: see `project_lock`.

    Raises:
        OutputError: the folder cannot be made, or another program still holds the lock after the wait.
    """
    folder = target.resolve().parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(error, folder) from error
    return project_lock(folder, command, wait=wait, on_wait=on_wait)


@contextmanager
def project_lock(
    folder: Path, command: str, *, wait: float = WAIT_SECONDS, on_wait: Callable[[str], None] | None = None
) -> Iterator[None]:
    """Hold the lock of a folder while writing into it.

    Args:
        folder: where the lock lies, usually `outputs/` of the project.
        command: what this program is doing, shown to whoever has to wait.
        wait: seconds to wait for another program before giving up.
        on_wait: called once with who holds the lock, where there is somebody to wait for.

    Raises:
        OutputError: another program still holds it after the wait.
    """
    from filelock import FileLock, Timeout

    path = folder / LOCK
    holder = path.with_suffix(".json")
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if on_wait is not None:
            on_wait(_describe(holder))
        try:
            lock.acquire(timeout=wait)
        except Timeout as error:
            raise OutputError(
                Problem(
                    "HN804",
                    f"Another program is writing to this project: {_describe(holder)}",
                    Place(file=str(folder)),
                    do="Wait until it has finished, or close it, and run again.",
                )
            ) from error
    try:
        _sign(holder, command)
        yield
    finally:
        if _is_ours(holder):
            holder.unlink(missing_ok=True)
        _clear(path)
        lock.release()


def lock_holder(folder: Path) -> str:
    """Who holds the lock now, in words; empty where nobody does."""
    from filelock import FileLock, Timeout

    path = folder / LOCK
    if not path.exists():
        return ""
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return _describe(path.with_suffix(".json"))
    lock.release()
    return ""


def _sign(holder: Path, command: str) -> None:
    """Say who holds the lock; a help to others, so that failing to say it stops nothing.

    A file or a link of that name that is somebody else's is left alone.
    """
    started = datetime.now().astimezone().strftime("%H:%M on %d %B")
    try:
        if _is_ours(holder):  # of a program that was killed
            holder.unlink()
        with holder.open("x", encoding="utf-8") as file:
            json.dump({"process": os.getpid(), "started": started, "command": command}, file)
    except OSError:
        return


def _clear(path: Path) -> None:
    """Leave no lock file beside an officer's papers. While the lock is held this is safe: whoever waits starts over."""
    try:
        found = path.lstat()
        if os.name != "nt" and found.st_size == 0 and found.st_nlink == 1:  # Windows: filelock does it
            path.unlink()
    except OSError:
        return


def _is_ours(holder: Path) -> bool:
    try:
        said = json.loads(holder.read_text(encoding="utf-8")) if not holder.is_symlink() else None
    except (OSError, ValueError):
        return False
    return isinstance(said, dict) and set(said) == {"process", "started", "command"}


def _describe(holder: Path) -> str:
    try:
        said = json.loads(holder.read_text(encoding="utf-8"))
        return f"process {int(said['process'])}, started at {said['started']}: {said['command']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "it has not said who it is"
