"""A bridge as a tidy table, as text for the terminal, and as plain values."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from hnforecast.base.record import package_version
from hnforecast.base.timeline import show_year
from hnforecast.writing.answer import Answer
from hnforecast.writing.csvtext import PLAN_PLACES, Cell, Table
from hnforecast.writing.style import MILLION, millions, position_text, round_half_up
from hnforecast.writing.terminal import text_table, wrap

if TYPE_CHECKING:
    from hnforecast.questions.compare import Bridge, Movement

ITEMS = ("gross_closing", "closing", "in_year", "plans")
COLUMNS = ("from", "to", "financial_year", "item", "step", "amount")
NAMED = 3  # movements told in words


def answer_bridge(bridge: Bridge, council: str) -> Answer:
    """The bridge between two forecasts, as text, table, charts and figures."""
    charts = partial(bridge_charts, bridge, council)
    return Answer(
        "bridge", bridge_plain(bridge), text=bridge_text(bridge), tables=lambda: [bridge_table(bridge)], charts=charts
    )


def bridge_charts(bridge: Bridge, council: str) -> dict[str, bytes]:
    """File name -> chart."""
    from hnforecast.questions.compare.chart import draw_bridge  # which loads what screens need not

    span = f"{bridge.start_label} to {bridge.end_label}"
    return dict(draw_bridge(bridge, f"Source: hnforecast {package_version()}, {council}, {span}. Cash prices."))


def bridge_table(bridge: Bridge) -> Table:
    """Every movement of every item and year, in signed pounds or plans, between a start and an end row.

    `step` is start, the code of a movement, or end; of one item and year the movements add to end less start.
    """
    rows: list[list[Cell]] = []
    for f, year in enumerate(bridge.years):
        for item in ITEMS:
            head: list[Cell] = [bridge.start_label, bridge.end_label, show_year(year), item]
            rows.append([*head, "start", float(bridge.start[item][f])])
            rows.extend([*head, movement.name, float(movement.of(item)[f])] for movement in bridge.movements)
            rows.append([*head, "end", float(bridge.end[item][f])])
    return Table("bridge", COLUMNS, rows, PLAN_PLACES)


def bridge_text(bridge: Bridge) -> str:
    """The movements of the year asked for, what they come to in words, and what to know of them."""
    year = show_year(bridge.year)
    f = bridge.years.index(bridge.year)
    head = (
        f"From {bridge.start_label} to {bridge.end_label}, {year}. "
        "£m in cash; a movement of money in brackets makes the position worse."
    )
    columns = [["", "From", *(movement.label for movement in bridge.movements), "To"]]
    for title, item in (("before support", "gross_closing"), ("after support", "closing"), ("in-year", "in_year")):
        start, end = float(bridge.start[item][f]), float(bridge.end[item][f])
        moves = [_moved(float(movement.of(item)[f]) / MILLION) for movement in bridge.movements]
        columns.append([title, position_text(start), *moves, position_text(end)])
    plans = [f"{float(bridge.start['plans'][f]):,.0f}"]
    plans += [_moved(float(movement.plans[f]), 0) for movement in bridge.movements]
    columns.append(["plans", *plans, f"{float(bridge.end['plans'][f]):,.0f}"])
    parts = [wrap(head), text_table(columns), *(wrap(sentence) for sentence in sentences(bridge))]
    return "\n\n".join(parts) + "\n"


def sentences(bridge: Bridge) -> list[str]:
    """What moved the balance before support most, then the notes of the bridge."""
    f, year = bridge.years.index(bridge.year), show_year(bridge.year)
    change = float(bridge.end["gross_closing"][f] - bridge.start["gross_closing"][f])
    if abs(change) < MILLION / 20:
        first = f"The balance before support at the end of {year} is the same in both."
    else:
        ranked = sorted(bridge.movements, key=lambda movement: -abs(float(movement.of("gross_closing")[f])))
        told = [
            _told(movement, f)
            for movement in ranked[:NAMED]
            if abs(float(movement.of("gross_closing")[f])) >= MILLION / 20
        ]
        way = "better" if change > 0 else "worse"
        first = (
            f"The balance before support at the end of {year} is £{millions(change)}m {way}. "
            f"The largest movements: {'; '.join(told)}. "
            "The movements add up to the difference exactly, in whatever order they are told."
        )
    return [first, *bridge.notes]


def bridge_plain(bridge: Bridge) -> dict[str, Any]:
    """The bridge as plain values, for --json: signed pounds to the penny, plans to four decimals."""
    years: dict[str, Any] = {}
    for f, year in enumerate(bridge.years):
        years[show_year(year)] = {
            item: {
                "start": _rounded(float(bridge.start[item][f]), item),
                "movements": {m.name: _rounded(float(m.of(item)[f]), item) for m in bridge.movements},
                "end": _rounded(float(bridge.end[item][f]), item),
            }
            for item in ITEMS
        }
    return {
        "schema": "hnforecast/bridge/1",
        "from": bridge.start_label,
        "to": bridge.end_label,
        "year": show_year(bridge.year),
        "years": years,
        "notes": list(bridge.notes),
    }


def _rounded(value: float, item: str) -> float:
    return round_half_up(value, PLAN_PLACES if item == "plans" else 2)


def _told(movement: Movement, f: int) -> str:
    amount = float(movement.of("gross_closing")[f])
    label = movement.label[0].lower() + movement.label[1:]
    return f"{label}, £{millions(amount)}m {'better' if amount > 0 else 'worse'}"


def _moved(value: float, places: int = 1) -> str:
    shown = round_half_up(value, places)
    if shown == 0:
        return "-"
    text = f"{abs(shown):,.{places}f}"
    return f"({text})" if shown < 0 else text
