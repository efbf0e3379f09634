"""Names what is half-built and what is moved aside by the process that does it, and says whether that process lives.

A folder is built in `.NAME.HOST-PROCESS.partial/`. An earlier one waits in `.NAME.HOST-PROCESS.replaced/` until the new
one is in its place; one that is to stay under a dated name waits in `.NAME.HOST-PROCESS.aside/`. What a living process
builds, here or on another machine of a shared drive, is never touched; what a dead process of this machine left is
brought back or cleaned.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PARTIAL, REPLACED, ASIDE = ".partial", ".replaced", ".aside"
STILL_ACTIVE, QUERY = 259, 0x1000  # what Windows says of a process that runs, and the right needed to ask it
_OURS = re.compile(r"\.(?P<target>.+)\.(?P<host>[0-9a-f]{6})-(?P<process>\d{1,10})(\.partial|\.replaced|\.aside)")
_busy: set[Path] = set()


def partial_of(target: Path) -> Path:
    """Where this process builds a folder before it is renamed into its place."""
    return target.with_name(f".{target.name}.{_me()}{PARTIAL}")


def replaced_of(target: Path, *, stays: bool = False) -> Path:
    """Where an earlier folder waits while the new one takes its place, one that stays or one that goes."""
    return target.with_name(f".{target.name}.{_me()}{ASIDE if stays else REPLACED}")


@contextmanager
def building(target: Path) -> Iterator[None]:
    """Say that this process is at work on a target: what it has there is not stale."""
    mine = {path.absolute() for path in (partial_of(target), replaced_of(target), replaced_of(target, stays=True))}
    _busy.update(mine)
    try:
        yield
    finally:
        _busy.difference_update(mine)


def leftovers(parent: Path, kind: str, target: Path | None = None) -> list[Path]:
    """What dead processes left in a folder, of one kind; of one target where it is named."""
    found = []
    for path in sorted(parent.glob(f".*{kind}")) if parent.is_dir() else []:
        if path.is_symlink() or not path.is_dir() or target_of(path) is None or is_live(path):
            continue
        if target is None or target_of(path) == target:
            found.append(path)
    return found


def target_of(path: Path) -> Path | None:
    """The target that a half-built or moved folder belongs to; None where the name is not one of ours."""
    match = _OURS.fullmatch(path.name)
    return None if match is None else path.with_name(match["target"])


def is_live(path: Path) -> bool:
    """Whether the process that made a half-built folder may still be at work on it."""
    match = _OURS.fullmatch(path.name)
    if match is None or match["host"] != _host():
        return True  # nobody can tell from here
    process = int(match["process"])
    return path.absolute() in _busy if process == os.getpid() else _is_running(process)


def _me() -> str:
    return f"{_host()}-{os.getpid()}"


def _host() -> str:
    return hashlib.sha256(platform.node().encode("utf-8", "replace")).hexdigest()[:6]


def _is_running(process: int) -> bool:
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.windll.kernel32
        handle = kernel.OpenProcess(QUERY, False, process)
        if not handle:
            return False
        code = ctypes.c_ulong()
        known = kernel.GetExitCodeProcess(handle, ctypes.byref(code))
        kernel.CloseHandle(handle)
        return not known or code.value == STILL_ACTIVE
    try:
        os.kill(process, 0)  # asks, and sends nothing
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # somebody else's
        return True
    return True
