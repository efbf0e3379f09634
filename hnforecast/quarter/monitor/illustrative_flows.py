"""Invented requests, decisions, assessments and backlogs that fit invented plans."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from hnforecast.base.timeline import Month, show_month
from hnforecast.engine.forecast import Forecast
from hnforecast.engine.model.state import Plans
from hnforecast.quarter.monitor.files import REQUEST_SOURCES
from hnforecast.quarter.monitor.pipeline import PipelineRun, run_pipeline
from hnforecast.quarter.monitor.pipeline_file import PipelineFile
from hnforecast.quarter.monitor.pipeline_record import reference_pipeline
from hnforecast.quarter.period import Period

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
