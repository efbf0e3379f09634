"""Prices per plan and per place on the run's steps, with the measures that act on them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hnforecast.assumptions import Sourced, Vintage
from hnforecast.axes import FloatArray, stack_draws
from hnforecast.draws.drawn import Drawn
from hnforecast.drivers.levers import Lever, Levers
from hnforecast.model.prices import PriceSeries, stack_prices, uprate_price
from hnforecast.model.state import Prices
from hnforecast.model.steps import Step
from hnforecast.timeline import financial_year, month

HistoryGrowth = Mapping[int, FloatArray]
NO_HISTORY: HistoryGrowth = {}


def build_prices(
    vintage: Vintage, levers: Levers, steps: tuple[Step, ...], drawn: Drawn, history_growth: HistoryGrowth = NO_HISTORY
) -> Prices:
    """Cash prices of every placement in every step.

    Args:
        history_growth: financial year -> (draw or 1,) growth that replaces every index in that year; empty keeps the
            indices of the vintage.
    """
    firsts = tuple(step[0] for step in steps)
    free = PriceSeries(np.zeros(1), financial_year(firsts[0]), 4, _still(steps))
    per_plan, per_place = [], []
    for name in vintage.codes.placements:
        top_up, place = vintage.prices.top_up.get(name), vintage.prices.place.get(name)
        uplift = [lever for lever in levers.of("fee_uplift") if lever.touches(name)]
        per_plan.append(price_series(vintage, top_up, steps, drawn, uplift, history_growth) if top_up else free)
        per_place.append(price_series(vintage, place, steps, drawn, [], NO_HISTORY) if place else free)
    plan_prices = stack_prices(per_plan, firsts)
    placements = vintage.codes.placements
    for lever in levers.whole("unit_price"):
        plan_prices = plan_prices * (1.0 + _change(lever, steps, placements))
    if parts := levers.partial("unit_price"):  # bands are parts of one price: their changes add
        plan_prices = plan_prices * (1.0 + sum(_change(lever, steps, placements) for lever in parts))
    place_prices = stack_prices(per_place, firsts)
    for lever in levers.of("place_price"):
        place_prices = place_prices * (1.0 + _change(lever, steps, placements))
    return Prices(plan_prices, place_prices)


def _change(lever: Lever, steps: tuple[Step, ...], placements: tuple[str, ...]) -> FloatArray:
    """(draw or 1, step, placement) relative change a lever makes to prices."""
    touched = np.array([lever.touches(name) for name in placements])
    amount = stack_draws([lever.part * lever.amount(step) for step in steps], axis=-1)
    change: FloatArray = amount[:, :, None] * touched
    return change


def price_series(
    vintage: Vintage,
    price: Sourced,
    steps: tuple[Step, ...],
    drawn: Drawn,
    uplift: list[Lever],
    history_growth: HistoryGrowth,
) -> PriceSeries:
    """A price of the vintage with the growth of its index, drawn and as the measures leave it."""
    last = financial_year(steps[-1][0])
    first = financial_year(steps[0][0]) - 1
    base = price.price_base if price.price_base is not None else first
    growth = {
        year: year_growth(vintage, price, year, drawn, uplift, history_growth)
        for year in range(min(first, base), max(last, base) + 1)
    }
    return PriceSeries(drawn.value(price), base, price.uplift_month, growth)


def year_growth(
    vintage: Vintage,
    price: Sourced,
    year: int,
    drawn: Drawn,
    uplift: list[Lever],
    history_growth: HistoryGrowth,
) -> FloatArray:
    """(draw or 1,) growth of a price at the step of one financial year."""
    if price.uprate_by is None:
        return np.zeros(1)
    index = vintage.prices.indices[price.uprate_by]
    forecast = year >= vintage.manifest.first_forecast_year
    if forecast and year in history_growth:
        return history_growth[year]
    growth = np.array([index.at(year, 0.0)])
    if forecast:
        growth = growth * drawn.factor(index.path) + drawn.shift(index.path)
    for lever in uplift:
        growth = growth * (1.0 + lever.amount([month(year, price.uplift_month)]))
    return growth


def yearly_cost(
    vintage: Vintage, cost: Sourced, years: tuple[int, ...], drawn: Drawn, history_growth: HistoryGrowth = NO_HISTORY
) -> FloatArray:
    """(draw or 1, financial year) pounds of a service: a series as written, or a value uprated each April."""
    if cost.by is not None:
        amounts: FloatArray = np.array([[cost.at(year, 0.0, hold=False) for year in years]])
        return drawn.factor(cost.path)[:, None] * amounts
    steps = tuple((month(year, 4),) for year in years)
    series = price_series(vintage, cost, steps, drawn, [], history_growth)
    path: FloatArray = uprate_price(series, tuple(step[0] for step in steps)) * drawn.factor(cost.path)[:, None]
    return path


def _still(steps: tuple[Step, ...]) -> dict[int, FloatArray]:
    years = range(financial_year(steps[0][0]) - 1, financial_year(steps[-1][0]) + 2)
    return {year: np.zeros(1) for year in years}
