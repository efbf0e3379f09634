"""The waterfall of a bridge as PNG and SVG. Rising and falling bars differ in hatching as well as in colour."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hnforecast.base.timeline import show_year
from hnforecast.writing import style
from hnforecast.writing.charts import FORMATS, SETTINGS, draw_waterfall, render, write_source, write_title
from hnforecast.writing.style import millions, position_text, shows

if TYPE_CHECKING:
    from hnforecast.questions.compare import Bridge

TITLES = {
    "gross_closing": "Balance before support on 31 March {end}, £m",
    "in_year": "In-year position of {year}, £m",
}
NOTE = "£m, cash; brackets are a deficit, or a movement that makes it worse"


def draw_bridge(bridge: Bridge, source: str) -> Iterator[tuple[str, bytes]]:
    """The waterfalls of the balance and of the in-year position, as (file name, content).

    Args:
        source: line under each chart.
    """
    import matplotlib as mpl

    with mpl.rc_context(SETTINGS):
        for item, title in TITLES.items():
            amounts = list(bridge.amounts(item))
            # bars too small to see are in the table
            steps = [amounts[0], *(step for step in amounts[1:-1] if shows(step[1])), amounts[-1]]
            figure = draw_waterfall([(label, amount / style.MILLION) for label, amount in steps], NOTE)
            named = title.format(end=bridge.year + 1, year=show_year(bridge.year))
            write_title(figure, named)
            write_source(figure, source)
            for kind in FORMATS:
                yield f"bridge-{item.replace('_', '-')}.{kind}", render(figure, kind, named, _words(steps))


def _words(steps: list[tuple[str, float]]) -> str:
    """What one sees on the waterfall."""
    (first, start), (last, end) = steps[0], steps[-1]
    moved = "; ".join(f"{label} {'+' if value >= 0 else '-'}£{millions(value)}m" for label, value in steps[1:-1])
    told = [f"£{position_text(value).replace(' ', 'm ', 1)}" for value in (start, end)]
    return f"A waterfall from {first}, {told[0]}, to {last}, {told[1]}. Steps: {moved or 'none of any size'}."
