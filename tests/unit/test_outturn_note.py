"""Scenarios may differ in the last outturn year, and the reader is told why; where they do not, nothing is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hnforecast.engine.forecast import load_project, run_forecast
from hnforecast.engine.notes import outturn_note
from hnforecast.engine.records import Forecast
from tests.fixtures_forecast import ROOT


def moved(forecast: Forecast, pounds: float) -> Forecast:
    base = forecast.clock.financial_years.index(forecast.clock.first_forecast - 1)
    in_year = forecast.account.in_year.copy()
    in_year[:, base] += pounds
    return replace(forecast, account=replace(forecast.account, in_year=in_year))


def test_the_difference_is_told_in_pounds_where_it_shows() -> None:
    project = load_project(ROOT)
    plain = run_forecast(project, "unmitigated", horizon=2, savings=False)
    base = plain.clock.financial_years.index(plain.clock.first_forecast - 1)
    shown = np.round(plain.account.in_year[0, base], -5)
    at_shown = moved(plain, float(shown - plain.account.in_year[0, base]))
    assert outturn_note([plain]) is None
    assert outturn_note([plain, plain]) is None
    assert outturn_note([at_shown, moved(at_shown, 30_000.0)]) is None
    told = outturn_note([at_shown, moved(at_shown, 70_000.0)])
    assert told is not None
    assert "in-year positions of 2024-25 differ by up to £70,000" in told
    faster = run_forecast(project, "adverse", horizon=2, savings=False)
    found = outturn_note([plain, faster])
    apart = abs(faster.account.in_year[0, base] - plain.account.in_year[0, base])
    assert found is None or f"£{apart:,.0f}" in found
    assert faster.account.closing[0, base] == plain.account.closing[0, base]
