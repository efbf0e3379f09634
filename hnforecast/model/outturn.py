"""The base outturn year, between two published January counts.

The flow is run from the earlier count with the year's own rates; what it misses at the later count, cell by cell, is the
residual of recording, transfers and moves. It is spread evenly over the twelve months as net other, shown and never hidden,
so that every later stage starts from the published count exactly.
"""

from __future__ import annotations

from dataclasses import replace

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
        children: (1, 2, age) residents in the two academic years touched.
        rates: flows of the two academic years; commissioned places should not bind (capped empty), as what happened is known.
        clock: months of those two academic years; cut to the window between the counts on return.

    Returns:
        Detailed Plans of twelve months, February to January.
    """
    plans = flow_plans(opening, children, rates, clock, detail=True)
    window = census_window(clock.censuses[1])
    months = len(window)
    ages = {name: array[:, :months].copy() for name, array in plans.by_age.items()}
    residual = closing - ages["open"][:, -1]
    correction = _phase(residual, window)
    change = np.diff(correction, axis=1, prepend=0.0)
    september = next(t for t, absolute in enumerate(window) if month_of_academic_year(absolute) == 0)
    # across the September step the correction so far grows a year older with its children: that is ageing, not a flow
    carried = np.zeros_like(correction[:, 0])
    carried[:, 1:] = correction[:, september - 1, :-1]
    change[:, september] = correction[:, september] - carried
    ages["open"] = ages["open"] + correction
    ages["net_other"] = ages["net_other"] + change
    half = correction.copy()
    half[:, 1:] = 0.5 * (correction[:, 1:] + correction[:, :-1])
    half[:, 0] = 0.5 * correction[:, 0]
    half[:, september] = 0.5 * (carried + correction[:, september])
    return replace(
        plans,
        by_age=ages,
        open=ages["open"].sum(axis=(2, 3)),
        new=plans.new[:, :months],
        ceased=plans.ceased[:, :months],
        net_other=ages["net_other"].sum(axis=(2, 3)),
        moved=plans.moved[:, :months],
        aged_out=plans.aged_out[:, :months],
        plan_months=plans.plan_months[:, :months] + half.sum(axis=(2, 3)),
        january=np.stack([opening.sum(axis=2), closing.sum(axis=2)], axis=1),
    )


def _phase(residual: FloatArray, window: range) -> FloatArray:
    """(1, month, age, need, placement): the residual so far at each month's end, at the age its children then have."""
    months = len(window)
    phased = np.zeros((residual.shape[0], months, *residual.shape[1:]))
    after = [t for t, absolute in enumerate(window) if month_of_academic_year(absolute) < 5]
    for t in range(months):
        share = (t + 1) / months
        if t in after:
            phased[:, t] = share * residual
            # nobody of age 0 was here before September: their residual has only the months since
            phased[:, t, 0] = residual[:, 0] * (after.index(t) + 1) / len(after)
        else:
            phased[:, t, :-1] = share * residual[:, 1:]
    return phased


def join_plans(first: Plans, then: Plans) -> Plans:
    """Two detailed runs end to end: the second opens on the January count at which the first ends."""
    joined = {
        name: np.concatenate([getattr(first, name), getattr(then, name)], axis=1)
        for name in ("open", "plan_months", "new", "ceased", "net_other", "moved", "aged_out")
    }
    by_age = {name: np.concatenate([first.by_age[name], then.by_age[name]], axis=1) for name in first.by_age}
    january = np.concatenate([first.january, then.january[:, 1:]], axis=1)
    return replace(then, by_age=by_age, january=january, **joined)
