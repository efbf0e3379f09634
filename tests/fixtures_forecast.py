"""The invented council's forecasts for tests of the outputs, with draws around them or larger money where asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from hnforecast.base.record import RunRecord, describe_scenario, make_record
from hnforecast.engine.forecast import load_project, run_forecast
from hnforecast.engine.records import Forecast

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "inputs" / "synthetic" / "exampleshire"
SCENARIOS = ("unmitigated", "mitigated")


@lru_cache
def example_forecasts(horizon: int = 4) -> tuple[Forecast, ...]:
    """Two scenarios of the invented council: one with measures and support, one without."""
    project = load_project(EXAMPLE)
    return tuple(run_forecast(project, name, horizon=horizon) for name in SCENARIOS)


def changed_forecasts(overrides: Mapping[str, object], horizon: int = 4) -> tuple[Forecast, ...]:
    """The same two scenarios with values changed as the command line changes them."""
    project = load_project(EXAMPLE)
    return tuple(run_forecast(project, name, horizon=horizon, overrides=overrides) for name in SCENARIOS)


def example_record(forecasts: tuple[Any, ...]) -> RunRecord:
    """A record of the forecasts, with made-up file hashes so that it does not change with the repository."""
    described = {forecast.scenario.name: describe_scenario(forecast.scenario) for forecast in forecasts}
    return make_record("2026-03", described, {"assumptions/2026-03/prices.yaml": "0" * 64}, seed=1, draws=1, horizon=4)


def with_draws(forecast: Forecast, draws: int = 11) -> Forecast:
    """The forecast with draws spread evenly from -10% to +10% around the central run, so that quantiles are known."""
    factor = np.linspace(0.9, 1.1, draws)
    account, spend, funding = forecast.account, forecast.spend, forecast.funding
    moved = {
        name: getattr(account, name) * factor[:, None] for name in ("opening", "in_year", "closing", "gross_closing")
    }
    january, bands = forecast.plans.january * factor[:, None, None, None], forecast.scenario.vintage.codes.age_bands
    agreed = account.agreed_gross_closing
    met = np.where(np.isnan(agreed), np.nan, (moved["gross_closing"] >= agreed) * 1.0)
    ensemble = SimpleNamespace(
        account=replace(account, support=np.repeat(account.support, draws, axis=0), met=met, **moved),
        bands=np.stack([january[:, :, low : high + 1].sum(axis=2) for _, low, high in bands], axis=2),
        # the draws leave out the last row, as a lean run leaves out memo rows that follow monthly flows
        spend=SimpleNamespace(rows=spend.rows[:-1], by_year=spend.by_year[..., :-1] * factor[:, None, None]),
        funding=SimpleNamespace(streams=funding.streams, by_year=np.repeat(funding.by_year, draws, axis=0)),
    )
    return replace(forecast, ensemble=ensemble)


def with_money(forecast: Forecast, factor: float) -> Forecast:
    """The forecast with every sum of money so many times as large; identities still hold."""
    account, spend, funding = forecast.account, forecast.spend, forecast.funding
    signed = ("opening", "in_year", "other_movement", "closing", "gross_closing", "support")
    agreed = ("agreed_gross_closing", "agreed_in_year")
    return replace(
        forecast,
        account=replace(account, **{name: getattr(account, name) * factor for name in (*signed, *agreed)}),
        spend=replace(
            spend, monthly=spend.monthly * factor, by_quarter=spend.by_quarter * factor, by_year=spend.by_year * factor
        ),
        funding=replace(funding, by_year=funding.by_year * factor),
    )
