"""Names for completion on the command line, found fast: from the folders and the words in the files, nothing checked.

Loading a vintage takes seconds, which nobody waits for at the TAB key. What is offered here may still be refused when
the command runs, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from hnforecast.cli.project import nearest_project

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
