"""A scenario that follows history meets the pooled forecast of spend, and shows what meets it as a row of its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hnforecast.engine.demand import HELD, OURS, authority_path, forecast_series
from hnforecast.engine.demand_path import HistoryPath, beyond_plans_and_prices
from hnforecast.engine.drivers.spend import BEYOND
from hnforecast.engine.forecast import load_project, run_forecast
from hnforecast.engine.measured import MeasuredSpread, last_known, national_panel, panel_folder
from hnforecast.engine.published import lines_total
from hnforecast.engine.records import Forecast, Project
from hnforecast.engine.scenarios import resolve_scenario
from hnforecast.papers.summary import run_text
from tests.fixtures_demand import shipped_panel

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def project() -> Project:
    return load_project(ROOT, "2026-03")


@pytest.fixture(scope="module")
def history(project: Project) -> Forecast:
    return run_forecast(project, "history")


def lines(forecast: Forecast) -> np.ndarray:
    return np.array([lines_total(forecast.spend, f) for f in range(len(forecast.clock.financial_years))])


def test_lines_1_2_grow_as_the_pooled_forecast_of_spend(project: Project, history: Forecast) -> None:
    manifest = project.vintage.manifest
    panel = national_panel(panel_folder(ROOT))
    pooled = authority_path(panel, manifest.authority.old_la_code, manifest.base_census, 5, series="spend")
    found = lines(history)
    base = history.clock.financial_years.index(manifest.base_outturn)
    np.testing.assert_allclose(found[base + 1 : base + 6] / found[base], pooled.central / pooled.last, rtol=1e-9)


def test_what_meets_it_is_one_named_row_and_nothing_after_the_outturn_year_is_hidden(history: Forecast) -> None:
    rows = [r for r, row in enumerate(history.spend.rows) if row.label == BEYOND]
    assert len(rows) == 1
    shown = history.spend.by_year[0, :, rows[0]]
    np.testing.assert_allclose(shown[1:], [history.scenario.beyond[year] for year in history.clock.financial_years[1:]])
    assert shown[0] == 0
    assert any("Lines 1.2 follow the pooled forecast of spend" in note for note in history.notes)


def test_after_the_last_year_tested_it_keeps_its_share_of_spend(history: Forecast) -> None:
    found = lines(history)
    beyond = np.array([history.scenario.beyond.get(year, 0.0) for year in history.clock.financial_years])
    share = beyond / (found - beyond)
    np.testing.assert_allclose(share[6:], share[5])


def test_a_scenario_that_does_not_follow_history_has_no_such_row(project: Project) -> None:
    plain = run_forecast(project, "unmitigated")
    assert not plain.scenario.beyond
    assert all(row.label != BEYOND for row in plain.spend.rows)


def test_where_the_outturn_of_the_base_year_is_not_published_the_last_one_is_the_start(project: Project) -> None:
    """Growth from the base year on is that of a forecast made a year before it."""
    panel = shipped_panel()
    spend = panel.series("spend").copy()
    spend[:, panel.years.index(2025) :] = np.nan
    short = replace(panel, local={**panel.local, "spend": spend})
    assert last_known(short, "spend", 2025) == 2024
    from hnforecast.engine import demand_path

    _, ratio = demand_path._pooled_spend(short, "886", 2024)
    earlier = authority_path(short, "886", 2024, 6, series="spend")
    np.testing.assert_allclose([ratio[year] for year in range(2025, 2030)], earlier.central[1:] / earlier.central[0])


def test_nothing_is_beyond_where_history_says_what_the_model_has(history: Forecast) -> None:
    years = history.clock.financial_years
    found = lines(history)
    same = HistoryPath(spend={years[1]: found[1] / found[0]})
    assert beyond_plans_and_prices(same, history, years[0])[years[1]] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(("method", "meant"), [("held_unit_cost", HELD), ("prices_and_momentum", OURS)])
def test_the_ranges_of_a_vintage_come_from_the_method_it_names(project: Project, method: str, meant: str) -> None:
    """One that names none keeps those it was signed with."""
    manifest = project.vintage.manifest
    assert manifest.spend_method == "held_unit_cost"
    vintage = replace(project.vintage, manifest=manifest.model_copy(update={"spend_method": method}))
    measured = MeasuredSpread.of(ROOT, resolve_scenario(vintage, "unmitigated"), 4)
    panel = national_panel(panel_folder(ROOT))
    wanted = forecast_series(panel, "spend", manifest.base_census, 4, meant).path_covariance("886")
    np.testing.assert_array_equal(measured.spend(4), wanted)


def test_a_run_sets_each_scenario_beside_the_pooled_forecast_of_spend(project: Project, history: Forecast) -> None:
    plain = run_forecast(project, "unmitigated")
    said = " ".join(run_text([plain, history]).split())
    share = lines(plain)[1] / lines(history)[1] - 1.0
    assert f"which history follows: £{lines(history)[1] / 1e6:,.1f}m in 2025-26" in said
    assert f"Beside it: unmitigated {share:+.1%}," in said
    assert "Beside it" not in run_text([plain])
