"""The base outturn year, between two published January counts.

The flow is run from the earlier count with the year's own rates; what it misses at the later count is the residual.
The residual of each cohort (recording, transfers) is spread evenly over the twelve months as net other; September's
moves put the cohort into the placements of the later count. Both are shown, and every later stage starts from the
published count exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.base.timeline import census_window, month_of_academic_year
from hnforecast.engine.model.plans import flow_plans
from hnforecast.engine.model.state import Clock, FlowRates, Plans


def reconstruct_outturn(
    opening: FloatArray, closing: FloatArray, children: FloatArray, rates: FlowRates, clock: Clock
) -> Plans:
    """Plans by month between two January counts, ending on the later one exactly.

    Args:
        opening, closing: (1, age, need, placement) the two published counts.
        children: (d, 2, age) residents in the two academic years touched.
        rates: flows of the two academic years; commissioned places should not bind (capped empty), as what happened
            is known.
        clock: months of those two academic years; the result is cut to the window between the counts.

    Returns:
        Detailed Plans of twelve months, February to January.
    """
    plans = flow_plans(opening, children, rates, clock, detail=True)
    window = census_window(clock.censuses[1])
    months = len(window)
    ages = {name: array[:, :months] for name, array in plans.by_age.items()}
    tied = _tie(opening, closing, ages["open"], window)
    ages = {**ages, "open": tied.stock, "net_other": tied.stock - tied.opened - ages["new"] + ages["ceased"]}
    moved = np.zeros_like(plans.moved[:, :months])
    moved[:, tied.september] = tied.moved.sum(axis=(1, 2))
    return replace(
        plans,
        by_age=ages,
        open=ages["open"].sum(axis=(2, 3)),
        new=plans.new[:, :months],
        ceased=plans.ceased[:, :months],
        net_other=ages["net_other"].sum(axis=(2, 3)),
        moved=moved,
        aged_out=tied.aged_out,
        plan_months=0.5 * (tied.opened + tied.stock).sum(axis=(2, 3)),
        january=np.stack([opening.sum(axis=2), closing.sum(axis=2)], axis=1),
    )


@dataclass(frozen=True)
class _Tied:
    """Plans that end on the published count.

    Args:
        stock: (d, t, a, n, p) at each month's end; opened: the same at its opening, in September after ageing and
            moves.
        moved: (d, a, n, p) September's moves; aged_out: (d, t, p); september: its position.
    """

    stock: FloatArray
    opened: FloatArray
    moved: FloatArray
    aged_out: FloatArray
    september: int


def _tie(opening: FloatArray, closing: FloatArray, flowed: FloatArray, window: range) -> _Tied:
    """Spread each cohort's residual over the window; before September the cohort is a year younger.

    Shares over placements before September are those the flow gives, from September on those of the later count, so
    that no cell can fall below nothing.
    """
    months = len(window)
    september = next(t for t, absolute in enumerate(window) if month_of_academic_year(absolute) == 0)
    size = flowed.sum(axis=(3, 4), keepdims=True)
    residual = closing.sum(axis=(2, 3), keepdims=True) - size[:, -1]
    there = opening.sum(axis=(2, 3), keepdims=True)
    late = np.ones(
        residual.shape, dtype=bool
    )  # too few before September to carry their residual: all of it falls after
    late[:, 1:] = there[:, :-1] <= np.abs(residual[:, 1:])
    early = np.zeros_like(residual)
    early[:, :-1] = np.where(late, 0.0, residual)[:, 1:]
    stock = np.zeros_like(flowed)
    for t in range(september):
        wanted = size[:, t] + (t + 1) / months * early
        stock[:, t] = flowed[:, t] * np.divide(wanted, size[:, t], out=np.ones_like(wanted), where=size[:, t] > 0)
    older = np.zeros_like(flowed[:, -1])
    older[:, 1:] = stock[:, september - 1, :-1]
    later_share = _shares(closing, _shares(flowed[:, -1], older))
    for t in range(september, months):
        done = np.where(late, (t - september + 1) / (months - september), (t + 1) / months)
        stock[:, t] = (size[:, t] + done * residual) * later_share
    carried = np.zeros_like(opening, shape=residual.shape[:1] + opening.shape[1:])
    carried[:, 1:] = stock[:, september - 1, :-1]
    moved = carried.sum(axis=(2, 3), keepdims=True) * later_share - carried
    opened = np.concatenate([np.broadcast_to(opening, stock[:, 0].shape)[:, None], stock[:, :-1]], axis=1)
    opened[:, september] = carried + moved
    aged_out = np.zeros((stock.shape[0], months, stock.shape[-1]))
    aged_out[:, september] = stock[:, september - 1, -1].sum(axis=1)
    return _Tied(stock, opened, moved, aged_out, september)


def _shares(count: FloatArray, fallback: FloatArray) -> FloatArray:
    """Shares over needs and placements at each age; where the count has nobody, those of the fallback."""
    basis = np.where(count.sum(axis=(2, 3), keepdims=True) > 0, count, fallback)
    size = basis.sum(axis=(2, 3), keepdims=True)
    shares: FloatArray = np.divide(basis, size, out=np.zeros_like(basis), where=size > 0)
    return shares


def join_plans(first: Plans, then: Plans) -> Plans:
    """Two detailed runs end to end: the second opens on the January count at which the first ends."""
    joined = {
        name: np.concatenate([getattr(first, name), getattr(then, name)], axis=1)
        for name in ("open", "plan_months", "new", "ceased", "net_other", "moved", "aged_out")
    }
    by_age = {name: np.concatenate([first.by_age[name], then.by_age[name]], axis=1) for name in first.by_age}
    january = np.concatenate([first.january, then.january[:, 1:]], axis=1)
    return replace(then, by_age=by_age, january=january, **joined)
