"""New plans: a rate by age per resident without a plan, and where they are placed."""

from __future__ import annotations

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.history.fit.exits import to_academic_age

AGE_PRIOR = 200.0  # new plans' worth of England's profile in the authority's own: one year of a middling authority


def age_profile(own: FloatArray, national: FloatArray, prior: float = AGE_PRIOR) -> FloatArray:
    """Share of new plans at each age, the authority's own counts shrunk towards England's. (age,), sums to 1."""
    shape = national / national.sum()
    profile: FloatArray = (own + prior * shape) / (own.sum() + prior)
    return profile


def new_plan_rate(new: FloatArray, national: FloatArray, residents: FloatArray, stock: FloatArray) -> FloatArray:
    """New plans a year per 1,000 residents without a plan, by age on 31 August.

    Args:
        new: (age,) the authority's new plans in a calendar year, age at the event.
        national: (age,) England's, for the profile.
        residents: (age,) children; stock: (age,) open plans.
    """
    flows = to_academic_age(new.sum() * age_profile(new, national))
    without = np.maximum(1.0, residents - stock)
    return 1000.0 * flows / without


def placement_share(own: FloatArray, national: FloatArray, prior: float = 40.0) -> FloatArray:
    """Where new plans of each age are placed, (age, placement); rows sum to 1.

    The authority's own counts of that age, shrunk towards England's placements at the age, tilted to its own totals.
    Where England has no new plans at an age, the nearest younger age that has stands in.
    """
    tilt = (own.sum(axis=0) + 20.0 * national.sum(axis=0) / national.sum()) / (own.sum() + 20.0)
    base = national.sum(axis=0) / national.sum()
    lean = np.divide(tilt, base, out=np.ones_like(base), where=base > 0)
    own_flows, national_flows = to_academic_age(own.copy()), to_academic_age(national.copy())
    shares = np.zeros_like(own_flows)
    last = None
    for age in range(own.shape[0]):
        if national_flows[age].sum() > 0:
            expected = national_flows[age] * lean
            last = expected / expected.sum()
        if last is None:
            continue
        shares[age] = (own_flows[age] + prior * last) / (own_flows[age].sum() + prior)
    first = int(np.argmax(shares.sum(axis=1) > 0))
    shares[:first] = shares[first]
    return shares
