"""The Plans sheet: January counts by placement, scenario by scenario, with live totals."""

from __future__ import annotations

from hnforecast.engine.assumption_lines import under, weakest_mark
from hnforecast.papers.workbook.content import FIRST_YEAR, Content
from hnforecast.writing.xlsx.numbers import PLANS
from hnforecast.writing.xlsx.sheet import FIRST_TABLE_ROW, Sheet, local_span

PLANS_SHEET = "Plans by placement"
TOTAL_PLANS = "Total plans"


def write_plans(content: Content, sheet: Sheet) -> None:
    """EHC plans open in January, by placement."""
    header = FIRST_TABLE_ROW
    row = header + 1
    clock = content.clock
    base_census = clock.first_forecast  # the January inside the last outturn year
    for forecast in content.forecasts:
        name = forecast.scenario.name
        counts = forecast.plans.january[0].sum(axis=1)  # (census, placement)
        mark = weakest_mark(under(forecast.scenario.vintage, "population", "demand", "flows"))
        first = row
        for p, placement in enumerate(content.codes.placements):
            labels = (name, content.codes.labels[placement], content.codes.groups[placement], mark)
            for column, label in enumerate(labels):
                sheet.text(row, column, label, "wrapped" if column in (1, 2) else "label")
            content.place(PLANS_SHEET, name, placement, row)
            for c in range(len(clock.censuses)):
                sheet.number(row, FIRST_YEAR + c, float(counts[c, p]), PLANS)
            row += 1
        for column, label in enumerate((name, TOTAL_PLANS, "the rows above", mark)):
            sheet.text(row, column, label, "total")
        for c in range(len(clock.censuses)):
            column = FIRST_YEAR + c
            formula = f"=SUM({local_span((first, column), (row - 1, column))})"
            sheet.formula(row, column, formula, float(counts[c].sum()), PLANS, "total")
        content.place(PLANS_SHEET, name, TOTAL_PLANS, row)
        row += 1
    headers = ["Scenario", "Placement", "DfE group", "Mark"]
    headers += [f"January {census} {'count' if census <= base_census else 'forecast'}" for census in clock.censuses]
    sheet.table(header, headers, row - header - 1, "plans", right_from=FIRST_YEAR, blocks=True)
    sheet.set_width(1, 38)
    sheet.set_width(2, 34)
    sheet.freeze(header + 1, FIRST_YEAR)
