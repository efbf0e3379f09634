"""All the rates of a vintage from published history up to one January count.

What joined and left each cohort between the last two counts is estimated first (cohorts.py); rates are those flows over
the children and plans they came from, at the age of the count that follows, an authority's shrunk towards England's.
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
from hnforecast.history.fit.ages import year_older
from hnforecast.history.fit.cohorts import Flows, Published, estimate_flows, flows_by_identity
from hnforecast.history.fit.exits import (
    LOW_AGE,
    SHRINKAGE,
    STEP_DOWN_AGE,
    age_factors,
    authority_factor,
    exit_hazard,
    new_plan_rate,
    placement_share,
)
from hnforecast.history.fit.history import History, unrecorded_share
from hnforecast.history.fit.moves import EARLY, LATE, fit_bands, lean_shares, move_matrices
from hnforecast.history.fit.recoded import as_recoded_later
from hnforecast.history.fit.shape import Shape, england_shape

MOST_UNRECORDED = 0.5  # share of plans without a placement above which a table says nothing of placements
# Years at which an authority's own residual weighs as much as England's: over 148 authorities the residuals of 2023 and
# 2024 vary 3.9 times as much within an authority as between authorities
RESIDUAL_YEARS = 3.9


@dataclass(frozen=True)
class Rates:
    """Proposed rates; ages are those of the January count that follows, but for the last three by age on 31 August.

    Args:
        census: the base January count.
        shape: England's pattern.
        opening: January count -> (age, placement) for the base count and the one before.
        inferred: True where single ages were inferred within bands.
        recoded: whether placements of the count before are put as the base count records them.
        counts: (age, placement) new plans of the year before the base count, ages as published.
        joined: the same at the ages of the count.
        flows: of the year before the base count.
        new: (age,) new plans per 1,000 residents without a plan, the year before the base count.
        share: (age, placement) placements of new plans.
        hazard: (age, placement) ceasing a year.
        moves: (age, placement, placement).
        exit_factor: the authority's exits against England's: ages 16 to 19, and 20 and over.
        net_other: (age,) share of stock a year, transfers to other authorities.
        movers_in: (age,) plans a year from other authorities per 1,000 residents.
        movers_share: (age, placement) where they are placed.
    """

    census: int
    shape: Shape
    opening: dict[int, FloatArray]
    inferred: bool
    recoded: bool
    counts: FloatArray
    joined: FloatArray
    flows: Flows
    new: FloatArray
    share: FloatArray
    hazard: FloatArray
    moves: FloatArray
    exit_factor: tuple[float, float]
    net_other: FloatArray
    movers_in: FloatArray
    movers_share: FloatArray


def fit_rates(
    own: History,
    national: History,
    census: int,
    residents: FloatArray,
    codes: Codes,
    exit_weight: float = SHRINKAGE,
    earlier: FloatArray | None = None,
) -> Rates:
    """Fit everything the cohort flow needs at one January count.

    Args:
        own, national: published history; what is later than the count is used for England's shape only, and only where
            nothing earlier is published.
        census: the base January count.
        residents: (age,) children of the academic year that holds the count.
        exit_weight: England's weight in an authority's exits, in exits; see weights.py.
        earlier: (age,) children of the academic year before it; those of the count's where None.

    Raises:
        InputError: the authority lacks the counts this needs.
    """
    _require(own, census)
    shape = england_shape(national, census)
    inferred = census not in own.stock or census - 1 not in own.stock
    published, after = (_stock(own, shape, year, codes) for year in (census - 1, census))
    new = _new(own, shape, census - 1, codes)
    _require_placements({f"plans of January {census}": after, f"new plans of {census - 1}": new}, codes)
    before, recoded = as_recoded_later(published, after, codes)
    steps = shape.steps[census - 1 in own.new_at_start]
    joined = steps.new @ new
    flows = _own_flows(own, shape, before, after, new, census, exit_weight)
    expected = shape.curve * flows.before
    curve = shape.curve * age_factors(flows.ceased, expected, exit_weight)
    hazard = exit_hazard(curve, shape.factor, LATE * year_older(before) + EARLY * after)
    share = placement_share(joined, shape.new)
    without = _without_plan(flows, residents, residents if earlier is None else earlier)
    rate = new_plan_rate(new.sum(), flows.new, shape.new.sum(axis=1), without)
    lean = lean_shares(shape.after, before, shape.before)
    out, movers = _movers(own, national, shape, flows, census, inferred, exit_weight)
    return Rates(
        census=census,
        shape=shape,
        opening={census - 1: before, census: after},
        inferred=inferred,
        recoded=recoded,
        counts=new,
        joined=joined,
        flows=flows,
        new=rate,
        share=share,
        hazard=hazard,
        moves=move_matrices(before, after, hazard, (rate / 1000.0 * without)[:, None] * share, lean),
        exit_factor=(
            authority_factor(
                flows.ceased[LOW_AGE:STEP_DOWN_AGE].sum(), expected[LOW_AGE:STEP_DOWN_AGE].sum(), exit_weight
            ),
            authority_factor(flows.ceased[STEP_DOWN_AGE:].sum(), expected[STEP_DOWN_AGE:].sum(), exit_weight),
        ),
        net_other=-academic(out),
        movers_in=1000.0 * academic(movers) / np.maximum(1.0, residents),
        movers_share=_placed(after),
    )


def _without_plan(flows: Flows, residents: FloatArray, earlier: FloatArray) -> FloatArray:
    """(age,) children without a plan from whom a year's new plans come: of the count before, then of September."""
    until_august = np.append(0.0, earlier[:-1]) - flows.before
    september = residents - (flows.before - LATE * (flows.ceased - flows.new))
    return np.maximum(1.0, LATE * until_august + EARLY * september)


