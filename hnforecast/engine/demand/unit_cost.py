"""Spend per plan: where high needs spend of a financial year divided by the plans at the January inside it will go.

The country's path is a weighted mean of two views, each from what is known at the origin alone:

    prices      mean growth of general prices over the last three years, going back a tenth of the way each year to
                their long-run growth
    momentum    the last growth of spend per plan, and its mean change a year so far, damped by a tenth each year

Spend per plan fell behind prices while plans for older students were new and cheap, then rose faster year after year.
Prices say what it cannot stay below for long, momentum where it is heading. A view weighs by the inverse of the mean
square error it would have had at the origins already known; weights are drawn half way together, as those are few.

Each authority's departure comes from the same pooled regression as plans: a level above the country's comes back, a
jump is partly undone, and plans that have just grown fast dilute the unit cost before their full-year effect arrives.

`held_log_path` is the method used until 2026: the last growth alone, going back to the long run. It ran 5 % too low at
two years and 10 % at three, and is kept to be compared with, and for the ranges of vintages signed with it.
"""

from __future__ import annotations

import numpy as np

from hnforecast.engine.demand.comparators import DAMPING
from hnforecast.engine.demand.local import demand_signals, local_path, ratio
from hnforecast.engine.demand.panel import Floats, Panel, log_growth, safe_log

# The inflation target, as the growth prices return to when nothing else is known.
LONG_RUN_GROWTH = float(np.log(1.02))
# Yearly log growth of the GDP deflator, filed under the January inside its financial year.
PRICES = "general_prices"
PRICE_YEARS = 3
# Years ahead that past views are judged on, and how far their weights are drawn together, as a share of the mean
# square error. Scores are flat nearby: from 0.2 to equal weights the error moves by less than 0.1 points.
YEARS_JUDGED = 3
DRAWN_TOGETHER = 1.0
# Nothing the country pays for a plan has moved by a quarter in a year: further out is a change of what is recorded.
MOST_GROWTH = 0.25


def national_unit_cost_growth(panel: Panel) -> Floats:
    """Yearly log growth of spend per plan over authorities with both years, (year,); NaN where none has."""
    plans, spend = panel.series("total_plans"), panel.series("spend")
    known = np.isfinite(plans) & np.isfinite(spend) & (plans > 0)
    both = known[:, 1:] & known[:, :-1]

    def total(values: Floats) -> Floats:
        return np.asarray(np.where(both, values, 0.0).sum(axis=0), dtype=float)

    usable = both.any(axis=0)
    growth = np.full(len(panel.years), np.nan)
    after = ratio(total(spend[:, 1:]), total(plans[:, 1:]))
    before = ratio(total(spend[:, :-1]), total(plans[:, :-1]))
    growth[1:][usable] = safe_log(ratio(after, before))[usable]
    return growth


def unit_cost_growth_path(past: Panel, horizons: int) -> Floats:
    """Expected national log growth of unit cost in each of the next years, (horizon,)."""
    own, prices = national_unit_cost_growth(past), past.national.get(PRICES, np.full(len(past.years), np.nan))
    last = np.flatnonzero(np.isfinite(own))
    if len(last) == 0:
        return _back_to_long_run(_price_growth(prices), horizons)
    return _weighed(own[: last[-1] + 1], prices[: last[-1] + 1], horizons)


def past_path_errors(past: Panel) -> Floats:
    """What the national path missed by in its first year at each earlier origin, log points, (origin,)."""
    own, prices = national_unit_cost_growth(past), past.national.get(PRICES, np.full(len(past.years), np.nan))
    known = np.flatnonzero(np.isfinite(own))
    missed = [own[c] - _weighed(own[:c], prices[:c], 1)[0] for c in known[1:] if np.isfinite(own[c - 1])]
    return np.array(missed, dtype=float)


def _weighed(own: Floats, prices: Floats, horizons: int) -> Floats:
    """The weighted mean of the views of one who knows these years, (horizon,)."""
    weight = 1.0 / (_past_squares(own, prices) + 1e-9)
    return np.asarray(weight / weight.sum() @ _views(own, prices, horizons), dtype=float)


def _views(own: Floats, prices: Floats, horizons: int) -> Floats:
    """Prices and momentum as one sees them who knows these years, the last of them with a growth; (view, horizon)."""
    seen = own[np.isfinite(own)]
    gaining = float(np.diff(seen).mean()) if len(seen) > 1 else 0.0
    momentum = seen[-1] + gaining * np.cumsum(DAMPING ** np.arange(1, horizons + 1))
    limited = np.clip(momentum, -MOST_GROWTH, MOST_GROWTH)
    return np.stack([_back_to_long_run(_price_growth(prices), horizons), limited])


def _past_squares(own: Floats, prices: Floats) -> Floats:
    """Mean square yearly error of each view over the origins known, drawn together; equal where there is none."""
    known = np.flatnonzero(np.isfinite(own))
    squares = []
    for column in known[:-1] + 1:
        ahead = min(YEARS_JUDGED, len(own) - column)
        came = np.cumsum(own[column : column + ahead])
        if np.isfinite(came).all():
            missed = np.cumsum(_views(own[:column], prices[:column], ahead), axis=1) - came
            squares.append(np.mean((missed / np.arange(1, ahead + 1)) ** 2, axis=1))
    if not squares:
        return np.ones(2)
    mean = np.mean(squares, axis=0)
    return np.asarray(mean + DRAWN_TOGETHER * mean.mean(), dtype=float)


def expected_prices(known: Floats, horizons: int) -> Floats:
    """Expected log growth of general prices in each of the next years, from the yearly growths known, (horizon,)."""
    return _back_to_long_run(_price_growth(known), horizons)


def _price_growth(prices: Floats) -> float:
    """Mean growth of general prices over the last years known; long-run growth where none is."""
    recent = prices[np.isfinite(prices)][-PRICE_YEARS:]
    return float(recent.mean()) if len(recent) else LONG_RUN_GROWTH


def _back_to_long_run(start: float, horizons: int) -> Floats:
    return np.asarray(LONG_RUN_GROWTH + (start - LONG_RUN_GROWTH) * DAMPING ** np.arange(horizons), dtype=float)


def unit_cost_log_path(past: Panel, horizons: int) -> Floats:
    """Log of unit cost over its last known value, (authority, horizon)."""
    return np.cumsum(unit_cost_growth_path(past, horizons))[None, :] + _local(past, horizons)


def held_growth_path(past: Panel, horizons: int) -> Floats:
    """National log growth of unit cost by the earlier method: the last one, back to the long run, (horizon,)."""
    seen = national_unit_cost_growth(past)
    seen = seen[np.isfinite(seen)]
    return _back_to_long_run(float(seen[-1]) if len(seen) else LONG_RUN_GROWTH, horizons)


def held_log_path(past: Panel, horizons: int) -> Floats:
    """Log of unit cost over its last known value by the earlier method, (authority, horizon)."""
    return np.cumsum(held_growth_path(past, horizons))[None, :] + _local(past, horizons)


def _local(past: Panel, horizons: int) -> Floats:
    """Each authority's departure from the country, (authority, horizon)."""
    plans = past.series("total_plans")
    cost = ratio(past.series("spend"), plans)
    demand = demand_signals(past)
    growth = log_growth(cost)
    signals = [growth, safe_log(cost), demand["growth"], demand["new_plan_rate"]]
    return local_path(growth, signals, plans, horizons)
