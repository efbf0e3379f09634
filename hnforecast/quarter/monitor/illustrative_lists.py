"""Invented budget, places, reconciliation, transport, capital, measures, risks and funding notices."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from hnforecast.base.timeline import Month, academic_year, show_month
from hnforecast.base.timeline import month as month_of
from hnforecast.engine.model.state import Plans
from hnforecast.engine.records import Forecast
from hnforecast.quarter.monitor.anchor import Anchored
from hnforecast.quarter.monitor.costs import Costs, positions
from hnforecast.quarter.monitor.files import REQUEST_SOURCES
from hnforecast.quarter.monitor.pipeline import PipelineRun, run_pipeline
from hnforecast.quarter.monitor.pipeline_file import PipelineFile
from hnforecast.quarter.monitor.pipeline_record import reference_pipeline
from hnforecast.quarter.monitor.reconcile import pence
from hnforecast.quarter.monitor.variance import volumes_of
from hnforecast.quarter.period import Period

Rows = list[dict[str, Any]]
CARRIED_SHARE = 0.35  # of plans, transported: 6,250 of 17,733 in January 2022
LEAST_PLACES, A_CLASS = 8, 4
SCHEMES = (  # name, places a plan, years until it opens, pounds a place, share spent in the year, rating
    ("Special school expansion (illustrative)", 0.003, 1, 150_000, 0.55, "green"),
    ("Resourced provision programme (illustrative)", 0.006, 2, 165_000, 0.2, "amber"),
)
RISKS = (  # what, low and high as shares of the year's spend, likelihood, response, rating
    ("Independent fees rise by more than assumed", 0.0025, 0.01, "likely", "Framework; fee panel", "amber"),
    ("Requests keep rising and thresholds are successfully appealed", 0.0025, 0.015, "possible",
     "Mediation first; evidence checked before decision", "amber"),
    ("New special school places open late", 0.0012, 0.006, "possible", "Programme board monthly", "amber"),
    ("Payments or grant are withheld", 0.0125, 0.035, "unlikely", "Early notice to the Department", "red"),
)  # fmt: skip
NOT_DUE = "Starts after this year: no saving and no cost is planned in it (illustrative)."
ACCOUNTS = {
    ("green", True): "Saving as planned (illustrative).",
    ("green", False): "Started as planned; its cost comes before its saving (illustrative).",
    ("amber", True): "Behind plan: recruitment took a term longer than assumed; recovery plan agreed (illustrative).",
    ("amber", False): "Set up later than planned, so less of its cost has fallen; the saving moves too (illustrative).",
    ("red", True): "Not delivering: needs a decision (illustrative).",
    ("red", False): "Costing more than planned with no saving yet: needs a decision (illustrative).",
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
    spend = sum(line.outturn for (year, key), line in start.lines.items()
                if year == period.financial_year and start.accounts[key] == "dsg")  # fmt: skip
    return {
        "places": _places(start, plans, period),
        "plans_paid": _paid(plans, period, chance),
        "transport": _transport(costs, start, plans, period, chance),
        "capital": _capital(period, plans),
        "measures": _measures(start, period),
        "risks": [
            {"month": show_month(at), "risk": risk, "low_gbp": _round(low * spend), "high_gbp": _round(high * spend),
             "likelihood": likelihood, "response": response, "rating": rating}
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


def _round(gbp: float) -> float:
    """To two figures: a risk is not known to the pound."""
    return float(f"{gbp:.2g}")


def _capital(period: Period, plans: Rows) -> Rows:
    first = show_month(period.months.start)
    open_plans = sum(row["open"] for row in plans if row["month"] == first)
    rows: Rows = []
    for at in _quarter_ends(period):
        done = (at - period.months.start + 1) / 12.0
        for scheme, a_plan, years, price, share, rag in SCHEMES:
            places = max(LEAST_PLACES, A_CLASS * round(a_plan * open_plans / A_CLASS))
            opens = f"{show_month(month_of(period.financial_year + years, 9))}-01"
            rows.append({"month": show_month(at), "scheme": scheme, "places": places, "opening_date": opens,
                         "budget": places * price, "spend_to_date": round(places * price * share * done, -3),
                         "rag": rag})  # fmt: skip
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
            rag = measure.rag if plan else "green"
            account = ACCOUNTS[measure.rag, plan > 0] if plan else NOT_DUE
            rows.append({"month": show_month(at), "measure": measure.name, "planned_saving": plan,
                         "saving_to_date": round(plan * share**2 * DELIVERED[measure.rag], -3), "rag": rag,
                         "narrative": account})  # fmt: skip
    return rows


def _funding(start: Anchored, period: Period) -> Rows:
    funding = start.forecast.funding
    f = start.forecast.clock.at(period.financial_year)
    return [
        {"month": show_month(period.months.start), "stream": stream, "gbp": float(pence(funding.by_year[0, f, s])),
         "source": "As assumed in the vintage (illustrative)"}
        for s, stream in enumerate(funding.streams)
    ]  # fmt: skip


# Invented requests, decisions, assessments and backlogs that fit invented plans.

EVEN = {REQUEST_SOURCES[0]: 0.4, REQUEST_SOURCES[1]: 0.55, REQUEST_SOURCES[2]: 0.05}
APPEALS_A_REFUSAL = 0.7  # about that of 2024: 1,559 appeals, 2,200 refusals
PLAIN = {"agreed": 0.55, "six_weeks": 0.9, "twenty_weeks": 0.5}


def _run(forecast: Forecast, truth: Plans, period: Period, file: PipelineFile) -> PipelineRun:
    return run_pipeline(reference_pipeline(file, replace(forecast, plans=truth)), period.cut_off)


def flow_rows(
    forecast: Forecast,
    truth: Plans,
    plans: list[dict[str, Any]],
    period: Period,
    file: PipelineFile | None,
    chance: np.random.Generator,
) -> list[dict[str, Any]]:
    """One row a month; plans issued are the new plans of the plans file."""
    issued: dict[str, int] = {}
    for row in plans:
        issued[row["month"]] = issued.get(row["month"], 0) + row["new"]
    run = _run(forecast, truth, period, file) if file is not None else None
    shares = dict(file.request_sources) if file is not None else EVEN
    rows = []
    for month in period.months:
        name = show_month(month)
        requests, agreed_share, issued_share, six, twenty = _rates(run, month, issued[name], forecast)
        arrived = chance.multinomial(int(chance.poisson(requests)), [shares[source] for source in REQUEST_SOURCES])
        decided = round(requests)
        agreed = round(agreed_share * decided)
        completed = round(issued[name] / issued_share)
        rows.append(
            {
                "month": name,
                **dict(zip(REQUEST_SOURCES, (int(n) for n in arrived), strict=True)),
                "agreed": agreed,
                "refused": decided - agreed,
                "decided_within_6_weeks": round(six * decided),
                "assessments_completed": completed,
                "no_plan_issued": completed - issued[name],
                "plans_issued": issued[name],
                "plans_within_20_weeks": round(twenty * issued[name]),
                "appeals": int(chance.poisson(APPEALS_A_REFUSAL * (decided - agreed))),
            }
        )
    return rows


def _rates(
    run: PipelineRun | None, month: Month, issued: int, forecast: Forecast
) -> tuple[float, float, float, float, float]:
    """Requests, agreed share, issued share, share decided in six weeks and issued in twenty."""
    issued_share = forecast.scenario.vintage.demand.pipeline.issued_share.at(0)
    if run is None:
        requests = issued / (PLAIN["agreed"] * issued_share)
        return requests, PLAIN["agreed"], issued_share, PLAIN["six_weeks"], PLAIN["twenty_weeks"]
    flows = run.flows[run.months.index(month)]
    agreed = flows.agreed / (flows.agreed + flows.refused)
    return (
        flows.requests,
        agreed,
        flows.issued / flows.completed if flows.completed else issued_share,
        flows.decided_in_time or 0.0,
        min(1.0, flows.issued_in_time or 0.0),
    )


def backlog_rows(forecast: Forecast, truth: Plans, period: Period, file: PipelineFile | None) -> list[dict[str, Any]]:
    """Overdue assessments and reviews at each month's end."""
    rows: list[dict[str, Any]] = []
    run = _run(forecast, truth, period, file) if file is not None else None
    for month in period.months:
        state = run.states[run.months.index(month)] if run is not None else None
        overdue, oldest = (round(state.overdue), round(state.oldest_weeks)) if state is not None else (25, 26)
        reviews = round(state.reviews) if state is not None else 100
        name = show_month(month)
        rows.append({"month": name, "kind": "assessment", "cases": overdue, "oldest_weeks": oldest})
        rows.append({"month": name, "kind": "annual_review", "cases": reviews, "oldest_weeks": None})
    return rows
