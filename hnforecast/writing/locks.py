"""One program at a time in a project's outputs: a lock that says who holds it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from hnforecast.base.errors import OutputError, Place, Problem

LOCK = ".hnforecast.lock"
WAIT_SECONDS = 10.0


@contextmanager
def project_lock(
    folder: Path, command: str, *, wait: float = WAIT_SECONDS, on_wait: Callable[[str], None] | None = None
) -> Iterator[None]:
    """Hold the lock of a project while writing.

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
        holder.unlink(missing_ok=True)
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
    """Say who holds the lock; a help to others, so that failing to say it stops nothing."""
    started = datetime.now().astimezone().strftime("%H:%M on %d %B")
    try:
        text = json.dumps({"process": os.getpid(), "started": started, "command": command})
        holder.write_text(text, encoding="utf-8")
    except OSError:
        return


def _describe(holder: Path) -> str:
    try:
        said = json.loads(holder.read_text(encoding="utf-8"))
        return f"process {int(said['process'])}, started at {said['started']}: {said['command']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "it has not said who it is"
