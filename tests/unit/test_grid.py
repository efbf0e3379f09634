"""The grid is the engine: exact at its points, linear between, reduced where there are too many; draws around it."""

from __future__ import annotations

from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hnforecast.base.errors import ReconciliationError, ScenarioError
from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.draws.sobol import normal_block
from hnforecast.engine.ensemble import draw_shocks, run_ensemble
from hnforecast.engine.forecast import load_project, run_forecast
from hnforecast.engine.measured import MeasuredSpread
from hnforecast.engine.method import central_result
from hnforecast.papers.share.figures import pack, unpack
from hnforecast.papers.share.grid import (
    FULL,
    Choice,
    Grid,
    Setting,
    build_chance,
    build_grid,
    choose_plan,
    growth_choices,
    lay_out,
    random_setting,
    resolve_setting,
    run_setting,
    settlement_choices,
)
from hnforecast.papers.share.grid import build as building
from tests.fixtures_forecast import EXAMPLE, ROOT

HORIZON, DRAWS, SEED = 4, 32, 7


@lru_cache
def vintage() -> Any:
    return load_project(EXAMPLE).vintage


@lru_cache
def grid() -> Grid:
    return build_grid(vintage(), "mitigated", HORIZON)


@lru_cache
def ends_only() -> Grid:
    """The grid with so few lanes that no measure keeps its middle."""
    return build_grid(vintage(), "mitigated", HORIZON, most=8)


def central(choices: tuple[Choice, ...]) -> Choice:
    return next(choice for choice in choices if choice.name == "central")


def setting(levels: dict[str, float]) -> Setting:
    return Setting(levels, central(grid().growths), central(grid().settlements))


def test_every_level_of_every_choice_is_the_engines_own_monthly_run() -> None:
    generator = np.random.Generator(np.random.PCG64DXSM(3))
    for _ in range(8):
        chosen = random_setting(grid(), generator)
        direct = run_setting(vintage(), "mitigated", chosen, HORIZON)
        np.testing.assert_allclose(grid().position(chosen), direct.account.in_year[0, -HORIZON:], atol=1.0)
        plans = direct.plans.january[0].sum(axis=1)[-HORIZON:]
        np.testing.assert_allclose(grid().plans(chosen), plans, atol=1e-6)


def test_all_of_every_measure_is_the_plan_and_nothing_is_the_scenario_without() -> None:
    project = load_project(EXAMPLE)
    for name, level in (("mitigated", 1.0), ("unmitigated", 0.0)):
        forecast = run_forecast(project, name, horizon=HORIZON, savings=False)
        ours = grid().position(setting(dict.fromkeys(grid().layout.measures, level)))
        np.testing.assert_allclose(ours, forecast.account.in_year[0, -HORIZON:], atol=1.0)


def test_choices_move_the_position_the_way_their_names_say() -> None:
    layout = grid().layout
    levels = dict.fromkeys(layout.measures, 1.0)
    low, middle, high = (
        grid().plans(Setting(levels, c, central(grid().settlements)))[-1].sum() for c in grid().growths
    )
    assert low < middle < high
    flat = next(choice for choice in grid().settlements if choice.name == "flat_cash")
    worse = grid().position(Setting(levels, central(grid().growths), flat)) - grid().position(setting(levels))
    assert (worse <= 0).all()
    assert worse[-1] < -1e5


def test_too_many_combinations_lose_middles_first_then_the_smallest_measures() -> None:
    coarse = ends_only()
    assert set(coarse.layout.levels.values()) == {(0.0, 1.0)}
    held = build_grid(vintage(), "mitigated", HORIZON, most=4)
    assert sorted(held.layout.levels.values()) == [(0.0, 1.0), (0.0, 1.0), (1.0,)]
    fixed = next(name for name, levels in held.layout.levels.items() if levels == (1.0,))
    for name, level in ((n, v) for n in coarse.layout.measures for v in (0.0, 1.0)):
        one = setting({name: level})
        np.testing.assert_allclose(coarse.position(one), grid().position(one), atol=1e-6)
    everything = dict.fromkeys(held.layout.measures, 1.0)
    np.testing.assert_allclose(
        held.position(setting({**everything, fixed: 0.0})), grid().position(setting(everything)), atol=1e-6
    )


def test_between_two_levels_figures_lie_on_a_straight_line() -> None:
    coarse = ends_only()
    name = coarse.layout.measures[0]
    none, half, full = (coarse.position(setting({name: level})) for level in FULL)
    np.testing.assert_allclose(half, (none + full) / 2, atol=1e-6)


