"""Rates of an authority shrunk towards England's: ceasing by age and placement, new plans by age and placement.

Every age is that of the January count that follows, so a rate is what happens to a cohort from one count to the next.
"""

from __future__ import annotations

import numpy as np

from hnforecast.base.axes import AGES, FloatArray

SHRINKAGE = 10.0  # weight of England in exits: one year alone gives 2.5, which follows recording noise
LOW_AGE = 16  # below it exits are too few to tell ages and placements of one authority apart
STEP_DOWN_AGE = 20  # from this age an authority's exits follow reviews of old plans more than its children
MOST_CEASING = 0.95
EXIT_BANDS = ((4, LOW_AGE), (LOW_AGE, STEP_DOWN_AGE), (STEP_DOWN_AGE, AGES))


def placement_factor(ceased: FloatArray, curve: FloatArray, stock: FloatArray, low_age: int = LOW_AGE) -> FloatArray:
    """How far each placement's exits stand from what its ages alone would give, (placement,), between 0.2 and 4.

    Args:
        ceased: (placement,) exits other than transfers.
        curve: (age,) share that ceases; stock: (age, placement) those it is of.
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


def age_factors(seen: FloatArray, expected: FloatArray, weight: float) -> FloatArray:
    """An authority's exits over those expected at England's rate, (age,).

    Each age from 16 on is drawn towards its band, the band towards England: years in which reviews move exits from one
    age to the next show at the age, and nothing is averaged over years.

    Args:
        seen, expected: (age,) exits.
        weight: of England in a band, and of the band at an age, in exits.
    """
    factors = np.ones(AGES)
    for low, high in EXIT_BANDS:
        band = authority_factor(float(seen[low:high].sum()), float(expected[low:high].sum()), weight)
        own = low >= LOW_AGE
        single = (weight * band + seen[low:high]) / (weight + expected[low:high])
        factors[low:high] = single if own else band
    return factors


def exit_hazard(curve: FloatArray, factor: FloatArray, stock: FloatArray, low_age: int = LOW_AGE) -> FloatArray:
    """(age, placement) share that ceases in a year, at most 0.95; on the placements of a stock it is the curve.

    Args:
        curve: (age,); factor: (placement,); stock: (age, placement) those it is of.
    """
    table = np.repeat(curve[:, None], len(factor), axis=1)
    older = stock[low_age:]
    size = older.sum(axis=1, keepdims=True)
    mean = np.divide(older @ factor, size[:, 0], out=np.ones(len(older)), where=size[:, 0] > 0)
    table[low_age:] *= factor[None, :] / mean[:, None]
    return np.clip(table, 0.0, MOST_CEASING)


# New plans.

AGE_PRIOR = 200.0  # new plans' worth of England's profile in the authority's own: one year of a middling authority


def age_profile(own: FloatArray, national: FloatArray, prior: float = AGE_PRIOR) -> FloatArray:
    """Share of new plans at each age, the authority's own counts shrunk towards England's. (age,), sums to 1."""
    shape = national / national.sum()
    profile: FloatArray = (own + prior * shape) / (own.sum() + prior)
    return profile


def new_plan_rate(total: float, joined: FloatArray, national: FloatArray, without: FloatArray) -> FloatArray:
    """New plans a year per 1,000 residents without a plan.

    Args:
        total: the authority's new plans of a year.
        joined: (age,) their ages; national: (age,) England's, for the profile.
        without: (age,) children without a plan.
    """
    return 1000.0 * total * age_profile(joined, national) / without


def placement_share(own: FloatArray, national: FloatArray, prior: float = 40.0) -> FloatArray:
    """Where new plans of each age are placed, (age, placement); rows sum to 1.

    The authority's own counts of that age, shrunk towards England's placements at the age, tilted to its own totals.
    Where England has no new plans at an age, the nearest younger age that has stands in.

    Args:
        own, national: (age, placement) new plans.
    """
    tilt = (own.sum(axis=0) + 20.0 * national.sum(axis=0) / national.sum()) / (own.sum() + 20.0)
    base = national.sum(axis=0) / national.sum()
    lean = np.divide(tilt, base, out=np.ones_like(base), where=base > 0)
    shares = np.zeros_like(own)
    last = None
    for age in range(own.shape[0]):
        if national[age].sum() > 0:
            expected = national[age] * lean
            last = expected / expected.sum()
        if last is None:
            continue
        shares[age] = (own[age] + prior * last) / (own[age].sum() + prior)
    first = int(np.argmax(shares.sum(axis=1) > 0))
    shares[:first] = shares[first]
    return shares
