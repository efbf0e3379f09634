"""Invented budget, places, reconciliation, transport, capital, measures, risks and funding notices."""

from __future__ import annotations

from typing import Any

import numpy as np

from hnforecast.monitoring.anchor import Anchored
from hnforecast.monitoring.costs import Costs, positions
from hnforecast.monitoring.period import Period
from hnforecast.monitoring.reconcile import pence
from hnforecast.monitoring.variance import volumes_of
from hnforecast.timeline import academic_year, month, show_month

Rows = list[dict[str, Any]]
CARRIED_SHARE = 0.35  # of plans, transported: 6,250 of 17,733 in January 2022
SCHEMES = (
    ("Special school expansion (illustrative)", 60, 2, 9_000_000, 0.55, "green"),
    ("Resourced provision programme (illustrative)", 120, 10, 20_000_000, 0.2, "amber"),
)
RISKS = (
    ("Independent fees rise by more than assumed", 1_000_000, 4_000_000, "likely", "Framework; fee panel", "amber"),
    ("Requests keep rising and thresholds are successfully appealed", 1_000_000, 6_000_000, "possible",
     "Mediation first; evidence checked before decision", "amber"),
    ("New special school places open late", 500_000, 2_500_000, "possible", "Programme board monthly", "amber"),
    ("Payments or grant are withheld", 5_000_000, 14_000_000, "unlikely", "Early notice to the Department", "red"),
)  # fmt: skip
ACCOUNTS = {
    "green": "On plan.",
    "amber": "Behind plan: recruitment took a term longer than assumed; recovery plan agreed (illustrative).",
    "red": "Not delivering: needs a decision (illustrative).",
}
DELIVERED = {"green": 0.95, "amber": 0.75, "red": 0.35}


def budget_rows(start: Anchored, year: int) -> Rows:
    """The forecast at the start of the year in round thousands, with the plans it pays for."""
    volumes = volumes_of(start, year)
    rows: Rows = []
    for key, account in start.accounts.items():
        gbp = round(start.lines[year, key].outturn, -3)
        volume = volumes.get(key)
        if gbp or account == "dsg":
            plan_years = round(volume, 1) if volume is not None else None
            rows.append({"s251_line": key[0], "placement": key[1], "gbp": gbp, "plan_years": plan_years})
    return rows


def listed_rows(
    start: Anchored, costs: Costs, plans: Rows, period: Period, chance: np.random.Generator
) -> dict[str, Rows]:
    """The files that are lists, by name."""
    return {
        "places": _places(start, plans, period),
        "plans_paid": _paid(plans, period, chance),
        "transport": _transport(costs, start, plans, period, chance),
        "capital": _capital(period),
        "measures": _measures(start, period),
        "risks": [
            {"month": show_month(at), "risk": risk, "low_gbp": low, "high_gbp": high, "likelihood": likelihood,
             "response": response, "rating": rating}
            for at in _quarter_ends(period) for risk, low, high, likelihood, response, rating in RISKS
        ],
        "funding": _funding(start, period),
    }  # fmt: skip


def _quarter_ends(period: Period) -> list[int]:
    return [at for at in period.months if (at - period.months.start) % 3 == 2]


def _places(start: Anchored, plans: Rows, period: Period) -> Rows:
    forecast = start.forecast
    vintage = forecast.scenario.vintage
    open_plans = {(row["month"], row["placement"]): row["open"] for row in plans}
    years = forecast.clock.academic_years[-forecast.rates.places.shape[1] :]
    rows: Rows = []
    for at in period.months:
        y = years.index(academic_year(at))
        for k, name in enumerate(vintage.flows.places):
            commissioned = round(float(forecast.rates.places[0, y, k]))
            filled = min(commissioned, open_plans[show_month(at), name])
            rows.append({"month": show_month(at), "placement": name, "commissioned": commissioned, "filled": filled})
    return rows


def _paid(plans: Rows, period: Period, chance: np.random.Generator) -> Rows:
    """Every quarter end; the ledger pays for a few more or fewer than the list."""
    rows: Rows = []
    ends = {show_month(at) for at in _quarter_ends(period)}
    for row in plans:
        if row["month"] in ends:
            gap = int(chance.integers(-6, 7)) if row["open"] > 500 else 0
            words = {True: "Leavers still paid for to the end of term", False: "Joiners not yet set up for payment"}
            why = words[gap > 0] + " (illustrative)" if gap else ""
            rows.append({"month": row["month"], "placement": row["placement"], "plans_sen2": row["open"],
                         "plans_ledger": row["open"] + gap, "explanation": why})  # fmt: skip
    return rows


def _transport(costs: Costs, start: Anchored, plans: Rows, period: Period, chance: np.random.Generator) -> Rows:
    clock = start.forecast.clock
    total = {
        show_month(at): sum(row["open"] for row in plans if row["month"] == show_month(at)) for at in period.months
    }
    rows: Rows = []
    for (line, _placement), members in positions(costs.spend.rows, "council").items():
        if not line.startswith("2.1.4"):
            continue
        for at in period.months:
            modelled = float(costs.spend.monthly[0, clock.months.index(at), members].sum())
            gbp = float(pence(modelled * (1.0 + 0.01 * float(chance.standard_normal()))))
            carried = round(CARRIED_SHARE * total[show_month(at)])
            rows.append({"month": show_month(at), "s251_line": line, "passengers": carried, "gbp": gbp})
    return rows


def _capital(period: Period) -> Rows:
    opening = month(period.financial_year + 1, 9)
    rows: Rows = []
    for at in _quarter_ends(period):
        done = (at - period.months.start + 1) / 12.0
        for scheme, places, later, budget, share, rag in SCHEMES:
            opens = f"{show_month(opening + (12 if later > 6 else 0))}-01"
            rows.append({"month": show_month(at), "scheme": scheme, "places": places, "opening_date": opens,
                         "budget": budget, "spend_to_date": round(budget * share * done, -3), "rag": rag})  # fmt: skip
    return rows


def _measures(start: Anchored, period: Period) -> Rows:
    forecast = start.forecast
    f = period.financial_year - forecast.clock.first_forecast  # savings begin with the first forecast year
    planned = {saving.measure: float(saving.central[f]) for saving in forecast.savings}
    rows: Rows = []
    for at in _quarter_ends(period):
        share = (at - period.months.start + 1) / 12.0
        for measure in forecast.scenario.measures:
            plan = round(planned.get(measure.name, 0.0), -3)
            rows.append({"month": show_month(at), "measure": measure.name, "planned_saving": plan,
                         "saving_to_date": round(plan * share**2 * DELIVERED[measure.rag], -3), "rag": measure.rag,
                         "narrative": ACCOUNTS[measure.rag]})  # fmt: skip
    return rows


def _funding(start: Anchored, period: Period) -> Rows:
    funding = start.forecast.funding
    f = start.forecast.clock.financial_years.index(period.financial_year)
    return [
        {"month": show_month(period.months.start), "stream": stream, "gbp": float(pence(funding.by_year[0, f, s])),
         "source": "As assumed in the vintage (illustrative)"}
        for s, stream in enumerate(funding.streams)
    ]  # fmt: skip
