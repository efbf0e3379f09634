"""Prices per plan and per place on the run's steps, with the measures that act on them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hnforecast.assumptions import Sourced, Vintage
from hnforecast.base.axes import FloatArray, stack_draws
from hnforecast.base.timeline import financial_year, month
from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.drivers.levers import Lever, Levers
from hnforecast.engine.model.prices import PriceSeries, uprate_price
from hnforecast.engine.model.state import Prices
from hnforecast.engine.model.steps import Step

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
    plans = [_plan_price(vintage, name, levers, steps, drawn, history_growth) for name in vintage.codes.placements]
    places = [_place_price(vintage, name, levers, steps, drawn) for name in vintage.codes.placements]
    return Prices(stack_draws(plans, axis=-1), stack_draws(places, axis=-1))


def _plan_price(
    vintage: Vintage,
    name: str,
    levers: Levers,
    steps: tuple[Step, ...],
    drawn: Drawn,
    history_growth: HistoryGrowth,
) -> FloatArray:
    """(draw or 1, step) pounds a year of a plan at one placement; nothing where it has no price."""
    top_up = vintage.prices.top_up.get(name)
    if top_up is None:
        return np.zeros((1, len(steps)))
    uplift = [lever for lever in levers.of("fee_uplift") if lever.touches(name)]
    path = _path(price_series(vintage, top_up, steps, drawn, uplift, history_growth), steps)
    for lever in levers.whole("unit_price"):
        if lever.touches(name):
            path = path * (1.0 + _change(lever, steps))
    # bands are parts of one price: their changes add
    parts = [_change(lever, steps) for lever in levers.partial("unit_price") if lever.touches(name)]
    return path * (1.0 + sum(parts)) if parts else path


def _place_price(vintage: Vintage, name: str, levers: Levers, steps: tuple[Step, ...], drawn: Drawn) -> FloatArray:
    """(draw or 1, step) pounds a year of a commissioned place at one placement."""
    place = vintage.prices.place.get(name)
    if place is None:
        return np.zeros((1, len(steps)))
    path = _path(price_series(vintage, place, steps, drawn, [], NO_HISTORY), steps)
    for lever in levers.of("place_price"):
        if lever.touches(name):
            path = path * (1.0 + _change(lever, steps))
    return path


def _path(series: PriceSeries, steps: tuple[Step, ...]) -> FloatArray:
    return uprate_price(series, tuple(step[0] for step in steps))


def _change(lever: Lever, steps: tuple[Step, ...]) -> FloatArray:
    """(draw or 1, step) relative change a lever makes to prices."""
    return stack_draws([lever.part * lever.amount(step) for step in steps], axis=-1)


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
    path: FloatArray = _path(series, steps) * drawn.factor(cost.path)[:, None]
    return path
