"""Every draw of a scenario together, with intervals calibrated to the measured errors of the pooled forecast.

Plans: in each draw the total follows the central path times a shock whose spread over horizons is that of the
backtest. The window factors that make it so are solved once, on the flow without measures, and kept for every
scenario, so that two scenarios share their noise. Spend: what drawn prices leave short of the measured spread of
spend is added as a unit cost shock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from hnforecast.base.axes import FloatArray, stack_draws
from hnforecast.base.timeline import financial_year
from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.draws.sample import draw_values, path_normals
from hnforecast.engine.drivers.prices import HistoryGrowth
from hnforecast.engine.drivers.support import account_rules
from hnforecast.engine.measured import MeasuredSpread, tail_scale
from hnforecast.engine.method import Result, WindowFactor, flow_totals, lean_result
from hnforecast.engine.model.account import settle_account
from hnforecast.engine.model.noise import cost_covariance
from hnforecast.engine.model.state import DsgAccount, Funding, Spend
from hnforecast.engine.scenarios import Scenario

# Columns of the block set aside for paths over horizons; the ledger of parameters keeps below them.
PLANS_COLUMN, COST_COLUMN, NOISE_COLUMN, TAIL_COLUMN = 44, 50, 56, 62
PATH_COLUMNS = 6
FACTOR_BOUNDS = (0.05, 5.0)  # no draw has new plans below a twentieth of the central path
NUDGE = 0.01
SPREAD_DRAWS = 512  # enough for the spread of what is drawn


@dataclass(frozen=True)
class Pass:
    """What a lean pass gives, the central run's outturn year before the drawn ones.

    Args:
        spend, funding: every draw, by year.
        bands: (d, c, band, p) January counts by age band.
    """

    spend: Spend
    funding: Funding
    bands: FloatArray

    @property
    def in_year(self) -> FloatArray:
        """(d, f) funding less what the council pays."""
        position: FloatArray = self.funding.less(self.spend)
        return position


@dataclass(frozen=True)
class Shocks:
    """What every scenario of a vintage shares.

    Args:
        normals: (d, 64) the block.
        plans: (d, c) log shocks of total plans at each January count after the base one.
        cost: (d, f) multiplier on spend that plans and services drive, by forecast year; process noise included.
        passes: lean passes already made, by what tells them apart: scenarios that differ in support alone share one.
        factors: window factors already solved, by demand path and growth.
        cost_unpriced: as cost, where the growth of prices is that of history and not drawn; None where it is the same.
    """

    normals: FloatArray
    plans: FloatArray
    cost: FloatArray
    passes: dict[tuple[object, ...], Pass] = field(default_factory=dict)
    factors: dict[tuple[object, ...], dict[int, FloatArray]] = field(default_factory=dict)
    cost_unpriced: FloatArray | None = None

    def cost_of(self, prices: str) -> FloatArray:
        """(d, f) the multiplier of a scenario by where its prices come from."""
        return self.cost_unpriced if prices == "history" and self.cost_unpriced is not None else self.cost


@dataclass(frozen=True)
class Ensemble:
    """A scenario in every draw, years as in the central run: the outturn year is the same in all.

    Args:
        account, spend, funding: draw axis in full; spend by year only.
        bands: (d, c, band, p) January counts by age band.
        window_factor: January count -> (d,) multiplier on new plans.
        without_measures: (d, f) in-year position of the same draws had no measure been taken.
    """

    account: DsgAccount
    spend: Spend
    funding: Funding
    bands: FloatArray
    window_factor: WindowFactor
    without_measures: FloatArray


def draw_shocks(scenario: Scenario, central: Result, spread: MeasuredSpread, normals: FloatArray) -> Shocks:
    """The noise of a vintage, from the central run of one of its scenarios: the same one for all that share it.

    Args:
        normals: (d, 64) the block of draws.
    """
    horizon = len(central.clock.financial_years) - 1
    tails = tail_scale(normals[:, TAIL_COLUMN])[:, None]
    plans = path_normals(normals, PLANS_COLUMN, PATH_COLUMNS, spread.plans(horizon + 1)) * tails
    noise = _process_noise(central)
    # process noise is inside the errors measured, so it is not added twice
    chance = path_normals(normals, NOISE_COLUMN, PATH_COLUMNS, noise)

    def multiplier(left: FloatArray) -> FloatArray:
        return np.exp(path_normals(normals, COST_COLUMN, PATH_COLUMNS, _positive(left)) * tails + chance)

    if not spread.as_drawn:  # spend errs by what plans err and by unit cost, as if a plan more cost its whole year
        prices = _price_spread(scenario, normals, central)
        return Shocks(normals, plans, multiplier(spread.spend(horizon) - spread.plans(horizon) - noise - prices))
    drawn, unpriced = _drawn_spread(scenario, normals, plans, horizon)
    wanted = spread.spend(horizon) - noise
    return Shocks(normals, plans, multiplier(wanted - drawn), cost_unpriced=multiplier(wanted - unpriced))


def run_ensemble(
    scenario: Scenario,
    central: Result,
    shocks: Shocks,
    window_factor: WindowFactor,
    price_growth: HistoryGrowth,
    pinned: Mapping[str, float],
    threads: int = 2,
) -> Ensemble:
    """Every draw of one scenario on the shared shocks, its outturn year that of the central run."""
    path = scenario.vintage.demand.new_plans.growth.path
    drawn = draw_values(scenario.vintage, shocks.normals, pinned, skip=(path,))
    spec = scenario.spec
    demand = (spec.demand, spec.prices, pinned.get(path))
    plain = replace(scenario, measures=())
    if demand not in shocks.factors:
        shocks.factors[demand] = _follow(plain, drawn, window_factor, shocks.plans, _horizon(central), threads)
    factor = shocks.factors[demand]

    def passed(which: Scenario) -> Pass:
        key = (*demand, spec.delivery, tuple(measure.name for measure in which.measures))
        if key not in shocks.passes:
            lean = lean_result(which, _horizon(central), drawn, factor, price_growth, threads, single=True)
            shocks.passes[key] = _joined(scenario, central, lean, shocks.cost_of(spec.prices))
        return shocks.passes[key]

    made = passed(scenario)
    received, in_year = made.funding.by_year.sum(axis=2), made.in_year
    rules = account_rules(scenario.vintage, central.clock.financial_years, spec, central.account.in_year, drawn)
    account = settle_account(received, received - in_year, rules)
    return Ensemble(account, made.spend, made.funding, made.bands, factor, passed(plain).in_year)


def _horizon(central: Result) -> int:
    return len(central.clock.financial_years) - 1


def _joined(scenario: Scenario, central: Result, lean: Result, cost: FloatArray) -> Pass:
    """Spend with its unit cost shock, funding and counts, the central run's outturn year before the drawn ones."""
    by_year = lean.spend.by_year
    for row in cost_rows(lean.spend):
        by_year[:, :, row] *= cost
    # a lean run keeps no monthly flows, so a memo row driven by new plans is not drawn; nor has every run each row of
    # measures
    same = [central.spend.rows.index(row) for row in lean.spend.rows]
    spend = replace(lean.spend, by_year=_with_outturn(central.spend.by_year[:, :1, same], by_year))
    funding = replace(lean.funding, by_year=_with_outturn(central.funding.by_year[:, :1], lean.funding.by_year))
    bands = [_band(central, lean, low, high) for _, low, high in scenario.vintage.codes.age_bands]
    return Pass(spend, funding, stack_draws(bands, axis=2))


