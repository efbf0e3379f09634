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
