"""All the rates of a vintage from published history up to one January count.

Where single ages by placement are published (January 2024 on) they are used as they are. Before that they are inferred within
the published bands and placement groups from England's later pattern, which is hindsight of shape only and is marked so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hnforecast.axes import AGES, FloatArray
from hnforecast.codes import Codes
from hnforecast.errors import InputError, Place, Problem
from hnforecast.fit.exits import authority_factor, exit_curve, exit_hazard, placement_factor, to_academic_age
from hnforecast.fit.history import History
from hnforecast.fit.joiners import new_plan_rate, placement_share
from hnforecast.fit.margins import fit_bands
from hnforecast.fit.moves import lean_shares, move_matrices

SHAPE_COUNTS = (2024, 2025)  # the first two January counts published by single age and placement
STEP_DOWN_AGE = 20  # from this age an authority's exits follow reviews of old plans more than its children


@dataclass(frozen=True)
class Rates:
    """Proposed rates.

    Args:
        opening: January count -> (age, placement) for the base count and the one before.
        inferred: True where single ages were inferred within bands.
        new: (age,) new plans per 1,000 residents without a plan, the year before the base count.
        share: (age, placement) placements of new plans.
        hazard: (age, placement) ceasing a year.
        moves: (age, placement, placement).
        net_other: (age,) share of stock a year.
        exit_factor: the authority's exits against England's: ages 16 to 19, and 20 and over.
    """

    opening: dict[int, FloatArray]
    inferred: bool
    new: FloatArray
    share: FloatArray
    hazard: FloatArray
    moves: FloatArray
    net_other: FloatArray
    exit_factor: tuple[float, float]


def fit_rates(own: History, national: History, census: int, residents: FloatArray, codes: Codes) -> Rates:
    """Fit everything the cohort flow needs at one January count.

    Args:
        own, national: published history.
        census: the base January count.
        residents: (age,) children of the academic year that holds the count.

    Raises:
        InputError: the authority lacks the counts this needs.
    """
    _require(own, census)
    inferred = census not in own.stock or census - 1 not in own.stock
    before, after = (_stock(own, national, year, codes) for year in (census - 1, census))
    new = _new(own, national, census - 1, codes)
    national_new = _mean([national.new[year] for year in sorted(national.new)])
    curve = exit_curve(
        national.ceased[SHAPE_COUNTS[0]], *(national.stock[year].sum(axis=1) for year in SHAPE_COUNTS)
    )
    factor = placement_factor(national.ceased_by_placement[SHAPE_COUNTS[0]], curve, national.stock[SHAPE_COUNTS[0]])
    exits = _exit_factors(own, curve, before, after, new, census)
    age_factor = np.ones(AGES)
    age_factor[16:STEP_DOWN_AGE], age_factor[STEP_DOWN_AGE:] = exits
    hazard = exit_hazard(curve, factor, age_factor)
    share = placement_share(new, national_new)
    joined = to_academic_age(new.copy())
    lean = lean_shares(national.stock[SHAPE_COUNTS[1]], before, national.stock[SHAPE_COUNTS[0]])
    return Rates(
        opening={census - 1: before, census: after},
        inferred=inferred,
        new=new_plan_rate(new.sum(axis=1), national_new.sum(axis=1), residents, after.sum(axis=1)),
        share=share,
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
                "HN802",
                "the authority's history is too thin to fit rates",
                Place(path=f"January {census}"),
                found=f"missing: {'; '.join(lacking)}",
                do="Choose a later January count or supply the council's own tables.",
            )
        )


def _stock(own: History, national: History, census: int, codes: Codes) -> FloatArray:
    if census in own.stock:
        return own.stock[census]
    shape = national.stock[SHAPE_COUNTS[0]]
    prior = shape + 1e-6 * shape.sum(axis=0, keepdims=True) * (shape.sum(axis=1, keepdims=True) > 0)
    bands = [(low, high) for _, low, high in codes.age_bands]
    totals = np.array([own.band_stock[census][name] for name, _, _ in codes.age_bands])
    return fit_bands(prior, bands, totals, own.group_stock[census])


def _new(own: History, national: History, year: int, codes: Codes) -> FloatArray:
    if year in own.new:
        return own.new[year]
    shape = _mean([national.new[known] for known in sorted(national.new)])
    prior = shape + 1e-6 * shape.sum(axis=0, keepdims=True) * (shape.sum(axis=1, keepdims=True) > 0)
    bands = [(low, high) for _, low, high in codes.age_bands]
    totals = np.array([own.band_new[year][name] for name, _, _ in codes.age_bands])
    return fit_bands(prior, bands, totals, own.placement_new[year])


def _exit_factors(
    own: History, curve: FloatArray, before: FloatArray, after: FloatArray, new: FloatArray, census: int
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
        younger = authority_factor(seen[16:19].sum(), expected[16:19].sum())
        older = authority_factor(own.ceased[year][STEP_DOWN_AGE:].sum(), expected[STEP_DOWN_AGE - 1 :].sum())
        return float(younger), float(np.sqrt(older))
    seen_net = max(0.0, float(before.sum() + new.sum() - after.sum()))
    factor = float(authority_factor(seen_net, float(expected.sum())))
    return factor, factor


def _net_other(own: History, national: History, census: int, inferred: bool) -> float:
    """Residual of the stock-flow identity as a share of stock: a quarter own, three quarters England's; nil if not known."""
    if inferred:
        return 0.0
    return 0.25 * _residual(own, census) + 0.75 * _residual(national, census)


def _residual(history: History, census: int) -> float:
    shares = []
    for year in sorted(history.ceased):
        if year + 1 <= census and year in history.totals and year + 1 in history.totals and year in history.new_totals:
            start, end = history.totals[year], history.totals[year + 1]
            expected = start + history.new_totals[year] - history.ceased[year].sum()
            shares.append((end - expected) / start)
    return float(np.mean(shares)) if shares else 0.0


def _mean(arrays: list[FloatArray]) -> FloatArray:
    mean: FloatArray = np.mean(arrays, axis=0)
    return mean
