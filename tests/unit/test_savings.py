"""What measures save adds up, to the penny, to what they change in the account."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hnforecast.engine.forecast import load_project, run_forecast
from hnforecast.engine.savings import Saving, savings_by_measure, tied_to
from tests.fixtures_forecast import EXAMPLE, example_forecasts

AMOUNTS = st.lists(st.floats(-1e7, 1e7), min_size=3, max_size=3)


def test_savings_add_up_to_what_the_measures_change() -> None:
    unmitigated, mitigated = example_forecasts()
    together = np.sum([saving.central for saving in mitigated.savings], axis=0)
    changed = (mitigated.account.in_year - unmitigated.account.in_year)[0, 1:]
    assert np.abs(changed).max() > 1e5
    np.testing.assert_allclose(together, changed, rtol=0, atol=0.005)


@given(st.lists(AMOUNTS, min_size=1, max_size=6), AMOUNTS)
def test_shares_tied_to_a_whole_add_up_to_it_and_nought_takes_none(
    shares: list[list[float]], whole: list[float]
) -> None:
    given_shares = tuple(Saving(str(m), np.array(share), None, np.zeros(3)) for m, share in enumerate(shares))
    tied = tied_to(given_shares, np.array(whole))
    assert np.sum([saving.central for saving in tied], axis=0) == pytest.approx(whole, abs=1e-5)
    for before, after in zip(given_shares, tied, strict=True):
        for f in range(3):
            if before.central[f] == 0.0 and any(share[f] for share in shares):
                assert after.central[f] == 0.0


def test_every_draw_is_shared_as_the_central_run_is() -> None:
    made = run_forecast(load_project(EXAMPLE), "mitigated", horizon=3, draws=16)
    assert made.ensemble is not None
    joint = (made.ensemble.account.in_year - made.ensemble.without_measures)[:, 1:]
    plain = savings_by_measure(made.scenario, 3, {}, {}, {}, joint)
    whole = np.sum([saving.central for saving in plain], axis=0)
    assert len({tuple(saving.central) for saving in plain}) == len(plain) > 1
    for saving in plain:
        assert saving.draws is not None
        np.testing.assert_allclose(saving.draws, joint * saving.central / whole)
    np.testing.assert_allclose(np.sum([saving.draws for saving in made.savings], axis=0), joint)
