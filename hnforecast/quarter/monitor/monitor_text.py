"""What `hnforecast monitor` prints: the quarter in sentences, the position, the lines with the largest variance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hnforecast.base.timeline import show_month
from hnforecast.quarter.monitor.words import quarter_points
from hnforecast.writing.style import fixed
from hnforecast.writing.terminal import text_table, wrap

if TYPE_CHECKING:
    import pandas as pd

    from hnforecast.quarter.monitor import Monitoring

MILLION = 1e6
MOST_LINES = 10
ITEMS = {
    "funding": "Funding",
    "spend": "Spend",
    "in_year": "In-year position",
    "closing": "Closing balance",
    "gross_closing": "Before contributions",
}


def monitor_text(found: Monitoring) -> str:
    """The result of a quarter, in £m."""
    council = found.forecast.scenario.vintage.manifest.authority.name
    head = f"{council}, {found.period.words}; {found.scenario} after {show_month(found.period.cut_off)}. £m, cash."
    if found.illustrative:
        head += " The actuals are ILLUSTRATIVE: not published, not real."
    points = quarter_points(found.tables, found.forecast.scenario.vintage.codes)
    told = "\n".join(wrap(f"{topic}: {text}") for topic, text in points)
    parts = [wrap(head), told, _position(found.tables["position"]), _lines(found.tables["outturn_by_line"])]
    return "\n\n".join(parts) + "\n"


def _millions(value: float) -> str:
    return "" if value != value else fixed(value / MILLION, 1)


def _position(position: pd.DataFrame) -> str:
    rows = [row for row in position.to_dict("records") if row["item"] in ITEMS]
    columns = [["", *(ITEMS[row["item"]] for row in rows)]]
    for title, name in (("budget", "budget"), ("forecast", "forecast"), ("agreed", "agreed"), ("moved", "movement")):
        columns.append([title, *(_millions(row[name]) for row in rows)])
    said = ["to budget", *(f"{_millions(row['variance'])} {row['direction']}" for row in rows)]
    title = "Position of the year (a negative position is a deficit; moved: since the last return)"
    return f"{title}\n{text_table([*columns, said])}"


def _lines(lines: pd.DataFrame) -> str:
    order = lines["variance"].abs().sort_values(ascending=False).index
    rows = lines.loc[order].head(MOST_LINES).to_dict("records")
    columns = [["line", *(f"{row['s251_line']} {row['placement']}"[:25] for row in rows)]]
    for name in ("budget", "forecast_outturn", "variance", "price", "volume", "mix", "timing"):
        columns.append([name.replace("forecast_", ""), *(_millions(row[name]) for row in rows)])
    return f"Lines with the largest variance; parts of it\n{text_table(columns)}"
