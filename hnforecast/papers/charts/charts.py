"""The charts of a run as PNG and SVG: balance and its range, plans, spend, savings, and what the measures move.

Each names its unit, its source and its run, and carries its description in words. How they look is chart_style.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.papers.charts.data import ChartData, ChartSavings
from hnforecast.papers.charts.words import bridge_steps
from hnforecast.writing import style
from hnforecast.writing.charts import (
    FORMATS,
    PANELS_A_ROW,
    SETTINGS,
    draw_areas,
    draw_waterfall,
    fill_look,
    legend_columns,
    line_look,
    render,
    scale_axes,
    start_figure,
    write_legend,
    write_source,
    write_title,
)
from hnforecast.writing.style import shows

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SAVINGS_A_ROW = 2  # columns need more room than lines
BALANCE_UNIT = "£m, (deficit) or surplus"
FORECAST_NOTE = "Year ending 31 March; to the right of the broken line is forecast"


def draw_chart(chart: ChartData, name: str, title: str, words: str) -> list[tuple[str, bytes]]:
    """One chart of a run in every format, as (file name, content); the same run gives the same bytes.

    Args:
        name, title, words: one of chart_words.
    """
    import matplotlib as mpl

    drawings: dict[str, Callable[[ChartData], Figure]] = {
        "deficit-by-scenario": _deficit,
        "deficit-range": _range,
        "plans-by-placement": _plans,
        "spend-by-line": _spend,
        "savings-by-measure": _savings,
        "bridge-measures": _bridge,
    }
    with mpl.rc_context(SETTINGS):
        figure = drawings[name](chart)
        write_title(figure, title)
        write_source(figure, chart.source)
        return [(f"{name}.{kind}", render(figure, kind, title, words)) for kind in FORMATS]


def warm_up() -> None:
    """Load the drawing library and its fonts, so that the charts that follow come at once."""
    import matplotlib as mpl

    with mpl.rc_context(SETTINGS):
        figure, _ = start_figure(1, 3.0, 0.3, 1.0)
        write_title(figure, "Charts")
        render(figure, "png", "", "")


def _balance_axes(axes: Axes, chart: ChartData) -> None:
    """What every chart of the balance has: nought, where the forecast begins, brackets, a light grid."""
    axes.axhline(0.0, color=style.INK, linewidth=1)
    axes.axvline(chart.first_forecast, color=style.RULE, linewidth=1, linestyle="--")
    scale_axes(axes)


def _agreed(axes: Axes, chart: ChartData) -> None:
    known = [f for f in range(len(chart.years)) if np.isfinite(chart.agreed[f])]
    if known:
        places = [chart.years[f] + 1 for f in known]
        values = [chart.agreed[f] / style.MILLION for f in known]
        axes.plot(places, values, color=style.INK, linestyle=":", marker="*", markersize=10, label="agreement")


def _deficit(chart: ChartData) -> Figure:
    """The balance before contributions by scenario, and the agreed profile."""
    figure, (axes,) = start_figure(1, 5.0, 0.35, _largest(chart.gross_closing))
    ends = [year + 1 for year in chart.years]
    for s, (scenario, colour) in enumerate(zip(chart.scenarios, style.colours(len(chart.scenarios)), strict=True)):
        axes.plot(
            ends, chart.gross_closing[s] / style.MILLION, label=scenario, color=colour, **line_look(s),
            # where two run together the one below still shows on both sides of the one above
            markersize=max(3.5, 8.0 - s), linewidth=max(1.5, 3.2 - 0.5 * s),
        )  # fmt: skip
    _agreed(axes, chart)
    _balance_axes(axes, chart)
    axes.set_ylabel(BALANCE_UNIT)
    axes.set_xlabel(FORECAST_NOTE)
    axes.set_xticks(ends)
    axes.legend(frameon=False, ncols=3, loc="best")
    return figure


def _range(chart: ChartData) -> Figure:
    """The draws of the balance, one panel a scenario: eight in ten, six in ten, the middle one, the central run."""
    figure, panels = start_figure(
        len(chart.fan), 3.2, 0.35 + 0.21 * 3, max(_largest(fan) for fan in chart.fan.values())
    )
    ends = [year + 1 for year in chart.years]
    colour = style.PALETTE[0]
    for axes, (scenario, fan) in zip(panels, chart.fan.items(), strict=True):
        worst, worse, middle, better, best = fan / style.MILLION
        axes.fill_between(ends, worst, best, color=colour, alpha=0.18, linewidth=0, label="eight draws in ten")
        axes.fill_between(ends, worse, better, color=colour, alpha=0.35, linewidth=0, label="six draws in ten")
        axes.plot(ends, middle, color=colour, linewidth=1.5, label="middle of the draws")
        central = chart.gross_closing[chart.scenarios.index(scenario)] / style.MILLION
        axes.plot(ends, central, color=style.PALETTE[1], linewidth=1.5, linestyle="--", label="central run")
        _agreed(axes, chart)
        _balance_axes(axes, chart)
        axes.set_title(scenario)
        axes.set_xticks(ends[:: max(1, len(ends) // 5)])
        axes.tick_params(labelbottom=True)
        axes.margins(x=0.03)
    for axes in panels[::PANELS_A_ROW]:
        axes.set_ylabel(BALANCE_UNIT)
    write_legend(figure, panels[0], 2)
    return figure


def _plans(chart: ChartData) -> Figure:
    """EHC plans in January by the Department's placement groups, one panel a scenario."""
    return draw_areas(chart.scenarios, chart.censuses, chart.plans, chart.groups, "plans")


