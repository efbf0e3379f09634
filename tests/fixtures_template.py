"""An invented official workbook: merged headers, formulas, validation, a text box, names, protection."""

from __future__ import annotations

import io
from pathlib import Path

from xlsxwriter import Workbook

STALE = 999.0  # what the template's formulas show until someone works them out


def official_template(path: Path) -> Path:
    """Write the workbook: entry cells C4 to E6 of Financial, totals below, protection, names, a text box."""
    stream = io.BytesIO()
    book = Workbook(stream, {"in_memory": True})
    entry = book.add_format({"locked": False, "bg_color": "#FFFFCC", "num_format": "#,##0"})
    total = book.add_format({"bold": True, "num_format": "#,##0"})
    header = book.add_format({"bold": True, "align": "center", "border": 1})
    cover = book.add_worksheet("Cover")
    cover.write("A1", "Official return (invented)")
    cover.write("A3", "Authority")
    cover.write_blank("B3", None, entry)
    cover.write("A4", "Rating")
    cover.write_blank("B4", None, entry)
    cover.data_validation("B4", {"validate": "list", "source": ["Green", "Amber", "Red"]})
    cover.insert_textbox("D3", "Guidance: fill the yellow cells only.")
    sheet = book.add_worksheet("Financial")
    sheet.merge_range("A1:E1", "Financial summary (£)", header)
    sheet.merge_range("A2:B3", "Row", header)
    for column, year in enumerate(("2025-26", "2026-27", "2027-28"), start=2):
        sheet.write(2, column, year, header)
    for row, label in enumerate(("Income", "Spend", "In-year"), start=3):
        sheet.write(row, 0, label)
        if row < 5:
            for column in range(2, 5):
                sheet.write_blank(row, column, None, entry)
    for column in range(2, 5):
        letter = "CDE"[column - 2]
        sheet.write_formula(5, column, f"={letter}4-{letter}5", total, STALE)
    sheet.write_formula("C7", "=SUM(C6:E6)", total, STALE)
    sheet.data_validation("C4:E5", {"validate": "decimal", "criteria": ">=", "value": 0})
    sheet.protect("")
    book.define_name("Entry_Income", "=Financial!$C$4")
    book.define_name("Entry_Block", "=Financial!$C$4:$E$5")
    notes = book.add_worksheet("Notes")
    notes.write("A1", "Formulas elsewhere")
    notes.write_formula("A2", "=Financial!C7*2", None, STALE)
    notes.set_row(4, None, None, {"hidden": True})
    book.close()
    path.write_bytes(stream.getvalue())
    return path


MAP = """
form: dsg-management-plan
template: Official return (invented), version 1
cells:
  - {sheet: Cover, cell: B3, text: "Exampleshire & <District>"}
  - {sheet: Cover, cell: B4, text: Amber}
  - {name: Entry_Income, table: finance_mitigated, row: income, column: "2025-26"}
blocks:
  - {sheet: Financial, start: D4, table: finance_mitigated, rows: [income, spend], columns: ["2026-27", "2027-28"]}
  - {sheet: Financial, start: C5, table: finance_mitigated, rows: [spend], columns: ["2025-26"]}
"""


def write_map(path: Path, text: str = MAP) -> Path:
    """Write a map."""
    path.write_text(text, encoding="utf-8")
    return path
