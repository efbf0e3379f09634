"""The noise draws share, and what of it a run under other overrides may take over unchanged.

The noise is that of the run without measures, which a run of every scenario shares. So overrides of measures leave all
of it, and the pass without measures; funding leaves the noise and the flow without measures; prices and services that
flow alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hnforecast.engine.draws.sobol import normal_block
from hnforecast.engine.ensemble import Shocks
from hnforecast.engine.forecast import plain_shocks
from hnforecast.engine.measured import MeasuredSpread
from hnforecast.engine.records import Project
from hnforecast.engine.scenarios import Scenario


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
