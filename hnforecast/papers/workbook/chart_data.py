"""The Chart data sheet: what the charts draw and no other sheet holds: spend by s251 line and the band of the fan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.papers.tables.rows import counts_in_account
from hnforecast.papers.workbook.account import ACCOUNT, FAN, GROSS
from hnforecast.papers.workbook.content import FIRST_YEAR, NOT_APPLICABLE, SPEND, Content
from hnforecast.writing.xlsx.numbers import GBP_THOUSANDS
from hnforecast.writing.xlsx.sheet import FIRST_TABLE_ROW, Sheet

if TYPE_CHECKING:
    from hnforecast.engine.forecast import Forecast

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
        if counts_in_account(spend_row) and np.abs(forecast.spend.by_year[0][:, r]).max() > 0:
            found.setdefault(spend_row.s251_line, []).append(r)
    order = {line: position for position, line in enumerate(content.codes.lines)}
    return dict(sorted(found.items(), key=lambda item: order.get(item[0], len(order))))


def _labels(sheet: Sheet, row: int, *labels: str) -> None:
    for column, label in enumerate((*labels, NOT_APPLICABLE)):
        sheet.text(row, column, label, "wrapped" if column == 1 else "label")
