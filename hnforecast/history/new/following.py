"""A draft's demand against the pooled forecast: what is wanted, and what the cohort flow of a vintage makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hnforecast.assumptions import Vintage
from hnforecast.base.errors import InputError
from hnforecast.engine.demand import authority_path
from hnforecast.engine.demand_path import TESTED_HORIZON, HistoryPath, solve_window_factor
from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.drivers.clocks import forecast_clock
from hnforecast.engine.measured import national_panel
from hnforecast.engine.method import flow_totals
from hnforecast.engine.scenarios import resolve_scenario
from hnforecast.history.fit import Proposal, Targets


def pooled_targets(folder: Path, proposal: Proposal) -> Targets:
    """The pooled forecast of total plans, and the spread of that of new plans by year of growth."""
    panel = national_panel(folder)
    path = authority_path(panel, proposal.authority, proposal.census, TESTED_HORIZON)
    try:
        new = authority_path(panel, proposal.authority, proposal.census, TESTED_HORIZON, series="new_plans")
        growth_sd: float | None = float(new.log_sd[-1]) / TESTED_HORIZON
    except InputError:
        growth_sd = None
    plans = {proposal.census + h: float(value) for h, value in enumerate(path.central, start=1)}
    return Targets(plans, growth_sd)


def follow_plans(vintage: Vintage, targets: Mapping[int, float]) -> tuple[dict[int, float], dict[int, float]]:
    """Plans of the cohort flow without measures, and what new plans must be multiplied by to meet the targets."""
    manifest = vintage.manifest
    scenario = resolve_scenario(vintage, next(iter(vintage.scenarios)))
    clock = forecast_clock(manifest.base_census, manifest.first_forecast_year, TESTED_HORIZON)
    totals = flow_totals(scenario, TESTED_HORIZON, Drawn(), {})[0]
    plans = {int(census): float(total) for census, total in zip(clock.censuses, totals, strict=True)}
    factor = solve_window_factor(scenario, clock, Drawn(), HistoryPath(plans=targets)) if targets else {}
    return plans, {census: float(value[0]) for census, value in factor.items() if census in targets}
