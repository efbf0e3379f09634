"""The Prices sheet: indices and what a plan, a place and a service cost year by year, live from Inputs.

An index stands at 1 in the year before the first; a price is its value times the index, over the index in the year
of its prices. Where nothing a scenario has of its own moves a price, one row serves every scenario.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from hnforecast.assumptions import Sourced
from hnforecast.base.axes import FloatArray
from hnforecast.base.timeline import show_year
from hnforecast.engine.drivers.levers import Lever, Levers
from hnforecast.engine.drivers.prices import year_growth, yearly_cost
from hnforecast.papers.workbook.content import ALL, BEFORE, FIRST_YEAR, PRICES, TERM_WORDS, Content
from hnforecast.papers.workbook.effects import change_cell, effect_key
from hnforecast.papers.workbook.inputs import HISTORY
from hnforecast.writing.xlsx.book import FIRST_TABLE_ROW, Sheet, local
from hnforecast.writing.xlsx.numbers import FACTOR, GBP

if TYPE_CHECKING:
    from hnforecast.engine.records import Forecast


NONE: Mapping[int, float] = {}  # no growth from history


@dataclass
class _Writer:
    """The sheet, and where each index already stands."""

    content: Content
    sheet: Sheet
    row: int = FIRST_TABLE_ROW + 1
    indices: dict[tuple[str, ...], int] = field(default_factory=dict)
    prices: dict[tuple[str, ...], int] = field(default_factory=dict)

    def labels(self, *labels: str) -> None:
        for column, label in enumerate(labels):
            self.sheet.text(self.row, column, label, "wrapped" if column in (1, 2) else "label")


def write_prices(content: Content, sheet: Sheet) -> None:
    """Every price the model uses, scenario by scenario where they differ."""
    writer = _Writer(content, sheet)
    for forecast in content.forecasts:
        vintage, levers = forecast.scenario.vintage, forecast.levers
        for placement, price in vintage.prices.top_up.items():
            _plan_price(writer, forecast, levers, placement, price)
        for placement, price in vintage.prices.place.items():
            _place_price(writer, forecast, levers, placement, price)
        for key, service in vintage.services.lines.items():
            _cost(writer, forecast, f"service.{key}", service.label, service.cost, forecast.history_growth)
        for measure in forecast.scenario.measures:
            for i, cost in enumerate(measure.costs):
                if cost.account == "dsg":
                    _cost(writer, forecast, f"cost.{measure.name}.{i}", cost.label, cost.cost, NONE)
        for key, item in vintage.services.council.items():
            values = _cost(writer, forecast, f"council.{key}", item.label, item.cost, NONE)
            content.unit_costs[forecast.scenario.name, key] = values
    headers = ["Scenario", "Price or index", "How it is made", f"Before {show_year(content.years[0])}"]
    rows = writer.row - FIRST_TABLE_ROW - 1
    sheet.table(FIRST_TABLE_ROW, [*headers, *content.year_headers()], rows, "prices", right_from=BEFORE, blocks=True)
    sheet.set_width(1, 44)
    sheet.set_width(2, 40)
    sheet.freeze(FIRST_TABLE_ROW + 1, FIRST_YEAR)


def price_cell(content: Content, forecast: Forecast, key: str, term: int, column: int) -> str:
    """The address of a price in a term of a year, as other sheets refer to it."""
    return content.cell(PRICES, forecast.scenario.name, f"{key}.{term}", column)


def _plan_price(writer: _Writer, forecast: Forecast, levers: Levers, placement: str, price: Sourced) -> None:
    """The price of a plan: one row where the year has one price, else one for each term."""
    content = writer.content
    p = content.codes.placements.index(placement)
    uplifts = [lever for lever in levers.of("fee_uplift") if lever.touches(placement)]
    whole = [lever for lever in levers.whole("unit_price") if lever.touches(placement)]
    parts = [lever for lever in levers.partial("unit_price") if lever.touches(placement)]
    weights, path = forecast.plans.plan_months[0, :, p], forecast.prices.per_plan[0, :, p]
    own = forecast.scenario.name if whole or parts else ALL
    index = _index(writer, forecast, price, uplifts, forecast.history_growth)
    values = _by_term(content, weights, path)
    key = f"top_up.{placement}"
    _terms(writer, forecast, key, content.codes.labels[placement], price, index, (own, whole, parts), values)


def _place_price(writer: _Writer, forecast: Forecast, levers: Levers, placement: str, price: Sourced) -> None:
    content = writer.content
    p = content.codes.placements.index(placement)
    whole = [lever for lever in levers.of("place_price") if lever.touches(placement)]
    path = forecast.prices.per_place[0, :, p]
    own = forecast.scenario.name if whole else ALL
    index = _index(writer, forecast, price, [], NONE)
    values = _by_term(content, np.ones_like(path), path)
    label = f"{content.codes.labels[placement]}, a place"
    _terms(writer, forecast, f"place.{placement}", label, price, index, (own, whole, []), values)


def _terms(
    writer: _Writer,
    forecast: Forecast,
    key: str,
    label: str,
    price: Sourced,
    index: int,
    acting: tuple[str, list[Lever], list[Lever]],
    values: FloatArray,
) -> None:
    """Write a price for the year, or for each term; or find the row another scenario shares.

    Args:
        index: row of its index.
        acting: whose price it is, effects that multiply it, effects that add as parts of it.
        values: (f, term) the engine's.
    """
    content, name = writer.content, forecast.scenario.name
    own, whole, parts = acting
    september = price.uplift_month == 9 and price.uprate_by is not None
    terms = (0, 1) if september or whole or parts else (0,)
    placement = key.partition(".")[2]
    for term in terms:
        shared = (own, key, str(index), str(term))
        if shared not in writer.prices:
            words = TERM_WORDS[term] if len(terms) > 1 else "all year"
            made = "value x index" + (" x what measures change" if whole or parts else "")
            writer.labels(own, f"{label}, {words}", made)
            base = _base_cell(writer, index, price)
            writer.sheet.text(writer.row, BEFORE, "[z]", align="right")
            for f, column in content.year_columns():
                step = column - 1 if september and term == 0 else column
                formula = f"={content.input(key)}*{local(index, step)}{base}"
                formula += "".join(f"*(1+{_change(content, forecast, x, placement, term, column)})" for x in whole)
                if parts:
                    added = "+".join(_change(content, forecast, x, placement, term, column) for x in parts)
                    formula += f"*(1+{added})"
                writer.sheet.formula(writer.row, column, formula, float(values[f, term]), GBP)
            writer.prices[shared] = writer.row
            writer.row += 1
        for t in (term,) if len(terms) > 1 else (0, 1):
            content.place(PRICES, name, f"{key}.{t}", writer.prices[shared])


def _change(content: Content, forecast: Forecast, lever: Lever, placement: str, term: int, column: int) -> str:
    return change_cell(content, forecast, effect_key(content, lever, placement, term), column)


def _cost(
    writer: _Writer, forecast: Forecast, key: str, label: str, cost: Sourced, history: Mapping[int, float]
) -> FloatArray:
    """Write a yearly cost, as written by year or a value times its index, and return the engine's (f,)."""
    content, name = writer.content, forecast.scenario.name
    growth = {year: np.array([value]) for year, value in history.items()}
    values: FloatArray = yearly_cost(forecast.scenario.vintage, cost, content.years, forecast.drawn, growth)[0]
    index = None if cost.by is not None else _index(writer, forecast, cost, [], history)
    shared = (key, str(index), "")
    if shared not in writer.prices:
        made = "as written by year" if index is None else "value x index"
        writer.labels(ALL, label, made)
        writer.sheet.text(writer.row, BEFORE, "[z]", align="right")
        for f, column in content.year_columns():
            if index is None:
                formula = f"={content.input_year(key, column)}"
            else:
                formula = f"={content.input(key)}*{local(index, column)}{_base_cell(writer, index, cost)}"
            writer.sheet.formula(writer.row, column, formula, float(values[f]), GBP)
        writer.prices[shared] = writer.row
        writer.row += 1
    content.place(PRICES, name, key, writer.prices[shared])
    return values


