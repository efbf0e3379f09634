"""Reads the lists that targets and sensitivities rest on, from `inputs/codes/`: levers and settlements, as data."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from hnforecast.base.errors import InputError, Place, Problem, Problems
from hnforecast.base.shipped import shipped_folder

Row = Mapping[str, str]


def read_list(root: Path, name: str, columns: Sequence[str], numbers: Sequence[str] = ()) -> list[Row]:
    """The rows of a list: the council's own, or the one shipped with the tool.

    Args:
        root: the council folder.
        name: of the file, without ending.
        columns: its header, in order.
        numbers: the columns that hold a finite number in every row.

    Raises:
        InputError: the file cannot be read, has another header, or a cell that is not what its column holds.
    """
    own = root / "inputs" / "codes" / f"{name}.csv"
    path = own if own.is_file() else shipped_folder("codes") / f"{name}.csv"
    file = f"codes/{name}.csv"
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            lines = [line for line in csv.reader(stream) if any(line)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(Problem("HN220", "Code list cannot be read", Place(file=file), type(error).__name__)) from None
    if not lines or lines[0] != list(columns):
        found = ",".join(lines[0]) if lines else "an empty file"
        raise InputError(Problem("HN220", "Wrong header", Place(file=file, line=1), found, ",".join(columns)))
    problems = Problems(InputError)
    rows: list[Row] = []
    for number, cells in enumerate(lines[1:], start=2):
        place = Place(file=file, line=number)
        if len(cells) != len(columns):
            problems.add("HN220", "Wrong number of values", place, found=len(cells), expected=str(len(columns)))
            continue
        row = dict(zip(columns, (cell.strip() for cell in cells), strict=True))
        for column in numbers:
            if not _is_number(row[column]):
                problems.add("HN220", f"Not a number in column {column}", place, found=row[column])
        rows.append(row)
    problems.raise_any()
    return rows


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
