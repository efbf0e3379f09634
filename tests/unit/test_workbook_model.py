"""The model in the workbook, reproduced: change its inputs in a spreadsheet, and it says what the program says.

The inputs are changed in a copy of the file, two engines that are not ours work it out again, and every formula is
compared with the workbook the program writes after the same change.
"""

from __future__ import annotations

import io
import itertools
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hnforecast.engine.forecast import load_project, run_forecast
from hnforecast.engine.records import Forecast, Project, Shared
from hnforecast.papers.workbook import write_workbook
from tests.fixtures_forecast import EXAMPLE, ROOT, changed_forecasts, example_forecasts, example_record
from tests.fixtures_vintage import copy_example
from tests.workbooks import (
    formulas,
    load,
    recalculate_with_formualizer,
    recalculate_with_libreoffice,
    values_at,
    with_wrong_values,
)

PENNY = 0.01
FOLLOW = ("Spend by line", "Funding", "Account", "Prices", "Plan-years", "Measure effects", "Inputs")
KENT = ("unmitigated", "history", "mitigated", "adverse", "reform_2026")
VINTAGE = "2026-03"

# as --set takes them; the same names stand in the last column of the sheet
KENT_CHANGES: dict[str, float] = {
    "prices.top_up.state_special": 15_100,
    "prices.top_up.mainstream": 12_900,
    "prices.top_up.independent_nmss": 49_000,
    "prices.indices.provider_fees.2027-28": 0.045,
    "prices.indices.special_rates.2026-27": 0.01,
    "prices.place.state_special": 10_800,
    "prices.place_council_share.rp_unit": 0.7,
    "prices.line_share.mainstream.1.2.1": 0.4,
    "prices.line_share.mainstream.1.2.2": 0.6,
    "services.lines.sen_support.cost": 11_000_000,
    "services.lines.income_state.cost": 5_000_000,
    "services.council.transport.cost": 7_400,
    "funding.high_needs_block.growth.2027-28": 0.035,
    "funding.deductions.2024-25": 16_500_000,
    "funding.block_transfer.2026-27": 12_000_000,
    "support.instruments.safety_valve.payments.2026-27": 20_000_000,
    "support.instruments.stability_grant.share": 0.85,
    "support.balance.2025-03": -101_000_000,
    "support.agreement.gross_closing.2026-27": -300_000_000,
    "measures.independent_fees.effects.0.change": -0.5,
    "measures.independent_fees.effects.1.change": -0.06,
    "measures.services_review.effects.0.change": -0.08,
    "measures.communities_of_schools.costs.0.cost.2027-28": 6_000_000,
}
EXAMPLE_CHANGES: dict[str, float] = {
    "prices.top_up.state_special": 12_500,
    "prices.top_up.independent_nmss": 47_000,
    "prices.top_up.fe": 7_700,
    "prices.indices.school_costs.2026-27": 0.05,
    "prices.indices.independent_fees.2028-29": 0.0,
    "prices.line_share.rp_unit.1.2.1": 0.25,
    "prices.line_share.rp_unit.1.2.2": 0.75,
    "services.lines.inclusion.cost": 420_000,
    "services.lines.health_income.cost": 90_000,
    "funding.high_needs_block.growth.2027-28": 0.01,
    "funding.deductions_growth.2026-27": 0.05,
    "funding.block_transfer.2025-26": 350_000,
    "support.instruments.safety_valve.payments.2027-28": 400_000,
    "support.balance.2024-03": -3_400_000,
}


def project_forecasts(project: Project, names: tuple[str, ...], overrides: Mapping[str, Any]) -> tuple[Forecast, ...]:
    shared = Shared()
    return tuple(run_forecast(project, name, overrides=overrides, shared=shared, savings=False) for name in names)


@lru_cache
def kent() -> Project:
    return load_project(ROOT, VINTAGE)


@lru_cache
def kent_workbook() -> bytes:
    forecasts = project_forecasts(kent(), KENT, {})
    return write_workbook(forecasts, example_record(forecasts))


def written(forecasts: tuple[Forecast, ...]) -> bytes:
    return write_workbook(forecasts, example_record(forecasts))


