"""Error measures of one forecast against what came, by authority and horizon."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from hnforecast.engine.demand.forecast import DemandForecast
from hnforecast.engine.demand.panel import Floats, Panel
from hnforecast.engine.demand.spread import t_quantile

PINBALL_LEVELS = (0.05, 0.10, 0.20, 0.50, 0.80, 0.90, 0.95)
COVERAGES = {"cover50": 0.50, "cover80": 0.80, "cover90": 0.90}


@dataclass(frozen=True)
class Scores:
    """By authority and horizon, (authority, horizon); NaN where the outcome is not known yet.

    Args:
        last: (authority,), the value at the origin, by which authorities are sized.
        outcome: what came.
        central: what was forecast.
        percentage: |central - outcome| / outcome, in per cent.
        scaled: |central - outcome| over the authority's mean yearly change up to the origin (MASE).
        pinball: mean pinball loss over the levels, in per cent of the outcome.
        covered: name -> 100 where the central interval holds the outcome, 0 where not.
    """

    last: Floats
    outcome: Floats
    central: Floats
    percentage: Floats
    scaled: Floats
    pinball: Floats
    covered: dict[str, Floats]


def score(forecast: DemandForecast, history: Floats, outcome: Floats) -> Scores:
    """Score a forecast.

    Args:
        forecast: of the authorities in the rows of `history` and `outcome`.
        history: (authority, year), complete, up to and including the origin.
        outcome: (authority, horizon), NaN where not known yet.
    """
    central = forecast.central
    missed = np.abs(central - outcome)
    yearly_change = np.abs(np.diff(history, axis=1)).mean(axis=1, keepdims=True)
    scale = np.where(yearly_change > 0, yearly_change, np.nan)
    loss = np.zeros_like(central)
    for level in PINBALL_LEVELS:
        short = outcome - central * np.exp(forecast.log_sd * spreads_at(level))
        loss += np.maximum(level * short, (level - 1) * short)
    covered = {}
    # A comparator may forecast nothing at all, which no outcome is near: infinitely far, and so not covered.
    with np.errstate(divide="ignore"):
        standard = np.abs(np.log(outcome / central)) / forecast.log_sd
    for name, level in COVERAGES.items():
        inside = standard <= spreads_at(0.5 + level / 2)
        covered[name] = np.where(np.isfinite(outcome), 100.0 * inside, np.nan)
    percentage, pinball = 100 * missed / outcome, 100 * loss / len(PINBALL_LEVELS) / outcome
    return Scores(history[:, -1], outcome, central, percentage, missed / scale, pinball, covered)


@cache
def spreads_at(level: float) -> float:
    """A quantile of the error in spreads; the same few are asked for thousands of times."""
    return float(t_quantile(np.asarray(level)))


def averages(found: Scores, part: NDArray[np.bool_], column: int) -> dict[str, float]:
    """Measures of one origin and horizon, averaged over the authorities of `part`; empty where no outcome is known yet.

    Bias is of the sum over authorities: what a national total made of these forecasts would have missed by.
    """
    outcome, central = found.outcome[part, column], found.central[part, column]
    known = np.isfinite(outcome) & np.isfinite(central)
    if not known.any():
        return {}

    def mean(values: Floats) -> float:
        seen = values[part, column][known]
        return float(np.nanmean(seen)) if np.isfinite(seen).any() else float("nan")

    return {
        "n": float(known.sum()),
        "mape": mean(found.percentage),
        "mase": mean(found.scaled),
        "bias_pct": float(100 * (central[known].sum() / outcome[known].sum() - 1)),
        "pinball": mean(found.pinball),
        **{name: mean(values) for name, values in found.covered.items()},
    }


def third(sizes: Floats, which: int) -> NDArray[np.bool_]:
    """Authorities in the lower (0), middle (1) or upper (2) third by size."""
    rank = np.argsort(np.argsort(sizes, kind="stable"), kind="stable")
    return np.asarray(rank * 3 // max(len(sizes), 1) == which)


# Which authorities and years a series is scored on.

# Every value of a scored history is above its floor. A placement group is scored only if it has this many years, enough
# for three origins, in this share of the panel's authorities.
FLOORS = {"total_plans": 100.0, "new_plans": 10.0, "spend": 2e6}
GROUP_FLOOR, INDEPENDENT_FLOOR = 20.0, 8.0
LARGEST_SPEND_CHANGE = 0.6
SCARCE = 0.5  # share of the authorities below which a year counts as not reported
LEAST_SHARE = 0.25
LEAST_YEARS = 7
# Histories shorter than this at an origin are not forecast from.
YEARS_NEEDED = 4


@dataclass(frozen=True)
class Scored:
    """Rows of the panel a series is scored on, the first column of its history, and how many years it is long."""

    rows: NDArray[np.bool_]
    first: int
    years: int = 0


def series_to_score(panel: Panel) -> list[str]:
    """Total plans, new plans, placement groups and spend, in that order, as far as the panel supports each."""
    groups = sorted(name for name in panel.local if name.startswith("plans_"))
    return [
        name
        for name in ("total_plans", "new_plans", *groups, "spend")
        if name in panel.local and _enough(panel, name, name in groups)
    ]


def _enough(panel: Panel, name: str, is_group: bool) -> bool:
    where = scored(panel, name)
    count, years = int(where.rows.sum()), where.years
    if is_group:
        return count >= LEAST_SHARE * len(panel.authorities) and years >= LEAST_YEARS
    return count > 0


def floor_of(name: str) -> float:
    """The smallest value a scored history may hold."""
    return FLOORS.get(name, INDEPENDENT_FLOOR if "independent" in name else GROUP_FLOOR)


def scored(panel: Panel, name: str) -> Scored:
    """Authorities with a complete history above the floor, from the year after the last that fewer than half report.

    For spend also no yearly change over 60 %, which in these returns is a change of what is recorded.
    """
    values = panel.series(name)
    known = np.nan_to_num(values) > 0
    # A last year that few report (one council's edition, held before the rest) ends no series and begins none.
    reported = np.flatnonzero(known.mean(axis=0) >= SCARCE)
    if len(reported) == 0:
        return Scored(np.zeros(len(values), dtype=bool), 0)
    last = int(reported[-1]) + 1
    scarce = np.flatnonzero(known[:, :last].mean(axis=0) < SCARCE)
    first = int(scarce[-1]) + 1 if len(scarce) else 0
    if first >= last:
        return Scored(np.zeros(len(values), dtype=bool), first)
    history = np.nan_to_num(values[:, first:last])
    rows: NDArray[np.bool_] = np.asarray((history > floor_of(name)).all(axis=1))
    if name == "spend":
        change = history[:, 1:] / np.maximum(history[:, :-1], 1.0) - 1
        rows &= (np.abs(change) <= LARGEST_SPEND_CHANGE).all(axis=1)
    return Scored(rows, first, last - first)
