"""Inputs of funding, support and the account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from hnforecast.assumptions import Sourced
from hnforecast.assumptions.explain import effect_words
from hnforecast.base.timeline import month, show_year
from hnforecast.engine.drivers.funding import grow
from hnforecast.engine.drivers.levers import MONEY_DRIVERS, plan_measures
from hnforecast.engine.drivers.support import account_rules
from hnforecast.engine.model.account import AccountRules
from hnforecast.papers.workbook.content import NOT_AVAILABLE, Content
from hnforecast.papers.workbook.model_inputs import InputRow, cost_row, price_note, single, yearly
from hnforecast.writing.style import sentence_case
from hnforecast.writing.xlsx.numbers import GBP, PERCENT, WHOLE

if TYPE_CHECKING:
    from hnforecast.assumptions import Measure
    from hnforecast.engine.records import Forecast
    from hnforecast.engine.scenarios import Scenario


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
    drawn = content.forecasts[0].drawn
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
    return account_rules(scenario.vintage, content.years, scenario.spec, forecast.account.in_year, forecast.drawn)


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


# Inputs of measures.

MONEY_EFFECTS = (*MONEY_DRIVERS, "commissioned_places")  # places cost money whether or not they are filled
NOT_CHARGED = ("council_cost",)


def switch_inputs(content: Content) -> Iterator[InputRow]:
    """A switch for each measure of each scenario, those that change plans first, then how much of each is delivered."""
    for forecast in content.forecasts:
        scenario = forecast.scenario
        moving = plan_measures(scenario.measures)
        for measure in ordered(scenario):
            acts = "plans and money" if measure.name in moving else "money"
            basis = f"0% off to 100% as planned; acts on {acts}"
            key, group = f"switch.{scenario.name}.{measure.name}", f"Switches: {scenario.name}"
            yield InputRow(key, group, measure.title, basis, "", PERCENT, 1.0)
    for forecast in content.forecasts:
        yield from _deliveries(content, forecast)


def ordered(scenario: Scenario) -> tuple[Measure, ...]:
    """The measures of a scenario, those that change plans first, so that their switches stand together."""
    moving = plan_measures(scenario.measures)
    return (
        *(m for m in scenario.measures if m.name in moving),
        *(m for m in scenario.measures if m.name not in moving),
    )


def _deliveries(content: Content, forecast: Forecast) -> Iterator[InputRow]:
    scenario, drawn = forecast.scenario, forecast.drawn
    moving = plan_measures(scenario.measures)
    for measure in ordered(scenario):
        sourced = measure.delivery
        note = "; its effect on plans is as run" if measure.name in moving else ""
        basis = f"share delivered{note}; {sourced.status}; {sourced.mark}"
        key, group = f"delivery.{scenario.name}.{measure.name}", f"Delivery: {scenario.name}"
        value = float(drawn.value(sourced)[0])
        yield InputRow(key, group, measure.title, basis, sourced.path, PERCENT, value)


def effect_inputs(content: Content) -> Iterator[InputRow]:
    """What each measure changes in money at full delivery, and what it costs to deliver."""
    measures = {m.name: m for forecast in content.forecasts for m in forecast.scenario.measures}
    for measure in measures.values():
        for j, effect in enumerate(measure.effects):
            if effect.driver not in MONEY_EFFECTS or effect.driver in NOT_CHARGED:
                continue
            key, group = f"effect.{measure.name}.{j}", "What measures change"
            label, change = f"{measure.title}: {effect_words(effect, measure)}", effect.change
            places = effect.driver == "commissioned_places"
            note = "at full delivery" + ("; moves place funding, plans stay as run" if places else "")
            if change.by is not None:
                yield yearly(key, group, label, change, content.years, hold=places, note=note)
            else:
                yield single(key, group, label, change, note=note)
            if effect.part is not None:
                yield single(f"part.{measure.name}.{j}", group, f"{label}, share of the whole", effect.part)
        for i, cost in enumerate(measure.costs):
            if cost.account == "dsg":
                label = f"{measure.title}: {cost.label}"
                yield cost_row(f"cost.{measure.name}.{i}", "What measures cost", label, cost.cost, content.years)


# Inputs of prices.

TERM_MONTHS = ("months_april_to_august", "months_september_to_march")
HISTORY = "history"


def price_inputs(content: Content) -> Iterator[InputRow]:
    """Unit prices, indices, services and places, in the order the model uses them."""
    vintage, labels = content.forecasts[0].scenario.vintage, content.codes.labels
    prices = vintage.prices
    for name, price in prices.top_up.items():
        yield single(f"top_up.{name}", "Top-up and fees", labels[name], price, note=price_note(price))
    for name, index in prices.indices.items():
        label = f"Growth: {name.replace('_', ' ')}"
        yield yearly(f"index.{name}", "Uplift", label, index, content.years)
    yield from _history(content)
    for name, shares in prices.line_share.items():
        for line, share in shares.items():
            yield single(f"line_share.{name}.{line}", "Share on line", f"{labels[name]}, on line {line}", share)
    for name, price in prices.place.items():
        yield single(f"place.{name}", "Place funding", labels[name], price, note=price_note(price))
        if name in prices.place_council_share:
            label = f"{labels[name]}, share paid by the council"
            yield single(f"place_share.{name}", "Place funding", label, prices.place_council_share[name])
    before, septembers = month(content.years[0] - 1, 9), [month(year, 9) for year in content.years]
    for name, places in vintage.flows.places.items():
        if name in prices.place:
            label, note = f"{labels[name]}, commissioned", "from September; moves place funding, plans stay as run"
            yield yearly(f"places.{name}", "Places", label, places.commissioned, septembers, before=before, note=note)
    for key, service in vintage.services.lines.items():
        label = f"{service.s251_line} {service.label}"
        group = "Income" if service.kind == "income" else "Services"
        yield cost_row(f"service.{key}", group, label, service.cost, content.years)
    for key, item in vintage.services.council.items():
        yield cost_row(f"council.{key}", "Council budget (memo)", item.label, item.cost, content.years)
        yield single(f"council_share.{key}", "Council budget (memo)", f"{item.label}, share that costs", item.share)
    basis = "months; prices change in April and September only"
    for key, label, months in zip(TERM_MONTHS, ("April to August", "September to March"), (5.0, 7.0), strict=True):
        yield InputRow(key, "Calendar", f"Months, {label}", basis, "", WHOLE, months)


def _history(content: Content) -> Iterator[InputRow]:
    """Growth of prices taken from history, for the scenarios that follow it instead of the indices."""
    for forecast in content.forecasts:
        growth = forecast.history_growth
        if growth:
            name = forecast.scenario.name
            years = tuple(float(growth[year]) if year in growth else None for year in content.years)
            basis = "growth on the year before; replaces every index; worked out from unit cost history"
            yield InputRow(
                f"{HISTORY}.{name}", "Uplift", f"Growth from history: {name}", basis, "", PERCENT, None, years
            )
