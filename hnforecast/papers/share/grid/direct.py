"""One setting run by the engine directly, month by month, from overrides of the vintage: what the grid is held to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from hnforecast.assumptions import ScenarioSpec, Vintage
from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.method import Result, central_result
from hnforecast.engine.scenarios import Scenario, resolve_scenario
from hnforecast.papers.share.grid.choices import Choice


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
