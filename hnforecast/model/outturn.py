"""The base outturn year, between two published January counts.

The flow is run from the earlier count with the year's own rates; what it misses at the later count is the residual. Its total
by cohort (recording, transfers) is spread evenly over the twelve months as net other; what is left, which sums to nothing over
placements, is moves and falls in September. Both are shown, and every later stage starts from the published count exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from hnforecast.axes import FloatArray
from hnforecast.model.plans import flow_plans
from hnforecast.model.state import Clock, FlowRates, Plans
from hnforecast.timeline import census_window, month_of_academic_year


def reconstruct_outturn(
    opening: FloatArray, closing: FloatArray, children: FloatArray, rates: FlowRates, clock: Clock
) -> Plans:
    """Plans by month between two January counts, ending on the later one exactly.

    Args:
        opening, closing: (1, age, need, placement) the two published counts.
        children: (d, 2, age) residents in the two academic years touched.
        rates: flows of the two academic years; commissioned places should not bind (capped empty), as what happened is known.
        clock: months of those two academic years; the result is cut to the window between the counts.

    Returns:
        Detailed Plans of twelve months, February to January.
    """
    plans = flow_plans(opening, children, rates, clock, detail=True)
    months = len(census_window(clock.censuses[1]))
    ages = {name: array[:, :months].copy() for name, array in plans.by_age.items()}
    made = _corrections(opening, closing, closing - ages["open"][:, -1], census_window(clock.censuses[1]))
    ages["open"] = ages["open"] + made.stock
    ages["net_other"] = ages["net_other"] + made.net_other
    moved = plans.moved[:, :months].copy()
    moved[:, made.september] += made.moved.sum(axis=(1, 2))
    return replace(
        plans,
        by_age=ages,
        open=ages["open"].sum(axis=(2, 3)),
        new=plans.new[:, :months],
        ceased=plans.ceased[:, :months],
        net_other=ages["net_other"].sum(axis=(2, 3)),
        moved=moved,
        aged_out=plans.aged_out[:, :months],
        plan_months=plans.plan_months[:, :months] + made.mean.sum(axis=(2, 3)),
        january=np.stack([opening.sum(axis=2), closing.sum(axis=2)], axis=1),
    )


@dataclass(frozen=True)
class _Corrections:
    """What is added to the flow: stock, its monthly mean and net other (d, t, a, n, p), and September's moves (d, a, n, p)."""

    stock: FloatArray
    mean: FloatArray
    net_other: FloatArray
    moved: FloatArray
    september: int


def _corrections(opening: FloatArray, closing: FloatArray, residual: FloatArray, window: range) -> _Corrections:
    """Phase the residual of each cohort over the window; before September it sits a year younger."""
    months = len(window)
    september = next(t for t, absolute in enumerate(window) if month_of_academic_year(absolute) == 0)
    total = residual.sum(axis=(2, 3), keepdims=True)
    after_share = _shares(closing, residual)
    before_share = _shares(opening, _younger(after_share))
    stock = np.zeros((residual.shape[0], months, *residual.shape[1:]))
    done = np.arange(1, months + 1) / months
    for t in range(september):
        stock[:, t] = done[t] * _younger(total) * before_share
    for t in range(september, months):
        stock[:, t] = residual - (1.0 - done[t]) * total * after_share
        # nobody of age 0 was here before September
        stock[:, t, 0] = residual[:, 0] * (t - september + 1) / (months - september)
    carried = np.zeros_like(residual)
    carried[:, 1:] = stock[:, september - 1, :-1]
    arrived = total * after_share / months
    arrived[:, 0] = stock[:, september, 0]
    moved = stock[:, september] - carried - arrived
    opened = np.concatenate([np.zeros_like(stock[:, :1]), stock[:, :-1]], axis=1)
    opened[:, september] = carried + moved
    return _Corrections(stock, 0.5 * (opened + stock), stock - opened, moved, september)


def _younger(cohort: FloatArray) -> FloatArray:
    """The same cohort at the age it has before September."""
    earlier = np.zeros_like(cohort)
    earlier[:, :-1] = cohort[:, 1:]
    return earlier


def _shares(count: FloatArray, fallback: FloatArray) -> FloatArray:
    """Shares over needs and placements at each age; where the count has nobody, those of the fallback's size."""
    basis = np.where(count.sum(axis=(2, 3), keepdims=True) > 0, count, np.abs(fallback))
    size = basis.sum(axis=(2, 3), keepdims=True)
    return np.divide(basis, size, out=np.zeros_like(basis), where=size > 0)


def join_plans(first: Plans, then: Plans) -> Plans:
    """Two detailed runs end to end: the second opens on the January count at which the first ends."""
    joined = {
        name: np.concatenate([getattr(first, name), getattr(then, name)], axis=1)
        for name in ("open", "plan_months", "new", "ceased", "net_other", "moved", "aged_out")
    }
    by_age = {name: np.concatenate([first.by_age[name], then.by_age[name]], axis=1) for name in first.by_age}
    january = np.concatenate([first.january, then.january[:, 1:]], axis=1)
    return replace(then, by_age=by_age, january=january, **joined)