def edited(content: bytes, changes: Mapping[str, float]) -> bytes:
    """The workbook with inputs changed by hand: found by the assumption named in the last column of Inputs."""
    book = load(content)
    sheet = book["Inputs"]
    header = [cell.value for cell in sheet[5]]
    for path, value in changes.items():
        stem, _, period = path.rpartition(".")
        found = [row for row in sheet.iter_rows(min_row=6) if row[-1].value in (path, stem)]
        assert found, path
        for row in found:
            if row[-1].value == path:
                cell = row[3]
            else:
                year = "2024-25" if period == "2025-03" else "Value" if period == "2024-03" else period
                cell = row[next(c for c, title in enumerate(header) if str(title).startswith(year))]
            assert isinstance(cell.value, (int, float)), (path, cell.coordinate, cell.value)
            cell.value = value
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def switched(content: bytes, switches: Mapping[tuple[str, str], float]) -> bytes:
    """The workbook with measures switched: (scenario, title) -> 0 to 1."""
    book = load(content)
    left = dict(switches)
    for row in book["Inputs"].iter_rows(min_row=6):
        scenario = str(row[0].value).removeprefix("Switches: ")
        if (scenario, row[1].value) in left and str(row[0].value).startswith("Switches"):
            row[3].value = left.pop((scenario, row[1].value))
    assert not left
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def differences(expected: bytes, found: bytes, sheets: tuple[str, ...] = FOLLOW) -> list[str]:
    """Where what was worked out again is not what the program says, beyond a penny."""
    places = {place: text for place, text in formulas(expected).items() if place[0] in sheets}
    assert len(places) > 500
    ours, theirs = values_at(expected, places), values_at(found, places)
    wrong = []
    for place, value in ours.items():
        other = theirs[place]
        same = value == other if isinstance(value, str) else (
            isinstance(other, (int, float)) and abs(float(other) - float(value or 0.0)) <= PENNY
        )  # fmt: skip
        if not same:
            wrong.append(f"{place}: program {value!r}, spreadsheet {other!r}")
    return wrong


def closings(content: bytes) -> dict[str, list[float]]:
    """Scenario -> closing balances."""
    rows = load(content, values=True)["Account"].iter_rows(min_row=6, values_only=True)
    return {str(row[0]): [float(value) for value in row[4:]] for row in rows if row[1] == "Closing balance"}


@pytest.mark.slow
@pytest.mark.libreoffice
def test_changes_in_the_workbook_give_what_the_program_gives_by_libreoffice(tmp_path: Path) -> None:
    expected = written(project_forecasts(kent(), KENT, KENT_CHANGES))
    found = recalculate_with_libreoffice(edited(kent_workbook(), KENT_CHANGES), tmp_path)
    assert closings(found) != closings(kent_workbook())
    assert not differences(expected, found)
    values = load(found, values=True)
    assert values["Cover"]["B6"].value.startswith("What-if: inputs differ")
    checks = [row[6] for row in values["Checks"].iter_rows(min_row=9, values_only=True)]
    assert "fail" not in checks
    assert "what-if" in checks


@pytest.mark.slow
def test_changes_in_the_workbook_give_what_the_program_gives_by_formualizer(tmp_path: Path) -> None:
    pytest.importorskip("formualizer", reason="formualizer is not installed")
    expected = written(project_forecasts(kent(), KENT, KENT_CHANGES))
    found = recalculate_with_formualizer(edited(kent_workbook(), KENT_CHANGES), tmp_path)
    assert not differences(expected, found)


@pytest.mark.slow
def test_the_example_council_is_reproduced(tmp_path: Path) -> None:
    pytest.importorskip("formualizer", reason="formualizer is not installed")
    expected = written(changed_forecasts(EXAMPLE_CHANGES))
    found = recalculate_with_formualizer(edited(written(example_forecasts()), EXAMPLE_CHANGES), tmp_path)
    assert not differences(expected, found)


@pytest.mark.slow
def test_one_change_alone_is_seen(tmp_path: Path) -> None:
    """The comparison can fail: a change made only in the workbook differs from the program."""
    pytest.importorskip("formualizer", reason="formualizer is not installed")
    content = written(example_forecasts())
    changed = edited(content, {"prices.top_up.state_special": 12_001})
    assert differences(content, recalculate_with_formualizer(changed, tmp_path))


def test_all_switches_off_is_the_scenario_without_measures(tmp_path: Path) -> None:
    """Off, the plan leaves the position of the scenario without it, in every year."""
    pytest.importorskip("formualizer", reason="formualizer is not installed")
    without, plan = example_forecasts()
    titles = [measure.title for measure in plan.scenario.measures]
    off = switched(written((without, plan)), {("mitigated", title): 0.0 for title in titles})
    rows = load(recalculate_with_formualizer(off, tmp_path), values=True)["Account"]
    found = {row[0]: row[4:] for row in rows.iter_rows(min_row=6, values_only=True) if row[1] == "In-year position"}
    assert found["mitigated"] == pytest.approx(list(without.account.in_year[0]), abs=PENNY)


