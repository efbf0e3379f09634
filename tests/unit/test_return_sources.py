"""What forms are filled from: figures worked out beside the monitoring, and the account of the forecast."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hnforecast.base.codes import load_codes
from hnforecast.base.timeline import show_year
from hnforecast.quarter.returns.sources import account_rows, with_derived
from tests.fixtures_forecast import ROOT, example_forecasts


def test_what_forms_ask_beside_the_monitoring_is_worked_out_from_it() -> None:
    codes = load_codes(ROOT / "inputs" / "codes")
    plans = pd.DataFrame({"placement": ["mainstream"], "forecast_january": [120.0], "agreed": [100.0]})
    measures = pd.DataFrame({"planned_saving": [400.0]})
    found = with_derived({"plans_by_placement": plans, "measures": measures}, codes, elapsed=0.25)
    assert found["plans_by_placement"]["above_agreed"].tolist() == [20.0]
    assert found["measures"]["planned_saving_to_date"].tolist() == [100.0]


def test_the_account_of_a_return_is_that_of_the_forecast() -> None:
    forecast = example_forecasts()[1]
    found = account_rows({"mitigated": forecast}).set_index(["financial_year", "item"])["value"]
    account = forecast.account
    assert np.abs(account.closing - account.gross_closing).max() > 1e5
    for f, year in enumerate(forecast.clock.financial_years):
        for item in ("opening", "in_year", "closing", "gross_closing", "other_movement"):
            assert found[show_year(year), item] == pytest.approx(float(getattr(account, item)[0, f]))
