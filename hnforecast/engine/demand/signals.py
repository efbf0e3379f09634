"""What an authority's published returns say about its next years, as signals for `local.py`.

Each signal is (authority, year) and uses only columns up to its own year. Why each is there:

    growth, three years      momentum and the rebound after a year of clearing records
    new-plan rate            new plans over the stock they joined: growth before closures blur it
    request rate             requests lead plans by 20 weeks and more; the strongest single signal
    refused rate             requests that will not become plans
    undecided rate           assessments begun and not decided at the year's end (published to 2021)
    prevalence               plans per resident aged 0-25: authorities above the country grow more slowly
"""

from __future__ import annotations

import numpy as np

from hnforecast.engine.demand.panel import Floats, Panel, log_growth, safe_log


def lagged(values: Floats, years: int) -> Floats:
    """Values of `years` columns before; NaN where the panel does not reach back."""
    if years == 0:
        return values
    shifted = np.full_like(values, np.nan)
    shifted[:, years:] = values[:, :-years]
    return shifted


def ratio(above: Floats, below: Floats) -> Floats:
    """Quotient, NaN where the divisor is zero or either is missing."""
    return above / np.where(np.nan_to_num(below) > 0, below, np.nan)


def demand_signals(panel: Panel) -> dict[str, Floats]:
    """Signals of demand for plans; those whose files are missing are NaN throughout and carry no news."""
    plans = panel.series("total_plans")
    growth = log_growth(plans)
    return {
        "growth": growth,
        "growth_before": lagged(growth, 1),
        "growth_two_before": lagged(growth, 2),
        "new_plan_rate": ratio(panel.optional("new_plans"), lagged(plans, 1)),
        "request_rate": ratio(panel.optional("requests"), plans),
        "refused_rate": ratio(panel.optional("refused"), plans),
        "undecided_rate": ratio(panel.optional("undecided"), plans),
        "prevalence": prevalence(panel),
    }


def prevalence(panel: Panel) -> Floats:
    """Log plans per resident on the latest estimate known: one cross-section, as editions were rebased between."""
    plans = panel.series("total_plans")
    if not panel.residents:
        return np.full_like(plans, np.nan)
    latest = panel.residents[max(panel.residents)]
    return safe_log(ratio(plans, np.broadcast_to(latest[:, None], plans.shape)))


def series_signals(panel: Panel, name: str) -> dict[str, Floats]:
    """Demand signals, and for a series other than the total its own momentum and its share of the total."""
    signals = demand_signals(panel)
    if name == "total_plans":
        return signals
    values = panel.series(name)
    own = log_growth(values)
    signals["own_growth"] = own
    signals["own_growth_before"] = lagged(own, 1)
    signals["share"] = safe_log(ratio(values, panel.series("total_plans")))
    return signals