@pytest.mark.slow
def test_any_measures_on_or_off_are_the_programs_runs(tmp_path: Path) -> None:
    """Combinations of the example's three measures, each run by the program with delivery set to nothing."""
    pytest.importorskip("formualizer", reason="formualizer is not installed")
    project = load_project(EXAMPLE)
    plan = example_forecasts()[1]
    content = written(example_forecasts())
    for members in itertools.product((0.0, 1.0), repeat=len(plan.scenario.measures)):
        switches = {
            ("mitigated", measure.title): member
            for measure, member in zip(plan.scenario.measures, members, strict=True)
        }
        overrides = {
            measure.delivery.path: 0.0
            for measure, member in zip(plan.scenario.measures, members, strict=True)
            if not member
        }
        engine = run_forecast(project, "mitigated", horizon=4, overrides=overrides, savings=False)
        folder = tmp_path / "".join(str(int(member)) for member in members)
        folder.mkdir()
        found = closings(recalculate_with_formualizer(switched(content, switches), folder))["mitigated"]
        assert found == pytest.approx(list(engine.account.closing[0]), abs=PENNY)


@pytest.mark.slow
def test_kents_measures_on_or_off_are_the_programs_runs(tmp_path: Path) -> None:
    """Sets of Kent's eleven measures, seeded: within £5,000 of £1.4bn, from price effects still growing."""
    pytest.importorskip("formualizer", reason="formualizer is not installed")
    generator = np.random.default_rng(6)
    measures = run_forecast(kent(), "mitigated", savings=False).scenario.measures
    for trial in range(3):
        members = generator.integers(0, 2, len(measures))
        off = [measure for measure, member in zip(measures, members, strict=True) if not member]
        switches = {(name, measure.title): 0.0 for measure in off for name in ("mitigated", "reform_2026")}
        engine = run_forecast(kent(), "mitigated", overrides={m.delivery.path: 0.0 for m in off}, savings=False)
        folder = tmp_path / str(trial)
        folder.mkdir()
        found = closings(recalculate_with_formualizer(switched(kent_workbook(), switches), folder))["mitigated"]
        assert np.abs(np.array(found) - engine.account.closing[0]).max() < 5_000.0


SCRIPT = """
import hashlib, locale, os, sys, time
locale.setlocale(locale.LC_ALL, "")
time.tzset()
from tests.fixtures_forecast import example_forecasts, example_record
from hnforecast.papers.workbook import write_workbook
forecasts = example_forecasts()
print(hashlib.sha256(write_workbook(forecasts, example_record(forecasts))).hexdigest())
"""


@pytest.mark.slow
def test_folder_time_zone_locale_and_hash_seed_change_no_byte(tmp_path: Path) -> None:
    found = set()
    for zone, language, seed in (("Pacific/Kiritimati", "de_DE.UTF-8", "1"), ("America/St_Johns", "C", "77")):
        folder = tmp_path / seed
        folder.mkdir()
        environment = {**os.environ, "TZ": zone, "LC_ALL": "C.UTF-8" if "de" in language else language}
        environment |= {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "LANG": language}
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT], cwd=folder, env=environment, capture_output=True, text=True, check=True
        )
        found.add(done.stdout.strip())
    assert len(found) == 1


def test_inputs_are_named_checked_and_the_same_as_run() -> None:
    content = written(example_forecasts())
    book, values = load(content), load(content, values=True)
    assert {"inputs_changed", "master_check", "in_top_up_state_special"} <= set(book.defined_names)
    rules = book["Inputs"].data_validations.dataValidation
    assert len(rules) >= len(example_forecasts()[1].scenario.measures)
    for here, there in zip(
        values["Inputs"].iter_rows(min_row=6, values_only=True),
        values["Inputs as run"].iter_rows(min_row=6, values_only=True),
        strict=True,
    ):
        assert here == there
    assert values["Inputs as run"]["B3"].value == 0


def test_every_chart_says_in_words_what_it_shows() -> None:
    files = zipfile.ZipFile(io.BytesIO(written(example_forecasts())))
    drawings = [files.read(name).decode() for name in files.namelist() if name.startswith("xl/drawings/drawing")]
    frames = sum(drawing.count("<xdr:graphicFrame") for drawing in drawings)
    words = [text for drawing in drawings for text in re.findall(r'descr="([^"]{30,})"', drawing)]
    charts = [files.read(name).decode() for name in files.namelist() if name.startswith("xl/charts/chart")]
    assert frames == len(words) == len(charts) == 6
    assert all("<c:title>" in chart and ("£m" in chart or "plans" in chart) for chart in charts)
    told_apart = ("prstDash", "pattFill", "<c:marker>")
    assert all(any(sign in chart for sign in told_apart) for chart in charts)


