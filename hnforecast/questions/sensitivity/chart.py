"""The tornado as PNG and SVG: a bar a driver, its two ends told apart by colour, hatching and letters."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hnforecast.questions.sensitivity.words import driver_value, quantity_text, tornado_words
from hnforecast.writing import style
from hnforecast.writing.charts import FORMATS, SETTINGS, WIDTH, brackets, render, write_source, write_title
from hnforecast.writing.style import signed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hnforecast.questions.sensitivity import Bar, Quantity

MOST_BARS = 15
BAR_HEIGHT = 0.4  # inches
LABEL_WIDTH = 44  # characters of a line of a label
LOOKS = ((style.PALETTE[1], "..."), (style.PALETTE[2], "///"))  # worse, better


def draw_tornado(bars: list[Bar], quantity: Quantity, source: str) -> Iterator[tuple[str, bytes]]:
    """The chart as (file name, content); the same bars give the same bytes.

    Args:
        bars: the widest first.
        source: line under the chart.
    """
    import matplotlib as mpl

    what = quantity_text(quantity)
    title = f"{what[0].upper()}{what[1:]}, £m, with one driver at its 10th or 90th percentile"
    with mpl.rc_context(SETTINGS):
        figure = _tornado(bars[:MOST_BARS])
        write_title(figure, title)
        write_source(figure, source)
        for kind in FORMATS:
            yield (
                f"tornado-{quantity.name.replace('_', '-')}.{kind}",
                render(figure, kind, title, tornado_words(bars, quantity)),
            )


def _tornado(bars: list[Bar]) -> Figure:
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    height = 1.9 + BAR_HEIGHT * len(bars)
    figure = Figure(figsize=(WIDTH, height))
    figure.subplots_adjust(left=0.33, right=0.97, top=1.0 - 0.6 / height, bottom=1.05 / height)
    axes = figure.subplots()
    base = bars[0].base / style.MILLION
    ends = [end / style.MILLION for bar in bars for end in (bar.at_low, bar.at_high)]
    span = max(*ends, base) - min(*ends, base) or 1.0
    for row, bar in enumerate(bars):
        sides = {-1: 0, 1: 0}  # how many ends lie to the left and right, where both may lie on one side
        for at, value in sorted(
            ((bar.at_low, bar.driver.low), (bar.at_high, bar.driver.high)), key=lambda end: -abs(end[0] - bar.base)
        ):
            end = at / style.MILLION
            better = end >= base
            colour, hatch = LOOKS[better]
            axes.barh(row, end - base, left=base, height=0.66, color=colour, hatch=hatch, edgecolor="white")
            if sides[1 if better else -1] == 0 and abs(end - base) > 1e-9:
                axes.text(
                    end + (0.008 if better else -0.008) * span, row, driver_value(bar.driver, value),
                    va="center", ha="left" if better else "right", fontsize=8,
                )  # fmt: skip
            sides[1 if better else -1] += 1
    axes.set_yticks(range(len(bars)), [textwrap.fill(bar.driver.label, LABEL_WIDTH) for bar in bars])
    axes.invert_yaxis()
    axes.axvline(base, color=style.INK, linewidth=1)
    axes.set_xlim(min(*ends, base) - 0.13 * span, max(*ends, base) + 0.13 * span)
    axes.xaxis.set_major_formatter(brackets)
    axes.set_xlabel(f"£m, cash; brackets are a deficit; the line is the central run, {signed(bars[0].base)}")
    patches = [
        Patch(facecolor=colour, hatch=hatch, edgecolor="white", label=label)
        for (colour, hatch), label in zip(LOOKS, ("makes it worse", "makes it better"), strict=True)
    ]
    figure.legend(
        handles=patches, loc="lower left", bbox_to_anchor=(0.01, 0.22 / height), ncols=2, frameon=False, fontsize=9
    )
    return figure
