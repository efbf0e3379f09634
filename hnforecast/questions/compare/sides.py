"""One forecast as the bridge needs it: its drivers and results on the clock both forecasts share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.drivers import tables
from hnforecast.engine.drivers.flows import flow_rates
from hnforecast.engine.drivers.spend import spend_rules
from hnforecast.engine.drivers.support import account_rules
from hnforecast.engine.model.account import AccountRules, Instrument
from hnforecast.engine.model.population import project_children
from hnforecast.engine.model.spend import SpendRules, cost_plans
from hnforecast.engine.model.state import Clock, FlowRates, Plans, Prices
from hnforecast.engine.model.steps import steps_of
from hnforecast.engine.records import Forecast


@dataclass(frozen=True)
class Side:
    """A forecast on the shared clock.

    Args:
        forecast: as made.
        clock: the shared forecast years, from the later of the two base counts.
        years: financial years both report, outturn years of either included.
        drawn: central values with what the scenario pins.
        opening: (1, a, n, p) its plans at the base count: published, or as it forecast them.
        children: (1, y, a).
        rates: with the shifts of measures folded in, so that shares and moves change hands as one table.
    """

    forecast: Forecast
    clock: Clock
    years: tuple[int, ...]
    drawn: Drawn
    opening: FloatArray
    children: FloatArray
    rates: FlowRates

    @classmethod
    def of(cls, forecast: Forecast, clock: Clock, years: tuple[int, ...]) -> Side:
        """Gather the drivers of a forecast on the shared clock."""
        scenario = forecast.scenario
        vintage = scenario.vintage
        drawn = forecast.drawn
        rates = flow_rates(vintage, forecast.levers, clock, drawn, forecast.factors)
        base = forecast.clock.censuses.index(clock.censuses[0])
        series = tables.children(vintage.population.children, clock.academic_years)
        return cls(
            forecast=forecast,
            clock=clock,
            years=years,
            drawn=drawn,
            opening=forecast.plans.january[:, base][:, :, None, :],
            children=project_children(series, np.ones((1, 1))).children,
            rates=_folded(rates),
        )

    def on(self, series: FloatArray) -> FloatArray:
        """(f,) a series (1, f) of the forecast's own years, on the shared years."""
        own = self.forecast.clock.financial_years
        return series[0, [own.index(year) for year in self.years]]

    @property
    def funding(self) -> FloatArray:
        """(f,) pounds of every stream."""
        return self.on(self.forecast.funding.by_year.sum(axis=2))

    @property
    def services(self) -> FloatArray:
        """(f,) pounds of services, delivery costs and income: what no plan or place drives."""
        rows = [
            r
            for r in self.forecast.spend.account_rows
            if r not in self._rules.per_plan and r not in self._rules.per_place
        ]
        return self.on(self.forecast.spend.by_year[:, :, rows].sum(axis=2))

    @property
    def place_funding(self) -> FloatArray:
        """(f,) pounds of commissioned places."""
        return self.on(self.forecast.spend.by_year[:, :, list(self._rules.per_place)].sum(axis=2))

    def priced_plans(self, other: Side) -> FloatArray:
        """(f,) this side's plans at the other's prices, in years both report; its own spend where other is itself."""
        total = np.zeros(len(self.years))
        mine, theirs = self.forecast, other.forecast
        shares: dict[int, float] = {}
        for placement, share in other._rules.per_plan.values():
            shares[placement] = shares.get(placement, 0.0) + float(share[0, 0])
        for f, year in enumerate(self.years):
            months = range(12 * year + 3, 12 * year + 15)
            here = [mine.clock.months.index(month) for month in months]
            there = [theirs.clock.months.index(month) for month in months]
            for placement, whole in shares.items():
                volume = mine.plans.plan_months[0, here, placement] / 12.0
                total[f] += whole * float(np.dot(volume, theirs.prices.per_plan[0, there, placement]))
        return total

    def driven_spend(self, plans: Plans, places: dict[str, FloatArray]) -> FloatArray:
        """(d, f) pounds that plans and places drive at this side's prices, in the forecast years of the shared clock.

        Args:
            plans: of some hybrid.
            places: commissioned places by placement, each (d or 1, y).
        """
        rules = self._rules_for(plans, places)
        spend = cost_plans(plans, self._prices, rules, steps_of(self.clock, detail=False), self.clock, detail=False)
        total: FloatArray = spend.by_year[:, :, [*rules.per_plan, *rules.per_place]].sum(axis=2)
        return total

    def account_rules(self, opening: float, gross: float, known: int) -> AccountRules:
        """Instruments and profile of this side, from a given balance; nothing is tied to outturn.

        Args:
            opening, gross: balance at the start of the years, after and before contributions.
            known: how many of the shared years are left out at the start.
        """
        scenario, account = self.forecast.scenario, self.forecast.account
        years = self.years[known:]
        rules = account_rules(scenario.vintage, years, scenario.spec, np.zeros((1, len(years))), self.drawn)
        return replace(
            rules,
            opening=np.array([opening]),
            contributions_before=opening - gross,
            outturn_closing={},
            first_forecast=sum(year < self.forecast.clock.first_forecast for year in years),
            instruments=tuple(
                self._as_it_stands(instrument, self.on(account.support[:, :, i])[known:], years[0])
                for i, instrument in enumerate(rules.instruments)
            ),
        )

    def _as_it_stands(self, instrument: Instrument, received: FloatArray, first: int) -> Instrument:
        """What hangs on years before the first one is settled already: it keeps what the forecast paid."""
        own = self.forecast.clock
        before = [f for f, year in enumerate(own.financial_years) if own.first_forecast <= year < first]
        missed = instrument.suspended_when_missed and (self.forecast.account.met[0, before] == 0.0).any()
        settled = instrument.paid_year >= 0 and instrument.balance_year < 0 and bool(instrument.share.any())
        if not (missed or settled):
            return instrument
        return replace(
            instrument, payments=received[None], share=np.zeros(1), balance_year=-1, suspended_when_missed=False
        )

    def places(self) -> dict[str, FloatArray]:
        """(1, y) commissioned places by placement."""
        names = self.forecast.scenario.vintage.codes.placements
        return {names[p]: self.rates.places[:, :, k] for k, p in enumerate(self.rates.capped)}

    @property
    def _prices(self) -> Prices:
        """Prices of the shared clock's segments: the forecast's own months, each weighted by its own plan-months.

        A price that a measure moves month by month is then exact for this side's own plans.
        """
        own, plans, prices = self.forecast.clock, self.forecast.plans, self.forecast.prices
        per_plan, per_place = [], []
        for step in steps_of(self.clock, detail=False):
            months = [own.months.index(month) for month in step]
            volume = plans.plan_months[0, months]
            volume = np.where(volume.sum(axis=0) > 0, volume, 1.0)
            per_plan.append((volume * prices.per_plan[0, months]).sum(axis=0) / volume.sum(axis=0))
            per_place.append(prices.per_place[0, months].mean(axis=0))
        return Prices(np.array(per_plan)[None], np.array(per_place)[None])

    @property
    def _history(self) -> dict[int, FloatArray]:
        return dict(self.forecast.history.price_growth)

    @property
    def _rules(self) -> SpendRules:
        """Which rows plans drive and which places do; positions are those of the forecast's own rows."""
        steps, placements = steps_of(self.clock, detail=False), self.forecast.scenario.vintage.codes.placements
        none = np.zeros((1, len(steps), len(placements)))  # what the rows are does not depend on the plans
        return self._rules_for(replace(self.forecast.plans, plan_months=none), self.places())

    def _rules_for(self, plans: Plans, places: dict[str, FloatArray]) -> SpendRules:
        scenario, years = self.forecast.scenario, self.clock.financial_years
        vintage = scenario.vintage
        columns = [places.get(name, np.zeros((1, len(self.clock.academic_years)))) for name in vintage.flows.places]
        placed = stacked(columns) if columns else np.zeros((1, len(self.clock.academic_years), 0))
        plans = replace(plans, new=np.zeros((1, 0, len(vintage.codes.placements))))  # the memo is not asked for
        return spend_rules(
            vintage,
            self.forecast.levers,
            self.clock,
            steps_of(self.clock, detail=False),
            plans,
            placed,
            np.zeros((1, len(years))),
            self.drawn,
            self._history,
        )


def stacked(columns: Sequence[FloatArray]) -> FloatArray:
    """Columns side by side as a last axis, one draw spread over many."""
    return np.stack(np.broadcast_arrays(*columns), axis=-1)


def _folded(rates: FlowRates) -> FlowRates:
    """Shares and moves with what the measures shift at their delivery, and no shifts left."""
    share = rates.new_share + np.einsum("my,myanp->yanp", rates.weight[0], rates.share_shift)
    move = rates.move + np.einsum("my,myapq->yapq", rates.weight[0], rates.move_shift)
    return replace(
        rates,
        new_share=share,
        move=move,
        share_shift=rates.share_shift[:0],
        move_shift=rates.move_shift[:0],
        weight=rates.weight[:, :0],
    )
