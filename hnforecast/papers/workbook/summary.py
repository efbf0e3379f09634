"""The Summary sheet: the plain sentences, the balance and in-year position of every scenario, and the deficit chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.base.timeline import show_year
from hnforecast.engine.assumption_lines import under, weakest_mark
from hnforecast.papers.sentences import key_sentences
from hnforecast.papers.workbook.account import ACCOUNT, AGREED, CLOSING, GROSS, IN_YEAR
from hnforecast.papers.workbook.content import AS_RUN, FIRST_YEAR, INPUTS, NOT_APPLICABLE, NOT_AVAILABLE, Content
from hnforecast.papers.workbook.model_inputs import CHANGED
from hnforecast.writing.style import DASHES, INK, MARKERS, colours, position_text, position_word
from hnforecast.writing.xlsx.book import Sheet, local
from hnforecast.writing.xlsx.numbers import GBP_THOUSANDS, YEAR

if TYPE_CHECKING:
    from hnforecast.engine.records import Forecast


CHART_ROWS, CHART_HEIGHT = 28, 560
AGREEMENT = "Agreement with the DfE"


def write_summary(content: Content, sheet: Sheet) -> None:
    """Sentences first, then the table, then the chart that draws it."""
    row = 3
    for sentence in key_sentences(content.forecasts):
        row = sheet.paragraph(row, f"- {sentence}")
    header = row + 1
    row = header + 1
    _labels(sheet, row, "all", "Year ending 31 March", NOT_APPLICABLE, NOT_APPLICABLE)
    for f, column in content.year_columns():
        sheet.number(row, column, content.years[f] + 1, YEAR)
    years_row = row
    row += 1
    chart_rows: list[tuple[str, int]] = []
    for item in (GROSS, IN_YEAR, CLOSING):
        for forecast in content.forecasts:
            account = forecast.account
            values = {GROSS: account.gross_closing, IN_YEAR: account.in_year, CLOSING: account.closing}[item][0]
            if item == GROSS:
                chart_rows.append((forecast.scenario.name, row))
            _linked_row(content, sheet, row, forecast.scenario.name, item, values)
            row += 1
    agreed = content.forecasts[0].account.agreed_gross_closing
    vintage = content.forecasts[0].scenario.vintage
    mark = weakest_mark(under(vintage, "support.agreement.gross_closing")) or NOT_APPLICABLE
    _labels(sheet, row, AGREEMENT, AGREED, NOT_APPLICABLE, mark)
    for f, column in content.year_columns():
        if np.isfinite(agreed[f]):
            sheet.number(row, column, float(agreed[f]), GBP_THOUSANDS, "input")
        else:
            sheet.text(row, column, NOT_AVAILABLE, align="right")
    agreed_row = row
    headers = ["Scenario", "Item", f"{show_year(content.years[-1])} in words", "Mark", *content.year_headers()]
    sheet.table(header, headers, row - header, "summary", right_from=FIRST_YEAR)
    sheet.one_page()
    known = [f for f in range(len(content.years)) if np.isfinite(agreed[f])]
    _chart(content, sheet, years_row, chart_rows, (agreed_row, known), row + 2)


def _labels(sheet: Sheet, row: int, *labels: str) -> None:
    for column, label in enumerate(labels):
        sheet.text(row, column, label)


def _linked_row(content: Content, sheet: Sheet, row: int, scenario: str, item: str, values: FloatArray) -> None:
    _labels(sheet, row, scenario, item, "", content.marks[ACCOUNT, scenario, item])
    last = FIRST_YEAR + len(content.years) - 1
    cell = local(row, last)
    formula = f'=IF(ROUND({cell},0)<0,"deficit",IF(ROUND({cell},0)>0,"surplus","balanced"))'
    sheet.formula(row, 2, formula, position_word(float(values[-1])), align="left")
    for f, column in content.year_columns():
        formula = f"={content.cell(ACCOUNT, scenario, item, column)}"
        sheet.formula(row, column, formula, float(values[f]), GBP_THOUSANDS, "linked")


def _chart(
    content: Content,
    sheet: Sheet,
    years_row: int,
    scenarios: list[tuple[str, int]],
    agreement: tuple[int, list[int]],
    top: int,
) -> None:
    """Lines that differ in colour, dash and marker, so that they are told apart in black and white."""
    chart = sheet.book.chart("scatter", "straight_with_markers")
    first, last = FIRST_YEAR, FIRST_YEAR + len(content.years) - 1
    years = f"={sheet.fixed_span((years_row, first), (years_row, last))}"
    for s, (name, row) in enumerate(scenarios):
        colour = colours(len(scenarios))[s]
        chart.add_series(
            {
                "name": name,
                "categories": years,
                "values": f"={sheet.fixed_span((row, first), (row, last))}",
                "line": {"color": colour, "width": 2.25, "dash_type": DASHES[s % len(DASHES)]},
                "marker": {
                    "type": MARKERS[s % len(MARKERS)],
                    "size": 7,
                    "fill": {"color": colour},
                    "border": {"color": colour},
                },
            }
        )
    row, known = agreement
    if known:
        places = [(FIRST_YEAR + f) for f in known]
        chart.add_series(
            {
                "name": AGREEMENT,
                "categories": _points(sheet, years_row, places),
                "values": _points(sheet, row, places),
                "line": {"color": INK, "width": 1.5, "dash_type": "square_dot"},
                "marker": {"type": "star", "size": 10, "border": {"color": INK}},
            }
        )
    title = {"name": "Balance before any contribution, £m: below the line is a deficit", "name_font": {"size": 14}}
    chart.set_title({**title, "overlay": False})
    ruler = {"min": content.years[0] + 1, "max": content.years[-1] + 1, "major_unit": 1}
    chart.set_x_axis({"name": "Year ending 31 March", "num_format": "0", "label_position": "low", **ruler})
    chart.set_y_axis(
        {"name": "£m, (deficit) or surplus", "num_format": "#,##0,,;(#,##0,,);0", "major_gridlines": {"visible": True}}
    )
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": sheet.pixels(last), "height": CHART_HEIGHT})
    options = {"description": _alt_text(content), "object_position": 3}
    sheet.chart(top, 0, chart, options, CHART_ROWS, last)


def _points(sheet: Sheet, row: int, columns: list[int]) -> str:
    """A series over some years only: one range where they follow each other, else a list of cells."""
    if columns == list(range(columns[0], columns[-1] + 1)):
        return f"={sheet.fixed_span((row, columns[0]), (row, columns[-1]))}"
    return "=(" + ",".join(sheet.cell(row, column, fixed=True) for column in columns) + ")"


def _alt_text(content: Content) -> str:
    """What the chart shows, for those who do not see it."""
    ends = "; ".join(
        f"{forecast.scenario.name} £m {position_text(float(forecast.account.gross_closing[0, -1]))}"
        for forecast in content.forecasts
    )
    span = f"{show_year(content.years[0])} to {show_year(content.years[-1])}"
    return f"Line chart of the balance before any contribution by scenario, {span}. At the end: {ends}."


# The What-if sheet.

WHAT_IF = "What-if"
HOW = (
    f"Change a blue cell on the {INPUTS} sheet: a unit price, an uplift, a grant, a service, a payment, or a measure's "
    "switch from 100% (as planned) to 0% (off). This sheet, Account, Spend by line, Funding and Summary follow.",
    "A price, uplift, share, funding, service or support changed here gives what the program gives with the same "
    "change. Switches of measures that change plans choose between runs of the program: see Combinations.",
    "Not worked out again here, and as run: the sentences on Summary, plans at the January counts, the range around "
    "the forecast, the likelihood of meeting the agreement, Savings, Bridge and Calibration. "
    f"{AS_RUN} holds every input as it was.",
)


def write_what_if(content: Content, sheet: Sheet) -> None:
    """For each scenario, three balances: as run, now, and the change."""
    row = 3
    for text in HOW:
        row = sheet.paragraph(row, f"- {text}")
    sheet.text(row, 0, "Input cells that differ from the run", "total")
    sheet.formula(row, 1, f"={CHANGED}", 0, role="total", align="left")
    header = row + 2
    row = header + 1
    for forecast in content.forecasts:
        row = _block(content, sheet, row, forecast)
    headers = ["Scenario", "Item", "Which", "Mark", *content.year_headers()]
    sheet.table(header, headers, row - header - 1, "what_if", right_from=FIRST_YEAR, blocks=True)
    sheet.freeze(header + 1, FIRST_YEAR)


def _block(content: Content, sheet: Sheet, row: int, forecast: Forecast) -> int:
    name, account = forecast.scenario.name, forecast.account
    for item, values in ((IN_YEAR, account.in_year), (CLOSING, account.closing), (GROSS, account.gross_closing)):
        mark = content.marks[ACCOUNT, name, item]
        for r, which in enumerate(("as run", "now", "change made, (worse) or better")):
            for column, label in enumerate((name, item, which, mark if r < 2 else NOT_APPLICABLE)):
                sheet.text(row + r, column, label, "total" if r == 2 else "label")
        for f, column in content.year_columns():
            value = float(values[0, f])
            sheet.number(row, column, value, GBP_THOUSANDS, "engine")
            formula = f"={content.cell(ACCOUNT, name, item, column)}"
            sheet.formula(row + 1, column, formula, value, GBP_THOUSANDS, "linked")
            formula = f"=ROUND({local(row + 1, column)}-{local(row, column)},2)"
            sheet.formula(row + 2, column, formula, 0.0, GBP_THOUSANDS, "total")
        row += 3
    return row
