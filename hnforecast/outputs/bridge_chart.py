"""The waterfall of a bridge as PNG and SVG. Rising and falling bars differ in hatching as well as in colour."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from hnforecast.outputs import style
from hnforecast.outputs.charts import DPI, FORMATS, SETTINGS
from hnforecast.timeline import show_year

if TYPE_CHECKING:
    from hnforecast.bridge import Bridge

SIZE = (10.5, 6.0)  # inches
TITLES = {
    "gross_closing": "Balance before support on 31 March {end}, £m",
    "in_year": "In-year position of {year}, £m",
}


def draw_bridge(bridge: Bridge, source: str) -> Iterator[tuple[str, bytes]]:
    """The waterfalls of the balance and of the in-year position, as (file name, content).

    Args:
        source: line under each chart.
    """
    import matplotlib as mpl

    with mpl.rc_context(SETTINGS):
        for item, title in TITLES.items():
            figure = _waterfall(bridge, item, title.format(end=bridge.year + 1, year=show_year(bridge.year)))
            figure.text(0.01, 0.008, source, fontsize=8, color=style.INK)
            for kind in FORMATS:
                stream = io.BytesIO()
                metadata: dict[str, Any] = {"Date": None} if kind == "svg" else {"Software": None}
                figure.savefig(stream, format=kind, dpi=DPI, metadata=metadata)
                yield f"bridge-{item.replace('_', '-')}.{kind}", stream.getvalue()


def _waterfall(bridge: Bridge, item: str, title: str) -> Any:
    from matplotlib.figure import Figure

    amounts = [(label, amount / style.MILLION) for label, amount in bridge.amounts(item)]
    inner = [step for step in amounts[1:-1] if abs(step[1]) >= 0.05]  # bars too small to see are in the table
    steps = [amounts[0], *inner, amounts[-1]]
    figure = Figure(figsize=SIZE)
    figure.subplots_adjust(left=0.34, right=0.94, top=0.9, bottom=0.12)
    axes = figure.subplots()
    running = 0.0
    reach = max(abs(value) for _, value in (amounts[0], amounts[-1])) or 1.0
    for row, (_, value) in enumerate(steps):
        total = row in (0, len(steps) - 1)
        left = 0.0 if total else running
        better = value >= 0
        axes.barh(
            row, value, left=left, height=0.62, edgecolor=style.INK, linewidth=0.6,
            color=style.PALETTE[5] if total else style.PALETTE[2] if better else style.PALETTE[1],
            hatch="" if total else "///" if better else "...",
        )  # fmt: skip
        running = value if total else running + value
        shown = f"({abs(value):,.1f})" if value < 0 else f"{value:,.1f}"
        edge = max(left, left + value)
        axes.text(edge + 0.012 * reach, row, shown, va="center", fontsize=9)
    axes.set_yticks(range(len(steps)), [label for label, _ in steps])
    axes.invert_yaxis()
    axes.axvline(0.0, color=style.INK, linewidth=1)
    axes.margins(x=0.12)
    axes.xaxis.set_major_formatter(lambda value, _: f"({abs(value):,.10g})" if value < 0 else f"{value:,.10g}")
    axes.set_xlabel("£m, cash; brackets are a deficit, or a movement that makes it worse")
    figure.text(0.01, 0.95, title, fontweight="bold", fontsize=12)
    return figure
