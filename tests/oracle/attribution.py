"""Why two costs differ, in parts that add up exactly: volume, mix and price; two factors; and measures by Shapley.

Source: docs/method.md, costs and attribution.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations
from math import factorial


def volume_mix_price(
    plans0: Sequence[float], prices0: Sequence[float], plans1: Sequence[float], prices1: Sequence[float]
) -> tuple[float, float, float]:
    """Parts of sum(plans1 x prices1) - sum(plans0 x prices0) due to total plans, to their mix and to prices.

    volume = (N1-N0) sum_i [ (m0 p0 + m1 p1)/3 + (m0 p1 + m1 p0)/6 ]
    mix    = sum_i (m1-m0) [ (N0 q0 + N1 q1)/3 + (N0 q1 + N1 q0)/6 ]      q: price less the mean price of its state
    price  = sum_i (p1-p0) [ (N0 m0 + N1 m1)/3 + (N0 m1 + N1 m0)/6 ]
    """
    total0, total1 = sum(plans0), sum(plans1)
    shares0, shares1 = [n / total0 for n in plans0], [n / total1 for n in plans1]
    mean0 = sum(m * p for m, p in zip(shares0, prices0, strict=True))
    mean1 = sum(m * p for m, p in zip(shares1, prices1, strict=True))
    volume = mix = price = 0.0
    for m0, m1, p0, p1 in zip(shares0, shares1, prices0, prices1, strict=True):
        q0, q1 = p0 - mean0, p1 - mean1
        volume += (total1 - total0) * ((m0 * p0 + m1 * p1) / 3 + (m0 * p1 + m1 * p0) / 6)
        mix += (m1 - m0) * ((total0 * q0 + total1 * q1) / 3 + (total0 * q1 + total1 * q0) / 6)
        price += (p1 - p0) * ((total0 * m0 + total1 * m1) / 3 + (total0 * m1 + total1 * m0) / 6)
    return volume, mix, price


def quantity_and_price(quantity0: float, price0: float, quantity1: float, price1: float) -> tuple[float, float]:
    """Bennet's parts of a change of quantity x price: each change at the mean of the other."""
    return (quantity1 - quantity0) * (price0 + price1) / 2, (price1 - price0) * (quantity0 + quantity1) / 2


def shapley_shares(names: Sequence[str], value_of: Callable[[frozenset[str]], float]) -> dict[str, float]:
    """Each one's share of the joint effect: what it adds to those before it, averaged over every order of joining."""
    shares = dict.fromkeys(names, 0.0)
    for order in permutations(names):
        joined: frozenset[str] = frozenset()
        for name in order:
            shares[name] += (value_of(joined | {name}) - value_of(joined)) / factorial(len(names))
            joined |= {name}
    return shares
