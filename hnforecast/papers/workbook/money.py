"""The Funding and Spend sheets: every stream and every s251 line by scenario and year, totals as live formulas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from hnforecast.base.axes import FloatArray
from hnforecast.base.timeline import show_year
from hnforecast.engine.assumption_lines import under, weakest_mark
from hnforecast.engine.drivers.spend import WHOLE_LINE
from hnforecast.engine.model.state import SpendRow
from hnforecast.papers.tables.rows import KINDS, driver_text, funding_source, line_text
from hnforecast.papers.workbook.content import BEFORE, FIRST_YEAR, FUNDING, NOT_APPLICABLE, SPEND, Content
from hnforecast.papers.workbook.effects import change_cell, effect_key
from hnforecast.papers.workbook.spend_rows import DEDUCTIONS, Formula, spend_formulas
from hnforecast.writing.style import sentence_case
from hnforecast.writing.xlsx.book import FIRST_TABLE_ROW, Sheet, local_span
from hnforecast.writing.xlsx.numbers import GBP_THOUSANDS

if TYPE_CHECKING:
    from hnforecast.assumptions import Vintage
    from hnforecast.engine.records import Forecast
    from hnforecast.engine.scenarios import Scenario


# How each stream of funding is worked out in the workbook.


def funding_formulas(content: Content, forecast: Forecast) -> dict[str, Formula]:
    """Stream -> its formula in a column, in full pounds."""
    return {
        "high_needs_block": _block(content, forecast),
        "block_transfer": _transfer(content, forecast),
        DEDUCTIONS: _deductions(content, forecast),
        "import_export": lambda column: f"={content.input_year('import_export', column)}",
        "other": lambda column: f"={content.input_year('other', column)}",
    }


def _announced(content: Content, key: str, column: int) -> bool:
    """Whether a year's amount is announced, not grown from the year before."""
    vintage = content.forecasts[0].scenario.vintage
    amounts = vintage.funding.high_needs_block.allocation if key == "block" else vintage.funding.deductions
    return content.years[column - FIRST_YEAR] <= max(amounts.by or {0: 0.0})


def _block(content: Content, forecast: Forecast) -> Formula:
    """The allocation less the import and export adjustment, which has a stream of its own."""
    name = forecast.scenario.name

    def formula(column: int) -> str:
        exchange = content.input_year("import_export", column)
        if _announced(content, "block", column):
            return f"={content.input_year('block', column)}-{exchange}"
        growth = content.input_year("block_growth", column)
        if column == FIRST_YEAR:
            before = content.input_year("block", BEFORE)
        else:
            stream = content.cell(FUNDING, name, "high_needs_block", column - 1)
            before = f"({stream}+{content.input_year('import_export', column - 1)})"
        return f"={before}*(1+{growth})-{exchange}"

    return formula


def _transfer(content: Content, forecast: Forecast) -> Formula:
    """What is approved, and what measures ask for."""
    levers = list(forecast.levers.of("block_transfer"))

    def formula(column: int) -> str:
        approved = content.input_year("block_transfer", column) if content.has_input("block_transfer") else "0"
        asked = "".join(f"+{change_cell(content, forecast, effect_key(content, x), column)}" for x in levers)
        return f"={approved}{asked}"

    return formula


def _deductions(content: Content, forecast: Forecast) -> Formula:
    name = forecast.scenario.name
    follows = bool(forecast.scenario.vintage.funding.deductions_follow)

    def formula(column: int) -> str:
        if _announced(content, "deductions", column):
            return f"=-{content.input_year('deductions', column)}"
        if follows:  # by places and plans, which the workbook takes from the run
            stream = forecast.funding.streams.index(DEDUCTIONS)
            return f"={float(forecast.funding.by_year[0, column - FIRST_YEAR, stream])!r}"
        growth = content.input_year("deductions_growth", column)
        if column == FIRST_YEAR:
            return f"=-{content.input_year('deductions', BEFORE)}*(1+{growth})"
        return f"={content.cell(FUNDING, name, DEDUCTIONS, column - 1)}*(1+{growth})"

    return formula


TOTAL_FUNDING, TOTAL_SPEND = "Total funding", "Total high needs spend"
ENOUGH = 0.005  # a row below half a penny in every year of every scenario is left out


