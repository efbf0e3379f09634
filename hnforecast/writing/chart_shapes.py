"""The two shapes several charts share: panels of stacked areas, and a waterfall."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.writing import style
from hnforecast.writing.charts import PANELS_A_ROW, WIDTH, brackets, fill_look, start_figure, write_legend

if TYPE_CHECKING:
    from matplotlib.figure import Figure

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
