"""Overrides from the command line: one value of a vintage changed for one run, checked like any other value.

An override is made on the text of the vintage, which is then read again, so that no change escapes the checks. A path
names a parameter (prices.top_up.state_special), a year of one (prices.indices.fees.2026-27), a cell of a table
(flows.cease.hazard.16.fe) or a setting of a measure (measures.reviews.delivery). The new value is a number, or a factor
written x0.97 or +3%, which changes every value under the path alike.
"""

from __future__ import annotations

import csv
import difflib
import io
import math
import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from hnforecast.assumptions.build import build_vintage, this_day
from hnforecast.assumptions.files import VintageFiles
from hnforecast.assumptions.shapes import shape_of, show_number
from hnforecast.assumptions.sourced import Sourced
from hnforecast.assumptions.vintage import Vintage
from hnforecast.base import timeline
from hnforecast.base.errors import AssumptionError, Place, Problem, Problems, ScenarioError

# How one override is made on the text of a vintage.


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


_FACTOR = re.compile(r"^[x*×]\s*([0-9.]+(?:[eE][-+]?\d+)?)$")
_PERCENT = re.compile(r"^([-+]\s*[0-9.]+)\s*%$")


def read_override(path: str, said: object) -> Override:
    """Understand the right-hand side of --set PATH=VALUE.

    Raises:
        ScenarioError: it is neither a number nor a factor.
    """
    text = str(said).strip()
    place = Place(file="command line", path=path)
    try:
        factor = _FACTOR.fullmatch(text)
        percent = _PERCENT.fullmatch(text)
        number = (
            float(factor[1])
            if factor
            else 1 + float(percent[1].replace(" ", "")) / 100
            if percent
            else float(text.replace("_", "?"))
        )
        if isinstance(said, bool) or not math.isfinite(number):
            raise ValueError
    except ValueError:
        expected = "a number such as 0.06, or a factor such as x0.97 or +3%"
        raise ScenarioError(Problem("HN407", "the new value is not a number", place, text, expected)) from None
    if factor or percent:
        return Override(path, text, True, lambda old: old * number)
    return Override(path, text, False, lambda _old: number)


def apply_overrides(
    vintage: Vintage, overrides: Mapping[str, object], today: date | None = None
) -> tuple[Vintage, tuple[str, ...]]:
    """The vintage with every override made, and each in words, old -> new.

    Args:
        vintage: as loaded.
        overrides: path -> number, or text such as x0.97 or +3%.
        today: the day reviews are overdue after.

    Raises:
        ScenarioError: a path or a value cannot be understood, or two overrides touch the same value.
        AssumptionError: a new value is not allowed where it is put.
    """
    if not overrides:
        return vintage, ()
    problems = Problems(ScenarioError)
    text, words = vintage.text, []
    touched: dict[tuple[str, str], str] = {}
    for path, said in sorted(overrides.items()):  # in one order, so that the sources they write are the same too
        try:
            override = read_override(path, said)
            target, cell = find_target(vintage, path)
            _claim(target.path, cell, path, touched)
            text, change = make_edit(text, vintage, target, cell, override)
            words.append(change)
        except ScenarioError as error:
            problems.extend(error.problems)
    problems.raise_any()
    try:
        changed = build_vintage(text, vintage.codes, today or this_day(), Problems())
    except AssumptionError as error:  # the vintage was sound, so every fault comes from the command line
        raise AssumptionError(*(_on_command_line(problem) for problem in error.problems)) from None
    return changed, tuple(words)


def _on_command_line(problem: Problem) -> Problem:
    return replace(problem, place=Place(file="command line", path=problem.place.path or problem.place.file))


def find_target(vintage: Vintage, path: str) -> tuple[Sourced, str]:
    """The parameter a path lies in, and the rest of the path: a year or the keys of a table's row.

    Raises:
        ScenarioError: no parameter begins the path.
    """
    parts = path.split(".")
    for end in range(len(parts), 0, -1):
        found = vintage.values.get(".".join(parts[:end]))
        if found is not None:
            return found, ".".join(parts[end:])
    raise ScenarioError(unknown_path(vintage, path))


def unknown_path(vintage: Vintage, path: str) -> Problem:
    """The problem of a path that leads nowhere, with the nearest that lead somewhere."""
    beneath = [name for name in vintage.values if name.startswith(f"{path}.")]
    near = beneath[:3] or difflib.get_close_matches(path, list(vintage.values), n=3)
    do = f"Did you mean {' or '.join(repr(name) for name in near)}?" if near else "See `hnforecast list assumptions`."
    what = "the path names a group, not a value" if beneath else "no such value in the vintage"
    return Problem("HN406", what, Place(file="command line", path=path), "", "", do)


def _claim(path: str, cell: str, said: str, touched: dict[tuple[str, str], str]) -> None:
    for (other, other_cell), earlier in touched.items():
        if other == path and (_within(cell, other_cell) or _within(other_cell, cell)):
            what = f"two overrides change the same value: {earlier} and {said}"
            do = "Order must not matter: keep one of the two."
            raise ScenarioError(Problem("HN404", what, Place(file="command line", path=path), do=do))
    touched[path, cell] = said


def _within(cell: str, wider: str) -> bool:
    return not wider or f"{cell}.".startswith(f"{wider}.")
