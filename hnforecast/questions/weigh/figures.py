"""The figures an option is weighed by, each read off its forecast, or blank with the reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from hnforecast.assumptions.statutory import flags_of
from hnforecast.base.errors import Problems
from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.drivers.prices import yearly_cost
from hnforecast.engine.records import Forecast
from hnforecast.inputs import read_table
from hnforecast.quarter.monitor.actuals import FOLDER
from hnforecast.quarter.monitor.files import ACTUAL, monitoring_files
from hnforecast.questions.register.promise import project_of
from hnforecast.questions.weigh.weights import Criterion

PIPELINE = "pipeline"

ONE_DRAW = "the central run alone has no chances; run with draws"
NO_PROFILE = "no agreed profile is known for the forecast years"
NO_TIMELINESS = "no month of plans issued is recorded in inputs/monitoring"
INVENTED = "what is recorded of plans issued is invented, so it is not weighed"


@dataclass(frozen=True)
class Figure:
    """One figure of one option; NaN where `reason` says why there is none. `gbp` is the sum behind a ratio of money."""

    value: float
    reason: str = ""
    gbp: float = np.nan


def figures_of(forecast: Forecast, year: int, criteria: Mapping[str, Criterion]) -> dict[str, Figure]:
    """Every criterion's figure.

    Args:
        forecast: one scenario.
        year: first calendar year of the financial year the options are weighed at.
        criteria: by name.
    """
    return {name: READERS[criterion.figure](forecast, year, criterion) for name, criterion in criteria.items()}


def _position(forecast: Forecast, year: int) -> int:
    return forecast.clock.at(year)


def _in_year_balance(forecast: Forecast, year: int, criterion: Criterion) -> Figure:
    if forecast.ensemble is None:
        return Figure(np.nan, ONE_DRAW)
    return Figure(float((forecast.ensemble.account.in_year[:, _position(forecast, year)] >= 0).mean()))


def _agreement(forecast: Forecast, year: int, criterion: Criterion) -> Figure:
    """Every forecast year with an agreed profile, up to the last of them."""
    clock, agreed = forecast.clock, forecast.account.agreed_gross_closing
    known = [
        f for f, one in enumerate(clock.financial_years) if one >= clock.first_forecast and not np.isnan(agreed[f])
    ]
    if not known:
        return Figure(np.nan, NO_PROFILE)
    if forecast.ensemble is None:
        return Figure(np.nan, ONE_DRAW)
    return Figure(float((forecast.ensemble.account.met[:, known] == 1.0).all(axis=1).mean()))


def funding_of(forecast: Forecast, year: int) -> float:
    """Pounds of a year's funding, central."""
    return float(forecast.funding.by_year[0, _position(forecast, year)].sum())


def _closing(forecast: Forecast, year: int, criterion: Criterion) -> Figure:
    closing = float(forecast.account.closing[0, _position(forecast, year)])
    return Figure(closing / funding_of(forecast, year), gbp=closing)


def delivery_cost(forecast: Forecast, year: int) -> float:
    """Pounds spent on delivery in the forecast years up to one, whoever pays: the grant, the council or its capital."""
    scenario, clock = forecast.scenario, forecast.clock
    years = tuple(one for one in clock.financial_years if clock.first_forecast <= one <= year)
    pinned = forecast.drawn.pinned
    return sum(
        float(yearly_cost(scenario.vintage, cost.cost, years, Drawn())[0].sum())
        for measure in scenario.measures
        if pinned.get(measure.delivery.path, measure.delivery.at(0)) > 0
        for cost in measure.costs
    )


def _delivery_cost(forecast: Forecast, year: int, criterion: Criterion) -> Figure:
    cost = delivery_cost(forecast, year)
    return Figure(cost / funding_of(forecast, year), gbp=cost)


def _placed(forecast: Forecast, year: int, criterion: Criterion) -> Figure:
    """The share of plans placed in the Department's groups named, in the January inside the year."""
    codes, clock = forecast.scenario.vintage.codes, forecast.clock
    counts = forecast.plans.january[0, clock.censuses.index(year + 1)].sum(axis=0)
    wanted = [p for p, name in enumerate(codes.placements) if codes.groups[name] in (criterion.placed_in or ())]
    return Figure(float(counts[wanted].sum() / counts.sum()))


def _timeliness(forecast: Forecast, year: int, criterion: Criterion) -> Figure:
    """What was last recorded, the same for every option: the forecast does not tell scenarios apart by it."""
    vintage = forecast.scenario.vintage
    root, file = project_of(vintage), monitoring_files(vintage.codes)[PIPELINE]
    path = max((root / "inputs" / FOLDER).glob(f"*/{PIPELINE}.csv"), default=None) if root is not None else None
    if root is None or path is None:
        return Figure(np.nan, NO_TIMELINESS)
    frame = read_table(path, file.columns, root=root, key=file.key, notices=Problems())
    issued = float(frame["plans_issued"].sum())
    if not issued:
        return Figure(np.nan, NO_TIMELINESS)
    if set(frame["basis"]) != {ACTUAL}:
        return Figure(np.nan, INVENTED)
    return Figure(float(frame["plans_within_20_weeks"].sum()) / issued)


def _confidence(forecast: Forecast, year: int, criterion: Criterion) -> Figure:
    """The share expected to be delivered, weighed by the size of each saving in the year."""
    scenario = forecast.scenario
    if not scenario.measures:
        return Figure(1.0)
    ahead = [one for one in forecast.clock.financial_years if one >= forecast.clock.first_forecast]
    sizes = {saving.measure: abs(float(saving.central[ahead.index(year)])) for saving in forecast.savings}
    shares = [measure.delivery.at(0) for measure in scenario.measures]
    weights = [sizes.get(measure.name, 0.0) for measure in scenario.measures]
    if sum(weights) <= 0:
        return Figure(min(1.0, float(np.mean(shares))))
    return Figure(min(1.0, float(np.average(shares, weights=weights))))


def _dependencies(forecast: Forecast, year: int, criterion: Criterion) -> Figure:
    return Figure(float(sum(bool(measure.depends_on) for measure in forecast.scenario.measures)))


def _duties(forecast: Forecast, year: int, criterion: Criterion) -> Figure:
    priced = tuple(forecast.scenario.vintage.prices.top_up)
    flags = [flag for measure in forecast.scenario.measures for flag in flags_of(measure, priced)]
    return Figure(float(sum(not flag.answered for flag in flags)))


READERS: Mapping[str, Callable[[Forecast, int, Criterion], Figure]] = {
    "chance_in_year_balance": _in_year_balance,
    "chance_agreement": _agreement,
    "closing_share": _closing,
    "delivery_cost_share": _delivery_cost,
    "placed_share": _placed,
    "timeliness": _timeliness,
    "confidence": _confidence,
    "dependencies": _dependencies,
    "statutory_flags": _duties,
}
