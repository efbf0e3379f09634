"""Pages of the invented council for tests: few draws, few years, text that would break a careless page."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from hnforecast.base.record import describe_scenario, make_record
from hnforecast.engine.forecast import load_project, run_forecast
from hnforecast.engine.records import Project, Shared
from hnforecast.papers.share import Page
from hnforecast.papers.share.grid import build_chance, build_grid, choose_plan
from tests.fixtures_forecast import EXAMPLE

DRAWS, HORIZON = 64, 6
HOSTILE = "<script>alert('1')</script> & \"Sons\" </title> £5 – café"


@lru_cache
def example_page(draws: int = DRAWS, hostile: bool = False) -> Page:
    """The invented council's page.

    Args:
        draws: 1 leaves out how sure the forecast is.
        hostile: names and titles hold what HTML, JSON and JavaScript treat as their own.
    """
    return page_of(EXAMPLE, draws, HORIZON, hostile)


def page_of(root: Path, draws: int, horizon: int, hostile: bool = False) -> Page:
    """The page of any council folder."""
    project = load_project(root)
    if hostile:
        vintage = project.vintage
        authority = vintage.manifest.authority.model_copy(update={"name": HOSTILE})
        manifest = vintage.manifest.model_copy(update={"authority": authority, "title": HOSTILE})
        project = Project(root, replace(vintage, manifest=manifest))
    vintage = project.vintage
    shared, plan = Shared(), choose_plan(vintage)
    forecasts = [
        run_forecast(project, name, horizon=horizon, draws=draws, shared=shared, savings=name == plan)
        for name in vintage.scenarios
    ]
    if hostile:
        forecasts = [
            replace(
                forecast,
                scenario=replace(
                    forecast.scenario,
                    title=HOSTILE,
                    measures=tuple(
                        measure.model_copy(update={"title": HOSTILE, "evidence": HOSTILE, "owner": HOSTILE})
                        for measure in forecast.scenario.measures
                    ),
                ),
            )
            for forecast in forecasts
        ]
    grid = build_grid(vintage, plan, horizon)
    chance = build_chance(root, vintage, grid, draws, 7) if draws > 1 else None
    described = {forecast.scenario.name: describe_scenario(forecast.scenario) for forecast in forecasts}
    files = {"assumptions/2026-03/prices.yaml": "0" * 64}
    record = make_record(vintage.name, described, files, seed=7, draws=draws, horizon=horizon)
    return Page(forecasts, grid, chance, record, root)