def write_funding(content: Content, sheet: Sheet) -> None:
    """Funding by stream, deductions in brackets, a total a scenario."""
    header = FIRST_TABLE_ROW
    row = header + 1
    for forecast in content.forecasts:
        name, funding = forecast.scenario.name, forecast.funding
        first = row
        for s, stream in enumerate(funding.streams):
            label = content.codes.stream_labels.get(stream, sentence_case(stream))
            source = funding_source(forecast.scenario.vintage, stream, content.years[0])
            where = source.path if source is not None else "no assumption: nil"
            _labels(sheet, row, name, label, where, _marks(forecast.scenario, stream, content.years))
            content.place(FUNDING, name, stream, row)
            _formulas(content, sheet, row, funding_formulas(content, forecast)[stream], funding.by_year[0, :, s])
            row += 1
        _total(
            content,
            sheet,
            row,
            first,
            (name, TOTAL_FUNDING, "the rows above"),
            funding.by_year[0].sum(axis=-1),
        )
        content.place(FUNDING, name, TOTAL_FUNDING, row)
        row += 1
    headers = ["Scenario", "Stream", "Assumption", "Status and mark", *content.year_headers()]
    sheet.table(header, headers, row - header - 1, "funding", right_from=FIRST_YEAR, blocks=True)
    for column, width in {1: 40, 2: 36, 3: 34}.items():
        sheet.set_width(column, width)
    sheet.freeze(header + 1, FIRST_YEAR)


def write_spend(content: Content, sheet: Sheet) -> None:
    """Spend by s251 line, income in brackets, a total of what the account bears; below it what the account does not."""
    header = FIRST_TABLE_ROW
    row = header + 1
    kept = _kept_rows(content.forecasts)
    for forecast in content.forecasts:
        name, spend = forecast.scenario.name, forecast.spend
        formulas = spend_formulas(content, forecast)
        held = [r for r, spend_row in enumerate(spend.rows) if spend_row in kept or spend_row.in_account]
        order = sorted(held, key=lambda r: _sort_key(spend.rows[r], content))
        first = row
        inside = [r for r in order if spend.rows[r].in_account]
        formulas = _with_what_history_has(
            content, sheet, forecast, formulas, {r: first + i for i, r in enumerate(inside)}
        )
        for r in inside:
            _spend_row(content, sheet, row, forecast, r, formulas[r])
            row += 1
        total = spend.by_year[0][:, inside].sum(axis=-1)
        _total(content, sheet, row, first, (name, TOTAL_SPEND, "the rows above"), total)
        content.place(SPEND, name, TOTAL_SPEND, row)
        row += 1
        for r in order:
            if not spend.rows[r].in_account:
                _spend_row(content, sheet, row, forecast, r, formulas[r], memo=True)
                row += 1
    headers = ["Scenario", "s251 line", "Driven by", "Base price: status, mark", *content.year_headers()]
    sheet.table(header, headers, row - header - 1, "spend", right_from=FIRST_YEAR, blocks=True)
    for column, width in {1: 48, 2: 36, 3: 24}.items():
        sheet.set_width(column, width)
    sheet.freeze(header + 1, FIRST_YEAR)


def _with_what_history_has(
    content: Content, sheet: Sheet, forecast: Forecast, formulas: list[Formula], at: Mapping[int, int]
) -> list[Formula]:
    """The formulas, the row of what plans and prices do not explain worked out from the rows of lines 1.2 beside it.

    So it moves with prices as in the program: together they come to the pooled forecast of spend.

    Args:
        at: row of spend -> row of the sheet.
    """
    rows, ratios = forecast.spend.rows, forecast.history.spend
    own = next((r for r in at if rows[r].s251_line == WHOLE_LINE), None)
    if own is None or not ratios.keys() & set(content.years) or forecast.scenario.measures:
        return formulas
    beside = [row for r, row in at.items() if r != own and rows[r].s251_line.startswith(WHOLE_LINE)]
    column_of = {year: FIRST_YEAR + f for f, year in enumerate(content.years)}
    base = column_of[forecast.scenario.vintage.manifest.base_outturn]
    ratio_at = {column_of[year]: ratio for year, ratio in ratios.items() if year in column_of}
    last = max(ratio_at)  # in a short run years that history reaches are not shown

    def lines(column: int) -> str:
        return f"({'+'.join(sheet.cell(row, column) for row in beside)})"

    def formula(column: int) -> str:
        if column in ratio_at:
            return f"={ratio_at[column]!r}*{lines(base)}-{lines(column)}"
        if column > last:
            return f"={sheet.cell(at[own], last)}/{lines(last)}*{lines(column)}"
        return formulas[own](column)

    return [formula if r == own else one for r, one in enumerate(formulas)]


