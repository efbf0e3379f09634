"""Returns: forms as data, what is checked before writing, seals and the chain, tidy data, plans by need."""

from __future__ import annotations

import csv
import io
import json
import shutil
import stat
from dataclasses import replace
from datetime import datetime, tzinfo
from pathlib import Path

import numpy as np
import pytest
from openpyxl import load_workbook

from hnforecast.base.errors import ReconciliationError, UsageError
from hnforecast.quarter.period import ReturnPeriod, monitored_quarter
from hnforecast.quarter.returns import list_forms, load_form, parse_return_period
from hnforecast.quarter.returns.build import BuiltReturn
from hnforecast.quarter.returns.document import read_document
from hnforecast.quarter.returns.make import Last, fill_form, find_last, return_folder, write_return
from hnforecast.quarter.returns.needs import need_shares, plans_by_group, plans_by_need
from hnforecast.quarter.returns.seal import is_sealed
from hnforecast.quarter.returns.verify import verify
from tests.fixtures_returns import (
    EXAMPLE,
    example_forecast,
    example_gathered,
    example_project,
    example_return,
)

FORMS = ("dsg-management-plan", "local-send-reform-plan", "safety-valve-quarterly", "safety-valve-termly")
QUARTERLY = "safety-valve-quarterly"


def write(root: Path, period: str, *, seal: bool = True, form: str = QUARTERLY) -> Path:
    """Write a return of the invented council below a folder, tied to the one before where there is one."""
    definition = load_form(EXAMPLE, form)
    when = parse_return_period(period, definition.definition.periods.kind)
    quarter = monitored_quarter(when, definition.definition.periods.quarters or ())
    last = find_last(root, form, when, None, seal)
    gathered = example_gathered(form, period)
    built, passed = fill_form(definition, gathered, last, quarter)
    target = return_folder(root, when, form)
    write_return(target, when, quarter, built, passed, gathered, last, seal=seal)
    return target


@pytest.mark.parametrize("name", FORMS)
def test_every_form_loads_fills_and_ties(name: str) -> None:
    assert set(list_forms(EXAMPLE)) == set(FORMS)
    built = example_return(name, "2025-26-T2" if name.endswith("termly") else "2025-26-Q2")
    assert all(table.rows or table.form.none for table in built.tables.values())


def test_periods_step_back_over_the_year() -> None:
    assert str(parse_return_period("2026-27-Q1").before) == "2025-26-Q4"
    assert str(parse_return_period("2025/26 t1", "T").before) == "2024-25-T3"
    assert str(monitored_quarter(ReturnPeriod(2025, "T", 1), ("-Q4", "Q1", "Q2"))) == "2024-25-Q4"
    assert ReturnPeriod(2026, "Q", 1).ordinal == ReturnPeriod(2025, "Q", 4).ordinal + 1


def test_placement_tabs_have_the_departments_rows_in_its_order_and_spelling() -> None:
    built = example_return("dsg-management-plan")
    ages = [str(row.cells[0]) for row in built.tables["by_age_mainstream"].rows]
    assert ages == [
        *("Under 5", "Age 5 to 10", "Age 11 to 15", "Age 16 to 19", "Age 20 to 25", "Total number by Age Group")
    ]
    assert [str(row.cells[0]) for row in built.tables["by_age_post_16"].rows] == ages[3:]
    needs = [str(row.cells[0]) for row in built.tables["by_need_special"].rows]
    assert needs[0] == "Autistic Spectrum Disorder"
    assert needs[3] == "Multi- Sensory Impairment"
    assert needs[5] == "Profound & Multiple Learning Difficulty"
    assert needs[10] == "Visual Impairment"
    assert needs[-2:] == [
        "SEN support but no specialist assessment of type of need",
        "Total number of EHCPs by primary need",
    ]
    assert len(needs) == 14


def test_plans_by_need_keep_both_margins() -> None:
    """Proportional fitting: sums over needs are the plans by age band; sums over groups follow need by age."""
    forecast = example_forecast()
    codes = example_project().vintage.codes
    needs = example_needs()
    found = need_shares(needs, codes)
    assert found is not None
    year, shares = found
    assert np.allclose(shares.sum(axis=1), 1.0)
    by_need = plans_by_need({"mitigated": forecast}, codes, shares, 2025)
    by_age = plans_by_group({"mitigated": forecast}, codes, 2025)
    keys = ["census_year", "group", "age_band"]
    assert np.allclose(by_need.groupby(keys)["plans"].sum(), by_age.groupby(keys)["plans"].sum())
    last = by_need[by_need["census_year"] == forecast.clock.censuses[-1]]
    expected = forecast.plans.january[0, -1].sum(axis=1) @ shares
    assert np.allclose([last[last["need"] == need]["plans"].sum() for need in codes.needs], expected)
    assert year == 2025
    assert last["status"].str.contains("est.").all()


