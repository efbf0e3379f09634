"""The committee workbook: its order, its formulas and the values they carry, its pages, and what it refuses."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import openpyxl
import pytest

from hnforecast.base.errors import OutputError
from hnforecast.papers.workbook import SHEETS, write_workbook
from hnforecast.papers.workbook.content import COMBINATIONS
from hnforecast.writing.xlsx.book import Book, check_written
from hnforecast.writing.xlsx.numbers import GBP_THOUSANDS, PERCENT, YEAR
from tests.fixtures_forecast import example_forecasts, example_record, with_draws, with_money
from tests.workbooks import formulas, load, values_at

NAMES = [name for name, _, _ in SHEETS]
TIME_SHEETS = ("Account", "Funding", "Spend by line", "Savings", "Plans by placement", "Summary")


@pytest.fixture(scope="module")
def content() -> bytes:
    forecasts = example_forecasts()
    return write_workbook(forecasts, example_record(forecasts))


@pytest.fixture(scope="module")
def book(content: bytes) -> openpyxl.Workbook:
    return load(content)


def header_row(sheet: Any) -> int:
    (table,) = sheet.tables.values()
    return int(re.match(r"[A-Z]+(\d+)", table.ref)[1])  # type: ignore[index]


def test_sheets_stand_in_order_with_short_names(book: openpyxl.Workbook) -> None:
    assert book.sheetnames == NAMES
    assert NAMES[:3] == ["Cover", "Contents", "Notes"]
    assert all(len(name) < 31 for name in NAMES)
    assert book.active is not None
    assert book.active.title == "Cover"


def test_every_sheet_is_one_table_under_a_title_and_a_purpose(book: openpyxl.Workbook) -> None:
    for sheet in book:
        assert sheet["A1"].value
        assert sheet["A2"].value
        (table,) = sheet.tables.values()
        first, last = table.ref.split(":")
        headers = [cell.value for cell in sheet[first : re.sub(r"\d+", re.sub(r"\D", "", first), last)][0]]
        assert all(isinstance(header, str) and header for header in headers), sheet.title
        assert len(set(headers)) == len(headers), sheet.title


def test_no_table_has_an_empty_or_merged_cell(book: openpyxl.Workbook) -> None:
    for sheet in book:
        assert not sheet.merged_cells.ranges
        (table,) = sheet.tables.values()
        empty = [cell.coordinate for row in sheet[table.ref] for cell in row if cell.value in (None, "")]
        assert not empty, f"{sheet.title}: {empty[:5]}"


def test_money_says_its_unit_and_sign_in_the_title(book: openpyxl.Workbook) -> None:
    for name in ("Summary", "Account", "Spend by line", "Funding", "Savings"):
        assert "£000s" in book[name]["A1"].value
    for name in ("Summary", "Account"):
        assert "(deficit) or surplus" in book[name]["A1"].value


def test_the_same_year_stands_in_the_same_column_everywhere(book: openpyxl.Workbook) -> None:
    for name in ("Account", "Funding", "Spend by line", "Savings", "Summary"):
        sheet = book[name]
        row = header_row(sheet)
        assert sheet.cell(row, 5).value == "2024-25 outturn", name
        assert sheet.cell(row, 6).value == "2025-26 forecast", name


def test_pages_are_ready_to_print(book: openpyxl.Workbook) -> None:
    record = example_record(example_forecasts())
    for sheet in book:
        setup = sheet.page_setup
        wide = 1 if sheet.title != COMBINATIONS else 5  # a page a year
        assert (setup.orientation, setup.paperSize, setup.fitToWidth or 1) == ("landscape", 9, wide)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_title_rows
        assert sheet.print_area
        assert record.short in sheet.oddFooter.left.text
        assert f"hnforecast {record.version}" in sheet.oddFooter.left.text


def test_columns_are_as_wide_as_their_longest_number(book: openpyxl.Workbook) -> None:
    """Three hashes in place of a number are what no test of values sees."""
    for forecasts in (example_forecasts(), tuple(with_money(forecast, 4_000.0) for forecast in example_forecasts())):
        large = load(write_workbook(forecasts, example_record(forecasts)), values=True)
        for name in TIME_SHEETS:
            sheet = large[name]
            for column in sheet.iter_cols(min_row=header_row(sheet) + 1, min_col=5):
                numbers = [cell.value for cell in column if isinstance(cell.value, (int, float))]
                if name != "Plans by placement":
                    longest = max(
                        (len(GBP_THOUSANDS.shown(value)) for value in numbers if abs(value) > 3000), default=0
                    )
                    assert sheet.column_dimensions[column[0].column_letter].width >= longest, name


def test_the_sign_rule_is_told_in_words_beside_the_numbers(content: bytes, book: openpyxl.Workbook) -> None:
    values = load(content, values=True)["Account"]
    rows = {(row[0].value, row[1].value): row for row in values.iter_rows(min_row=6)}
    for scenario in ("unmitigated", "mitigated"):
        numbers, words = rows[scenario, "Closing balance"], rows[scenario, "Closing balance, in words"]
        assert [word.value for word in words[4:]] == [
            "deficit" if cell.value < 0 else "surplus" for cell in numbers[4:]
        ]


def test_formulas_carry_the_engines_values(content: bytes) -> None:
    forecast = example_forecasts()[1]
    sheet = load(content, values=True)["Account"]
    rows = {(row[0].value, row[1].value): [cell.value for cell in row[4:]] for row in sheet.iter_rows(min_row=6)}
    expected = {
        "In-year position": forecast.account.in_year[0],
        "Closing balance": forecast.account.closing[0],
        "Closing before contributions": forecast.account.gross_closing[0],
        "Opening balance": forecast.account.opening[0],
    }
    for item, values in expected.items():
        assert rows["mitigated", item] == pytest.approx(list(values), abs=0.005), item


def test_the_account_is_live(content: bytes) -> None:
    found = formulas(content)
    sheet = load(content)["Account"]
    items = [row[1].value for row in sheet.iter_rows(min_row=6)]
    for item in ("In-year position", "Closing balance", "Closing before contributions", "Funding", "Spend"):
        row = 6 + items.index(item)
        assert ("Account", f"F{row}") in found, item
    opening = 6 + items.index("Opening balance")
    assert found["Account", f"F{opening}"] == f"=E{6 + items.index('Closing balance')}"


def test_no_formula_holds_a_number_of_its_own(content: bytes) -> None:
    # what is left beside nought and one: places rounded to, the digit of a combination, the two ends of a blend
    allowed = re.compile(r"(?:ROUND\([^()]*,[02]\)|(?<=[<>=,(+*-])[01](?=[-+*/,)]|$)|[<>=]0|(?<=,)\d,1\)|-2\))")
    for place, formula in formulas(content).items():
        rest = allowed.sub("", re.sub(r'"[^"]*"', "", formula))
        numbers = re.findall(r"(?<![A-Za-z$\d.!'])\d+\.?\d*(?![\d]*[A-Za-z(!])", rest)
        assert not numbers, f"{place}: {formula}"


def test_checks_read_nought_and_feed_the_cover(content: bytes) -> None:
    values = load(content, values=True)
    checks = values["Checks"]
    rows = list(checks.iter_rows(min_row=9, values_only=True))
    passed = all(check.passed for forecast in example_forecasts() for check in forecast.checks)
    ours = [row for row in rows if not str(row[1]).startswith("Engine")]
    assert len(ours) == 21  # nine totals and the rolling a scenario, and the weights of the one with measures
    assert all(row[5] == 0 and row[6] == "pass" for row in ours)
    assert (values["Cover"]["B6"].value == "All checks pass") == passed
    assert formulas(content)["Cover", "B6"] == "=master_check"


def test_the_chart_has_alt_text(content: bytes) -> None:
    drawing = zipfile.ZipFile(io.BytesIO(content)).read("xl/drawings/drawing1.xml").decode()
    alt = re.search(r'descr="([^"]+)"', drawing)
    assert alt is not None
    assert "mitigated" in alt[1]
    assert "deficit" in alt[1]


def test_contents_link_to_every_sheet(book: openpyxl.Workbook) -> None:
    links = {
        cell.value: cell.hyperlink.location for row in book["Contents"]["A6:A40"] for cell in row if cell.hyperlink
    }
    assert list(links) == NAMES
    assert all(location == f"'{name}'!A1" for name, location in links.items())


def test_every_assumption_used_is_listed_with_its_source(book: openpyxl.Workbook) -> None:
    sheet = book["Assumptions"]
    listed = {row[0] for row in sheet.iter_rows(min_row=6, values_only=True)}
    vintage = example_forecasts()[1].scenario.vintage
    assert {path for path in vintage.values if not path.startswith("measures.")} <= listed
    assert all(row[7] for row in sheet.iter_rows(min_row=6, values_only=True))


def test_inputs_are_blue_on_pale_yellow(book: openpyxl.Workbook) -> None:
    cell = next(row[2] for row in book["Assumptions"].iter_rows(min_row=6) if isinstance(row[2].value, float))
    assert (cell.font.color.rgb, cell.fill.fgColor.rgb) == ("FF0000C0", "FFFFFFE0")
    assert {cell.font.name for sheet in book for row in sheet.iter_rows() for cell in row if cell.value} == {"Arial"}


def test_same_run_same_bytes(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    forecasts = example_forecasts()
    assert write_workbook(forecasts, example_record(forecasts)) == content


def test_draws_add_the_range_of_the_balance() -> None:
    forecasts = (with_draws(example_forecasts()[1]),)
    sheet = load(write_workbook(forecasts, example_record(example_forecasts())))["Account"]
    items = [row[1] for row in sheet.iter_rows(min_row=6, values_only=True)]
    assert [item for item in items if "p10" in item or "p90" in item] == [
        "Closing before contributions: p10",
        "Closing before contributions: p90",
    ]


@pytest.fixture
def empty_book() -> Book:
    from datetime import datetime

    return Book("Title", "Council", datetime(2026, 1, 1), "footer")  # noqa: DTZ001  the file holds a time without a zone


def test_text_stays_text(empty_book: Book) -> None:
    sheet = empty_book.sheet("One", "Title", "Purpose")
    hostile = ["=1+1", "+1", "-1", "@SUM(A1)", "http://example.org", '=HYPERLINK("x")', "0012", "1e5"]
    for row, text in enumerate(hostile, start=5):
        sheet.text(row, 0, text)
    read = load(empty_book.to_bytes())["One"]
    assert [read.cell(row + 1, 1).value for row in range(5, 5 + len(hostile))] == hostile
    assert {read.cell(row + 1, 1).data_type for row in range(5, 5 + len(hostile))} == {"s"}
    assert not any(cell.hyperlink for row in read.iter_rows() for cell in row)


def test_cells_are_written_as_the_library_writes_them() -> None:
    """The shorter way of writing cells gives the library's bytes."""
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

    from hnforecast.writing.xlsx.quick import QuickWorksheet

    files = []
    for kind in (Worksheet, QuickWorksheet):
        stream = io.BytesIO()
        book = Workbook(stream, {"in_memory": True})
        sheet = book.add_worksheet("One", kind)
        form = book.add_format({"bold": True})
        for row, value in enumerate([1, -0.1, 1e-17, 123456789.123456789, 1e300]):
            sheet.write_number(row, 0, value, form)
            sheet.write_number(row, 700, value)
            sheet.write_formula(row, 1, '=A1*2&"<&>"', form, value)
        for row, text in enumerate(["plain", 'a < b & "c"', "=1+1", " "]):
            sheet.write_string(row, 2, text, form)
            sheet.write_formula(row, 3, "=IF(A1<0,1,2)", form, text)
        if kind is QuickWorksheet:
            assert sheet.write_row_of_numbers(6, 0, [1.5, 2.5], form) == 0
            assert sheet.write_row_of_numbers(6, 16_384, [1.5], form) == -1
        else:
            sheet.write_number(6, 0, 1.5, form)
            sheet.write_number(6, 1, 2.5, form)
        book.close()
        files.append(zipfile.ZipFile(stream).read("xl/worksheets/sheet1.xml"))
    assert files[0] == files[1]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_not_a_number_is_never_written(empty_book: Book, value: float) -> None:
    sheet = empty_book.sheet("One", "Title", "Purpose")
    with pytest.raises(TypeError):
        sheet.worksheet.write_number(0, 0, value)


