"""The cohort flow equals the plain monthly loop, and keeps every identity a ledger of plans must keep."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given, settings

from hnforecast.base.axes import AGES, FloatArray
from hnforecast.base.errors import ReconciliationError
from hnforecast.base.timeline import academic_year, month_of_academic_year, quarter
from hnforecast.engine.model.plans import MOST_DRAWS, flow_plans
from tests.oracle.monthly_loop import run_monthly_loop
from tests.oracle.quiet import Council, quiet_council
from tests.properties.running import assert_same, flow, opening_of, stock_size
from tests.properties.strategies import councils

BINDING = ("near", "overfull")


def assert_equals_loop(council: Council) -> None:
    loop = run_monthly_loop(council.opening, council.children, council.rates, council.clock)
    assert_same(flow(council), loop, tolerance=1e-9 * stock_size(council))


@given(councils())
def test_kernel_equals_the_monthly_loop(council: Council) -> None:
    assert_equals_loop(council)


@given(councils(caps=BINDING))
def test_kernel_equals_the_monthly_loop_where_places_run_out(council: Council) -> None:
    assert_equals_loop(council)


@pytest.mark.slow
@settings(max_examples=600)
@given(councils(most_years=7))
def test_kernel_equals_the_monthly_loop_over_many_councils(council: Council) -> None:
    assert_equals_loop(council)


@given(councils())
def test_lean_run_holds_plan_months_by_segments_between_price_steps(council: Council) -> None:
    lean, detailed, tolerance = flow(council, detail=False), flow(council), 1e-11 * stock_size(council)
    segments = [
        [t for t, _ in months]
        for _, months in groupby(
            enumerate(council.clock.months), key=lambda pair: (academic_year(pair[1]), quarter(pair[1]))
        )
    ]
    expected = np.stack([detailed.plan_months[:, months].sum(axis=1) for months in segments], axis=1)
    np.testing.assert_allclose(lean.plan_months, expected, rtol=0, atol=12 * tolerance)
    for name in ("january", "spilled", "unfilled"):
        np.testing.assert_allclose(getattr(lean, name), getattr(detailed, name), rtol=0, atol=tolerance)
    assert not lean.by_age
    assert not lean.open.size


@given(councils())
def test_every_month_the_stock_is_the_last_less_ceased_plus_new_plus_net_other(council: Council) -> None:
    plans = flow(council)
    opening = opening_of(council, plans)
    for t, absolute in enumerate(council.clock.months):
        before = plans.by_age["open"][:, t - 1] if t else opening
        end, new, ceased, other = (plans.by_age[name][:, t] for name in ("open", "new", "ceased", "net_other"))
        if month_of_academic_year(absolute) == 0:
            # A September moves plans between placements, so the ledger by age and need is kept over all placements.
            before, end, new, ceased, other = (cells.sum(axis=3) for cells in (before, end, new, ceased, other))
            np.testing.assert_allclose(
                plans.aged_out[:, t].sum(axis=1), before[:, AGES - 1].sum(axis=1), atol=1e-10 * stock_size(council)
            )
            before = np.concatenate([np.zeros_like(before[:, :1]), before[:, :-1]], axis=1)
        np.testing.assert_allclose(end, before - ceased + new + other, rtol=0, atol=1e-10 * stock_size(council))


@given(councils())
def test_every_month_each_placement_adds_up(council: Council) -> None:
    plans, tolerance = flow(council), 1e-10 * stock_size(council)
    before = np.concatenate([opening_of(council, plans).sum(axis=(1, 2))[:, None], plans.open[:, :-1]], axis=1)
    stepped = before + plans.moved - plans.aged_out
    np.testing.assert_allclose(plans.open, stepped - plans.ceased + plans.new + plans.net_other, rtol=0, atol=tolerance)
    np.testing.assert_allclose(plans.plan_months, (stepped + plans.open) / 2, rtol=0, atol=tolerance)


@given(councils())
def test_detail_adds_up_to_the_margins(council: Council) -> None:
    plans = flow(council)
    assert set(plans.by_age) == {"open", "new", "ceased", "net_other"}
    for name, detail in plans.by_age.items():
        np.testing.assert_allclose(
            detail.sum(axis=(2, 3)), getattr(plans, name), rtol=0, atol=1e-10 * stock_size(council)
        )


@given(councils())
def test_moves_sum_to_zero_and_ageing_is_in_september_only(council: Council) -> None:
    plans = flow(council)
    september = np.array([month_of_academic_year(absolute) == 0 for absolute in council.clock.months])
    np.testing.assert_allclose(plans.moved.sum(axis=2), 0, atol=1e-10 * stock_size(council))
    assert not plans.moved[:, ~september].any()
    assert not plans.aged_out[:, ~september].any()
    assert (plans.aged_out >= 0).all()


@given(councils())
def test_january_count_is_the_january_stock(council: Council) -> None:
    plans = flow(council)
    np.testing.assert_allclose(plans.january[:, 0], opening_of(council, plans).sum(axis=2), rtol=1e-12)
    for count, year in enumerate(council.clock.censuses[1:], start=1):
        position = council.clock.months.index(12 * year)
        expected = plans.by_age["open"][:, position].sum(axis=2)
        np.testing.assert_allclose(plans.january[:, count], expected, rtol=0, atol=1e-11 * stock_size(council))


@given(councils(net_other=("none", "gain")))
def test_no_cell_is_negative_where_net_other_is_not(council: Council) -> None:
    plans, smallest = flow(council), -1e-12 * stock_size(council)
    for name, cells in plans.by_age.items():
        assert cells.min() >= smallest, name
    assert plans.spilled.min(initial=0) >= smallest


@given(councils(caps=BINDING, net_other=("none", "gain")))
def test_places_are_filled_before_anyone_is_refused_and_never_beyond(council: Council) -> None:
    plans, tolerance = flow(council), 1e-9 * stock_size(council)
    refused, left = plans.spilled, plans.unfilled
    assert not ((refused > tolerance) & (left > tolerance)).any(), "refused while a place was free all year"
    opening = 2 * plans.plan_months - plans.open
    for order, k in enumerate(council.rates.capped):
        for y, first in enumerate(council.clock.academic_years):
            months = [t for t, absolute in enumerate(council.clock.months) if academic_year(absolute) == first]
            fullest = np.maximum(plans.open[:, months, k].max(axis=1), opening[:, months[0], k])
            places = council.rates.places[:, y, order]
            np.testing.assert_allclose(left[:, y, order], places - fullest, rtol=0, atol=tolerance)


@given(councils(caps=("none",), net_other=("none",)))
def test_zero_rates_leave_each_cohort_unchanged_but_older(council: Council) -> None:
    years = len(council.clock.academic_years)
    quiet = quiet_council(years, *council.opening.shape[2:]).rates
    plans = flow(replace(council, rates=quiet))
    for t, absolute in enumerate(council.clock.months):
        older = academic_year(absolute) - council.clock.academic_years[0]
        expected = np.zeros_like(council.opening)
        expected[:, older:] = council.opening[:, : AGES - older]
        np.testing.assert_allclose(plans.by_age["open"][:, t], expected, rtol=1e-12)
    assert not plans.new.any()
    assert not plans.ceased.any()


def test_more_plans_than_children_is_an_error_and_never_clipped() -> None:
    council = quiet_council(3, children=100.0)
    council.opening[0, 10, 0, 0] = 60.0
    council.children[0, 2, 12] = 59.0
    with pytest.raises(ReconciliationError):
        flow(council)


@pytest.mark.parametrize("draws", [1, MOST_DRAWS - 1, MOST_DRAWS, MOST_DRAWS + 1])
def test_threads_and_blocks_of_draws_change_nothing(draws: int) -> None:
    council = many_draws(draws)
    one, two = flow(council, threads=1), flow(council, threads=2)
    assert_same(one, two, tolerance=0.0)
    for draw in {0, draws // 2, draws - 1}:
        alone = flow(one_draw(council, draw))
        np.testing.assert_allclose(alone.open[0], one.open[draw], rtol=0, atol=1e-11 * stock_size(council))
        np.testing.assert_allclose(alone.spilled[0], one.spilled[draw], rtol=0, atol=1e-11 * stock_size(council))


@given(councils())
def test_single_precision_is_right_to_a_few_millionths_of_the_stock(council: Council) -> None:
    double, single = (
        flow_plans(council.opening, council.children, council.rates, council.clock, single=single)
        for single in (False, True)
    )
    assert single.plan_months.dtype == np.float32
    assert_same(single, double, tolerance=2e-5 * stock_size(council))


def many_draws(draws: int) -> Council:
    """A council of one need and two placements whose every rate differs by draw, with a cap."""
    chance = np.random.default_rng(5)
    council = quiet_council(3, placements=2, draws=draws)
    council.opening[:] = 20 * chance.random((draws, AGES, 1, 2))
    return council.changing(
        new_rate=0.05 * chance.random((draws, 3, 2, AGES)),
        cease=0.2 * chance.random((3, AGES, 1, 2)),
        cease_factor=chance.random((draws, 3, AGES)),
        other=0.02 * chance.random((draws, 3, AGES)),
        capped=(0,),
        places=np.full((draws, 3, 1), 270.0),
        spill=np.array([[0.0, 1.0]]),
    )


def one_draw(council: Council, draw: int) -> Council:
    """One draw of a council on its own."""

    def only(array: FloatArray) -> FloatArray:
        return array[draw : draw + 1]

    rates = council.rates
    return replace(council, opening=only(council.opening), children=only(council.children)).changing(
        new_rate=only(rates.new_rate),
        cease_factor=only(rates.cease_factor),
        weight=only(rates.weight),
        other=only(rates.other),
        arrival_rate=only(rates.arrival_rate),
        places=only(rates.places),
    )
