"""Leaves faults of recording out of a panel: the authority has no count that year, and England moves without it.

An authority whose count fell as none does (see inputs/quirks.py) has no total and no placements there. England's
published figure holds the fault: the authority is taken in it as having moved as the rest did, so that neither the fall
nor the recovery reaches the country's growth. Both look back only, as everything in a panel must.
"""

from __future__ import annotations

import numpy as np

from hnforecast.engine.demand.panel import Floats
from hnforecast.inputs.quirks import fallen

TOTAL = "total_plans"


def leave_out_faults(
    local: dict[str, Floats], national: dict[str, Floats], authorities: tuple[str, ...], years: tuple[int, ...]
) -> None:
    """Blank the faults of every stock, in place.

    Args:
        local: variable -> (authority, year); national: variable -> (year,).
        authorities, years: of the arrays.
    """
    totals = local[TOTAL]
    codes = np.repeat(np.asarray(authorities), len(years))
    odd = fallen(codes.tolist(), list(years) * len(authorities), totals.ravel().tolist()).reshape(totals.shape)
    stocks = [name for name in local if name == TOTAL or name.startswith("plans_")]
    for authority, year in zip(*np.nonzero(odd), strict=True):
        for name in stocks:
            recorded, before = local[name][authority, year], local[name][authority, year - 1]
            whole = national.get(name)
            if whole is not None and np.isfinite([recorded, before, whole[year], whole[year - 1]]).all():
                rest, rest_before = whole[year] - recorded, whole[year - 1] - before
                if rest > 0 and rest_before > 0:
                    whole[year] = rest + before * rest / rest_before
            local[name][authority, year] = np.nan
