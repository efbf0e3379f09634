"""The agreed profile against the forecast, how likely it is met, and what it would take to be back on it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hnforecast.base.timeline import show_year

if TYPE_CHECKING:
    from hnforecast.engine.records import Forecast

LEAST = 1.0  # pounds: nearer than this is on the profile


def direction_word(variance: float) -> str:
    """Favourable, adverse or on profile: the variance is forecast less agreed, in signed pounds."""
    if abs(variance) < LEAST:
        return "on profile"
    return "favourable" if variance > 0 else "adverse"


def profile_table(forecast: Forecast) -> pd.DataFrame:
    """Every year that has an agreed profile: agreed, forecast, variance, and the probability of meeting it.

    Both sides are before any contribution, the form in which agreements state their profile.
    """
    account, clock = forecast.account, forecast.clock
    profile = forecast.scenario.vintage.support.agreement
    mark = "" if profile.gross_closing is None else profile.gross_closing.mark
    met = forecast.ensemble.account.met if forecast.ensemble is not None else None
    records: list[dict[str, Any]] = []
    for f, year in enumerate(clock.financial_years):
        agreed = float(account.agreed_gross_closing[f])
        if math.isnan(agreed):
            continue
        gross = float(account.gross_closing[0, f])
        past = year < clock.first_forecast
        probability = None if met is None or past else float(np.mean(met[:, f]))
        agreed_in_year = float(account.agreed_in_year[f])
        records.append(
            {
                "financial_year": show_year(year),
                "status": "outturn" if past else "forecast",
                "agreed_in_year": None if math.isnan(agreed_in_year) else agreed_in_year,
                "forecast_in_year": float(account.in_year[0, f]),
                "agreed_gross": agreed,
                "forecast_gross": gross,
                "variance": gross - agreed,
                "direction": direction_word(gross - agreed),
                "probability_met": None if probability is None else 100.0 * probability,
                "probability_note": _note(past, probability, mark),
                "mark": mark,
            }
        )
    columns = [
        "financial_year", "status", "agreed_in_year", "forecast_in_year", "agreed_gross", "forecast_gross", "variance",
        "direction", "probability_met", "probability_note", "mark",
    ]  # fmt: skip
    return pd.DataFrame(records, columns=columns)


def _note(past: bool, probability: float | None, mark: str) -> str:
    if past:
        return "The year has ended"
    kind = {"confirmed": "published", "inferred": "inferred, not published", "unverified": "unverified"}.get(mark, mark)
    if probability is None:
        return f"Central run only, so no probability; the profile is {kind}"
    return f"Share of draws at or better than the profile, which is {kind}"


def recovery_table(forecast: Forecast, ends: int, financial_year: int) -> pd.DataFrame:
    """What would have to be true to be back on the profile when the agreement ends, from the next year on.

    Each line alone is enough: an improvement a year held evenly, the same as a share of spend, or so many fewer plans
    at the placement most is spent on (at its own price, with nothing put in their place). None of it is a proposal.
    """
    account, clock = forecast.account, forecast.clock
    columns = ["item", "value", "unit", "meaning"]
    years = [year for year in clock.financial_years if financial_year < year <= ends]
    if not years or ends not in clock.financial_years:
        return pd.DataFrame(columns=columns)
    last = clock.at(ends)
    agreed = float(account.agreed_gross_closing[last])
    if math.isnan(agreed):
        return pd.DataFrame(columns=columns)
    gap = max(0.0, agreed - float(account.gross_closing[0, last]))
    yearly = gap / len(years)
    positions = [clock.at(year) for year in years]
    rows = forecast.spend.account_rows
    spend = float(forecast.spend.by_year[0][positions][:, rows].sum()) / len(years)
    in_year = float(account.in_year[0, last])
    span = show_year(years[0]) if len(years) == 1 else f"{show_year(years[0])} to {show_year(years[-1])}"
    records = [
        (
            "Shortfall against the profile at its end",
            gap,
            "gbp",
            f"Cumulative, before contributions, {show_year(ends)}",
        ),
        ("Improvement needed in every year", yearly, "gbp", f"The same sum in each year, {span}"),
        (
            "The same as a share of spend",
            100.0 * yearly / spend if spend else None,
            "percent",
            "Of gross spend less income",
        ),
        ("In-year position left in the last year", in_year + yearly, "gbp", "Nil is what an agreement closes at"),
    ]
    dearest = _dearest(forecast, positions)
    if dearest is not None:
        label, price = dearest
        meaning = f"At {price:,.0f} pounds a plan and year, placed at no cost elsewhere; average of {span}"
        records.append((f"Fewer plans at: {label}", yearly / price, "plans", meaning))
    return pd.DataFrame(records, columns=columns)


def _dearest(forecast: Forecast, positions: list[int]) -> tuple[str, float] | None:
    """The placement with the largest plan-led spend, and its average spend a plan."""
    spend, clock, plans = forecast.spend, forecast.clock, forecast.plans
    codes = forecast.scenario.vintage.codes
    best: tuple[float, str, float] | None = None
    for p, placement in enumerate(codes.placements):
        rows = [r for r, row in enumerate(spend.rows) if row.placement == placement and row.kind == "gross"]
        if not rows:
            continue
        total = float(spend.by_year[0][positions][:, rows].sum())
        months = [
            t for t, month in enumerate(clock.months)
            if any(12 * clock.financial_years[f] + 3 <= month < 12 * clock.financial_years[f] + 15 for f in positions)
        ]  # fmt: skip
        stock = float(plans.plan_months[0][months, p].sum()) / 12.0
        if stock > 0 and (best is None or total > best[0]):
            best = (total, codes.labels[placement], total / stock)
    return None if best is None else (best[1], best[2])
