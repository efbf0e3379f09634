"""The method on one screen: six calls in order, population -> plans -> prices -> spend -> funding -> account.

`central_result` runs from the base outturn year, month by month, for one draw. `lean_result` runs from the base
January count for
every draw together and keeps what is asked of draws: segments of plan-months, January counts, spend by year, the
account.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.drivers import tables
from hnforecast.engine.drivers.alike import Alike
from hnforecast.engine.drivers.flows import flow_rates
from hnforecast.engine.drivers.funding import funding_streams
from hnforecast.engine.drivers.levers import Levers, levers_of
from hnforecast.engine.drivers.paid_direct import paid_direct
from hnforecast.engine.drivers.prices import HistoryGrowth, build_prices
from hnforecast.engine.drivers.spend import spend_rules
from hnforecast.engine.drivers.support import account_rules
from hnforecast.engine.drivers.tables import forecast_clock, joined_clock, outturn_clock
from hnforecast.engine.model.account import build_funding, settle_account
from hnforecast.engine.model.outturn import join_plans, reconstruct_outturn
from hnforecast.engine.model.plans import flow_plans
from hnforecast.engine.model.population import project_children
from hnforecast.engine.model.spend import cost_plans
from hnforecast.engine.model.state import Clock, DsgAccount, FlowRates, Funding, Plans, Population, Prices, Spend
from hnforecast.engine.model.steps import steps_of
from hnforecast.engine.scenarios import Scenario


@dataclass(frozen=True)
class Result:
    """What one pass of the model gives: the stages' records on one clock, and what they were made with.

    Args:
        rates: what the flow used.
        drawn: the values of every draw.
        levers: the measures at those values.
    """

    clock: Clock
    population: Population
    rates: FlowRates
    plans: Plans
    prices: Prices
    spend: Spend
    funding: Funding
    account: DsgAccount
    drawn: Drawn
    levers: Levers

    @property
    def in_year(self) -> FloatArray:
        """(d, f) funding less what the council pays from it."""
        return self.funding.less(self.spend)


WindowFactor = Mapping[int, FloatArray]


def central_result(
    scenario: Scenario, horizon: int, drawn: Drawn, window_factor: WindowFactor, price_growth: HistoryGrowth
) -> Result:
    """The base outturn year tied to both published counts, then the forecast, by month."""
    vintage = scenario.vintage
    manifest = vintage.manifest
    levers = levers_of(scenario.measures, drawn)
    past = outturn_clock(manifest.base_census, manifest.base_outturn)
    ahead = forecast_clock(manifest.base_census, manifest.first_forecast_year, horizon)
    clock = joined_clock(past, ahead)
    population = _children(scenario, clock, drawn)
    before, base = (_count(scenario, census) for census in (manifest.base_census - 1, manifest.base_census))
    none_yet = Levers(())
    as_recorded = flow_rates(vintage, none_yet, past, drawn, capped=False)
    outturn = reconstruct_outturn(before, base, population.children[:, :2], as_recorded, past)
    rates = flow_rates(vintage, levers, ahead, drawn, window_factor)
    forecast = flow_plans(base, population.children[:, 1:], rates, ahead, detail=True)
    earlier = flow_rates(vintage, none_yet, past, drawn).places[:, :1]
    places = np.concatenate([np.broadcast_to(earlier, rates.places[:, :1].shape), rates.places], axis=1)
    plans = join_plans(outturn, forecast)
    return _money(scenario, levers, clock, population, rates, plans, places, drawn, price_growth, detail=True)


def lean_result(
    scenario: Scenario,
    horizon: int,
    drawn: Drawn,
    window_factor: WindowFactor,
    price_growth: HistoryGrowth,
    threads: int = 1,
    single: bool = False,
) -> Result:
    """The forecast years for every draw together; plans in single precision where asked, money always in double."""
    vintage = scenario.vintage
    levers = levers_of(scenario.measures, drawn)
    clock = forecast_clock(vintage.manifest.base_census, vintage.manifest.first_forecast_year, horizon)
    alike = Alike.of(scenario.measures, drawn, window_factor)
    flowing, moving = (drawn, levers) if alike is None else (alike.drawn, levers_of(scenario.measures, alike.drawn))
    population = _children(scenario, clock, flowing)
    rates = flow_rates(vintage, moving, clock, flowing, window_factor)
    base = _count(scenario, vintage.manifest.base_census)
    plans = flow_plans(base, population.children, rates, clock, single=single, threads=threads)
    if alike is not None:
        rates, plans = alike.rates(rates), alike.plans(plans)
    return _money(scenario, levers, clock, population, rates, plans, rates.places, drawn, price_growth, detail=False)


def flow_totals(
    scenario: Scenario,
    horizon: int,
    drawn: Drawn,
    window_factor: WindowFactor,
    threads: int = 1,
    single: bool = False,
) -> FloatArray:
    """(d, c) plans at each January count, without measures and without money."""
    vintage = scenario.vintage
    clock = forecast_clock(vintage.manifest.base_census, vintage.manifest.first_forecast_year, horizon)
    rates = flow_rates(vintage, Levers(()), clock, drawn, window_factor)
    children = _children(scenario, clock, drawn).children
    base = _count(scenario, vintage.manifest.base_census)
    plans = flow_plans(base, children, rates, clock, single=single, counts_only=True, threads=threads)
    totals: FloatArray = plans.january.sum(axis=(2, 3), dtype=float)
    return totals


def priced_anew(scenario: Scenario, flowed: Result, drawn: Drawn) -> Result:
    """Plans already flowed, at the prices and funding of other values; whoever asks sees to it that no flow moves."""
    levers = levers_of(scenario.measures, drawn)
    places = flowed.rates.places
    return _money(
        scenario, levers, flowed.clock, flowed.population, flowed.rates, flowed.plans, places, drawn, {}, detail=False
    )


def _money(
    scenario: Scenario,
    levers: Levers,
    clock: Clock,
    population: Population,
    rates: FlowRates,
    plans: Plans,
    places: FloatArray,
    drawn: Drawn,
    price_growth: HistoryGrowth,
    detail: bool,
) -> Result:
    """Prices, spend, funding and account for plans already flowed."""
    vintage, years = scenario.vintage, clock.financial_years
    steps = steps_of(clock, detail)
    prices = build_prices(vintage, levers, steps, drawn, price_growth)
    direct = paid_direct(vintage, clock, steps, plans, places, drawn)
    rules = spend_rules(vintage, levers, clock, steps, plans, places, direct, drawn, price_growth, scenario.beyond)
    spend = cost_plans(plans, prices, rules, steps, clock, detail)
    funding = build_funding(funding_streams(vintage, levers, years, drawn, direct))
    received, paid = funding.received, spend.in_account
    account = settle_account(received, paid, account_rules(vintage, years, scenario.spec, received - paid, drawn))
    return Result(clock, population, rates, plans, prices, spend, funding, account, drawn, levers)


def _children(scenario: Scenario, clock: Clock, drawn: Drawn) -> Population:
    parameter = scenario.vintage.population.children
    return project_children(tables.children(parameter, clock.academic_years), drawn.factor(parameter.path)[:, None])


def _count(scenario: Scenario, census: int) -> FloatArray:
    """Published plans at a January count."""
    vintage = scenario.vintage
    return tables.opening_counts(vintage.flows.opening_plans, census, vintage.codes.placements)
