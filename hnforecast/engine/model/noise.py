"""Process noise in closed form: how far spend would vary if every rate were known, because plans are whole children.

Given the rates, plans are independent and new plans Poisson. For a cost k[t, p] of a plan-month, backwards from its
last month:

    e1 = k/2 + V1+ ;       e2 = k^2/4 + k V1+ + V2+        V+: next month's V; across a September V+[b-1] = move[b] V[b]
    V1 = k/2 + keep e1 ;   V2 = k^2/4 + k keep e1 + keep e2
    variance = sum open (V2 - V1^2) + sum_t sum new_t e2_t

The feedback of plans on residents without one, and places, are left out, so it is a little too wide.
"""

from __future__ import annotations

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.base.timeline import academic_year, month_of_academic_year
from hnforecast.engine.model.coefficients import window_of
from hnforecast.engine.model.state import Clock, FlowRates


def cost_covariance(
    opening: FloatArray, new: FloatArray, rates: FlowRates, clock: Clock, cost: FloatArray
) -> FloatArray:
    """Covariance of several costs of the same plans, (s, s), pounds squared.

    Args:
        opening: (a, p) plans at the opening January count.
        new: (t, a, p) expected new plans in each month.
        rates: central rates; the first draw is used.
        clock: months and academic years.
        cost: (s, t, p) pounds of a plan-month in each period asked for, zero outside it.
    """
    periods = cost.shape[0]
    pairs = [(i, j) for i in range(periods) for j in range(i, periods)]
    sums = np.stack([cost[i] if i == j else cost[i] + cost[j] for i, j in pairs])
    variances = _variances(opening, new, rates, clock, sums)
    alone = {i: variances[n] for n, (i, j) in enumerate(pairs) if i == j}
    matrix = np.zeros((periods, periods))
    for n, (i, j) in enumerate(pairs):
        matrix[i, j] = matrix[j, i] = alone[i] if i == j else 0.5 * (variances[n] - alone[i] - alone[j])
    return matrix


def _variances(opening: FloatArray, new: FloatArray, rates: FlowRates, clock: Clock, cost: FloatArray) -> FloatArray:
    """Variance of each cost, (s,)."""
    first = np.zeros((cost.shape[0], *opening.shape))
    second = np.zeros_like(first)
    total = np.zeros(cost.shape[0])
    keep_before: tuple[int, int] | None = None
    keep = np.ones(opening.shape)
    for t in range(len(clock.months) - 1, -1, -1):
        y = clock.academic_years.index(academic_year(clock.months[t]))
        m = month_of_academic_year(clock.months[t])
        if keep_before != (y, m):
            hazard = rates.hazard(y, window_of(m))
            keep, keep_before = (1.0 - hazard) ** rates.cease_profile[m], (y, m)
        k = cost[:, t][:, None, :]
        e1 = 0.5 * k + first
        e2 = 0.25 * k**2 + k * first + second
        total += np.einsum("ap,sap->s", new[t], e2)
        first, second = 0.5 * k + keep * e1, 0.25 * k**2 + k * keep * e1 + keep * e2
        if m == 0 and t:
            first, second = (_before_september(array, rates.move[y]) for array in (first, second))
    variances: FloatArray = total + np.einsum("ap,sap->s", opening, second - first**2)
    return variances


def _before_september(value: FloatArray, move: FloatArray) -> FloatArray:
    """Worth of a plan at the end of August, from its worth after ageing and moving; at 25 it leaves, worth nothing."""
    earlier = np.zeros_like(value)
    earlier[:, :-1] = np.einsum("bpq,sbq->sbp", move[1:], value[:, 1:])
    return earlier
