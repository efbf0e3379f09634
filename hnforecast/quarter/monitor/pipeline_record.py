"""The queue as recorded: what the pipeline file implies for a forecast, what happened, and what follows for new plans.

The reference is the queue the forecast stands for: requests are those that, agreed and issued at the file's shares,
give the forecast's new plans. The recorded queue runs through what happened and goes on from there; new plans after
the cut-off are the forecast's times what the recorded queue issues over what the reference issues. With nothing
recorded both are one queue.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from hnforecast.base.timeline import Month
from hnforecast.engine.records import Forecast
from hnforecast.quarter.monitor.actuals import Actuals
from hnforecast.quarter.monitor.anchor import CREDIBILITY_MONTHS
from hnforecast.quarter.monitor.files import REQUEST_SOURCES
from hnforecast.quarter.monitor.pipeline import (
    Pipeline,
    PipelineRun,
    census_of,
    joiner_factor,
    released_ceasing,
    run_pipeline,
)
from hnforecast.quarter.monitor.pipeline_file import PipelineFile

AHEAD = 36  # months for which the queue is run; after them its last factor holds


@dataclass(frozen=True)
class QueueOutlook:
    """The queue before and after what was recorded.

    Args:
        reference: run of the queue the forecast stands for, from the base count.
        now: run through the records and on from them.
        joiners: month -> multiplier on new plans after the cut-off; leavers: month -> plans ceased besides.
        factor: January count -> the same multiplier by window.
        conversion: plans issued in the end per request.
    """

    reference: PipelineRun
    now: PipelineRun
    joiners: Mapping[Month, float]
    leavers: Mapping[Month, float]
    factor: Mapping[int, float]
    conversion: float


def reference_pipeline(file: PipelineFile, forecast: Forecast) -> Pipeline:
    """The queue at the base January count, with the requests the forecast's new plans imply from then on."""
    base = 12 * forecast.scenario.vintage.manifest.base_census
    pipeline = file.at(base)
    conversion = conversion_of(pipeline)
    new = forecast.plans.new[0].sum(axis=1)
    ahead = {month: float(new[t]) for t, month in enumerate(forecast.clock.months) if month > base}
    rules = pipeline.rules_at(base + 1)
    pipeline = pipeline.scaled("requests", {month: plans / conversion for month, plans in ahead.items()})
    # a forecast of more plans than the council's capacity supposes more capacity
    capacity = {month: max(rules.capacity, plans / rules.issued_share) for month, plans in ahead.items()}
    return pipeline.scaled("capacity", capacity)


def conversion_of(pipeline: Pipeline) -> float:
    """Plans issued in the end per request, under the rules of the next month."""
    rules = pipeline.rules_at(pipeline.month + 1)
    agreed = rules.agreed_share + (1.0 - rules.agreed_share) * rules.reconsidered_share
    return agreed * (1.0 - rules.withdrawn_share) * rules.issued_share


def queue_outlook(file: PipelineFile, forecast: Forecast, actuals: Sequence[Actuals]) -> QueueOutlook:
    """Run the queue through the records and on."""
    reference = reference_pipeline(file, forecast)
    last = forecast.clock.months[-1]
    if not actuals:
        run = run_pipeline(reference, last)
        return QueueOutlook(run, run, {}, {}, {}, conversion_of(reference))
    cut_off = actuals[-1].cut_off
    recorded = _through_records(reference, actuals)
    until_now = run_pipeline(recorded, cut_off)
    state = until_now.states[-1]
    backlog = {str(row["kind"]): float(row["cases"]) for row in actuals[-1].latest("backlog").to_dict("records")}
    if "assessment" in backlog:
        state = state.with_overdue(backlog["assessment"])
    state = replace(state, reviews=backlog.get("annual_review", state.reviews))
    at_cut_off = Pipeline(run_pipeline(reference, cut_off).states[-1], cut_off, reference.rules)
    onward = _onward(Pipeline(state, cut_off, reference.rules), reference, actuals, until_now)
    months = range(cut_off + 1, min(last, cut_off + AHEAD) + 1)
    windows = joiner_factor(onward, months, at_cut_off)
    factor = {census: float(value[0]) for census, value in windows.items()}
    monthly = _by_month(onward, at_cut_off, months)
    final = monthly[months[-1]] if months else 1.0
    joiners = {month: monthly.get(month, final) for month in range(cut_off + 1, last + 1)}
    after = run_pipeline(onward, last)
    now = PipelineRun(
        (*until_now.months, *after.months),
        (*until_now.flows, *after.flows),
        (*until_now.states[:-1], state, *after.states),
    )
    leavers = released_ceasing(onward, months, at_cut_off)
    return QueueOutlook(run_pipeline(reference, last), now, joiners, leavers, factor, conversion_of(reference))


