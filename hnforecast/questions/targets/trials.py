"""A scenario with everything at hand to try levers on it: many moves in one pass of the model, a lane each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.base.timeline import parse_year
from hnforecast.engine.demand_path import HistoryPath
from hnforecast.engine.draws import SEED
from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.draws.sample import SHARE_UNITS, draw_values
from hnforecast.engine.draws.sobol import normal_block
from hnforecast.engine.ensemble import Shocks, cost_rows
from hnforecast.engine.forecast import plain_shocks, run_forecast
from hnforecast.engine.measured import MeasuredSpread
from hnforecast.engine.method import WindowFactor, lean_result
from hnforecast.engine.records import Forecast, Project, Shared
from hnforecast.engine.scenarios import Scenario, resolve_scenario
from hnforecast.questions.targets.levers import Lever

# The noise draws share, and what of it a run under other overrides may take over unchanged.


def shared_noise(project: Project, scenario: Scenario, horizon: int, draws: int, seed: int) -> Shocks:
    """The noise a run of any scenario of the vintage has, as a run makes it."""
    measured = MeasuredSpread.of(project.root, scenario, horizon + 1)
    return plain_shocks(scenario, horizon, measured, normal_block(draws, seed))


def taken_over(kept: Shocks, overrides: Mapping[str, object]) -> Shocks | None:
    """The noise for a run under further overrides, where it is the same; None where it must be drawn anew."""
    if _all_under(overrides, ("measures",)):
        plain = {key: made for key, made in kept.passes.items() if key[-1] == ()}  # those without measures
        return replace(kept, passes=plain, factors=dict(kept.factors))
    if _all_under(overrides, ("measures", "funding")):
        return replace(kept, passes={}, factors=dict(kept.factors))
    return None


def flow_taken_over(noise: Shocks, kept: Shocks, overrides: Mapping[str, object]) -> Shocks:
    """Noise drawn anew, with the flow without measures that the overrides leave."""
    if _all_under(overrides, ("measures", "funding", "prices", "services")):
        return replace(noise, factors=dict(kept.factors))
    return noise


def _all_under(overrides: Mapping[str, object], files: tuple[str, ...]) -> bool:
    return all(path.partition(".")[0] in files for path in overrides)


# What the draw axis can carry, so that many moves are one pass; any other lever is run again through its overrides.
AS_VALUE = ("prices.top_up.*", "prices.place.*", "services.lines.*.cost", "measures.*.delivery", "measures.*.change")
AS_FACTOR = (
    "demand.new_plans.rate", "flows.cease.hazard", "flows.places.*.commissioned", "population.children",
    "services.lines.*.cost",
)  # fmt: skip
AS_SHIFT = (
    "demand.new_plans.growth", "prices.indices.*", "funding.high_needs_block.growth", "funding.deductions_growth",
)  # fmt: skip
FLOW = ("demand.*", "flows.*", "population.*")

Moves = Mapping[Lever, FloatArray]  # (lane,) each


@dataclass(frozen=True)
class Trials:
    """A forecast and what is needed to move its levers.

    Args:
        project, scenario_name, horizon, seed, base: what the forecast was made with; `base` holds overrides.
        forecast: the central run, with every draw where more than one was asked for.
        shocks: what the draws share; None for the central run alone.
        drawn: the values of every draw; None for the central run alone.
        pinned: ends of intervals the scenario asks for.
        factor: January count -> multiplier on new plans of the central run.
        history: what the scenario takes from history.
    """

    project: Project
    scenario_name: str
    horizon: int
    draws: int
    seed: int
    base: Mapping[str, object]
    forecast: Forecast
    shocks: Shocks | None
    drawn: Drawn | None
    pinned: Mapping[str, float]
    factor: WindowFactor
    history: HistoryPath

    @property
    def years(self) -> tuple[int, ...]:
        """Forecast financial years."""
        clock = self.forecast.clock
        return tuple(year for year in clock.financial_years if year >= clock.first_forecast)

    def again(self, overrides: Mapping[str, object], draws: int | None = None) -> Forecast:
        """The whole forecast run anew with further overrides, as `hnforecast run --set` would."""
        every = {**self.base, **overrides}
        count = self.draws if draws is None else draws
        shared = Shared(shocks=self._noise(overrides, every, count)) if count > 1 else Shared()
        return run_forecast(
            self.project, self.scenario_name, horizon=self.horizon, overrides=every, draws=count, seed=self.seed,
            shared=shared, savings=False,
        )  # fmt: skip

    def _noise(self, overrides: Mapping[str, object], every: Mapping[str, object], draws: int) -> Shocks:
        """What the draws share under further overrides, with what those leave as it was taken over."""
        kept = self.shocks if draws == self.draws else None
        taken = None if kept is None else taken_over(kept, overrides)
        if taken is not None:
            return taken
        scenario = resolve_scenario(self.project.vintage, self.scenario_name, every)
        noise = shared_noise(self.project, scenario, self.horizon, draws, self.seed)
        return noise if kept is None else flow_taken_over(noise, kept, overrides)

    def central(self, moves: Moves, years: int | None = None) -> FloatArray:
        """(lane, f) in-year positions of the central run under each move, for the first forecast years."""
        size = max((len(values) for values in moves.values()), default=1)
        carried = {lever: values for lever, values in moves.items() if self.carries(lever)}
        others = {lever: values for lever, values in moves.items() if lever not in carried}
        count = years or self.horizon
        if any(lever.moves_by != "amount" for lever in others):
            return np.stack([self._overridden(moves, lane)[:count] for lane in range(size)])
        drawn = self._moved(Drawn(size, pinned=self.pinned), carried)
        position = lean_result(self.forecast.scenario, count, drawn, self.factor, self.history.price_growth).in_year
        position = np.broadcast_to(position, (size, count)).copy()
        return position + self._amounts(others, size, count)

    def sampled(self, moves: Moves, rows: FloatArray, years: int) -> FloatArray:
        """(lane, f) in-year positions of chosen draws, one draw and one move of each lever a lane.

        Args:
            rows: (lane,) positions on the axis of draws.
        """
        if self.drawn is None or self.shocks is None or self.forecast.ensemble is None:
            raise ValueError("the forecast has no draws")
        taken = Drawn(
            len(rows),
            {path: values[rows] for path, values in self.drawn.values.items()},
            {path: values[rows] for path, values in self.drawn.factors.items()},
            {path: values[rows] for path, values in self.drawn.shifts.items()},
            self.drawn.pinned,
        )
        carried = {lever: values for lever, values in moves.items() if self.carries(lever)}
        factor = {census: values[rows] for census, values in self.forecast.ensemble.window_factor.items()}
        lean = lean_result(
            self.forecast.scenario, years, self._moved(taken, carried), factor, self.history.price_growth, threads=2
        )
        lean.spend.by_year[:, :, cost_rows(lean.spend)] *= self.shocks.cost_of(self.forecast.scenario.spec.prices)[
            rows, :years, None
        ]
        others = {lever: values for lever, values in moves.items() if lever not in carried}
        return lean.in_year + self._amounts(others, len(rows), years)

    def pinned_only(self) -> Drawn:
        """The values of the central run."""
        return Drawn(pinned=self.pinned)

    def quick_shocks(self, draws: int) -> Shocks:
        """The noise of the scenario's vintage for so many draws, without running them."""
        return shared_noise(self.project, self.forecast.scenario, self.horizon, draws, self.seed)

    def carries(self, lever: Lever) -> bool:
        """Whether the draw axis can carry the lever."""
        if self.forecast.scenario.spec.demand == "history" and any(fnmatchcase(lever.path, one) for one in FLOW):
            return False  # the factors that keep the total on the path of history would be others
        sourced = self.forecast.scenario.vintage.values[lever.path]
        if lever.moves_by == "shift":
            return any(fnmatchcase(lever.path, pattern) for pattern in AS_SHIFT)
        if lever.moves_by == "amount":
            return False
        patterns = AS_VALUE if sourced.form == "value" else AS_FACTOR
        return any(fnmatchcase(lever.path, pattern) for pattern in patterns)

    def _moved(self, drawn: Drawn, moves: Moves) -> Drawn:
        """The values of a pass with levers moved: intervals move with their value, as an override does."""
        values, factors, shifts = dict(drawn.values), dict(drawn.factors), dict(drawn.shifts)
        pinned = dict(drawn.pinned)
        for lever, move in moves.items():
            path = lever.path
            if lever.moves_by == "shift":
                shifts[path] = shifts.get(path, np.zeros(1)) + pinned.pop(path, 0.0) + move
            elif lever.now is None:
                factors[path] = factors.get(path, np.ones(1)) * move
            else:
                ratio = move if lever.moves_by == "factor" else move / lever.now if lever.now else None
                before = np.array([pinned.pop(path)]) if path in pinned else values.get(path, np.array([lever.now]))
                low, high = SHARE_UNITS.get(lever.unit, (0.0, np.inf))
                if path.endswith(".change"):
                    low, high = -np.inf, np.inf
                values[path] = np.clip(before * ratio, low, high) if ratio is not None else np.asarray(move)
        return replace(drawn, values=values, factors=factors, shifts=shifts, pinned=pinned)

    def _amounts(self, moves: Moves, lanes: int, years: int) -> FloatArray:
        """(lane, f) pounds a year, in the years for which nothing is decided."""
        total = np.zeros((lanes, years))
        for lever, move in moves.items():
            free = [self.years.index(parse_year(year)) for year in lever.years]
            total[:, [f for f in free if f < years]] += move[:, None]
        return total

    def _overridden(self, moves: Moves, lane: int) -> FloatArray:
        """(f,) in-year position of the central run under one lane's moves, through its overrides."""
        return in_year_ahead(self.again(together(moves, lane), draws=1))


