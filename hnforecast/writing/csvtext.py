"""A table as rows of codes and numbers, and its text as CSV: plain, exact, and safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.writing.style import fixed

Cell = str | int | float | None

# A spreadsheet takes a cell that begins so for a formula (OWASP ASVS 1.2.10); numbers are written as numbers and stay.
ACTIVE = ("=", "+", "-", "@", "\t", "\r")

PENCE, PLAN_PLACES, SHARE_PLACES = 2, 4, 6


@dataclass(frozen=True)
class Table:
    """One CSV of a run.

    Args:
        name: file name without ending.
        columns: header, a contract with whoever reads the file.
        rows: one row an observation; None and NaN are blank, text is a code or a label.
        places: decimals of the float columns; None for as many as the number has.
    """

    name: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    places: int | None = PENCE


@lru_cache(maxsize=10_000)
def safe_text(text: str) -> str:
    """Text that no spreadsheet takes for a formula: a leading = + - @ TAB or CR gets an apostrophe before it."""
    return f"'{text}" if text.startswith(ACTIVE) else text


def to_csv(table: Table) -> bytes:
    """The table as UTF-8 CSV with line feeds, the same bytes for the same table on every system.

    Raises:
        ValueError: a row has not one value for each column, or holds an infinity.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(table.columns)
    for row in table.rows:
        if len(row) != len(table.columns):
            raise ValueError(f"{table.name}: a row of {len(row)} values under {len(table.columns)} columns")
        writer.writerow([_cell(value, table.places) for value in row])
    return stream.getvalue().encode("utf-8")


def _cell(value: Cell, places: int | None) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return safe_text(value)
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if math.isnan(value):
        return ""
    return f"{float(value):.12g}" if places is None else fixed(float(value), places)


def quantile_cells(draws: FloatArray | None, levels: Iterable[float]) -> FloatArray | None:
    """Quantiles of a signed quantity over its draws, levels last; None where only the central run was made.

    p10 of a balance is its worse end, because a deficit is negative.

    Args:
        draws: (d, ...) values, or None.
        levels: shares between 0 and 1.
    """
    if draws is None or draws.shape[0] < 2:
        return None
    ordered = np.sort(np.ascontiguousarray(np.moveaxis(draws, 0, -1)), axis=-1)
    return np.stack([_between(ordered, level) for level in levels], axis=-1)


def _between(ordered: FloatArray, level: float) -> FloatArray:
    """A quantile of draws in order, the last axis, as np.quantile has it: it would put them in order once more."""
    rank = level * (ordered.shape[-1] - 1)
    below = int(rank)
    low, high = ordered[..., below], ordered[..., min(below + 1, ordered.shape[-1] - 1)]
    share, apart = rank - below, high - low
    found: FloatArray = low + apart * share if share < 0.5 else high - apart * (1.0 - share)
    return found


def at(cells: FloatArray | None, index: tuple[int, ...], count: int) -> list[Cell]:
    """The quantiles of one observation, or so many blanks."""
    return [None] * count if cells is None else [float(value) for value in cells[index]]


# The form Explore Education Statistics takes tidy data in.

COUNTRY = ("E92000001", "England")
LEVEL = "Local authority"
TIME = ("time_period", "time_identifier")
PLACE = (
    "geographic_level", "country_code", "country_name", "region_code", "region_name", "old_la_code", "new_la_code",
    "la_name",
)  # fmt: skip
META = (
    "col_name", "col_type", "label", "indicator_grouping", "indicator_unit", "indicator_dp", "filter_hint",
    "filter_grouping_column",
)  # fmt: skip
TOTAL, NOT_APPLICABLE = "Total", "z"


@dataclass(frozen=True)
class Authority:
    """Whose figures they are, in the columns every local authority row has."""

    region_code: str
    region_name: str
    old_la_code: str
    new_la_code: str
    la_name: str

    def place(self) -> tuple[str, ...]:
        """The cells of PLACE."""
        return (
            LEVEL, *COUNTRY, self.region_code, self.region_name, self.old_la_code, self.new_la_code, self.la_name,
        )  # fmt: skip


def year_period(first: int) -> str:
    """A financial or academic year as it is written there: 202526."""
    return f"{first}{(first + 1) % 100:02d}"


def meta_file(
    filters: Sequence[tuple[str, str]], indicators: Sequence[tuple[str, str, str, int]], grouping: str
) -> bytes:
    """The file that describes the columns of another.

    Args:
        filters: (column, label).
        indicators: (column, label, unit, decimals).
        grouping: heading over the indicators.
    """
    rows: list[list[Cell]] = [[name, "Filter", label, "", "", "", label, ""] for name, label in filters]
    rows += [[name, "Indicator", label, grouping, unit, places, "", ""] for name, label, unit, places in indicators]
    return to_csv(Table("meta", META, rows))
