"""The draft of December 2026: it runs, its base year is the council's forecast, its places are as full as counted."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from hnforecast.assumptions import load_vintage
from hnforecast.cli import application
from hnforecast.engine.forecast import load_project, run_forecast
from hnforecast.engine.occupancy import misfits, occupancy_of
from hnforecast.engine.records import Forecast
from hnforecast.papers.tables.plans import flows_table, occupancy_table

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def forecast() -> Forecast:
    """The regime in force, three years ahead."""
    return run_forecast(load_project(ROOT, "2026-12"), "as_it_stands", horizon=3, savings=False)


def test_the_draft_is_loaded_with_what_it_switches_on() -> None:
    vintage = load_vintage(ROOT, "2026-12")
    assert vintage.manifest.state == "draft"
    assert vintage.flows.seating == "september"
    assert vintage.flows.ages == "next_count"
    assert vintage.flows.movers_in is not None


def test_the_base_year_is_the_councils_forecast(tmp_path: Path) -> None:
    arguments = ["run", "as_it_stands", "--vintage", "2026-12", "--draws", "1", "--json", "--project", str(ROOT)]
    found = CliRunner().invoke(application, [*arguments, "--out", str(tmp_path / "run")])
    assert found.exit_code == 0, found.output
    account = json.loads(found.stdout)["scenarios"]["as_it_stands"]["2025-26"]
    assert account["in_year"] == pytest.approx(-67_800_000, abs=1)
    assert account["closing"] == -136_000_000


def test_a_further_college_plan_costs_its_top_up_and_its_place(forecast: Forecast) -> None:
    """Deductions grow with plan-years at colleges and places elsewhere, and are the places that the DfE pays direct."""
    vintage, funding = forecast.scenario.vintage, forecast.funding
    deducted = -funding.by_year[0, :, funding.streams.index("deductions")]
    paid = next(r for r, row in enumerate(forecast.spend.rows) if row.kind == "recoupment")
    assert forecast.spend.by_year[0, :, paid] == pytest.approx(deducted)
    followed = vintage.funding.deductions_follow
    expected = np.full(len(deducted), 17_000_000.0)
    months = np.array(forecast.clock.months)
    for f, year in enumerate(forecast.clock.financial_years):
        inside = (months >= 12 * year + 3) & (months < 12 * year + 15)
        for name, one in followed.items():
            p = vintage.codes.placements.index(name)
            size = forecast.plans.plan_months[0, inside, p].sum() / 12.0
            if name in vintage.flows.places:
                held = vintage.flows.places[name].commissioned
                size = (
                    sum(held.at(int(t) - (int(t) - 8) % 12) for t in months[inside]) / 12.0
                )  # of the September before
            expected[f] += one.rate.at(0) * one.share.at(0) * (size - one.base.at(0))
    assert deducted == pytest.approx(expected, rel=1e-9)


def test_occupancy_is_a_table_and_base_places_are_the_plans_counted(forecast: Forecast) -> None:
    rows = occupancy_of(forecast)
    assert {row.placement for row in rows} == set(forecast.scenario.vintage.flows.places)
    base = [row for row in rows if row.year == 2025]
    assert all(0.97 <= row.share <= 1.0 for row in base)
    assert misfits(forecast) == []
    (table,) = occupancy_table([forecast])
    assert len(table.rows) == len(rows)
    assert occupancy_of(run_forecast(load_project(ROOT, "2026-03"), "unmitigated", horizon=1, savings=False)) == ()


def test_movers_in_are_shown_apart_and_add_up(forecast: Forecast) -> None:
    codes = forecast.scenario.vintage.codes
    rows = [row for row in flows_table([forecast], codes).rows if row[1] == "2026-27"]
    moved = sum(float(str(row[5])) for row in rows if row[2] == "movers_in")
    other = sum(float(str(row[5])) for row in rows if row[2] == "net_other")
    assert 400 <= moved <= 500
    year = [t for t, month in enumerate(forecast.clock.months) if 12 * 2026 + 8 <= month < 12 * 2027 + 8]
    assert moved + other == pytest.approx(float(forecast.plans.net_other[0, year].sum()), abs=0.5)