def together(moves: Moves, lane: int = 0) -> dict[str, object]:
    """The overrides of one lane's moves; a move that changes nothing is left out."""
    overrides: dict[str, object] = {}
    for lever, values in moves.items():
        move = float(values[lane])
        if move != lever.start:
            overrides.update(lever.overrides(move))
    return overrides


def in_year_ahead(forecast: Forecast) -> FloatArray:
    """(f,) in-year position of the central run in the forecast years."""
    first = forecast.clock.first_ahead
    ahead: FloatArray = forecast.account.in_year[0, first:]
    return ahead


def make_trials(
    project: Project,
    scenario_name: str,
    *,
    horizon: int | None = None,
    overrides: Mapping[str, object] | None = None,
    draws: int = 1,
    seed: int = SEED,
) -> Trials:
    """Run a scenario once and keep what trying levers needs.

    Args:
        horizon: forecast years; the manifest's by default.
        overrides: path -> value, made before any lever moves.
        draws: a power of two; 1 makes the central run alone.

    Raises:
        ScenarioError, AssumptionError: the scenario does not resolve.
    """
    scenario = resolve_scenario(project.vintage, scenario_name, overrides)
    years = horizon or scenario.vintage.manifest.horizon_years
    shocks = shared_noise(project, scenario, years, draws, seed) if draws > 1 else None
    forecast = run_forecast(
        project, scenario_name, horizon=years, overrides=overrides, draws=draws, seed=seed,
        shared=Shared(shocks=shocks), savings=False,
    )  # fmt: skip
    pinned, drawn = forecast.drawn.pinned, None
    if shocks is not None:
        growth = scenario.vintage.demand.new_plans.growth.path
        drawn = draw_values(scenario.vintage, shocks.normals, pinned, skip=(growth,))
    return Trials(
        project, scenario_name, years, draws, seed, dict(overrides or {}), forecast, shocks, drawn, pinned,
        forecast.factors, forecast.history,
    )  # fmt: skip


def single(lever: Lever, values: Sequence[float] | FloatArray) -> Moves:
    """One lever's moves, a lane each."""
    return {lever: np.asarray(values, dtype=float)}
