"""The width of every fan: process noise against the oracle, drawn plans and drawn spend against what was measured.

A covariance estimated from n draws of a normal scaled by W has, cell by cell, the variance
(E[S_ii S_jj + 2 S_ij^2] - E[S_ij]^2) / n with S the covariance given W. The draws here are a scrambled Sobol block,
whose error is smaller, so four such standard errors leave a right answer room and a wrong width none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hnforecast.base.axes import AGES, FloatArray
from hnforecast.base.timeline import financial_year
from hnforecast.engine.draws import SEED
from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.draws.sample import draw_values, path_normals
from hnforecast.engine.draws.sobol import normal_block
from hnforecast.engine.drivers.tables import forecast_clock
from hnforecast.engine.ensemble import SPREAD_DRAWS, Ensemble, Shocks, cost_rows, draw_shocks, run_ensemble
from hnforecast.engine.forecast import load_project
from hnforecast.engine.measured import NORMAL_80, TAILS, MeasuredSpread
from hnforecast.engine.method import Result, central_result, lean_result
from hnforecast.engine.model.noise import cost_covariance
from hnforecast.engine.scenarios import Scenario, resolve_scenario
from tests.fixtures_forecast import EXAMPLE, ROOT
from tests.oracle.draw_rates import rates_of_draw
from tests.oracle.process_variance import cost_mean_and_variance
from tests.oracle.quiet import Council, quiet_council
from tests.properties.running import flow
from tests.properties.strategies import shares

DRAWS = 8192
PRICE_DRAWS = 1024  # from which the run itself estimates what drawn prices do
HORIZON = 5  # years ahead whose path the columns set aside carry whole
STANDARD_ERRORS = 4.0
TAILED = TAILS / (TAILS - 2) * (NORMAL_80 / 1.4149239276505) ** 2  # of a normal's variance; t of 7 has 80% in 1.4149


@st.composite
def councils(draw: st.DrawFn) -> Council:
    """A council of one need with every plain flow at work, over two or three academic years."""
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    years, placements = draw(st.integers(2, 3)), draw(st.integers(1, 3))
    council = quiet_council(years, placements=placements, children=300.0)
    council.opening[:] = chance.integers(0, 4, council.opening.shape)
    return council.changing(
        new_rate=chance.uniform(0.0, 0.02, (1, years, 2, AGES)),
        new_share=shares(chance, years, AGES, 1, placements, over=2),
        cease=chance.uniform(0.0, 0.9, (years, AGES, 1, placements)),
        cease_factor=chance.uniform(0.5, 1.5, (1, years, AGES)),
        move=shares(chance, years, AGES, placements, placements),
        cease_profile=chance.dirichlet(np.ones(12)),
        new_profile=chance.dirichlet(np.ones(12)),
    )


@given(councils(), st.integers(0, 2**32 - 1))
def test_process_noise_is_that_of_children_one_by_one(council: Council, seed: int) -> None:
    months, placements = len(council.clock.months), council.opening.shape[3]
    cost = np.random.default_rng(seed).uniform(0.0, 5e3, (3, months, placements))
    new = flow(council).by_age["new"][0]
    found = cost_covariance(council.opening[0, :, 0], new.sum(axis=2), council.rates, council.clock, cost)
    one = rates_of_draw(council.rates, 0, 1, placements)

    def variance(of: FloatArray) -> float:
        return cost_mean_and_variance(council.opening[0].tolist(), new.tolist(), one, council.clock, of.tolist())[1]

    for i in range(3):
        assert found[i, i] == pytest.approx(variance(cost[i]), rel=1e-9)
        for j in range(i):
            apart = (variance(cost[i] + cost[j]) - variance(cost[i] - cost[j])) / 4.0
            assert found[i, j] == found[j, i] == pytest.approx(apart, rel=1e-6, abs=1e-9 * float(found.max()))


@dataclass(frozen=True)
class Width:
    """A project without measures in every draw, and all its draws are made from."""

    scenario: Scenario
    central: Result
    measured: MeasuredSpread
    shocks: Shocks
    ensemble: Ensemble


@lru_cache
def width(root: Path, as_drawn: bool = False) -> Width:
    vintage = load_project(root).vintage
    neutral = {"demand": "vintage", "prices": "vintage", "growth": "central", "delivery": "central"}
    scenario = resolve_scenario(vintage, next(iter(vintage.scenarios)))
    scenario = replace(scenario, measures=(), spec=scenario.spec.model_copy(update=neutral))
    central = central_result(scenario, HORIZON, Drawn(), {}, {})
    measured = replace(MeasuredSpread.of(root, scenario, HORIZON + 1), as_drawn=as_drawn)
    shocks = draw_shocks(scenario, central, measured, normal_block(DRAWS, SEED))
    return Width(scenario, central, measured, shocks, run_ensemble(scenario, central, shocks, {}, {}, {}))


def sampling_error(tailed: FloatArray, plain: FloatArray) -> FloatArray:
    """Standard error of each cell of a covariance from all draws, of a normal with tails and one without."""
    degrees = TAILS
    second = TAILED**2 * (degrees - 2) / (degrees - 4)  # mean of the tails' scale to the fourth
    d, p = (np.diag(matrix) for matrix in (tailed, plain))
    product = second * np.outer(d, d) + TAILED * (np.outer(d, p) + np.outer(p, d)) + np.outer(p, p)
    square = second * tailed**2 + 2 * TAILED * tailed * plain + plain**2
    error: FloatArray = np.sqrt((product + 2 * square - (TAILED * tailed + plain) ** 2) / DRAWS)
    return error


def paid(result: Result | Ensemble, like: Result) -> FloatArray:
    """(d, f) what plans and services cost in the years ahead."""
    wanted = {like.spend.rows[row] for row in cost_rows(like.spend)}
    rows = [r for r, row in enumerate(result.spend.rows) if row in wanted]
    years = result.spend.by_year[:, -HORIZON:]
    total: FloatArray = years[:, :, rows].sum(axis=2)
    return total


def price_covariance(made: Width) -> FloatArray:
    """(f, f) of log spend with prices and services drawn alone."""
    vintage = made.scenario.vintage
    growth = vintage.demand.new_plans.growth.path
    drawn = draw_values(vintage, made.shocks.normals, {}, skip=(growth,))
    prices = {path: factor for path, factor in drawn.factors.items() if path.split(".")[0] in ("prices", "services")}
    lean = lean_result(made.scenario, HORIZON, replace(drawn, factors=prices), {}, {})
    return np.asarray(np.cov(np.log(paid(lean, made.central)), rowvar=False))


def noise_covariance(made: Width) -> FloatArray:
    """(f, f) of the share of spend that moves because plans are whole children, by the oracle."""
    central, manifest = made.central, made.scenario.vintage.manifest
    clock = forecast_clock(manifest.base_census, manifest.first_forecast_year, HORIZON)
    later = len(central.clock.months) - len(clock.months)
    one = rates_of_draw(central.rates, 0, central.plans.by_age["new"].shape[3], central.plans.open.shape[2])
    opening = central.plans.by_age["open"][0, later - 1].tolist()
    new = central.plans.by_age["new"][0, later:].tolist()
    monthly = central.prices.per_plan[0, later:] / 12.0
    own = [np.array([financial_year(m) == year for m in clock.months]) for year in clock.financial_years[-HORIZON:]]

    def variance(years: tuple[int, ...]) -> float:
        cost = sum(own[year] for year in years)[:, None] * monthly  # type: ignore[index]
        return cost_mean_and_variance(opening, new, one, clock, cost.tolist())[1]

    covariance = np.diag([variance((year,)) for year in range(HORIZON)])
    for i in range(HORIZON):
        for j in range(i):
            both = variance((i, j)) - covariance[i, i] - covariance[j, j]
            covariance[i, j] = covariance[j, i] = both / 2.0
    middle = paid(central, central)[0]
    return np.asarray(covariance / np.outer(middle, middle))


def nearest_covariance(matrix: FloatArray) -> FloatArray:
    """Without the negative part of its spectrum."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.maximum(values, 0.0)) @ vectors.T)


