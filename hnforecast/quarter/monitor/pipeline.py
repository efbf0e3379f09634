"""The pipeline over time: its rules by month, its run, and what a change of it does to new plans in the forecast."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.base.timeline import Month, calendar
from hnforecast.quarter.monitor.queue import MonthFlows, MonthRules, QueueState, step_queue

RULES = tuple(field.name for field in fields(MonthRules))


@dataclass(frozen=True)
class Steps:
    """A value that steps: the last month given holds until the next, the first also before it."""

    by: Mapping[Month, float]

    def at(self, month: Month) -> float:
        """The value in a month."""
        earlier = [key for key in self.by if key <= month]
        return self.by[max(earlier)] if earlier else self.by[min(self.by)]

    def changed(self, start: Month, value: float, until: Month | None = None) -> Steps:
        """Another value from a month on, or until a month inclusive."""
        kept = {key: old for key, old in self.by.items() if key < start}
        if until is not None:
            kept |= {key: old for key, old in self.by.items() if key > until}
            kept.setdefault(until + 1, self.at(until + 1))
        return Steps(dict(sorted({**kept, start: value}.items())))


@dataclass(frozen=True)
class Pipeline:
    """A queue at the end of a month and the rules it runs by from then on.

    Args:
        state: at the end of `month`.
        month: absolute.
        rules: name of a field of MonthRules -> its steps.
    """

    state: QueueState
    month: Month
    rules: Mapping[str, Steps]

    def rules_at(self, month: Month) -> MonthRules:
        """The rules of one month."""
        return MonthRules(**{name: self.rules[name].at(month) for name in RULES})

    def changed(self, start: Month, until: Month | None = None, **values: float) -> Pipeline:
        """The same queue with other rules from a month on, such as capacity=320 or agreed_share=0.5."""
        rules = dict(self.rules)
        for name, value in values.items():
            rules[name] = rules[name].changed(start, value, until)
        return replace(self, rules=rules)

    def scaled(self, name: str, by_month: Mapping[Month, float]) -> Pipeline:
        """The same queue with a rule set month by month."""
        steps = Steps({**self.rules[name].by, **by_month})
        return replace(self, rules={**self.rules, name: Steps(dict(sorted(steps.by.items())))})


@dataclass(frozen=True)
class PipelineRun:
    """Months of a queue: flows in each, states at each month's end."""

    months: tuple[Month, ...]
    flows: tuple[MonthFlows, ...]
    states: tuple[QueueState, ...]

    def flow(self, name: str) -> FloatArray:
        """(t,) one flow; NaN where there is none."""
        values = [getattr(flows, name) for flows in self.flows]
        return np.array([np.nan if value is None else value for value in values], dtype=float)

    def total(self, name: str, months: Iterable[Month]) -> float:
        """A flow summed over those of the months that were run."""
        wanted = set(months)
        return float(sum(v for m, v in zip(self.months, self.flow(name), strict=True) if m in wanted))

    def share_in_time(self, months: Iterable[Month]) -> float:
        """Plans issued within 20 weeks over the months, as a share of those issued; NaN where none were."""
        wanted = set(months)
        chosen = [flows for month, flows in zip(self.months, self.flows, strict=True) if month in wanted]
        issued = sum(flows.issued for flows in chosen)
        return sum(flows.issued * (flows.issued_in_time or 0.0) for flows in chosen) / issued if issued else np.nan


def run_pipeline(pipeline: Pipeline, until: Month) -> PipelineRun:
    """Run a queue from the month after its state to a month, inclusive."""
    months, flows, states = [], [], []
    state = pipeline.state
    for month in range(pipeline.month + 1, until + 1):
        state, happened = step_queue(state, pipeline.rules_at(month))
        months.append(month)
        flows.append(happened)
        states.append(state)
    return PipelineRun(tuple(months), tuple(flows), tuple(states))


def census_of(month: Month) -> int:
    """The January count whose window, February to January, holds a month."""
    year, month_of_year = calendar(month)
    return year if month_of_year == 1 else year + 1


def joiner_factor(pipeline: Pipeline, months: range, reference: Pipeline | None = None) -> dict[int, FloatArray]:
    """What a change of the pipeline does to new plans, as multipliers by January count.

    Args:
        pipeline: as it is or would be: another threshold, another capacity, a backlog cleared.
        months: from when to when; a window only partly inside counts its other months as unchanged.
        reference: the pipeline the forecast's new plans stand for; by default the same queue with its requests
        agreed, worked
            and issued at once, so that only the queue itself shows.

    Returns:
        January count -> (1,) plans issued in its window over those of the reference: a window_factor for
        method.central_result and method.lean_result. Later windows keep the last.
    """
    ours = run_pipeline(pipeline, months.stop - 1)
    theirs = run_pipeline(reference if reference is not None else unconstrained(pipeline), months.stop - 1)
    factor: dict[int, FloatArray] = {}
    for census in range(census_of(months.start), census_of(months.stop - 1) + 1):
        window = range(12 * (census - 1) + 1, 12 * census + 1)
        inside = [month for month in window if month in months]
        base = theirs.total("issued", inside)
        change = ours.total("issued", inside) / base - 1.0 if base > 0 else 0.0
        factor[census] = np.array([1.0 + change * len(inside) / len(window)])
    return factor


def unconstrained(pipeline: Pipeline) -> Pipeline:
    """The same inflow and shares in a queue that never waits: as many are completed a month as are agreed."""
    rule = pipeline.rules_at(pipeline.month + 1)
    steady = rule.requests * (rule.agreed_share + (1.0 - rule.agreed_share) * rule.reconsidered_share)
    steady *= 1.0 - rule.withdrawn_share
    state = settled(pipeline, steady)
    limits = {"decisions": Steps({0: 1e9}), "capacity": Steps({0: steady})}
    return replace(pipeline, state=state, rules={**pipeline.rules, **limits})


def settled(pipeline: Pipeline, capacity: float, months: int = 48) -> QueueState:
    """The queue after a long time under the rules of its next month with so much capacity."""
    rules = replace(pipeline.rules_at(pipeline.month + 1), capacity=capacity, decisions=1e9)
    state = QueueState.empty()
    for _ in range(months):
        state, _flows = step_queue(state, rules)
    return replace(state, reviews=pipeline.state.reviews)


def released_ceasing(pipeline: Pipeline, months: range, reference: Pipeline) -> dict[Month, float]:
    """Plans ceased by month because overdue annual reviews are cleared faster, or slower, than in the reference."""
    ours, theirs = (run_pipeline(one, months.stop - 1).flow("ceased")[-len(months) :] for one in (pipeline, reference))
    return {month: float(a - b) for month, a, b in zip(months, ours, theirs, strict=True)}
