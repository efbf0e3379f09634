"""The Bridge sheet: from the in-year deficit without measures to the one with them, measure by measure, as a waterfall.

Columns are floated on hidden ones; where a step crosses nought it is drawn in two parts.
"""

from __future__ import annotations

from hnforecast.base.timeline import show_year
from hnforecast.papers.workbook.account import IN_YEAR
from hnforecast.papers.workbook.charts import shown_scenario
from hnforecast.papers.workbook.content import NOT_APPLICABLE, Content
from hnforecast.writing.style import INK, PALETTE
from hnforecast.writing.xlsx.book import FIRST_TABLE_ROW, Sheet, local
from hnforecast.writing.xlsx.numbers import GBP_THOUSANDS

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
