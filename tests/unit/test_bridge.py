"""The bridge between two forecasts: exact, symmetric, and each driver's change in its own movement."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from hnforecast import build_bridge
from hnforecast.base.errors import HnForecastError, UsageError
from hnforecast.cli import application
from hnforecast.engine.drivers.tables import forecast_clock
from hnforecast.engine.forecast import load_project, run_forecast
from hnforecast.engine.records import Forecast
from hnforecast.questions.compare import GROUPS, Bridge, Recorded
from hnforecast.questions.compare.chart import draw_bridge
from hnforecast.questions.compare.page import bridge_table, bridge_text
from hnforecast.questions.compare.sides import Side
from tests.fixtures_forecast import EXAMPLE, ROOT

ITEMS = ("gross_closing", "closing", "in_year", "plans")
PENNY = 0.005


@lru_cache
def example(name: str = "unmitigated", horizon: int = 4, **_: object) -> Forecast:
    return run_forecast(load_project(EXAMPLE), name, horizon=horizon, savings=False)


def changed(path: str, value: str) -> Forecast:
    return run_forecast(load_project(EXAMPLE), "unmitigated", horizon=4, overrides={path: value}, savings=False)


@lru_cache
def kent(vintage: str, name: str) -> Forecast:
    return run_forecast(load_project(ROOT, vintage), name, savings=False)


def check_adds_up(bridge: Bridge) -> None:
    assert tuple(movement.name for movement in bridge.movements) == GROUPS
    for item in ITEMS:
        moved = sum(movement.of(item) for movement in bridge.movements)
        np.testing.assert_allclose(moved, bridge.end[item] - bridge.start[item], atol=PENNY)


PAIRS = [
    ("2026-03", "unmitigated", "2026-03", "mitigated"),
    ("2026-03", "mitigated", "2026-03", "adverse"),
    ("2026-03", "unmitigated", "2026-03", "history"),
    ("2026-03", "mitigated", "2026-03", "reform_2026"),
    ("2022-12", "mitigated", "2026-03", "mitigated"),
    ("2022-12", "adverse", "2026-03", "adverse"),
]


@pytest.mark.slow
@pytest.mark.parametrize("pair", PAIRS, ids=" ".join)
def test_movements_add_up_to_the_penny_and_turn_round(pair: tuple[str, str, str, str]) -> None:
    first, second = kent(*pair[:2]), kent(*pair[2:])
    there, back = build_bridge(first, second), build_bridge(second, first)
    check_adds_up(there)
    for ours, theirs in zip(there.movements, back.movements, strict=True):
        for item in ITEMS:
            np.testing.assert_allclose(ours.of(item), -theirs.of(item), atol=PENNY)
    if pair[0] == pair[2]:  # one base count: every lane is a run of the model, so nothing is left over
        for item in ITEMS:
            assert np.abs(there.movements[-1].of(item)).max() < PENNY
            assert np.abs(there.movements[0].of(item)[1:]).max() < PENNY  # the first year is rebuilt from counts


@pytest.mark.slow
def test_in_a_year_that_one_side_knows_price_moves_what_each_sides_plans_cost_at_the_others_prices() -> None:
    first, second = kent("2022-12", "mitigated"), kent("2026-03", "mitigated")
    bridge = build_bridge(first, second)
    base, ahead = second.scenario.vintage.manifest.base_census, second.clock.first_forecast
    clock = forecast_clock(base, ahead, bridge.years[-1] - ahead + 1)
    sides = [Side.of(forecast, clock, bridge.years) for forecast in (first, second)]
    spend = [[volume.priced_plans(cost) for cost in sides] for volume in sides]
    (price,) = [movement for movement in bridge.movements if movement.name == "price"]
    early = [f for f, year in enumerate(bridge.years) if year < ahead]
    assert early
    dearer = 0.5 * (spend[0][1] - spend[0][0] + spend[1][1] - spend[1][0])
    fuller = 0.5 * (spend[1][0] - spend[0][0] + spend[1][1] - spend[0][1])
    assert np.abs(dearer - fuller)[early].min() > 1e6
    np.testing.assert_allclose(price.of("in_year")[early], -dearer[early], atol=PENNY)


def test_two_scenarios_of_the_invented_council_add_up() -> None:
    bridge = build_bridge(example(), example("mitigated"))
    check_adds_up(bridge)
    assert bridge.year == bridge.years[-1]
    assert np.abs(bridge.movements[-1].of("closing")).max() < PENNY


def test_a_forecast_and_itself_differ_by_nothing() -> None:
    bridge = build_bridge(example(), example())
    assert all(np.abs(movement.of(item)).max() < PENNY for movement in bridge.movements for item in ITEMS)


@pytest.mark.parametrize(
    ("path", "value", "group"),
    [
        ("demand.new_plans.rate", "x1.1", "new_plan_rate"),
        ("flows.cease.hazard", "x0.9", "ceasing"),
        ("population.children", "x1.05", "population"),
        ("flows.places.state_special.commissioned", "x1.2", "capacity"),
        ("prices.top_up.independent_nmss", "x1.1", "price"),
        ("funding.high_needs_block.allocation.2026-27", "x1.02", "funding"),
        ("flows.net_other", "x0", "ceasing"),
    ],
)
def test_a_driver_changed_alone_is_the_whole_movement(path: str, value: str, group: str) -> None:
    bridge = build_bridge(example(), changed(path, value))
    check_adds_up(bridge)
    for movement in bridge.movements:
        for item in ITEMS:
            whole = (bridge.end[item] - bridge.start[item])[1:]  # the first year is outturn: rebuilt, not forecast
            expected = whole if movement.name == group else np.zeros_like(whole)
            np.testing.assert_allclose(movement.of(item)[1:], expected, atol=PENNY, err_msg=movement.name)
    assert np.abs(bridge.end["gross_closing"] - bridge.start["gross_closing"]).max() > 1.0


def test_what_a_run_recorded_differs_by_the_version_of_the_model() -> None:
    forecast = example()
    years = forecast.clock.financial_years
    recorded = Recorded(
        "old", "0" * 64, 4, {("closing", years[-1]): -1.0e6, ("in_year", years[-1]): 5.0}, {years[-1] + 1: 1.0}
    )
    bridge = build_bridge(forecast, forecast, recorded_a=recorded)
    check_adds_up(bridge)
    version = bridge.movements[-1]
    assert version.of("closing")[-1] == pytest.approx(float(forecast.account.closing[0, -1]) + 1.0e6)
    assert bridge.start["closing"][-1] == -1.0e6
    assert np.abs(version.of("gross_closing")).max() < PENNY
    assert bridge.start["plans"][-1] == 1.0


def test_councils_and_years_apart_are_refused() -> None:
    with pytest.raises(UsageError, match="HN511"):
        build_bridge(example(), kent("2026-03", "unmitigated"))
    with pytest.raises(UsageError, match="HN513"):
        build_bridge(example(), example("mitigated"), 2050)
    later = replace(example(), clock=replace(example().clock, financial_years=(2050,)))
    with pytest.raises(UsageError, match="HN513"):
        build_bridge(example(), later)


def test_the_table_adds_up_as_written_and_the_text_fits_the_screen() -> None:
    bridge = build_bridge(example(), example("mitigated"))
    sums: dict[tuple[str, str], float] = {}
    for _, _, year, item, step, amount in bridge_table(bridge).rows:
        sign = -1.0 if step == "end" else 1.0
        sums[str(year), str(item)] = sums.get((str(year), str(item)), 0.0) + sign * float(amount or 0.0)
    assert len(sums) == len(bridge.years) * len(ITEMS)
    assert max(abs(left) for left in sums.values()) < PENNY
    text = bridge_text(bridge)
    assert max(map(len, text.splitlines())) <= 80
    assert "add up to the difference exactly" in " ".join(text.split())


def test_charts_are_drawn_and_the_same_twice() -> None:
    bridge = build_bridge(example(), example("mitigated"))
    first, again = dict(draw_bridge(bridge, "Source")), dict(draw_bridge(bridge, "Source"))
    assert sorted(first) == [
        "bridge-gross-closing.png", "bridge-gross-closing.svg", "bridge-in-year.png", "bridge-in-year.svg",
    ]  # fmt: skip
    assert first == again


def ask(*arguments: str) -> Result:
    return CliRunner().invoke(application, [*arguments, "--project", str(EXAMPLE)], catch_exceptions=True)


def test_command_prints_every_year_as_json() -> None:
    shown = json.loads(ask("compare", "unmitigated", "mitigated", "--json").stdout)
    year = shown["years"][shown["year"]]["closing"]
    assert sum(year["movements"].values()) == pytest.approx(year["end"] - year["start"], abs=0.1)


@pytest.mark.slow
def test_command_compares_two_runs_and_finds_no_change_of_the_model(tmp_path: Path) -> None:
    for name in ("unmitigated", "mitigated"):
        made = ask("run", name, "--horizon", "3", "--out", str(tmp_path / name))
        assert made.exit_code == 0, made.output
    found = ask(
        "compare", str(tmp_path / "unmitigated"), str(tmp_path / "mitigated"), "--json", "--out", str(tmp_path / "b")
    )
    assert found.exit_code == 0, found.output
    shown = json.loads(found.stdout)
    for year in shown["years"].values():
        assert abs(year["closing"]["movements"]["model_version"]) <= 0.02  # tables are written to the penny
    assert any("Today's code gives what the runs recorded" in note for note in shown["notes"])
    assert (tmp_path / "b" / "bridge.csv").is_file()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("compare", "unmitigated", "mitigatd"), "HN854"),
        (("compare", "unmitigated", "mitigated", "--year", "soon"), "HN513"),
        (("compare", "2026-03/unmitigatd", "mitigated"), "HN854"),
    ],
)
def test_command_refuses_what_it_does_not_know(arguments: tuple[str, ...], code: str) -> None:
    found = ask(*arguments)
    assert isinstance(found.exception, HnForecastError)
    assert code in str(found.exception)
