"""The Charts sheet: deficit by scenario with its range, plans by placement, spend by line, savings by measure.

Series differ in dash, marker or hatching as well as colour, so that a black and white print can be read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.base.timeline import show_year
from hnforecast.papers.workbook.account import ACCOUNT, FAN, GROSS, IN_YEAR
from hnforecast.papers.workbook.content import FIRST_YEAR, NOT_APPLICABLE, SPEND, Content
from hnforecast.papers.workbook.register import SAVINGS
from hnforecast.papers.workbook.volumes import PLANS_SHEET
from hnforecast.writing.style import DASHES, INK, MARKERS, PALETTE, colours, position_text
from hnforecast.writing.xlsx.book import FIRST_TABLE_ROW, Sheet, local
from hnforecast.writing.xlsx.numbers import GBP_THOUSANDS

if TYPE_CHECKING:
    from hnforecast.engine.records import Forecast


# The Chart data sheet.

CHART_DATA = "Chart data"
BAND_TOP, BAND = "better end of the range", "width of the range"
LOW, HIGH = (f"{GROSS}: p{level * 100:.0f}" for level in (FAN[0][0], FAN[-1][0]))


def shown_scenario(content: Content) -> Forecast:
    """The scenario charts of one scenario show: the first with measures, else the first."""
    return next((forecast for forecast in content.forecasts if forecast.scenario.measures), content.forecasts[0])


def has_range(forecast: Forecast) -> bool:
    """Whether there are draws to show a range of."""
    return forecast.ensemble is not None and forecast.ensemble.account.gross_closing.shape[0] > 1


def write_chart_data(content: Content, sheet: Sheet) -> None:
    """One row a series."""
    forecast = shown_scenario(content)
    row = FIRST_TABLE_ROW + 1
    for line, rows in _lines(content, forecast).items():
        label = f"{line} {content.codes.line_labels.get(line, '')}".strip()
        _labels(sheet, row, "Spend by line", label, forecast.scenario.name)
        total = sum(forecast.spend.by_year[0][:, r] for r in rows)
        for f, column in content.year_columns():
            cells = [content.cell(SPEND, forecast.scenario.name, f"row {r}", column) for r in rows]
            sheet.formula(row, column, "=" + "+".join(cells), float(np.asarray(total)[f]), GBP_THOUSANDS)
        content.place(CHART_DATA, "spend", label, row)
        row += 1
    if forecast.ensemble is not None and has_range(forecast):
        row = _range(content, sheet, row, forecast.scenario.name, forecast.ensemble.account.gross_closing)
    headers = ["Chart", "Series", "Scenario", "Mark", *content.year_headers()]
    sheet.table(FIRST_TABLE_ROW, headers, row - FIRST_TABLE_ROW - 1, "chart_data", right_from=FIRST_YEAR, blocks=True)
    sheet.set_width(1, 60)
    sheet.freeze(FIRST_TABLE_ROW + 1, FIRST_YEAR)


def spend_series(content: Content) -> list[tuple[str, int]]:
    """(label, row) of spend by line."""
    return [
        (label, row) for (sheet, kind, label), row in content.rows.items() if (sheet, kind) == (CHART_DATA, "spend")
    ]


def _range(content: Content, sheet: Sheet, row: int, name: str, drawn: FloatArray) -> int:
    """The better end, and from there down to the worse end: areas stacked on each other."""
    low, high = (np.quantile(drawn, level, axis=0) for level in (FAN[0][0], FAN[-1][0]))
    for label, values in ((BAND_TOP, high), (BAND, low - high)):
        _labels(sheet, row, "Deficit by scenario", label, name)
        for f, column in content.year_columns():
            top = content.cell(ACCOUNT, name, HIGH, column)
            formula = f"={top}" if label == BAND_TOP else f"={content.cell(ACCOUNT, name, LOW, column)}-{top}"
            sheet.formula(row, column, formula, float(values[f]), GBP_THOUSANDS, "linked")
        content.place(CHART_DATA, name, label, row)
        row += 1
    return row


def _lines(content: Content, forecast: Forecast) -> dict[str, list[int]]:
    """Each s251 line that holds money -> the rows of spend on it, in the order of the code list."""
    found: dict[str, list[int]] = {}
    for r, spend_row in enumerate(forecast.spend.rows):
        if spend_row.in_account and np.abs(forecast.spend.by_year[0][:, r]).max() > 0:
            found.setdefault(spend_row.s251_line, []).append(r)
    order = {line: position for position, line in enumerate(content.codes.lines)}
    return dict(sorted(found.items(), key=lambda item: order.get(item[0], len(order))))


def _labels(sheet: Sheet, row: int, *labels: str) -> None:
    for column, label in enumerate((*labels, NOT_APPLICABLE)):
        sheet.text(row, column, label, "wrapped" if column == 1 else "label")


CHARTS = "Charts"
ROWS, ROW_PIXELS = 28, 20
PATTERNS = (
    "percent_75", "wide_upward_diagonal", "dotted_grid", "wide_downward_diagonal", "dark_horizontal", "percent_25",
    "small_check", "light_vertical", "diagonal_brick", "large_confetti", "weave", "wave",
)  # fmt: skip
MILLIONS = "#,##0,,;(#,##0,,);0"
TENTHS = "#,##0.0,,;(#,##0.0,,);0"


def write_charts(content: Content, sheet: Sheet) -> None:
    """A list of the charts, with what each shows in words, then the charts, one a page."""
    forecast = shown_scenario(content)
    made = [
        ("Deficit by scenario", *_deficit(content, sheet, forecast), ACCOUNT),
        ("Plans by placement", *_plans(content, sheet, forecast), PLANS_SHEET),
        ("Spend by line", *_spend(content, sheet, forecast), CHART_DATA),
    ]
    if forecast.savings:
        made.append(("Savings by measure", *_savings(content, sheet, forecast), SAVINGS))
    for row, (name, _, words, source) in enumerate(made, start=FIRST_TABLE_ROW + 1):
        sheet.text(row, 0, name)
        sheet.text(row, 1, words, "wrapped")
        sheet.link(row, 2, source)
    sheet.table(FIRST_TABLE_ROW, ["Chart", "What it shows", "Drawn from"], len(made), "charts")
    sheet.set_width(1, 110)
    top, breaks = FIRST_TABLE_ROW + len(made) + 3, []
    for _, chart, words, _ in made:
        breaks.append(top)
        chart.set_size({"width": sheet.pixels(2) - 20, "height": (ROWS - 2) * ROW_PIXELS})
        sheet.chart(top + 1, 0, chart, {"description": words, "object_position": 3}, ROWS - 2, 2)
        top += ROWS
    sheet.break_before(breaks)


def _deficit(content: Content, sheet: Sheet, shown: Forecast) -> tuple[Any, str]:
    """Lines by scenario over the range of one of them."""
    lines = sheet.book.chart("line")
    years = f"={_span(content, CHART_DATA, FIRST_TABLE_ROW)}"
    for s, forecast in enumerate(content.forecasts):
        name, colour = forecast.scenario.name, colours(len(content.forecasts))[s]
        marker = {"type": MARKERS[s % len(MARKERS)], "size": 7, "fill": {"color": colour}, "border": {"color": colour}}
        line = {"color": colour, "width": 2.25, "dash_type": DASHES[s % len(DASHES)]}
        values = f"={_span(content, ACCOUNT, content.rows[ACCOUNT, name, GROSS])}"
        lines.add_series({"name": name, "categories": years, "values": values, "line": line, "marker": marker})
    chart, deleted = lines, []
    if has_range(shown):
        chart = sheet.book.chart("area", "stacked")
        name = shown.scenario.name
        grey = {"pattern": {"pattern": "percent_20", "fg_color": "#808080", "bg_color": "#FFFFFF"}}
        fills: tuple[dict[str, Any], ...] = ({"fill": {"none": True}, "border": {"none": True}}, grey)
        for label, fill in zip((BAND_TOP, BAND), fills, strict=True):
            values = f"={_span(content, CHART_DATA, content.rows[CHART_DATA, name, label])}"
            title = f"{name}: 8 in 10 of the draws" if label == BAND else label
            chart.add_series({"name": title, "categories": years, "values": values, **fill})
        chart.combine(lines)
        deleted = [0]
    _axes(chart, "Balance before any contribution, £m: below nought is a deficit", "£m, (deficit) or surplus", MILLIONS)
    chart.set_legend({"position": "bottom", "delete_series": deleted})
    ends = "; ".join(
        f"{f.scenario.name} £m {position_text(float(f.account.gross_closing[0, -1]))}" for f in content.forecasts
    )
    band = f" The grey band holds 8 in 10 draws of {shown.scenario.name}." if has_range(shown) else ""
    words = f"Balance before any contribution by scenario, {_period(content)}. At the end: {ends}.{band}"
    return chart, words


def _plans(content: Content, sheet: Sheet, shown: Forecast) -> tuple[Any, str]:
    chart, name = sheet.book.chart("column", "stacked"), shown.scenario.name
    last = FIRST_YEAR + len(content.clock.censuses) - 1
    header = f"={_span(content, PLANS_SHEET, FIRST_TABLE_ROW, last)}"
    counts = shown.plans.january[0].sum(axis=1)
    for p, placement in enumerate(content.codes.placements):
        if counts[:, p].max() < 0.5:
            continue
        values = f"={_span(content, PLANS_SHEET, content.rows[PLANS_SHEET, name, placement], last)}"
        _hatched(chart, content.codes.labels[placement], header, values, p)
    _axes(chart, f"EHC plans in January by placement, {name}", "plans", "#,##0")
    chart.set_legend({"position": "right"})
    totals = counts.sum(axis=1)
    words = (
        f"EHC plans by placement in {name}: {totals[0]:,.0f} in January {content.clock.censuses[0]}, "
        f"{totals[-1]:,.0f} in January {content.clock.censuses[-1]}."
    )
    return chart, words


def _spend(content: Content, sheet: Sheet, shown: Forecast) -> tuple[Any, str]:
    chart, name = sheet.book.chart("column", "stacked"), shown.scenario.name
    years = f"={_span(content, CHART_DATA, FIRST_TABLE_ROW)}"
    for s, (label, row) in enumerate(spend_series(content)):
        _hatched(chart, label, years, f"={_span(content, CHART_DATA, row)}", s)
    _axes(chart, f"High needs spend by section 251 line, £m, net of income, {name}", "£m", MILLIONS)
    chart.set_legend({"position": "right", "font": {"size": 9}})
    spent = shown.funding.by_year[0].sum(axis=-1) - shown.account.in_year[0]
    words = (
        f"Spend by section 251 line in {name}: £{spent[0] / 1e6:,.1f}m in {show_year(content.years[0])}, "
        f"£{spent[-1] / 1e6:,.1f}m in {show_year(content.years[-1])}."
    )
    return chart, words


def _savings(content: Content, sheet: Sheet, shown: Forecast) -> tuple[Any, str]:
    chart, name = sheet.book.chart("column", "stacked"), shown.scenario.name
    first = FIRST_YEAR + sum(year < content.clock.first_forecast for year in content.years)
    years = f"={_span(content, CHART_DATA, FIRST_TABLE_ROW, first=first)}"
    titles = {measure.name: measure.title for measure in shown.scenario.measures}
    for s, saving in enumerate(shown.savings):
        values = f"={_span(content, SAVINGS, content.rows[SAVINGS, name, saving.measure], first=first)}"
        _hatched(chart, titles[saving.measure], years, values, s)
    _axes(chart, f"What each measure improves the in-year position by, £m, {name}, as run", "£m, (cost) or saving",
          TENTHS)  # fmt: skip
    chart.set_legend({"position": "right", "font": {"size": 9}})
    last = sum(float(saving.central[-1]) for saving in shown.savings)
    best = max(shown.savings, key=lambda saving: float(saving.central[-1]))
    words = (
        f"Savings by measure in {name}: £{last / 1e6:,.1f}m in all in {show_year(content.years[-1])}, most of it "
        f"from {titles[best.measure]}, £{float(best.central[-1]) / 1e6:,.1f}m."
    )
    return chart, words


def _hatched(chart: Any, name: str, categories: str, values: str, s: int) -> None:
    """A stacked series told apart by its hatching."""
    pattern = {"pattern": PATTERNS[s % len(PATTERNS)], "fg_color": colours(s + 1)[s], "bg_color": "#FFFFFF"}
    border = {"color": INK, "width": 0.75}
    chart.add_series(
        {"name": name, "categories": categories, "values": values, "pattern": pattern, "border": border, "gap": 50}
    )


def _axes(chart: Any, title: str, unit: str, number: str) -> None:
    chart.set_title({"name": title, "name_font": {"size": 13}, "overlay": False})
    chart.set_x_axis({"label_position": "low", "num_font": {"size": 9}})
    grid = {"visible": True, "line": {"color": "#D9D9D9"}}
    chart.set_y_axis({"name": unit, "num_format": number, "major_gridlines": grid})


def _span(content: Content, sheet: str, row: int, last: int | None = None, *, first: int = FIRST_YEAR) -> str:
    end = FIRST_YEAR + len(content.years) - 1 if last is None else last
    return content.sheets[sheet].fixed_span((row, first), (row, end))


def _period(content: Content) -> str:
    return f"{show_year(content.years[0])} to {show_year(content.years[-1])}"


# The Bridge sheet.

BRIDGE = "Bridge"
HEADERS = (
    "Step", "In the chart", "What it does", "Deficit before", "Deficit after", "Hidden", "Hidden, surplus", "Total",
    "Better", "Better, surplus", "Worse", "Worse, surplus",
)  # fmt: skip
CHART_ROWS = 30
PARTS = {
    7: ("Deficit", {"pattern": "percent_75", "fg_color": INK, "bg_color": "#FFFFFF"}),
    8: ("Better", {"pattern": "wide_upward_diagonal", "fg_color": PALETTE[2], "bg_color": "#FFFFFF"}),
    10: ("Worse", {"pattern": "small_grid", "fg_color": PALETTE[1], "bg_color": "#FFFFFF"}),
}


def write_bridge(content: Content, sheet: Sheet) -> None:
    """A row a step; figures are those of the run."""
    forecast = shown_scenario(content)
    year = content.years[-1]
    savings = [(saving, float(saving.central[-1])) for saving in forecast.savings]
    titles = {measure.name: measure.title for measure in forecast.scenario.measures}
    ends = -float(forecast.account.in_year[0, -1])
    start = ends + sum(value for _, value in savings)
    steps = [("Without measures", "without", 0.0, start)]
    level = start
    for saving, value in savings:
        steps.append((titles[saving.measure], saving.measure.replace("_", " "), level, level - value))
        level -= value
    steps.append((f"With measures: {forecast.scenario.name}", forecast.scenario.name, 0.0, ends))
    first = FIRST_TABLE_ROW + 1
    for row, (label, short, before, after) in enumerate(steps, start=first):
        total = row in (first, first + len(steps) - 1)
        _step(sheet, row, (label, short), before, after, total=total)
    sheet.table(FIRST_TABLE_ROW, HEADERS, len(steps), "bridge", right_from=3)
    sheet.set_width(0, 44)
    sheet.text(2, 0, f"{IN_YEAR}, {show_year(year)}, {forecast.scenario.name}; each measure's share of what all save "
                     "together, as run. A deficit is above nought here.", "plain")  # fmt: skip
    _chart(content, sheet, first, len(steps), (start, ends), show_year(year))
    sheet.one_page()


def _step(sheet: Sheet, row: int, labels: tuple[str, str], before: float, after: float, *, total: bool) -> None:
    word = "total" if total else "better" if after < before else "worse" if after > before else "no change"
    role = "total" if total else "label"
    sheet.text(row, 0, labels[0], "total" if total else "wrapped")
    sheet.text(row, 1, labels[1], role)
    sheet.text(row, 2, word, role)
    sheet.number(row, 3, before, GBP_THOUSANDS, "engine")
    sheet.number(row, 4, after, GBP_THOUSANDS, "engine")
    a, b = local(row, 3), local(row, 4)
    low, high = f"MIN({a},{b})", f"MAX({a},{b})"
    above = max(0.0, before, after) - max(0.0, min(before, after))
    below = min(0.0, before, after) - min(0.0, max(before, after))
    sheet.formula(row, 5, f"=MAX(0,{low})", max(0.0, min(before, after)), GBP_THOUSANDS)
    sheet.formula(row, 6, f"=MIN(0,{high})", min(0.0, max(before, after)), GBP_THOUSANDS)
    up, down = f"=MAX(0,{high})-MAX(0,{low})", f"=MIN(0,{low})-MIN(0,{high})"
    for column in range(7, 12):
        sheet.text(row, column, NOT_APPLICABLE, align="right")
    if total:
        sheet.formula(row, 7, f"={b}", after, GBP_THOUSANDS)
    else:
        column = 8 if after <= before else 10
        sheet.formula(row, column, up, above, GBP_THOUSANDS)
        sheet.formula(row, column + 1, down, below, GBP_THOUSANDS)


def _chart(content: Content, sheet: Sheet, first: int, steps: int, ends: tuple[float, float], year: str) -> None:
    chart = sheet.book.chart("column", "stacked")
    last = first + steps - 1
    names = f"={sheet.fixed_span((first, 1), (last, 1))}"
    for column in range(5, 12):
        values = f"={sheet.fixed_span((first, column), (last, column))}"
        hidden = column in (5, 6)
        title, pattern = PARTS[column if column in PARTS else max(7, column - 1)] if not hidden else ("", {})
        fill = {"fill": {"none": True}, "border": {"none": True}} if hidden else {
            "pattern": pattern, "border": {"color": INK, "width": 1}
        }  # fmt: skip
        chart.add_series({"name": title or HEADERS[column], "categories": names, "values": values, "gap": 40, **fill})
    title = f"In-year deficit in {year}, £m: without measures, what each changes, with measures"
    chart.set_title({"name": title, "name_font": {"size": 13}, "overlay": False})
    chart.set_x_axis({"num_font": {"rotation": -45, "size": 9}, "label_position": "low"})
    grid = {"visible": True, "line": {"color": "#D9D9D9"}}
    unit = "£m, a deficit above nought"
    chart.set_y_axis({"name": unit, "num_format": "#,##0,,;(#,##0,,);0", "major_gridlines": grid})
    chart.set_legend({"position": "bottom", "delete_series": [0, 1, 4, 6]})
    chart.set_size({"width": sheet.pixels(11), "height": CHART_ROWS * 20})
    alt = (
        f"Waterfall of the in-year deficit in {year}: £{ends[0] / 1e6:,.1f}m without measures, "
        f"£{ends[1] / 1e6:,.1f}m with all of them. The table above gives each step."
    )
    sheet.chart(last + 2, 0, chart, {"description": alt, "object_position": 3}, CHART_ROWS, 11)
