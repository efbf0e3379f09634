"""How wide text is in Arial, counted in digits as column widths are, so that columns fit and rows are high enough."""

from __future__ import annotations

from functools import lru_cache

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
