"""Number formats of the workbook, each with how a value looks in it, so that columns are made wide enough.

Cells hold full pounds; a format ending in a comma shows thousands. A figure in brackets is negative: a deficit in the
account, income in spend. No figure is told apart by colour alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from hnforecast.writing.style import round_half_up


@dataclass(frozen=True)
class NumberFormat:
    """A spreadsheet number format.

    Args:
        code: as a spreadsheet writes it.
        divide: what the shown number is in units of.
        places: decimals shown.
        suffix: what follows the digits.
        grouped: thousands are set apart.
    """

    code: str
    divide: float = 1.0
    places: int = 0
    suffix: str = ""
    grouped: bool = True

    def shown(self, value: float) -> str:
        """A value as the cell shows it."""
        number = abs(round_half_up(value / self.divide, self.places))
        digits = f"{number:,.{self.places}f}" if self.grouped else f"{number:.{self.places}f}"
        return f"({digits}{self.suffix})" if value < 0 else f"{digits}{self.suffix} "


GBP_THOUSANDS = NumberFormat("#,##0,_);(#,##0,);0_)", divide=1e3)
GBP = NumberFormat("#,##0_);(#,##0);0_)")
GBP_PENCE = NumberFormat("#,##0.00_);(#,##0.00);0.00_)", places=2)
MILLIONTHS = NumberFormat("0.000000_);(0.000000);0_)", places=6)
PLANS = NumberFormat("#,##0_);(#,##0);0_)")
PERCENT = NumberFormat("0.00%_);(0.00%);0.00%_)", divide=0.01, places=2, suffix="%")
FACTOR = NumberFormat("0.0000_);(0.0000);0_)", places=4)
DECIMAL = NumberFormat("#,##0.0_);(#,##0.0);0.0_)", places=1)
VOLUME = NumberFormat("#,##0.0_);(#,##0.0);0.0_)", places=1)
YEAR = NumberFormat("0", grouped=False)
WHOLE = NumberFormat("0", grouped=False)

_BY_UNIT = {
    "persons": PLANS,
    "plans": PLANS,
    "places": PLANS,
    "count": PLANS,
    "months": PLANS,
    "share": PERCENT,
    "share_per_year": PERCENT,
    "index": FACTOR,
    "per_1000_children_year": DECIMAL,
    "gbp_per_plan_year": GBP,
    "gbp_per_place_year": GBP,
    "gbp_per_child_year": GBP,
    "gbp_year": GBP,
    "gbp": GBP,
}


def format_of_unit(unit: str) -> NumberFormat:
    """How a value of a unit is shown where it stands in a list of assumptions, in full units."""
    return _BY_UNIT.get(unit, DECIMAL)


# How wide text is in Arial, counted in digits as column widths are, so that columns fit and rows are high enough.

NARROW = frozenset("ijlftrI.,:;'!|()[]/- \"")
WIDE = frozenset("mwMW@%&£")
NARROW_WIDTH, WIDE_WIDTH, CAPITAL_WIDTH, LETTER_WIDTH = 0.55, 1.5, 1.25, 0.98  # against a digit, 0.556 of the size


@lru_cache(maxsize=10_000)
def text_width(text: str) -> float:
    """The width of a text, in digits of the same size."""
    return sum(map(_letter_width, text))


def count_lines(text: str, room: float) -> int:
    """How many lines a text takes in a column so many digits wide, broken at blanks and where need be inside words."""
    lines, used = 1, 0.0
    for word in text.split():
        width = text_width(word)
        if used and used + NARROW_WIDTH + width > room:
            lines, used = lines + 1, 0.0
        used += width + (NARROW_WIDTH if used else 0.0)
        while used > room:
            lines, used = lines + 1, used - room
    return lines


def _letter_width(letter: str) -> float:
    if letter in NARROW:
        return NARROW_WIDTH
    if letter in WIDE:
        return WIDE_WIDTH
    return CAPITAL_WIDTH if letter.isupper() else LETTER_WIDTH
