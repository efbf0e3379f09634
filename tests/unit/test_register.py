"""The register of measures: shares that add up, what was promised, what was delivered, what is outside the account."""

from __future__ import annotations

import io
import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from openpyxl import load_workbook

from hnforecast.engine.forecast import load_project, run_forecast
from hnforecast.papers.workbook.content import Content
from hnforecast.papers.workbook.register import REGISTER, write_register
from hnforecast.questions.register import outside_account, register_of
from hnforecast.questions.register.promise import NO_DELIVERY, delivered_to_date, promise_before
from hnforecast.questions.register.register import NO_PLAN
from hnforecast.writing.xlsx.book import Book
from tests.fixtures_forecast import EXAMPLE, example_forecasts, example_record
from tests.fixtures_vintage import CODES, ROOT, copy_example
from tests.unit.test_levers import council, effect, measure, school_and_return, sourced

RECORD = (
    "month,measure,planned_saving,saving_to_date,rag,narrative,basis\n"
    "2026-06,one,100000,20000,red,Late,actual\n2026-09,one,100000,60000,amber,Catching up,actual\n"
)


def test_net_is_gross_less_costs_and_adds_up_to_the_scenario() -> None:
    unmitigated, mitigated = example_forecasts()
    register = register_of([unmitigated, mitigated])
    assert {row.scenario for row in register.rows} == {"mitigated"}
    first = list(mitigated.clock.financial_years).index(register.years[0])
    joint = (mitigated.account.in_year - unmitigated.account.in_year)[0, first:]
    assert sum(row.net for row in register.rows) == pytest.approx(joint, abs=0.01)
    for row in register.rows:
        assert row.gross - row.investment - row.running == pytest.approx(row.net, abs=0.01)


def test_costs_by_kind_and_what_is_outside_the_account(tmp_path: Path) -> None:
    cost = sourced("by: {2026-27: 300000}", "gbp_year")
    lines = [
        f'  - {{label: a, kind: investment, s251_line: "1.2.8", cost: {cost}}}\n',
        f'  - {{label: b, s251_line: "1.2.8", cost: {cost}}}\n',
        f"  - {{label: c, kind: investment, account: capital, cost: {cost}}}\n",
    ]
    moving = effect("move", "value: 0.2", more="from_placement: independent_nmss, to_placement: mainstream, ")
    one = measure("one", moving, more="costs:\n" + "".join(lines))
    forecast = run_forecast(load_project(council(tmp_path, one=one).root), "mitigated", horizon=4)
    (row,) = register_of([forecast]).rows
    f = register_of([forecast]).years.index(2026)
    assert (row.investment[f], row.running[f], row.outside[f]) == (300000, 300000, 300000)
    assert row.gross[f] - row.net[f] == pytest.approx(600000)
    buses = next(memo for memo in outside_account([forecast]) if memo.label == "SEN transport, under 16")
    assert buses.saving[-1] > 0  # fewer in independent schools, fewer carried
    assert buses.saving == pytest.approx(buses.without_measures - buses.with_measures)
    paid = [r for r, spend in enumerate(forecast.spend.rows) if spend.account == "council"]
    assert paid  # shown, yet the position is funding less the grant's rows alone, as the checks of the run hold


def test_the_plan_s_own_figures_come_before_any_forecast_of_them(tmp_path: Path) -> None:
    planned = f"planned: {sourced('by: {2026-27: 500000}', 'gbp_year')}\nnext_step: Sign the contract\n"
    one = measure("one", effect("fee_uplift", "value: -0.1"), more=planned)
    forecast = run_forecast(load_project(council(tmp_path, one=one).root), "mitigated", horizon=4)
    (row,) = register_of([forecast]).rows
    assert row.planned[row_year(forecast, 2026)] == 500000
    assert np.isnan(row.planned[row_year(forecast, 2027)])
    assert (row.planned_basis, row.next_step) == ("judgement: Invented", "Sign the contract")


def row_year(forecast: object, year: int) -> int:
    clock = forecast.clock  # type: ignore[attr-defined]
    return [one for one in clock.financial_years if one >= clock.first_forecast].index(year)


def without_monitoring(folder: Path) -> Path:
    """The invented council with nothing recorded."""
    root = copy_example(folder).root
    shutil.rmtree(root / "inputs" / "monitoring", ignore_errors=True)
    return root