def _base_cell(writer: _Writer, index: int, price: Sourced) -> str:
    """What the index is divided by: its level in the year of the price, where that is on the ruler."""
    years = writer.content.years
    base = price.price_base
    if price.uprate_by is None or base is None or not years[0] <= base <= years[-1]:
        return ""  # the index of such a price starts from its value: see _index
    column = FIRST_YEAR + base - years[0]
    return f"/${local(index, column)}"


def _index(
    writer: _Writer, forecast: Forecast, price: Sourced, uplifts: list[Lever], history: Mapping[int, float]
) -> int:
    """The row of the index that moves a price, written when first needed."""
    content, vintage, name = writer.content, forecast.scenario.vintage, forecast.scenario.name
    years, drawn = content.years, forecast.drawn
    growth = {year: np.array([value]) for year, value in history.items()}
    rates = {
        year: float(year_growth(vintage, price, year, drawn, uplifts, growth)[0])
        for year in range(min(years[0] - 1, price.price_base or years[0]), max(years[-1], price.price_base or 0) + 1)
    }
    start = _start(years, price, rates)
    own = name if growth or uplifts else ALL
    key = (own, price.uprate_by or "none", str(price.uplift_month if uplifts else 0), f"{start:.12g}",
           ",".join(lever.measure.name for lever in uplifts))  # fmt: skip
    if key in writer.indices:
        return writer.indices[key]
    row = writer.indices[key] = writer.row
    what = "No growth" if price.uprate_by is None else f"Index: {price.uprate_by.replace('_', ' ')}"
    what += ", from history" if growth else ", as measures leave it" if uplifts else ""
    writer.labels(own, what, "last year x (1 + growth)")
    writer.sheet.number(row, BEFORE, start, FACTOR, "engine")
    level = start
    for f, column in content.year_columns():
        year = years[f]
        level *= 1.0 + rates[year]
        if price.uprate_by is None:
            formula = f"={local(row, column - 1)}"
        elif year in growth:
            formula = f"={local(row, column - 1)}*(1+{content.input_year(f'{HISTORY}.{name}', column)})"
        else:
            rate = content.input_year(f"index.{price.uprate_by}", column)
            cuts = "".join(
                f"*(1+{change_cell(content, forecast, effect_key(content, x, price.uplift_month), column)})"
                for x in uplifts
            )
            formula = f"={local(row, column - 1)}*(1+{rate}{cuts})"
        writer.sheet.formula(row, column, formula, level, FACTOR)
    writer.row += 1
    return row


def _start(years: tuple[int, ...], price: Sourced, rates: dict[int, float]) -> float:
    """The index in the year before the first: 1, or what brings a value from a year off the ruler to it."""
    base = price.price_base
    if price.uprate_by is None or base is None or years[0] - 1 <= base <= years[-1]:
        return 1.0
    level = 1.0
    for year in range(base + 1, years[0]):
        level *= 1.0 + rates[year]
    for year in range(years[0], base + 1 if base > years[-1] else years[0]):
        level /= 1.0 + rates[year]
    return level


def _by_term(content: Content, weights: FloatArray, path: FloatArray) -> FloatArray:
    """(f, term) the engine's price: the mean over the term's months, by plans."""
    values = np.zeros((len(content.years), 2))
    for place, inside in content.term_months.items():
        total = float(weights[inside].sum())
        even = total == 0.0 or bool((path[inside] == path[inside[0]]).all())
        values[place] = path[inside].mean() if even else (weights[inside] * path[inside]).sum() / total
    return values