def _spend(chart: ChartData) -> Figure:
    """High needs spend by section 251 line, net of income, one panel a scenario."""
    ends = tuple(year + 1 for year in chart.years)
    return draw_areas(chart.scenarios, ends, chart.spend / style.MILLION, chart.lines, "£m")


def _savings(chart: ChartData) -> Figure:
    """What each measure improves the in-year position by, columns by year, one panel a scenario with measures."""
    labels = tuple(dict.fromkeys(title for one in chart.savings for title in one.measures))
    columns = legend_columns(labels)
    alike = _alike(chart)
    below_panels = 0.35 + 0.21 * -(-(len(labels) + 2) // columns)
    largest = max(_largest(one.yearly.sum(axis=0)) for one in chart.savings)
    figure, panels = start_figure(len(alike), 3.6, below_panels, largest, SAVINGS_A_ROW)
    looks = dict(zip(labels, fill_look(len(labels)), strict=True))
    shown = [f for f, year in enumerate(chart.years) if year >= chart.first_forecast]
    ends = np.array([chart.years[f] + 1 for f in shown])
    for axes, (one, names) in zip(panels, alike, strict=True):
        above, below = np.zeros(len(shown)), np.zeros(len(shown))
        for title, yearly in zip(one.measures, one.yearly[:, shown] / style.MILLION, strict=True):
            # a measure that costs more than it saves yet hangs below nought
            base = np.where(yearly >= 0, above, below)
            axes.bar(
                ends, yearly, bottom=base, width=0.8, edgecolor="white", linewidth=0.4, label=title, **looks[title]
            )
            above, below = above + np.maximum(yearly, 0.0), below + np.minimum(yearly, 0.0)
        net = one.yearly[:, shown].sum(axis=0) / style.MILLION
        axes.plot(ends, net, linestyle="", marker="D", markersize=5, color=style.INK, label="all measures")
        if one.span is not None:
            low, high = one.span[:, shown] / style.MILLION
            axes.vlines(ends, low, high, color=style.INK, linewidth=1.2, label="all measures, eight draws in ten")
        axes.axhline(0.0, color=style.INK, linewidth=1)
        axes.set_title(", ".join(names))
        axes.set_xticks(ends[:: max(1, len(ends) // 5)])
        axes.tick_params(labelbottom=True)
        scale_axes(axes)
    for axes in panels[::SAVINGS_A_ROW]:
        axes.set_ylabel("£m a year")
    write_legend(figure, panels[0], columns)
    return figure


def _alike(chart: ChartData) -> list[tuple[ChartSavings, list[str]]]:
    """Scenarios whose measures save the same share a panel: the first of them, and the names of all."""
    found: list[tuple[ChartSavings, list[str]]] = []
    for one in chart.savings:
        for other, names in found:
            if one.measures == other.measures and np.allclose(one.yearly, other.yearly, atol=1.0):
                names.append(one.scenario)
                break
        else:
            found.append((one, [one.scenario]))
    return found


def _largest(pounds: FloatArray) -> float:
    return float(np.abs(pounds).max()) / style.MILLION


def _bridge(chart: ChartData) -> Figure:
    """From the balance without the measures to the balance with them."""
    steps = bridge_steps(chart)
    kept = [steps[0], *(step for step in steps[1:-1] if shows(step[1])), steps[-1]]
    return draw_waterfall(
        [(label, value / style.MILLION) for label, value in kept],
        "£m, cash; brackets are a deficit, or a step that makes it worse",
    )
