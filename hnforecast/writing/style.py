"""One look for every output: colours, number formats, and the words that go beside a number.

The money inside the program is signed pounds, a deficit negative. Rounding happens here and nowhere before.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from itertools import cycle, islice

FONT = "Arial"
POUND, MILLION = 1.0, 1e6
SURE = 0.01  # a chance nearer to nought or one is not said more exactly

# Fills and inks; each ink has at least 4.5:1 contrast on the fill it is used with.
INK = "#000000"
HEADER_FILL, HEADER_INK = "#1F3864", "#FFFFFF"
INPUT_FILL, INPUT_INK = "#FFFFE0", "#0000C0"  # an input: blue on pale yellow
LINK_INK = "#006100"  # a figure taken from another sheet: green
ENGINE_INK = "#595959"  # a figure the program worked out, fixed in a model that does not: grey
TOTAL_FILL = "#E7E6E6"
PASS_FILL, FAIL_FILL = "#E2EFDA", "#F8CBAD"
RULE = "#7F7F7F"

# Dark enough on white, apart for the common colour-vision deficiencies, and ordered so that greys differ in print.
PALETTE = ("#003B5C", "#C8511B", "#2E8B57", "#7B3294", "#B8860B", "#4D4D4D", "#0072B2", "#A6611A")
DASHES = ("solid", "dash", "round_dot", "dash_dot", "long_dash", "square_dot")
MARKERS = ("circle", "square", "triangle", "diamond", "x", "plus")
HATCHES = ("", "///", "...", "\\\\\\", "xx", "+++", "--", "ooo", "||", "**", "//..")

DEFICIT, SURPLUS, BALANCED = "deficit", "surplus", "balanced"


def round_half_up(value: float, places: int = 0) -> float:
    """Round as a spreadsheet does: 2.5 to 3, 2.675 to 2.68, -2.5 to -3. Minus nought becomes nought.

    Raises:
        ValueError: the value is not a finite number.
    """
    if not math.isfinite(value):
        raise ValueError(f"{value!r} cannot be rounded")
    rounded = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return float(rounded) + 0.0


def fixed(value: float, places: int) -> str:
    """A number with so many decimals and no thousands separator, for files other programs read.

    It is `round_half_up`, three times as fast: only a number whose last digit is the 5 in question needs Decimal.

    Raises:
        ValueError: the value is not a finite number.
    """
    decimals = repr(value).partition(".")[2]
    if len(decimals) == places + 1 or not decimals.isdecimal():
        return f"{round_half_up(value, places):.{places}f}"
    text = f"{value:.{places}f}"
    return text.lstrip("-") if not text.strip("-0.") else text


def position_word(value: float, shown_to: float = POUND) -> str:
    """The word beside a balance: deficit, surplus, or balanced where it shows as nought.

    Args:
        value: signed pounds.
        shown_to: the smallest amount the reader sees, pounds.
    """
    shown = round_half_up(value / shown_to) * shown_to
    return DEFICIT if shown < 0 else SURPLUS if shown > 0 else BALANCED


def millions(value: float, places: int = 1) -> str:
    """The size of an amount in millions, such as 1,277.1; its sign is said in a word, never by a minus."""
    return f"{abs(round_half_up(value / MILLION, places)):,.{places}f}"


def position_text(value: float, places: int = 1) -> str:
    """A balance in words: "277.1 deficit" in £m, "0.0 balanced" where it shows as nought."""
    return f"{millions(value, places)} {position_word(value, MILLION / 10**places)}"


def position_phrase(value: float) -> str:
    """A balance as it stands in a sentence: "a deficit of £277.1m", "nil"."""
    word = position_word(value, MILLION / 10)
    return "nil" if word == BALANCED else f"a {word} of £{millions(value)}m"


def colours(count: int) -> list[str]:
    """So many line or fill colours, in order, starting again where there are more than the palette holds."""
    return list(islice(cycle(PALETTE), count))


def sentence_case(code: str) -> str:
    """A code as a label, where no list gives a better one: "high_needs_block" as "High needs block"."""
    text = code.replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def shows(pounds: float) -> bool:
    """Whether an amount is more than nought in £m to one decimal."""
    return abs(pounds) >= 0.05 * MILLION


# Figures of the pages of decisions as they are written.


def signed(pounds: float) -> str:
    """Pounds as £m, a fall in brackets."""
    shown = millions(pounds)
    return f"({shown})" if round_half_up(pounds / 1e6, 1) < 0 else shown


def chance_words(share: float) -> str:
    """A share of draws as a chance, which no finite number of draws makes certain: 12%, under 1%, over 99%."""
    if share < SURE:
        return "under 1%"
    return "over 99%" if share > 1 - SURE else f"{round_half_up(100 * share):.0f}%"


def percent(share: float) -> str:
    """A share as a percentage, two figures of it; a fall in brackets."""
    shown = round_half_up(100.0 * share, 1 if abs(share) < 0.1 else 0)
    text = f"{abs(shown):,.1f}%" if abs(share) < 0.1 else f"{abs(shown):,.0f}%"
    return f"({text})" if shown < 0 else text


def ratio(before: float, after: float) -> str:
    """Growth of a count; "new" where it came from nothing."""
    return percent(after / before - 1.0) if before > 0 else "new" if after > 0 else "-"


def lower(label: str) -> str:
    """A label inside a sentence."""
    return label[0].lower() + label[1:]
