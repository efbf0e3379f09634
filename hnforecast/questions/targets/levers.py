"""Levers: a value of the vintage, how it is moved, and how far it may plausibly go."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from statistics import NormalDist

from hnforecast.assumptions import Interval, Sourced, Vintage
from hnforecast.assumptions.overrides import unknown_path
from hnforecast.assumptions.shapes import UNITS, shape_of
from hnforecast.base.errors import InputError, Place, Problem, ScenarioError, UsageError
from hnforecast.base.lists import read_list

COLUMNS = ("lever", "pattern", "moves_by", "low", "high", "closes_gap", "label", "note")
MOVES = ("factor", "shift", "value", "amount")
FAR = NormalDist().inv_cdf(0.99)  # an interval of the vintage bounds a lever at its 1st and 99th percentile


@dataclass(frozen=True)
class Lever:
    """One value that can be moved.

    Args:
        name: as the reader knows it: the path, or the short name of the list.
        path: of the value in the vintage.
        moves_by: factor (all of it times a number), shift (added to every year), value (set), amount (pounds a year
            in years for which nothing is decided).
        low, high: how far the move may plausibly go.
        start: the move that changes nothing.
        label: in words.
        unit: of the value.
        bound: why it may go no further.
        now: the value itself where it is a single one, else None.
        years: keys that a shift or an amount changes.
        held: the values at those keys.
    """

    name: str
    path: str
    moves_by: str
    low: float
    high: float
    start: float
    label: str
    unit: str
    bound: str
    now: float | None
    years: tuple[str, ...] = ()
    held: tuple[float, ...] = ()

    def overrides(self, move: float) -> dict[str, object]:
        """The move as overrides: path -> what `--set` would be given."""
        if self.moves_by == "value":
            return {self.path: move}
        if self.moves_by == "factor":
            return {self.path: f"x{move!r}"}
        return {f"{self.path}.{year}": old + move for year, old in zip(self.years, self.held, strict=True)}


def find_lever(
    root: Path, vintage: Vintage, name: str, years: Sequence[int], low: float | None = None, high: float | None = None
) -> Lever:
    """The lever of a name, which is a path of the vintage or a short name of the list.

    Args:
        root: the council folder, whose list of levers is used.
        vintage: whose values are moved.
        years: forecast financial years.
        low, high: bounds in place of those of the list.

    Raises:
        ScenarioError: no such value; the nearest names are offered.
        UsageError: the value cannot be moved by itself, or the bounds leave no room.
    """
    rows = lever_rows(root)
    short = {row["lever"]: row["pattern"] for row in rows if "*" not in row["pattern"]}
    path = short.get(name, name)
    if path not in vintage.values:
        raise ScenarioError(_unknown(vintage, name, list(short)))
    sourced = vintage.values[path]
    row = next((row for row in rows if fnmatchcase(path, row["pattern"])), None)
    place = Place(file="command line", path=name)
    if row is None:
        kinds = ", ".join(row["pattern"] for row in rows)
        raise UsageError(
            Problem("HN531", "this value is no lever: it cannot be moved by itself", place, expected=kinds)
        )
    lever = _lever(vintage, sourced, row, name, years)
    if low is not None or high is not None:
        lever = replace(
            lever,
            low=lever.low if low is None else low,
            high=lever.high if high is None else high,
            bound="Bounds given on the command line",
        )
        least, most = _allowed(vintage, sourced, lever.moves_by, lever.low, lever.high)
        if not (math.isfinite(lever.low) and math.isfinite(lever.high)) or (least, most) != (lever.low, lever.high):
            what = "the vintage may hold no such values"
            found, expected = f"{lever.low:g} to {lever.high:g}", f"at most {least:g} to {most:g}"
            if math.isnan(lever.low + lever.high):
                expected = "two numbers"
            raise UsageError(Problem("HN532", what, place, found, expected))
    if not lever.low < lever.high or not lever.low <= lever.start <= lever.high:
        found = f"{lever.low:g} to {lever.high:g}, now {lever.start:g}"
        raise UsageError(Problem("HN532", "the bounds of a lever must hold what it is now", place, found))
    return lever


def lever_rows(root: Path) -> list[Mapping[str, str]]:
    """The list of levers.

    Raises:
        InputError: it is malformed.
    """
    rows = read_list(root, "levers", COLUMNS, ("low", "high"))
    for row in rows:
        if row["moves_by"] not in MOVES or not float(row["low"]) < float(row["high"]):
            found = f"{row['lever']}: {row['moves_by']} from {row['low']} to {row['high']}"
            raise InputError(
                Problem("HN220", "No lever", Place(file="codes/levers.csv"), found, f"{', '.join(MOVES)}; low < high")
            )
        if row["closes_gap"] not in ("yes", "no"):
            place = Place(file="codes/levers.csv", path=row["lever"])
            raise InputError(Problem("HN220", "Neither yes nor no in column closes_gap", place, row["closes_gap"]))
    return rows


def all_levers(root: Path, vintage: Vintage, years: Sequence[int], closing_only: bool = False) -> list[Lever]:
    """Every lever of a vintage in the order of the list, or those that may close what a mix of measures leaves."""
    found: dict[str, Lever] = {}
    for row in lever_rows(root):
        if closing_only and row["closes_gap"] != "yes":
            continue
        for path, sourced in vintage.values.items():
            if path not in found and fnmatchcase(path, row["pattern"]):
                name = row["lever"] if "*" not in row["pattern"] else path
                found[path] = _lever(vintage, sourced, row, name, years)
    return [lever for lever in found.values() if lever.low < lever.high and lever.low <= lever.start <= lever.high]


def _lever(vintage: Vintage, sourced: Sourced, row: Mapping[str, str], name: str, years: Sequence[int]) -> Lever:
    moves_by = row["moves_by"]
    low, high, bound = float(row["low"]), float(row["high"]), row["note"]
    start = {"factor": 1.0, "value": sourced.value or 0.0}.get(moves_by, 0.0)
    if sourced.interval is not None and sourced.value and moves_by == "factor":
        low, high = (end / sourced.value for end in _far(sourced.value, sourced.interval))
        bound = "The interval of the vintage, to its 1st and 99th percentile"
    driver = next((d for d in vintage.uncertainty.drivers.values() if d.acts_on == sourced.path), None)
    if driver is not None and moves_by in ("factor", "shift") and (driver.kind == "factor") == (moves_by == "factor"):
        low, high = _wider(driver.interval, low, high)
    allowed = _allowed(vintage, sourced, moves_by, low, high)
    if allowed != (low, high):
        bound = "Beyond it a value would be one that no vintage may hold"
    low, high = allowed
    keys, held = _years(sourced, moves_by, years)
    title = _label(vintage, sourced.path, row["label"])
    return Lever(name, sourced.path, moves_by, low, high, start, title, sourced.unit, bound, sourced.value, keys, held)


def lever_label(root: Path, vintage: Vintage, path: str) -> str:
    """A path in words; the path itself where the list has no lever for it."""
    row = next((row for row in lever_rows(root) if fnmatchcase(path, row["pattern"])), None)
    return path if row is None else _label(vintage, path, row["label"])


def _label(vintage: Vintage, path: str, label: str) -> str:
    """The label of the list, with what the star of its pattern stands for."""
    parts = path.split(".")
    if parts[0] == "measures" and parts[1] in vintage.measures:
        effect = f", effect {int(parts[3]) + 1}" if parts[2] == "effects" else ""
        return f"{label}: {parts[1].replace('_', ' ')}{effect}"
    last = next((part for part in reversed(parts) if part not in ("commissioned", "cost", "share")), "")
    if parts[0] in ("prices", "services") or "places" in parts:
        title = vintage.codes.labels.get(last, last.replace("_", " "))
        return f"{label}: {title[:1].lower()}{title[1:]}"
    return label


def _far(centre: float, interval: Interval) -> tuple[float, float]:
    """The 1st and 99th percentile of a two-piece normal around its centre."""
    reach = FAR / NormalDist().inv_cdf(0.5 + interval.level / 2.0)
    return max(0.0, centre - (centre - interval.low) * reach), centre + (interval.high - centre) * reach


def _wider(interval: Interval, low: float, high: float) -> tuple[float, float]:
    return min(low, interval.low), max(high, interval.high)


def _allowed(vintage: Vintage, sourced: Sourced, moves_by: str, low: float, high: float) -> tuple[float, float]:
    """Bounds within which every value stays one that the vintage may hold."""
    shape = shape_of(vintage.keys[sourced.path])
    floor, ceiling = sourced.bounds()
    if shape is not None:
        floor = shape.low if shape.low is not None else floor
        ceiling = shape.high if shape.high is not None else ceiling
    values = [sourced.value] if sourced.value is not None else list((sourced.by or {}).values())
    values += [float(row["value"]) for row in sourced.rows]
    if moves_by == "factor":
        low = max(low, 0.0)
    if moves_by == "amount":
        low, high = max(low, floor), min(high, ceiling)
    if moves_by == "factor" and values and max(map(abs, values)) > 0:
        largest, smallest = max(values), min(values)
        high = min(high, ceiling / largest) if largest > 0 else high
        high = min(high, floor / smallest) if smallest < 0 else high
    if moves_by == "shift" and values:
        low, high = max(low, floor - min(values)), min(high, ceiling - max(values))
    if moves_by == "value":
        low, high = max(low, floor), min(high, UNITS[sourced.unit].high if shape is None else ceiling)
    return low, high


def _years(sourced: Sourced, moves_by: str, years: Sequence[int]) -> tuple[tuple[str, ...], tuple[float, ...]]:
    if sourced.by is None or moves_by not in ("shift", "amount"):
        return (), ()
    if moves_by == "shift":
        return tuple(sourced.by.show(key) for key in sourced.by), tuple(sourced.by.values())
    free = [year for year in years if year > max(sourced.by)]
    return tuple(sourced.by.show(year) for year in free), (0.0,) * len(free)


def _unknown(vintage: Vintage, name: str, short: list[str]) -> Problem:
    near = difflib.get_close_matches(name, short, n=1, cutoff=0.7)
    problem = unknown_path(vintage, name)
    return replace(problem, do=f"Did you mean {near[0]!r}?") if near else problem
