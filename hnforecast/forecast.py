"""The method on one screen: six calls in order, once for the central run and once for every draw together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hnforecast.assumptions import Vintage, load_vintage
from hnforecast.axes import Axes, FloatArray
from hnforecast.checks import CheckResult, check_run, council_paid
from hnforecast.demand_path import HistoryPath, solve_window_factor
from hnforecast.drivers import tables
from hnforecast.drivers.clocks import forecast_clock, joined_clock, outturn_clock
from hnforecast.drivers.drawn import Drawn
from hnforecast.drivers.flows import flow_rates
from hnforecast.drivers.funding import deductions, funding_streams
from hnforecast.drivers.levers import Levers, levers_of
from hnforecast.drivers.prices import HistoryGrowth, build_prices
from hnforecast.drivers.spend import spend_rules
from hnforecast.drivers.support import account_rules
from hnforecast.model.account import settle_account
from hnforecast.model.funding import build_funding
from hnforecast.model.outturn import join_plans, reconstruct_outturn
from hnforecast.model.plans import flow_plans
from hnforecast.model.population import project_children
from hnforecast.model.spend import cost_plans
from hnforecast.model.state import Clock, DsgAccount, Funding, Plans, Population, Prices, Spend
from hnforecast.model.steps import steps_of
from hnforecast.notes import notes_on
from hnforecast.published import Comparison, compare_published, read_published
from hnforecast.scenarios import Scenario, resolve_scenario
from hnforecast.shipped import shipped_folder


@dataclass(frozen=True)
class Project:
    """A council's folder and the vintage a run uses."""

    root: Path
    vintage: Vintage


@dataclass(frozen=True)
class Result:
    """What one pass of the model gives: the stages' records on one clock."""

    clock: Clock
    axes: Axes
    population: Population
    plans: Plans
    prices: Prices
    spend: Spend
    funding: Funding
    account: DsgAccount


@dataclass(frozen=True)
class Forecast:
    """A scenario's forecast.

    Args:
        scenario: resolved.
        clock, axes: of the central run.
        population, plans, prices, spend, funding, account: the central run, one draw, by month from the February before the base count.
        checks: identities of the central run.
        calibration: comparisons with published figures, each calibrated to or predicted.
        notes: what a reader must know of it, in sentences.
        window_factor: January count -> multiplier put on new plans so that the total follows demand_path; empty otherwise.
        demand_path: January count -> plans forecast from history across authorities; empty where not asked for.
        history_growth: financial year -> growth of prices taken from history; empty where the vintage's indices are used.
    """

    scenario: Scenario
    clock: Clock
    axes: Axes
    population: Population
    plans: Plans
    prices: Prices
    spend: Spend
    funding: Funding
    account: DsgAccount
    checks: tuple[CheckResult, ...]
    calibration: tuple[Comparison, ...]
    notes: tuple[str, ...]
    window_factor: Mapping[int, float]
    demand_path: Mapping[int, float]
    history_growth: Mapping[int, float]


def load_project(root: Path, vintage: str | None = None) -> Project:
    """Read a council's folder.

    Args:
        root: holds assumptions/ and inputs/.
        vintage: name of a folder in assumptions/; the latest signed-off one by default.

    Raises:
        AssumptionError: every problem of the vintage at once.
    """
    return Project(root, load_vintage(root, vintage))


def run_forecast(
    project: Project, scenario_name: str, *, horizon: int | None = None, overrides: Mapping[str, object] | None = None
) -> Forecast:
    """Project one scenario at its central values.

    Args:
        horizon: forecast financial years; the manifest's by default.
        overrides: path -> value, from the command line.

    Raises:
        ScenarioError, AssumptionError: the scenario does not resolve.
        ReconciliationError: plans would exceed children.
    """
    scenario = resolve_scenario(project.vintage, scenario_name, overrides)
    years = horizon or scenario.vintage.manifest.horizon_years
    drawn = Drawn(pinned=pinned_values(scenario))
    history = HistoryPath.of(project.root, scenario, years)
    clock = forecast_clock(scenario.vintage.manifest.base_census, scenario.vintage.manifest.first_forecast_year, years)
    factor = solve_window_factor(scenario, clock, drawn, history)
    result = run_model(scenario, years, drawn, factor, history.price_growth)
    published = read_published(project.root, scenario, _codes_folder(project.root))
    comparisons = compare_published(published, scenario, result.clock, result.plans, result.spend, result.account)
    forecast = Forecast(
        scenario=scenario,
        checks=check_run(result.clock, result.population, result.plans, result.spend, result.funding, result.account),
        calibration=comparisons,
        notes=(),
        window_factor={census: float(value[0]) for census, value in factor.items()},
        demand_path=history.plans,
        history_growth={year: float(value[0]) for year, value in history.price_growth.items()},
        **vars(result),
    )
    return replace(forecast, notes=notes_on(forecast))


