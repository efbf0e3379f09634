"""The bridge between two forecasts: what moved the balance, the in-year position and the plans, year by year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.base.errors import Problem, UsageError
from hnforecast.base.shapley import shapley_shares
from hnforecast.base.timeline import show_year
from hnforecast.engine.drivers.tables import forecast_clock
from hnforecast.engine.records import Forecast
from hnforecast.questions.compare.hybrids import FLOW, LABELS, MODEL, PLAYERS, Worth, run_hybrids
from hnforecast.questions.compare.recorded import ITEMS, Recorded
from hnforecast.questions.compare.sides import Side

PLANS = "plans"
WRITTEN, MILLION = 0.02, 1e6  # pounds that rounding of two tables to the penny may leave


@dataclass(frozen=True)
class Movement:
    """What one group of drivers moves.

    Args:
        name, label: of the group.
        account: item -> (f,) signed pounds; positive makes the position better.
        plans: (f,) plans at the January inside each year.
    """

    name: str
    label: str
    account: Mapping[str, FloatArray]
    plans: FloatArray

    def of(self, item: str) -> FloatArray:
        """(f,) the movement of an item of the account, or of plans."""
        return self.plans if item == PLANS else self.account[item]


@dataclass(frozen=True)
class Bridge:
    """From one forecast to another; `start + sum(movements) = end` for every item and year.

    Args:
        start_label, end_label: what is compared.
        years: financial years both forecasts report.
        year: the one asked for.
        start, end: item -> (f,) signed pounds; "plans" holds plans at the January inside the year.
        movements: one a group, in a fixed order.
        notes: what a reader must know, in sentences.
    """

    start_label: str
    end_label: str
    years: tuple[int, ...]
    year: int
    start: Mapping[str, FloatArray]
    end: Mapping[str, FloatArray]
    movements: tuple[Movement, ...]
    notes: tuple[str, ...]

    def amounts(self, item: str, year: int | None = None) -> Iterator[tuple[str, float]]:
        """Label and amount of the start, each movement and the end, of an item in a year."""
        f = self.years.index(self.year if year is None else year)
        yield self.start_label, float(self.start[item][f])
        for movement in self.movements:
            yield movement.label, float(movement.of(item)[f])
        yield self.end_label, float(self.end[item][f])


def build_bridge(
    forecast_a: Forecast,
    forecast_b: Forecast,
    year: int | None = None,
    *,
    recorded_a: Recorded | None = None,
    recorded_b: Recorded | None = None,
    labels: tuple[str, str] | None = None,
) -> Bridge:
    """Explain the difference of two central forecasts by groups of drivers, Shapley over every hybrid.

    The two need not start from the same count: both are carried from the later of their base counts, the earlier one
    from where it said plans would be by then. What that replaces, and what starting anew changes, is new counts and
    outturn.

    Args:
        year: first calendar year of the financial year to show; the last both report by default.
        recorded_a, recorded_b: figures a run wrote; what they differ by from today's run of the same assumptions is the
            version of the model.
        labels: of the two sides.

    Raises:
        UsageError: they belong to different authorities, or share no year.
        ReconciliationError: a hybrid has more plans than children.
    """
    _check_same(forecast_a, forecast_b)
    years = tuple(y for y in forecast_a.clock.financial_years if y in forecast_b.clock.financial_years)
    if not years or (year is not None and year not in years):
        raise UsageError(_no_year(forecast_a, forecast_b, year))
    base = max((f.scenario.vintage.manifest.base_census, f.clock.first_forecast) for f in (forecast_a, forecast_b))
    early = sum(y < base[1] for y in years)
    clock = forecast_clock(base[0], base[1], years[-1] - base[1] + 1)
    sides = (Side.of(forecast_a, clock, years), Side.of(forecast_b, clock, years))
    worth = run_hybrids(sides, early)
    start, end = _results(sides[0]), _results(sides[1])
    movements = _shares(worth, early)
    # what the hybrids do not reproduce: starting the earlier forecast anew from a later count
    again = {
        item: (_lane(worth, item, early, 0) - start[item]) + (end[item] - _lane(worth, item, early, -1))
        for item in start
    }
    same_base = len({f.scenario.vintage.manifest.base_census for f in (forecast_a, forecast_b)}) == 1
    remainder = MODEL if same_base else FLOW[0]
    for item, left in again.items():
        movements[remainder][item] = movements[remainder][item] + left
    for recorded, results, sign in ((recorded_a, start, -1.0), (recorded_b, end, 1.0)):
        if recorded is not None:
            for item, moved in _restate(results, recorded, years).items():
                movements[MODEL][item] = movements[MODEL][item] + sign * moved
    first, second = labels or (_label(forecast_a), _label(forecast_b))
    return Bridge(
        start_label=first,
        end_label=second,
        years=years,
        year=years[-1] if year is None else year,
        start=start,
        end=end,
        movements=tuple(
            Movement(name, LABELS[name], {item: moved[item] for item in ITEMS}, moved[PLANS])
            for name, moved in movements.items()
        ),
        notes=_notes(forecast_a, forecast_b, again, recorded_a or recorded_b, movements),
    )


def _results(side: Side) -> dict[str, FloatArray]:
    account, plans = side.forecast.account, side.forecast.plans.january.sum(axis=(2, 3))
    censuses = side.forecast.clock.censuses
    results = {item: side.on(getattr(account, item)) for item in ITEMS}
    results[PLANS] = plans[0, [censuses.index(year + 1) for year in side.years]]
    return results


def _lane(worth: Worth, item: str, early: int, lane: int) -> FloatArray:
    values: FloatArray = (_plans(worth, early) if item == PLANS else worth.account[item])[lane]
    return values


def _plans(worth: Worth, early: int) -> FloatArray:
    """(2**7, f) plans at the January inside each shared year.

    Only the base count lies in an outturn year; any year before it has no hybrid, and repeats the base count.
    """
    columns = [max(0, f - early + 1) for f in range(worth.plans.shape[1] - 1 + early)]
    plans: FloatArray = worth.plans[:, columns]
    return plans


def _shares(worth: Worth, early: int) -> dict[str, dict[str, FloatArray]]:
    """Group -> item -> (f,)."""
    money = {item: shapley_shares(values) for item, values in worth.account.items()}
    plans = shapley_shares(_plans(worth, early))
    nothing = np.zeros(plans.shape[1])
    shares: dict[str, dict[str, FloatArray]] = {}
    for g, name in enumerate(PLAYERS):
        shares[name] = {item: values[g] for item, values in money.items()}
        shares[name][PLANS] = plans[g] if g < len(FLOW) else nothing
    shares[MODEL] = dict.fromkeys((*money, PLANS), nothing)
    return shares


def _restate(results: dict[str, FloatArray], recorded: Recorded, years: tuple[int, ...]) -> dict[str, FloatArray]:
    """Replace results by what the run recorded; returns what that moves them by."""
    moved = {}
    for item, ours in results.items():
        written = [
            recorded.plans.get(year + 1) if item == PLANS else recorded.account.get((item, year)) for year in years
        ]
        restated = np.array([mine if theirs is None else theirs for mine, theirs in zip(ours, written, strict=True)])
        moved[item] = restated - ours
        results[item] = restated
    return moved


def _check_same(first: Forecast, second: Forecast) -> None:
    ours, theirs = (f.scenario.vintage for f in (first, second))
    if ours.manifest.authority.old_la_code != theirs.manifest.authority.old_la_code:
        found = f"{ours.manifest.authority.name} and {theirs.manifest.authority.name}"
        do = "Compare councils with `hnforecast benchmark`."
        raise UsageError(Problem("HN511", "A bridge joins two forecasts of one council", found=found, do=do))
    if ours.codes.placements != theirs.codes.placements:
        found = f"{len(ours.codes.placements)} and {len(theirs.codes.placements)} placements"
        do = "Run the older assumptions again with today's code lists."
        raise UsageError(Problem("HN511", "The two forecasts use different lists of placements", found=found, do=do))


def _no_year(first: Forecast, second: Forecast, year: int | None) -> Problem:
    spans = [
        f"{show_year(f.clock.financial_years[0])} to {show_year(f.clock.financial_years[-1])}" for f in (first, second)
    ]
    what = "The two forecasts share no year" if year is None else f"{show_year(year)} is not in both forecasts"
    return Problem("HN513", what, found=f"{spans[0]}, and {spans[1]}", do="Choose a year both report with --year.")


def _label(forecast: Forecast) -> str:
    return f"{forecast.scenario.vintage.name} {forecast.scenario.name}"


def _notes(
    first: Forecast,
    second: Forecast,
    again: dict[str, FloatArray],
    recorded: Recorded | None,
    movements: dict[str, dict[str, FloatArray]],
) -> tuple[str, ...]:
    notes = []
    bases = [f.scenario.vintage.manifest.base_census for f in (first, second)]
    if bases[0] != bases[1]:
        last = abs(float(again["gross_closing"][-1])) / MILLION
        notes.append(
            f"One forecast starts from January {min(bases)}, the other from January {max(bases)}. Both are carried "
            f"from January {max(bases)}: where the count, the outturn and the balance published by then differ "
            "from what the earlier forecast expected, that and all that follows from it is new counts and outturn. "
            f"£{last:,.1f}m of it, in the last year's balance, comes from starting the earlier forecast anew in "
            "January instead of September."
        )
    if recorded is not None and all(float(np.abs(movements[MODEL][item]).max()) <= WRITTEN for item in ITEMS):
        notes.append("Today's code gives what the runs recorded: the version of the model moves nothing.")
    return tuple(notes)
