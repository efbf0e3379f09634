"""England's pattern by age and placement, as known at a January count: what authorities are shrunk towards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.base.errors import InputError, Problem
from hnforecast.history.fit.ages import AgeSteps, Between, estimate_steps, year_older
from hnforecast.history.fit.cohorts import Flows, Published, estimate_flows, spread_open_ages
from hnforecast.history.fit.exits import placement_factor
from hnforecast.history.fit.history import History

SHAPE_YEARS = 3  # years of England's new plans by age and placement that make the profile
ENGLAND_RECORDING = 0.001  # England's flows and counts are large: what disagrees is a flow, not recording


@dataclass(frozen=True)
class Shape:
    """England's pattern. Ages are those of the January count that follows.

    Args:
        counts: the two January counts it is read from.
        before, after: (age, placement) stock at them, age on 31 August.
        new: (age, placement) new plans, mean of the years used.
        steps: whether new plans are by age on the start date -> from ages published to ages of the count.
        flows: of the year between the counts.
        curve: (age,) share of a cohort that ceases; factor: (placement,) on it.
        moved: (age,) plans that moved between authorities.
        hindsight: whether any of it was published after the January count fitted.
    """

    counts: tuple[int, int]
    before: FloatArray
    after: FloatArray
    new: FloatArray
    steps: Mapping[bool, AgeSteps]
    flows: Flows
    curve: FloatArray
    factor: FloatArray
    moved: FloatArray
    hindsight: bool


def england_shape(national: History, census: int) -> Shape:
    """England's pattern from the last pair of counts known, or the first published where none was."""
    pairs = [year for year in national.whole_years() if year in national.ceased_by_placement]
    years = sorted(national.new.keys() | national.new_at_start.keys())
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
    steps = _steps(national, known or pairs[:1])
    before, after = national.stock[first], national.stock[first + 1]
    plans = before.sum(axis=1), after.sum(axis=1)
    moved_out = national.transfers[first]
    moved = steps[False].moved @ spread_open_ages(moved_out, year_older(plans[0]))
    new = national.new_of(first).sum(axis=1)
    step = steps[first in national.new_at_start]
    flows = estimate_flows(
        Published(*plans, new, national.ceased[first], moved_out), step, moved, recording=ENGLAND_RECORDING
    )
    curve = flows.ceasing
    joined: FloatArray = np.mean(
        [steps[year in national.new_at_start].new @ national.new_of(year) for year in used], axis=0
    )
    return Shape(
        counts=(first, first + 1),
        before=before,
        after=after,
        new=joined,
        steps=steps,
        flows=flows,
        curve=curve,
        factor=placement_factor(national.ceased_by_placement[first], curve, year_older(before)),
        moved=moved,
        hindsight=first + 1 > census or used[-1] >= census,
    )


def _steps(national: History, years: list[int]) -> dict[bool, AgeSteps]:
    """Steps of either meaning of age, from the years of it that have counts on both sides; else those of the other."""
    found: dict[bool, AgeSteps] = {}
    for at_start, new in ((False, national.new), (True, national.new_at_start)):
        usable = [
            Between(
                national.stock[year].sum(axis=1),
                national.stock[year + 1].sum(axis=1),
                new[year].sum(axis=1),
                national.ceased[year],
            )
            for year in years
            if year in new
        ]
        if usable:
            found[at_start] = estimate_steps(usable)
    either = next(iter(found.values()))
    return {at_start: found.get(at_start, either) for at_start in (False, True)}
