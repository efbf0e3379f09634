"""From plans and prices to spend by s251 line: a step's cost is its plan-months, a twelfth of the year's price each.

Place funding follows commissioned places, filled or not. Services follow no plan. Income and places the DfE pays direct
are rows of their own, so that gross, net, budget and outturn can each be added up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hnforecast.base.axes import FloatArray, stack_draws
from hnforecast.base.timeline import financial_year, quarter
from hnforecast.engine.model.state import Clock, Plans, Prices, Spend, SpendRow
from hnforecast.engine.model.steps import Step


@dataclass(frozen=True)
class SpendRules:
    """What makes each row of spend, in row order.

    Args:
        rows: the rows.
        per_plan: row -> (placement, share): plan-months x price x share.
        per_place: row -> (placement, share): commissioned places x place price x share.
        fixed: row -> (d, f) pounds in each financial year of the clock, spread evenly over its months.
        per_flow: row -> (d, t) pounds in each step, already priced (council memo lines driven by new plans).
        places: (d, t, p) commissioned places in each step.
    """

    rows: tuple[SpendRow, ...]
    per_plan: dict[int, tuple[int, FloatArray]]
    per_place: dict[int, tuple[int, FloatArray]]
    fixed: dict[int, FloatArray]
    per_flow: dict[int, FloatArray]
    places: FloatArray


def cost_plans(
    plans: Plans, prices: Prices, rules: SpendRules, steps: tuple[Step, ...], clock: Clock, detail: bool
) -> Spend:
    """Spend of every row, by step where detailed, by quarter and by financial year.

    Args:
        plans: plan_months (d, t, p) on the given steps.
        prices: per plan and per place (d, t, p), pounds a year.
        rules: what makes each row.
        steps: the time axis, months or segments.
        clock: the financial years to report.
        detail: keep months and quarters.
    """
    length = np.array([len(step) for step in steps]) / 12.0
    years = [financial_year(step[0]) for step in steps]
    if not detail:  # draws are reported by year only, and quarters of every draw would not fit
        by_year = _lean_years(plans, prices, rules, years, length, clock)
        none = np.zeros((by_year.shape[0], 0, len(rules.rows)))
        return Spend(rules.rows, none, np.zeros((by_year.shape[0], 0, 4, len(rules.rows))), by_year)
    bins = np.array([_bin(step, clock) for step in steps])
    paths = [_row_path(r, plans, prices, rules, years, length, clock) for r in range(len(rules.rows))]
    draws = max(path.shape[0] for path in paths)
    binned = np.zeros((draws, 4 * len(clock.financial_years), len(paths)))
    for r, path in enumerate(paths):
        for t in np.nonzero(bins >= 0)[0]:
            binned[:, bins[t], r] += path[:, t]
    quarters = binned.reshape(draws, len(clock.financial_years), 4, len(paths))
    return Spend(rules.rows, stack_draws(paths, axis=-1), quarters, quarters.sum(axis=2))


def _lean_years(
    plans: Plans, prices: Prices, rules: SpendRules, years: list[int], length: FloatArray, clock: Clock
) -> FloatArray:
    """(d, f, r) pounds of every row by financial year: each placement's cost is added up once, then shared to rows."""
    edges = np.searchsorted(years, [*clock.financial_years, clock.financial_years[-1] + 1])
    positions = [slice(int(edges[f]), int(edges[f + 1])) for f in range(len(clock.financial_years))]
    plan_cost = _yearly(plans.plan_months * prices.per_plan, positions) / 12.0
    reported = np.array([length[steps].sum() for steps in positions])
    paths = []
    for r in range(len(rules.rows)):
        if r in rules.per_plan:
            placement, share = rules.per_plan[r]
            paths.append(plan_cost[:, :, placement] * share)
        elif r in rules.per_place:
            placement, share = rules.per_place[r]
            step_cost = rules.places[:, :, placement] * prices.per_place[:, :, placement] * length
            paths.append(_yearly(step_cost, positions) * share)
        elif r in rules.fixed:
            paths.append(rules.fixed[r] * reported)
        else:
            paths.append(_yearly(rules.per_flow[r], positions))
    return stack_draws(paths, axis=-1)


def _yearly(pounds: FloatArray, positions: list[slice]) -> FloatArray:
    """(d, f, ...) from (d, t, ...): the steps of each financial year added up."""
    return np.stack([pounds[:, steps].sum(axis=1) for steps in positions], axis=1)


def _row_path(
    r: int, plans: Plans, prices: Prices, rules: SpendRules, years: list[int], length: FloatArray, clock: Clock
) -> FloatArray:
    """(d, t) pounds of one row in each step."""
    if r in rules.per_plan:
        placement, share = rules.per_plan[r]
        return plans.plan_months[:, :, placement] / 12.0 * prices.per_plan[:, :, placement] * share
    if r in rules.per_place:
        placement, share = rules.per_place[r]
        return rules.places[:, :, placement] * length * prices.per_place[:, :, placement] * share
    if r in rules.fixed:
        return _spread(rules.fixed[r], years, length, clock)
    return rules.per_flow[r]


def _bin(step: Step, clock: Clock) -> int:
    """Position of a step's quarter on the axis of quarters, or -1 outside the years reported."""
    year = financial_year(step[0])
    if year not in clock.financial_years:
        return -1
    return 4 * clock.at(year) + quarter(step[0]) - 1


def _spread(yearly: FloatArray, years: list[int], length: FloatArray, clock: Clock) -> FloatArray:
    """A yearly sum over its steps by their length; nothing outside the years reported."""
    row = np.zeros((yearly.shape[0], len(years)))
    for t, year in enumerate(years):
        if year in clock.financial_years:
            row[:, t] = yearly[:, clock.at(year)] * length[t]
    return row
