"""What changed since the last forecast and why: the movements of a bridge, which add up exactly."""

from __future__ import annotations

from hnforecast.base.timeline import show_year
from hnforecast.papers.report.ledger import Term
from hnforecast.papers.report.material import Material, bracketed, end_of
from hnforecast.papers.report.parts import DataTable, Numbered, Officer, Part, Picture
from hnforecast.writing.blocks import Heading

ITEM, NAMED, SMALL = "gross_closing", 3, 50_000


def what_changed(material: Material) -> list[Part]:
    """The movements since the earlier run, largest first in words, all of them in the table."""
    m, say = material, material.ledger
    heading = Heading("What has changed since the last forecast, and why")
    if m.change is None:
        return [
            heading,
            Numbered("This report was made without an earlier forecast to compare with."),
            Officer(
                "say which forecast was last reported and what has changed since, or make this report again with the "
                "run of "
                "that forecast (option --against)."
            ),
        ]
    bridge, year = m.change.bridge, m.change.bridge.year
    f = bridge.years.index(year)
    where = f"bridge from {bridge.start_label} to {bridge.end_label}, {show_year(year)}"
    start = Term(where, "balance before contributions, earlier", given=float(bridge.start[ITEM][f]))
    end = Term(where, "balance before contributions, now", given=float(bridge.end[ITEM][f]))
    moved = [(mv, float(mv.of(ITEM)[f])) for mv in bridge.movements]
    told = sorted((pair for pair in moved if abs(pair[1]) >= SMALL), key=lambda pair: -abs(pair[1]))[:NAMED]
    parts: list[Part] = [
        heading,
        Numbered(
            f"The last forecast is run {m.change.earlier}. It put the balance before contributions on {end_of(year)} "
            f"at "
            f"{say.position(start)}. This forecast puts it at {say.position(end)}: {say.better(end, -start)}."
        ),
    ]
    if told:
        causes = [f"{_lower(mv.label)}, {say.better(Term(where, mv.label, given=amount))}" for mv, amount in told]
        lead = "The largest cause is" if len(causes) == 1 else "The largest causes are"
        parts.append(
            Numbered(
                f"{lead} {_joined(causes)}. The movements add up to the change exactly, in whatever order they are "
                f"told."
            )
        )
    rows = [
        [label, bracketed(amount), bracketed(in_year)]
        for (label, amount), (_, in_year) in zip(
            bridge.amounts(ITEM, year), bridge.amounts("in_year", year), strict=True
        )
    ]
    rows[0][0], rows[-1][0] = "Last forecast", "This forecast"
    header = ["\N{POUND SIGN}000s, (deficit or worse)", f"Balance before contributions, {end_of(year)}",
              f"In-year position, {show_year(year)}"]  # fmt: skip
    parts.append(DataTable("From the last forecast to this one", header, rows, where, shares=(0.46, 0.3, 0.24)))
    words = (
        f"Waterfall chart from the last forecast to this one of the balance before contributions on {end_of(year)}. "
        "Its figures are those of the table above."
    )
    parts.append(Picture("What moved the balance before contributions", m.change.chart, words))
    base = m.run.vintage.manifest.base_census
    if m.change.earlier_base != base:
        parts.append(
            Numbered(
                f"The last forecast starts from the plans counted in January {m.change.earlier_base}, this one from "
                f"January "
                f"{base}. What was counted and spent in between, where it was not as expected, is in the row "
                "\N{LEFT DOUBLE QUOTATION MARK}New counts and outturn\N{RIGHT DOUBLE QUOTATION MARK}."
            )
        )
    return parts


def _joined(items: list[str]) -> str:
    return items[0] if len(items) == 1 else f"{'; '.join(items[:-1])}; and {items[-1]}"


def _lower(label: str) -> str:
    return label[:1].lower() + label[1:]
