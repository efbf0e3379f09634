"""From whatever goes wrong to a message in plain words and an exit code; no traceback unless asked for."""

from __future__ import annotations

import errno
import sys
from collections.abc import Sequence

import click

from hnforecast.cli.screen import say, show_problems
from hnforecast.errors import HnForecastError

FINE, CHECK_FAILED, BAD_INPUT, OUR_BUG, NOT_WRITTEN, INTERRUPTED = 0, 1, 2, 3, 4, 130
DEBUG = "--debug"


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
        show_problems(error.problems)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        say("Interrupted. Nothing was written.")
        return INTERRUPTED
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EBUSY):
            return _report(arguments)
        _trace(arguments)
        say(f"A file could not be read or written: {error.filename or ''}: {error.strerror}.")
        return NOT_WRITTEN
    except Exception:  # the last resort: whatever it is, the user gets a sentence and a file to send
        return _report(arguments)
    return code if isinstance(code, int) else FINE


def _trace(arguments: Sequence[str]) -> None:
    if DEBUG in arguments:
        import traceback

        traceback.print_exc()


def _report(arguments: Sequence[str]) -> int:
    """Our bug: keep the traceback in a file, show it only when asked."""
    import traceback
    from datetime import datetime
    from pathlib import Path

    if DEBUG in arguments:
        traceback.print_exc()
        return OUR_BUG
    kind = sys.exc_info()[0]
    log = Path(f"crash-{datetime.now().astimezone():%Y%m%d-%H%M%S}.log")
    try:
        log.write_text(f"hnforecast {' '.join(arguments)}\n\n{traceback.format_exc()}", encoding="utf-8")
        kept = f"Please report it with the file {log}."
    except OSError:
        kept = "Run again with --debug and report what it shows."
    say(f"This is a fault of the program, not of your data ({kind.__name__ if kind else 'unknown'}). {kept}")
    return OUR_BUG
