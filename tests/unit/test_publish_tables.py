"""What is published of a run: accessible, tied to the run, and the same cells withheld in workbook and tidy files."""

from __future__ import annotations

import csv
import io
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from openpyxl import load_workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.table import Table as SheetTable
from scipy.optimize import linprog

from hnforecast.base.errors import InputError
from hnforecast.papers.published import Publication, broken_rules, publish, read_rules
from hnforecast.papers.published.book import write_book
from hnforecast.papers.published.layout import cover_lines, note_rows
from hnforecast.papers.published.money_tables import account_table
from hnforecast.papers.published.plan_counts import _flows
from hnforecast.papers.run_reading import FinishedRun, latest_run, read_run
from hnforecast.writing.csvtext import PLACE, TIME, Authority

EXAMPLE = Path(__file__).resolve().parents[2] / "outputs" / "example"
LIMIT = 5


@pytest.fixture(scope="module")
def run() -> FinishedRun:
    return read_run(EXAMPLE)


@pytest.fixture(scope="module")
def published(run: FinishedRun) -> Publication:
    authority = Authority("E12000008", "South East", "999", "E10000999", run.council)
    return publish(run, authority, read_rules(None))


def book_of(published: Publication) -> bytes:
    return next(content for name, content in published.files.items() if name.endswith(".xlsx"))


def rows_of(published: Publication, ending: str) -> list[dict[str, str]]:
    name = next(name for name in published.files if name.endswith(f"{ending}.csv"))
    return list(csv.DictReader(io.StringIO(published.files[name].decode())))


def test_the_workbook_keeps_every_rule_of_the_checklist(published: Publication) -> None:
    assert broken_rules(book_of(published)) == {}


def hide_row(book: Any) -> None:
    book["Account"].row_dimensions[7].hidden = True


def text_number(book: Any) -> None:
    book["Account"]["D8"] = "1,234"


def add_table(book: Any) -> None:
    book["Account"].add_table(SheetTable(displayName="second", ref="A6:B8"))


def rename_table(book: Any) -> None:
    table = book["Account"].tables.pop("account")
    table.name = table.displayName = "Table1"
    book["Account"].add_table(table)


def change(sheet: str, cell: str, name: str, value: object) -> Callable[[Any], object]:
    return lambda book: setattr(book[sheet][cell], name, value)


def unlink(book: Any) -> None:
    book["Contents"]["A4"].hyperlink = None


BREAKS: dict[str, Callable[[Any], object]] = {
    "the document has a title, an author and a language": lambda book: setattr(book.properties, "language", None),
    "cover, contents and notes come first": lambda book: book.move_sheet("Cover", 2),
    "the workbook opens on its first sheet, at the top": lambda book: setattr(book, "active", 3),
    "sheets have short names that mean something": lambda book: setattr(book["Flows"], "title", "Sheet12"),
    "every sheet has its own title in A1, marked as a heading": change("Flows", "A1", "style", "Normal"),
    "every sheet says in A2 what it holds": change("Flows", "A2", "value", None),
    "every sheet but the cover holds one table": add_table,
    "the table starts in column A and nothing lies outside it": change("Flows", "H3", "value", "aside"),
    "tables have names of their own that mean something": rename_table,
    "no cells are merged": lambda book: book["Account"].merge_cells("A1:C1"),
    "no sheet, row or column is hidden": hide_row,
    "no table has a filter": lambda book: setattr(book["Account"].auto_filter, "ref", "A6:H20"),
    "no panes are frozen": lambda book: setattr(book["Account"], "freeze_panes", "B7"),
    "links say where they lead, and the contents lead to every sheet": unlink,
    "every column has a header of its own, bold and wrapped": change("Account", "B6", "value", "Scenario"),
    "no cell, row or column of a table is empty": change("Account", "C8", "value", None),
    "numbers are stored as numbers, and as values": text_number,
    "columns of numbers name their unit": change("Account", "D6", "value", "Opening"),
    "shorthand and notes are explained on the Notes sheet": change("Account", "D8", "value", "[q]"),
    "no symbol stands for a note": change("Account", "A8", "value", "Plan*"),
    "letters are sans serif, 12 points or more, not italic or underlined": change(
        "Account", "A8", "font", Font(name="Arial", sz=12, i=True)
    ),
    "nothing is said by colour alone": change("Account", "D8", "fill", PatternFill("solid", "FFFFC7CE")),
    "ink stands out from paper": change("Account", "A1", "font", Font(name="Arial", sz=16, b=True, color="FFBBBBBB")),
    "everything fits its cell": lambda book: setattr(book["Account"].column_dimensions["D"], "width", 3),
}  # fmt: skip


