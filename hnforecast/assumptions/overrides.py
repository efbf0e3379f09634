"""Overrides from the command line: one value of a vintage changed for one run, checked like any other value.

An override is made on the text of the vintage, which is then read again, so that no change escapes the checks. A path
names a parameter (prices.top_up.state_special), a year of one (prices.indices.fees.2026-27), a cell of a table
(flows.cease.hazard.16.fe) or a setting of a measure (measures.reviews.delivery). The new value is a number, or a factor
written x0.97 or +3%, which changes every value under the path alike.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from hnforecast.assumptions.build import build_vintage, this_day
from hnforecast.assumptions.edits import Override, make_edit
from hnforecast.assumptions.sourced import Sourced
from hnforecast.assumptions.vintage import Vintage
from hnforecast.base.errors import AssumptionError, Place, Problem, Problems, ScenarioError

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
