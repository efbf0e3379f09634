"""What may be chosen beside the measures: how fast new plans grow, and what the block grows by after the settlement.

A choice is a set of overrides as `hnforecast run --set` takes them, so that every one can be repeated from the command
line. Its ends are those the vintage itself gives for its uncertain drivers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hnforecast.assumptions import ScenarioSpec, Sourced, Vintage
from hnforecast.errors import Place, Problem, ScenarioError
from hnforecast.timeline import show_year

CENTRAL, LOW, HIGH, FLAT = "central", "low", "high", "flat"
DIGITS = 10  # of a sum of two numbers people wrote; what lies beyond is how a computer holds them


@dataclass(frozen=True)
class Choice:
    """One choice.

    Args:
        name: central, low, high or flat.
        size: what the ends of the driver's interval add (kind shift) or multiply by (factor); 0 or 1 for none.
        kind: shift or factor.
        level: probability of the interval the size is an end of; 0 where it is not one.
        since: first year or January count it touches, as written.
        overrides: path -> value, as `run --set` takes them.
    """

    name: str
    size: float = 0.0
    kind: str = "shift"
    level: float = 0.0
    since: str = ""
    overrides: Mapping[str, float | str] = field(default_factory=dict)


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
    """Flat cash, low, central and high growth of the high needs block from the year after the settlement ends."""
    growth, after = vintage.funding.high_needs_block.growth, vintage.manifest.settlement_ends
    flat_since, flat = _set(growth, after, lambda _: 0.0)
    choices = [Choice(FLAT, since=flat_since, overrides=flat), Choice(CENTRAL)]
    for driver in vintage.uncertainty.drivers.values():
        if driver.acts_on == growth.path and driver.kind == "shift":
            interval = driver.interval
            low, high = (
                Choice(name, size, "shift", interval.level, *_moved(growth, size, after))
                for name, size in ((LOW, interval.low), (HIGH, interval.high))
            )
            choices = [choices[0], low, choices[1], high]
    central = _path(growth, {})
    return tuple(
        choice
        for position, choice in enumerate(choices)
        if choice.name == CENTRAL
        or _path(growth, choice.overrides) not in [central, *(_path(growth, c.overrides) for c in choices[:position])]
    )


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


def _path(series: Sourced, overrides: Mapping[str, float | str]) -> tuple[tuple[str, float | str], ...]:
    """What a series is with overrides made, to tell whether two choices differ."""
    own = {series.path: series.at(0)} if series.by is None else {
        f"{series.path}.{series.by.show(key)}": value for key, value in series.by.items()
    }  # fmt: skip
    return tuple(sorted({**own, **overrides}.items()))
