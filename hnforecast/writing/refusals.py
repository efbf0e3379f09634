"""Why a file is not written, in words: a full disk, a file open in Excel, a folder one may not write to, a run."""

from __future__ import annotations

import errno
from pathlib import Path

from hnforecast.base.errors import OutputError, Place, Problem, UsageError

FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
HELD = {errno.EACCES, errno.EPERM, errno.EBUSY, errno.ETXTBSY}


def output_error(error: OSError, path: Path) -> OutputError:
    """What went wrong with a file, in words, and what to do about it."""
    if error.errno in FULL:
        what, do = "The disk is full", "Free some space, or write elsewhere with --out."
    elif error.errno in HELD:
        what, do = _held(path)
    elif error.errno == errno.EROFS:
        what, do = "The folder is read-only", "Write elsewhere with --out."
    else:
        what, do = f"Could not be written: {error.strerror or error}", "Write elsewhere with --out."
    return OutputError(Problem("HN801", what, Place(file=str(path)), do=do))


def _held(path: Path) -> tuple[str, str]:
    """What holds a file, or a file of a folder, as far as Excel says; and what to do."""
    held = [path] if excel_user(path) else [lock.with_name(lock.name[2:]) for lock in sorted(path.glob("~$*"))]
    users = [f"{file.name} by {excel_user(file) or 'somebody'}" for file in held if file != path]
    what = "The file is open in another program, or you may not write there"
    if held == [path]:
        what = f"The file is open in Excel by {excel_user(path)}"
    elif users:
        what = f"A file of the folder is open in Excel: {', '.join(users)}"
    names = ", ".join(file.name for file in held) or path.name
    return what, f"Close {names} (in Excel, for instance) and run again, or write elsewhere with --out."


def excel_user(path: Path) -> str:
    """The name Excel writes into the lock file it keeps beside an open workbook; empty where there is none."""
    try:
        held = path.with_name(f"~${path.name}").read_bytes()
    except OSError:
        return ""
    return held[1 : 1 + held[0]].decode("latin-1").strip() if held and held[0] < len(held) else ""


def refuse_inside_run(target: Path) -> None:
    """Refuse a target inside the folder of a run, which would then no longer be what its manifest says.

    Raises:
        UsageError: with what to do instead.
    """
    from hnforecast.writing.keeping import is_run

    inside = next((folder for folder in (target, *target.parents) if is_run(folder)), None)
    if inside is not None:
        do = "Write it outside the run with --out: a run that gains a file is no longer proven unchanged."
        raise UsageError(Problem("HN834", "The target lies inside a run", Place(file=str(target)), inside.name, do=do))
