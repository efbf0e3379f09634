"""The queue: nothing is lost, the oldest go first, more capacity never delays, and no change changes nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hnforecast.quarter.monitor.pipeline import RULES, Pipeline, Steps, joiner_factor, released_ceasing, run_pipeline
from hnforecast.quarter.monitor.queue import OLDEST, RECONSIDERED_AFTER, MonthRules, QueueState, step_queue

START = 12 * 2025
shares = st.floats(0.0, 1.0)
cases = st.floats(0.0, 2000.0)
cohorts = st.lists(st.floats(0.0, 400.0), min_size=OLDEST + 1, max_size=OLDEST + 1).map(np.array)
states = st.builds(
    QueueState,
    waiting=cohorts,
    assessing=cohorts,
    refused=st.lists(st.floats(0.0, 200.0), min_size=RECONSIDERED_AFTER, max_size=RECONSIDERED_AFTER).map(np.array),
    reviews=st.floats(0.0, 20_000.0),
)
rules = st.builds(
    MonthRules,
    **{name: shares if name.endswith("share") or name == "same_month" else cases for name in RULES},
)


def usual(**changes: float) -> dict[str, Steps]:
    plain = {
        "requests": 330.0, "decisions": 1e6, "same_month": 0.4, "agreed_share": 0.45, "reconsidered_share": 0.25,
        "withdrawn_share": 0.05, "ready_share": 0.4, "capacity": 200.0, "in_time_share": 0.1, "issued_share": 0.85,
        "reviews_due": 1500.0, "reviews_held": 1600.0, "ceased_share": 0.03,
    }  # fmt: skip
    return {name: Steps({0: value}) for name, value in {**plain, **changes}.items()}


@given(states, rules)
def test_every_case_is_somewhere(state: QueueState, rule: MonthRules) -> None:
    after, flows = step_queue(state, rule)
    gone = flows.withdrawn + flows.closed + flows.completed
    assert after.cases + gone == pytest.approx(state.cases + rule.requests, abs=1e-6)
    assert flows.agreed + flows.refused <= state.waiting.sum() + rule.requests + 1e-6
    assert flows.completed <= rule.capacity + 1e-6
    assert after.reviews == pytest.approx(state.reviews + rule.reviews_due - min(
        state.reviews + rule.reviews_due, rule.reviews_held), abs=1e-6)  # fmt: skip


@given(states, rules)
def test_no_cohort_is_negative(state: QueueState, rule: MonthRules) -> None:
    after, flows = step_queue(state, rule)
    assert min(after.waiting.min(), after.assessing.min(), after.refused.min(), after.reviews) >= -1e-9
    for share in (flows.decided_in_time, flows.issued_in_time):
        assert share is None or -1e-9 <= share <= 1.0 + 1e-9


@given(cohorts, st.floats(0, 3000))
def test_decisions_take_the_oldest_first(waiting: np.ndarray, most: float) -> None:
    state = replace(QueueState.empty(), waiting=waiting)
    rule = MonthRules(**dict.fromkeys(RULES, 0.0))
    after, _ = step_queue(state, replace(rule, decisions=most, same_month=1.0))
    left = np.nonzero(after.waiting > 1e-9)[0]
    if len(left):  # everyone older than the oldest who still waits has been decided
        older = np.append(waiting[:-1], 0.0)[left[-1] :].sum() + waiting[-1]
        assert older <= most + after.waiting[left[-1]] + 1e-6


@given(st.floats(50, 600), st.floats(0, 300))
def test_more_capacity_never_means_fewer_plans_to_date(capacity: float, more: float) -> None:
    slow, fast = (
        run_pipeline(Pipeline(QueueState.empty(), START, usual(capacity=value)), START + 36)
        for value in (capacity, capacity + more)
    )
    assert (np.cumsum(fast.flow("issued")) >= np.cumsum(slow.flow("issued")) - 1e-6).all()


@given(states)
def test_a_queue_unchanged_moves_no_plan(state: QueueState) -> None:
    pipeline = Pipeline(state, START, usual())
    factor = joiner_factor(pipeline, range(START + 1, START + 40), pipeline)
    assert all(value == pytest.approx(1.0) for value in factor.values())


def test_clearing_a_backlog_brings_plans_forward() -> None:
    backlog = QueueState.empty().with_overdue(1500.0)
    pipeline = Pipeline(backlog, START, usual())
    faster = pipeline.changed(START + 1, START + 9, capacity=350.0)
    factor = joiner_factor(faster, range(START + 1, START + 37), pipeline)
    first, *later = (float(value[0]) for value in factor.values())
    assert first > 1.1
    assert min(later) < 1.0


def test_a_higher_threshold_lowers_new_plans_after_the_work_in_hand() -> None:
    pipeline = Pipeline(QueueState.empty(), START - 24, usual(capacity=1000.0))
    settled = replace(pipeline, state=run_pipeline(pipeline, START).states[-1], month=START)
    stricter = settled.changed(START + 1, agreed_share=0.36)
    factor = [float(value[0]) for value in joiner_factor(stricter, range(START + 1, START + 37), settled).values()]
    wanted = (0.36 + 0.64 * 0.25) / (0.45 + 0.55 * 0.25)
    assert factor[0] == pytest.approx(1.0, abs=0.2)
    assert factor[0] > factor[1]
    assert factor[2] == pytest.approx(wanted, abs=0.01)


def test_reviews_caught_up_release_plans() -> None:
    state = replace(QueueState.empty(), reviews=5000.0)
    pipeline = Pipeline(state, START, usual())
    released = released_ceasing(
        pipeline.changed(START + 1, reviews_held=1800.0), range(START + 1, START + 13), pipeline
    )
    assert released[START + 1] == pytest.approx(200 * 0.03)
    assert sum(released.values()) == pytest.approx(12 * 200 * 0.03)


def test_a_queue_without_work_in_hand_issues_in_time() -> None:
    pipeline = Pipeline(QueueState.empty(), START, usual(ready_share=1.0, capacity=1e6, in_time_share=0.0))
    run = run_pipeline(pipeline, START + 24)
    assert run.share_in_time(range(START + 12, START + 25)) > 0.95
    starved = run_pipeline(pipeline.changed(START + 1, capacity=100.0), START + 36)
    assert starved.share_in_time(range(START + 25, START + 37)) < 0.05
    assert starved.states[-1].overdue > 500
