"""How one override is made on the text of a vintage: the value is changed, and says who changed it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from hnforecast.assumptions.files import VintageFiles
from hnforecast.assumptions.shapes import shape_of
from hnforecast.assumptions.sourced import Sourced
from hnforecast.assumptions.units import show_number
from hnforecast.assumptions.vintage import Vintage
from hnforecast.base import timeline
from hnforecast.base.errors import Place, Problem, ScenarioError


@dataclass(frozen=True)
class Override:
    """One change as asked for: where, and what happens to a value there."""

    path: str
    said: str
    is_factor: bool
    change: Callable[[float], float]


def make_edit(
    text: VintageFiles, vintage: Vintage, target: Sourced, cell: str, override: Override
) -> tuple[VintageFiles, str]:
    """Make one override.

    Args:
        text: of the vintage, with the overrides before this one made.
        vintage: as loaded.
        target: the parameter.
        cell: the year or row within it; empty for the whole.
        override: what is asked for.

    Returns:
        The text with the override made, and old -> new in words.

    Raises:
        ScenarioError: the cell is not one of the parameter's, or one number is given for many values.
    """
    keys = vintage.keys[target.path]
    found = text.part_of(keys)
    if found is None:
        raise ScenarioError(Problem("HN406", "no such value in the vintage", Place(path=override.path)))
    part, inside = found
    content = deepcopy(dict(part.content))
    leaf: Any = content
    for key in inside:
        leaf = leaf[int(key)] if isinstance(leaf, list) else leaf[key]
    place = Place(file="command line", path=override.path)
    if target.form == "value":
        if cell:
            raise ScenarioError(
                Problem("HN406", "is a single value, with no years or rows", place, cell, "", f"Set {target.path}.")
            )
        old = float(leaf["value"])
        leaf["value"] = override.change(old)
        _scale_interval(leaf, old, leaf["value"])
        words = f"{target.path}: {show_number(old)} -> {show_number(leaf['value'])} {target.unit}"
    elif target.form == "by":
        shape = shape_of(keys)
        holds = shape is None or shape.contiguous or shape.period == "month"
        words = _change_series(leaf, target, cell, override, place, holds)
    else:
        text, words = _change_table(text, target, cell, override, place)
    _own(leaf, vintage, words)
    return text.with_content(part.stem, content), words


def _change_series(leaf: Any, target: Sourced, cell: str, override: Override, place: Place, holds: bool) -> str:
    series = target.by
    if series is None:
        raise ScenarioError(Problem("HN406", "has no years", place))
    if not cell and not override.is_factor:
        shown = ", ".join(series.show(key) for key in list(series)[:4])
        do = f"Name one, such as {target.path}.{series.show(next(iter(series)))}, or give a factor such as x0.97."
        raise ScenarioError(
            Problem("HN407", "has a value for each year; say which year", place, override.said, shown, do)
        )
    written = {_period(series.kind, str(key)): key for key in leaf["by"]}
    if cell:
        try:
            period = _period(series.kind, cell)
        except ValueError:
            expected = f"such as {series.show(next(iter(series)))}"
            raise ScenarioError(Problem("HN406", "is not one of its years", place, cell, expected)) from None
        old = target.at(period, 0.0, hold=holds)  # a payment nobody listed is nil; a growth rate holds
        new = override.change(old)
        leaf["by"][written.get(period, cell)] = new
        return f"{target.path}.{cell}: {show_number(old)} -> {show_number(new)} {target.unit}"
    for period, key in written.items():
        leaf["by"][key] = override.change(series[period])
    return f"{target.path}: every year {override.said}"


def _period(kind: str, text: str) -> int:
    if kind == "year":
        return timeline.parse_year(text)
    return timeline.parse_month(text) if kind == "month" else int(text)


def _change_table(
    text: VintageFiles, target: Sourced, cell: str, override: Override, place: Place
) -> tuple[VintageFiles, str]:
    """The text of the table is changed, not the rows as loaded: an override before this one may have changed it."""
    table = target.table
    held = text.tables.get(table.name) if table is not None else None
    if table is None or held is None:
        raise ScenarioError(Problem("HN406", "has no rows", place))
    names = table.columns[:-1]
    wanted = cell.split(".") if cell else []
    lines = [line for line in held.splitlines() if line.strip(" ,") and not line.lstrip().startswith("#")]
    rows = [[part.strip() for part in row] for row in csv.reader(lines[1:])]
    hits = [row for row in rows if row[: len(wanted)] == wanted]
    named = f"{target.path}.{'.'.join(names)}"
    if not hits or len(wanted) > len(names):
        raise ScenarioError(Problem("HN406", "is no row of the table", place, cell, named))
    if not override.is_factor and len(hits) > 1:
        do = "Name one row, or give a factor such as x0.97."
        raise ScenarioError(
            Problem("HN407", f"stands for {len(hits)} rows; a number needs one", place, override.said, named, do)
        )
    old = float(hits[0][-1])
    for row in hits:
        row[-1] = repr(override.change(float(row[-1])))
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([table.columns, *rows])
    many = f"{len(hits)} rows {override.said}"
    words = many if len(hits) > 1 else f"{show_number(old)} -> {show_number(float(hits[0][-1]))} {target.unit}"
    return replace(text, tables={**text.tables, table.name: out.getvalue()}), f"{override.path}: {words}"


def _scale_interval(leaf: Any, old: float, new: float) -> None:
    """The range moves with its value, in proportion; around nil it cannot, and is left out."""
    interval = leaf.get("interval")
    if not isinstance(interval, dict):
        return
    if old == 0:
        del leaf["interval"]
        return
    ends = sorted(float(interval[name]) * new / old for name in ("low", "high"))
    leaf["interval"] = {"low": min(ends[0], new), "high": max(ends[1], new), "level": interval["level"]}


def _own(leaf: Any, vintage: Vintage, words: str) -> None:
    """Whoever set the value answers for it: the source says so, and what the vintage holds."""
    leaf["source"] = f"Set on the command line ({words}); the vintage's source: {leaf.get('source', 'none')}"
    leaf["status"] = "judgement"
    leaf["mark"] = "unverified"
    leaf["owner"] = "command line"
    leaf["review_by"] = vintage.manifest.review_by
