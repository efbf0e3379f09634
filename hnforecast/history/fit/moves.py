"""September moves between placements: the matrix nearest to "nearly everyone stays" that links two counts.

No moves between placements are published, so gross churn is not identified: how sticky the prior is, is an assumption.
"""

from __future__ import annotations

import numpy as np

from hnforecast.base.axes import AGES, FloatArray
from hnforecast.base.errors import Problem, ReconciliationError

# Iterative proportional fitting.


def fit_margins(
    prior: FloatArray, rows: FloatArray, columns: FloatArray, *, tolerance: float = 1e-10, rounds: int = 5000
) -> FloatArray:
    """Scale a prior to row and column totals; zeros stay zero.

    Args:
        prior: (r, c), not negative.
        rows: (r,) totals; columns: (c,) totals, scaled to the rows' sum if the two differ.

    Raises:
        ReconciliationError: a total is wanted where the prior has nothing, or the fit does not settle.
    """
    table = prior.astype(float).copy()
    columns = columns * (rows.sum() / columns.sum()) if columns.sum() > 0 else columns
    scale = max(1.0, float(rows.sum()))
    for _ in range(rounds):
        table *= _ratio(rows, table.sum(axis=1))[:, None]
        table *= _ratio(columns, table.sum(axis=0))[None, :]
        if np.abs(table.sum(axis=1) - rows).max() <= tolerance * scale:
            return table
    raise ReconciliationError(
        Problem(
            "HN370",
            "the margins cannot be met from this prior",
            found=f"rows still {np.abs(table.sum(axis=1) - rows).max():.6g} off after {rounds} rounds",
            do="Give the prior a small share wherever a total is not nil.",
        )
    )


def _ratio(wanted: FloatArray, found: FloatArray) -> FloatArray:
    ratio: FloatArray = np.divide(wanted, found, out=np.zeros_like(found, dtype=float), where=found > 0)
    return ratio


def fit_bands(
    prior: FloatArray, bands: list[tuple[int, int]], band_totals: FloatArray, columns: FloatArray
) -> FloatArray:
    """Single ages within published bands: the (age, placement) table with band totals and placement totals.

    Args:
        prior: (age, placement) shape, for instance England's.
        bands: lowest and highest age of each band.
    """
    grouped = np.stack([prior[low : high + 1].sum(axis=0) for low, high in bands])
    fitted = fit_margins(grouped, band_totals, columns)
    table = np.zeros_like(prior, dtype=float)
    for b, (low, high) in enumerate(bands):
        inside = prior[low : high + 1]
        table[low : high + 1] = inside * _ratio(fitted[b], inside.sum(axis=0))
    return table


LATE, EARLY = 7.0 / 12.0, 5.0 / 12.0  # of a year between two counts: before its September, and after
PHASE_AGES = (4, 5, 11, 16, 19, 20)
STAY = 0.98  # prior share who stay at an ordinary age
STAY_PHASE = 0.5  # at an age of phase transfer
SHARE_PRIOR = 100.0  # plans' worth of England's placements in the authority's target at each age


def move_matrices(
    before: FloatArray,
    after: FloatArray,
    cease: FloatArray,
    joiners: FloatArray,
    lean: FloatArray | None = None,
) -> FloatArray:
    """(age, placement, placement) move matrices at the age after the birthday; rows sum to 1.

    Args:
        before, after: (age, placement) stock at two January counts a year apart.
        cease: (age, placement) share of the cohort that ceases by the later count, by its age then.
        joiners: (age, placement) new plans between the counts, by age at the later. Those of February to August are
            there before September and move like the rest; those after it are taken off the target.
        lean: (age, placement) shares to lean the target towards, or None to fit the two counts alone.
    """
    placements = before.shape[1]
    matrices = np.tile(np.eye(placements), (AGES, 1, 1))
    for age in range(4, AGES):
        rows = before[age - 1] * (1.0 - cease[age]) + LATE * joiners[age]
        target = np.maximum(0.0, after[age] - EARLY * joiners[age])
        if rows.sum() < 1 or target.sum() <= 0:
            continue
        if lean is not None:
            weight = target.sum() / (target.sum() + SHARE_PRIOR)
            target = weight * target / target.sum() + (1.0 - weight) * lean[age]
        stay = STAY_PHASE if age in PHASE_AGES else STAY
        spread = target / target.sum()
        prior = stay * np.eye(placements) + (1.0 - stay) * spread[None, :] + 1e-9
        occupied = np.maximum(rows, 1e-6 * rows.sum())
        wanted = occupied.sum() * np.maximum(spread, 1e-9)
        flows = fit_margins(occupied[:, None] * prior, occupied, wanted, tolerance=1e-9)
        matrices[age] = flows / flows.sum(axis=1, keepdims=True)
    return matrices


def lean_shares(national_after: FloatArray, own_before: FloatArray, national_before: FloatArray) -> FloatArray:
    """England's placements at each age tilted by how the authority's cohort stood a year before, (age, placement)."""
    shares = np.zeros_like(national_after)
    for age in range(1, AGES):
        own, nation = own_before[age - 1], national_before[age - 1]
        if own.sum() < 1 or nation.sum() < 1 or national_after[age].sum() < 1:
            continue
        tilt = (own / own.sum() + 1e-3) / (nation / nation.sum() + 1e-3)
        tilted = national_after[age] * np.clip(tilt, 0.2, 5.0)
        shares[age] = tilted / tilted.sum()
    return shares
