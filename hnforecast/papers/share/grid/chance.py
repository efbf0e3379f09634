"""How sure a setting is: every draw's distance from its central run, without the plan and for each measure alone.

A draw of the in-year position at a setting is taken as the setting's central position, plus that draw's distance
without any measure at the chosen growth, plus each measure's own distance times how far it is delivered. What measures
do to one another's distances is left out; how much that matters is measured on settings picked at random.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hnforecast.assumptions import Vintage
from hnforecast.base.axes import FloatArray
from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.draws.sobol import normal_block
from hnforecast.engine.ensemble import Shocks, draw_shocks, run_ensemble
from hnforecast.engine.measured import MeasuredSpread
from hnforecast.engine.method import Result, central_result
from hnforecast.engine.scenarios import Scenario
from hnforecast.papers.share.grid.build import Grid, random_setting
from hnforecast.papers.share.grid.choices import CENTRAL, Choice
from hnforecast.papers.share.grid.lanes import Setting, resolve_setting

PROBES = 6


@dataclass(frozen=True)
class Chance:
    """Draws around any setting.

    Args:
        plain: (growth, d, f) pounds from the central position, without measures.
        measures: (measure, d, f) what each measure adds to that distance where it is delivered as planned.
        worst: the largest difference, as a share, between the chance of in-year balance of a setting worked out so
            and by the engine on the same draws, over settings picked at random and every year.
    """

    plain: FloatArray
    measures: FloatArray
    worst: float

    def draws(self, grid: Grid, setting: Setting) -> FloatArray:
        """(d, f) in-year positions of a setting."""
        found: FloatArray = grid.position(setting) + self.plain[grid.growths.index(setting.growth)]
        for m, name in enumerate(grid.layout.measures):
            found = found + self.measures[m] * setting.levels.get(name, 0.0)
        return found


def build_chance(
    root: Path,
    vintage: Vintage,
    grid: Grid,
    draws: int,
    seed: int,
    on_step: Callable[[str], None] = lambda step: None,
) -> Chance:
    """Draw what a grid leaves uncertain.

    Args:
        root: the council folder.
        draws: a power of two above 1. seed: of the draws.
        on_step: called when each part of the work is done.
    """
    horizon = len(grid.years)
    settlement = next(choice for choice in grid.settlements if choice.name == CENTRAL)
    plain = []
    noise: dict[str, Shocks] = {}
    for growth in grid.growths:
        none = Setting({}, growth, settlement)
        scenario, central = _central(vintage, grid.plan, none, horizon)
        noise[growth.name] = draw_shocks(scenario, central, _spread(root, scenario, horizon), normal_block(draws, seed))
        plain.append(_in_year(scenario, central, noise[growth.name], horizon) - central.account.in_year[:, -horizon:])
        on_step("draws")
    middle = [growth.name for growth in grid.growths].index(CENTRAL)
    growth = grid.growths[middle]
    own = []
    for name in grid.layout.measures:
        scenario, central = _central(vintage, grid.plan, Setting({name: 1.0}, growth, settlement), horizon)
        drawn = _in_year(scenario, central, noise[CENTRAL], horizon)
        own.append(drawn - central.account.in_year[:, -horizon:] - plain[middle])
        on_step("draws")
    chance = Chance(np.stack(plain), np.array(own).reshape(len(own), draws, horizon), 0.0)
    worst = _measure_error(vintage, grid, chance, noise, settlement)
    on_step("proof")
    return replace(chance, worst=worst)


def steps_of_work(grid: Grid) -> int:
    """How often `build_chance` will call `on_step`."""
    return len(grid.growths) + len(grid.layout.measures) + 1


def _central(vintage: Vintage, plan: str, setting: Setting, horizon: int) -> tuple[Scenario, Result]:
    scenario = resolve_setting(vintage, plan, setting)
    return scenario, central_result(scenario, horizon, Drawn(), {}, {})


def _in_year(scenario: Scenario, central: Result, noise: Shocks, horizon: int) -> FloatArray:
    """(d, f) every draw's position in the forecast years."""
    return run_ensemble(scenario, central, noise, {}, {}, {}).account.in_year[:, -horizon:]


def _spread(root: Path, scenario: Scenario, horizon: int) -> MeasuredSpread:
    return MeasuredSpread.of(root, scenario, horizon + 1)


def _measure_error(vintage: Vintage, grid: Grid, chance: Chance, noise: dict[str, Shocks], settlement: Choice) -> float:
    generator = np.random.Generator(np.random.PCG64DXSM(len(grid.layout.measures)))
    worst = 0.0
    for _ in range(PROBES):
        setting = replace(random_setting(grid, generator), settlement=settlement)
        scenario, central = _central(vintage, grid.plan, setting, len(grid.years))
        passed = replace(noise[setting.growth.name], passes={})  # passes are told apart by measures, not by levels
        direct = _in_year(scenario, central, passed, len(grid.years))
        ours = chance.draws(grid, setting)
        worst = max(worst, float(np.abs((direct >= 0).mean(axis=0) - (ours >= 0).mean(axis=0)).max()))
    return worst
