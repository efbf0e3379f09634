"""Rates of the cohort flow for every draw and academic year, measures included."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hnforecast.assumptions import Vintage
from hnforecast.base.axes import AGES, FloatArray, stack_draws
from hnforecast.base.timeline import month
from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.drivers import tables
from hnforecast.engine.drivers.levers import RATE_DRIVERS, Lever, Levers
from hnforecast.engine.model.state import Clock, FlowRates

GROWTH = "demand.new_plans.growth"


def windows(academic_year: int) -> tuple[tuple[int, range], tuple[int, range]]:
    """The two census windows an academic year is made of: (January count that ends it, its months in this year)."""
    january, august = month(academic_year + 1, 1), month(academic_year + 1, 8)
    return (
        (academic_year + 1, range(month(academic_year, 9), january + 1)),
        (academic_year + 2, range(january + 1, august + 1)),
    )


def flow_rates(
    vintage: Vintage,
    levers: Levers,
    clock: Clock,
    drawn: Drawn,
    window_factor: Mapping[int, FloatArray] | None = None,
    capped: bool = True,
) -> FlowRates:
    """Gather the rates on the run's axes.

    Args:
        vintage: assumptions.
        levers: the scenario's effects.
        clock: months and academic years.
        drawn: central or drawn values.
        window_factor: January count -> (draw or 1,) multiplier on the new plans of the twelve months before it.
        capped: False leaves commissioned places out, for a year whose counts are known.
    """
    placements, years = vintage.codes.placements, clock.academic_years
    flows, demand = vintage.flows, vintage.demand
    share = tables.by_age_placement(demand.new_plans.placement_share, placements)
    hazard = tables.by_age_placement(flows.cease.hazard, placements)
    move = tables.moves(flows.moves, placements)
    shifting = list(levers.of("placement_share", "move"))
    names = tuple(flows.places) if capped else ()
    other = tables.by_age(flows.net_other) + drawn.shift(flows.net_other.path)[:, None]
    by_count = flows.ages == "next_count"
    new_rate = _new_rate(vintage, levers, years, drawn, window_factor or {})
    if by_count:  # February to August: children are in the table under the age of the count that follows
        new_rate[:, :, 1] = np.concatenate([new_rate[:, :, 1, 1:], new_rate[:, :, 1, -1:]], axis=-1)
    arrival_rate, arrival_share = _movers_in(vintage, drawn, len(years))
    return FlowRates(
        new_rate=new_rate,
        new_share=np.broadcast_to(share[None, :, None, :], (len(years), AGES, 1, len(placements))),
        share_shift=_stack(
            [_share_shift(lever, share, placements, len(years)) for lever in shifting], years, placements
        ),
        cease=_cease(vintage, hazard, years),
        cease_factor=_cease_factor(levers, years, drawn.factor(flows.cease.hazard.path), placements),
        move=np.broadcast_to(move[None], (len(years), *move.shape)),
        move_shift=_move_shifts(shifting, placements, len(years)),
        weight=_weights(shifting, years),
        other=np.repeat(other[:, None, :], len(years), axis=1),
        arrival_rate=arrival_rate,
        arrival_share=arrival_share,
        new_profile=tables.month_profile(flows.month_profile, "new_plans"),
        cease_profile=tables.month_profile(flows.month_profile, "ceased"),
        other_profile=tables.month_profile(flows.month_profile, "net_other"),
        capped=tuple(placements.index(name) for name in names),
        places=stack_draws([_places(vintage, name, levers, years, drawn) for name in names], axis=-1)
        if names
        else np.zeros((1, len(years), 0)),
        spill=np.array([[_at(vintage, name, to) for to in placements] for name in names]).reshape(-1, len(placements)),
        new_by_count=by_count,
        cease_by_count=by_count,
        seated=flows.seating == "september",
    )


def _movers_in(vintage: Vintage, drawn: Drawn, years: int) -> tuple[FloatArray, FloatArray]:
    """(draw, academic year, age) plans a year that move in per resident, and (age, 1, placement) where they go."""
    placements, movers = vintage.codes.placements, vintage.flows.movers_in
    if movers is None:
        return np.zeros((1, years, AGES)), np.zeros((AGES, 1, len(placements)))
    rate = tables.by_age(movers.rate) / 1000.0 * drawn.factor(movers.rate.path)[:, None]
    share = tables.by_age_placement(movers.placement_share, placements)
    return np.repeat(rate[:, None, :], years, axis=1), share[:, None, :]


def _new_rate(
    vintage: Vintage, levers: Levers, years: tuple[int, ...], drawn: Drawn, window_factor: Mapping[int, FloatArray]
) -> FloatArray:
    """(draw, academic year, 2, age): base rate x growth to the window x window factor x measures."""
    new_plans = vintage.demand.new_plans
    base = tables.by_age(new_plans.rate) / 1000.0 * drawn.factor(new_plans.rate.path)[:, None]
    rows = []
    for year in years:
        for census, months in windows(year):
            rate = base * level(vintage, census, drawn)[:, None]
            if census in window_factor:
                rate = rate * window_factor[census][:, None]
            for lever in levers.whole(*RATE_DRIVERS):
                rate = rate * np.maximum(0.0, 1.0 + lever.amount(months)[:, None] * _at_ages(lever))
            if parts := levers.partial(*RATE_DRIVERS):  # needs are parts of one rate: their changes add
                change = sum((lever.part * lever.amount(months))[:, None] * _at_ages(lever) for lever in parts)
                rate = rate * np.maximum(0.0, 1.0 + change)
            rows.append(rate)
    stacked = stack_draws(rows, axis=1)
    return stacked.reshape(stacked.shape[0], len(years), 2, AGES)


def _at_ages(lever: Lever) -> FloatArray:
    """(age,) 1 at the ages a lever touches."""
    touched = np.zeros(AGES)
    touched[lever.ages] = 1.0
    return touched


def level(vintage: Vintage, census: int, drawn: Drawn) -> FloatArray:
    """(draw or 1,) new-plan rates of a window over those of the base window; the last growth does not repeat."""
    growth = vintage.demand.new_plans.growth
    shift = drawn.shift(GROWTH)
    total = np.ones_like(shift)
    for year in range(vintage.manifest.base_census + 1, census + 1):
        known = growth.at(year, 0.0, hold=False)
        inside = growth.by is not None and year <= max(growth.by)
        total = total * np.maximum(0.0, 1.0 + known + (shift if inside else 0.0))
    return total


def _share_shift(lever: Lever, share: FloatArray, placements: tuple[str, ...], years: int) -> FloatArray:
    """(academic year, age, 1, placement) of one lever at full delivery of its central size."""
    shift = np.zeros((AGES, len(placements)))
    if lever.effect.driver == "placement_share":
        central = float(lever.effect.change.at(0))
        to = placements.index(str(lever.effect.to_placement))
        for origin, name in enumerate(placements):
            if origin != to and lever.touches(name):
                moved = central * share[lever.ages, origin]
                shift[lever.ages, origin] -= moved
                shift[lever.ages, to] += moved
    return np.broadcast_to(shift[None, :, None, :], (years, AGES, 1, len(placements)))


def _move_shifts(shifting: list[Lever], placements: tuple[str, ...], years: int) -> FloatArray:
    shifts = np.zeros((len(shifting), years, AGES, len(placements), len(placements)))
    for m, lever in enumerate(shifting):
        if lever.effect.driver != "move":
            continue
        central = float(lever.effect.change.at(0))
        origin = placements.index(str(lever.effect.from_placement))
        to = placements.index(str(lever.effect.to_placement))
        shifts[m, :, lever.ages, origin, origin] -= central
        shifts[m, :, lever.ages, origin, to] += central
    return shifts


def _weights(shifting: list[Lever], years: tuple[int, ...]) -> FloatArray:
    """(draw, lever, year): delivery x drawn over central size x ramp; moves count what stands in September."""
    if not shifting:
        return np.zeros((1, 0, len(years)))
    rows = []
    for lever in shifting:
        central = float(lever.effect.change.at(0))
        scale = lever.size / central if central else 1.0
        first_only = lever.effect.driver == "move"
        spans = [range(month(y, 9), month(y, 10) if first_only else month(y + 1, 9)) for y in years]
        rows.append(stack_draws([lever.in_place(span, scale) for span in spans], axis=-1))
    return stack_draws(rows, axis=1)


def _cease(vintage: Vintage, hazard: FloatArray, years: tuple[int, ...]) -> FloatArray:
    """(academic year, age, 1, placement) hazards of the vintage."""
    table = np.repeat(hazard[None], len(years), axis=0)
    factor = vintage.flows.cease.factor
    for y, year in enumerate(years):
        if factor is not None:
            table[y] *= factor.at(year + 1, 1.0)
    return np.minimum(table, 1.0)[:, :, None, :]


def _cease_factor(levers: Levers, years: tuple[int, ...], drawn: FloatArray, placements: tuple[str, ...]) -> FloatArray:
    """(draw, academic year, age) multiplier on hazards; (draw, academic year, age, placement) where some are named."""
    named = any(lever.effect.sources is not None for lever in levers.of("cease_rate"))
    rows = []
    for year in years:
        row = np.repeat(drawn[:, None], AGES, axis=1)
        row = np.repeat(row[:, :, None], len(placements), axis=2) if named else row
        for lever in levers.of("cease_rate"):
            change = _at_ages(lever)
            if named:
                change = change[:, None] * np.array([lever.touches(name) for name in placements])
            amount = lever.amount(range(month(year, 9), month(year + 1, 9)))
            row = row * (1.0 + amount.reshape(-1, *[1] * change.ndim) * change)
        rows.append(row)
    return stack_draws(rows, axis=1)


def _places(vintage: Vintage, name: str, levers: Levers, years: tuple[int, ...], drawn: Drawn) -> FloatArray:
    """(draw, academic year) commissioned places of one placement in September, openings of measures included."""
    commissioned = vintage.flows.places[name].commissioned
    columns = []
    for year in years:
        september = month(year, 9)
        places = commissioned.at(september) * drawn.factor(commissioned.path)
        for lever in levers.of("commissioned_places"):
            if lever.touches(name):
                places = np.maximum(0.0, places + lever.places(year))
        columns.append(places)
    return stack_draws(columns, axis=-1)


def _at(vintage: Vintage, name: str, to: str) -> float:
    shares = vintage.flows.spill.get(name, {})
    return shares[to].at(0) if to in shares else 0.0


def _stack(arrays: list[FloatArray], years: tuple[int, ...], placements: tuple[str, ...]) -> FloatArray:
    if not arrays:
        return np.zeros((0, len(years), AGES, 1, len(placements)))
    return np.stack(arrays)
