"""The first table of docs/accuracy.md: tests whose outcomes nobody had, kept as rows of data."""

from __future__ import annotations

import csv
from pathlib import Path

from hnforecast.history.backtest.blind import HEADING, NEEDED, STORED, read_blind, with_blind_section
from tests.fixtures_forecast import ROOT

PAGE = "# How accurate\n\nWritten by a command.\n\n## Error by years ahead\n\ntext\n"


def test_the_rows_kept_are_the_first_table() -> None:
    rows = read_blind(ROOT)
    assert [row["error"] for row in rows[:5]] == ["3.70", "5.99", "8.07", "10.03", "11.65"]
    assert [row["inside_80"] for row in rows[:5]] == ["83", "83", "79", "79", "80"]
    page = with_blind_section(PAGE, rows)
    assert page.index("# How accurate") < page.index(HEADING) < page.index("## Error by years ahead")
    assert page.replace(page[page.index(HEADING) : page.index("## Error")], "") == PAGE
    assert page.count("\n| ") == len(rows) + 1


def test_the_page_in_docs_has_them() -> None:
    page = (ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8")
    assert page.index(HEADING) == page.index("## ")
    for row in read_blind(ROOT):
        assert f"| {row['sample']} | {row['forecast_from']} | {row['outcome']} |" in page


def test_a_new_edition_adds_a_row(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    row = dict.fromkeys(NEEDED, "") | {"sample": "the pack", "forecast_from": "2026", "outcome": "2027", "error": "3.1"}
    with (tmp_path / STORED).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, NEEDED)
        writer.writeheader()
        writer.writerow(row)
    page = with_blind_section(PAGE, read_blind(tmp_path))
    assert "| the pack | 2026 | 2027 | 3.1 |" in page  # columns nobody fills are left out


def test_without_rows_the_page_is_as_it_was(tmp_path: Path) -> None:
    assert with_blind_section(PAGE, read_blind(tmp_path)) == PAGE
    (tmp_path / "docs").mkdir()
    (tmp_path / STORED).write_text("a,b\n1,2\n", encoding="utf-8")
    assert with_blind_section(PAGE, read_blind(tmp_path)) == PAGE
