"""Kinds of placement as they are compared: published placement groups against section 251 sectors, as data.

`inputs/codes/placement_kinds.csv` has a row for each purpose and kind: shares of plans, top-up by sector, spend at
special schools. Published groups are finer or coarser than the placements of a run, so they have a list of their own.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from hnforecast.base.errors import InputError, Place, Problem, Problems
from hnforecast.base.shipped import shipped_folder

FILE = "placement_kinds.csv"
GROUPS, GROUP = "placement_groups.csv", "placement_group"
COLUMNS = ("purpose", "kind", "label", "phrase", "placement_groups", "published", "note")
SHARE, TOP_UP, SPECIAL = "share", "top_up", "special"


@dataclass(frozen=True)
class Kind:
    """One kind of placement.

    Args:
        key, label, phrase: its name in tables, in words, and inside a sentence; the last may be empty.
        groups: published placement groups whose plans it is.
        published: columns or category of the published money set against them; empty for shares of plans.
    """

    key: str
    label: str
    phrase: str
    groups: tuple[str, ...]
    published: tuple[str, ...]


def load_kinds(panel_folder: Path | None = None) -> Kinds:
    """The kinds by purpose, in order.

    Args:
        panel_folder: a panel, whose neighbour `codes` may hold the list; None takes the one that comes with the tool.

    Raises:
        InputError: the list is malformed, or names a placement group nobody publishes.
    """
    own = panel_folder.parent / "codes" if panel_folder is not None else None
    return _read(own if own is not None and (own / FILE).is_file() else shipped_folder("codes"))


Kinds = Mapping[str, tuple[Kind, ...]]


@lru_cache(maxsize=8)
def _read(folder: Path) -> Kinds:
    problems = Problems(InputError)
    lines = _lines(folder, FILE)
    place = Place(file=f"codes/{FILE}", line=1)
    if not lines or tuple(lines[0]) != COLUMNS:
        found = ",".join(lines[0]) if lines else "an empty file"
        raise InputError(Problem("HN220", "Wrong header", place, found, ",".join(COLUMNS)))
    known = _published_groups(folder)
    kinds: dict[str, tuple[Kind, ...]] = {}
    for number, cells in enumerate(lines[1:], start=2):
        if not any(cells):
            continue
        place = Place(file=f"codes/{FILE}", line=number)
        if len(cells) != len(COLUMNS):
            problems.add("HN220", "Wrong number of values", place, found=len(cells), expected=f"{len(COLUMNS)} values")
            continue
        row = dict(zip(COLUMNS, (cell.strip() for cell in cells), strict=True))
        groups = tuple(row["placement_groups"].split(";"))
        for name in sorted(set(groups) - known):
            problems.add(
                "HN220",
                "Code list names an unknown code",
                place,
                found=name,
                expected="a group of placement_groups.csv",
            )
        if any(kind.key == row["kind"] for kind in kinds.get(row["purpose"], ())):
            problems.add("HN220", "Code given twice", place, found=f"{row['purpose']} {row['kind']}")
        published = tuple(part for part in row["published"].split(";") if part)
        kind = Kind(row["kind"], row["label"], row["phrase"], groups, published)
        kinds[row["purpose"]] = (*kinds.get(row["purpose"], ()), kind)
    absent = [purpose for purpose in (SHARE, TOP_UP, SPECIAL) if purpose not in kinds]
    for purpose in absent:
        problems.add("HN220", "A purpose has no kinds", Place(file=f"codes/{FILE}"), found=purpose)
    problems.raise_any()
    return kinds


def _published_groups(folder: Path) -> set[str]:
    """Groups of the list beside that of the kinds, or of the list that comes with the tool."""
    beside = folder if (folder / GROUPS).is_file() else shipped_folder("codes")
    header, *rows = _lines(beside, GROUPS) or [[]]
    if GROUP not in header:
        raise InputError(
            Problem("HN220", "Wrong header", Place(file=f"codes/{GROUPS}", line=1), ",".join(header), GROUP)
        )
    column = header.index(GROUP)
    return {cells[column] for cells in rows if len(cells) > column}


def _lines(folder: Path, name: str) -> list[list[str]]:
    try:
        with (folder / name).open(encoding="utf-8-sig", newline="") as stream:
            return list(csv.reader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        place = Place(file=f"codes/{name}")
        raise InputError(Problem("HN220", "Code list cannot be read", place, found=type(error).__name__)) from None
