"""The engine over lanes: each lane of the draw axis is the plan with its measures delivered to stated levels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from hnforecast.assumptions import ScenarioSpec, Vintage
from hnforecast.base.axes import FloatArray
from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.method import Result, central_result, lean_result, priced_anew
from hnforecast.engine.scenarios import Scenario, resolve_scenario
from hnforecast.papers.share.grid.choices import Choice

CHUNK = 1024  # lanes followed together


@dataclass(frozen=True)
class Passed:
    """What lanes give.

    Args:
        in_year: (price lane, lane, f) in-year position by forecast year, signed pounds.
        january: (lane, c, p) plans at each January count after the base one.
    """

    in_year: FloatArray
    january: FloatArray


def run_lanes(
    scenario: Scenario,
    horizon: int,
    names: tuple[str, ...],
    lanes: FloatArray,
    price_names: tuple[str, ...] = (),
    price_lanes: FloatArray | None = None,
    on_chunk: Callable[[], None] = lambda: None,
    threads: int = 2,
) -> Passed:
    """Run the plan with measures at levels; those not named are not delivered at all.

    Args:
        scenario: the plan, central in all else.
        names, lanes: (lane, measure) levels as shares of what the plan expects.
        price_names, price_lanes: (price lane, measure) levels of measures that change prices alone.
        on_chunk: called when each chunk of lanes is done.
    """
    prices = np.zeros((1, 0)) if price_lanes is None else price_lanes
    in_year: FloatArray | None = None
    january: FloatArray | None = None
    for chosen in np.array_split(np.arange(len(lanes)), chunk_count(lanes)):
        drawn = _drawn(scenario, dict(zip(names, lanes[chosen].T, strict=True)), len(chosen))
        result: Result | None = None
        for k, row in enumerate(prices):
            priced = _with(scenario, drawn, dict(zip(price_names, row, strict=True)))
            if result is None:
                result = lean_result(scenario, horizon, priced, {}, {}, threads)
                position = result.in_year
            else:
                position = priced_anew(scenario, result, priced).in_year
            if in_year is None or january is None:
                counts = result.plans.january.shape
                in_year = np.zeros((len(prices), len(lanes), position.shape[1]))
                january = np.zeros((len(lanes), counts[1] - 1, counts[3]))
            in_year[k, chosen] = position
        if result is not None and january is not None:
            january[chosen] = result.plans.january[:, 1:].sum(axis=2)
        on_chunk()
    if in_year is None or january is None:
        raise ValueError("there are no lanes to run")
    return Passed(in_year, january)


def chunk_count(lanes: FloatArray) -> int:
    """How many chunks lanes are run in."""
    return -(-len(lanes) // CHUNK)


def _drawn(scenario: Scenario, levels: Mapping[str, FloatArray], lanes: int) -> Drawn:
    values = {
        measure.delivery.path: measure.delivery.at(0) * levels.get(measure.name, np.zeros(lanes))
        for measure in scenario.measures
    }
    return Drawn(lanes, values)


def _with(scenario: Scenario, drawn: Drawn, levels: Mapping[str, float]) -> Drawn:
    changed = {
        measure.delivery.path: np.full(drawn.draws, measure.delivery.at(0) * levels[measure.name])
        for measure in scenario.measures
        if measure.name in levels
    }
    return replace(drawn, values={**drawn.values, **changed})


# One setting run by the engine directly, month by month, from overrides of the vintage.


@dataclass(frozen=True)
class Setting:
    """What a reader chose.

    Args:
        levels: measure -> share of what the plan expects to be delivered; a measure not named is not delivered.
        growth, settlement: choices.
    """

    levels: Mapping[str, float]
    growth: Choice
    settlement: Choice

    def overrides(self, vintage: Vintage) -> dict[str, object]:
        """What `run --set` would be given; a measure at nothing is left out of the scenario instead."""
        factors = {
            vintage.measures[name].delivery.path: f"x{level!r}"
            for name, level in self.levels.items()
            if level not in (0.0, 1.0)
        }
        return {**self.growth.overrides, **self.settlement.overrides, **factors}


def resolve_setting(vintage: Vintage, plan: str, setting: Setting, support: ScenarioSpec | None = None) -> Scenario:
    """The plan as chosen: measures, overrides, and the support of another scenario where one is given."""
    scenario = resolve_scenario(vintage, plan, setting.overrides(vintage))
    spec = scenario.spec
    if support is not None:
        same = {name: getattr(support, name) for name in ("support", "suspend_when_missed", "support_ends")}
        spec = spec.model_copy(update=same)
    measures = tuple(measure for measure in scenario.measures if setting.levels.get(measure.name, 0.0) > 0)
    return replace(scenario, spec=spec, measures=measures)


def run_setting(
    vintage: Vintage, plan: str, setting: Setting, horizon: int, support: ScenarioSpec | None = None
) -> Result:
    """The central run of one setting."""
    return central_result(resolve_setting(vintage, plan, setting, support), horizon, Drawn(), {}, {})
