"""Checks one parameter against the table of shapes: unit, form, bounds, years in order, table whole."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import product
from typing import Any

from hnforecast.assumptions.files import VintageFiles
from hnforecast.assumptions.shapes import UNITS, Shape, shape_of, show_number
from hnforecast.assumptions.sourced import Sourced
from hnforecast.assumptions.tables import FLOWS, Table, read_table
from hnforecast.base.axes import AGES
from hnforecast.base.errors import Place, Problem, Problems

SHARE_TOLERANCE = 1e-6


def check_shape(
    keys: tuple[str, ...], sourced: Sourced, text: VintageFiles, placements: Sequence[str], problems: Problems
) -> Table | None:
    """Check a parameter, and read its table if it has one.

    Args:
        keys: its path.
        sourced: the parameter, already sound in itself.
        text: the files of the vintage, for tables.
        placements: known placement codes.
        problems: where faults are recorded.

    Returns:
        The table, where there is one and it is whole.
    """
    shape = shape_of(keys)
    if shape is None:
        problems.add("HN140", "no parameter belongs here", sourced.place)
        return None
    if sourced.unit not in shape.units:
        expected = " or ".join(shape.units)
        problems.add(
            "HN140", "has the wrong unit for this parameter", sourced.place, found=sourced.unit, expected=expected
        )
    if sourced.form not in shape.forms:
        expected = " or ".join(f"`{form}`" for form in shape.forms)
        problems.add("HN140", "is given in the wrong form", sourced.place, found=f"`{sourced.form}`", expected=expected)
        return None
    low, high = sourced.bounds()
    bounds = (shape.low if shape.low is not None else low, shape.high if shape.high is not None else high)
    if sourced.value is not None and keys[0] != "measures":
        _check_number(sourced.value, bounds, sourced, "", problems)
    if sourced.by is not None:
        _check_series(sourced, shape, bounds, problems)
    return _read_table(sourced, shape, bounds, text, placements, problems) if sourced.file is not None else None


def _check_number(number: float, bounds: tuple[float, float], sourced: Sourced, key: str, problems: Problems) -> None:
    if bounds[0] <= number <= bounds[1]:
        return
    expected = f"{show_number(bounds[0])} to {show_number(bounds[1])}"
    place = _inside(sourced.place, key)
    problems.add("HN114", f"must be {UNITS[sourced.unit].words}", place, found=show_number(number), expected=expected)


def _inside(place: Place, key: str) -> Place:
    return Place(
        file=place.file, line=place.line, column=place.column, path=f"{place.path}.{key}" if key else place.path
    )


def _check_series(sourced: Sourced, shape: Shape, bounds: tuple[float, float], problems: Problems) -> None:
    series = sourced.by
    if series is None:
        return
    if series.kind != shape.period:
        expected = {
            "year": "years such as 2025-26",
            "month": "months such as 2024-09",
            "census": "January counts such as 2026",
        }
        found = ", ".join(series.show(key) for key in list(series)[:3])
        problems.add(
            "HN117", "the wrong kind of dates", sourced.place, found=found, expected=expected[str(shape.period)]
        )
        return
    for key, number in series.items():
        _check_number(number, bounds, sourced, series.show(key), problems)
    keys = list(series)
    missing = [key for key in range(keys[0], keys[-1]) if key not in series] if shape.contiguous else []
    if missing:
        found = f"{series.show(keys[0])} to {series.show(keys[-1])} without {', '.join(map(series.show, missing[:5]))}"
        do = "Add the missing lines; a gap is not read as nil, nor as the year before."
        problems.add(
            "HN145", "a year is missing in the middle", sourced.place, found=found, expected="every year", do=do
        )


def _read_table(
    sourced: Sourced,
    shape: Shape,
    bounds: tuple[float, float],
    text: VintageFiles,
    placements: Sequence[str],
    problems: Problems,
) -> Table | None:
    name = str(sourced.file)
    if name not in text.tables:
        at = f"{text.label}/{name}"
        problems.add(
            "HN130",
            "the file named here is missing",
            sourced.place,
            found=name,
            do=f"Put it at {at}, or mend the name.",
        )
        return None
    held = text.tables[name]
    if held is None:
        return None  # told already, when its text could not be read
    file = name if text.resolved else f"{text.label}/{name}"
    table, found = _read_held(held, name, file, shape, bounds, UNITS[sourced.unit].words, tuple(placements))
    problems.extend(found)
    return table


@lru_cache(maxsize=256)
def _read_held(
    held: str, name: str, file: str, shape: Shape, bounds: tuple[float, float], words: str, placements: tuple[str, ...]
) -> tuple[Table | None, tuple[Problem, ...]]:
    """Read a table once for as long as its text stays the same: an override of one value reads a vintage again."""
    problems = Problems()
    table = read_table(held, name, file, (*shape.columns, "value"), placements, bounds, words, problems)
    if table is not None:
        _check_complete(table, shape, file, placements, problems)
        _check_sums(table, shape, file, problems)
    return table, tuple(problems)


def _check_complete(table: Table, shape: Shape, file: str, placements: Sequence[str], problems: Problems) -> None:
    """Every age (placement, month) must be there: a missing row would be read as nil."""
    if not shape.complete:
        return
    domain: dict[str, Iterable[Any]] = {
        "age": range(AGES),
        "placement": placements,
        "month": range(1, 13),
        "flow": FLOWS,
    }
    others = [column for column in shape.columns if column not in shape.complete and column not in shape.sums_over]
    groups = sorted({tuple(row[column] for column in others) for row in table.rows}) if others else [()]
    present = {tuple(row[column] for column in (*others, *shape.complete)) for row in table.rows}
    missing = [
        (*group, *cell)
        for group in groups
        for cell in product(*(domain[column] for column in shape.complete))
        if (*group, *cell) not in present
    ]
    if missing:
        names = ", ".join((*others, *shape.complete))
        shown = "; ".join(", ".join(map(str, cell)) for cell in missing[:3])
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        problems.add("HN137", "rows are missing", Place(file=file), found=f"no row for {names} = {shown}{more}",
                     do="Add them; 0 must be written, not left out.")  # fmt: skip


def _check_sums(table: Table, shape: Shape, file: str, problems: Problems) -> None:
    if not shape.sums_over:
        return
    fixed = [column for column in shape.columns if column not in shape.sums_over]
    sums: dict[tuple[Any, ...], list[float]] = defaultdict(list)
    line: dict[tuple[Any, ...], int] = {}
    for row, number in zip(table.rows, table.lines, strict=True):
        group = tuple(row[column] for column in fixed)
        sums[group].append(row["value"])
        line.setdefault(group, number)
    for group, parts in sums.items():
        total = math.fsum(parts)
        if abs(total - 1) > SHARE_TOLERANCE:
            where = ", ".join(f"{name} {cell}" for name, cell in zip(fixed, group, strict=True))
            what = f"the shares at {where} do not sum to 1"
            problems.add("HN138", what, Place(file=file, line=line[group]), found=show_number(total), expected="1")
