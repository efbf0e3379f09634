"""How every chart looks: one figure, one title, one source line, one way to become PNG and SVG that is read aloud.

Lines differ in dash and marker, areas and bars in hatching, so that a black and white print can be read. The drawing
library is loaded only when a chart is drawn.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.writing import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


FORMATS = ("png", "svg")
DPI = 130
WIDTH, PANELS_A_ROW = 10.5, 3  # inches
GRID = "#D9D9D9"
LINES: dict[str, Any] = {
    "solid": "-", "dash": "--", "round_dot": ":", "dash_dot": "-.", "long_dash": (0, (8, 3)), "square_dot": (0, (1, 1)),
}  # fmt: skip
POINTS = {"circle": "o", "square": "s", "triangle": "^", "diamond": "D", "x": "x", "plus": "+"}
SETTINGS: Any = {
    "font.family": "DejaVu Sans",  # comes with the library, so that every machine draws the same bytes
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "hatch.linewidth": 0.5,
    "svg.hashsalt": "hnforecast",  # the names inside an SVG come from this and not from chance
    "svg.fonttype": "none",  # words stay words: searchable, and read aloud
}


def start_figure(
    panels: int, height: float, below: float, largest: float, columns: int = PANELS_A_ROW
) -> tuple[Figure, list[Axes]]:
    """A figure with panels side by side, all to the same scale.

    Margins are set by hand: finding them by drawing everything first takes longer than the drawing.

    Args:
        panels: how many.
        height: of a row, inches.
        below: room for legend and source under the panels, inches.
        largest: the largest figure on the scale, by size: its digits need room on the left.
        columns: panels a row at most.
    """
    from matplotlib.figure import Figure

    columns = min(panels, columns)
    rows = -(-panels // columns)
    total = height * rows + below
    figure = Figure(figsize=(WIDTH, total))
    figure.subplots_adjust(
        left=(0.48 + 0.085 * len(brackets(-round(abs(largest))))) / WIDTH,
        right=0.97,
        top=1.0 - 0.75 / total,
        bottom=(below + 0.45) / total,
        hspace=0.35,
        wspace=0.2,
    )
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    axes = list(grid.flat)
    for spare in axes[panels:]:
        spare.set_visible(False)
    return figure, axes[:panels]


def scale_axes(axes: Axes) -> None:
    """A scale with brackets for negatives, and a light grid behind what is drawn."""
    axes.yaxis.set_major_formatter(brackets)
    axes.yaxis.grid(visible=True, color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)


def write_title(figure: Figure, title: str) -> None:
    """The title, at the top left."""
    figure.text(0.01, 1.0 - 0.3 / figure.get_figheight(), title, fontweight="bold", fontsize=12)


def write_source(figure: Figure, source: str) -> None:
    """The line under a chart: program, council, run, price basis."""
    figure.text(0.01, 0.07 / figure.get_figheight(), source, fontsize=8, color=style.INK)


def write_legend(figure: Figure, axes: Axes, columns: int) -> None:
    """The legend under the panels, the topmost of a stack first."""
    handles, names = axes.get_legend_handles_labels()
    anchor = (0.01, 0.22 / figure.get_figheight())
    figure.legend(
        handles[::-1], names[::-1], loc="lower left", bbox_to_anchor=anchor, ncols=columns, frameon=False, fontsize=9
    )


def brackets(value: float, _: float | None = None) -> str:
    """A tick as the tables show it: a negative figure in brackets."""
    text = f"{abs(value):,.10g}"
    return f"({text})" if value < 0 else text


def line_look(position: int) -> dict[str, Any]:
    """Dash and marker of the line at a position."""
    dash = style.DASHES[position % len(style.DASHES)]
    marker = style.MARKERS[position % len(style.MARKERS)]
    return {"linestyle": LINES[dash], "marker": POINTS[marker]}


def fill_look(count: int) -> list[dict[str, Any]]:
    """Colour and hatching of so many areas or bars."""
    hatches = [style.HATCHES[k % len(style.HATCHES)] for k in range(count)]
    return [{"color": colour, "hatch": hatch} for colour, hatch in zip(style.colours(count), hatches, strict=True)]


def render(figure: Figure, kind: str, title: str, words: str) -> bytes:
    """The figure as PNG or SVG, with its title and its description in words; the same figure gives the same bytes.

    Args:
        kind: one of FORMATS.
        title: what the chart shows.
        words: what one sees on it, for whoever does not.
    """
    stream = io.BytesIO()
    if kind == "png":
        metadata: dict[str, Any] = {"Software": None, "Title": title, "Description": words}
        figure.savefig(stream, format=kind, dpi=DPI, metadata=metadata)
        return stream.getvalue()
    figure.savefig(stream, format=kind, dpi=DPI, metadata={"Date": None})
    return _read_aloud(stream.getvalue().decode("utf-8"), title, words).encode("utf-8")


def _read_aloud(svg: str, title: str, words: str) -> str:
    """An SVG that a screen reader announces as one picture with a name and a description."""
    before, tag, rest = svg.partition("<svg ")
    attributes, end, drawing = rest.partition(">")
    named = f'<title id="chart-title">{escape(title)}</title>\n <desc id="chart-words">{escape(words)}</desc>'
    return f'{before}{tag}role="img" aria-labelledby="chart-title chart-words" {attributes}{end}\n {named}{drawing}'


# The two shapes several charts share.

LONGEST_IN_TWO = 60  # characters of a legend entry beyond which the legend has one column
LABEL_WIDTH = 40  # characters of a line of the label of a bar
BAR_HEIGHT = 0.42  # inches
WIDE = 0.2  # share of the scale from which the figure of a balance fits inside its bar


def legend_columns(labels: Sequence[str]) -> int:
    """Two columns of labels where they fit side by side."""
    return 2 if max(map(len, labels)) <= LONGEST_IN_TWO else 1


def draw_areas(
    scenarios: Sequence[str], places: Sequence[int], stacks: FloatArray, labels: Sequence[str], unit: str
) -> Figure:
    """Stacked areas, one panel a scenario.

    Args:
        scenarios: names (s).
        places: years (t), along the panel.
        stacks: (s, k, t) what is stacked.
        labels: of the stack (k).
        unit: beside the scale.
    """
    columns = legend_columns(labels)
    figure, panels = start_figure(
        len(scenarios), 3.2, 0.35 + 0.21 * -(-len(labels) // columns), float(stacks.sum(axis=1).max())
    )
    looks = fill_look(len(labels))
    for axes, scenario, stack in zip(panels, scenarios, stacks, strict=True):
        # a line whose income exceeds its spend would fall below nought, where a stack cannot show it
        axes.stackplot(
            places, np.maximum(stack, 0.0), labels=labels, colors=[look["color"] for look in looks],
            hatch=[look["hatch"] for look in looks], edgecolor="white", linewidth=0.4,
        )  # fmt: skip
        axes.set_title(scenario)
        axes.set_xticks(places[:: max(1, len(places) // 5)])
        axes.tick_params(labelbottom=True)
        axes.margins(x=0)
        axes.yaxis.set_major_formatter(brackets)
    for axes in panels[::PANELS_A_ROW]:
        axes.set_ylabel(unit)
    write_legend(figure, panels[0], columns)
    return figure


def draw_waterfall(steps: Sequence[tuple[str, float]], note: str) -> Figure:
    """A waterfall from the first step to the last, which are balances; those between add up from one to the other.

    Args:
        steps: label and signed £m.
        note: under the scale: the unit, and what brackets mean.
    """
    from matplotlib.figure import Figure

    height = 1.75 + BAR_HEIGHT * len(steps)
    figure = Figure(figsize=(WIDTH, height))
    figure.subplots_adjust(left=0.34, right=0.94, top=1.0 - 0.6 / height, bottom=0.85 / height)
    axes = figure.subplots()
    ends = [steps[0][1]]
    for _, value in steps[1:-1]:
        ends.append(ends[-1] + value)
    lowest, highest = min(0.0, *ends, steps[-1][1]), max(0.0, *ends, steps[-1][1])
    span = highest - lowest or 1.0
    for row, (_, value) in enumerate(steps):
        total = row in (0, len(steps) - 1)
        left = 0.0 if total else ends[row - 1]
        axes.barh(
            row, value, left=left, height=0.62, edgecolor=style.INK, linewidth=0.6,
            color=style.PALETTE[5] if total else style.PALETTE[2] if value >= 0 else style.PALETTE[1],
            hatch="" if total else "///" if value >= 0 else "...",
        )  # fmt: skip
        inside = total and abs(value) > WIDE * span
        place = -0.01 * span if inside and value < 0 else max(left, left + value) + (-0.01 if inside else 0.01) * span
        axes.text(
            place, row, _amount(value), va="center", ha="right" if inside else "left", fontsize=9,
            color="white" if inside else style.INK,
        )  # fmt: skip
    axes.set_yticks(range(len(steps)), [textwrap.fill(label, LABEL_WIDTH) for label, _ in steps])
    axes.invert_yaxis()
    axes.axvline(0.0, color=style.INK, linewidth=1)
    axes.set_xlim(lowest - 0.02 * span, highest + 0.12 * span)
    axes.xaxis.set_major_formatter(brackets)
    axes.set_xlabel(note)
    return figure


def _amount(value: float) -> str:
    shown = f"{abs(value):,.1f}"
    return f"({shown})" if value < 0 and float(shown.replace(",", "")) else shown