@pytest.fixture(scope="module")
def saved(run: FinishedRun) -> bytes:
    """A small workbook of the same writer, to break."""
    tables = [account_table(run), _flows(run)]
    notes = note_rows(run, read_rules(None), 3)
    content = write_book("Title", run.council, run.created, cover_lines(run, read_rules(None)), notes, tables)
    assert broken_rules(content) == {}
    return content


@pytest.mark.parametrize("rule", BREAKS)
def test_each_rule_fails_on_a_workbook_that_breaks_it(saved: bytes, rule: str) -> None:
    book = load_workbook(io.BytesIO(saved))
    BREAKS[rule](book)
    stream = io.BytesIO()
    book.save(stream)
    assert rule in broken_rules(stream.getvalue())


@pytest.mark.parametrize(
    ("part", "content", "rule"),
    [
        ("xl/vbaProject.bin", b"", "no macro, link to another file or embedded object is in it"),
        ("xl/drawings/drawing9.xml", b"<xdr:cNvPr id='1'/>", "pictures and charts have alternative text"),
    ],
)
def test_what_hides_in_the_zip_is_found(saved: bytes, part: str, content: bytes, rule: str) -> None:
    stream = io.BytesIO(saved)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr(part, content)
    assert rule in broken_rules(stream.getvalue())


def test_every_rule_of_the_checklist_is_proven_to_fail() -> None:
    from hnforecast.papers.published.checklist import RULES

    zipped = {
        "no macro, link to another file or embedded object is in it",
        "pictures and charts have alternative text",
    }
    assert set(BREAKS) | zipped == set(RULES)


def test_an_adversary_solving_the_tidy_file_narrows_no_withheld_count(published: Publication) -> None:
    rows = [row for row in rows_of(published, "_plans") if row["status"] == "Actual count"]
    for january in sorted({row["time_period"] for row in rows}):
        check_january([row for row in rows if row["time_period"] == january])


def check_january(rows: list[dict[str, str]]) -> None:
    # unknowns: plans by single age and placement; every published figure is a sum of some of them
    places = sorted({row["placement"] for row in rows} - {"Total"})
    band_of = {int(row["age"]): row["age_band"] for row in rows if row["age"] != "Total"}
    cells = [(age, place) for age in band_of for place in places]

    def covers(row: dict[str, str]) -> list[float]:
        return [
            float(
                row["age_band"] in ("Total", band_of[age])
                and row["age"] in ("Total", str(age))
                and row["placement"] in ("Total", place)
            )
            for age, place in cells
        ]

    known = [row for row in rows if row["plans"] != "c"]
    hidden = [row for row in rows if row["plans"] == "c"]
    assert hidden
    matrix, totals = np.array([covers(row) for row in known]), np.array([float(row["plans"]) for row in known])
    for row in hidden:
        ends = []
        for sign in (1, -1):
            found = linprog(sign * np.array(covers(row)), A_eq=matrix, b_eq=totals, bounds=(0, None))
            assert found.status == 0
            ends.append(sign * found.fun)
        assert ends[1] - ends[0] >= LIMIT - 1e-6, row


def test_no_small_count_of_the_run_is_shown(run: FinishedRun, published: Publication) -> None:
    labels = run.codes.labels, run.codes.band_labels
    shown = {
        (row["time_period"], row["age_band"], row["placement"]): row["plans"]
        for row in rows_of(published, "_plans")
        if row["age"] == "Total"
    }
    base = run.vintage.manifest.base_census
    for row in run.tables["plans"]:
        if int(row["census_year"]) <= base and 0 < float(row["central"]) < LIMIT:
            key = (row["census_year"], labels[1][row["age_band"]], labels[0][row["placement"]])
            assert shown[key] == "c"


def test_workbook_and_tidy_file_withhold_the_same_cells(run: FinishedRun, published: Publication) -> None:
    book = load_workbook(io.BytesIO(book_of(published)), read_only=False)
    sheet = book["Plans by age and placement"]
    ref = next(iter(sheet.tables.values())).ref
    body = [[cell.value for cell in row] for row in sheet[ref]]
    tidy = {
        (row["scenario"], row["time_period"], row["age_band"], row["placement"]): row["plans"]
        for row in rows_of(published, "_plans")
        if row["age"] == "Total"
    }
    compared = 0
    for row in body[1:]:
        for header, value in zip(body[0][3:], row[3:], strict=True):
            january = header.split()[1].rstrip(",")
            scenario = "All scenarios" if "actual" in header else row[0]
            there = tidy[scenario, january, row[1], "Total" if row[2] == "All placements" else row[2]]
            assert there == ({"[c]": "c", "[low]": "low"}.get(value) or str(int(value)))
            compared += 1
    assert compared > 500


