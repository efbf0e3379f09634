"""All the rates of a vintage from published history up to one January count.

Where single ages by placement are published (January 2024 on) they are used as they are. Before that they are inferred
within the published bands and placement groups from England's later pattern, which is hindsight of shape only and is
marked so. An authority's own figures, and England's where they were out, are never later than the January count.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hnforecast.base.axes import AGES, FloatArray
from hnforecast.base.codes import Codes
from hnforecast.base.errors import InputError, Place, Problem
from hnforecast.history.fit.exits import (
    SHRINKAGE,
    authority_factor,
    exit_curve,
    exit_hazard,
    new_plan_rate,
    placement_factor,
    placement_share,
    to_academic_age,
)
from hnforecast.history.fit.history import History, unrecorded_share
from hnforecast.history.fit.moves import fit_bands, lean_shares, move_matrices

# England's pattern by age and placement, as known at a January count.

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


MOST_UNRECORDED = 0.5  # share of plans without a placement above which a table says nothing of placements
OWN_RESIDUAL = 0.25  # weight of the authority in net other
STEP_DOWN_AGE = 20  # from this age an authority's exits follow reviews of old plans more than its children


@dataclass(frozen=True)
class Rates:
    """Proposed rates.

    Args:
        census: the base January count.
        shape: England's pattern.
        opening: January count -> (age, placement) for the base count and the one before.
        inferred: True where single ages were inferred within bands.
        counts: (age, placement) new plans of the year before the base count, age at the event.
        new: (age,) new plans per 1,000 residents without a plan, the year before the base count.
        share: (age, placement) placements of new plans.
        hazard: (age, placement) ceasing a year.
        moves: (age, placement, placement).
        net_other: (age,) share of stock a year.
        exit_factor: the authority's exits against England's: ages 16 to 19, and 20 and over.
    """

    census: int
    shape: Shape
    opening: dict[int, FloatArray]
    inferred: bool
    counts: FloatArray
    new: FloatArray
    share: FloatArray
    hazard: FloatArray
    moves: FloatArray
    net_other: FloatArray
    exit_factor: tuple[float, float]


def fit_rates(
    own: History,
    national: History,
    census: int,
    residents: FloatArray,
    codes: Codes,
    exit_weight: float = SHRINKAGE,
) -> Rates:
    """Fit everything the cohort flow needs at one January count.

    Args:
        own, national: published history; what is later than the count is used for England's shape only, and only where
            nothing earlier is published.
        census: the base January count.
        residents: (age,) children of the academic year that holds the count.
        exit_weight: England's weight in an authority's exits, in exits; see weights.py.

    Raises:
        InputError: the authority lacks the counts this needs.
    """
    _require(own, census)
    shape = england_shape(national, census)
    inferred = census not in own.stock or census - 1 not in own.stock
    before, after = (_stock(own, shape, year, codes) for year in (census - 1, census))
    new = _new(own, shape, census - 1, codes)
    _require_placements({f"plans of January {census}": after, f"new plans of {census - 1}": new}, codes)
    exits = _exit_factors(own, shape.curve, before, after, new, census, exit_weight)
    age_factor = np.ones(AGES)
    age_factor[16:STEP_DOWN_AGE], age_factor[STEP_DOWN_AGE:] = exits
    hazard = exit_hazard(shape.curve, shape.factor, age_factor)
    joined = to_academic_age(new.copy())
    lean = lean_shares(shape.after, before, shape.before)
    return Rates(
        census=census,
        shape=shape,
        opening={census - 1: before, census: after},
        inferred=inferred,
        counts=new,
        new=new_plan_rate(new.sum(axis=1), shape.new.sum(axis=1), residents, after.sum(axis=1)),
        share=placement_share(new, shape.new),
        hazard=hazard,
        moves=move_matrices(before, after, hazard, joined, lean),
        net_other=np.full(AGES, _net_other(own, national, census, inferred)),
        exit_factor=exits,
    )


def _require(own: History, census: int) -> None:
    lacking = []
    for year in (census - 1, census):
        if year not in own.stock and not (year in own.band_stock and year in own.group_stock):
            lacking.append(f"plans by age and placement at January {year}")
    if census - 1 not in own.new and not (census - 1 in own.band_new and census - 1 in own.placement_new):
        lacking.append(f"new plans of {census - 1} by age and placement")
    if lacking:
        raise InputError(
            Problem(
                "HN371",
                "the authority's history is too thin to fit rates",
                Place(path=f"January {census}"),
                found=f"missing: {'; '.join(lacking)}",
                do="Choose a later January count or supply the council's own tables.",
            )
        )


def _require_placements(tables: dict[str, FloatArray], codes: Codes) -> None:
    """Refuse tables that hold nearly all their plans without a placement: filling them would be invention."""
    shares = {name: unrecorded_share(table, codes) for name, table in tables.items()}
    blank = {name: share for name, share in shares.items() if share > MOST_UNRECORDED}
    if blank:
        raise InputError(
            Problem(
                "HN372",
                "placements were not recorded, so nothing can be fitted by placement",
                found="; ".join(f"{name}: {share:.0%} without a placement" for name, share in blank.items()),
                expected=f"at most {MOST_UNRECORDED:.0%}",
                do="Choose an earlier January count, or put the council's own table into a panel folder (--panel).",
            )
        )


def _stock(own: History, shape: Shape, census: int, codes: Codes) -> FloatArray:
    if census in own.stock:
        return own.stock[census]
    return _within_bands(shape.before, own.band_stock[census], own.group_stock[census], codes)


def _new(own: History, shape: Shape, year: int, codes: Codes) -> FloatArray:
    if year in own.new:
        return own.new[year]
    return _within_bands(shape.new, own.band_new[year], own.placement_new[year], codes)


def _within_bands(shape: FloatArray, bands: dict[str, float], placed: FloatArray, codes: Codes) -> FloatArray:
    """(age, placement) nearest to a shape with the published totals of bands and placements."""
    prior = shape + 1e-6 * shape.sum(axis=0, keepdims=True) * (shape.sum(axis=1, keepdims=True) > 0)
    ranges = [(low, high) for _, low, high in codes.age_bands]
    return fit_bands(prior, ranges, np.array([bands[name] for name, _, _ in codes.age_bands]), placed)


def _exit_factors(
    own: History,
    curve: FloatArray,
    before: FloatArray,
    after: FloatArray,
    new: FloatArray,
    census: int,
    weight: float,
) -> tuple[float, float]:
    """The authority's exits against England's at 16 to 19, and at 20 and over.

    With exits by age the first is their ratio, shrunk; the second its square root, because years in which old plans are
    cleared would otherwise be carried forward for ever. Without, both come from the stock-flow identity.
    """
    stock = before.sum(axis=1)
    expected = curve * stock
    year = census - 1
    if year in own.ceased:
        seen = to_academic_age(own.ceased[year].copy())
        younger = authority_factor(seen[16:19].sum(), expected[16:19].sum(), weight)
        older = authority_factor(own.ceased[year][STEP_DOWN_AGE:].sum(), expected[STEP_DOWN_AGE - 1 :].sum(), weight)
        return float(younger), float(np.sqrt(older))
    seen_net = max(0.0, float(before.sum() + new.sum() - after.sum()))
    factor = float(authority_factor(seen_net, float(expected.sum()), weight))
    return factor, factor


def _net_other(own: History, national: History, census: int, inferred: bool) -> float:
    """Residual of the stock-flow identity as a share of stock, weighed with England's; nil if not known."""
    if inferred:
        return 0.0
    return OWN_RESIDUAL * _mean(residual_shares(own, census)) + (1.0 - OWN_RESIDUAL) * _mean(
        residual_shares(national, census)
    )


def residual_shares(history: History, census: int) -> list[float]:
    """What the stock-flow identity leaves unexplained in each year known, as a share of the opening stock."""
    shares = []
    for year in sorted(history.ceased):
        if year + 1 <= census and year in history.totals and year + 1 in history.totals and year in history.new_totals:
            start, end = history.totals[year], history.totals[year + 1]
            expected = start + history.new_totals[year] - history.ceased[year].sum()
            shares.append((end - expected) / start)
    return shares


def _mean(shares: list[float]) -> float:
    return float(np.mean(shares)) if shares else 0.0
