"""A bridge between two returns line by line: a tidy table, text for the terminal, and plain values."""

from __future__ import annotations

from functools import partial
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from hnforecast.base.timeline import show_year
from hnforecast.questions.compare.page import bridge_charts, bridge_plain, bridge_table
from hnforecast.writing.answer import Answer
from hnforecast.writing.csvtext import Cell, Table
from hnforecast.writing.style import round_half_up
from hnforecast.writing.terminal import text_table, wrap

if TYPE_CHECKING:
    from hnforecast.questions.compare.returns import LineMovement, ReturnBridge

WHY = {
    "price": "price", "volume": "volume", "mix": "mix", "timing": "timing", "budget": "budget",
    "spend_rest": "not explained",
}  # fmt: skip
COLUMNS = (
    "from", "to", "s251_line", "used_for", "before", "after", "movement", "restated", "recorded_and_reforecast",
    "price", "volume", "mix", "timing", "budget", "not_explained",
)  # fmt: skip
ACCOUNT = {"gross_closing": "before support", "closing": "after support", "in_year": "in-year"}
NAME = 26  # letters of a name on screen
SHOWN = 1000.0  # pounds: lines that moved less are one row on screen, and each has its row in the table


def answer_returns(found: ReturnBridge) -> Answer:
    """The bridge between two returns, as text, tables, charts and figures."""
    invented = ", illustrative actuals" if found.before.illustrative or found.after.illustrative else ""

    def tables() -> list[Table]:
        return [bridge_table(found.bridge), return_lines_table(found), return_plans_table(found)]

    charts = partial(bridge_charts, found.bridge, f"{found.after.council}{invented}")
    return Answer("bridge", return_bridge_plain(found), text=return_bridge_text(found), tables=tables, charts=charts)


def return_lines_table(found: ReturnBridge) -> Table:
    """Every line, in pounds of spend; positive is more spent."""
    head: list[Cell] = [found.before.period, found.after.period]
    rows: list[list[Cell]] = [
        [*head, line.line, line.used_for, line.before, line.after, line.movement, line.restated, line.recorded,
         *(line.why[part] for part in WHY)]
        for line in found.lines
    ]  # fmt: skip
    return Table("return_lines", COLUMNS, rows)


def return_plans_table(found: ReturnBridge) -> Table:
    """Plans by placement in both returns: recorded, and forecast for the January inside the year."""
    columns = ("placement", "recorded_before", "recorded_after", "january_before", "january_after")
    return Table("return_plans", columns, [[place, *figures] for place, figures in _plans_of(found).items()], 4)


def _plans_of(found: ReturnBridge) -> dict[str, list[float | None]]:
    sides = (found.before.plans, found.after.plans)
    return {
        place: [side.get(place, {}).get(column) for column in ("actual", "forecast_january") for side in sides]
        for place in dict.fromkeys((*found.after.plans, *found.before.plans))
    }


def return_bridge_text(found: ReturnBridge) -> str:
    """The account, every line that moved, and plans, in £000s and plans; nothing wider than a plain terminal."""
    bridge = found.bridge
    year = show_year(bridge.year)
    head = (
        f"From {bridge.start_label} to {bridge.end_label}, {year}, £000s in cash. In the account a movement in "
        "brackets makes the position worse; in the lines it is less spend."
    )
    # what is invented is said before any figure, the rest after them
    notes = [wrap(note) for note in bridge.notes]
    first = notes[:1] if found.before.illustrative or found.after.illustrative else []
    parts = [wrap(head), *first, _account(found), _lines(found), _plans(found), *notes[len(first) :]]
    rest = "Every line in pounds, with what was restated and recorded since, is in return_lines.csv, with --out."
    return "\n\n".join(part for part in (*parts, wrap(rest)) if part)


def _account(found: ReturnBridge) -> str:
    """Start, movements worth showing, the others together, end: the rows of a column add up."""
    bridge = found.bridge
    f = bridge.years.index(bridge.year)
    moved = [m for m in bridge.movements if any(abs(float(m.account[item][f])) >= SHOWN / 2 for item in ACCOUNT)]
    columns = [[f"Account of {show_year(bridge.year)}", "From", *(m.label for m in moved), "All others", "To"]]
    for item, title in ACCOUNT.items():
        start, end = float(bridge.start[item][f]), float(bridge.end[item][f])
        if not start and not end:
            continue  # a profile of later years has no balance after support
        amounts = [float(movement.account[item][f]) for movement in moved]
        small = end - start - sum(amounts)
        columns.append([title, *map(_thousands, (start, *amounts, small, end))])
    return text_table(columns)


def _lines(found: ReturnBridge) -> str:
    large = [line for line in found.lines if abs(line.movement) >= SHOWN or abs(line.restated) >= SHOWN]
    small = [line for line in found.lines if line not in large]
    groups = [(f"{line.line} {line.used_for}", [line]) for line in large]
    groups += [("Lines that hardly moved", small)] if small else []
    groups.append(("All lines", list(found.lines)))
    names = [shorten(name, NAME, placeholder="...") for name, _ in groups]
    rows = zip(*(_cells(lines) for _, lines in groups), strict=True)
    header = ("outturn", "change", "price", "volume", "mix", "timing", "other")
    return text_table([["Spend by line", *names], *([name, *cells] for name, cells in zip(header, rows, strict=True))])


def _cells(lines: list[LineMovement]) -> list[str]:
    """The later outturn, its change and why, of some lines together."""
    parts = [sum(line.why[part] for line in lines) for part in ("price", "volume", "mix", "timing")]
    other = sum(line.why["budget"] + line.why["spend_rest"] for line in lines)
    outturn, change = sum(line.after for line in lines), sum(line.movement for line in lines)
    return [_thousands(value) for value in (outturn, change, *parts, other)]


def _thousands(pounds: float) -> str:
    shown = round_half_up(pounds / 1e3, 0)
    return "-" if shown == 0 else f"({abs(shown):,.0f})" if shown < 0 else f"{shown:,.0f}"


def _plans(found: ReturnBridge) -> str:
    rows = []
    for place, columns in _plans_of(found).items():
        figures = [0.0 if figure is None else figure for figure in columns]
        name = shorten(place, NAME + 6, placeholder="...")
        rows.append([name, *(f"{figure:,.0f}" for figure in figures), _moved(figures[3] - figures[2])])
    if not rows:
        return ""
    header = ("Plans", "recorded", "then", "January", "then", "change")
    return text_table([[name, *column] for name, column in zip(header, zip(*rows, strict=True), strict=True)])


def _moved(plans: float) -> str:
    shown = round_half_up(plans, 0)
    return "-" if shown == 0 else f"({abs(shown):,.0f})" if shown < 0 else f"{shown:,.0f}"


def return_bridge_plain(found: ReturnBridge) -> dict[str, Any]:
    """Everything, for --json: signed pounds of the account, pounds of spend by line."""
    lines = [
        {
            "s251_line": line.line,
            "used_for": line.used_for,
            "before": round_half_up(line.before, 2),
            "after": round_half_up(line.after, 2),
            "restated": round_half_up(line.restated, 2),
            "recorded_and_reforecast": round_half_up(line.recorded, 2),
            **{WHY[part].replace(" ", "_"): round_half_up(value, 2) for part, value in line.why.items()},
        }
        for line in found.lines
    ]
    plans = [dict(zip(return_plans_table(found).columns, row, strict=True)) for row in return_plans_table(found).rows]
    return {**bridge_plain(found.bridge), "schema": "hnforecast/return-bridge/1", "lines": lines, "plans": plans}
