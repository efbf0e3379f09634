"""Printing to any console: characters it lacks are replaced, results and messages apart, progress only for people."""

from __future__ import annotations

import codecs
import json
import os
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import click

from hnforecast.base.errors import Problem
from hnforecast.writing.terminal import WIDTH, screen_width, wrap

__all__ = ["WIDTH", "Progress", "plain_consoles", "print_json", "say", "screen_width", "show_notices", "show_problems"]

MOST_NOTICES = 5
SLIP = "HN262"  # of a notice that a published figure jumps
REPLACED = "hnforecast.plain"
# what stands for a character that a console lacks; anything else becomes a question mark
INSTEAD = {"£": "GBP ", "–": "-", "—": "-", "−": "-", "×": "x", "’": "'", "‘": "'", "“": '"', "”": '"', "…": "..."}


def plain_consoles() -> None:
    """Make printing a character the console lacks print something plain instead of failing."""
    codecs.register_error(REPLACED, _plain)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors=REPLACED)


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(INSTEAD.get(character, "?") for character in lacking), error.end


def print_json(plain: Mapping[str, Any]) -> None:
    """Print figures as JSON to standard output; what is no JSON, such as NaN, is our mistake and is not printed."""
    click.echo(json.dumps(plain, indent=2, allow_nan=False))


def say(text: str) -> None:
    """Print a message to standard error: results alone go to standard output.

    Where a person reads it on a screen long lines are broken between words; in a pipe or a log they stay whole.
    """
    if sys.stderr.isatty():
        text = "\n".join(_broken(line) for line in text.split("\n"))
    click.echo(text, err=True)


def _broken(line: str) -> str:
    indent = len(line) - len(line.lstrip())
    return wrap(line.strip(), indent=indent) if len(line) > screen_width() else line


def show_problems(problems: Iterable[Problem]) -> None:
    """Print every problem, a blank line between, and how many there were."""
    found = list(problems)
    say("\n\n".join(str(problem) for problem in found))
    if len(found) > 1:
        say(f"\n{len(found)} problems.")


def show_notices(notices: Iterable[str]) -> None:
    """Print what the reader should know but need not mend; the first few where there are many."""
    found = list(notices)
    for notice in found[:MOST_NOTICES]:
        say(f"note: {notice}")
    if len(found) > MOST_NOTICES:
        say(f"note: {len(found) - MOST_NOTICES} more; `hnforecast check` shows them all.")


def show_slips(notices: Iterable[Problem]) -> None:
    """Print what looks like a slip in published files: figures that are used as they stand."""
    show_notices(" ".join(str(notice).split()) for notice in notices if notice.code == SLIP)


class Progress:
    """A bar on standard error, where a person is watching; silent in a pipe, a log or a terminal that cannot redraw."""

    def __init__(self, length: int, label: str) -> None:
        self._shown = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        width = max(10, min(30, screen_width() - 45))
        self._bar = click.progressbar(length=length, label=label, file=sys.stderr, width=width) if self._shown else None

    def __enter__(self) -> Progress:
        if self._bar is not None:
            self._bar.__enter__()
        return self

    def __exit__(self, *caught: object) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)

    def step(self, label: str) -> None:
        """One step is done; `label` says which comes next."""
        if self._bar is not None:
            self._bar.label = f"{label[:22]:<22}"
            self._bar.update(1)

    def aside(self, text: str) -> None:
        """Print a result while the bar is up, which is drawn again at the next step."""
        if self._bar is not None:
            click.echo("\r" + " " * (screen_width() - 1) + "\r", err=True, nl=False)
        click.echo(text)
