"""Exact months from one annual step.

Inside an academic year every cell is linear in its September opening X, the new plans of the two windows J0 and J1,
and net other O, so each month is four coefficients:

    N_m = alpha_m X + beta0_m J0 + beta1_m J1 + gamma_m O

They obey one recursion each, which survives a hazard of 1: alpha_m = keep_m alpha_{m-1}, beta_m = keep_m beta_{m-1} + v_m.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hnforecast.axes import FloatArray

FIRST_WINDOW = 5  # months September to January belong to the census window that ends in that January


@dataclass(frozen=True)
class Month:
    """Coefficients of one month of the year, each shaped like the hazard and broadcast over draws.

    Args:
        m: month of the academic year.
        keep: share of plans open at the month's start that do not cease in it.
        new, other: shares of the year's new plans and net other that fall in the month.
        before, after: (alpha, beta0, beta1, gamma) at the month's opening and end.
    """

    m: int
    keep: FloatArray
    new: float
    other: float
    before: tuple[FloatArray, ...]
    after: tuple[FloatArray, ...]


def keep_by_month(staying: FloatArray, profile: FloatArray) -> dict[float, FloatArray]:
    """staying ** w for each distinct monthly weight w: powers cost most, so each is taken once."""
    return {weight: np.power(staying, weight) for weight in sorted({float(w) for w in profile})}


def months(
    staying: FloatArray, cease: FloatArray, new: FloatArray, other: FloatArray, start: int = 0
) -> Iterator[Month]:
    """The months of one academic year, from month `start` with the stock of its opening.

    Args:
        staying: 1 less the annual hazard, any shape.
        cease, new, other: (12,) monthly profiles w, v, u, September first.
        start: 0 for a whole year; 5 when the year is entered after a January count.
    """
    powers = keep_by_month(staying, cease[start:])
    zero = np.zeros_like(staying)
    current = (np.ones_like(staying), zero, zero, zero)
    for m in range(start, 12):
        keep = powers[float(cease[m])]
        alpha, beta0, beta1, gamma = current
        first = m < FIRST_WINDOW
        following = (
            keep * alpha,
            keep * beta0 + (new[m] if first else 0.0),
            keep * beta1 + (0.0 if first else new[m]),
            keep * gamma + other[m],
        )
        yield Month(m, keep, float(new[m]), float(other[m]), current, following)
        current = following


def month_mean(month: Month) -> tuple[FloatArray, ...]:
    """Coefficients of a month's plan-months: the mean of its opening and its end.

    Counting month ends instead would overstate cost by half a month's growth.
    """
    return tuple(0.5 * (before + after) for before, after in zip(month.before, month.after, strict=True))
