"""How each stream of funding is worked out in the workbook: announced, then grown; adjusted, transferred, deducted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hnforecast.papers.workbook.content import BEFORE, FIRST_YEAR, FUNDING, Content
from hnforecast.papers.workbook.effects import change_cell, effect_key
from hnforecast.papers.workbook.spend_rows import DEDUCTIONS, Formula

if TYPE_CHECKING:
    from hnforecast.engine.forecast import Forecast


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
    levers = list(content.levers(forecast).of("block_transfer"))

    def formula(column: int) -> str:
        approved = content.input_year("block_transfer", column) if content.has_input("block_transfer") else "0"
        asked = "".join(f"+{change_cell(content, forecast, effect_key(content, x), column)}" for x in levers)
        return f"={approved}{asked}"

    return formula


def _deductions(content: Content, forecast: Forecast) -> Formula:
    name = forecast.scenario.name

    def formula(column: int) -> str:
        if _announced(content, "deductions", column):
            return f"=-{content.input_year('deductions', column)}"
        growth = content.input_year("deductions_growth", column)
        if column == FIRST_YEAR:
            return f"=-{content.input_year('deductions', BEFORE)}*(1+{growth})"
        return f"={content.cell(FUNDING, name, DEDUCTIONS, column - 1)}*(1+{growth})"

    return formula
