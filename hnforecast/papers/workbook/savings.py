"""The Savings sheet: what each measure improves the in-year position by, in shares that add up."""

from __future__ import annotations

from hnforecast.papers.workbook.content import FIRST_YEAR, NOT_APPLICABLE, Content
from hnforecast.writing.xlsx.numbers import GBP_THOUSANDS
from hnforecast.writing.xlsx.sheet import FIRST_TABLE_ROW, Sheet, local_span

SAVINGS = "Savings"


def write_savings(content: Content, sheet: Sheet) -> None:
    """One row a measure and scenario, net of what it costs to deliver, with a live total."""
    header = FIRST_TABLE_ROW
    row = header + 1
    for forecast in content.forecasts:
        name, measures = forecast.scenario.name, {m.name: m for m in forecast.scenario.measures}
        first = row
        shares = forecast.savings
        behind = len(content.years) - (
            len(shares[0].central) if shares else 0
        )  # outturn years, which no measure changes
        for saving in shares:
            measure = measures[saving.measure]
            content.place(SAVINGS, name, saving.measure, row)
            for column, label in enumerate((name, measure.title, measure.name, measure.mark)):
                sheet.text(row, column, label, "wrapped" if column == 1 else "label")
            for f, column in content.year_columns():
                if f < behind:
                    sheet.text(row, column, NOT_APPLICABLE, align="right")
                else:
                    sheet.number(row, column, float(saving.central[f - behind]), GBP_THOUSANDS)
            row += 1
        if shares:
            for column, label in enumerate((name, "All measures together", "the rows above", NOT_APPLICABLE)):
                sheet.text(row, column, label, "total")
            for f, column in content.year_columns():
                total = sum(float(saving.central[f - behind]) for saving in shares) if f >= behind else 0.0
                formula = f"=SUM({local_span((first, column), (row - 1, column))})"
                sheet.formula(row, column, formula, total, GBP_THOUSANDS, "total")
            row += 1
    if row == header + 1:
        for column in range(FIRST_YEAR + len(content.years)):
            sheet.text(row, column, "no scenario of this run has measures" if column == 1 else NOT_APPLICABLE)
    headers = ["Scenario", "Measure", "Name", "Mark", *content.year_headers()]
    sheet.table(header, headers, row - header - 1, "savings", right_from=FIRST_YEAR, blocks=True)
    sheet.set_width(1, 42)
    sheet.freeze(header + 1, FIRST_YEAR)
