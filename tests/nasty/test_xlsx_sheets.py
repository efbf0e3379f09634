"""Sheets as people make them: merged headings, totals, stale formulas. Read exactly, or refused with the cell."""

from __future__ import annotations

from datetime import date, time

import openpyxl
import pandas
import xlsxwriter

from hnforecast.base.errors import InputError, Problems
from hnforecast.inputs import Column, read_workbook_table
from tests.nasty.workbooks import GOOD, HEADER, read, refuse, workbook


class TestTheSheet:
    def test_missing(self, tmp_path):
        refuse(
            workbook(tmp_path),
            "plans.xlsx: The workbook lacks a sheet [HN235]",
            "  found: Plans",
            "  expected: Costs",
            sheet="Costs",
        )

    def test_another_header(self, tmp_path):
        refuse(
            workbook(tmp_path, [("census_year", "placement", "plan", "gbp"), *GOOD[1:]]),
            "plans.xlsx, sheet 'Plans', cell C1: A column that is not expected [HN208]",
            "  found: plan",
            "  Did you mean 'plans'?",
            "plans.xlsx, sheet 'Plans', cell A1:D1: Missing column plans [HN207]",
            "  found: census_year, placement, plan, gbp",
            "  expected: census_year, placement, plans, gbp",
        )

    def test_merged_header(self, tmp_path):
        refuse(
            workbook(tmp_path, change=lambda sheet: sheet.merge_cells("D1:E1")),
            "plans.xlsx, sheet 'Plans', cell D1:E1: Merged cells in the table [HN238]",
            "  Unmerge them in Excel and write the value in each cell.",
        )

    def test_merged_cells_below(self, tmp_path):
        rows = (HEADER, (2025, "mainstream", 10, 1), (2025, "rp_unit", 20, None))
        refuse(
            workbook(tmp_path, rows, change=lambda sheet: sheet.merge_cells("D2:D3")),
            "plans.xlsx, sheet 'Plans', cell D2:D3: Merged cells in the table [HN238]",
            "  Unmerge them in Excel and write the value in each cell.",
        )

    def test_total_row(self, tmp_path):
        refuse(
            workbook(tmp_path, [*GOOD, (2025, "Total", 30, None)]),
            "plans.xlsx, sheet 'Plans', cell B4  placement: A total among the rows [HN211]",
            "  found: 'Total'",
            "  expected: single rows only",
            "  Delete the row: totals are worked out here, and would count everything twice.",
        )

    def test_same_row_twice(self, tmp_path):
        refuse(
            workbook(tmp_path, [*GOOD, (2025, "rp_unit", 21, None)]),
            "plans.xlsx, sheet 'Plans', cell A4:D4: The same row twice [HN212]",
            "  found: census_year 2025, placement rp_unit",
            "  expected: each once; it is also on A3:D3",
        )

    def test_blank_row_and_notes_below(self, tmp_path):
        refuse(
            workbook(tmp_path, [*GOOD, (), ("Source: SEN2", None, None, None)]),
            "plans.xlsx, sheet 'Plans', cell A4:D4: A blank row inside the table [HN210]",
            "  Delete it, or move what stands below the table to another sheet or file.",
            "plans.xlsx, sheet 'Plans', cell A5  census_year: Not a number [HN214]",
            "  found: 'Source: SEN2'",
            "  expected: a year such as 2025",
            "plans.xlsx, sheet 'Plans', cell B5  placement: An empty cell where a value is needed [HN213]",
            "  expected: a value",
            "plans.xlsx, sheet 'Plans', cell C5  plans: An empty cell where a value is needed [HN213]",
            "  expected: a value",
        )

    def test_something_beside_the_table(self, tmp_path):
        refuse(
            workbook(tmp_path, change=lambda sheet: sheet.cell(2, 7, "checked by me")),
            "plans.xlsx, sheet 'Plans', cell A2:D2: The row is not as long as the header [HN209]",
            "  found: 7 values",
            "  expected: 4 values",
            "  Move what stands beside the table to another sheet.",
        )

    def test_in_use_far_below(self, tmp_path):
        refuse(
            workbook(tmp_path, change=lambda sheet: sheet.cell(300_000, 1, " ")),
            "plans.xlsx, sheet 'Plans': The sheet is in use far beyond a table [HN232]",
            "  found: 300,000 rows and 4 columns in use",
            "  expected: 200,000 rows and 1,000 columns or fewer",
            "  Select the empty rows and columns beyond the table, delete them, and save.",
        )


