"""What a published table is before it is a sheet or a file: its title, what it says of itself, columns and rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from hnforecast.writing.style import round_half_up

Kind = Literal["text", "thousands", "plans", "percent"]
Shown = str | float | None

WITHHELD, LOW, NOT_AVAILABLE, NOT_APPLICABLE = "[c]", "[low]", "[x]", "[z]"
SHORTHAND: tuple[tuple[str, str], ...] = (
    (
        WITHHELD,
        "Confidential: withheld because the number is small, or because a small one could be worked out from it.",
    ),
    (LOW, "Low: the figure is above nought and rounds to nought."),
    (NOT_AVAILABLE, "Not available: the run did not make this figure, or the agreed figure is not public."),
    (NOT_APPLICABLE, "Not applicable: there is no such figure for this row."),
)
UNITS: dict[Kind, str] = {"text": "", "thousands": "£\N{NO-BREAK SPACE}thousand", "plans": "plans", "percent": "%"}
PLACES: dict[Kind, int] = {"text": 0, "thousands": 0, "plans": 0, "percent": 1}
TENTH = "1\N{NO-BREAK SPACE}in\N{NO-BREAK SPACE}10"
THOUSAND = 1e3


@dataclass(frozen=True)
class Column:
    """One column: its header says what it holds and in what unit."""

    header: str
    kind: Kind = "text"

    @property
    def title(self) -> str:
        """The header with its unit."""
        return f"{self.header} ({UNITS[self.kind]})" if UNITS[self.kind] else self.header


@dataclass(frozen=True)
class PublishedTable:
    """One table, one sheet.

    Args:
        sheet: name of the sheet.
        name: of the table, as a spreadsheet knows it.
        title: in A1.
        about: lines under the title: what the sheet holds, its unit, which notes to read.
        columns, rows: the table; a row holds text, numbers as they are shown, or a shorthand.
    """

    sheet: str
    name: str
    title: str
    about: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Shown]]


def thousands(pounds: float | None) -> Shown:
    """Pounds as whole thousands; not available where there is no figure."""
    return NOT_AVAILABLE if pounds is None else round_half_up(pounds / THOUSAND)


def plans(count: float) -> Shown:
    """Plans as a whole number; low where an estimate rounds to nought and is none."""
    shown = round_half_up(count)
    return LOW if shown == 0 and abs(count) > TINY else shown


TINY = 5e-5  # the tables of a run hold four decimals
