"""Inputs of funding, support and the account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from hnforecast.assumptions import Sourced
from hnforecast.base.timeline import show_year
from hnforecast.engine.drivers.funding import grow
from hnforecast.engine.drivers.support import account_rules
from hnforecast.engine.model.account import AccountRules
from hnforecast.papers.workbook.content import NOT_AVAILABLE, Content
from hnforecast.papers.workbook.model_inputs import InputRow, single, yearly
from hnforecast.writing.style import sentence_case
from hnforecast.writing.xlsx.numbers import GBP, PERCENT, WHOLE

if TYPE_CHECKING:
    from hnforecast.engine.forecast import Forecast


def funding_inputs(content: Content) -> Iterator[InputRow]:
    """The announced block and deductions with the growth after them; transfers, adjustments and the rest by year."""
    funding, years = content.forecasts[0].scenario.vintage.funding, content.years
    yield from _announced(content, "block", "High needs block", funding.high_needs_block.allocation,
                          funding.high_needs_block.growth)  # fmt: skip
    yield yearly("import_export", "Funding", "Import and export adjustment", funding.import_export, years)
    if funding.block_transfer is not None:
        label = "Block transfer approved"
        yield yearly("block_transfer", "Funding", label, funding.block_transfer, years, hold=False)
    yield from _announced(content, "deductions", "Places paid direct by the DfE", funding.deductions,
                          funding.deductions_growth)  # fmt: skip
    if funding.other is not None:
        yield yearly("other", "Funding", "Other funding", funding.other, years, hold=False)


def _announced(content: Content, key: str, label: str, amounts: Sourced, growth: Sourced) -> Iterator[InputRow]:
    """Amounts up to the last announced, then growth on the year before."""
    last, years = max(amounts.by or ()), content.years
    drawn = content.drawn[content.forecasts[0].scenario.name]
    levels = grow(amounts, growth, (years[0] - 1, *years), drawn)[0]
    announced = tuple(float(levels[f + 1]) if year <= last else None for f, year in enumerate(years))
    before = float(levels[0]) if last < years[0] else None
    basis = f"£ a year; announced to {show_year(last)}; {amounts.status}; {amounts.mark}"
    yield InputRow(key, "Funding", label, basis, amounts.path, GBP, before, announced)
    carried = yearly(f"{key}_growth", "Funding", f"{label}, growth after {show_year(last)}", growth, years)
    rates = tuple(rate if years[f] > last else None for f, rate in enumerate(carried.years))
    held = frozenset(f for f in carried.held if f > 0 and rates[f] is not None and rates[f - 1] is not None)
    yield InputRow(carried.key, carried.group, carried.label, carried.basis, carried.path, PERCENT, None, rates, held)


def support_inputs(content: Content) -> Iterator[InputRow]:
    """What each instrument pays, in which scenario and year it is paid, balances and the agreed profile."""
    vintage, years = content.forecasts[0].scenario.vintage, content.years
    for name, instrument in vintage.support.instruments.items():
        label = instrument.label or sentence_case(name)
        if instrument.payments is not None:
            yield yearly(f"support.{name}", "Support", label, instrument.payments, years, hold=False)
        if instrument.share is not None and instrument.balance_at is not None and instrument.paid_in is not None:
            note = f"of the deficit at the end of {show_year(instrument.paid_in - 1)}"
            yield single(f"support_share.{name}", "Support", f"{label}, share", instrument.share, note=note)
    for forecast in content.forecasts:
        yield from _paid(content, forecast)
    support = vintage.support
    rules = rules_of(content, content.forecasts[0])
    closings = tuple(rules.outturn_closing.get(f) for f in range(len(years)))
    basis = f"£ at 31 March, deficit negative; outturn; {support.balance.mark}"
    opening = float(rules.opening[0]) if content.opening_published else None
    label = "Published closing balance; before the first year, opening"
    path, absent = support.balance.path, NOT_AVAILABLE
    yield InputRow("balance", "Account", label, basis, path, GBP, opening, closings, absent=absent)
    label = f"Support received before {show_year(years[0])}"
    yield InputRow("contributions_before", "Account", label, "£", "", GBP, rules.contributions_before)
    profile = rules.agreed_gross_closing
    if np.isfinite(profile).any() and support.agreement.gross_closing is not None:
        agreed = support.agreement.gross_closing
        values = tuple(float(value) if np.isfinite(value) else None for value in profile)
        basis = f"£ at 31 March, before contributions; {agreed.status}; {agreed.mark}"
        label = "Agreed closing balance"
        yield InputRow("agreed", "Account", label, basis, agreed.path, GBP, None, values, absent=NOT_AVAILABLE)


def rules_of(content: Content, forecast: Forecast) -> AccountRules:
    """The rules the account of a scenario was settled by, at its central values."""
    scenario = forecast.scenario
    drawn = content.drawn[scenario.name]
    return account_rules(scenario.vintage, content.years, scenario.spec, forecast.account.in_year, drawn)


def _paid(content: Content, forecast: Forecast) -> Iterator[InputRow]:
    """In which years a scenario counts on each instrument."""
    scenario = forecast.scenario
    for name, instrument in scenario.vintage.support.instruments.items():
        chosen = name in scenario.spec.support
        last = scenario.spec.support_ends.get(name, content.years[-1]) if chosen else content.clock.first_forecast - 1
        flags = tuple(1.0 if year <= max(last, content.clock.first_forecast - 1) else 0.0 for year in content.years)
        label = f"{instrument.label or sentence_case(name)}, paid: {scenario.name}"
        share = (1.0 if chosen else 0.0) if instrument.share is not None else None
        basis = "1 paid, 0 not; the first number is for a share of the deficit"
        yield InputRow(f"paid.{scenario.name}.{name}", "Support paid", label, basis, "", WHOLE, share, flags)