@pytest.mark.parametrize("root", [ROOT, EXAMPLE], ids=["council", "example"])
def test_shocks_of_plans_have_the_measured_covariance(root: Path) -> None:
    made = width(root)
    wanted = made.measured.plans(HORIZON + 1)
    error = sampling_error(wanted, np.zeros_like(wanted))
    assert (np.abs(np.cov(made.shocks.plans, rowvar=False) - TAILED * wanted) <= STANDARD_ERRORS * error).all()


def test_drawn_totals_of_plans_have_the_measured_covariance() -> None:
    made = width(ROOT)
    middle = made.central.plans.january[0, 2:].sum(axis=(1, 2))
    totals = made.ensemble.bands[:, 2:].sum(axis=(2, 3))
    wanted = made.measured.plans(HORIZON)
    error = sampling_error(wanted, np.zeros_like(wanted))
    drawn = np.cov(np.log(totals / middle), rowvar=False)
    assert (np.abs(drawn - TAILED * wanted) <= STANDARD_ERRORS * error).all()


def test_each_draw_follows_its_own_shock_whatever_its_hazards() -> None:
    made = width(ROOT)
    middle = made.central.plans.january[0, 2:].sum(axis=(1, 2))
    away = np.log(made.ensemble.bands[:, 2:].sum(axis=(2, 3)) / middle) - made.shocks.plans[:, :HORIZON]
    # the response is taken as a straight line, and new plans of a window have a least and a most
    assert (away.std(axis=0) <= 0.1 * made.shocks.plans[:, :HORIZON].std(axis=0)).all()