@pytest.mark.parametrize("name", ["History", "a" * 32, "in/out", "what?"])
def test_sheet_names_no_spreadsheet_takes_are_refused(empty_book: Book, name: str) -> None:
    with pytest.raises(OutputError, match="A sheet cannot have this name"):
        empty_book.sheet(name, "Title", "Purpose")


def test_what_the_library_drops_without_a_word_is_an_error(empty_book: Book) -> None:
    sheet = empty_book.sheet("One", "Title", "Purpose")
    with pytest.raises(OutputError, match="sheet 'One', cell A4: A text is too long for a cell"):
        sheet.text(3, 0, "x" * 40_000)
    with pytest.raises(OutputError, match="outside what a spreadsheet holds"):
        sheet.text(2_000_000, 0, "x")
    check_written(0, "One", "A1")


@pytest.mark.parametrize(
    ("form", "value", "shown"),
    [
        (GBP_THOUSANDS, -277_060_499.0, "(277,060)"),
        (GBP_THOUSANDS, 499.0, "0 "),
        (PERCENT, 0.0625, "6.25% "),
        (YEAR, 2026, "2026 "),
    ],
)
def test_numbers_show_as_their_format_says(form: Any, value: float, shown: str) -> None:
    assert form.shown(value) == shown


def test_large_and_small_money_checks_out_alike() -> None:
    forecasts = tuple(with_money(forecast, 1_000.0) for forecast in example_forecasts())
    content = write_workbook(forecasts, example_record(forecasts))
    places = {
        place: formula for place, formula in formulas(content).items() if place[0] == "Checks" and place[1][0] == "F"
    }
    assert {value for value in values_at(content, places).values() if value} <= {check_over(forecasts)}


def check_over(forecasts: tuple[Any, ...]) -> float:
    return max(max(0.0, check.worst - check.tolerance) for forecast in forecasts for check in forecast.checks)
