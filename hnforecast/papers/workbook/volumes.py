"""The Plan-years sheet: plan-years and commissioned places of every scenario, as the switches leave them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hnforecast.base.axes import FloatArray
from hnforecast.base.timeline import month, show_year
from hnforecast.engine.assumption_lines import under, weakest_mark
from hnforecast.engine.combinations import plan_years_by_term
from hnforecast.engine.model.steps import steps_of
from hnforecast.papers.workbook.content import BEFORE, FIRST_YEAR, NOT_APPLICABLE, TERM_WORDS, VOLUMES, Content
from hnforecast.papers.workbook.effects import change_cell, effect_key
from hnforecast.writing.xlsx.book import FIRST_TABLE_ROW, Sheet, local_span
from hnforecast.writing.xlsx.numbers import PLANS, VOLUME

if TYPE_CHECKING:
    from hnforecast.engine.records import Forecast


def write_volumes(content: Content, sheet: Sheet) -> None:
    """Two rows a placement with a price, one a placement with commissioned places, one a memo cost, by scenario."""
    row = FIRST_TABLE_ROW + 1
    for forecast in content.forecasts:
        row = _plan_years(content, sheet, row, forecast)
        row = _places(content, sheet, row, forecast)
        row = _memo(content, sheet, row, forecast)
    headers = ["Scenario", "Placement", "What and where from", f"Before {show_year(content.years[0])}"]
    rows = row - FIRST_TABLE_ROW - 1
    sheet.table(FIRST_TABLE_ROW, [*headers, *content.year_headers()], rows, "plan_years", right_from=BEFORE,
                blocks=True)  # fmt: skip
    sheet.set_width(1, 44)
    sheet.set_width(2, 44)
    sheet.freeze(FIRST_TABLE_ROW + 1, FIRST_YEAR)


def _plan_years(content: Content, sheet: Sheet, row: int, forecast: Forecast) -> int:
    sets, name = content.sets, forecast.scenario.name
    combined = sets.of(name)
    years = plan_years_by_term(forecast.plans.plan_months, steps_of(content.clock, detail=True), content.years)[0]
    for placement in sets.placements:
        p = content.codes.placements.index(placement)
        for term, words in enumerate(TERM_WORDS):
            source = "combinations x weights" if combined else "from the program"
            _labels(sheet, row, name, content.codes.labels[placement], f"plan-years, {words}: {source}")
            sheet.text(row, BEFORE, NOT_APPLICABLE, align="right")
            for f, column in content.year_columns():
                value = float(years[f, term, p])
                if combined is None:
                    sheet.number(row, column, value, VOLUME, "engine")
                    continue
                weights = sets.weights_span(content, forecast)
                values = sets.values_span(content, forecast, f, term, placement)
                sheet.formula(row, column, f"=SUMPRODUCT({weights},{values})", value, VOLUME)
            content.place(VOLUMES, name, f"{placement}.{term}", row)
            row += 1
    return row


def _places(content: Content, sheet: Sheet, row: int, forecast: Forecast) -> int:
    """Commissioned places from each September, openings of measures included."""
    name, vintage = forecast.scenario.name, forecast.scenario.vintage
    levers = list(forecast.levers.of("commissioned_places"))
    for k, placement in enumerate(vintage.flows.places):
        if placement not in vintage.prices.place:
            continue
        _labels(sheet, row, name, content.codes.labels[placement], "commissioned places from September")
        key = f"places.{placement}"
        before = float(vintage.flows.places[placement].commissioned.at(month(content.years[0] - 1, 9)))
        sheet.formula(row, BEFORE, f"={content.input(key)}", before, VOLUME)
        values = _engine_places(content, forecast, k)
        for f, column in content.year_columns():
            formula = f"={content.input_year(key, column)}" + "".join(
                f"+{change_cell(content, forecast, effect_key(content, lever), column)}"
                for lever in levers
                if lever.touches(placement)
            )
            sheet.formula(row, column, formula, float(values[f]), VOLUME)
        content.place(VOLUMES, name, key, row)
        row += 1
    return row


def _engine_places(content: Content, forecast: Forecast, k: int) -> FloatArray:
    """(f,) places from the September of each year, as the flow used them."""
    first = forecast.clock.academic_years[1]  # the rates begin with the academic year of the base count
    start = content.years[0] - first
    places: FloatArray = forecast.rates.places[0, start : start + len(content.years), k]
    return places


def _memo(content: Content, sheet: Sheet, row: int, forecast: Forecast) -> int:
    """What drives the council's own costs: plans or new plans, as the run had them."""
    name, vintage = forecast.scenario.name, forecast.scenario.vintage
    memo = [r for r, spend_row in enumerate(forecast.spend.rows) if spend_row.account != "dsg"]
    for r, (key, item) in zip(memo, vintage.services.council.items(), strict=True):
        unit = content.unit_costs[name, key] * item.share.at(0)
        values = [
            spent / cost if cost else 0.0 for spent, cost in zip(forecast.spend.by_year[0, :, r], unit, strict=True)
        ]
        _labels(sheet, row, name, item.label, f"{item.per.replace('_', ' ')}s that cost (memo): as run")
        sheet.text(row, BEFORE, NOT_APPLICABLE, align="right")
        for f, column in content.year_columns():
            sheet.number(row, column, float(values[f]), VOLUME, "engine")
        content.place(VOLUMES, name, f"council.{key}", row)
        row += 1
    return row


def _labels(sheet: Sheet, row: int, *labels: str) -> None:
    for column, label in enumerate(labels):
        sheet.text(row, column, label, "wrapped" if column else "label")


# The Plans sheet.

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
