"""A scenario's forecast: its central run, every draw around it, its checks, and what must be said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from hnforecast.assumptions import load_vintage
from hnforecast.base.axes import FloatArray
from hnforecast.base.codes import codes_folder
from hnforecast.engine.checks import check_run
from hnforecast.engine.demand_path import HistoryPath, beyond_plans_and_prices, solve_window_factor
from hnforecast.engine.draws import SEED
from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.draws.sobol import normal_block
from hnforecast.engine.drivers.tables import forecast_clock
from hnforecast.engine.ensemble import Ensemble, Shocks, draw_shocks, run_ensemble
from hnforecast.engine.measured import MeasuredSpread
from hnforecast.engine.method import Result, WindowFactor, central_result
from hnforecast.engine.notes import notes_on
from hnforecast.engine.published import compare_published, read_published
from hnforecast.engine.records import Forecast, Project, Shared
from hnforecast.engine.savings import Saving, savings_by_measure, tied_to
from hnforecast.engine.scenarios import Scenario, resolve_scenario


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
    project: Project,
    scenario_name: str,
    *,
    horizon: int | None = None,
    overrides: Mapping[str, object] | None = None,
    draws: int = 1,
    seed: int = SEED,
    shared: Shared | None = None,
    savings: bool = True,
) -> Forecast:
    """Project one scenario at its central values and, where more than one draw is asked for, in every draw.

    Args:
        draws: a power of two; 1 makes the central run alone.
        seed: of the draws.
        shared: work other scenarios of the same vintage, horizon, draws and overrides have done; None shares nothing.
        savings: whether to work out what each measure saves.
        horizon: forecast financial years; the manifest's by default.
        overrides: path -> value, from the command line.

    Raises:
        ScenarioError, AssumptionError: the scenario does not resolve.
        ReconciliationError: plans would exceed children.
    """
    scenario = resolve_scenario(project.vintage, scenario_name, overrides)
    years = horizon or scenario.vintage.manifest.horizon_years
    scenario, drawn, history, factor, result = _central_run(project, scenario, years)
    shared = shared or Shared()
    ensemble = None
    if draws > 1:
        if shared.shocks is None:
            measured = MeasuredSpread.of(project.root, scenario, years + 1)
            normals = shared.normals() if shared.normals is not None else normal_block(draws, seed)
            shared.shocks = plain_shocks(scenario, years, measured, normals)
        ensemble = run_ensemble(scenario, result, shared.shocks, factor, history.price_growth, drawn.pinned)
    shared.published = shared.published or read_published(project.root, scenario, codes_folder(project.root))
    published = shared.published
    comparisons = compare_published(published, scenario, result.clock, result.plans, result.spend, result.account)
    forecast = Forecast(
        scenario=scenario,
        checks=check_run(result.clock, result.population, result.plans, result.spend, result.funding, result.account),
        calibration=comparisons,
        ensemble=ensemble,
        savings=_savings(scenario, result, drawn, factor, history, ensemble, shared) if savings else (),
        notes=(),
        factors=factor,
        history=history,
        **vars(result),
    )
    return replace(forecast, notes=notes_on(forecast))


def savings_alone(project: Project, scenario_name: str) -> tuple[Saving, ...]:
    """What each measure of a scenario saves in its central run, without anything else a forecast holds."""
    scenario = resolve_scenario(project.vintage, scenario_name)
    years = scenario.vintage.manifest.horizon_years
    scenario, drawn, history, factor, result = _central_run(project, scenario, years)
    return _savings(scenario, result, drawn, factor, history, None, Shared())


def _central_run(
    project: Project, scenario: Scenario, years: int
) -> tuple[Scenario, Drawn, HistoryPath, dict[int, FloatArray], Result]:
    """The central run of a scenario, after what it is made from: values pinned, history followed, window factors.

    A scenario that follows history comes back with what the pooled forecast of spend has beyond plans and prices.
    """
    manifest = scenario.vintage.manifest
    drawn = Drawn(pinned=pinned_values(scenario))
    history = HistoryPath.of(project.root, scenario, years)
    clock = forecast_clock(manifest.base_census, manifest.first_forecast_year, years)
    factor = solve_window_factor(scenario, clock, drawn, history)
    if history.spend:
        plain = central_result(replace(scenario, measures=()), years, drawn, factor, history.price_growth)
        scenario = replace(scenario, beyond=beyond_plans_and_prices(history, plain, manifest.base_outturn))
    result = central_result(scenario, years, drawn, factor, history.price_growth)
    return scenario, drawn, history, factor, result


def plain_shocks(scenario: Scenario, horizon: int, measured: MeasuredSpread, normals: FloatArray) -> Shocks:
    """The noise of a vintage, from its own demand and prices without any measure.

    So a scenario has the same draws whether it is run alone, first or last.
    """
    neutral = {"demand": "vintage", "prices": "vintage", "growth": "central", "delivery": "central"}
    plain = replace(scenario, measures=(), spec=scenario.spec.model_copy(update=neutral), beyond={})
    central = central_result(plain, horizon, Drawn(), {}, {})
    return draw_shocks(plain, central, measured, normals)


def _savings(
    scenario: Scenario,
    result: Result,
    drawn: Drawn,
    factor: WindowFactor,
    history: HistoryPath,
    ensemble: Ensemble | None,
    shared: Shared,
) -> tuple[Saving, ...]:
    """Savings of the scenario's measures, adding up to what they do to the central run.

    In every draw it is the joint saving, shared as in the central run.
    """
    if not scenario.measures:
        return ()
    spec = scenario.spec
    key = (spec.demand, spec.prices, spec.delivery, spec.growth, tuple(m.name for m in scenario.measures))
    if key not in shared.savings:
        joint = None
        if ensemble is not None:
            joint = ensemble.account.in_year[:, 1:] - ensemble.without_measures[:, 1:]
        growth, years = history.price_growth, len(result.clock.financial_years) - 1
        found = savings_by_measure(scenario, years, dict(drawn.pinned), factor, growth, joint, threads=2)
        without = central_result(replace(scenario, measures=()), years, drawn, factor, growth)
        shared.savings[key] = tied_to(found, (result.account.in_year - without.account.in_year)[0, 1:])
    return shared.savings[key]


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
