"""What may be chosen beside the measures: how fast new plans grow, and what the block grows by after the settlement.

A choice is a set of overrides as `hnforecast run --set` takes them, so that every one can be repeated from the command
line. Its ends are those the vintage itself gives for its uncertain drivers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hnforecast.assumptions import ScenarioSpec, Sourced, Vintage
from hnforecast.base.errors import Place, Problem, ScenarioError
from hnforecast.base.lists import read_list
from hnforecast.base.timeline import parse_year, show_year
from hnforecast.questions.sensitivity.settlements import COLUMNS

CENTRAL, LOW, HIGH = "central", "low", "high"
DIGITS = 10  # of a sum of two numbers people wrote; what lies beyond is how a computer holds them


@dataclass(frozen=True)
class Choice:
    """One choice.

    Args:
        name: central, low, high, or the settlement's in the code list.
        size: what the ends of the driver's interval add (kind shift) or multiply by (factor); 0 or 1 for none.
        kind: shift or factor.
        level: probability of the interval the size is an end of; 0 where it is not one.
        since: first year or January count it touches, as written.
        overrides: path -> value, as `run --set` takes them.
        label, path: of a settlement: its label, and (year, growth) with the last growth held on.
    """

    name: str
    size: float = 0.0
    kind: str = "shift"
    level: float = 0.0
    since: str = ""
    overrides: Mapping[str, float | str] = field(default_factory=dict)
    label: str = ""
    path: tuple[tuple[int, float], ...] = ()


def choose_plan(vintage: Vintage, wanted: str | None = None) -> str:
    """The scenario whose measures are offered: the one asked for, or that with most measures, central in all else.

    Raises:
        ScenarioError: no scenario, or the one asked for, has measures at central delivery on the vintage's own demand.
    """
    fit = {name: spec for name, spec in vintage.scenarios.items() if _is_plain(spec) and _measures(vintage, spec)}
    if wanted is not None:
        fit = {name: spec for name, spec in fit.items() if name == wanted}
    if not fit:
        what = "There is no scenario of measures to choose from" if wanted is None else "Not a scenario of measures"
        expected = "measures at central delivery, with the vintage's own demand, prices and growth"
        place = Place(file="assumptions/scenarios.yaml", path=wanted or "")
        raise ScenarioError(Problem("HN581", what, place, expected=expected, do="Name another with --scenario."))
    return max(fit, key=lambda name: len(_measures(vintage, fit[name])))


def _is_plain(spec: ScenarioSpec) -> bool:
    return (spec.demand, spec.prices, spec.delivery, spec.growth) == ("vintage", "vintage", CENTRAL, CENTRAL)


def _measures(vintage: Vintage, spec: ScenarioSpec) -> tuple[str, ...]:
    return tuple(vintage.measures) if spec.measures is None else spec.measures


def growth_choices(vintage: Vintage) -> tuple[Choice, ...]:
    """Low, central and high growth of new plans: the ends of the driver the vintage states; central alone without."""
    new_plans = vintage.demand.new_plans
    for driver in vintage.uncertainty.drivers.values():
        interval = driver.interval
        if driver.acts_on == new_plans.growth.path and driver.kind == "shift":
            after = vintage.manifest.base_census
            ends = [
                Choice(name, size, "shift", interval.level, *_moved(new_plans.growth, size, after))
                for name, size in ((LOW, interval.low), (HIGH, interval.high))
            ]
        elif driver.acts_on == new_plans.rate.path and driver.kind == "factor":
            ends = [
                Choice(name, size, "factor", interval.level, "", {new_plans.rate.path: f"x{size!r}"})
                for name, size in ((LOW, interval.low), (HIGH, interval.high))
            ]
        else:
            continue
        return (ends[0], Choice(CENTRAL, kind=driver.kind), ends[1])
    return (Choice(CENTRAL),)


def settlement_choices(vintage: Vintage) -> tuple[Choice, ...]:
    """The vintage's own growth of the high needs block, then every settlement of the code list that differs from it.

    A settlement with a range after its settled years gives a choice for each end.
    """
    growth, root = vintage.funding.high_needs_block.growth, vintage.root
    allocation = vintage.funding.high_needs_block.allocation.by
    if growth.by is None or allocation is None:
        return (Choice(CENTRAL),)
    announced = max(allocation)
    own = {year: growth.at(year, 0.0) for year in range(announced + 1, max(*growth.by, announced + 1) + 1)}
    found = {tuple(_held(own, own)): Choice(CENTRAL, path=tuple(_held(own, own)))}
    listed: dict[str, list[Mapping[str, str]]] = {}
    for row in read_list(root, "settlements", COLUMNS, ("low", "growth", "high")):
        listed.setdefault(row["settlement"], []).append(row)
    for column, name_end in (("growth", ""), (LOW, f"_{LOW}"), (HIGH, f"_{HIGH}")):
        for name, rows in listed.items():
            path = {parse_year(row["financial_year"]): float(row[column]) for row in rows}
            years = _held(path, own)
            cells: dict[str, float | str] = {f"{growth.path}.{show_year(year)}": value for year, value in years}
            label = rows[0]["label"] + (f", {column}" if name_end else "")
            found.setdefault(tuple(years), Choice(name + name_end, overrides=cells, label=label, path=tuple(years)))
    return tuple(found.values())


def _held(path: Mapping[int, float], own: Mapping[int, float]) -> list[tuple[int, float]]:
    """Growth by year after the announced ones: the path's, the last of it held on, the own before it begins."""
    first, last = min(own), max(*path, *own)
    years = []
    for year in range(first, last + 1):
        known = [key for key in path if key <= year]
        years.append((year, path[max(known)] if known else own[min(year, max(own))]))
    while len(years) > 1 and years[-1][1] == years[-2][1] and years[-1][0] > max(own):
        years.pop()
    return years


def _moved(series: Sourced, size: float, after: int) -> tuple[str, dict[str, float | str]]:
    return _set(series, after, lambda value: round(value + size, DIGITS))


def _set(series: Sourced, after: int, change: Callable[[float], float]) -> tuple[str, dict[str, float | str]]:
    """The first period touched, and overrides that change a series after a year; a single value is changed whole."""
    if series.by is None:
        return "", {series.path: change(series.at(0))}
    later = [key for key in series.by if key > after]
    if series.by.kind == "year" and after + 1 not in later:
        later = [after + 1, *later]  # the last rate written holds on, so that the year after it is named
    cells: dict[str, float | str] = {
        f"{series.path}.{series.by.show(key)}": change(series.at(key, 0.0)) for key in later
    }
    return (series.by.show(later[0]) if later else show_year(after + 1)), cells
