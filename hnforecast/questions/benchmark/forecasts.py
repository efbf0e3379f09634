"""What the forecast would be at the neighbours' median rate of new plans, mix of new placements and unit costs.

Each is laid over a scenario without measures as overrides, checked like any other; the structure of the forecast
stays. It says
what the difference is worth, not that it could or should be closed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hnforecast.base.kinds import TOP_UP, Kind
from hnforecast.engine.forecast import run_forecast
from hnforecast.engine.records import Forecast, Project
from hnforecast.questions.benchmark.frames import PanelSeries
from hnforecast.questions.benchmark.indicators import Indicator

if TYPE_CHECKING:
    from hnforecast.assumptions import Vintage

NEW_BY_PLACEMENT = "newplans_by_la_placement_2019_2024"
LAST_FLOWS = 2024
LEAST_NEW_PLANS = 20.0  # fewer new plans than this in a placement say little of a median share


@dataclass(frozen=True)
class AtMedian:
    """One forecast.

    Args:
        label: what is set to the median, in words.
        changes: each driver in words: from what to what.
        forecast: the central run.
    """

    label: str
    changes: tuple[str, ...]
    forecast: Forecast


def forecast_at_median(
    project: Project, panel: PanelSeries, indicators: Sequence[Indicator], neighbours: Sequence[str]
) -> list[AtMedian]:
    """The scenario without measures as it is, at each median alone, and at all of them together; [0] is as it is.

    Args:
        project: of the authority; the first of its scenarios without measures is run.
        indicators: see read_indicators.
        neighbours: codes.
    """
    vintage = project.vintage
    name = next(
        (name for name, spec in vintage.scenarios.items() if spec.measures == ()), next(iter(vintage.scenarios))
    )
    found = [AtMedian("As it is", (), run_forecast(project, name, savings=False))]
    together: dict[str, object] = {}
    words: list[str] = []
    for label, (overrides, changes) in _cases(vintage, panel, {i.key: i for i in indicators}, neighbours).items():
        if not overrides:
            continue
        found.append(AtMedian(label, changes, run_forecast(project, name, overrides=overrides, savings=False)))
        together.update(overrides)
        words += changes
    if len(found) > 2:
        both = run_forecast(project, name, overrides=together, savings=False)
        found.append(AtMedian("All of these together", tuple(words), both))
    return found


Case = tuple[Mapping[str, object], tuple[str, ...]]


def _cases(
    vintage: Vintage, panel: PanelSeries, indicators: Mapping[str, Indicator], neighbours: Sequence[str]
) -> dict[str, Case]:
    return {
        "Neighbours' rate of new plans": _new_plans(vintage, indicators, neighbours),
        "Neighbours' placement of new plans": _mix(vintage, panel, neighbours),
        "Neighbours' top-up per plan": _unit_costs(vintage, panel.kinds[TOP_UP], indicators, neighbours),
    }


def _ratio(
    vintage: Vintage, indicator: Indicator | None, neighbours: Sequence[str]
) -> tuple[float, float, float] | None:
    """Own value, neighbours' median, median over own; None where either is not known or own is nothing."""
    if indicator is None:
        return None
    values, code = indicator.values(), vintage.manifest.authority.old_la_code
    near = [float(values[other]) for other in neighbours if other in values.index]
    if not near or code not in values.index or not float(values[code]) > 0:
        return None
    own, median = float(values[code]), float(np.median(near))
    return own, median, median / own


def _new_plans(vintage: Vintage, indicators: Mapping[str, Indicator], neighbours: Sequence[str]) -> Case:
    found = _ratio(vintage, indicators.get("new_plans"), neighbours)
    if found is None:
        return {}, ()
    own, median, ratio = found
    words = f"new plans of 2024 per 1,000 aged 0 to 25: {own:.2f} to {median:.2f}, every rate x{ratio:.3f}"
    return {vintage.demand.new_plans.rate.path: f"x{ratio!r}"}, (words,)


def _unit_costs(
    vintage: Vintage, sectors: Sequence[Kind], indicators: Mapping[str, Indicator], neighbours: Sequence[str]
) -> Case:
    overrides: dict[str, object] = {}
    words = []
    for sector in sectors:
        found = _ratio(vintage, indicators.get(f"top_up_{sector.key}"), neighbours)
        if found is None:
            continue
        own, median, ratio = found
        placements = dict.fromkeys(vintage.codes.published_groups[group] for group in sector.groups)
        priced = [name for name in placements if name in vintage.prices.top_up]
        overrides.update({vintage.prices.top_up[name].path: f"x{ratio!r}" for name in priced})
        if priced:
            labels = " and ".join(vintage.codes.labels[name].lower() for name in priced)
            words.append(f"top-up of 2021-22, {labels}: £{own:,.0f} to £{median:,.0f}, prices x{ratio:.3f}")
    return overrides, tuple(words)


def _mix(vintage: Vintage, panel: PanelSeries, neighbours: Sequence[str]) -> Case:
    """Shares of new plans moved so that each placement's weight changes as the neighbours' median stands to its own."""
    shares = new_plan_shares(vintage, panel, [vintage.manifest.authority.old_la_code, *neighbours])
    code = vintage.manifest.authority.old_la_code
    if code not in shares or len(shares) < 2:
        return {}, ()
    own = shares.pop(code)
    median = np.median(list(shares.values()), axis=0)
    median = median / median.sum()
    ratio = np.divide(median, own, out=np.ones_like(own), where=own > 0)
    placements = vintage.codes.placements
    overrides: dict[str, object] = {}
    by_age: dict[int, dict[str, float]] = {}
    parameter = vintage.demand.new_plans.placement_share
    for row in parameter.rows:
        by_age.setdefault(int(row["age"]), {})[str(row["placement"])] = float(row["value"])
    for age, row_shares in by_age.items():
        weighed = {name: share * ratio[placements.index(name)] for name, share in row_shares.items()}
        whole = sum(weighed.values())
        if whole > 0:
            overrides.update({f"{parameter.path}.{age}.{name}": value / whole for name, value in weighed.items()})
    words = [
        f"new plans of {LAST_FLOWS} in {vintage.codes.labels[name].lower()}: {own[p]:.1%} to {median[p]:.1%}"
        for p, name in enumerate(placements)
        if max(own[p], median[p]) >= 0.02
    ]
    return overrides, tuple(words)


def new_plan_shares(vintage: Vintage, panel: PanelSeries, codes: Sequence[str]) -> dict[str, np.ndarray]:
    """Authority -> (p,) share of its new plans in each placement, of those with enough of them."""
    counts = [
        np.array([panel.figure(NEW_BY_PLACEMENT, column, {"year": LAST_FLOWS}).reindex(list(codes)).fillna(0.0)
                  for column, placement in vintage.codes.columns.items()
                  if placement == name and column in panel.frames.get(NEW_BY_PLACEMENT, ())]).sum(axis=0)
        for name in vintage.codes.placements
    ]  # fmt: skip
    table = np.array([np.broadcast_to(count, len(codes)) for count in counts])
    return {
        code: table[:, i] / table[:, i].sum() for i, code in enumerate(codes) if table[:, i].sum() >= LEAST_NEW_PLANS
    }
