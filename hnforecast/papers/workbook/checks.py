"""The Checks sheet: live formulas that must read nought, the engine's own checks, and the master check over both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hnforecast.base.axes import FloatArray
from hnforecast.papers.workbook.account import ACCOUNT, CLOSING, GROSS, IN_YEAR, OPENING, OTHER, SUPPORT
from hnforecast.papers.workbook.content import FIRST_YEAR, FUNDING, PASSES, SPEND, Content
from hnforecast.papers.workbook.model_inputs import CHANGED
from hnforecast.papers.workbook.money import TOTAL_FUNDING, TOTAL_SPEND
from hnforecast.papers.workbook.volumes import PLANS_SHEET, TOTAL_PLANS
from hnforecast.writing.xlsx.book import Sheet, local
from hnforecast.writing.xlsx.numbers import GBP_PENCE, MILLIONTHS

if TYPE_CHECKING:
    from hnforecast.engine.records import Forecast

CHECKS = "Checks"
MASTER, TOLERANCE = "master_check", "tolerance"
PENNY = 0.01
WHAT_IF = "what-if"
UNCHECKED = "What-if: inputs differ from the run, so figures are not those of the run; all checks that still apply pass"


@dataclass(frozen=True)
class _Pair:
    """Two figures that must agree: the workbook's, as a formula, and the engine's.

    Args:
        always: it holds whatever the inputs; the others hold while the inputs are those of the run.
    """

    what: str
    where: str
    formula: str
    value: float
    always: bool = False


def write_checks(content: Content, sheet: Sheet) -> None:
    """One row a check. Column D is the workbook's figure, E the engine's, F their difference."""
    header = 7
    row = header + 1
    sheet.text(3, 0, "Master check", "heading")
    sheet.text(4, 0, "Largest difference allowed", "label")
    sheet.number(4, 1, PENNY, GBP_PENCE, "input")
    sheet.book.define_name(TOLERANCE, sheet.cell(4, 1, fixed=True))
    for forecast in content.forecasts:
        for pair in _pairs(content, forecast):
            _labels(sheet, row, forecast.scenario.name, pair.what, pair.where)
            sheet.formula(row, 3, pair.formula, pair.value, GBP_PENCE, "linked")
            sheet.number(row, 4, pair.value, GBP_PENCE, "input")
            sheet.formula(row, 5, f"=ROUND({local(row, 3)}-{local(row, 4)},2)", 0.0, GBP_PENCE)
            otherwise = '"fail"' if pair.always else f'IF({CHANGED}>0,"{WHAT_IF}","fail")'
            formula = f'=IF(ABS({local(row, 5)})<={TOLERANCE},"pass",{otherwise})'
            sheet.formula(row, 6, formula, "pass")
            row += 1
        for check in forecast.checks:
            _labels(
                sheet,
                row,
                forecast.scenario.name,
                f"Engine: {check.name}",
                f"{check.unit}; {check.detail}".rstrip("; "),
            )
            sheet.number(row, 3, float(check.worst), MILLIONTHS)
            sheet.number(row, 4, float(check.tolerance), MILLIONTHS, "input")
            over = max(0.0, float(check.worst) - float(check.tolerance))
            sheet.formula(row, 5, f"=MAX(0,{local(row, 3)}-{local(row, 4)})", over, MILLIONTHS)
            sheet.formula(row, 6, f'=IF({local(row, 5)}>0,"fail","pass")', "pass" if check.passed else "fail")
            row += 1
    headers = [
        "Scenario", "Check", "What is compared", "This workbook, or the engine's worst",
        "The engine, or what it allows", "Difference (must be 0)", "Result",
    ]  # fmt: skip
    sheet.table(header, headers, row - header - 1, "checks")
    results = f"{local(header + 1, 6)}:{local(row - 1, 6)}"
    same = f'IF({CHANGED}=0,"{PASSES}","{UNCHECKED}")'
    formula = f'=IF(COUNTIF({results},"fail")=0,{same},COUNTIF({results},"fail")&" checks fail: see Checks")'
    sheet.formula(3, 1, formula, content.master_value, role="total")
    sheet.warn_unless(3, 1, PASSES)
    sheet.book.define_name(MASTER, sheet.cell(3, 1, fixed=True))
    sheet.set_width(2, 60)
    sheet.set_width(1, 50)
    sheet.freeze(header + 1, 2)


def _pairs(content: Content, forecast: Forecast) -> list[_Pair]:
    """The workbook's totals over all years against the engine's arrays."""
    name, account = forecast.scenario.name, forecast.account
    inside = [r for r, row in enumerate(forecast.spend.rows) if row.in_account]
    totals: list[tuple[str, str, str, FloatArray]] = [
        ("Funding", FUNDING, TOTAL_FUNDING, forecast.funding.by_year[0].sum(axis=-1)),
        ("Spend by line", SPEND, TOTAL_SPEND, forecast.spend.by_year[0][:, inside].sum(axis=-1)),
        ("In-year position", ACCOUNT, IN_YEAR, account.in_year[0]),
        ("Support", ACCOUNT, SUPPORT, account.support[0].sum(axis=-1)),
        ("Opening balances", ACCOUNT, OPENING, account.opening[0]),
        ("Closing balances", ACCOUNT, CLOSING, account.closing[0]),
        ("Balances before contributions", ACCOUNT, GROSS, account.gross_closing[0]),
        ("Plans at the January counts", PLANS_SHEET, TOTAL_PLANS, forecast.plans.january[0].sum(axis=(1, 2))),
    ]
    pairs = []
    for what, sheet, item, values in totals:
        row = content.rows[sheet, name, item]
        span = content.sheets[sheet].span((row, FIRST_YEAR), (row, FIRST_YEAR + len(values) - 1))
        pairs.append(_Pair(what, f"{sheet}: {item}, all years added", f"=SUM({span})", float(values.sum())))
    last = FIRST_YEAR + len(content.years) - 1
    final = content.cell(ACCOUNT, name, CLOSING, last)
    pairs.append(
        _Pair("Last closing balance", f"{ACCOUNT}: {CLOSING}, last year", f"={final}", float(account.closing[0, -1]))
    )
    return [*pairs, *_identities(content, forecast)]


def _identities(content: Content, forecast: Forecast) -> list[_Pair]:
    """What must hold whatever the inputs: the account rolls from first to last, and combinations weigh one."""
    name, years = forecast.scenario.name, len(content.years)
    final = FIRST_YEAR + years - 1

    def total(item: str) -> str:
        row = content.rows[ACCOUNT, name, item]
        return f"SUM({content.sheets[ACCOUNT].span((row, FIRST_YEAR), (row, final))})"

    first, last = (content.cell(ACCOUNT, name, *place) for place in ((OPENING, FIRST_YEAR), (CLOSING, final)))
    rolled = f"={last}-{first}-" + "-".join(total(item) for item in (IN_YEAR, SUPPORT, OTHER))
    pairs = [_Pair("The account rolls forward", "last closing less first opening and all movements", rolled, 0.0, True)]
    if content.sets.of(name) is not None:
        weights = f"=SUM({content.sets.weights_span(content, forecast)})"
        where = "a switch moves plans from one combination to another"
        pairs.append(_Pair("Combinations of measures weigh one", where, weights, 1.0, True))
    return pairs


def _labels(sheet: Sheet, row: int, scenario: str, what: str, detail: str) -> None:
    sheet.text(row, 0, scenario)
    sheet.text(row, 1, what, "wrapped")
    sheet.text(row, 2, detail, "wrapped")