def test_without_a_plan_or_a_record_both_are_blank_with_the_reason(tmp_path: Path) -> None:
    root = without_monitoring(tmp_path)
    register = register_of([run_forecast(load_project(root), "mitigated", horizon=4)])
    assert {row.planned_basis for row in register.rows} == {NO_PLAN}
    assert all(np.isnan(row.planned).all() for row in register.rows)
    assert {(row.delivered, row.delivered_basis) for row in register.rows} == {(None, NO_DELIVERY)}
    assert register.files == ()


def test_the_latest_month_recorded_is_what_was_delivered(tmp_path: Path) -> None:
    root = without_monitoring(tmp_path)
    for year in ("2025-26", "2026-27"):
        folder = root / "inputs" / "monitoring" / year
        folder.mkdir(parents=True)
        (folder / "measures.csv").write_text(RECORD.replace("60000", "60000" if year == "2026-27" else "1"))
    found = delivered_to_date(root, CODES)
    assert (found.saving, found.ratings, found.financial_year) == ({"one": 60000.0}, {"one": "amber"}, 2026)
    assert found.basis == "recorded, to 2026-09"
    assert found.file == "inputs/monitoring/2026-27/measures.csv"


def test_a_measure_says_when_it_opens_and_what_it_waits_for(tmp_path: Path) -> None:
    forecast = run_forecast(
        load_project(council(tmp_path, **school_and_return("opening")).root), "mitigated", horizon=4
    )
    rows = {row.measure.name: row for row in register_of([forecast]).rows}
    assert rows["home"].opens == rows["school"].opens  # the school's first places


@pytest.mark.slow
def test_what_was_promised_is_the_earlier_forecast_of_each_measure() -> None:
    project = load_project(ROOT, "2026-03")
    promise = promise_before(project.vintage)
    assert promise is not None
    earlier = run_forecast(load_project(ROOT, "2022-12"), "mitigated")
    for saving in earlier.savings:
        told = promise.by_measure[saving.measure]
        assert list(told.values()) == pytest.approx(list(saving.central))
    first = load_project(ROOT, "2022-12").vintage
    assert promise_before(first) is None
    assert promise_before(replace(first, folder=Path("elsewhere/2022-12"))) is None


def test_the_sheet_shows_each_measure_and_its_total_is_live() -> None:
    forecasts = example_forecasts()
    book = Book("Register", "Test", datetime(2026, 3, 31), "footer")  # noqa: DTZ001 as the workbook has it
    write_register(
        Content(forecasts, forecasts[0].scenario.vintage.codes, example_record(forecasts)),
        book.sheet(REGISTER, "Register", "Test"),
    )
    written = book.to_bytes()
    values, formulas = (load_workbook(io.BytesIO(written), data_only=only)[REGISTER] for only in (True, False))
    names = [measure.name for measure in forecasts[1].scenario.measures]
    found = {row[0].value: row for row in values.iter_rows() if row[0].value in (*names, "All measures")}
    assert list(found) == [*names, "All measures"]
    register = register_of(forecasts)
    header = next(row for row in values.iter_rows() if row[0].value == "Measure")
    net = [cell.value for cell in header].index(f"{register.this_year}-{(register.this_year + 1) % 100} net")
    f = register.years.index(register.this_year)
    for row in register.rows:
        assert found[row.measure.name][net].value == pytest.approx(float(row.net[f]))
    assert found["All measures"][net].value == pytest.approx(sum(float(row.net[f]) for row in register.rows))
    assert str(formulas.cell(found["All measures"][0].row, net + 1).value).startswith("=SUM(")


def test_a_saving_in_draws_is_told_from_its_worse_end() -> None:
    forecast = run_forecast(load_project(EXAMPLE), "mitigated", horizon=3, draws=64)
    register = register_of([forecast])
    for row, saving in zip(register.rows, forecast.savings, strict=True):
        assert saving.draws is not None
        assert row.quantiles is not None
        for f in range(len(register.years)):
            drawn = sorted(saving.draws[:, f].tolist())
            assert drawn[6] <= row.quantiles[f, 0] <= drawn[7]
            assert drawn[31] <= row.quantiles[f, 1] <= drawn[32]
            assert drawn[56] <= row.quantiles[f, 2] <= drawn[57]
