"""What a column of an input holds: its kind, whether a cell may be blank, its plausible bounds, its codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Kind = Literal[
    "text", "code", "authority", "whole", "number", "money", "share", "percent",
    "year", "financial_year", "month", "date", "period", "flag",
]  # fmt: skip

# Outside these a figure is a slip (pence for pounds, a percentage for a share), whatever the column.
BOUNDS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "whole": (0, 1e9),
        "number": (-1e15, 1e15),
        "money": (-1e12, 1e12),
        "share": (0, 1),
        "percent": (-100, 1000),
        "year": (1990, 2100),
    }
)


@dataclass(frozen=True)
class Column:
    """One column of an input table.

    Args:
        name: header, snake_case; case and surrounding space are forgiven in the file.
        kind: text, code (an identifier, always text), authority (the DfE's three
            digits, text), whole, number, money (GBP), share (0 to 1; 5% is read as 0.05),
            percent (5 and 5% are both 5), year, financial_year (2025-26), month (2025-04), date (2025-04-01),
            period (any of the last four, or two joined by " to "), flag (yes or no).
        required: no cell may be blank. Blank cells of other columns become "", NaN or NaT.
        low: least value allowed; the kind's plausible bound where None.
        high: greatest value allowed; the kind's plausible bound where None.
        choices: the codes allowed; empty for any.
        may_be_absent: the whole column may be missing from the file; it is then filled as if blank.
    """

    name: str
    kind: Kind = "text"
    required: bool = True
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    may_be_absent: bool = False

    @property
    def bounds(self) -> tuple[float, float]:
        """Least and greatest value allowed."""
        low, high = BOUNDS.get(self.kind, (float("-inf"), float("inf")))
        return (low if self.low is None else self.low, high if self.high is None else self.high)
