"""How every chart looks: one figure, one title, one source line, one way to become PNG and SVG that is read aloud.

Lines differ in dash and marker, areas and bars in hatching, so that a black and white print can be read. The drawing
library is loaded only when a chart is drawn.
"""

from __future__ import annotations

import io
from html import escape
from typing import TYPE_CHECKING, Any

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
