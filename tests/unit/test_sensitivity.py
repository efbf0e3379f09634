"""Sensitivity: bars are plain runs, indices those of closed forms, settlements the block and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from click.testing import CliRunner, Result

from hnforecast.assumptions import Interval
from hnforecast.base.errors import HnForecastError, InputError, UsageError
from hnforecast.cli import application
from hnforecast.engine.draws.sobol import normal_block
from hnforecast.engine.ensemble import cost_rows
from hnforecast.engine.forecast import load_project
from hnforecast.questions.sensitivity import (
    Quantity,
    run_settlements,
    switching_values,
    tornado,
    uncertain_drivers,
    variance_shares,
)
from hnforecast.questions.sensitivity.chart import draw_tornado
from hnforecast.questions.sensitivity.findings import Findings
from hnforecast.questions.sensitivity.indices import sobol_shares
from hnforecast.questions.sensitivity.page import sensitivity_page
from hnforecast.questions.sensitivity.settlements import _normals
from hnforecast.questions.sensitivity.tables import sensitivity_tables
from hnforecast.questions.sensitivity.tornado import Bar
from hnforecast.questions.targets import Trials, find_lever, make_goal, make_trials
from hnforecast.questions.targets.trials import in_year_ahead
from hnforecast.writing.blocks import as_text
from tests.fixtures_forecast import EXAMPLE

POUND = 1.0
YEAR = 2027


@lru_cache
def trials(draws: int = 1, scenario: str = "mitigated") -> Trials:
    return make_trials(load_project(EXAMPLE), scenario, horizon=4, draws=draws)


def override(trials: Trials, path: str, kind: str, value: float) -> dict[str, object]:
    sourced = trials.forecast.scenario.vintage.values[path]
    if kind == "value":
        return {path: value}
    if kind == "factor":
        return {path: f"x{value!r}"}
    assert sourced.by is not None
    return {f"{path}.{sourced.by.show(year)}": old + value for year, old in sourced.by.items()}


@pytest.mark.parametrize("name", [pytest.param("in_year", marks=pytest.mark.slow), "closing"])
def test_every_bar_is_the_model_run_with_that_value_alone(name: str) -> None:
    made = trials()
    quantity = Quantity(name, YEAR)
    bars = {bar.driver.name: bar for bar in tornado(made, quantity)}
    drivers = uncertain_drivers(made)
    assert len(drivers) >= 5
    assert set(bars) == {driver.name for driver in drivers} | {"measured_plans", "measured_cost"}
    # a run draws the growth of an index as a shift only; as a factor it moves nothing there
    acting = [driver for driver in drivers if (driver.kind, driver.path.split(".")[1]) != ("factor", "indices")]
    for driver in acting[:: 1 if name == "in_year" else 6]:
        bar = bars[driver.name]
        for value, read in ((driver.low, bar.at_low), (driver.high, bar.at_high)):
            forecast = made.again(override(made, driver.path, driver.kind, float(value)), draws=1)
            assert read == pytest.approx(
                float(quantity.of_forecast(replace(made, forecast=forecast), False)[0]), abs=POUND
            )
        assert bar.base == pytest.approx(float(quantity.of_forecast(made, drawn=False)[0]), abs=POUND)


def test_bars_are_sorted_by_swing_and_measured_errors_run_the_right_way() -> None:
    bars = tornado(trials(), Quantity("in_year", YEAR))
    swings = [bar.swing for bar in bars]
    assert swings == sorted(swings, reverse=True)
    measured = {bar.driver.name: bar for bar in bars if bar.driver.kind == "percentile"}
    for bar in measured.values():  # fewer plans and less cost are better
        assert bar.at_low > bar.base > bar.at_high


def test_a_pinned_delivery_is_no_driver() -> None:
    made = trials(scenario="adverse") if "adverse" in trials().project.vintage.scenarios else None
    if made is None:
        pytest.skip("the example has no scenario that pins delivery")
    assert not [driver for driver in uncertain_drivers(made) if driver.path.endswith(".delivery")]


def test_a_switching_value_turns_the_goal_in_the_engine() -> None:
    made = trials()
    goal = make_goal(made.forecast, "balance", "2027-28", None)
    vintage = made.forecast.scenario.vintage
    levers = [
        find_lever(EXAMPLE, vintage, "funding_growth", made.years, -0.2, 0.4),
        find_lever(EXAMPLE, vintage, "new_plan_rate", made.years, 0.999, 1.001),
        find_lever(EXAMPLE, vintage, "block_transfer", made.years, 0.0, 9e7),
    ]
    turning, none, amount = switching_values(made, [goal], levers)
    for switch in (turning, amount):
        assert switch.move is not None
        forecast = made.again(switch.lever.overrides(switch.move), draws=1)
        assert abs(in_year_ahead(forecast)[made.years.index(YEAR)]) < 5_000
    assert none.move is None
    assert not none.inert
    assert none.margin_best > none.margin_now


@lru_cache
def block(draws: int = 2048) -> np.ndarray:
    return normal_block(draws, 7)[:, :6]


GROUPS = {"a": [0], "b": [1], "c": [2, 3], "d": [4]}


def test_indices_of_a_linear_function_are_its_squared_weights() -> None:
    weights = np.array([3.0, 2.0, 1.0, 1.0, 0.0])
    shares = sobol_shares(block(), 5e6 + 1e6 * block()[:, :5] @ weights, GROUPS)
    expected = {"a": 9 / 15, "b": 4 / 15, "c": 2 / 15, "d": 0.0}
    for name, share in expected.items():
        first, _, total, _ = shares.shares[name]
        assert first == pytest.approx(share, abs=0.003)
        assert total == pytest.approx(share, abs=0.003)
    assert shares.explained == pytest.approx(1.0)
    assert shares.whole


def test_indices_with_an_interaction_are_those_of_the_closed_form() -> None:
    z = block()
    values = z[:, 0] + 2.0 * z[:, 0] * z[:, 1] + z[:, 2] * z[:, 3] + 0.5 * (z[:, 4] ** 2 - 1.0)
    shares = sobol_shares(z, values, GROUPS).shares
    whole = 1.0 + 4.0 + 1.0 + 0.5
    expected = {"a": (1.0, 5.0), "b": (0.0, 4.0), "c": (1.0, 1.0), "d": (0.5, 0.5)}
    for name, (first, total) in expected.items():
        assert shares[name][0] == pytest.approx(first / whole, abs=0.02)
        assert shares[name][2] == pytest.approx(total / whole, abs=0.02)


def test_a_driver_of_no_effect_has_a_share_of_nil_within_its_error_and_noise_is_not_explained() -> None:
    z = block()
    noise = np.random.default_rng(1).normal(size=len(z))
    shares = sobol_shares(z, z[:, 0] + noise, GROUPS)
    assert shares.explained == pytest.approx(0.5, abs=0.05)
    for name in ("b", "c", "d"):
        first, error, _, _ = shares.shares[name]
        assert abs(first) < 4 * error + 0.005
    values = [sobol_shares(z, np.random.default_rng(k).normal(size=len(z)), GROUPS).shares["d"][0] for k in range(12)]
    assert min(values) < 0 < max(values)  # unbiased, so that nil is sometimes a little below


def test_with_few_draws_weak_interactions_are_left_out_and_it_is_said() -> None:
    z = normal_block(512, 7)[:, :40]
    shares = sobol_shares(z, z[:, 0] * z[:, 1] + 3 * z[:, 0] + 3 * z[:, 1], {str(k): [k] for k in range(40)})
    assert not shares.whole
    assert shares.shares["0"][2] > shares.shares["0"][0] > 0.4


def test_a_quantity_that_never_moves_has_no_shares() -> None:
    assert sobol_shares(block(), np.ones(len(block())), GROUPS).shares["a"] == (0.0, 0.0, 0.0, 0.0)


def test_shares_of_the_forecast_add_up_and_need_draws() -> None:
    with pytest.raises(UsageError, match="HN541"):
        variance_shares(trials(), Quantity("in_year", YEAR))
    found = variance_shares(trials(512), Quantity("in_year", YEAR))
    assert 0.7 < sum(group.first for group in found.groups) < 1.1
    assert found.explained > 0.8
    firsts = [group.first for group in found.groups]
    assert firsts == sorted(firsts, reverse=True)
    assert found.groups[0].name in ("measured_cost", "measured_plans", "single_plans")


def test_settlements_change_the_block_and_nothing_else() -> None:
    made = trials(512)
    found = {one.name: one for one in run_settlements(made)}
    assert set(found) == {"vintage", "flat_cash", "flat_real", "three_year"}
    cash = found["flat_cash"]
    growth = made.forecast.scenario.vintage.funding.high_needs_block
    last = max(growth.allocation.by)
    overrides = {f"{growth.growth.path}.{year}-{(year + 1) % 100:02d}": 0.0 for year in made.years if year > last}
    plain = made.again(overrides, draws=1)
    np.testing.assert_allclose(cash.central.in_year, plain.account.in_year, atol=POUND)
    np.testing.assert_allclose(cash.central.closing, plain.account.closing, atol=POUND)
    real = found["flat_real"]
    grown = {
        f"{growth.growth.path}.{year}-{(year + 1) % 100:02d}": float(real.growth[made.years.index(year)])
        for year in made.years
        if year > last
    }
    assert any(grown.values())
    np.testing.assert_allclose(real.central.in_year, made.again(grown, draws=1).account.in_year, atol=POUND)
    assert cash.drawn is not None
    assert made.forecast.ensemble is not None
    ours, theirs = cash.drawn.in_year[:, -1], made.forecast.ensemble.account.in_year[:, -1]
    assert ours.std() <= theirs.std() + POUND  # the block is certain when it is settled as flat
    fan = found["three_year"].drawn
    assert fan is not None
    assert np.ptp(fan.in_year[:, 1] - made.forecast.ensemble.account.in_year[:, 1]) < POUND  # an announced year
    assert found["flat_real"].central.in_year[0, -1] > cash.central.in_year[0, -1]
    assert found["three_year"].horizon == 2028
    assert cash.horizon == last


def test_normals_are_read_back_from_the_shifts_they_made() -> None:
    from hnforecast.engine.draws.sample import two_piece

    z = np.linspace(-3, 3, 13)
    interval = Interval(low=-0.02, high=0.025, level=0.8)
    np.testing.assert_allclose(_normals(two_piece(0.0, interval, z), interval), z, atol=1e-12)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("x,X,2026-27,0.03,0.02,0.04,no,S,inferred", "Not a settlement"),
        ("x,X,2026,0.0,0.02,0.04,no,S,inferred", "HN220"),
        ("x,X,2026-27,0.0,y,0.04,no,S,inferred", "Not a number in column growth"),
        ("\n".join(["x,X,2026-27,0.0,0.02,0.04,no,S,inferred"] * 2), "Year of a settlement given twice"),
    ],
)
def test_a_list_of_settlements_that_is_malformed_is_refused(row: str, words: str, tmp_path) -> None:
    codes = tmp_path / "inputs" / "codes"
    codes.mkdir(parents=True)
    header = "settlement,label,financial_year,low,growth,high,settled,source,mark"
    (codes / "settlements.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")
    made = trials()
    with pytest.raises(InputError, match=words):
        run_settlements(replace(made, project=replace(made.project, root=tmp_path)))


def findings(draws: int = 512) -> Findings:
    made = trials(draws)
    quantity = Quantity("in_year", YEAR)
    goals = [make_goal(made.forecast, "balance", "2027-28", None), make_goal(made.forecast, "profile", "2027-28", None)]
    return Findings(
        made,
        quantity,
        tornado(made, quantity),
        switching_values(made, goals),
        variance_shares(made, quantity) if draws > 1 else None,
        run_settlements(made),
    )


@pytest.mark.parametrize("draws", [pytest.param(1, marks=pytest.mark.slow), 512])
def test_the_page_fits_the_screen_and_the_tables_are_whole(draws: int) -> None:
    made = findings(draws)
    text = as_text(sensitivity_page(made))
    assert max(map(len, text.splitlines())) <= 80
    tables = {table.name: table for table in sensitivity_tables(made)}
    assert ("sobol_indices" in tables) == (draws > 1)
    assert len(tables["tornado"].rows) == len(made.bars)
    assert len(tables["settlements"].rows) == 4 * 3 * len(made.trials.years)


@pytest.mark.slow
def test_the_chart_is_drawn_and_the_same_twice() -> None:
    bars = tornado(trials(), Quantity("in_year", YEAR))
    first, again = (dict(draw_tornado(bars, Quantity("in_year", YEAR), "Source")) for _ in range(2))
    assert sorted(first) == ["tornado-in-year.png", "tornado-in-year.svg"]
    assert first == again


def ask(*arguments: str) -> Result:
    return CliRunner().invoke(application, ["sensitivity", *arguments, "--project", str(EXAMPLE), "--draws", "1"])


@pytest.mark.slow
def test_the_command_writes_its_folder_and_prints_json(tmp_path) -> None:
    found = ask("--by", "2027-28", "--measure", "closing", "--json", "--out", str(tmp_path / "s"))
    assert found.exit_code == 0, found.output
    shown = json.loads(found.stdout)
    assert shown["quantity"] == "closing"
    assert shown["tornado"][0]["rank"] == 1
    assert {path.suffix for path in (tmp_path / "s").iterdir()} == {".csv", ".md", ".png", ".svg"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--measure", "in-year"), "HN542"),
        (("--by", "2099-00"), "HN536"),
        pytest.param(("--scenario", "mitigatd"), "HN854", marks=pytest.mark.slow),
        pytest.param(("--set", "prices.topup=1"), "HN406", marks=pytest.mark.slow),
    ],
)
def test_bad_input_gives_one_clear_message(arguments: tuple[str, ...], code: str) -> None:
    found = ask(*arguments)
    assert isinstance(found.exception, HnForecastError)
    assert found.exception.exit_code == 2
    assert code in str(found.exception)


def test_a_bar_is_as_wide_whichever_end_is_worse() -> None:
    (driver, *_) = uncertain_drivers(trials())
    assert Bar(driver, 3.0, -4.0, 0.0).swing == Bar(driver, -4.0, 3.0, 0.0).swing == 7.0


def test_measured_errors_are_read_at_their_tenth_and_ninetieth_percentile() -> None:
    made, quantity = trials(), Quantity("in_year", YEAR)
    shocks = made.quick_shocks(1024)
    bars = {bar.driver.name: bar for bar in tornado(made, quantity, shocks)}
    f = made.forecast.clock.financial_years.index(YEAR)
    # unit cost alone: every year's cost at its percentile times what plans and services cost
    cost = made.forecast.spend.by_year[0, f, cost_rows(made.forecast.spend)].sum()
    low, high = np.quantile(shocks.cost[:, f - 1], (0.1, 0.9))
    bar = bars["measured_cost"]
    assert bar.at_low - bar.base == pytest.approx(cost * (1.0 - low), rel=1e-3)
    assert bar.at_high - bar.base == pytest.approx(cost * (1.0 - high), rel=1e-3)
