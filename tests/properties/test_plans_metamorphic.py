"""What must happen to the plans when a council is scaled, split, relabelled, or run in two parts."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hnforecast.base.axes import AGES, FloatArray
from hnforecast.base.timeline import month
from hnforecast.engine.model.state import FlowRates, Plans
from tests.oracle.quiet import Council, quiet_clock, quiet_council
from tests.properties.running import arrays, assert_same, flow, stock_size
from tests.properties.strategies import councils

# So few of so many children are given a plan that the year's new plans do not depend on the plans already open.
J_GIVEN = 1e12


@given(councils(), st.floats(0.01, 100))
def test_scaling_children_plans_and_places_scales_everything(council: Council, k: float) -> None:
    scaled = replace(council, opening=k * council.opening, children=k * council.children).changing(
        places=k * council.rates.places
    )
    expected = {name: k * array for name, array in arrays(flow(council)).items()}
    for name, array in arrays(flow(scaled)).items():
        np.testing.assert_allclose(array, expected[name], rtol=0, atol=1e-11 * k * stock_size(council), err_msg=name)


@given(councils(), st.randoms(use_true_random=False))
def test_permuting_placements_permutes_results(council: Council, random: Random) -> None:
    placements = council.opening.shape[3]
    order = random.sample(range(placements), placements)
    rates = council.rates
    relabelled = replace(council, opening=council.opening[..., order]).changing(
        new_share=rates.new_share[..., order],
        share_shift=rates.share_shift[..., order],
        cease=rates.cease[..., order],
        move=rates.move[..., order, :][..., order],
        move_shift=rates.move_shift[..., order, :][..., order],
        capped=tuple(order.index(k) for k in rates.capped),
        spill=rates.spill[:, order],
        arrival_share=rates.arrival_share[..., order],
    )
    assert_same(flow(relabelled), along(flow(council), "placement", order), 1e-10 * stock_size(council))


@given(councils(), st.randoms(use_true_random=False))
def test_permuting_needs_permutes_results(council: Council, random: Random) -> None:
    needs = council.opening.shape[2]
    order = random.sample(range(needs), needs)
    rates = council.rates
    relabelled = replace(council, opening=council.opening[:, :, order]).changing(
        new_share=rates.new_share[:, :, order],
        share_shift=rates.share_shift[:, :, :, order],
        cease=rates.cease[:, :, order] if rates.cease.shape[2] > 1 else rates.cease,
        arrival_share=rates.arrival_share[:, order],
    )
    assert_same(flow(relabelled), along(flow(council), "need", order), 1e-10 * stock_size(council))


@given(councils(), st.randoms(use_true_random=False))
def test_permuting_draws_permutes_results(council: Council, random: Random) -> None:
    plans = flow(council)
    draws = plans.open.shape[0]
    order = random.sample(range(draws), draws)

    def reordered(array: FloatArray) -> FloatArray:
        return array[order] if array.shape[0] > 1 else array

    rates = council.rates
    drawn = ("new_rate", "cease_factor", "weight", "other", "places", "arrival_rate")
    relabelled = replace(council, opening=reordered(council.opening), children=reordered(council.children)).changing(
        **{name: reordered(getattr(rates, name)) for name in drawn}
    )
    assert_same(flow(relabelled), along(plans, "draw", order), 0.0)


def along(plans: Plans, dimension: str, order: list[int]) -> Plans:
    """The same plans with one dimension in another order."""

    def reordered(name: str, array: FloatArray) -> FloatArray:
        if dimension == "draw":
            return array[order]
        if dimension == "placement":
            return array if name in ("spilled", "unfilled") else array[..., order]
        return array[..., order, :] if name.startswith("by_age") else array

    changed = {name: reordered(name, array) for name, array in arrays(plans).items()}
    by_age = {name.removeprefix("by_age "): changed.pop(name) for name in list(changed) if " " in name}
    return Plans(**changed, by_age=by_age)


@given(councils(caps=("none",)), st.floats(0.0, 1.0))
def test_splitting_a_council_adds_up(council: Council, share: float) -> None:
    chance = np.random.default_rng(1)
    # Any part of the plans may go with any part of the children, so long as every age keeps more children than plans.
    part = share * chance.random(council.opening.shape)
    here = replace(council, opening=part * council.opening, children=0.6 * council.children)
    there = replace(council, opening=council.opening - here.opening, children=council.children - here.children)
    first, second = arrays(flow(here)), arrays(flow(there))
    for name, whole in arrays(flow(council)).items():
        np.testing.assert_allclose(
            first[name] + second[name], whole, rtol=0, atol=1e-11 * stock_size(council), err_msg=name
        )


@given(councils(caps=("none",)), st.integers(1, AGES - 1))
def test_new_plans_superpose_where_they_are_given(council: Council, age: int) -> None:
    """Plans are the survivors of the opening stock plus the response to each part of the new plans."""
    given = replace(council, children=J_GIVEN * council.children).changing(
        new_rate=council.rates.new_rate / J_GIVEN, arrival_rate=0 * council.rates.arrival_rate
    )
    young, old = given.rates.new_rate.copy(), given.rates.new_rate.copy()
    young[..., age:], old[..., :age] = 0, 0
    nobody = np.zeros_like(given.opening)
    survivors = flow(given.changing(new_rate=np.zeros_like(young)))
    parts = [flow(replace(given, opening=nobody).changing(new_rate=rate)) for rate in (young, old)]
    whole = flow(given)
    expected = survivors.open + parts[0].open + parts[1].open
    np.testing.assert_allclose(whole.open, expected, rtol=0, atol=1e-10 * stock_size(council))


@given(councils(), st.data())
def test_one_run_is_two_runs_joined_at_the_end_of_an_august(council: Council, data: st.DataObject) -> None:
    years = len(council.clock.academic_years)
    join = data.draw(st.integers(0, years - 2), label="last academic year of the first run")
    whole = flow(council)
    last_august = council.clock.months.index(month(council.clock.academic_years[join] + 1, 8))
    # The second run enters the joining year in February with nothing happening, so that it stands at the same August.
    second = Council(
        opening=whole.by_age["open"][:, last_august],
        children=council.children[:, join:],
        rates=idle_first_year(years_from(council.rates, join)),
        clock=quiet_clock(years - join, first_census=council.clock.academic_years[join] + 1),
    )
    after = flow(second)
    tail = len(council.clock.months) - last_august - 1
    for name, array in arrays(after).items():
        expected = arrays(whole)[name]
        kept = {"january": slice(join + 1, None), "spilled": slice(join + 1, None), "unfilled": slice(join + 1, None)}
        ours = array[:, 1:] if name in kept else array[:, -tail:]
        np.testing.assert_allclose(
            ours,
            expected[:, kept.get(name, slice(-tail, None))],
            rtol=0,
            atol=1e-10 * stock_size(council),
            err_msg=name,
        )


def years_from(rates: FlowRates, first: int) -> FlowRates:
    """The rates of the academic years from the first one wanted."""
    return replace(
        rates,
        **{name: getattr(rates, name)[first:] for name in ("new_share", "cease", "move")},
        **{name: getattr(rates, name)[:, first:] for name in ("new_rate", "share_shift", "cease_factor", "move_shift")},
        **{name: getattr(rates, name)[:, first:] for name in ("other", "places", "arrival_rate")},
        weight=rates.weight[:, :, first:],
    )


def idle_first_year(rates: FlowRates) -> FlowRates:
    """The same rates with nothing happening in the first academic year."""
    idle = {name: getattr(rates, name).copy() for name in ("new_rate", "cease_factor", "other", "arrival_rate")}
    for array in idle.values():
        array[:, 0] = 0
    return replace(rates, **idle)


def test_shifting_every_year_by_one_shifts_nothing_else() -> None:
    plans = []
    for census in (2024, 2025):
        council = quiet_council(3, placements=2, first_census=census)
        council.opening[:] = 7.0
        plans.append(flow(council.changing(new_rate=np.full((1, 3, 2, AGES), 0.02))))
    assert_same(plans[0], plans[1], 0.0)


@pytest.mark.parametrize("hazard", [0.0, 0.3, 0.7, 1.0])
def test_twelve_months_of_ceasing_compound_to_the_annual_hazard(hazard: float) -> None:
    council = quiet_council(2)
    council.opening[0, 9, 0, 0] = 100.0
    uneven = np.arange(12.0) / 66
    plans = flow(council.changing(cease=np.full((2, AGES, 1, 1), hazard), cease_profile=uneven))
    august_before, august = plans.open[0, 6, 0], plans.open[0, 18, 0]
    assert august == pytest.approx((1 - hazard) * august_before, rel=1e-14)
    assert plans.ceased[0, 7:19, 0].sum() == pytest.approx(hazard * august_before, rel=1e-14)
