"""The Measure effects sheet: what each switch changes in money, year by year: share in place x size x delivery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.base.timeline import month, months_of_financial_year
from hnforecast.engine.drivers.levers import Lever, Levers
from hnforecast.papers.workbook.content import EFFECTS, FIRST_YEAR, NOT_APPLICABLE, TERM_WORDS, Content
from hnforecast.writing.xlsx.book import FIRST_TABLE_ROW, Sheet, local
from hnforecast.writing.xlsx.numbers import GBP, PERCENT, PLANS, NumberFormat

if TYPE_CHECKING:
    from hnforecast.engine.records import Forecast


@dataclass(frozen=True)
class _Row:
    """One effect in one scenario: its key, words, the change the engine makes by year, and what it is a share of."""

    key: str
    lever: Lever
    what: str
    changes: FloatArray
    size: FloatArray
    number: NumberFormat


def effect_key(content: Content, lever: Lever, *parts: object) -> str:
    """How formulas find the change an effect makes."""
    j = lever.measure.effects.index(lever.effect)
    return ".".join([lever.measure.name, str(j), *map(str, parts)])


def change_cell(content: Content, forecast: Forecast, key: str, column: int) -> str:
    """The address of the change an effect makes in a year."""
    return content.cell(EFFECTS, forecast.scenario.name, key, column)


def running(content: Content, forecast: Forecast, lever: Lever) -> str:
    """A formula that is the switch of a measure, nought where what it cannot do without is switched off."""
    name = forecast.scenario.name
    present = {measure.name for measure in forecast.scenario.measures}
    needed = [d.measure for d in lever.measure.depends_on if d.limit is not None and d.measure in present]
    switches = [f"IF({content.input(f'switch.{name}.{other}')}>0,1,0)" for other in needed]
    return "*".join([content.input(f"switch.{name}.{lever.measure.name}"), *switches])


def write_effects(content: Content, sheet: Sheet) -> None:
    """Two rows an effect: the share of it in place, from the program, and the change it makes, live."""
    header = FIRST_TABLE_ROW
    row = header + 1
    for forecast in content.forecasts:
        for item in _rows(content, forecast):
            row = _write(content, sheet, row, forecast, item)
    if row == header + 1:
        for column in range(FIRST_YEAR + len(content.years)):
            sheet.text(row, column, "no measure of this run changes money by itself" if column == 1 else NOT_APPLICABLE)
        row += 1
    headers = ["Scenario", "Measure", "What it changes", "Row", *content.year_headers()]
    sheet.table(header, headers, row - header - 1, "measure_effects", right_from=FIRST_YEAR, blocks=True)
    sheet.set_width(1, 40)
    sheet.set_width(2, 44)
    sheet.freeze(header + 1, FIRST_YEAR)


def _write(content: Content, sheet: Sheet, row: int, forecast: Forecast, item: _Row) -> int:
    name, lever = forecast.scenario.name, item.lever
    delivered = float(lever.delivered[0])
    whole = item.size * delivered
    reach = np.divide(item.changes, whole, out=np.zeros_like(item.changes), where=whole != 0)
    for r, kind in enumerate(("share in place", "change made")):
        for column, label in enumerate((name, lever.measure.title, item.what, kind)):
            sheet.text(row + r, column, label, "wrapped" if column in (1, 2) else "label")
    content.place(EFFECTS, name, item.key, row + 1)
    j = lever.measure.effects.index(lever.effect)
    key = f"effect.{lever.measure.name}.{j}"
    part = f"part.{lever.measure.name}.{j}"
    for f, column in content.year_columns():
        sheet.number(row, column, float(reach[f]), PERCENT, "engine")
        size = content.input_year(key, column) if lever.effect.change.by is not None else content.input(key)
        factors = [size, running(content, forecast, lever), content.input(f"delivery.{name}.{lever.measure.name}")]
        factors += [content.input(part)] if content.has_input(part) else []
        formula = "=" + "*".join([*factors, local(row, column)])
        sheet.formula(row + 1, column, formula, float(item.changes[f]), item.number)
    return row + 2


def _rows(content: Content, forecast: Forecast) -> list[_Row]:
    """Every effect on money of a scenario, in the order formulas need them."""
    levers, rows = forecast.levers, []
    vintage, labels = forecast.scenario.vintage, content.codes.labels
    uplifts = {name: price.uplift_month for name, price in vintage.prices.top_up.items()}
    for lever in levers.of("fee_uplift"):
        for uplift_month in sorted({uplifts[name] for name in uplifts if lever.touches(name)}):
            changes = [lever.amount([month(year, uplift_month)]) for year in content.years]
            rows.append(_row(content, lever, changes, "yearly uplift of fees", PERCENT, uplift_month))
    for driver, prices in (("unit_price", vintage.prices.top_up), ("place_price", vintage.prices.place)):
        for name in prices:
            weights = forecast.plans.plan_months[0, :, content.codes.placements.index(name)]
            weights = weights if driver == "unit_price" else np.ones_like(weights)
            for lever, term, shares in price_changes(content, forecast, levers, driver, name, weights):
                changes = list(shares[:, None])
                words = f"price, {labels[name]}, {TERM_WORDS[term]}"
                rows.append(_row(content, lever, changes, words, PERCENT, name, term))
    for lever in levers.of("service_budget"):
        if lever.effect.change.unit == "share":
            changes = [lever.amount(months_of_financial_year(year)) for year in content.years]
            rows.append(_row(content, lever, changes, "cost of services", PERCENT))
        else:
            rows.append(_pounds(content, lever, "cost of services, £"))
    rows += [_pounds(content, lever, "block transfer, £") for lever in levers.of("block_transfer")]
    for lever in levers.of("commissioned_places"):
        changes = [lever.places(year) for year in content.years]
        rows.append(_row(content, lever, changes, "commissioned places from September", PLANS))
    return rows


def _pounds(content: Content, lever: Lever, what: str) -> _Row:
    return _row(content, lever, [lever.pounds(year) for year in content.years], what, GBP)


def _row(
    content: Content, lever: Lever, changes: Sequence[FloatArray], what: str, number: NumberFormat, *parts: object
) -> _Row:
    change = lever.effect.change
    hold = lever.effect.driver == "commissioned_places"
    if change.by is not None:
        size = np.array([change.at(year, 0.0, hold=hold) for year in content.years])
    else:
        size = np.full(len(content.years), float(lever.size[0]))
    if lever.effect.part is not None:
        size = size * float(lever.part[0])
    made = np.array([float(np.asarray(value).reshape(-1)[0]) for value in changes])
    return _Row(effect_key(content, lever, *parts), lever, what, made, size, number)


def price_changes(
    content: Content, forecast: Forecast, levers: Levers, driver: str, placement: str, weights: FloatArray
) -> list[tuple[Lever, int, FloatArray]]:
    """The relative change each effect makes to a price in a year's term, so that their product is the engine's.

    A measure grows month by month, and what it saves depends on the plans of each month: the change is the mean over
    the months by plans, and by what the effects before it left of the price.

    Returns:
        (effect, term, (f,) change), effects that multiply first, then those that add as parts of one price.
    """
    months = forecast.clock.months
    weights, found = weights.copy(), []
    parts = [lever for lever in levers.partial(driver) if lever.touches(placement)]
    for lever in levers.whole(driver):
        if lever.touches(placement):
            amounts = _by_month(lever, months)
            found += [(lever, term, _means(content, weights, amounts, term)) for term in (0, 1)]
            weights = weights * (1.0 + amounts)
    for lever in parts:
        amounts = _by_month(lever, months)
        found += [(lever, term, _means(content, weights, amounts, term)) for term in (0, 1)]
    return found


def _by_month(lever: Lever, months: Sequence[int]) -> FloatArray:
    return np.array([float((lever.part * lever.amount((absolute,)))[0]) for absolute in months])


def _means(content: Content, weights: FloatArray, amounts: FloatArray, term: int) -> FloatArray:
    """(f,) means of amounts over the months of a term of each year."""
    means = []
    for f in range(len(content.years)):
        inside = content.term_months[f, term]
        total = float(weights[inside].sum())
        even = total == 0.0
        means.append(float(amounts[inside].mean() if even else (weights[inside] * amounts[inside]).sum() / total))
    return np.array(means)
