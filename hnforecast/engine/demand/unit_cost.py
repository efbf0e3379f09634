"""Spend per plan: where high needs spend of a financial year divided by the plans at the January inside it will go.

National unit cost growth starts from its last observed growth and goes back a tenth of the way each year to long-run
price growth; it is not damped to nothing, because every method that damped cost growth fell short of outturns in 2020
to 2024. Each authority's departure comes from the same pooled regression as plans: a level above the country's comes
back, a jump is partly undone, and plans that have just grown fast dilute the unit cost before their full-year effect
arrives.
"""

from __future__ import annotations

import numpy as np

from hnforecast.engine.demand.comparators import DAMPING
from hnforecast.engine.demand.local import local_path
from hnforecast.engine.demand.panel import Floats, Panel, log_growth, safe_log
from hnforecast.engine.demand.signals import demand_signals, ratio

# The inflation target, as the growth unit costs return to when nothing else is known.
LONG_RUN_GROWTH = float(np.log(1.02))


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
    seen = national_unit_cost_growth(past)
    seen = seen[np.isfinite(seen)]
    start = float(seen[-1]) if len(seen) else LONG_RUN_GROWTH
    return np.asarray(LONG_RUN_GROWTH + (start - LONG_RUN_GROWTH) * DAMPING ** np.arange(horizons), dtype=float)


def unit_cost_log_path(past: Panel, horizons: int) -> Floats:
    """Log of unit cost over its last known value, (authority, horizon)."""
    plans = past.series("total_plans")
    cost = ratio(past.series("spend"), plans)
    common = np.cumsum(unit_cost_growth_path(past, horizons))
    demand = demand_signals(past)
    growth = log_growth(cost)
    signals = [growth, safe_log(cost), demand["growth"], demand["new_plan_rate"]]
    return common[None, :] + local_path(growth, signals, plans, horizons)