def _band(central: Result, lean: Result, low: int, high: int) -> FloatArray:
    """(d, c, p) January counts of one age band."""
    outturn, drawn = (
        plans.january[:, :, low : high + 1].sum(axis=2, dtype=float) for plans in (central.plans, lean.plans)
    )
    return _with_outturn(outturn[:, :1], drawn)


def _follow(
    scenario: Scenario, drawn: Drawn, window_factor: WindowFactor, shock: FloatArray, horizon: int, threads: int
) -> dict[int, FloatArray]:
    """Window factors at which each draw's total is the central total times exp(shock), on a linear response.

    The response of each January to each window is that of the central flow; what drawn hazards do to the total is
    undone, so that the total has the measured spread and no more.
    """
    plain = Drawn(pinned=drawn.pinned)
    base_count = scenario.vintage.manifest.base_census
    censuses = range(base_count + 1, base_count + horizon + 1)
    before = {census: window_factor.get(census, np.ones(1)) for census in (*censuses, base_count + horizon + 1)}
    # one draw with no window nudged, then one for each
    nudges = np.vstack([np.zeros(horizon), NUDGE * np.eye(horizon)])
    nudged = {**before, **{census: before[census] * (1.0 + nudges[:, k]) for k, census in enumerate(censuses)}}
    totals, *moved = flow_totals(scenario, horizon, plain, nudged)[:, 1:]
    response = (np.array(moved) - totals).T / NUDGE
    drawn_totals = flow_totals(scenario, horizon, drawn, before, threads, single=True)
    short = totals * np.exp(shock[:, :horizon]) - drawn_totals[:, 1:]
    factors: dict[int, FloatArray] = {}
    for k, census in enumerate(censuses):
        # with no new plans there is nothing to multiply, and the total stays where the rest of the flow takes it
        share = short[:, k] / response[k, k] if response[k, k] else np.zeros(len(short))
        kept = np.clip(1.0 + share, *FACTOR_BOUNDS)
        short = short - np.outer(kept - 1.0, response[:, k])
        factors[census] = kept * before[census]
    factors[base_count + horizon + 1] = factors[base_count + horizon]
    return factors


