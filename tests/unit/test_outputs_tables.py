"""The tables of a run: names and columns as agreed, and figures that add up to the forecast they come from."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from hnforecast.engine.forecast import load_project, run_forecast
from hnforecast.papers.tables.money import run_tables
from hnforecast.papers.tables.rows import funding_mark
from hnforecast.writing.csvtext import Table, to_csv
from tests.fixtures_forecast import example_forecasts, with_draws

COLUMNS = {
    "account": "scenario,financial_year,item,central,p10,p20,p50,p80,p90",
    "agreement": "scenario,financial_year,probability_met,probability_met_to_date",
    "plans": "scenario,census_year,age_band,placement,central,p10,p50,p90",
    "plans_by_age": "scenario,census_year,age,placement,central",
    "flows": "scenario,academic_year,flow,age_band,placement,central",
    "spend": "scenario,financial_year,period,s251_line,placement,central,p10,p50,p90",
    "funding": "scenario,financial_year,stream,central,p10,p50,p90,status,mark",
    "measures": "scenario,financial_year,measure,central,p10,p50,p90",
    "register": "scenario,measure,financial_year,planned,gross_saving,investment,running_cost,net_saving,p10,p50,p90,"
    "delivered_to_date,cost_outside_account,title,owner,rag,evidence,confidence,confidence_low,confidence_high,opens,"
    "depends_on,statutory_sections,statutory_answered,next_step,planned_basis,delivered_basis",
    "outside_account": "scenario,financial_year,s251_line,label,without_measures,with_measures,saving",
    "differences": "scenario,against,financial_year,item,central,p10,p50,p90",
    "sources": "item,kind,value,unit,from,status,mark,source,published_on,as_at,owner,review_by,calibrated_to,place,"
    "sha256",
}


@pytest.fixture(scope="module")
def tables() -> dict[str, Table]:
    forecasts = example_forecasts()
    return {
        table.name: table for table in run_tables(forecasts, forecasts[0].scenario.vintage.codes, {"a.csv": "f" * 64})
    }


def records(table: Table) -> list[dict[str, object]]:
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def test_names_and_columns_are_the_contract(tables: dict[str, Table]) -> None:
    assert {name: ",".join(table.columns) for name, table in tables.items()} == COLUMNS


def test_no_observation_is_given_twice(tables: dict[str, Table]) -> None:
    for name, table in tables.items():
        keys = [tuple(value for value in row if isinstance(value, (str, int))) for row in table.rows]
        assert len(set(keys)) == len(keys), name


def test_account_rolls(tables: dict[str, Table]) -> None:
    account: dict[tuple[object, object], dict[object, float]] = defaultdict(dict)
    for row in records(tables["account"]):
        account[row["scenario"], row["financial_year"]][row["item"]] = float(row["central"])  # type: ignore[arg-type]
    closing: dict[object, float] = {}
    for (scenario, _), items in account.items():
        parts = items["opening"] + items["in_year"] + items["support"] + items.get("other_movement", 0.0)
        assert parts == pytest.approx(items["closing"], abs=0.01)
        assert items["opening"] == pytest.approx(closing.get(scenario, items["opening"]), abs=0.01)
        closing[scenario] = items["closing"]


def test_other_movement_is_given_in_outturn_years_only(tables: dict[str, Table]) -> None:
    years = {row["financial_year"] for row in records(tables["account"]) if row["item"] == "other_movement"}
    assert years == {"2024-25"}


def test_in_year_position_is_funding_less_spend_of_the_grant(tables: dict[str, Table]) -> None:
    codes = example_forecasts()[0].scenario.vintage.codes
    position: dict[tuple[object, object], float] = defaultdict(float)
    for row in records(tables["funding"]):
        position[row["scenario"], row["financial_year"]] += float(row["central"])  # type: ignore[arg-type]
    for row in records(tables["spend"]):
        if row["period"] == "year" and codes.line_accounts[str(row["s251_line"])] == "dsg":
            position[row["scenario"], row["financial_year"]] -= float(row["central"])  # type: ignore[arg-type]
    for row in records(tables["account"]):
        if row["item"] == "in_year":
            assert position[row["scenario"], row["financial_year"]] == pytest.approx(row["central"], abs=0.01)


def test_quarters_add_up_to_years(tables: dict[str, Table]) -> None:
    sums: dict[tuple[object, ...], float] = defaultdict(float)
    for row in records(tables["spend"]):
        key = (row["scenario"], row["financial_year"], row["s251_line"], row["placement"])
        sums[key] += float(row["central"]) * (1 if row["period"] == "year" else -1)  # type: ignore[arg-type]
    assert max(abs(value) for value in sums.values()) < 0.01


def test_plans_by_age_add_up_to_bands(tables: dict[str, Table]) -> None:
    codes = example_forecasts()[0].scenario.vintage.codes
    sums: dict[tuple[object, ...], float] = defaultdict(float)
    for row in records(tables["plans_by_age"]):
        band = codes.band_of(int(row["age"]))  # type: ignore[call-overload]
        sums[row["scenario"], row["census_year"], band, row["placement"]] += float(row["central"])  # type: ignore[arg-type]
    for row in records(tables["plans"]):
        assert sums[row["scenario"], row["census_year"], row["age_band"], row["placement"]] == pytest.approx(
            row["central"]
        )


def test_opening_counts_are_among_the_plans(tables: dict[str, Table]) -> None:
    vintage = example_forecasts()[0].scenario.vintage
    years = sorted({int(row["census_year"]) for row in records(tables["plans"])})  # type: ignore[call-overload]
    assert years[0] == vintage.manifest.base_census - 1


def test_flows_explain_the_change_in_plans(tables: dict[str, Table]) -> None:
    """Over a whole academic year, August to August, by placement: new + net other + moved - ceased - aged out."""
    forecast = example_forecasts()[1]
    change: dict[tuple[object, object], float] = defaultdict(float)
    sign = {"new": 1, "net_other": 1, "moved": 1, "ceased": -1, "aged_out": -1}
    for row in records(tables["flows"]):
        if row["scenario"] == forecast.scenario.name:
            change[row["academic_year"], row["placement"]] += sign[str(row["flow"])] * float(row["central"])  # type: ignore[arg-type]
    codes, first = forecast.scenario.vintage.codes, forecast.clock.months[0]
    for (year, placement), moved in change.items():
        august = 12 * int(str(year)[:4]) + 7 - first
        p = codes.placements.index(str(placement))
        stock = forecast.plans.open[0, :, p]
        assert moved == pytest.approx(stock[august + 12] - stock[august], abs=1e-6)


def test_moves_by_age_agree_with_the_moves_the_model_keeps(tables: dict[str, Table]) -> None:
    forecast = example_forecasts()[0]
    moved: dict[tuple[object, object], float] = defaultdict(float)
    for row in records(tables["flows"]):
        if row["scenario"] == forecast.scenario.name and row["flow"] == "moved":
            moved[row["academic_year"], row["placement"]] += float(row["central"])  # type: ignore[arg-type]
    codes, first = forecast.scenario.vintage.codes, forecast.clock.months[0]
    assert any(abs(value) > 0.1 for value in moved.values())
    for (year, placement), value in moved.items():
        september = 12 * int(str(year)[:4]) + 8 - first
        assert value == pytest.approx(
            forecast.plans.moved[0, september, codes.placements.index(str(placement))], abs=1e-6
        )


def test_years_without_a_public_profile_stay_blank(tables: dict[str, Table]) -> None:
    lines = to_csv(tables["account"]).decode().splitlines()
    assert "mitigated,2024-25,agreed_gross_closing,,,,,," in lines
    assert any(line.startswith("mitigated,2025-26,agreed_gross_closing,-") for line in lines)


def test_every_funding_row_says_what_it_is(tables: dict[str, Table]) -> None:
    for row in records(tables["funding"]):
        assert row["status"] == ("outturn" if row["financial_year"] == "2024-25" else "forecast")
        assert row["mark"] in ("confirmed", "inferred", "unverified", "")


def test_with_one_draw_quantiles_are_blank(tables: dict[str, Table]) -> None:
    for name in ("account", "plans", "spend", "funding"):
        for row in records(tables[name]):
            assert all(row[column] is None for column in row if column[0] == "p" and column[1:].isdecimal())


def test_with_draws_quantiles_are_signed() -> None:
    forecast = with_draws(example_forecasts()[1])
    tables = {table.name: table for table in run_tables([forecast], forecast.scenario.vintage.codes, {})}
    rows = [row for row in records(tables["account"]) if row["item"] == "closing"]
    assert rows
    for row in rows:
        low, middle, high = (float(row[column]) for column in ("p10", "p50", "p90"))  # type: ignore[arg-type]
        assert low <= middle <= high
        assert (
            low == pytest.approx(np.quantile(forecast.ensemble.account.closing[:, 0], 0.1))
            or row["financial_year"] != "2024-25"
        )
    spend = [row for row in records(tables["spend"]) if row["period"] == "year"]
    assert sum(row["p10"] is None for row in spend) == len(forecast.clock.financial_years), (
        "only the memo row has no draws"
    )
    assert all(row["p10"] is None for row in records(tables["spend"]) if row["period"] != "year")


def test_probability_of_meeting_the_agreement_needs_draws_and_a_profile(tables: dict[str, Table]) -> None:
    assert {row["financial_year"] for row in records(tables["agreement"])} == {
        "2025-26",
        "2026-27",
        "2027-28",
        "2028-29",
    }
    assert all(row["probability_met"] is None for row in records(tables["agreement"]))
    drawn = with_draws(example_forecasts()[1])
    rows = records(next(t for t in run_tables([drawn], drawn.scenario.vintage.codes, {}) if t.name == "agreement"))
    assert all(0 <= float(row["probability_met_to_date"]) <= float(row["probability_met"]) <= 1 for row in rows)  # type: ignore[arg-type]


def test_sources_name_every_value_and_file(tables: dict[str, Table]) -> None:
    rows = {str(row["item"]): row for row in records(tables["sources"])}
    assert rows["a.csv"]["sha256"] == "f" * 64
    price = rows["prices.top_up.state_special"]
    assert price["source"]
    assert str(price["place"]).startswith("assumptions/2026-03/prices.yaml:")
    assert {row["kind"] for row in rows.values()} == {"assumption", "measure", "file"}


def test_a_transfer_that_a_measure_brings_is_no_surer_than_the_measure() -> None:
    """Approved years are confirmed; a later year is there because a measure asks for it, and carries its mark."""
    project = load_project(Path(__file__).resolve().parents[2], "2026-03")
    plan, none = (
        run_forecast(project, name, horizon=4, savings=False).scenario for name in ("mitigated", "unmitigated")
    )
    marks = [funding_mark(plan.vintage, "block_transfer", year, plan.measures) for year in (2026, 2027)]
    assert marks == ["confirmed", "inferred"]
    assert funding_mark(none.vintage, "block_transfer", 2027, none.measures) == "confirmed"  # nil, as none is approved