def _codes_folder(root: Path) -> Path:
    own = root / "inputs" / "codes"
    return own if own.is_dir() else shipped_folder("codes")


def run_model(
    scenario: Scenario,
    horizon: int,
    drawn: Drawn,
    window_factor: Mapping[int, FloatArray],
    price_growth: HistoryGrowth,
) -> Result:
    """population -> plans -> prices -> spend -> funding -> account, from the base outturn year to the horizon's end."""
    vintage = scenario.vintage
    manifest, placements = vintage.manifest, vintage.codes.placements
    levers = levers_of(scenario.measures, drawn)
    past = outturn_clock(manifest.base_census, manifest.base_outturn)
    ahead = forecast_clock(manifest.base_census, manifest.first_forecast_year, horizon)
    clock = joined_clock(past, ahead)
    steps = steps_of(clock, detail=True)

    mid_year = tables.children(vintage.population.children, clock.academic_years)
    population = project_children(mid_year, drawn.factor(vintage.population.children.path)[:, None])
    plans, places = _flow(vintage, levers, past, ahead, population, drawn, window_factor)
    prices = build_prices(vintage, levers, steps, drawn, price_growth)
    paid_direct = deductions(vintage, clock.financial_years, drawn)
    rules = spend_rules(vintage, levers, clock, steps, plans, places, paid_direct, drawn, price_growth)
    spend = cost_plans(plans, prices, rules, steps, clock, detail=True)
    funding = build_funding(funding_streams(vintage, levers, clock.financial_years, drawn))
    received, paid = funding.by_year.sum(axis=2), council_paid(spend)
    rules_of_account = account_rules(vintage, clock.financial_years, scenario.spec, received - paid, drawn)
    account = settle_account(received, paid, rules_of_account)
    axes = Axes(("all",), placements, clock.months)
    return Result(clock, axes, population, plans, prices, spend, funding, account)


def _flow(
    vintage: Vintage,
    levers: Levers,
    past: Clock,
    ahead: Clock,
    population: Population,
    drawn: Drawn,
    window_factor: Mapping[int, FloatArray],
) -> tuple[Plans, FloatArray]:
    """Plans of the base outturn year tied to both published counts, then the forecast; and the commissioned places."""
    placements, manifest = vintage.codes.placements, vintage.manifest
    before, base = (
        tables.opening_counts(vintage.flows.opening_plans, census, placements)
        for census in (manifest.base_census - 1, manifest.base_census)
    )
    nothing_yet = Levers(())
    outturn = reconstruct_outturn(
        before, base, population.children[:, :2], flow_rates(vintage, nothing_yet, past, drawn, capped=False), past
    )
    rates = flow_rates(vintage, levers, ahead, drawn, window_factor)
    forecast = flow_plans(base, population.children[:, 1:], rates, ahead, detail=True)
    earlier = flow_rates(vintage, nothing_yet, past, drawn).places[:, :1]
    places = np.concatenate([np.broadcast_to(earlier, (rates.places.shape[0], *earlier.shape[1:])), rates.places], axis=1)
    return join_plans(outturn, forecast), places


def pinned_values(scenario: Scenario) -> dict[str, float]:
    """Ends of intervals a scenario asks for: delivery low or high, growth low or high."""
    pinned: dict[str, float] = {}
    spec, vintage = scenario.spec, scenario.vintage
    if spec.delivery != "central":
        for measure in scenario.measures:
            if measure.delivery.interval is not None:
                pinned[measure.delivery.path] = float(getattr(measure.delivery.interval, spec.delivery))
    if spec.growth != "central":
        for driver in vintage.uncertainty.drivers.values():
            if driver.acts_on == vintage.demand.new_plans.growth.path:
                pinned[driver.acts_on] = float(getattr(driver.interval, spec.growth))
    return pinned
