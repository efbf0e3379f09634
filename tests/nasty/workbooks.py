"""Workbooks for the tests of the reader: each is made in the test's own folder, none is kept."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas
import pytest

from hnforecast.base.errors import InputError, Problems
from hnforecast.inputs import Column, read_workbook_table

COLUMNS = (
    Column("census_year", "year"),
    Column("placement", "code", choices=("mainstream", "rp_unit")),
    Column("plans", "whole", high=100_000),
    Column("gbp", "money", required=False),
)
HEADER = ("census_year", "placement", "plans", "gbp")
GOOD = (HEADER, (2025, "mainstream", 10, 1234.5), (2025, "rp_unit", 20, None))


def workbook(folder: Path, rows=GOOD, change: Callable[[object], None] | None = None) -> Path:
    """A workbook with one sheet, Plans, holding the rows from A1."""
    path = folder / "plans.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Plans"
    for row in rows:
        sheet.append(list(row))
    if change:
        change(sheet)
    book.save(path)
    return path


def read(path: Path, sheet: str = "Plans", notices: Problems | None = None, **options) -> pandas.DataFrame:
    return read_workbook_table(
        path, sheet, COLUMNS, root=path.parent, key=("census_year", "placement"), notices=notices, **options
    )


def refuse(path: Path, *message: str, sheet: str = "Plans") -> None:
    with pytest.raises(InputError) as caught:
        read(path, sheet)
    assert str(caught.value) == "\n".join(message)
    assert caught.value.exit_code == 2


def with_part(path: Path, name: str, content: bytes = b"x", stored: bool = False) -> Path:
    """The workbook with one more part in its zip."""
    with zipfile.ZipFile(path, "a", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return path


def with_text(path: Path, part: str, old: bytes, new: bytes) -> Path:
    """The workbook with text of one part replaced."""
    with zipfile.ZipFile(path) as archive:
        parts = {entry: archive.read(entry) for entry in archive.namelist()}
    assert old in parts[part]
    parts[part] = parts[part].replace(old, new, 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path
