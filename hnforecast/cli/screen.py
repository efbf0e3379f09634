"""Printing to any console: characters it lacks are replaced, results and messages apart, progress only for people."""

from __future__ import annotations

import sys
from collections.abc import Iterable

import click

from hnforecast.errors import Problem

MOST_NOTICES = 5
WIDTH = 80


def plain_consoles() -> None:
    """Make printing a character the console lacks print a question mark instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def say(text: str) -> None:
    """Print a message to standard error: results alone go to standard output."""
    click.echo(text, err=True)


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


class Progress:
    """A bar on standard error, where a person is watching; silent in a pipe or a log."""

    def __init__(self, length: int, label: str) -> None:
        self._shown = sys.stderr.isatty()
        self._bar = click.progressbar(length=length, label=label, file=sys.stderr, width=30) if self._shown else None

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
            self._bar.label = f"{label:<22}"
            self._bar.update(1)
