"""Exact parts of a change: of a product of factors, and of plans times prices. Safe with zeros, the same in any order.

Source: docs/method.md, costs and attribution.
"""

from __future__ import annotations

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.base.shapley import shapley_shares

# Spend is the product of these; the order is for reading only.
FACTORS = {
    "population": "More children",
    "prevalence": "More plans for each child",
    "mix": "Dearer placements",
    "inflation": "General inflation",
    "unit_cost": "Cost of a like plan beyond inflation",
}


def chain_factors(levels: FloatArray) -> FloatArray:
    """Parts of each year's change of a product, by factor.

    Within a year each factor's part is Shapley's, so that no order of telling matters; the parts of a span are the sums
    of the parts of its years.

    Args:
        levels: (k, f) level of each factor in each year; their product is what is explained.

    Returns:
        (k, f - 1) parts; over factors they sum to the change of the product in each year.
    """
    k, years = levels.shape
    members = np.array([[(s >> j) & 1 for j in range(k)] for s in range(2**k)], dtype=bool)
    parts = np.zeros((k, years - 1))
    for f in range(years - 1):
        worth = np.where(members, levels[:, f + 1], levels[:, f]).prod(axis=1)
        parts[:, f] = shapley_shares(worth)
    return parts


def volume_mix_price(
    plans0: FloatArray, prices0: FloatArray, plans1: FloatArray, prices1: FloatArray
) -> tuple[float, float, float]:
    """Parts of sum(plans1 prices1) - sum(plans0 prices0) due to all plans together, to their mix, and to prices.

    With N total plans, m shares, p prices and q prices less the mean price of their state:

        volume = (N1-N0) sum [ (m0 p0 + m1 p1)/3 + (m0 p1 + m1 p0)/6 ]
        mix    = sum (m1-m0) [ (N0 q0 + N1 q1)/3 + (N0 q1 + N1 q0)/6 ]
        price  = sum (p1-p0) [ (N0 m0 + N1 m1)/3 + (N0 m1 + N1 m0)/6 ]

    Args:
        plans0, plans1: (i,) plans by placement; a placement may be new or gone.
        prices0, prices1: (i,) pounds a plan.
    """
    total0, total1 = float(plans0.sum()), float(plans1.sum())
    share0 = plans0 / total0 if total0 else np.zeros_like(plans0)
    share1 = plans1 / total1 if total1 else np.zeros_like(plans1)
    # a state with no plans has no shares of its own: it takes the other's, so that coming from nothing is all volume
    share0, share1 = (share0 if total0 else share1), (share1 if total1 else share0)
    same, crossed = share0 @ prices0 + share1 @ prices1, share0 @ prices1 + share1 @ prices0
    apart0, apart1 = prices0 - share0 @ prices0, prices1 - share1 @ prices1
    own = (total0 * apart0 + total1 * apart1) / 3 + (total0 * apart1 + total1 * apart0) / 6
    held = (total0 * share0 + total1 * share1) / 3 + (total0 * share1 + total1 * share0) / 6
    volume = (total1 - total0) * (same / 3 + crossed / 6)
    return float(volume), float((share1 - share0) @ own), float((prices1 - prices0) @ held)


def quantity_and_price(
    quantity0: FloatArray, price0: FloatArray, quantity1: FloatArray, price1: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Bennet's parts of a change of quantity x price: each change at the mean of the other."""
    return (quantity1 - quantity0) * (price0 + price1) / 2, (price1 - price0) * (quantity0 + quantity1) / 2
