"""Hazards of ceasing: England's curve by age, moved by placement, times the authority's own factor.

Transfers to another authority are not exits. Ages of published flows are ages at the event; an academic year's flow at
age a is taken as half of the events at a and half of those at a + 1, since birthdays fall through the year.
"""

from __future__ import annotations

import numpy as np

from hnforecast.base.axes import AGES, FloatArray

SHRINKAGE = 10.0  # weight of England in exits: one year alone gives 2.5, which follows recording noise


def to_academic_age(events: FloatArray) -> FloatArray:
    """Events by age at the event -> flows by age on the 31 August before; totals unchanged. (age, ...)."""
    flows: FloatArray = 0.5 * events
    flows[:-1] += 0.5 * events[1:]
    first = int(np.argmax(events.reshape(AGES, -1).any(axis=1)))
    if first:  # nobody is younger than the youngest age published
        flows[first] += flows[first - 1]
        flows[first - 1] = 0.0
    return flows


def exit_curve(ceased: FloatArray, before: FloatArray, after: FloatArray) -> FloatArray:
    """Annual hazard by age from a year's exits and the two January stocks around it.

    Below 19 it is exits over stock. From 19 the flows are one bucket, so it is read from cohort ratios, which hold the
    few new plans and transfers of those ages too:

        ratio[b] = after[b] / before[b-1] = (1 - c[b-1])^(7/12) (1 - c[b])^(5/12)

    Args:
        ceased: (age,) exits other than transfers, age at the event.
        before, after: (age,) stock at the January counts either side.
    """
    flows = to_academic_age(ceased.copy())
    curve = np.divide(flows, before, out=np.zeros(AGES), where=before > 0)
    ratio = np.ones(AGES)
    ratio[1:] = np.divide(after[1:], before[:-1], out=np.ones(AGES - 1), where=before[:-1] > 0)
    force = -np.log(np.clip(ratio, 0.02, 1.0))
    for age in range(19, AGES):
        later = force[age + 1] if age + 1 < AGES else force[age]
        curve[age] = 1.0 - np.exp(-(5.0 * force[age] + 7.0 * later) / 12.0)
    return np.clip(curve, 0.0, 0.95)


def placement_factor(ceased: FloatArray, curve: FloatArray, stock: FloatArray, low_age: int = 16) -> FloatArray:
    """How far each placement's exits stand from what its ages alone would give, (placement,), between 0.2 and 4.

    Args:
        ceased: (placement,) exits other than transfers.
        curve: (age,) hazard.
        stock: (age, placement).
        low_age: exits below this age are too few to tell placements apart and carry factor 1.
    """
    expected = (curve[low_age:, None] * stock[low_age:]).sum(axis=0)
    younger = (curve[:low_age, None] * stock[:low_age]).sum(axis=0)
    seen = np.maximum(0.0, ceased - younger)
    prior = 25.0
    factor = (seen + prior) / (expected + prior)
    weighted = float((factor * expected).sum() / expected.sum()) if expected.sum() > 0 else 1.0
    clipped: FloatArray = np.clip(factor / weighted, 0.2, 4.0)
    return clipped


def authority_factor(seen: float, expected: float, weight: float = SHRINKAGE) -> float:
    """Gamma-Poisson shrinkage of an authority's exits towards England's: (k + seen) / (k + expected)."""
    return (weight + seen) / (weight + expected)


def exit_hazard(curve: FloatArray, factor: FloatArray, age_factor: FloatArray, low_age: int = 16) -> FloatArray:
    """(age, placement) annual hazard, at most 0.95."""
    table = np.repeat((curve * age_factor)[:, None], len(factor), axis=1)
    table[low_age:] *= factor[None, :]
    return np.clip(table, 0.0, 0.95)


# New plans.

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
