"""The clocks of a run: the base outturn year between two January counts, the forecast after them, and both joined."""

from __future__ import annotations

from dataclasses import replace

from hnforecast.base.timeline import month
from hnforecast.engine.model.state import Clock


def outturn_clock(base_census: int, base_outturn: int) -> Clock:
    """The two academic years around the twelve months before the base January count."""
    first = base_census - 1
    return Clock(
        months=tuple(range(month(first, 2), month(base_census, 9))),
        academic_years=(first - 1, first),
        censuses=(first, base_census),
        financial_years=(base_outturn,),
        first_forecast=base_outturn + 1,
    )


def forecast_clock(base_census: int, first_forecast: int, horizon: int) -> Clock:
    """From the month after the base January count to the August after the last financial year of the horizon."""
    last = first_forecast + horizon - 1
    return Clock(
        months=tuple(range(month(base_census, 2), month(last + 1, 9))),
        academic_years=tuple(range(base_census - 1, last + 1)),
        censuses=tuple(range(base_census, last + 2)),
        financial_years=tuple(range(first_forecast, last + 1)),
        first_forecast=first_forecast,
    )


def joined_clock(outturn: Clock, forecast: Clock) -> Clock:
    """The outturn's twelve months, then the forecast's: the central run's time axis."""
    return replace(
        forecast,
        months=(*(m for m in outturn.months if m < forecast.months[0]), *forecast.months),
        academic_years=(outturn.academic_years[0], *forecast.academic_years),
        censuses=(outturn.censuses[0], *forecast.censuses),
        financial_years=(*outturn.financial_years, *forecast.financial_years),
    )
