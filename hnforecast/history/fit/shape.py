"""England's pattern by age and placement, as known at a January count: what authorities are shrunk towards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.base.errors import InputError, Problem
from hnforecast.history.fit.exits import exit_curve, placement_factor
from hnforecast.history.fit.history import History

SHAPE_YEARS = 3  # years of England's new plans by age and placement that make the profile


@dataclass(frozen=True)
class Shape:
    """England's pattern, which authorities are shrunk towards.

    Args:
        counts: the two January counts it is read from.
        before, after: (age, placement) stock at them.
        new: (age, placement) new plans, mean of the years used.
        curve: (age,) hazard of ceasing; factor: (placement,) on it.
        hindsight: whether any of it was published after the January count fitted.
    """

    counts: tuple[int, int]
    before: FloatArray
    after: FloatArray
    new: FloatArray
    curve: FloatArray
    factor: FloatArray
    hindsight: bool


def england_shape(national: History, census: int) -> Shape:
    """England's pattern as known at a January count, or the earliest published where nothing was known yet.

    Raises:
        InputError: the panel has no England by single age and placement.
    """
    exits = national.ceased_by_placement
    pairs = [year for year in sorted(national.stock) if year + 1 in national.stock and year in exits]
    years = sorted(national.new)
    if not pairs or not years:
        raise InputError(
            Problem(
                "HN373",
                "England's plans by single age and placement are missing, so there is nothing to shrink towards",
                found=f"pairs of counts: {len(pairs)}; years of new plans: {len(years)}",
                expected="two January counts, the year's ceased plans between them, and a year of new plans",
                do="Add the national files of inputs/national to the panel folder.",
            )
        )
    known = [year for year in pairs if year + 1 <= census]
    first = known[-1] if known else pairs[0]
    used = [year for year in years if year < census][-SHAPE_YEARS:] or years[:SHAPE_YEARS]
    before, after = national.stock[first], national.stock[first + 1]
    curve = exit_curve(national.ceased[first], before.sum(axis=1), after.sum(axis=1))
    factor = placement_factor(national.ceased_by_placement[first], curve, before)
    new: FloatArray = np.mean([national.new[year] for year in used], axis=0)
    return Shape((first, first + 1), before, after, new, curve, factor, first + 1 > census or used[-1] >= census)
