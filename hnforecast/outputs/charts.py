"""The charts of a run as PNG and SVG: the deficit by scenario, plans by placement, spend by line.

One style, from style.py: lines differ in dash and marker, areas in hatching, so that a black and white print can be
read. Each chart names its unit, its source and its run. The drawing library is loaded only when a chart is drawn.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from hnforecast.axes import FloatArray
from hnforecast.outputs import style
from hnforecast.outputs.chart_data import ChartData

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FORMATS = ("png", "svg")
DPI = 130
WIDTH, PANELS_A_ROW = 10.5, 3  # inches
LONGEST_IN_TWO = 60  # characters of a legend entry beyond which the legend has one column
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


def draw_charts(chart: ChartData) -> Iterator[tuple[str, bytes]]:
    """Every chart of a run, as (file name, content); the same run gives the same bytes."""
    import matplotlib as mpl

    with mpl.rc_context(SETTINGS):
        for name, draw in (
            ("deficit-by-scenario", _deficit),
            ("plans-by-placement", _plans),
            ("spend-by-line", _spend),
        ):
            figure = draw(chart)
            figure.text(0.01, 0.008, chart.source, fontsize=8, color=style.INK)
            for kind in FORMATS:
                yield f"{name}.{kind}", _render(figure, kind)


def warm_up() -> None:
    """Load the drawing library and its fonts, so that the charts that follow come at once."""
    import matplotlib as mpl

    with mpl.rc_context(SETTINGS):
        figure, _ = _figure(1, 3.0, 0.3)
        _title(figure, "Charts")
        _render(figure, "png")


def _render(figure: Figure, kind: str) -> bytes:
    stream = io.BytesIO()
    metadata: dict[str, Any] = {"Date": None} if kind == "svg" else {"Software": None}
    figure.savefig(stream, format=kind, dpi=DPI, metadata=metadata)
    return stream.getvalue()


def _figure(panels: int, height: float, below: float) -> tuple[Figure, list[Axes]]:
    """A figure with panels side by side, three a row, all to the same scale.

    Margins are set by hand: finding them by drawing everything first takes longer than the drawing.

    Args:
        panels: how many.
        height: of a row, inches.
        below: room for legend and source under the panels, inches.
    """
    from matplotlib.figure import Figure

    columns = min(panels, PANELS_A_ROW)
    rows = -(-panels // columns)
    total = height * rows + below
    figure = Figure(figsize=(WIDTH, total))
    figure.subplots_adjust(
        left=0.085, right=0.97, top=1.0 - 0.75 / total, bottom=(below + 0.45) / total, hspace=0.35, wspace=0.2
    )
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    axes = list(grid.flat)
    for spare in axes[panels:]:
        spare.set_visible(False)
    return figure, axes[:panels]


def _title(figure: Figure, title: str) -> None:
    figure.text(0.01, 1.0 - 0.3 / figure.get_figheight(), title, fontweight="bold", fontsize=12)


def _brackets(value: float, _: float | None) -> str:
    """A tick as the tables show it: a negative figure in brackets."""
    text = f"{abs(value):,.10g}"
    return f"({text})" if value < 0 else text


def _deficit(chart: ChartData) -> Figure:
    """The balance before contributions by scenario, the range where there are draws, and the agreed profile."""
    figure, (axes,) = _figure(1, 5.0, 0.35)
    ends = [year + 1 for year in chart.years]
    for s, scenario in enumerate(chart.scenarios):
        colour = style.colours(len(chart.scenarios))[s]
        axes.plot(
            ends, chart.gross_closing[s] / style.MILLION, label=scenario, color=colour,
            linestyle=LINES[style.DASHES[s % len(style.DASHES)]], marker=POINTS[style.MARKERS[s % len(style.MARKERS)]],
            markersize=5, linewidth=2,
        )  # fmt: skip
        if scenario in chart.spread:
            low, high = chart.spread[scenario] / style.MILLION
            axes.fill_between(ends, low, high, color=colour, alpha=0.15, linewidth=0)
    known = [f for f in range(len(ends)) if np.isfinite(chart.agreed[f])]
    if known:
        places = [ends[f] for f in known]
        values = [chart.agreed[f] / style.MILLION for f in known]
        axes.plot(places, values, color=style.INK, linestyle=":", marker="*", markersize=10, label="agreement")
    axes.axhline(0.0, color=style.INK, linewidth=1)
    axes.axvline(chart.first_forecast, color=style.RULE, linewidth=1, linestyle="--")
    _title(figure, "High needs balance before any contribution, £m: below nought is a deficit")
    axes.set_ylabel("£m, (deficit) or surplus")
    axes.yaxis.set_major_formatter(_brackets)
    axes.set_xlabel("Year ending 31 March; to the right of the broken line is forecast")
    axes.set_xticks(ends)
    axes.yaxis.grid(visible=True, color="#D9D9D9", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.legend(frameon=False, ncols=3, loc="best")
    return figure


def _plans(chart: ChartData) -> Figure:
    """EHC plans in January by the Department's placement groups, one panel a scenario."""
    title = "EHC plans open in January, by the Department's placement groups"
    return _stacked(chart.scenarios, chart.censuses, chart.plans, chart.groups, title, "plans")


def _spend(chart: ChartData) -> Figure:
    """High needs spend by section 251 line, net of income, one panel a scenario."""
    ends = tuple(year + 1 for year in chart.years)
    title = "High needs spend by section 251 line, £m, years ending 31 March"
    return _stacked(chart.scenarios, ends, chart.spend / style.MILLION, chart.lines, title, "£m")


def _stacked(
    scenarios: Sequence[str],
    places: Sequence[int],
    stacks: FloatArray,
    labels: Sequence[str],
    title: str,
    unit: str,
) -> Figure:
    columns = 2 if max(map(len, labels)) <= LONGEST_IN_TWO else 1
    legend_rows = -(-len(labels) // columns)
    figure, panels = _figure(len(scenarios), 3.2, 0.35 + 0.21 * legend_rows)
    fills = style.colours(len(labels))
    hatches = [style.HATCHES[k % len(style.HATCHES)] for k in range(len(labels))]
    for axes, scenario, stack in zip(panels, scenarios, stacks, strict=True):
        # a line whose income exceeds its spend would fall below nought, where a stack cannot show it
        axes.stackplot(
            places, np.maximum(stack, 0.0), labels=labels, colors=fills, hatch=hatches, edgecolor="white", linewidth=0.4
        )
        axes.set_title(scenario)
        axes.set_xticks(places[:: max(1, len(places) // 5)])
        axes.tick_params(labelbottom=True)
        axes.margins(x=0)
        axes.yaxis.set_major_formatter(_brackets)
    for axes in panels[::PANELS_A_ROW]:
        axes.set_ylabel(unit)
    _title(figure, title)
    handles, names = panels[0].get_legend_handles_labels()
    anchor = (0.01, 0.22 / figure.get_figheight())
    figure.legend(
        handles[::-1], names[::-1], loc="lower left", bbox_to_anchor=anchor, ncols=columns, frameon=False, fontsize=9
    )
    return figure