def example_needs():  # type: ignore[no-untyped-def]
    """Needs that differ by age, none counted under 4, so that the nearest age stands in."""
    import pandas as pd

    codes = example_project().vintage.codes
    rows = [(2025, age, need, 1 + (age * 7 + n * 3) % 11) for age in range(4, 26) for n, need in enumerate(codes.needs)]
    return pd.DataFrame(rows, columns=["census_year", "age", "need", "plans"])


def changed_source(name: str, column: str, row: int, value: object) -> None:
    """Fill the quarterly form with one figure of one source changed; raises what the checks say."""
    form, gathered = load_form(EXAMPLE, QUARTERLY), example_gathered()
    table = gathered.sources[name].copy()
    table[column] = table[column].astype(object)
    table.iloc[row, table.columns.get_loc(column)] = value
    fill_form(form, replace(gathered, sources={**gathered.sources, name: table}), Last(), ReturnPeriod(2025, "Q", 2))


@pytest.mark.parametrize(
    ("source", "column", "row", "value", "said"),
    [
        ("monitoring.outturn_by_line", "actual_to_date", 0, 1.0, "Actual to date is the ledger, to the penny"),
        (
            "monitoring.outturn_by_line",
            "forecast_outturn",
            0,
            1e9,
            "Outturn by line adds up to the spend of the account",
        ),
        ("monitoring.outturn_by_line", "price", 0, 1e6, "A row does not add up"),
        ("monitoring.position", "forecast", 2, 5.0, "A table does not add up"),
        ("monitoring.position", "forecast", 1, -5.0, "A figure has the wrong sign"),
        ("monitoring.plans_by_placement", "actual", 0, -1.0, "A figure has the wrong sign"),
        ("monitoring.plans_by_placement", "forecast_january", 0, 9e4, "Plans by age band add up to plans by placement"),
        ("monitoring.measures", "rag", 0, "Blue", "Not one of the words this cell may hold"),
        ("monitoring.capital", "budget", 0, "a lot", "Words stand where a number belongs"),
        ("monitoring.capital", "scheme", 0, None, "A blank cell that nothing explains"),
        ("monitoring.measures", "narrative", 0, "x" * 1501, "A text is too long for the form"),
    ],
)
def test_one_wrong_figure_stops_the_return(source: str, column: str, row: int, value: object, said: str) -> None:
    with pytest.raises(ReconciliationError) as caught:
        changed_source(source, column, row, value)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("factor", "hint"), [(1 / 1000, "one is in £000s, the other in £"), (-1, "differ in sign alone")]
)
def test_thousands_and_turned_signs_are_named(factor: float, hint: str) -> None:
    form, gathered = load_form(EXAMPLE, QUARTERLY), example_gathered()
    ledger = gathered.sources["ledger"].assign(gbp=gathered.sources["ledger"]["gbp"] * factor)
    with pytest.raises(ReconciliationError, match=hint):
        fill_form(
            form, replace(gathered, sources={**gathered.sources, "ledger": ledger}), Last(), ReturnPeriod(2025, "Q", 2)
        )


def test_quarters_in_sequence_are_sealed_in_a_chain(tmp_path: Path) -> None:
    folders = [write(tmp_path, f"2025-26-Q{quarter}") for quarter in (1, 2, 3)]
    verdict = verify(folders[-1], None)
    assert not verdict.problems
    assert verdict.chain == (f"{QUARTERLY} 2025-26-Q2", f"{QUARTERLY} 2025-26-Q1")
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o444 for path in folders[0].iterdir())
    with pytest.raises(ReconciliationError, match="never overwritten"):
        write(tmp_path, "2025-26-Q3")


def test_a_new_year_opens_where_the_last_one_closed(tmp_path: Path) -> None:
    for period in ("2025-26-Q4", "2026-27-Q1"):
        folder = write(tmp_path, period)
    document = read_document(folder)
    said = [check["what"] for check in document["checks"]]
    assert "The balance brought forward is the one the last return carried forward" in said
    assert document["previous"] == {"form": QUARTERLY, "period": "2025-26-Q4"}


def test_a_return_that_does_not_follow_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path, "2025-26-Q1", seal=False)
    document = json.loads((folder / "return.json").read_bytes())
    cells = next(row for row in document["tables"]["position"]["rows"] if row["key"] == "opening")["cells"]
    cells[2] += 1_000_000.0
    (folder / "return.json").write_text(json.dumps(document))
    with pytest.raises(ReconciliationError) as caught:
        write(tmp_path, "2025-26-Q2", seal=False)
    assert "does not follow from the last one [HN718]" in str(caught.value)
    assert "difference -1,000,000.00" in str(caught.value)