def test_text_that_looks_like_a_formula_stays_text() -> None:
    forecast = example_forecasts()[1]
    codes = forecast.scenario.vintage.codes
    hostile = "=HYPERLINK(1)"
    labels = dict.fromkeys(codes.labels, hostile)
    vintage = replace(forecast.scenario.vintage, codes=replace(codes, labels=labels))
    scenario = replace(forecast.scenario, vintage=vintage, title="+1+1")
    content = written((replace(forecast, scenario=scenario),))
    assert not [text for text in formulas(content).values() if "HYPERLINK" in text or text == "+1+1"]
    assert hostile in {cell for row in load(content)["Plan-years"].iter_rows(values_only=True) for cell in row}


EFFECT = """
  - driver: {driver}
    {where}
    change:
      {change}
      unit: {unit}
      from: 2025-04
      source: Invented
      published_on: 2026-02-27
      as_at: 2026-02-27
      status: judgement
      mark: confirmed
      owner: Head of SEND finance (invented)
      review_by: 2027-03-31
"""
EFFECTS: tuple[tuple[str, str, str, str], ...] = (
    ("unit_price", "placements: [mainstream, rp_unit, fe]", "value: -0.05", "share"),
    ("place_price", "placements: [state_special]", "value: -0.02", "share"),
    ("service_budget", "lines: [inclusion]", "value: -0.2", "share"),
    ("service_budget", "lines: [sen_support, therapies]", "by: {2027-28: -100000, 2028-29: -150000}", "gbp_year"),
    ("council_cost", "lines: [casework]", "value: -0.1", "share"),
    ("block_transfer", "", "by: {2027-28: 300000, 2028-29: 310000}", "gbp_year"),
)


@pytest.mark.slow
def test_every_kind_of_effect_on_money_is_in_the_model(tmp_path: Path) -> None:
    """A measure with one of each, growing over many months and waiting for another: on, and both switched off."""
    pytest.importorskip("formualizer", reason="formualizer is not installed")
    folder = copy_example(tmp_path)
    file = folder.root / "assumptions/measures/2026-03/local-places.yaml"
    other = file.read_text(encoding="utf-8").split("effects:")[0]
    effects = "".join(
        EFFECT.format(driver=driver, where=where, change=change, unit=unit) for driver, where, change, unit in EFFECTS
    )
    tail = "delivery:" + file.read_text(encoding="utf-8").split("\ndelivery:")[1]
    text = other.replace("local-places", "money").replace("Special places near home", "Money of every kind")
    waits = "depends_on:\n  - {measure: mainstream-support, limit: opening}\n"
    file.with_name("money.yaml").write_text(f"{text}{waits}effects:{effects}{tail}", encoding="utf-8")
    project = load_project(folder.root)
    forecasts = project_forecasts(project, ("unmitigated", "mitigated", "adverse"), {})
    plan = forecasts[1]
    assert "money" in {measure.name for measure in plan.scenario.measures}
    content = written(forecasts)
    places = formulas(content)
    found = recalculate_with_formualizer(with_wrong_values(content), tmp_path)
    assert not compare_all(values_at(content, places), values_at(found, places))
    titles = {m.name: m.title for m in plan.scenario.measures}
    needed, waiting = titles["mainstream-support"], titles["money"]
    without = closings(again(switched(content, {("mitigated", needed): 0.0}), tmp_path / "a"))["mitigated"]
    both = closings(again(switched(content, {("mitigated", needed): 0.0, ("mitigated", waiting): 0.0}), tmp_path / "b"))
    assert without == pytest.approx(both["mitigated"], abs=PENNY)
    overrides = {next(m for m in plan.scenario.measures if m.name == "mainstream-support").delivery.path: 0.0}
    engine = run_forecast(project, "mitigated", overrides=overrides, savings=False)
    assert without == pytest.approx(list(engine.account.closing[0]), abs=PENNY)


def again(content: bytes, folder: Path) -> bytes:
    folder.mkdir()
    return recalculate_with_formualizer(content, folder)


def compare_all(ours: Mapping[Any, Any], theirs: Mapping[Any, Any]) -> list[str]:
    return [
        f"{place}: {value!r} {theirs[place]!r}"
        for place, value in ours.items()
        if (value != theirs[place] if isinstance(value, str) else abs(float(theirs[place]) - float(value or 0)) > PENNY)
    ]