def test_a_grid_that_is_not_the_engines_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = building.run_lanes

    def wrong(*arguments: Any, **options: Any) -> Any:
        passed = honest(*arguments, **options)
        return type(passed)(passed.in_year + 2_000.0 * (passed.in_year.shape[1] > 20), passed.january)

    monkeypatch.setattr(building, "run_lanes", wrong)
    with pytest.raises(ReconciliationError, match=r"does not agree with the engine.*HN582"):
        build_grid(vintage(), "mitigated", HORIZON)


def test_a_plan_has_measures_and_is_central_in_all_else() -> None:
    assert choose_plan(vintage()) == "mitigated"
    for wanted in ("unmitigated", "adverse", "history"):
        with pytest.raises(ScenarioError, match="HN581"):
            choose_plan(vintage(), wanted)


def test_choices_are_overrides_that_give_what_the_scenario_settings_give() -> None:
    own = load_project(ROOT).vintage
    low, middle, high = growth_choices(own)
    assert middle.overrides == {}
    growth = own.demand.new_plans.growth
    assert low.overrides == {
        f"{growth.path}.{year}": round(rate - 0.03, 10) for year, rate in (growth.by or {}).items()
    }
    offered = {choice.name: choice for choice in settlement_choices(own)}
    assert list(offered) == [
        "central",
        "flat_cash",
        "flat_real",
        "three_year_low",
        "three_year_high",
    ]  # three_year is own
    block = "funding.high_needs_block.growth"
    assert offered["flat_cash"].overrides == {f"{block}.2026-27": 0.0, f"{block}.2027-28": 0.0}
    assert offered["three_year_high"].path[-1] == (2029, 0.045)
    assert offered["three_year_high"].overrides[f"{block}.2026-27"] == 0.008
    assert high.size == -low.size == 0.03


def measure(name: str, *drivers: str, lines: tuple[str, ...] = (), needs: tuple[str, ...] = ()) -> Any:
    effects = [SimpleNamespace(driver=driver, lines=lines or None) for driver in drivers]
    depends = [SimpleNamespace(measure=other, limit="delivery") for other in needs]
    return SimpleNamespace(name=name, effects=effects, depends_on=depends)


def test_measures_lie_where_what_they_touch_puts_them() -> None:
    measures = [
        measure("transfer", "block_transfer"),
        measure("review", "service_budget", lines=("therapies",)),
        measure("first", "service_budget", lines=("tuition",)),
        measure("second", "service_budget", lines=("tuition",)),  # two on one budget multiply
        measure("fees", "fee_uplift", "unit_price"),
        measure("bound", "unit_price", needs=("places",)),  # held back by another
        measure("places", "commissioned_places"),
        measure("new", "a driver nobody knows yet"),
    ]
    layout = lay_out(measures, [one.name for one in measures])
    assert layout.apart == ("transfer", "review")
    assert layout.prices == ("fees",)
    assert layout.flow == ("first", "second", "bound", "places", "new")
    assert layout.lanes.shape == (3**5, 5)
    assert layout.price_lanes.tolist() == [[0.0], [0.5], [1.0]]


@pytest.mark.slow
def test_draws_around_a_setting_are_the_engines_where_it_says_so() -> None:
    chance = build_chance(EXAMPLE, vintage(), grid(), DRAWS, SEED)
    assert chance.plain.shape == (3, DRAWS, HORIZON)
    assert 0.0 <= chance.worst <= 0.1
    name = grid().layout.measures[1]
    for levels in ({}, {name: 1.0}):
        chosen = setting(levels)
        scenario = resolve_setting(vintage(), "mitigated", chosen)
        middle = central_result(scenario, HORIZON, Drawn(), {}, {})
        none = resolve_setting(vintage(), "mitigated", setting({}))
        spread = MeasuredSpread.of(EXAMPLE, none, HORIZON + 1)
        shocks = draw_shocks(none, central_result(none, HORIZON, Drawn(), {}, {}), spread, normal_block(DRAWS, SEED))
        direct = run_ensemble(scenario, middle, shocks, {}, {}, {}).account.in_year[:, -HORIZON:]
        np.testing.assert_allclose(chance.draws(grid(), chosen), direct, atol=2.0)


@given(
    arrays(np.int64, st.tuples(*[st.integers(1, 3)] * 3), elements=st.integers(-(2**40), 2**40)),
    st.sampled_from([[], [0], [1, 2], [0, 1, 2]]),
)
def test_packed_whole_numbers_come_back_exactly(values: np.ndarray, axes: list[int]) -> None:
    packed = pack(values.astype(float), 1.0, axes)
    assert unpack(packed).tolist() == values.tolist()


def test_packing_rounds_to_half_a_step_at_most() -> None:
    values = np.random.Generator(np.random.PCG64DXSM(1)).normal(0, 1e6, (5, 3, 3))
    assert np.abs(unpack(pack(values, 100.0, [1, 2])) - values).max() <= 50.0 + 1e-9
