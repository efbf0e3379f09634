"""Variance of the year's outturn to its budget, split so that the parts add up exactly.

For a line on plans or places, V plan-years in the year and b its budget:

    volume = b (sum V / sum V_b - 1)             all placements together grew, at the budget's mix
    mix    = (V / V_b - sum V / sum V_b) b       this placement grew more or less than the whole
    timing = ledger and accruals to date less their price
    price  = outturn - timing - V / V_b x b

Volume and mix of every placement are taken over all plan-driven lines of that placement. Lines that nothing
countable drives have price and timing only; places have no mix.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.base.timeline import months_of_financial_year
from hnforecast.engine.ensemble import Ensemble
from hnforecast.engine.measured import NORMAL_80, MeasuredSpread
from hnforecast.engine.records import Forecast
from hnforecast.quarter.monitor.anchor import Anchored, LineYear
from hnforecast.quarter.monitor.costs import LineKey, is_plan_driven, positions, volume


@dataclass(frozen=True)
class Budget:
    """The approved budget of a year by line and placement.

    Args:
        gbp: pounds; volume: plan-years or place-years, None where nothing countable drives the line.
        approved: whether it was read from a file; else it is the forecast at the start of the year.
    """

    gbp: Mapping[LineKey, float]
    volume: Mapping[LineKey, float | None]
    approved: bool


@dataclass(frozen=True)
class Parts:
    """A variance in pounds, plus where spend is above budget."""

    price: float
    volume: float
    mix: float
    timing: float

    @property
    def total(self) -> float:
        """Their sum."""
        return self.price + self.volume + self.mix + self.timing

    def less(self, other: Parts) -> Parts:
        """The movement from another variance to this."""
        return Parts(
            self.price - other.price, self.volume - other.volume, self.mix - other.mix, self.timing - other.timing
        )


def volumes_of(anchored: Anchored, year: int) -> dict[LineKey, float | None]:
    """Plan-years and place-years behind each line in a financial year."""
    forecast, costs = anchored.forecast, anchored.costs
    span = [forecast.clock.months.index(month) for month in months_of_financial_year(year)]
    found: dict[LineKey, float | None] = {}
    for key, rows in positions(costs.spend.rows).items():
        monthly: FloatArray | None = volume(forecast, forecast.plans, costs, rows)
        found[key] = None if monthly is None else float(np.sum(monthly[span]))
    return found


def plan_driven(anchored: Anchored) -> set[LineKey]:
    """Lines that plans drive."""
    costs = anchored.costs
    return {key for key, rows in positions(costs.spend.rows).items() if is_plan_driven(costs, rows)}


def split_variance(anchored: Anchored, year: int, budget: Budget) -> dict[LineKey, Parts]:
    """The parts of every grant line's variance."""
    driven, now = plan_driven(anchored), volumes_of(anchored, year)
    growth = _growth(driven, now, budget.volume)
    keys = [key for key, account in anchored.accounts.items() if account == "dsg"]
    found: dict[LineKey, Parts] = {}
    for key in dict.fromkeys([*keys, *budget.gbp]):
        line = anchored.lines.get((year, key), LineYear(0.0, 0.0, 0.0, 0.0, 1.0))
        planned = budget.gbp.get(key, 0.0)
        before, after = budget.volume.get(key), now.get(key)
        own = after / before if before and after is not None else 1.0
        whole = growth if key in driven else own
        volume_part, mix = planned * (whole - 1.0), planned * (own - whole)
        price = line.outturn - line.timing - planned * own
        found[key] = Parts(price, volume_part, mix, line.timing)
    return found


def _growth(driven: set[LineKey], now: Mapping[LineKey, float | None], before: Mapping[LineKey, float | None]) -> float:
    """All plan-years over those of the budget; a placement on two lines counts once."""
    ours, theirs = ({key[1]: volumes.get(key) or 0.0 for key in sorted(driven)} for volumes in (now, before))
    whole = sum(theirs.values())
    return sum(ours.values()) / whole if whole else 1.0


def direction(variance: float, *, more_is_worse: bool) -> str:
    """A variance in words; within half a penny it is none."""
    if abs(variance) < 0.005:
        return "on budget"
    return "adverse" if (variance > 0) == more_is_worse else "favourable"


# How wide the rest of the year is.

LEVELS = (0.1, 0.9)
LEAST = 1.0  # pounds: less than that is nothing to take a ratio of


def left_share(months_recorded: int) -> float:
    """Share of a year's spread that is left after so many months."""
    return float(((12 - months_recorded) / 12.0) ** 1.5)


def year_spread(root: Path, forecast: Forecast) -> float:
    """Standard deviation of a year's log spend one year ahead, measured on past forecasts of authorities."""
    return float(np.sqrt(MeasuredSpread.of(root, forecast.scenario, 1).spend(1)[0, 0]))


def line_ratios(
    forecast: Forecast, year: int, keys: list[LineKey], spread: float
) -> dict[LineKey, tuple[float, float]]:
    """Each line's p10 and p90 over its central value at the start of a year.

    With draws they are the line's own, in the year over the year before; without, the spread of all spend stands for
    every line.
    """
    ensemble = forecast.ensemble
    plain = (float(np.exp(-NORMAL_80 * spread)), float(np.exp(NORMAL_80 * spread)))
    if ensemble is None:
        return dict.fromkeys(keys, plain)
    where = positions(ensemble.spend.rows)
    return {key: _ratio(ensemble, where[key], forecast, year) if key in where else plain for key in keys}


def _ratio(ensemble: Ensemble, rows: list[int], forecast: Forecast, year: int) -> tuple[float, float]:
    f = forecast.clock.at(year)
    drawn = ensemble.spend.by_year[:, :, rows].sum(axis=2)
    central = np.median(drawn, axis=0)
    if min(abs(central[f]), abs(central[f - 1])) < LEAST:
        return 1.0, 1.0
    # a draw in which nobody was there the year before says nothing of how the line grows
    told = np.abs(drawn[:, f - 1]) >= LEAST
    ratio = (drawn[told, f] / central[f]) / (drawn[told, f - 1] / central[f - 1])
    low, high = np.quantile(ratio, LEVELS)
    return float(low), float(high)