def test_totals_published_are_those_of_the_run(run: FinishedRun, published: Publication) -> None:
    account = rows_of(published, "_account")
    for row in account:
        year = f"{row['time_period'][:4]}-{row['time_period'][4:]}"
        scenario = next(name for name in run.scenarios if run.label(name) == row["scenario"])
        closing = run.cell("account", "central", scenario=scenario, financial_year=year, item="closing")
        assert closing is not None
        assert int(row["closing_gbp"]) == round(closing)
    spend = rows_of(published, "_spend")
    assert {row["net_spend_gbp"] for row in spend if row["s251_line"] == row["placement"] == "Total"}.isdisjoint({"c"})


def test_every_tidy_file_has_the_columns_of_time_and_place_and_a_meta_file(published: Publication) -> None:
    names = [name for name in published.files if name.endswith(".csv") and not name.endswith(".meta.csv")]
    assert len(names) == 5
    for name in names:
        header = published.files[name].decode().splitlines()[0].split(",")
        assert tuple(header[: len(TIME) + len(PLACE)]) == (*TIME, *PLACE)
        meta = list(csv.DictReader(io.StringIO(published.files[name.replace(".csv", ".meta.csv")].decode())))
        assert [row["col_name"] for row in meta] == header[len(TIME) + len(PLACE) :]
        cells = published.files[name].decode().replace("\n", ",").split(",")
        assert not {"nan", "inf", "None", ""} & set(cells[:-1])


@pytest.mark.slow
def test_the_same_run_gives_the_same_bytes(run: FinishedRun, published: Publication) -> None:
    authority = Authority("E12000008", "South East", "999", "E10000999", run.council)
    assert publish(read_run(EXAMPLE), authority, read_rules(None)).files == published.files


def test_a_changed_run_is_refused_and_every_change_named(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(EXAMPLE, folder)
    path = folder / "tables" / "account.csv"
    path.write_bytes(path.read_bytes().replace(b"-194412.27", b"-194412.28"))
    (folder / "charts" / "deficit-by-scenario.png").unlink()
    with pytest.raises(InputError) as raised:
        read_run(folder)
    assert {problem.place.file for problem in raised.value.problems[1:]} == {
        "tables/account.csv",
        "charts/deficit-by-scenario.png",
    }
    assert raised.value.problems[0].code == "HN822"


@pytest.mark.parametrize("content", [None, b"", b"[]", b"{}", b'{"schema": "another/9"}'])
def test_a_folder_that_is_no_finished_run_is_refused(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "run.json").write_bytes(content)
    with pytest.raises(InputError, match="HN821"):
        read_run(tmp_path)


def test_the_latest_run_is_the_one_made_last(tmp_path: Path) -> None:
    assert latest_run(tmp_path / "none") is None
    for name, created in (("b", "2026-11-20T10:00:00+00:00"), ("a", "2026-11-21T10:00:00+00:00")):
        shutil.copytree(EXAMPLE, tmp_path / name)
        path = tmp_path / name / "run.json"
        path.write_text(re.sub(r'"created": "[^"]+"', f'"created": "{created}"', path.read_text()))
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "run.json").write_text("{")
    assert latest_run(tmp_path) == tmp_path / "a"
    assert latest_run(tmp_path, lambda manifest: manifest["council"] == "Elsewhere") is None


def test_noughts_are_withheld_where_the_rules_say_so(run: FinishedRun, tmp_path: Path) -> None:
    folder = tmp_path / "inputs" / "templates"
    folder.mkdir(parents=True)
    own = Path("inputs/templates/publishing.yaml").read_text().replace("show_zero: true", "show_zero: false")
    (folder / "publishing.yaml").write_text(own)
    rules = read_rules(tmp_path)
    assert rules.show_zero is False
    (folder / "publishing.yaml").write_text(own.replace("value: 5", "value: 1"))
    with pytest.raises(InputError, match=r"publishing\.yaml"):
        read_rules(tmp_path)