def _through_records(reference: Pipeline, actuals: Sequence[Actuals]) -> Pipeline:
    """The reference with the rules of recorded months set to what happened in them."""
    changed: dict[str, dict[Month, float]] = {}
    for year in actuals:
        backlog = year.table("backlog")
        reviews = backlog[backlog["kind"] == "annual_review"].set_index("month")["cases"].astype(float)
        for row in year.table("pipeline").to_dict("records"):
            month = int(row["month"])
            rules = reference.rules_at(month)
            decided, completed = float(row["agreed"] + row["refused"]), float(row["assessments_completed"])
            happened = {
                "requests": float(sum(row[name] for name in REQUEST_SOURCES)),
                "decisions": decided,
                "same_month": 1.0,
                "agreed_share": float(row["agreed"]) / decided if decided else rules.agreed_share,
                "capacity": completed,
                "issued_share": min(1.0, float(row["plans_issued"]) / completed) if completed else rules.issued_share,
            }
            if month in reviews and month - 1 in reviews:
                fall = float(reviews[month - 1] - reviews[month])
                happened["reviews_held"] = rules.reviews_due + fall
            for name, value in happened.items():
                changed.setdefault(name, {})[month] = value
    pipeline = reference
    last = actuals[-1].cut_off
    for name, values in changed.items():
        back = {last + 1: reference.rules[name].at(last + 1)}
        pipeline = pipeline.scaled(name, {**values, **back})
    return pipeline


def _onward(pipeline: Pipeline, reference: Pipeline, actuals: Sequence[Actuals], run: PipelineRun) -> Pipeline:
    """The rules after the cut-off: the reference's, moved towards the last twelve recorded months."""
    cut_off = actuals[-1].cut_off
    first = max(actuals[0].table("pipeline")["month"].min(), cut_off - 11)
    months = range(int(first), cut_off + 1)
    n = len(months)
    k = n / (n + CREDIBILITY_MONTHS)
    expected = {name: sum(reference.rules[name].at(month) for month in months) for name in ("requests", "capacity")}
    requests, completed = run.total("requests", months), run.total("completed", months)
    decided = run.total("agreed", months) + run.total("refused", months)
    agreed, issued = run.total("agreed", months), run.total("issued", months)
    ahead = [month for month in reference.rules["requests"].by if month > cut_off]
    scale = 1.0 + k * (requests / expected["requests"] - 1.0) if expected["requests"] else 1.0
    pipeline = pipeline.scaled("requests", {month: scale * reference.rules["requests"].at(month) for month in ahead})
    rules = reference.rules_at(cut_off + 1)
    capacity = max(1.0, 1.0 + k * (completed / expected["capacity"] - 1.0)) if expected["capacity"] else 1.0
    pipeline = pipeline.scaled("capacity", {month: capacity * reference.rules["capacity"].at(month) for month in ahead})
    values = {
        "agreed_share": rules.agreed_share + k * (agreed / decided - rules.agreed_share) if decided else None,
        "issued_share": rules.issued_share + k * (issued / completed - rules.issued_share) if completed else None,
    }
    known = {name: value for name, value in values.items() if value is not None}
    return pipeline.changed(cut_off + 1, None, **known)


def _by_month(ours: Pipeline, theirs: Pipeline, months: range) -> dict[Month, float]:
    """Multiplier of each month: that of the rest of its January window, so that a lumpy month moves nothing twice."""
    runs = [run_pipeline(one, months.stop - 1) for one in (ours, theirs)]
    issued = [dict(zip(run.months, run.flow("issued"), strict=True)) for run in runs]
    found: dict[Month, float] = {}
    for census in dict.fromkeys(census_of(month) for month in months):
        inside = [month for month in months if census_of(month) == census]
        base = sum(issued[1][month] for month in inside)
        ratio = sum(issued[0][month] for month in inside) / base if base > 0 else 1.0
        found |= dict.fromkeys(inside, float(np.clip(ratio, 0.0, 5.0)))
    return found


def record_joiners(forecast: Forecast, actuals: Sequence[Actuals]) -> dict[Month, float]:
    """Multipliers for a council without a pipeline file: new plans recorded over the forecast's, by months."""
    if not actuals:
        return {}
    table = actuals[-1].table("plans")
    months = sorted({int(month) for month in table["month"]})
    spans = [forecast.clock.months.index(month) for month in months]
    expected = float(forecast.plans.new[0, spans].sum())
    seen = float(table["new"].sum()) / expected if expected else 1.0
    factor = 1.0 + len(months) / (len(months) + CREDIBILITY_MONTHS) * (seen - 1.0)
    return {month: factor for month in forecast.clock.months if month > actuals[-1].cut_off}
