"""The panel's clock: what sits in which year, what is known when, and what a missing file costs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hnforecast.base.errors import InputError
from hnforecast.engine.demand import authority_path, build_panel, forecast_series, read_panel
from hnforecast.engine.demand.panel import log_growth, safe_log
from hnforecast.inputs.panel import load_panel
from tests.fixtures_demand import NATIONAL, growing_panel, shipped_panel


def rows(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame(columns)


def small_frames() -> dict[str, pd.DataFrame]:
    level = ["local_authority"] * 4 + ["national"] * 2
    codes = ["001", "001", "886", "886", None, None]
    years = [2019, 2020] * 3
    return {
        "ehcp_by_la": rows(geographic_level=level, old_la_code=codes, year=years, plans=[10, 20, 30, 40, 900, 990]),
        "newplans_by_la": rows(
            geographic_level=level[:4], old_la_code=codes[:4], year=[2018, 2019] * 2, new_plans_total=[1, 2, 3, 4]
        ),
        "s251_outturn_buckets_by_la_2017_2024": rows(
            old_la_code=["886", "886"], fy_start=[2018, 2019], high_needs_lines_1_2=[5e6, 6e6]
        ),
        "population_by_la_single_age": rows(
            old_la_code=["886"] * 3, year=[2019] * 3, age=[0, 25, 26], population=[100.0, 50.0, 7.0]
        ),
    }


def test_flows_and_spend_sit_with_the_census_that_publishes_them() -> None:
    panel = build_panel(small_frames())
    assert panel.authorities == ("001", "886")
    assert panel.years == (2019, 2020)
    assert panel.series("total_plans").tolist() == [[10, 20], [30, 40]]
    # New plans of calendar 2019 come with the January 2020 count, as does outturn of 2019-20, which holds that January.
    assert panel.series("new_plans").tolist() == [[1, 2], [3, 4]]
    assert panel.series("spend")[1].tolist() == [5e6, 6e6]
    assert np.isnan(panel.series("spend")[0]).all()
    assert panel.national["total_plans"].tolist() == [900, 990]


def test_residents_are_known_a_census_later_and_counted_to_age_25() -> None:
    panel = build_panel(small_frames())
    assert panel.residents[2019][1] == 150.0
    assert not panel.known_at(2019).residents
    assert list(panel.known_at(2020).residents) == [2019]


def test_known_at_cuts_every_variable() -> None:
    past = shipped_panel().known_at(2019)
    assert past.years[-1] == 2019
    assert {values.shape[1] for values in past.local.values()} == {len(past.years)}
    assert {len(values) for values in past.national.values()} == {len(past.years)}


@pytest.mark.slow
@pytest.mark.parametrize("origin", [2018, 2021, 2024])
def test_the_cut_agrees_with_the_reader_that_cuts_by_publication(origin: int) -> None:
    # Two rules written apart: this panel slices columns, the reader of inputs drops rows by each file's clock.
    cut = build_panel(load_panel(NATIONAL, origin).frames)
    known = shipped_panel().known_at(origin)
    assert cut.years == known.years
    kept = [known.authorities.index(code) for code in cut.authorities]
    for name, values in cut.local.items():
        np.testing.assert_array_equal(values, known.local[name][kept], err_msg=name)
    assert set(cut.residents) == set(known.residents)


@pytest.mark.slow
def test_the_strict_reader_and_this_one_give_the_same_panel() -> None:
    strict = build_panel(load_panel(NATIONAL).frames)
    for name, values in shipped_panel().local.items():
        np.testing.assert_array_equal(values, strict.local[name], err_msg=name)


def test_groups_are_merged_and_short_ones_start_late() -> None:
    panel = shipped_panel()
    independent = panel.series("plans_special_independent") + panel.series("plans_special_non_maintained")
    np.testing.assert_array_equal(panel.series("plans_independent"), independent)
    early = np.asarray(panel.years) < 2017
    assert np.isnan(panel.series("plans_fe")[:, early]).all()
    # placements of January 2026 are held for one authority, apart
    assert np.isfinite(panel.series("plans_fe")[:, ~early & (np.asarray(panel.years) < 2026)]).any(axis=0).all()
    assert "plans_awaiting_provision" not in panel.local


def test_a_release_is_filled_only_where_the_newer_one_is_blank() -> None:
    panel = shipped_panel()
    requests = panel.series("requests")
    assert np.isfinite(requests[:, panel.years.index(2017)]).sum() > 90
    assert np.isfinite(requests[:, panel.years.index(2025)]).sum() > 90
    kent = panel.authorities.index("886")
    frame = pd.read_csv(NATIONAL / "requests_assessments_timeliness_by_la_2019_2024.csv", dtype={"old_la_code": str})
    newest = frame[(frame["old_la_code"] == "886") & (frame["year"] == 2020)]["requests_received_in_year"].iloc[0]
    assert requests[kent, panel.years.index(2021)] == newest


def test_only_the_plans_file_is_needed(tmp_path: Path) -> None:
    (tmp_path / "ehcp_by_la.csv").write_bytes((NATIONAL / "ehcp_by_la.csv").read_bytes())
    panel = read_panel(tmp_path).panel
    assert set(panel.local) == {"total_plans"}
    made = forecast_series(panel, "total_plans", 2025, 5)
    kent = made.authorities.index("886")
    assert 20_000 < made.central[kent, 0] < 25_000


def test_problems_are_said_in_words() -> None:
    panel = growing_panel(6)
    with pytest.raises(
        InputError, match=r"(?s)ehcp_by_la.csv: The panel has no plans by authority.*Put ehcp_by_la.csv in"
    ):
        build_panel({"newplans_by_la": pd.DataFrame()})
    with pytest.raises(InputError, match=r"(?s)no census of the forecast's origin.*found: 2031.*from 2010 to 2025"):
        forecast_series(panel, "total_plans", 2031, 1)
    with pytest.raises(InputError, match=r"(?s)does not hold this series.*found: plans_moon.*plans_special_state"):
        forecast_series(panel, "plans_moon", 2020, 1)
    with pytest.raises(InputError, match=r"(?s)no forecast method of this name.*found: magic.*pooled1"):
        forecast_series(panel, "total_plans", 2020, 1, method="magic")
    with pytest.raises(InputError, match=r"(?s)no total_plans for this authority at census 2020.*found: 999"):
        authority_path(panel, "999", 2020, 1)


def test_logs_of_nothing_are_unknown() -> None:
    values = np.array([[0.0, 1.0, np.nan, 4.0, 8.0]])
    assert np.isnan(safe_log(values)[0, [0, 2]]).all()
    np.testing.assert_allclose(log_growth(values)[0, 4], np.log(2))
    assert np.isnan(log_growth(values)[0, :4]).all()
