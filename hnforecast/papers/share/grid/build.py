"""Builds the grid: every combination of the levels of the measures, for each growth and settlement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from hnforecast.assumptions import Vintage
from hnforecast.base.axes import FloatArray
from hnforecast.base.errors import Problem, ReconciliationError
from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.method import central_result
from hnforecast.engine.scenarios import Scenario, resolve_scenario
from hnforecast.papers.share.grid.choices import CENTRAL, Choice, growth_choices, settlement_choices
from hnforecast.papers.share.grid.lanes import Setting, chunk_count, run_lanes, run_setting
from hnforecast.papers.share.grid.layout import MOST_LANES, Layout, lay_out

TOLERANCE = 1_000.0  # pounds a year, by which the grid may lie from the engine's own monthly run
LEAST = 0.01  # pounds below which a difference is how computers add
PROBES = 3


@dataclass(frozen=True)
class Grid:
    """The engine's figures at every setting.

    Args:
        plan: the scenario whose measures are offered.
        layout: where each measure lies.
        growths, settlements: choices, in the order of the first axes.
        years: forecast financial years. censuses: January counts after the base one.
        in_year: (growth, price lane, lane, f) signed pounds, central settlement, measures that add left out.
        january: (growth, lane, c, p) plans.
        added: measure -> (level, f) pounds to add to any lane: what a measure that adds is worth, and what a price
            that grows from month to month is worth beyond its mean over the segments in which lanes are costed.
        settled: (settlement, f) pounds a settlement adds to the position.
        worst: pounds by which the settings tried lay from the engine's monthly run.
    """

    plan: str
    layout: Layout
    growths: tuple[Choice, ...]
    settlements: tuple[Choice, ...]
    years: tuple[int, ...]
    censuses: tuple[int, ...]
    in_year: FloatArray
    january: FloatArray
    added: dict[str, FloatArray]
    settled: FloatArray
    worst: float = 0.0

    def position(self, setting: Setting) -> FloatArray:
        """(f,) in-year position at a setting, exact at the levels kept and linear between them."""
        growth, settlement = self.growths.index(setting.growth), self.settlements.index(setting.settlement)
        shape = (*self.layout.shape(self.layout.prices), *self.layout.shape(self.layout.flow), len(self.years))
        names = (*self.layout.prices, *self.layout.flow)
        found = self._between(self.in_year[growth].reshape(shape), names, setting)
        for name, table in self.added.items():
            found = found + self._between(table, (name,), setting)
        position: FloatArray = found + self.settled[settlement]
        return position

    def plans(self, setting: Setting) -> FloatArray:
        """(c, p) plans at a setting."""
        layout, counts = self.layout, self.january[self.growths.index(setting.growth)]
        return self._between(counts.reshape(*layout.shape(layout.flow), *counts.shape[1:]), layout.flow, setting)

    def _between(self, table: FloatArray, names: tuple[str, ...], setting: Setting) -> FloatArray:
        """One point of a table whose first axes are the levels of the measures named."""
        for name in names:
            levels, level = self.layout.levels[name], setting.levels.get(name, 0.0)
            low = max(i for i, kept in enumerate(levels) if kept <= max(level, levels[0]))
            high = min(low + 1, len(levels) - 1)
            reach = (level - levels[low]) / (levels[high] - levels[low]) if high > low else 0.0
            table = table[low] if reach <= 0 else table[low] * (1.0 - reach) + table[high] * reach
        return table


def build_grid(
    vintage: Vintage,
    plan: str,
    horizon: int,
    *,
    most: int = MOST_LANES,
    on_step: Callable[[str], None] = lambda step: None,
    threads: int = 2,
) -> Grid:
    """Run the plan at every setting and hold settings picked at random to the engine's monthly run.

    Args:
        plan: scenario, as `choose_plan` finds it.
        horizon: forecast years.
        most: lanes at most.
        on_step: called with a word when each part of the work is done.

    Raises:
        ReconciliationError: a setting tried lies more than TOLERANCE from the engine's monthly run.
    """
    growths, settlements = growth_choices(vintage), settlement_choices(vintage)
    central = resolve_scenario(vintage, plan)
    layout = lay_out(central.measures, _by_size(central, horizon), most)
    parts = []
    for growth in growths:
        scenario = resolve_scenario(vintage, plan, growth.overrides)
        parts.append(
            run_lanes(
                scenario, horizon, layout.flow, layout.lanes, layout.prices, layout.price_lanes,
                on_chunk=lambda: on_step("settings"), threads=threads,
            )
        )  # fmt: skip
    years = tuple(range(vintage.manifest.first_forecast_year, vintage.manifest.first_forecast_year + horizon))
    grid = Grid(
        plan,
        layout,
        growths,
        settlements,
        years,
        tuple(range(vintage.manifest.base_census + 1, vintage.manifest.base_census + horizon + 1)),
        np.stack([part.in_year for part in parts]),
        np.stack([part.january for part in parts]),
        _added(central, layout, horizon),
        _settled(vintage, plan, settlements, horizon),
    )
    worst = _prove(vintage, grid, horizon)
    on_step("proof")
    return replace(grid, worst=worst)


def steps_of_work(vintage: Vintage, plan: str, horizon: int, most: int = MOST_LANES) -> int:
    """How often `build_grid` will call `on_step`."""
    central = resolve_scenario(vintage, plan)
    layout = lay_out(central.measures, _by_size(central, horizon), most)
    return len(growth_choices(vintage)) * chunk_count(layout.lanes) + 1


def _by_size(scenario: Scenario, horizon: int) -> list[str]:
    """Measures, the one worth least by itself over the horizon first."""
    names = tuple(measure.name for measure in scenario.measures)
    lanes = np.vstack([np.zeros(len(names)), np.eye(len(names))])
    position = run_lanes(scenario, horizon, names, lanes).in_year[0]
    worth = np.abs(position[1:] - position[0]).sum(axis=1)
    return [names[m] for m in np.argsort(worth, kind="stable")]


def _added(scenario: Scenario, layout: Layout, horizon: int) -> dict[str, FloatArray]:
    """What to add to a lane for each measure at each of its levels; measures with nothing to add are left out."""
    added = {}
    for measure in scenario.measures:
        levels = layout.levels[measure.name]
        lanes = np.array([[0.0], *([level] for level in levels)])
        position = run_lanes(scenario, horizon, (measure.name,), lanes).in_year[0]
        if measure.name in layout.apart:
            added[measure.name] = position[1:] - position[0]
            continue
        only, full = replace(scenario, measures=(measure,)), measure.delivery.at(0)
        monthly = [
            central_result(only, horizon, Drawn(pinned={measure.delivery.path: full * level}), {}, {}).account.in_year
            for level in levels
        ]
        beyond = np.stack([position[0, -horizon:] for position in monthly]) - position[1:]
        if np.abs(beyond).max() > LEAST:
            added[measure.name] = beyond
    return added


def _settled(vintage: Vintage, plan: str, settlements: tuple[Choice, ...], horizon: int) -> FloatArray:
    """What each settlement adds to the central one: funding alone depends on it."""
    nothing = np.zeros((1, 0))
    positions = [
        run_lanes(resolve_scenario(vintage, plan, choice.overrides), horizon, (), nothing).in_year[0, 0]
        for choice in settlements
    ]
    central = [choice.name for choice in settlements].index(CENTRAL)
    settled: FloatArray = np.stack(positions) - positions[central]
    return settled


def _prove(vintage: Vintage, grid: Grid, horizon: int) -> float:
    """The largest distance of settings picked at random from the engine's monthly run, pounds."""
    generator = np.random.Generator(np.random.PCG64DXSM(len(grid.layout.measures)))
    worst = 0.0
    for _ in range(PROBES):
        setting = random_setting(grid, generator)
        direct = run_setting(vintage, grid.plan, setting, horizon).account.in_year[0, -horizon:]
        worst = max(worst, float(np.abs(direct - grid.position(setting)).max()))
    if worst > TOLERANCE:
        what = "The grid of settings does not agree with the engine's monthly run"
        raise ReconciliationError(
            Problem("HN582", what, found=f"£{worst:,.2f} apart", expected=f"at most £{TOLERANCE:,.0f} a year")
        )
    return worst


def random_setting(grid: Grid, generator: np.random.Generator) -> Setting:
    """A point of the grid."""
    levels = {name: float(generator.choice(grid.layout.levels[name])) for name in grid.layout.measures}
    growth = grid.growths[int(generator.integers(len(grid.growths)))]
    return Setting(levels, growth, grid.settlements[int(generator.integers(len(grid.settlements)))])