def test_a_gap_and_an_unsealed_return_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "2025-26-Q1", seal=False)
    with pytest.raises(ReconciliationError, match="not sealed"):
        write(tmp_path, "2025-26-Q2")
    with pytest.raises(ReconciliationError, match="A return is missing between this one and the last"):
        write(tmp_path, "2025-26-Q3")


def test_one_flipped_byte_names_the_file_and_its_part(tmp_path: Path) -> None:
    folder = write(tmp_path, "2025-26-Q1")
    path = next(folder.glob("*.xlsx"))
    raw = bytearray(path.read_bytes())
    path.chmod(0o644)
    for position in range(200, len(raw), max(1, len(raw) // 12)):
        changed = bytearray(raw)
        changed[position] ^= 0x01
        path.write_bytes(bytes(changed))
        problems = verify(folder, None).problems
        assert problems, f"byte {position} went unnoticed"
        assert all(problem.place.file == path.name for problem in problems)
    path.write_bytes(bytes(raw))
    assert not verify(folder, None).problems


@pytest.mark.parametrize("pattern", ["*[0-9].csv", "*.meta.csv", "return.json"])
def test_one_flipped_byte_of_a_text_names_file_and_line(tmp_path: Path, pattern: str) -> None:
    folder = write(tmp_path, "2025-26-Q1")
    path = next(folder.glob(pattern))
    raw = path.read_bytes()
    path.chmod(0o644)
    for position in range(0, len(raw), max(1, len(raw) // 8)):
        changed = bytearray(raw)
        changed[position] ^= 0x01
        path.write_bytes(bytes(changed))
        problems = verify(folder, None).problems
        assert {problem.place.file for problem in problems} == {path.name}
        assert raw[:position].count(b"\n") + 1 in {problem.place.line for problem in problems}


def test_the_part_of_a_workbook_is_named(tmp_path: Path) -> None:
    """A byte inside the compressed part of one sheet: that part, and no other."""
    import zipfile

    folder = write(tmp_path, "2025-26-Q1")
    path = next(folder.glob("*.xlsx"))
    with zipfile.ZipFile(path) as archive:
        part = archive.getinfo("xl/worksheets/sheet5.xml")
    raw = bytearray(path.read_bytes())
    raw[part.header_offset + 30 + len(part.filename) + part.compress_size // 2] ^= 0x01
    path.chmod(0o644)
    path.write_bytes(bytes(raw))
    (problem,) = verify(folder, None).problems
    assert "xl/worksheets/sheet5.xml" in str(problem.place)
    assert problem.place.file == path.name


def test_a_seal_is_shown_to_compare_with_paper(tmp_path: Path) -> None:
    folder = write(tmp_path, "2025-26-Q1")
    before = verify(folder, None).seal
    assert before is not None
    assert len(before) == 64
    seal = folder / "seal.json"
    seal.chmod(0o644)
    seal.write_text(seal.read_text(encoding="utf-8").replace('"sealed_at": "2', '"sealed_at": "3', 1), encoding="utf-8")
    assert verify(folder, None).seal != before  # nothing else can tell: the paper does


def test_a_changed_cell_is_named(tmp_path: Path) -> None:
    folder = write(tmp_path, "2025-26-Q1")
    path = next(folder.glob("*.xlsx"))
    book = load_workbook(path)
    book["9 Capital and provision"]["B6"] = 21
    path.chmod(0o644)
    book.save(path)
    found = [(problem.place.sheet, problem.place.cell, problem.what) for problem in verify(path, None).problems]
    assert ("9 Capital and provision", "B6", "A cell was changed") in found


def test_a_changed_line_a_missing_file_and_an_added_one_are_named(tmp_path: Path) -> None:
    folder = write(tmp_path, "2025-26-Q1")
    data = next(path for path in folder.glob("*.csv") if "meta" not in path.name)
    meta = next(folder.glob("*.meta.csv"))
    lines = data.read_text(encoding="utf-8").split("\n")
    lines[4] = lines[4].replace("1", "2", 1)
    data.chmod(0o644)
    data.write_text("\n".join(lines), encoding="utf-8", newline="")
    meta.unlink()
    (folder / "notes.txt").write_text("x")
    found = {(problem.place.file, problem.place.line, problem.what) for problem in verify(folder, None).problems}
    assert found == {
        (data.name, 5, "A line was changed"),
        (meta.name, None, "A file is missing"),
        ("notes.txt", None, "A file was added"),
    }


class _Later(datetime):
    """A clock an hour ahead."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> _Later:
        return cls.fromtimestamp(datetime.now(tz).timestamp() + 3600, tz)


def test_a_rewritten_earlier_return_shows_in_the_later_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where the earlier return was sealed anew, at a later time, so that it proves itself."""
    first, second = write(tmp_path, "2025-26-Q1"), write(tmp_path, "2025-26-Q2")
    shutil.rmtree(first)
    monkeypatch.setattr("hnforecast.quarter.returns.seal.datetime", _Later)
    write(tmp_path, "2025-26-Q1")
    assert not verify(first, None).problems
    codes = [problem.code for problem in verify(second, None).problems]
    assert codes == ["HN742"]


def test_a_copy_elsewhere_is_recognised(tmp_path: Path) -> None:
    (tmp_path / "assumptions").mkdir()
    (tmp_path / "inputs").mkdir()
    folder = write(tmp_path, "2025-26-Q1")
    copy = tmp_path / "mailed.xlsx"
    copy.write_bytes(next(folder.glob("*.xlsx")).read_bytes())
    assert "a true copy of" in verify(copy, tmp_path).subject
    copy.write_bytes(b"something else")
    with pytest.raises(UsageError, match="no file of any sealed return"):
        verify(copy, tmp_path)


def test_the_same_return_gives_the_same_bytes(tmp_path: Path) -> None:
    one, two = (write(tmp_path / name, "2025-26-Q1", seal=False) for name in ("a", "b"))
    for path in one.iterdir():
        assert path.read_bytes() == (two / path.name).read_bytes(), path.name
    assert not is_sealed(one)


def test_workbook_holds_every_figure_and_explains_every_blank(tmp_path: Path) -> None:
    folder = write(tmp_path, "2025-26-Q1", seal=False)
    built = example_return(QUARTERLY, "2025-26-Q1")
    values = load_workbook(next(folder.glob("*.xlsx")), data_only=True)
    assert values.sheetnames == [*(section.sheet for section in built.form.sections), "Checks"]
    for name, table in built.tables.items():
        seen = {cell.value for row in values[table.sheet].iter_rows() for cell in row}
        for row in table.rows:
            for value in row.cells:
                assert value is None or value in seen or any(close(value, other) for other in seen), (
                    name,
                    row.key,
                    value,
                )
    assert not [
        cell.coordinate for row in values["4d Outturn by line"].iter_rows(min_row=6) for cell in row if cell.value == ""
    ]


def close(value: object, other: object) -> bool:
    numbers = isinstance(value, (int, float)) and isinstance(other, (int, float))
    return numbers and abs(float(value) - float(other)) < 1e-6  # type: ignore[arg-type]


def test_tidy_data_keep_the_open_data_standard(tmp_path: Path) -> None:
    folder = write(tmp_path, "2025-26-Q1", seal=False)
    data = next(path for path in folder.glob("*.csv") if "meta" not in path.name)
    rows = list(csv.DictReader(io.StringIO(data.read_text(encoding="utf-8"))))
    meta = list(csv.DictReader(io.StringIO(next(folder.glob("*.meta.csv")).read_text(encoding="utf-8"))))
    assert data.name == data.name.lower()
    described = [row["col_name"] for row in meta]
    mandatory = list(rows[0])[:10]
    assert mandatory == [
        *("time_period", "time_identifier", "geographic_level", "country_code", "country_name", "region_code"),
        *("region_name", "old_la_code", "new_la_code", "la_name"),
    ]
    assert list(rows[0])[10:] == described
    assert {row["time_period"] for row in rows} == {"202526"}
    assert {row["time_identifier"] for row in rows} == {"Financial year Q1"}
    filters = [row["col_name"] for row in meta if row["col_type"] == "Filter"]
    indicators = [row["col_name"] for row in meta if row["col_type"] == "Indicator"]
    for row in rows:
        assert sum(row[name] != "z" for name in indicators) == 1
    assert all(
        "Total" in {row[name] for row in rows} for name in filters if name in ("item", "measure", "reference_period")
    )
    keys = [tuple(row[name] for name in filters) + tuple(row[name] != "z" for name in indicators) for row in rows]
    assert len(keys) == len(set(keys)), "two observations cannot be told apart"


def test_every_table_of_the_return_is_in_its_document(tmp_path: Path) -> None:
    built: BuiltReturn = example_return(QUARTERLY, "2025-26-Q1")
    document = read_document(write(tmp_path, "2025-26-Q1", seal=False))
    assert set(document["tables"]) == set(built.tables)
    assert document["closed_ledger"]["rows"]
