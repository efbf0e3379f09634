"""What must hold of a demand forecast whatever the panel: no look ahead, order, scale, gaps, zeros."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hnforecast.engine.demand import Panel, forecast_series
from tests.fixtures_demand import growing_panel, shipped_panel

SERIES = ("total_plans", "new_plans", "plans_special_state", "plans_mainstream_state", "spend")


def with_another_future(panel: Panel, origin: int, seed: int) -> Panel:
    """The same past, and everything after the origin changed: other values, gaps, residents published later."""
    rng = np.random.default_rng(seed)
    later = np.asarray(panel.years) > origin

    def changed(values: np.ndarray) -> np.ndarray:
        copy = values.copy()
        copy[..., later] = np.where(rng.random(copy[..., later].shape) < 0.2, np.nan, rng.uniform(1, 1e6))
        return copy

    return replace(
        panel,
        local={name: changed(values) for name, values in panel.local.items()},
        national={name: changed(values) for name, values in panel.national.items()},
        residents={
            year: values if year < origin else rng.uniform(1, 1e6, values.shape)
            for year, values in panel.residents.items()
        },
    )


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize("origin", [2018, 2021, 2024])
def test_nothing_after_the_origin_changes_a_forecast(series: str, origin: int) -> None:
    panel = shipped_panel()
    made = forecast_series(panel, series, origin, 5)
    again = forecast_series(with_another_future(panel, origin, seed=origin), series, origin, 5)
    np.testing.assert_array_equal(made.central, again.central)
    np.testing.assert_array_equal(made.log_sd, again.log_sd)


@pytest.mark.parametrize("series", SERIES)
def test_the_test_above_would_see_a_change_at_the_origin(series: str) -> None:
    panel = shipped_panel()
    made = forecast_series(panel, series, 2021, 5)
    again = forecast_series(with_another_future(panel, 2020, seed=1), series, 2021, 5)
    assert not np.array_equal(made.central, again.central, equal_nan=True)


@given(st.integers(0, 1000), st.sampled_from(SERIES), st.permutations(range(12)))
def test_the_order_of_authorities_does_not_matter(seed: int, series: str, order: list[int]) -> None:
    panel = growing_panel(12, seed)
    moved = replace(
        panel,
        authorities=tuple(panel.authorities[row] for row in order),
        local={name: values[order] for name, values in panel.local.items()},
        residents={year: values[order] for year, values in panel.residents.items()},
    )
    made, again = (forecast_series(each, series, 2024, 3) for each in (panel, moved))
    np.testing.assert_allclose(made.central[order], again.central, rtol=1e-9)
    np.testing.assert_allclose(made.log_sd[order], again.log_sd, rtol=1e-9)


@pytest.mark.slow
@given(st.integers(0, 1000), st.floats(0.01, 1000))
def test_spend_in_another_unit_is_the_same_forecast_in_that_unit(seed: int, factor: float) -> None:
    panel = growing_panel(12, seed)
    other = replace(panel, local={**panel.local, "spend": panel.local["spend"] * factor})
    made, again = (forecast_series(each, "spend", 2024, 3) for each in (panel, other))
    np.testing.assert_allclose(made.central * factor, again.central, rtol=1e-9)


@given(
    st.integers(0, 10_000),
    st.integers(1, 15),
    st.floats(0, 0.4),
    st.sampled_from(SERIES),
    st.sets(st.sampled_from(["new_plans", "requests", "refused", "residents"])),
    st.integers(3, 16),
)
def test_any_panel_with_gaps_zeros_and_missing_files_gives_finite_forecasts(
    seed: int, authorities: int, gaps: float, series: str, missing: set[str], years: int
) -> None:
    rng = np.random.default_rng(seed)
    panel = growing_panel(authorities, seed, noise=0.3, years=tuple(range(2026 - years, 2026)))
    local = {
        name: np.where(rng.random(values.shape) < gaps, rng.choice([0.0, np.nan]), values)
        for name, values in panel.local.items()
        if name not in missing or name == series
    }
    panel = replace(panel, local=local, residents={} if "residents" in missing else panel.residents)
    with np.errstate(all="raise"):
        made = forecast_series(panel, series, 2025, 4)
    known = np.isfinite(panel.series(series)[:, -1])
    assert np.isfinite(made.central[known]).all()
    assert (made.central[known] >= 0).all()
    assert np.isfinite(made.log_sd).all()
    assert (np.diff(made.log_sd, axis=1) >= 0).all()
