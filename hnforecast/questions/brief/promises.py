"""What an earlier vintage promised of each measure and what the later one expects, matched by the measure's name.

Both sides are forecasts of this program: a measure's share of the joint saving, net of its costs. Where a council
published a saving by measure it stands in the measure's file; none is worked back from a total here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.base.timeline import show_year
from hnforecast.engine.forecast import run_forecast
from hnforecast.engine.notes import calibration_targets
from hnforecast.engine.records import Forecast, Project


@dataclass(frozen=True)
class Promised:
    """One measure in both vintages; pounds by year, positive is better.

    Args:
        name, title: of the later vintage, or of the earlier where only that has it.
        earlier: (f,) promised over `Promises.years`, or None where the earlier vintage lacks it.
        later: (f,) expected, or None where the later vintage lacks it.
        past: pounds promised for the years before the first of them.
    """

    name: str
    title: str
    earlier: FloatArray | None
    later: FloatArray | None
    past: float


@dataclass(frozen=True)
class Position:
    """One vintage's account with its measures, by year of `Promises.years`, signed pounds."""

    vintage: str
    in_year: FloatArray
    gross_closing: FloatArray


@dataclass(frozen=True)
class Promises:
    """Two vintages, measure by measure.

    Args:
        scenario: of both.
        years: both forecast them, to the last the agreement covers.
        rows: matched first, in the order of the later vintage; then those of one vintage alone.
        earlier, later: accounts.
        past_years: the earlier vintage's forecast years that are outturn in the later one.
        opening_gap: pounds by which the balance before contributions at the later base already misses the earlier plan.
        targets: published figures the earlier vintage was set to reach.
        ends: p10 and p90 of what all measures of the later one bring in the last year; no measure alone has a range.
        approved: pounds of transfers from the schools block over the years that stand in the earlier and in the later
            vintage without any measure, so that no measure brings them.
        counted: the January whose count the later vintage starts from, with what measures had done by then in it.
    """

    scenario: str
    years: tuple[int, ...]
    rows: tuple[Promised, ...]
    earlier: Position
    later: Position
    past_years: tuple[int, ...]
    opening_gap: float
    targets: tuple[str, ...] = ()
    ends: tuple[float, float] | None = None
    approved: tuple[float, float] = (0.0, 0.0)
    counted: int = 0

    @property
    def saved(self) -> tuple[float, float]:
        """Pounds over the years: promised by all measures of the earlier vintage, expected of all of the later."""
        earlier = sum(float(row.earlier.sum()) for row in self.rows if row.earlier is not None)
        return earlier, sum(float(row.later.sum()) for row in self.rows if row.later is not None)


def match_promises(before: Project, now: Project, scenario: str, draws: int) -> Promises | None:
    """Set two vintages' savings side by side; None where they share no forecast year or neither has measures.

    Args:
        before, now: the earlier and the later vintage of one council.
        scenario: of both, with measures.
        draws: of the later one; 1 for the central run alone.
    """
    old, new = run_forecast(before, scenario), run_forecast(now, scenario, draws=draws)
    years = _shared(old, new)
    if not years or not (old.savings or new.savings):
        return None
    titles = _titles(old) | _titles(new)
    earlier, later = _by_year(old, years), _by_year(new, years)
    past_years = tuple(y for y in old.clock.financial_years if old.clock.first_forecast <= y < years[0])
    past = {name: float(values.sum()) for name, values in _by_year(old, past_years).items()}
    order = dict.fromkeys((*(n for n in later if n in earlier), *(n for n in later if n not in earlier), *earlier))
    rows = []
    for name in order:
        rows.append(Promised(name, titles[name], earlier.get(name), later.get(name), past.get(name, 0.0)))
    gap = _opening_gap(old, new, years[0])
    sides = (_position(old, years), _position(new, years))
    targets, ends = calibration_targets(old.scenario), _ends(new, years[-1])
    approved = (_approved(old, years), _approved(new, years))
    counted = now.vintage.manifest.base_census
    return Promises(scenario, years, tuple(rows), *sides, past_years, gap, targets, ends, approved, counted)


def _shared(old: Forecast, new: Forecast) -> tuple[int, ...]:
    """Forecast years of both, to the last with an agreed balance, or five where none was agreed."""
    ahead = [year for year in new.clock.financial_years if year >= new.clock.first_forecast]
    both = [year for year in ahead if year in old.clock.financial_years and year >= old.clock.first_forecast]
    agreed = [
        y for y, v in zip(new.clock.financial_years, new.account.agreed_gross_closing, strict=True) if np.isfinite(v)
    ]
    return tuple(year for year in both if not agreed or year <= max(agreed))[:5]


def _titles(forecast: Forecast) -> dict[str, str]:
    return {measure.name: measure.title for measure in forecast.scenario.measures}


def _ahead(forecast: Forecast, years: tuple[int, ...]) -> list[int]:
    first = forecast.clock.first_forecast
    ahead = [year for year in forecast.clock.financial_years if year >= first]
    return [ahead.index(year) for year in years]


def _by_year(forecast: Forecast, years: tuple[int, ...]) -> dict[str, FloatArray]:
    at = _ahead(forecast, years)
    return {saving.measure: saving.central[at] for saving in forecast.savings}


def _ends(forecast: Forecast, year: int) -> tuple[float, float] | None:
    """p10 and p90 of what all measures bring in a year; None for the central run alone."""
    ensemble = forecast.ensemble
    if ensemble is None:
        return None
    f = forecast.clock.at(year)
    low, high = np.quantile(ensemble.account.in_year[:, f] - ensemble.without_measures[:, f], (0.1, 0.9))
    return float(low), float(high)


def _approved(forecast: Forecast, years: tuple[int, ...]) -> float:
    transfer = forecast.scenario.vintage.funding.block_transfer
    if transfer is None or transfer.by is None:
        return 0.0
    return sum(float(transfer.by[year]) for year in years if year in transfer.by)


def _position(forecast: Forecast, years: tuple[int, ...]) -> Position:
    at = [forecast.clock.at(year) for year in years]
    account = forecast.account
    return Position(forecast.scenario.vintage.name, account.in_year[0, at], account.gross_closing[0, at])


def _opening_gap(old: Forecast, new: Forecast, first: int) -> float:
    """How much worse the balance before contributions stood as the first year opened than the earlier plan had it."""
    ours, theirs = (one.account.gross_closing[0, one.clock.at(first - 1)] for one in (new, old))
    return float(ours - theirs)


def span(years: tuple[int, ...]) -> str:
    """Years as written: 2025-26 to 2027-28."""
    return show_year(years[0]) if len(years) == 1 else f"{show_year(years[0])} to {show_year(years[-1])}"
