"""A rectangle of cells and the rules a table must keep, the same for CSV files and workbook sheets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hnforecast.base.errors import Place
from hnforecast.inputs.columns import Column


@dataclass(frozen=True)
class Sheet:
    """A rectangle of cells and where each stands.

    Attributes:
        header: header cells as written.
        rows: cells below it, ragged as found; text, or typed values of a workbook. None and "" are blank.
        place: place of row r (-1 for the header), column c (None for the whole row), named as `path`.
        all_text: every cell is text, as in a CSV file.
        comma_ambiguous: a comma in a number may be a decimal comma.
    """

    header: Sequence[object]
    rows: Sequence[Sequence[object]]
    place: Callable[[int, int | None, str], Place]
    all_text: bool = False
    comma_ambiguous: bool = False


@dataclass(frozen=True)
class Rules:
    """What a table must be: its columns, its key, and what it may hold besides.

    Attributes:
        columns: the columns, in the order wanted.
        key: names of the columns that identify a row; empty where rows may repeat.
        allow_extra: columns not listed are left out with a notice, not refused.
        allow_totals: "Total" is a published category here.
    """

    columns: Sequence[Column]
    key: Sequence[str] = ()
    allow_extra: bool = False
    allow_totals: bool = False


def blank(cell: object) -> bool:
    """Whether a cell holds nothing but space."""
    return cell is None or (isinstance(cell, str) and not cell.strip())
