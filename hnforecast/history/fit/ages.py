"""At which age of the January count that follows published flows stand: shares estimated from England's cohorts.

Flows are published by age at the event, counts by age on 31 August, and editions differ: from that of 2026 new plans
are by age on the start date of the plan, before it by ages about a year later. No rule is assumed. A cohort's change
from one January to the next is what joined it less what left it, so England's counts say which share of the new plans
of each age stands a year older or younger in the count that follows:

    after[c] - before[c-1] = joined[c] - left[c] + missed before[c-1]
    joined[c] = new[c] - (up[c] + down[c]) new[c] + up[c-1] new[c-1] + down[c+1] new[c+1]
    left[c]   = ceased[c] + early (ceased[c+1] - ceased[c])

by least squares over ages 2 to 18 (from 19 ages of ceasing are one bucket), shares between nil and one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hnforecast.base.axes import AGES, FloatArray

# Ages whose share is one: children who start school, and who change it, are given plans ahead of the step.
GROUPS = ((0, 4), (4, 5), (5, 10), (10, 11), (11, 12), (12, 16), (16, AGES))
FIRST, LAST = 2, 18
LEAN = 2.0  # pull of every share towards nil, in standard errors of a cohort: ages are as published where nothing tells
MOST_MISSED = 0.05
FLOOR = 300.0  # plans; a smaller cohort says no less than this many

# A flow that is even over the calendar year, by age on the day: the share that stands a year older in the count that
# follows (a birthday between the day and 31 August), and a year younger (a birthday between 31 August and the day).
EVEN_UP, EVEN_DOWN = 2.0 / 9.0, 1.0 / 18.0


@dataclass(frozen=True)
class Between:
    """What England published of the year between two January counts, each (age,).

    Args:
        before, after: plans at the counts.
        new: new plans, by age as published.
        ceased: plans ceased other than by transfer, age at the event; 20 holds those of 20 and over.
    """

    before: FloatArray
    after: FloatArray
    new: FloatArray
    ceased: FloatArray


@dataclass(frozen=True)
class AgeSteps:
    """Matrices (age at the count that follows, age published) that take a published flow to the count's ages.

    Args:
        new: new plans; ceased: plans ceased, below 19; moved: transfers between authorities, even over the year.
        missed: share of each year's opening plans that the identity leaves over.
    """

    new: FloatArray
    ceased: FloatArray
    moved: FloatArray
    missed: tuple[float, ...]

    @property
    def shares(self) -> dict[str, tuple[float, ...]]:
        """Share of new plans that stands a year older, and a year younger, by group of ages; and of ceased plans."""
        older, younger = np.diag(self.new, -1), np.diag(self.new, 1)
        return {
            "older": tuple(float(older[low]) for low, _ in GROUPS),
            "younger": tuple(float(younger[max(low, 1) - 1]) for low, _ in GROUPS),
            "ceased_younger": (float(self.ceased[1, 2]),),
        }


def estimate_steps(years: Sequence[Between]) -> AgeSteps:
    """Estimate from one or more years of one edition of new plans.

    Args:
        years: England's; ages of new plans must mean the same in all of them.
    """
    from scipy.optimize import lsq_linear

    groups, shares = len(GROUPS), 2 * len(GROUPS) + 1
    rows, wanted = [], []
    for position, year in enumerate(years):
        for c in range(FIRST, LAST + 1):
            weight = 1.0 / np.sqrt(max(FLOOR, year.before[c - 1]))
            row = np.zeros(shares + len(years))
            for g, (low, high) in enumerate(GROUPS):
                row[g] = year.new[c - 1] * (low <= c - 1 < high) - year.new[c] * (low <= c < high)
                row[groups + g] = year.new[c + 1] * (low <= c + 1 < high) - year.new[c] * (low <= c < high)
            row[shares - 1] = year.ceased[c] - year.ceased[c + 1]
            row[shares + position] = year.before[c - 1]
            rows.append(row * weight)
            wanted.append((year.after[c] - year.before[c - 1] - year.new[c] + year.ceased[c]) * weight)
    pull = np.zeros((shares - 1, shares + len(years)))
    np.fill_diagonal(pull, LEAN)
    least = np.concatenate([np.zeros(shares), np.full(len(years), -MOST_MISSED)])
    most = np.concatenate([np.ones(shares), np.full(len(years), MOST_MISSED)])
    found = lsq_linear(np.vstack([*rows, pull]), np.concatenate([wanted, np.zeros(len(pull))]), (least, most)).x
    up, down = np.zeros(AGES), np.zeros(AGES)
    for g, (first, last) in enumerate(GROUPS):
        whole = max(1.0, found[g] + found[groups + g])  # no more moves than there are
        up[first:last], down[first:last] = found[g] / whole, found[groups + g] / whole
    early = np.full(AGES, found[shares - 1])
    even = step_matrix(np.full(AGES, EVEN_UP), np.full(AGES, EVEN_DOWN))
    missed = tuple(float(share) for share in found[shares:])
    return AgeSteps(step_matrix(up, down), step_matrix(np.zeros(AGES), early), even, missed)


def step_matrix(up: FloatArray, down: FloatArray) -> FloatArray:
    """(age at the count, age published): shares that stand a year older and younger; the ends of the range hold."""
    up, down = up.copy(), down.copy()
    up[-1] = down[0] = 0.0
    return np.diag(1.0 - up - down) + np.diag(up[:-1], -1) + np.diag(down[1:], 1)


def year_older(counts: FloatArray) -> FloatArray:
    """Plans of a January count under the age they have at the next, (age, ...); nobody is born with a plan."""
    older = np.zeros_like(counts)
    older[1:] = counts[:-1]
    return older