def _kept_rows(forecasts: Sequence[Forecast]) -> set[SpendRow]:
    """Rows that hold money in any year of any scenario; a scenario may have its own, for what its measures cost."""
    return {
        row
        for forecast in forecasts
        for r, row in enumerate(forecast.spend.rows)
        if (abs(forecast.spend.by_year[0][:, r]) >= ENOUGH).any()
    }


def _sort_key(row: SpendRow, content: Content) -> tuple[int, int, str]:
    lines, placements = content.codes.lines, content.codes.placements
    line = lines.index(row.s251_line) if row.s251_line in lines else len(lines)
    placement = placements.index(row.placement) if row.placement in placements else len(placements)
    return line, placement, row.kind


def _spend_row(
    content: Content, sheet: Sheet, row: int, forecast: Forecast, r: int, formula: Formula, *, memo: bool = False
) -> None:
    spend_row = forecast.spend.rows[r]
    what = f"{spend_row.s251_line} {line_text(spend_row, content.codes)}"
    if memo:
        what += (
            " (paid direct by the DfE, not in the total)" if spend_row.account == "dsg" else " (council budget, memo)"
        )
    elif spend_row.kind == "income":
        what += f" ({KINDS[spend_row.kind]})"
    driver = driver_text(spend_row, content.codes)
    mark = spend_mark(forecast.scenario.vintage, spend_row)
    status = spend_status(forecast.scenario.vintage, spend_row)
    _labels(sheet, row, forecast.scenario.name, what, driver, ", ".join(filter(None, (status, mark))) or NOT_APPLICABLE)
    content.place(SPEND, forecast.scenario.name, f"row {r}", row)
    _formulas(content, sheet, row, formula, forecast.spend.by_year[0][:, r])


def spend_status(vintage: Vintage, row: SpendRow) -> str:
    """Whether the base price behind a row is outturn, published or a judgement; several where it rests on several."""
    if row.placement in vintage.prices.top_up or row.placement in vintage.prices.place:
        costs = under(vintage, f"prices.top_up.{row.placement}", f"prices.place.{row.placement}")
    else:
        group = vintage.services.council if row.account != "dsg" else vintage.services.lines
        costs = [item.cost for item in group.values() if item.s251_line == row.s251_line]
    return " and ".join(dict.fromkeys(cost.status for cost in costs))


def spend_mark(vintage: Vintage, row: SpendRow) -> str:
    """How sure the prices behind a row are: the weakest mark among the placement's prices, or the service's own."""
    if row.placement in vintage.prices.top_up or row.placement in vintage.prices.place:
        return weakest_mark(under(vintage, f"prices.top_up.{row.placement}", f"prices.place.{row.placement}"))
    group = vintage.services.council if row.account != "dsg" else vintage.services.lines
    costs = [item.cost for item in group.values() if item.s251_line == row.s251_line]
    return weakest_mark(costs)


def _marks(scenario: Scenario, stream: str, years: Sequence[int]) -> str:
    """Status and mark of a stream over the years, such as "outturn, inferred; judgement, unverified from 2026-27"."""
    words: list[str] = []
    last = ""
    for year in years:
        source = funding_source(scenario.vintage, stream, year, scenario.measures)
        happened = year < scenario.vintage.manifest.first_forecast_year
        mark = f"{'outturn' if happened else source.status}, {source.mark}" if source is not None else ""
        if mark != last:
            words.append(f"{mark} from {show_year(year)}" if words else mark)
            last = mark
    return "; ".join(filter(None, words)) or "nil"


def _labels(sheet: Sheet, row: int, *labels: str, role: str = "label") -> None:
    for column, label in enumerate(labels):
        sheet.text(row, column, label, "wrapped" if role == "label" and column else role)


def _formulas(content: Content, sheet: Sheet, row: int, formula: Formula, values: FloatArray) -> None:
    for f, column in content.year_columns():
        sheet.formula(row, column, formula(column), float(values[f]), GBP_THOUSANDS)


def _total(
    content: Content, sheet: Sheet, row: int, first: int, labels: tuple[str, str, str], values: FloatArray
) -> None:
    _labels(sheet, row, *labels, NOT_APPLICABLE, role="total")
    for f, column in content.year_columns():
        formula = f"=SUM({local_span((first, column), (row - 1, column))})"
        sheet.formula(row, column, formula, float(values[f]), GBP_THOUSANDS, "total")