def _price_spread(scenario: Scenario, normals: FloatArray, central: Result) -> FloatArray:
    """(f, f) covariance of log spend that drawn prices give, plans held at the central run's."""
    first = slice(0, min(1024, normals.shape[0]))
    drawn = draw_values(scenario.vintage, normals[first], {}, skip=(scenario.vintage.demand.new_plans.growth.path,))
    priced = {path: factor for path, factor in drawn.factors.items() if path.startswith(("prices.", "services."))}
    prices_only = Drawn(drawn.draws, drawn.values, priced, drawn.shifts)
    horizon = len(central.clock.financial_years) - 1
    lean = lean_result(replace(scenario, measures=()), horizon, prices_only, {}, {})
    spend = lean.spend.by_year[:, :, cost_rows(lean.spend)].sum(axis=2)
    return np.atleast_2d(np.cov(np.log(spend), rowvar=False))


def _drawn_spread(
    scenario: Scenario, normals: FloatArray, plans: FloatArray, horizon: int
) -> tuple[FloatArray, FloatArray]:
    """(f, f) covariances of log spend that everything drawn gives, plans on their shocks: with prices, and without.

    A plan more in January costs two months of its financial year, and a new plan is not a mean one: what plans do to
    spend is less than what they err by, and is found by running them.
    """
    first = slice(0, min(SPREAD_DRAWS, normals.shape[0]))
    plain = replace(scenario, measures=(), beyond={})
    values = draw_values(plain.vintage, normals[first], {}, skip=(plain.vintage.demand.new_plans.growth.path,))
    factor = _follow(plain, values, {}, plans[first], horizon, 1)
    unpriced = replace(
        values,
        factors={path: one for path, one in values.factors.items() if not path.startswith("prices.indices.")},
        shifts={path: one for path, one in values.shifts.items() if not path.startswith("prices.indices.")},
    )

    def covariance(drawn: Drawn) -> FloatArray:
        lean = lean_result(plain, horizon, drawn, factor, {})
        spend = lean.spend.by_year[:, :, cost_rows(lean.spend)].sum(axis=2)
        return np.atleast_2d(np.cov(np.log(spend), rowvar=False))

    return covariance(values), covariance(unpriced)


def _process_noise(central: Result) -> FloatArray:
    """(f, f) covariance of the share of spend that moves because plans are whole children, at central rates."""
    clock, plans = central.clock, central.plans
    start = len(clock.months) - len([m for m in clock.months if m >= 12 * clock.censuses[1] + 1])
    months = clock.months[start:]
    years = clock.financial_years[1:]
    cost = np.zeros((len(years), len(months), plans.open.shape[2]))
    for t, absolute in enumerate(months):
        year = financial_year(absolute)
        if year in years:
            cost[years.index(year), t] = central.prices.per_plan[0, start + t] / 12.0
    ahead = replace(clock, months=months, academic_years=clock.academic_years[1:])
    opening = plans.january[0, 1]
    new = plans.by_age["new"][0, start:].sum(axis=2)
    covariance = cost_covariance(opening, new, central.rates, ahead, cost)
    middle = central.spend.by_year[0, 1:, :][:, cost_rows(central.spend)].sum(axis=1)
    return np.asarray(covariance / np.outer(middle, middle), dtype=float)


def cost_rows(spend: Spend) -> list[int]:
    """Rows on lines 1.2 of the grant: what plans and services drive; places follow commissioning and do not vary so."""
    return [r for r in spend.grant_rows if spend.rows[r].s251_line.startswith("1.2")]


def _positive(matrix: FloatArray) -> FloatArray:
    """The nearest covariance."""
    spectrum, vectors = np.linalg.eigh(0.5 * (matrix + matrix.T))
    return np.asarray(vectors @ np.diag(np.maximum(spectrum, 0.0)) @ vectors.T, dtype=float)


def _with_outturn(outturn: FloatArray, drawn: FloatArray) -> FloatArray:
    """The outturn year, the same in every draw, before the drawn years."""
    joined = np.empty((drawn.shape[0], 1 + drawn.shape[1], *drawn.shape[2:]), order="F")
    joined[:, :1], joined[:, 1:] = outturn, drawn
    return joined
