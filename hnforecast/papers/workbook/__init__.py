"""The committee workbook: cover to checks, every formula live and carrying the engine's value.

The model: inputs -> effects, prices, plan-years (combinations) -> spend, funding -> account -> what-if and summary.
Around it: front (cover, contents, notes), plans, savings, basis (scenarios, measures, assumptions), checks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING

from hnforecast.papers.workbook.account import ACCOUNT, write_account
from hnforecast.papers.workbook.basis import (
    ACCURACY,
    write_accuracy,
    write_assumptions,
    write_calibration,
    write_measures,
    write_scenarios,
)
from hnforecast.papers.workbook.charts import BRIDGE, CHART_DATA, CHARTS, write_bridge, write_chart_data, write_charts
from hnforecast.papers.workbook.checks import CHECKS, write_checks
from hnforecast.papers.workbook.content import (
    AS_RUN,
    COMBINATIONS,
    EFFECTS,
    FUNDING,
    INPUTS,
    PRICES,
    SPEND,
    VOLUMES,
    WEIGHTS,
    Content,
    Sets,
    write_combinations,
    write_weights,
)
from hnforecast.papers.workbook.effects import write_effects
from hnforecast.papers.workbook.front import write_contents, write_cover, write_notes
from hnforecast.papers.workbook.inputs import effect_inputs, funding_inputs, price_inputs, support_inputs, switch_inputs
from hnforecast.papers.workbook.model_inputs import write_inputs
from hnforecast.papers.workbook.money import write_funding, write_spend
from hnforecast.papers.workbook.prices import write_prices
from hnforecast.papers.workbook.register import REGISTER, SAVINGS, write_register, write_savings
from hnforecast.papers.workbook.summary import WHAT_IF, write_summary, write_what_if
from hnforecast.papers.workbook.volumes import PLANS_SHEET, write_plans, write_volumes
from hnforecast.writing.xlsx.book import Book, Sheet

if TYPE_CHECKING:
    from hnforecast.base.record import RunRecord
    from hnforecast.engine.records import Forecast

FILE = "committee-pack.xlsx"

SHEETS: tuple[tuple[str, str, str], ...] = (
    ("Cover", "{council}: high needs forecast", "What this workbook is, and how far to trust it"),
    ("Contents", "Contents", "Every sheet, with what it holds"),
    ("Notes", "Notes", "Signs, units, words and limits"),
    ("Summary", "Summary, £000s, (deficit) or surplus", "The forecast in sentences, one table and one chart"),
    (CHARTS, "Charts", "Deficit by scenario with its range, plans by placement, spend by line, savings by measure"),
    (BRIDGE, "Bridge of the in-year deficit, £000s", "From the deficit without measures to the deficit with them"),
    (WHAT_IF, "What-if, £000s, (deficit) or surplus", "What the inputs changed in this workbook move, by scenario"),
    (INPUTS, "Inputs of the model in this workbook", "Blue cells are for changing; everything after them follows"),
    (
        ACCOUNT,
        "High needs account, £000s, (deficit) or surplus",
        "From opening to closing balance, by scenario and year",
    ),
    (PLANS_SHEET, "EHC plans by placement, number of plans", "Open plans in January, by scenario and placement"),
    (SPEND, "Spend by section 251 line, £000s, income in brackets", "What is spent, on which line, driven by what"),
    (FUNDING, "High needs funding, £000s, deductions in brackets", "What is received, stream by stream"),
    (
        VOLUMES,
        "Plan-years and places",
        "What is paid for: plans in the two parts of the year, and places",
    ),
    (PRICES, "Prices, £ a year", "What a plan, a place and a service cost each year, from value and index"),
    (EFFECTS, "What measures change in money", "How far each measure is in place, and what its switch changes"),
    (WEIGHTS, "Combinations of measures", "How much each combination counts while the switches stand as they do"),
    (COMBINATIONS, "Plan-years by combination of measures", "The program's plan-years with those measures in place"),
    (CHART_DATA, "Chart data, £000s", "What the charts draw and no other sheet holds"),
    (AS_RUN, "Inputs as they were when run", "To compare with, and to return to"),
    ("Scenarios", "Scenarios", "What each scenario assumes"),
    ("Measures", "Measures", "The mitigations of the scenarios, as data"),
    (SAVINGS, "Savings by measure, £000s, (cost) or saving", "What each measure improves the in-year position by"),
    (REGISTER, "Register of measures, £000s, (cost) or saving", "Planned, forecast, delivered, waited for"),
    ("Assumptions", "Assumptions used", "Every value, with its unit, source, status and owner"),
    ("Calibration", "Calibration and prediction", "The model against published figures: tuned to them, or not"),
    (ACCURACY, "How good forecasts made this way have been", "Measured error and coverage of the pooled forecast"),
    (CHECKS, "Checks", "Every difference here must be 0; the master check is shown on the Cover"),
)

INPUT_GROUPS = (switch_inputs, price_inputs, funding_inputs, support_inputs, effect_inputs)


def write_workbook(forecasts: Sequence[Forecast], record: RunRecord) -> bytes:
    """The workbook of a run; the same run gives the same bytes.

    Args:
        forecasts: one a scenario, all of one vintage.
        record: of the run, for footers and cover.

    Raises:
        OutputError: something a spreadsheet cannot hold.
    """
    vintage = forecasts[0].scenario.vintage
    council = vintage.manifest.authority.name
    as_at = vintage.manifest.as_at
    created = datetime(as_at.year, as_at.month, as_at.day, tzinfo=UTC).replace(tzinfo=None)
    footer = f"hnforecast {record.version}, {record.run_id}, fingerprint {record.short}"
    book = Book(f"{council}: high needs forecast", council, created, footer)
    content = Content(forecasts, vintage.codes, record)
    for name, title, purpose in SHEETS:
        content.sheets[name] = book.sheet(name, title.format(council=council), purpose)
    content.combined = Sets(content)
    gathered = chain(*(gather(content) for gather in INPUT_GROUPS))
    write_inputs(content, content.sheets[INPUTS], gathered)
    # sheets others refer to are written first; their order in the file was fixed above
    writers: dict[str, Callable[[Content, Sheet], None]] = {
        EFFECTS: write_effects,
        PRICES: write_prices,
        WEIGHTS: write_weights,
        COMBINATIONS: write_combinations,
        VOLUMES: write_volumes,
        FUNDING: write_funding,
        SPEND: write_spend,
        PLANS_SHEET: write_plans,
        ACCOUNT: write_account,
        CHECKS: write_checks,
        WHAT_IF: write_what_if,
        SAVINGS: write_savings,
        CHART_DATA: write_chart_data,
        CHARTS: write_charts,
        BRIDGE: write_bridge,
        "Summary": write_summary,
        "Cover": write_cover,
        "Notes": write_notes,
        "Scenarios": write_scenarios,
        "Measures": write_measures,
        REGISTER: write_register,
        "Assumptions": write_assumptions,
        "Calibration": write_calibration,
        ACCURACY: write_accuracy,
    }
    for name, write in writers.items():
        write(content, content.sheets[name])
    write_contents(content, content.sheets["Contents"], [(name, purpose) for name, _, purpose in SHEETS])
    return book.to_bytes()
