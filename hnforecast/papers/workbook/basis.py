"""What the figures rest on: the Scenarios, Measures, Assumptions and Calibration sheets."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from hnforecast.assumptions.explain import effect_words
from hnforecast.base.timeline import show_month
from hnforecast.engine.assumption_lines import assumption_lines, used_assumptions
from hnforecast.history.backtest import AccuracyRow, read_accuracy
from hnforecast.papers.sentences import scenario_notes
from hnforecast.papers.workbook.content import NOT_APPLICABLE, Content
from hnforecast.writing.style import sentence_case
from hnforecast.writing.xlsx.book import FIRST_TABLE_ROW, Sheet
from hnforecast.writing.xlsx.numbers import GBP_THOUSANDS, PERCENT, PLANS, format_of_unit

if TYPE_CHECKING:
    from hnforecast.assumptions import Measure, Sourced


NONE = "none"
UNIT_WORDS = {
    "persons": "people", "plans": "plans", "places": "places", "per_1000_children_year": "a year per 1,000 children",
    "share": "share", "share_per_year": "share a year", "gbp_year": "£ a year",
    "gbp_per_plan_year": "£ per plan and year", "gbp_per_place_year": "£ per place and year",
    "gbp_per_child_year": "£ per child and year", "gbp": "£",
    "index": "factor", "count": "count", "months": "months",
}  # fmt: skip


def write_scenarios(content: Content, sheet: Sheet) -> None:
    """Each scenario: what it is, the measures and support in it, and what the command line changed."""
    header = FIRST_TABLE_ROW
    headers = [
        "Scenario", "What it is", "Demand", "Prices", "Measures", "Delivery", "Growth", "Support",
        "If a year is missed", "Changed for this run", "To be known of it",
    ]  # fmt: skip
    for row, forecast in enumerate(content.forecasts, start=header + 1):
        scenario, spec = forecast.scenario, forecast.scenario.spec
        missed = f"stops: {', '.join(spec.suspend_when_missed)}" if spec.suspend_when_missed else "nothing stops"
        cells = [
            scenario.name, scenario.title, spec.demand, spec.prices,
            ", ".join(measure.name for measure in scenario.measures) or NONE,
            spec.delivery, spec.growth, ", ".join(spec.support) or NONE, missed, "; ".join(scenario.changes) or NONE,
            " ".join(sentence_case(note) for note in scenario_notes(forecast)) or NONE,
        ]  # fmt: skip
        for column, cell in enumerate(cells):
            sheet.text(row, column, cell, "label" if column == 0 else "wrapped")
    sheet.table(header, headers, len(content.forecasts), "scenarios")
    for column, width in {1: 30, 2: 10, 3: 10, 4: 34, 5: 10, 6: 10, 7: 22, 8: 18, 9: 22, 10: 60}.items():
        sheet.set_width(column, width)


def write_measures(content: Content, sheet: Sheet) -> None:
    """Each mitigation: owner, rating in a word, when it starts, what it does, on what evidence."""
    measures = {m.name: m for forecast in content.forecasts for m in forecast.scenario.measures}
    header = FIRST_TABLE_ROW
    headers = [
        "Measure", "Title", "Council's heading", "Owner", "Rating", "Starts", "Months to full effect",
        "Expected delivery", "What it does at full delivery", "Evidence", "Status", "Mark", "Why it is lawful",
    ]  # fmt: skip
    for row, measure in enumerate(measures.values(), start=header + 1):
        effects = "; ".join(effect_words(effect, measure) for effect in measure.effects)
        texts = {
            0: measure.name, 1: measure.title, 2: measure.heading, 3: measure.owner, 4: measure.rag,
            5: show_month(measure.start), 8: effects, 9: f"{measure.evidence}{_tuned(measure)}", 10: measure.status,
            11: measure.mark, 12: measure.statutory_note,
        }  # fmt: skip
        for column, text in texts.items():
            sheet.text(row, column, text, "label" if column == 0 else "wrapped")
        sheet.number(row, 6, measure.ramp_months, PLANS)
        sheet.number(row, 7, _delivery(measure), PERCENT, "input")
    if not measures:
        for column in range(len(headers)):
            sheet.text(header + 1, column, NONE)
    sheet.table(header, headers, len(measures), "measures")
    for column, width in {0: 22, 1: 24, 2: 20, 3: 15, 4: 9, 5: 9, 8: 36, 9: 40, 10: 11, 11: 11, 12: 34}.items():
        sheet.set_width(column, width)
    sheet.freeze(header + 1, 1)


def write_assumptions(content: Content, sheet: Sheet) -> None:
    """Every value used: unit, status, mark, source, date, owner, range."""
    header = FIRST_TABLE_ROW
    headers = [
        "Assumption", "Period", "Value", "Unit", "Status", "Mark", "Range", "Source", "Published on", "Owner",
    ]  # fmt: skip
    row = header + 1
    for line in assumption_lines(used_assumptions(content.forecasts)):
        sourced = line.sourced
        sheet.text(row, 0, sourced.path, "wrapped")
        sheet.text(row, 1, line.period or "all")
        if isinstance(line.value, str):
            sheet.text(row, 2, line.value, "input text")
        else:
            sheet.number(row, 2, line.value, format_of_unit(sourced.unit), "input")
        texts = [
            UNIT_WORDS[sourced.unit], sourced.status, sourced.mark, _range_text(sourced.interval),
            f"{sourced.source}{_tuned(sourced)}", str(sourced.published_on), sourced.owner or NONE,
        ]  # fmt: skip
        for column, text in enumerate(texts, start=3):
            sheet.text(row, column, text, "wrapped")
        row += 1
    sheet.table(header, headers, row - header - 1, "assumptions", filtered=True)
    for column, width in {0: 48, 2: 16, 3: 20, 4: 12, 5: 13, 6: 24, 7: 66, 8: 13, 9: 22}.items():
        sheet.set_width(column, width)
    sheet.freeze(header + 1, 1)


def write_calibration(content: Content, sheet: Sheet) -> None:
    """The forecast against published figures: what was tuned to them, and what was predicted."""
    header = FIRST_TABLE_ROW
    headers = [
        "Scenario", "What", "Period", "Calibrated or predicted", "Mark", "Model", "Published", "Difference",
        "Difference, %", "Source of the published figure",
    ]  # fmt: skip
    row = header + 1
    for forecast in content.forecasts:
        for item in forecast.calibration:
            number = GBP_THOUSANDS if item.unit == "gbp" else PLANS
            what = f"{item.subject} ({'£000s' if item.unit == 'gbp' else item.unit})"
            labels = (forecast.scenario.name, what, item.period, item.label, item.mark)
            for column, label in enumerate(labels):
                sheet.text(row, column, label)
            sheet.number(row, 5, item.ours, number)
            sheet.number(row, 6, item.published, number, "input")
            sheet.formula(row, 7, f"=F{row + 1}-G{row + 1}", item.ours - item.published, number)
            share = (item.ours - item.published) / abs(item.published) if item.published else 0.0
            sheet.formula(row, 8, f"=IF(G{row + 1}=0,0,(F{row + 1}-G{row + 1})/ABS(G{row + 1}))", share, PERCENT)
            sheet.text(row, 9, item.source, "wrapped")
            row += 1
    if row == header + 1:
        for column in range(len(headers)):
            sheet.text(row, column, "no published figure to compare with" if column == 1 else NONE)
    sheet.table(header, headers, row - header - 1, "calibration")
    sheet.set_width(9, 60)
    sheet.freeze(header + 1, 2)


def _tuned(item: Sourced | Measure) -> str:
    """What a value or measure was calibrated to, as it follows its source; empty where it was tuned to nothing."""
    return f". Calibrated to: {item.calibrated_to}." if item.calibrated_to else ""


def _delivery(measure: Measure) -> float:
    return measure.delivery.value or 0.0


def _range_text(interval: object) -> str:
    """A range with its probability, as a person writes it."""
    if interval is None:
        return NONE
    low, high, level = (float(getattr(interval, name)) for name in ("low", "high", "level"))
    return f"{low:,.6g} to {high:,.6g}, {level:.0%} likely"


# The Accuracy sheet.

ACCURACY = "Accuracy"
OURS = "hnforecast"


def write_accuracy(content: Content, sheet: Sheet) -> None:
    """Measured error and coverage of the pooled forecast over past January counts, from the last backtest kept."""
    root = content.forecasts[0].scenario.vintage.root
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