class TestTheCell:
    def one(self, tmp_path, cell, value, *message, number_format=None):
        def change(sheet):
            sheet[cell] = value
            if number_format:
                sheet[cell].number_format = number_format

        refuse(workbook(tmp_path, change=change), *message)

    def test_error(self, tmp_path):
        self.one(
            tmp_path, "C2", "#REF!",
            "plans.xlsx, sheet 'Plans', cell C2  plans: The cell holds the error #REF! [HN237]",
            "  expected: a value",
            "  Mend the formula in Excel and save.",
        )  # fmt: skip

    def test_formula_never_calculated(self, tmp_path):
        self.one(
            tmp_path, "C2", "=5+5",
            "plans.xlsx, sheet 'Plans', cell C2  plans: The formula has no saved value [HN236]",
            "  expected: a value",
            "  Open the workbook in Excel, let it calculate, and save it.",
        )  # fmt: skip

    def test_code_turned_into_a_date(self, tmp_path):
        self.one(
            tmp_path, "B2", date(2025, 11, 15),
            "plans.xlsx, sheet 'Plans', cell B2  placement: A date where a code or text belongs [HN219]",
            "  expected: text",
            "  Excel may have turned it into a date; retype it as text.",
        )  # fmt: skip

    def test_number_turned_into_a_date(self, tmp_path):
        self.one(
            tmp_path, "C2", date(2025, 3, 1),
            "plans.xlsx, sheet 'Plans', cell C2  plans: Not a number [HN214]",
            "  expected: a whole number such as 42 or 1,042",
        )  # fmt: skip

    def test_time_of_day(self, tmp_path):
        self.one(
            tmp_path, "C2", time(10, 30),
            "plans.xlsx, sheet 'Plans', cell C2  plans: A time of day where a value belongs [HN219]",
            "  expected: a value",
        )  # fmt: skip

    def test_truth_value(self, tmp_path):
        self.one(
            tmp_path, "C2", True,
            "plans.xlsx, sheet 'Plans', cell C2  plans: Not a number [HN214]",
            "  found: True",
            "  expected: a whole number such as 42 or 1,042",
        )  # fmt: skip

    def test_percentage_for_money(self, tmp_path):
        self.one(
            tmp_path, "D2", 0.05,
            "plans.xlsx, sheet 'Plans', cell D2  gbp: A percentage where none is expected [HN218]",
            "  found: 0.05 shown as a percentage",
            "  expected: pounds such as 1,234.50, £1,234 or (1,234)",
            number_format="0%",
        )  # fmt: skip

    def test_part_of_a_plan(self, tmp_path):
        self.one(
            tmp_path, "C2", 10.5,
            "plans.xlsx, sheet 'Plans', cell C2  plans: Not a whole number [HN215]",
            "  found: 10.5",
            "  expected: a whole number such as 42 or 1,042",
        )  # fmt: skip

    def test_unique_pupil_number(self, tmp_path):
        self.one(
            tmp_path, "B2", "A123456789012",
            "plans.xlsx, sheet 'Plans', cell B2  placement: This looks like a UPN [HN302]",
            "  expected: no personal data",
            "  The value is not shown. Only counts belong here: remove it before giving the file to the program.",
        )  # fmt: skip


def test_read_exactly(tmp_path):
    wanted = pandas.DataFrame(
        {
            "census_year": [2025, 2025],
            "placement": ["mainstream", "rp_unit"],
            "plans": [10, 20],
            "gbp": [1234.5, float("nan")],
        }
    )
    pandas.testing.assert_frame_equal(read(workbook(tmp_path)), wanted)
    with_title = [("Plans by placement",), ("Each January",), (), *GOOD, (), (None, "", None)]
    pandas.testing.assert_frame_equal(read(workbook(tmp_path, with_title), " plans "), wanted)


def test_shares_follow_the_format_of_their_cell(tmp_path):
    path = tmp_path / "shares.xlsx"
    book = openpyxl.Workbook()
    for row in (("line", "share", "percent"), ("1.2.3", 0.07, 0.07), ("1.2.4", 0.07, 7)):
        book.active.append(row)
    book.active["B2"].number_format = book.active["C2"].number_format = "0.0%"
    book.save(path)
    columns = (Column("line", "code"), Column("share", "share"), Column("percent", "percent"))
    table = read_workbook_table(path, "Sheet", columns, root=tmp_path)
    assert table["share"].tolist() == [0.07, 0.07]
    assert table["percent"].tolist() == [7.0, 7.0]


def test_saved_formula_values_are_read_with_a_notice(tmp_path):
    path = tmp_path / "plans.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Plans")
        for position, row in enumerate(GOOD):
            sheet.write_row(position, 0, [cell for cell in row if cell is not None])
        sheet.write_formula("C3", "=C2*2", None, 20)
    notices = Problems(InputError)
    assert read(path, notices=notices)["plans"].tolist() == [10, 20]
    assert [str(notice) for notice in notices] == [
        "plans.xlsx, sheet 'Plans', cell C3: 1 formula read as last saved [HN240]\n"
        "  Save the workbook in Excel if anything it depends on has changed."
    ]


def test_hidden_rows_and_columns_are_read_with_a_notice(tmp_path):
    def change(sheet):
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["D"].hidden = True
        sheet.auto_filter.ref = "A1:D3"

    notices = Problems(InputError)
    assert len(read(workbook(tmp_path, change=change), notices=notices)) == 2
    assert [str(notice) for notice in notices] == [
        "plans.xlsx, sheet 'Plans': 1 hidden row by a filter read like the others [HN239]\n"
        "  found: rows 3\n"
        "  Show them, and delete those that do not count.",
        "plans.xlsx, sheet 'Plans': Hidden columns read like the others [HN239]\n  found: columns D",
    ]


def test_identifiers_kept_as_numbers_are_read_with_a_notice(tmp_path):
    path = tmp_path / "codes.xlsx"
    book = openpyxl.Workbook()
    for row in (("old_la_code", "plans"), (886, 20635)):
        book.active.append(row)
    book.save(path)
    notices = Problems(InputError)
    columns = (Column("old_la_code", "authority"), Column("plans", "whole"))
    table = read_workbook_table(path, "Sheet", columns, root=tmp_path, notices=notices)
    assert table["old_la_code"].tolist() == ["886"]
    assert [str(notice) for notice in notices] == [
        "codes.xlsx, sheet 'Sheet', cell A2  old_la_code: Identifiers are kept as numbers, "
        "which drops leading noughts [HN241]\n  found: 886\n  Format the column as Text."
    ]


def test_text_that_looks_like_a_formula_is_text(tmp_path):
    path = tmp_path / "notes.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Notes")
        sheet.write_string("A1", "note")
        sheet.write_string("A2", "=cmd|'/c calc'!A1")
    table = read_workbook_table(path, "Notes", (Column("note"),), root=tmp_path)
    assert table["note"].tolist() == ["=cmd|'/c calc'!A1"]
