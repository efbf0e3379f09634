"""Finds the council folder a command works in, and the names in it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem

from hnforecast.base.errors import HnForecastError, Place, Problem, UsageError
from hnforecast.cli.screen import say

if TYPE_CHECKING:
    from hnforecast.assumptions import Sourced, Vintage


OUTPUTS = "outputs"  # of the council folder: what commands write unless told otherwise
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


# Names for completion on the command line, found fast.

_KEY = re.compile(r"""^( *)["']?([A-Za-z0-9_.-]+)["']?:(?:\s|$)""")
_OF_A_VALUE = "unit"  # every value has one; its parents are its path
QUARTERS = (1, 2, 3, 4)
Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem[str]]]


def vintages(root: Path) -> list[str]:
    """Folders of assumptions/ that have a manifest."""
    return sorted(found.parent.name for found in root.glob("assumptions/*/manifest.yaml"))


def scenarios(root: Path) -> list[str]:
    """Groups of scenarios.yaml."""
    return [key for indent, key in _keys(root / "assumptions" / "scenarios.yaml") if indent == 0]


def values(root: Path, vintage: str | None = None) -> list[str]:
    """Paths of the values of a vintage, of the newest by default."""
    known = vintages(root)
    chosen = vintage if vintage in known else known[-1] if known else ""
    found: list[str] = []
    for file in sorted((root / "assumptions" / chosen).glob("*.yaml")) if chosen else []:
        above: list[tuple[int, str]] = []
        for indent, key in _keys(file):
            above = [(depth, name) for depth, name in above if depth < indent]
            if key == _OF_A_VALUE and above:
                found.append(".".join([file.stem, *(name for _, name in above)]))
            above.append((indent, key))
    return list(dict.fromkeys(found))


def periods(root: Path) -> list[str]:
    """Quarters of the years that have a folder of actuals."""
    years = sorted(found.name for found in root.glob("inputs/monitoring/*-*") if found.is_dir())
    return [f"{year}-Q{quarter}" for year in years for quarter in QUARTERS]


def forms(root: Path) -> list[str]:
    """Forms of returns."""
    from hnforecast.quarter.returns.forms import list_forms

    return sorted(list_forms(root))


def sides(root: Path) -> list[str]:
    """What two forecasts may be compared by: scenarios, vintages, runs."""
    runs = sorted(found.parent.relative_to(root).as_posix() for found in root.glob("outputs/*/run.json"))
    return [*scenarios(root), *vintages(root), *runs]


def _keys(file: Path) -> Iterable[tuple[int, str]]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return []
    found = (_KEY.match(line) for line in text.splitlines())
    return [(len(match[1]), match[2]) for match in found if match]


def _completing(find: Callable[[Path], Iterable[str]]) -> Complete:
    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
        root = context.params.get("project") or nearest_project(Path.cwd())
        if root is None:
            return []
        return [CompletionItem(name) for name in find(Path(root)) if name.startswith(incomplete)]

    return complete


def _completing_values(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """Paths group by group, as folders are: the whole list is hundreds of names long."""
    root = context.params.get("project") or nearest_project(Path.cwd())
    if root is None:
        return []
    known = [path for path in values(Path(root), context.params.get("vintage")) if path.startswith(incomplete)]
    cut = len(incomplete)
    shown = dict.fromkeys(path[: stop + 1] if (stop := path.find(".", cut)) >= 0 else path for path in known)
    return [CompletionItem(name) for name in (known if len(shown) == 1 else shown)]


complete_vintages, complete_scenarios = _completing(vintages), _completing(scenarios)
complete_periods, complete_forms, complete_sides = _completing(periods), _completing(forms), _completing(sides)
complete_values: Complete = _completing_values


# What several commands read of a council folder.


def vintage_before(root: Path, vintage: Vintage) -> Vintage | None:
    """The vintage a vintage supersedes; None where there is none, or it cannot be read."""
    from hnforecast.assumptions import list_vintages, load_vintage

    name = vintage.manifest.supersedes
    if name is None or name not in [summary.name for summary in list_vintages(root)]:
        return None
    try:
        return load_vintage(root, name)
    except HnForecastError:  # its own problems are told when it is checked itself
        return None


def assumption_row(sourced: Sourced) -> tuple[str, ...]:
    """Path, value in short, mark and source of a value."""
    from hnforecast.assumptions.shapes import show_number

    if sourced.value is not None:
        value = f"{show_number(sourced.value)} {sourced.unit}"
    elif sourced.by is not None:
        keys = list(sourced.by)
        value = f"{sourced.by.show(keys[0])} to {sourced.by.show(keys[-1])}, {sourced.unit}"
    else:
        value = f"{len(sourced.rows):,} values, {sourced.unit}"
    return sourced.path, value, sourced.mark, sourced.source
