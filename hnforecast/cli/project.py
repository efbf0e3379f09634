"""Finds the council folder a command works in, and the names in it."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from hnforecast.base.errors import Place, Problem, UsageError
from hnforecast.cli.screen import say

if TYPE_CHECKING:
    from hnforecast.assumptions import Vintage

PLAN = "mitigated"  # the plan with its measures, as every council's scenarios name it
Command = TypeVar("Command", bound=Callable[..., Any])


def common_options(command: Command) -> Command:
    """The options every command has."""
    folder = click.Path(path_type=Path, file_okay=False)
    command = click.option("--debug", is_flag=True, help="Show where in the program a fault arose.")(command)
    return click.option("--project", type=folder, help="The council folder; found from the current one by default.")(
        command
    )


def vintage_option(command: Command) -> Command:
    """The option that chooses a vintage."""
    from hnforecast.cli.names import complete_vintages

    return click.option(
        "--vintage",
        metavar="NAME",
        shell_complete=complete_vintages,
        help="Vintage of assumptions; the latest signed-off one by default.",
    )(command)


class NearChoice(click.Choice[str]):
    """One of a few words; a near miss is answered with the closest."""

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        """The name of the argument: the words themselves stand in the help."""
        return param.name.upper() if isinstance(param, click.Argument) and param.name else None

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The word, if it is one of those known.

        Raises:
            UsageError: it is not; a close match is offered.
        """
        word = str(value).lower()
        if word in self.choices:
            return word
        raise UsageError(unknown_name(f"such {param.name if param is not None else 'word'}", str(value), self.choices))


def is_project(folder: Path) -> bool:
    """Whether a folder holds a council's assumptions."""
    return any(folder.glob("assumptions/*/manifest.yaml")) or (
        (folder / "assumptions").is_dir() and (folder / "inputs").is_dir()
    )


def nearest_project(here: Path) -> Path | None:
    """The council folder at or above a folder; None where there is none."""
    return next((folder for folder in (here, *here.parents) if is_project(folder)), None)


def find_project(asked: Path | None, start: Path | None = None) -> Path:
    """The council folder: the one asked for, or the nearest at or above the current folder, or the only one below.

    Raises:
        UsageError: there is none, or more than one below.
    """
    here = (start or Path.cwd()).resolve()
    if asked is not None:
        folder = asked.resolve()
        if not is_project(folder):
            raise UsageError(_not_found("This is not a council folder", asked))
        return folder
    above = nearest_project(here)
    if above is not None:
        if above != here:
            say(f"Using the council folder {above}")
        return above
    below = [folder for folder in sorted(here.iterdir()) if folder.is_dir() and is_project(folder)]
    if len(below) == 1:
        say(f"Using the council folder {below[0]}")
        return below[0]
    if below:
        raise UsageError(
            Problem(
                "HN853",
                "More than one council folder lies here",
                found=", ".join(folder.name for folder in below),
                do=f"Say which: --project {below[0].name}.",
            )
        )
    raise UsageError(_not_found("There is no council folder here or above", here))


def _not_found(what: str, folder: Path) -> Problem:
    return Problem(
        "HN853",
        what,
        Place(file=str(folder)),
        expected="a folder that holds assumptions/ and inputs/",
        do="Go into one, name one with --project DIR, or write an example with `hnforecast new --example`.",
    )


def known_name(kind: str, name: str, known: Iterable[str]) -> str:
    """The name, if it is one of those known.

    Raises:
        UsageError: it is not; a close match is offered.
    """
    names = list(known)
    if name in names:
        return name
    raise UsageError(unknown_name(kind, name, names))


def plan_or(vintage: Vintage, asked: str | None) -> str:
    """The scenario asked for; by default the plan with its measures, or the first where a vintage has no such plan.

    Raises:
        UsageError: the vintage has no scenario of the name asked for.
    """
    if asked is None:
        return PLAN if PLAN in vintage.scenarios else next(iter(vintage.scenarios))
    return known_name(f"scenario of vintage {vintage.name}", asked, vintage.scenarios)


def unknown_name(kind: str, name: str, known: Iterable[str]) -> Problem:
    """The problem of a name nobody knows, with a close match where there is one.

    Args:
        kind: what the name should be of, as it follows "There is no".
        name: as given.
        known: every name there is.
    """
    names = list(known)
    near = difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.5)
    do = f"Did you mean {near[0]!r}?" if near else ""
    return Problem("HN854", f"There is no {kind}", found=name, expected=", ".join(names) or "none are defined", do=do)
