"""The tables of activity of a period: plans, flows, timeliness, backlog, places, measures and what is listed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from hnforecast.base.codes import Codes
from hnforecast.base.timeline import Month, months_of_financial_year, show_month
from hnforecast.quarter.monitor.actuals import Actuals
from hnforecast.quarter.monitor.anchor import Anchored
from hnforecast.quarter.monitor.files import KINDS, REQUEST_SOURCES
from hnforecast.quarter.monitor.pipeline import PipelineRun
from hnforecast.quarter.monitor.pipeline_record import QueueOutlook
from hnforecast.quarter.monitor.reconcile import reconcile_plans
from hnforecast.quarter.period import Period

ACTUAL, FORECAST = "actual", "forecast"
FULL_CREDIT = 12.0  # months after which a measure's delivery to date says all about the rest of the year
QUEUE_FLOWS = {
    "requests": "requests",
    "agreed": "agreed",
    "refused": "refused",
    "assessments_completed": "completed",
}


def plans_table(now: Anchored, period: Period, codes: Codes) -> pd.DataFrame:
    """Plans by placement: the January count before the year, at the cut-off, and the January count in the year."""
    clock, plans = now.forecast.clock, now.forecast.plans
    opening = clock.censuses.index(period.financial_year)
    end = clock.censuses.index(period.financial_year + 1)
    at = clock.months.index(period.cut_off)
    rows = [
        {
            "placement": name,
            "dfe_group": codes.groups[name],
            "opening_january": float(plans.january[0, opening, :, p].sum()),
            "actual": float(plans.open[0, at, p]),
            "forecast_january": float(plans.january[0, end, :, p].sum()),
            "agreed": np.nan,
        }
        for p, name in enumerate(codes.placements)
    ]
    return pd.DataFrame(rows)


def flow_table(
    start: Anchored, now: Anchored, actuals: Actuals, period: Period, queue: QueueOutlook | None
) -> pd.DataFrame:
    """Flows by month: what happened, and the forecast (of the start of the year for recorded months, today's after)."""
    recorded = _recorded_flows(actuals)
    appeals_a_refusal = _ratio(recorded["appeals"], recorded["refused"])
    rows = []
    for month in months_of_financial_year(period.financial_year):
        known = month <= period.cut_off
        expected = _expected(start if known else now, month, queue, known)
        expected["appeals"] = np.nan if known else expected["refused"] * appeals_a_refusal
        for flow in (*QUEUE_FLOWS, "new_plans", "ceased", "appeals"):
            happened = recorded[flow].get(month, np.nan)
            rows.append({"month": show_month(month), "flow": flow, "actual": happened, "forecast": expected[flow]})
    return pd.DataFrame(rows)


def _recorded_flows(actuals: Actuals) -> dict[str, dict[Month, float]]:
    table, plans = actuals.table("pipeline"), actuals.table("plans")
    found: dict[str, dict[Month, float]] = {
        "requests": _by_month(table, sum(table[name] for name in REQUEST_SOURCES)),
        **{name: _by_month(table, table[name]) for name in ("agreed", "refused", "assessments_completed", "appeals")},
    }
    for flow, column in (("new_plans", "new"), ("ceased", "ceased")):
        sums = plans.groupby("month")[column].sum()
        found[flow] = {int(month): float(value) for month, value in sums.items()}  # type: ignore[call-overload]
    return found


def _by_month(table: pd.DataFrame, values: Any) -> dict[Month, float]:
    return {int(month): float(value) for month, value in zip(table["month"], values, strict=True)}


def _ratio(top: Mapping[Month, float], bottom: Mapping[Month, float]) -> float:
    whole = sum(bottom.values())
    return sum(top.values()) / whole if whole else np.nan


def _expected(anchored: Anchored, month: Month, queue: QueueOutlook | None, known: bool) -> dict[str, float]:
    forecast = anchored.forecast
    t = forecast.clock.months.index(month)
    found = {"new_plans": float(forecast.plans.new[0, t].sum()), "ceased": float(forecast.plans.ceased[0, t].sum())}
    run = None if queue is None else queue.reference if known else queue.now
    for flow, name in QUEUE_FLOWS.items():
        found[flow] = float(run.flow(name)[run.months.index(month)]) if run is not None else np.nan
    return found


def timeliness_table(actuals: Actuals, period: Period, queue: QueueOutlook | None) -> pd.DataFrame:
    """Plans issued within 20 weeks and decisions within six, percent by month; the queue's after the cut-off."""
    rows = []
    records = {int(row["month"]): row for row in actuals.table("pipeline").to_dict("records")}
    for month in months_of_financial_year(period.financial_year):
        if month in records:
            row = records[month]
            plans = _percent(row["plans_within_20_weeks"], row["plans_issued"])
            decisions = _percent(row["decided_within_6_weeks"], row["agreed"] + row["refused"])
        elif queue is not None:
            t = queue.now.months.index(month)
            plans, decisions = (
                100.0 * float(queue.now.flow(name)[t]) for name in ("issued_in_time", "decided_in_time")
            )
        else:
            plans = decisions = np.nan
        rows.append({"month": show_month(month), "within_20_weeks_pct": plans, "decided_within_6_weeks_pct": decisions,
                     "status": ACTUAL if month in records else FORECAST})  # fmt: skip
    return pd.DataFrame(rows)


def _percent(part: float, whole: float) -> float:
    return 100.0 * float(part) / float(whole) if whole else np.nan


def backlog_table(actuals: Actuals, period: Period, queue: QueueOutlook | None) -> pd.DataFrame:
    """Assessments over 20 weeks and annual reviews overdue at each month's end; the queue's after the cut-off."""
    rows = []
    for row in actuals.table("backlog").to_dict("records"):
        rows.append({"kind": row["kind"], "month": show_month(int(row["month"])), "cases": float(row["cases"]),
                     "oldest_weeks": float(row["oldest_weeks"]), "status": ACTUAL})  # fmt: skip
    for month in period.to_go if queue is not None else ():
        rows += _queue_backlog(queue.now, month) if queue is not None else []
    columns = ["kind", "month", "cases", "oldest_weeks", "status"]
    return pd.DataFrame(rows, columns=columns).sort_values(["kind", "month"], ignore_index=True)


def _queue_backlog(run: PipelineRun, month: Month) -> list[dict[str, Any]]:
    state = run.states[run.months.index(month)]
    start = {"month": show_month(month), "status": FORECAST}
    return [
        {**start, "kind": KINDS[0], "cases": state.overdue, "oldest_weeks": state.oldest_weeks},
        {**start, "kind": KINDS[1], "cases": state.reviews, "oldest_weeks": np.nan},
    ]


def places_table(actuals: Actuals) -> pd.DataFrame:
    """Places filled against commissioned in the latest month recorded."""
    latest = actuals.latest("places")
    table = latest[["placement", "commissioned", "filled"]].reset_index(drop=True)
    return table.assign(unfilled=table["commissioned"] - table["filled"])


def reconciliation_table(actuals: Actuals) -> pd.DataFrame:
    """Plans on the SEN2 list against plans paid for in the latest month recorded."""
    return reconcile_plans(actuals.latest("plans_paid"))


def measures_table(actuals: Actuals, months: int) -> pd.DataFrame:
    """Each measure's planned saving, saving to date and forecast saving.

    The rest of the year follows the plan, moved towards delivery to date by the months behind it.
    """
    rows = []
    part = months / 12.0
    for row in actuals.latest("measures").to_dict("records"):
        planned, done = float(row["planned_saving"]), float(row["saving_to_date"])
        delivery = done / (planned * part) if planned else 1.0
        rest = planned * (1.0 - part) * (1.0 + months / FULL_CREDIT * (delivery - 1.0))
        rows.append({"measure": row["measure"], "planned_saving": planned, "saving_to_date": done,
                     "forecast_saving": done + rest, "rag": row["rag"], "narrative": row["narrative"]})  # fmt: skip
    columns = ["measure", "planned_saving", "saving_to_date", "forecast_saving", "rag", "narrative"]
    return pd.DataFrame(rows, columns=columns)


def listed_table(actuals: Actuals, name: str, columns: list[str]) -> pd.DataFrame:
    """The latest rows of a file that is shown as it is."""
    return actuals.latest(name)[columns].reset_index(drop=True)
