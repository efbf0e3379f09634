"""The Accuracy sheet: how wrong forecasts made this way have been, beside the forecast they speak of."""

from __future__ import annotations

from math import isfinite

from hnforecast.history.backtest import AccuracyRow, read_accuracy
from hnforecast.papers.workbook.content import NOT_APPLICABLE, Content
from hnforecast.writing.xlsx.numbers import PERCENT, PLANS
from hnforecast.writing.xlsx.sheet import FIRST_TABLE_ROW, Sheet

ACCURACY = "Accuracy"
OURS = "hnforecast"


def write_accuracy(content: Content, sheet: Sheet) -> None:
    """Measured error and coverage of the pooled forecast over past January counts, from the last backtest kept."""
    root = content.forecasts[0].scenario.vintage.folder.parent.parent
    rows = [row for row in read_accuracy(root) if row.method == OURS]
    header = FIRST_TABLE_ROW
    headers = [
        "What was forecast", "Years ahead", "Outcomes", "Mean error, % of outturn", "Bias, %", "Outturns inside 50%",
        "Outturns inside 80%", "Outturns inside 90%", "Measured on",
    ]  # fmt: skip
    for r, row in enumerate(rows, start=header + 1):
        sheet.text(r, 0, row.series.replace("_", " "))
        sheet.number(r, 1, row.horizon, PLANS)
        sheet.number(r, 2, row.n, PLANS)
        for column, value in enumerate((row.mape, row.bias_pct, row.cover50, row.cover80, row.cover90), start=3):
            if isfinite(value):
                sheet.number(r, column, value / 100.0, PERCENT)
            else:
                sheet.text(r, column, "[x]", align="right")
        sheet.text(r, 8, _measured_on(row), "wrapped")
    if not rows:
        for column in range(len(headers)):
            words = "no backtest of this folder's panel has been kept: hnforecast backtest" if column == 0 else ""
            sheet.text(header + 1, column, words or NOT_APPLICABLE)
    sheet.table(header, headers, max(len(rows), 1), "accuracy", right_from=1)
    sheet.set_width(0, 34)
    sheet.set_width(8, 46)
    sheet.freeze(header + 1, 1)


def _measured_on(row: AccuracyRow) -> str:
    stale = "; the panel has changed since" if row.stale else ""
    return f"{row.authorities} authorities, forecasts from January {row.first_origin} to {row.last_origin}{stale}"
