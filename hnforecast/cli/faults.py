"""From whatever goes wrong to a message in plain words, or to JSON where that was asked for, and an exit code."""

from __future__ import annotations

import errno
import json
import sys
from collections.abc import Sequence
from typing import Any

import click

from hnforecast.base.errors import HnForecastError, Place, Problem
from hnforecast.cli.screen import say, show_problems

FINE, CHECK_FAILED, BAD_INPUT, OUR_BUG, NOT_WRITTEN, INTERRUPTED = 0, 1, 2, 3, 4, 130
DEBUG, JSON = "--debug", "--json"
SCHEMA = "hnforecast/error/1"
_NO_SUCH_PATH = (errno.ENAMETOOLONG, errno.ELOOP)  # what was typed can be the path of nothing
_NOT_WRITTEN = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EBUSY)


def run_safely(application: click.Group, arguments: Sequence[str]) -> int:
    """Run a command and return the exit code.

    Args:
        application: the command group.
        arguments: without the program's name.
    """
    try:
        code = application.main(args=list(arguments), prog_name="hnforecast", standalone_mode=False)
    except HnForecastError as error:
        _trace(arguments)
        if JSON in arguments:
            return _as_json(error.exit_code, *error.problems)
        show_problems(error.problems)
        return error.exit_code
    except click.ClickException as error:
        if JSON in arguments:
            return _as_json(error.exit_code, Problem("HN850", error.format_message(), Place(file="command line")))
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        if JSON in arguments:
            return _as_json(INTERRUPTED, Problem("HN898", "Interrupted. Nothing was written."))
        say("Interrupted. Nothing was written.")
        return INTERRUPTED
    except OSError as error:
        if error.errno in _NO_SUCH_PATH:
            _trace(arguments)
            return _no_such_path(error, arguments)
        if error.errno not in _NOT_WRITTEN:
            return _report(arguments)
        _trace(arguments)
        if JSON in arguments:
            what = f"A file could not be read or written: {error.strerror}"
            return _as_json(NOT_WRITTEN, Problem("HN801", what, Place(file=str(error.filename or ""))))
        say(f"A file could not be read or written: {error.filename or ''}: {error.strerror}.")
        return NOT_WRITTEN
    except Exception:  # the last resort: whatever it is, the user gets a sentence and a file to send
        return _report(arguments)
    return code if isinstance(code, int) else FINE


def plain_problem(problem: Problem) -> dict[str, Any]:
    """A problem as every --json shows it; empty text and null where there is nothing to say."""
    place = problem.place
    return {
        "code": problem.code, "what": problem.what, "file": place.file, "line": place.line, "column": place.column,
        "sheet": place.sheet, "cell": place.cell, "path": place.path, "found": problem.found,
        "expected": problem.expected, "do": problem.do,
    }  # fmt: skip


def _as_json(code: int, *problems: Problem) -> int:
    told = {"schema": SCHEMA, "exit_code": code, "problems": [plain_problem(problem) for problem in problems]}
    click.echo(json.dumps(told, indent=2))
    return code


def _no_such_path(error: OSError, arguments: Sequence[str]) -> int:
    problem = Problem(
        "HN850", "This can be neither a name nor a path", found=str(error.filename or "")[:80], expected="a shorter one"
    )
    if JSON in arguments:
        return _as_json(BAD_INPUT, problem)
    show_problems([problem])
    return BAD_INPUT


def _trace(arguments: Sequence[str]) -> None:
    if DEBUG in arguments:
        import traceback

        traceback.print_exc()


def _report(arguments: Sequence[str]) -> int:
    """Our bug: keep the traceback in a file, show it only when asked."""
    import traceback
    from datetime import datetime
    from pathlib import Path

    kind = sys.exc_info()[0]
    kept = ""
    if DEBUG in arguments:
        traceback.print_exc()
    else:
        log = Path(f"crash-{datetime.now().astimezone():%Y%m%d-%H%M%S}.log")
        try:
            with log.open("x", encoding="utf-8") as file:  # never over another
                file.write(f"hnforecast {' '.join(arguments)}\n\n{traceback.format_exc()}")
            kept = f"Please report it with the file {log}."
        except OSError:
            kept = "Run again with --debug and report what it shows."
    what = f"This is a fault of the program, not of your data ({kind.__name__ if kind else 'unknown'})."
    if JSON in arguments:
        return _as_json(OUR_BUG, Problem("HN899", what, do=kept))
    if kept:
        say(f"{what} {kept}")
    return OUR_BUG
