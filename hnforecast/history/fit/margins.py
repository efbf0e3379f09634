"""Iterative proportional fitting: the table nearest to a prior that has given margins (Kullback-Leibler)."""

from __future__ import annotations

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.base.errors import Problem, ReconciliationError


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
