"""The What-if sheet: how to change an input, and what the changes made so far move in every scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hnforecast.papers.workbook.account import ACCOUNT, CLOSING, GROSS, IN_YEAR
from hnforecast.papers.workbook.content import AS_RUN, FIRST_YEAR, INPUTS, NOT_APPLICABLE, Content
from hnforecast.papers.workbook.model_inputs import CHANGED
from hnforecast.writing.xlsx.numbers import GBP_THOUSANDS
from hnforecast.writing.xlsx.sheet import Sheet, local

if TYPE_CHECKING:
    from hnforecast.engine.forecast import Forecast

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