def academic(by_count: FloatArray) -> FloatArray:
    """A rate that is smooth over ages, by age on 31 August: February to August are those of the count that follows."""
    later = np.append(by_count[1:], by_count[-1])
    return EARLY * by_count + LATE * later


def _own_flows(
    own: History,
    shape: Shape,
    before: FloatArray,
    after: FloatArray,
    new: FloatArray,
    census: int,
    weight: float,
) -> Flows:
    """Flows of the year before the count; without plans ceased by age they follow England's ages."""
    year, plans = census - 1, (before.sum(axis=1), after.sum(axis=1))
    steps = shape.steps[year in own.new_at_start]
    if year not in own.ceased:
        return flows_by_identity(*plans, steps.new @ new.sum(axis=1), shape.curve, weight)
    moved = own.transfers.get(year, np.zeros(AGES))
    return estimate_flows(Published(*plans, new.sum(axis=1), own.ceased[year], moved), steps, shape.moved)


def _movers(
    own: History, national: History, shape: Shape, flows: Flows, census: int, inferred: bool, weight: float
) -> tuple[FloatArray, FloatArray]:
    """Share of each cohort that moves out in a year, and plans that move in, (age,).

    Who moves out follows England's ages at the authority's level; who moves in is as many, and what the stock-flow
    identity leaves over, at the ages of England's moves. From 20 on few move, and plans that cease in a year leave none
    to move, so nobody does.
    """
    if inferred or not shape.moved.any() or not flows.moved_out.any():
        left_over = _net_other(own, national, census, inferred)
        return np.full(AGES, -left_over), np.zeros(AGES)
    # from 20 as many move in as out, and few: a share of ages at which most plans cease would leave less than none
    moved = np.where(np.arange(AGES) < STEP_DOWN_AGE, shape.moved, 0.0)
    nation = np.divide(moved, shape.flows.before, out=np.zeros(AGES), where=shape.flows.before > 0)
    expected = nation * flows.before
    seen = float(flows.moved_out[:STEP_DOWN_AGE].sum())
    out = np.clip(nation * authority_factor(seen, expected.sum(), weight), 0.0, 0.2)
    net = _net_other(own, national, census, inferred) * flows.before.sum()
    movers = max(0.0, float((out * flows.before).sum() + net)) * moved / moved.sum()
    return out, movers


def _placed(stock: FloatArray) -> FloatArray:
    """Where plans of each age stand, (age, placement); an age nobody has reads them all."""
    size = stock.sum(axis=1, keepdims=True)
    share: FloatArray = np.where(size > 0, stock / np.maximum(size, 1e-9), stock.sum(axis=0) / stock.sum())
    return share


def _require(own: History, census: int) -> None:
    lacking = []
    for year in (census - 1, census):
        if year not in own.stock and not (year in own.band_stock and year in own.group_stock):
            lacking.append(f"plans by age and placement at January {year}")
    if not own.has_new(census - 1) and not (census - 1 in own.band_new and census - 1 in own.placement_new):
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
    if own.has_new(year):
        return own.new_of(year)
    return _within_bands(shape.new, own.band_new[year], own.placement_new[year], codes)


def _within_bands(shape: FloatArray, bands: dict[str, float], placed: FloatArray, codes: Codes) -> FloatArray:
    """(age, placement) nearest to a shape with the published totals of bands and placements."""
    prior = shape + 1e-6 * shape.sum(axis=0, keepdims=True) * (shape.sum(axis=1, keepdims=True) > 0)
    ranges = [(low, high) for _, low, high in codes.age_bands]
    return fit_bands(prior, ranges, np.array([bands[name] for name, _, _ in codes.age_bands]), placed)


def _net_other(own: History, national: History, census: int, inferred: bool) -> float:
    """Residual of the stock-flow identity as a share of stock, weighed with England's; nil if not known."""
    if inferred:
        return 0.0
    seen, weight = residual_shares(own, census), own_residual(own, census)
    return weight * _mean(seen) + (1.0 - weight) * _mean(residual_shares(national, census))


def own_residual(own: History, census: int) -> float:
    """Weight of an authority in its net other, by the years it has published."""
    years = len(residual_shares(own, census))
    return years / (years + RESIDUAL_YEARS)


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