@pytest.mark.parametrize("root", [ROOT, EXAMPLE], ids=["council", "example"])
def test_shocks_of_spend_are_what_plans_prices_and_whole_children_leave_of_the_measured(root: Path) -> None:
    made = width(root)
    noise, prices = noise_covariance(made), price_covariance(made)
    left = nearest_covariance(made.measured.spend(HORIZON) - made.measured.plans(HORIZON) - noise - prices)
    error = sampling_error(left, noise)
    # the run takes what prices do from fewer draws
    estimated = (np.outer(np.diag(prices), np.diag(prices)) + prices**2) / PRICE_DRAWS
    allowed = STANDARD_ERRORS * np.sqrt(error**2 + TAILED**2 * estimated)
    found = np.cov(np.log(made.shocks.cost), rowvar=False)
    assert (np.abs(found - (TAILED * left + noise)) <= allowed).all()


@pytest.mark.parametrize("root", [ROOT, EXAMPLE], ids=["council", "example"])
def test_the_shock_of_spend_is_in_the_drawn_spend_of_plans_and_services_and_nowhere_else(root: Path) -> None:
    made = width(root)
    growth = made.scenario.vintage.demand.new_plans.growth.path
    drawn = draw_values(made.scenario.vintage, made.shocks.normals, {}, skip=(growth,))
    lean = lean_result(made.scenario, HORIZON, drawn, made.ensemble.window_factor, {}, threads=2, single=True)
    moved = {made.central.spend.rows[row] for row in cost_rows(made.central.spend)}
    assert len(moved) > 5
    for r, row in enumerate(made.ensemble.spend.rows):
        factor = made.shocks.cost if row in moved else 1.0
        np.testing.assert_allclose(made.ensemble.spend.by_year[:, 1:, r], lean.spend.by_year[:, :, r] * factor)


@pytest.mark.parametrize("root", [ROOT, EXAMPLE], ids=["council", "example"])
def test_where_draws_are_run_shocks_are_what_they_leave_of_the_measured(root: Path) -> None:
    made = width(root, as_drawn=True)
    growth = made.scenario.vintage.demand.new_plans.growth.path
    drawn = draw_values(made.scenario.vintage, made.shocks.normals, {}, skip=(growth,))
    lean = lean_result(made.scenario, HORIZON, drawn, made.ensemble.window_factor, {}, threads=2, single=True)
    given, noise = np.cov(np.log(paid(lean, made.central)), rowvar=False), noise_covariance(made)
    left = nearest_covariance(made.measured.spend(HORIZON) - noise - given)
    heavy = (TAILS - 2) / (TAILS - 4)  # no part of what is given has fatter tails than these
    d = np.diag(given)
    estimated = (heavy * (np.outer(d, d) + 2 * given**2) - given**2) / SPREAD_DRAWS
    allowed = STANDARD_ERRORS * np.sqrt(sampling_error(left, noise) ** 2 + TAILED**2 * estimated)
    found = np.cov(np.log(made.shocks.cost), rowvar=False)
    assert (np.abs(found - (TAILED * left + noise)) <= allowed).all()


def test_drawn_spend_has_the_measured_spread() -> None:
    made = width(ROOT)
    drawn = np.log(paid(made.ensemble, made.central)).std(axis=0)
    wanted = np.sqrt(TAILED * np.diag(made.measured.spend(HORIZON)))
    # plans reach a year's spend through all its months, not through one January count, so the two are not equal
    np.testing.assert_allclose(drawn, wanted, rtol=0.1)


def test_tails_widen_the_ends_and_leave_the_central_eight_in_ten() -> None:
    made = width(ROOT)
    wanted = np.sqrt(np.diag(made.measured.plans(HORIZON + 1)))
    scaled = made.shocks.plans / wanted
    within = np.mean(np.abs(scaled) <= NORMAL_80, axis=0)
    np.testing.assert_allclose(within, 0.8, atol=STANDARD_ERRORS * np.sqrt(0.8 * 0.2 / DRAWS))
    beyond = np.mean(np.abs(scaled) > 3.0, axis=0)
    expected = 0.0129  # P(|t| > 3 x 1.4149 / 1.2816), seven degrees of freedom
    np.testing.assert_allclose(beyond, expected, atol=STANDARD_ERRORS * np.sqrt(expected / DRAWS))


def test_a_path_keeps_each_variance_where_its_columns_carry_less_than_all() -> None:
    wanted = 0.01 * np.minimum.outer(np.arange(1, 11), np.arange(1, 11))
    path = path_normals(normal_block(DRAWS, SEED), 44, 6, wanted)
    error = np.sqrt(2 / DRAWS) * np.diag(wanted)
    assert (np.abs(np.var(path, axis=0) - np.diag(wanted)) <= STANDARD_ERRORS * error).all()
