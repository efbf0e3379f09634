"""Places the Department pays direct out of the block: what is known, then what more places and plans take off.

A place at a college or an academy is paid by the Department and taken off the block before the council receives it. So
a further plan there costs the council its top-up and, through the deduction, the place. A vintage that says so makes
the deduction follow: commissioned places where a placement has them, plan-years where it has none.

    deductions[f] = known or grown[f] + sum over placements of rate x share x (volume[f] - volume at the last known)
"""

from __future__ import annotations

import numpy as np

from hnforecast.assumptions import Vintage
from hnforecast.base.axes import FloatArray, stack_draws
from hnforecast.base.timeline import financial_year
from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.drivers.funding import deductions
from hnforecast.engine.drivers.spend import places_by_step
from hnforecast.engine.model.state import Clock, Plans
from hnforecast.engine.model.steps import Step


def paid_direct(
    vintage: Vintage, clock: Clock, steps: tuple[Step, ...], plans: Plans, places: FloatArray, drawn: Drawn
) -> FloatArray:
    """(draw or 1, financial year) pounds of places paid direct, positive.

    Args:
        clock, steps: of the run.
        plans: the flow's result.
        places: (d, y, k) commissioned places by academic year of the clock, in the order of flows.yaml.
    """
    known = deductions(vintage, clock.financial_years, drawn)
    last = max(vintage.funding.deductions.by or {0: 0.0})
    later = np.array([[float(year > last) for year in clock.financial_years]])
    for name, followed in vintage.funding.deductions_follow.items():
        more = volume(vintage, name, clock, steps, plans, places) - followed.base.at(0)
        known = known + drawn.value(followed.rate)[:, None] * drawn.value(followed.share)[:, None] * more * later
    return known


def volume(
    vintage: Vintage, name: str, clock: Clock, steps: tuple[Step, ...], plans: Plans, places: FloatArray
) -> FloatArray:
    """(d, f) places of a placement where it has commissioned ones, plan-years where not, by financial year."""
    p = vintage.codes.placements.index(name)
    if name in vintage.flows.places:
        length = np.array([len(step) for step in steps]) / 12.0
        by_step = places_by_step(vintage, clock, steps, places)[:, :, p] * length
    else:
        by_step = plans.plan_months[:, :, p].astype(float) / 12.0
    years = np.array([financial_year(step[0]) for step in steps])
    return stack_draws([by_step[:, years == year].sum(axis=1) for year in clock.financial_years], axis=-1)
