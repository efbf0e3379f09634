"""The panel: whole, any subset, and blind to what was not yet known."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas
import pytest

from hnforecast.base.errors import InputError
from hnforecast.inputs import Panel, load_panel
from hnforecast.inputs.panel_files import PANEL_FILES

NATIONAL = Path(__file__).parents[2] / "inputs" / "national"


@pytest.fixture(scope="module")
def panel() -> Panel:
    return load_panel(NATIONAL)


def test_every_file_is_read_whole(panel):
    assert set(panel.frames) == set(PANEL_FILES) == {path.stem for path in NATIONAL.glob("*.csv")}
    joined = [notice.place.file for notice in panel.notices if notice.code == "HN263"]
    for name, frame in panel.frames.items():
        lines = (NATIONAL / f"{name}.csv").read_text(encoding="utf-8").count("\n")
        assert len(frame) + joined.count(f"national/{name}.csv") == lines - 1, name


def test_the_quirks_of_what_was_published_are_said(panel):
    said = {(notice.code, notice.place.file.split("/")[1][:-4], notice.found) for notice in panel.notices}
    assert said >= {
        ("HN264", "ehcp_by_la", "Newham 2025: 1,199"),
        ("HN265", "ehcp_by_la", "Lewisham 2026: blank"),
        ("HN265", "ehcp_by_la", "Isle of Wight 2026: blank"),
        ("HN266", "ehcp_placement_2026_edition", "Kent 2026"),
    }
    assert {notice.code for notice in panel.notices} == {"HN263", "HN264", "HN265", "HN266"}
    (twice,) = [notice for notice in panel.notices if notice.code == "HN263"]
    assert twice.place.line == 942
    assert "old_la_code 825, year 2022: E06000060 and E10000002" in twice.found


def test_every_column_and_value_is_that_of_the_file(panel):
    for name, frame in panel.frames.items():
        raw = pandas.read_csv(NATIONAL / f"{name}.csv", dtype=str, keep_default_na=False)
        if name == "requests_assessments_timeliness_by_la_2019_2024":  # Buckinghamshire 2022, under two GSS codes
            raw.loc[836, "new_ehc_plans"] = raw.loc[940, "new_ehc_plans"]
            raw = raw.drop(index=940).reset_index(drop=True)
        assert set(raw.columns) <= set(frame.columns), name
        for column in raw.columns:
            if pandas.api.types.is_numeric_dtype(frame[column]):
                wanted = pandas.to_numeric(raw[column].replace("", None)).astype(float)
                pandas.testing.assert_series_equal(frame[column].astype(float), wanted, check_names=False)
            else:
                assert frame[column].tolist() == [value.strip() for value in raw[column]], (name, column)


def test_authorities_are_text(panel):
    plans = panel.one("ehcp_by_la", "886").set_index("year")["plans"]
    assert plans[2025] == 20635
    assert "886" in panel.codes
    assert all(len(code) == 3 for code in panel.codes)
    assert panel.national("newplans_by_la_placement_2019_2024")["new_ehc_plans"].tolist()[-1] == 97747
    assert len(panel.authorities("ehcp_by_la")) < len(panel["ehcp_by_la"])


LATEST = {
    "ehcp_by_la": ("year", 2022),
    "ehcp_by_la_age_band_2010_2025": ("year", 2022),
    "newplans_by_la": ("year", 2021),
    "newplans_by_la_age_band_2009_2021": ("year", 2021),
    "requests_assessments_timeliness_by_la_2019_2024": ("year", 2021),
    "population_by_la_single_age": ("year", 2020),
    "s251_outturn_buckets_by_la_2017_2024": ("financial_year", "2021-22"),
    "dsg_block_allocations_by_la_2019_2023": ("financial_year", "2022-23"),
    "dsg_deficit_pct_by_la_2019_2021": ("financial_year", "2021-22"),
    "price_indices": ("financial_year", "2021-22"),
    "statistical_neighbours": ("edition", "april_2021"),
    "la_lookup": ("last_year", 2022),
}


@pytest.mark.slow
def test_nothing_later_than_a_forecaster_of_january_2022_knew():
    known = load_panel(NATIONAL, 2022)
    assert {name: known[name][column].max() for name, (column, _) in LATEST.items()} == {
        name: latest for name, (_, latest) in LATEST.items()
    }
    # Counts of 2024 and 2025, flows of 2022 and later, and a projection of 2025 are not there at all.
    assert not {name for name in known.frames if name.endswith(("2024_2025", "2022_2024", "_2025", "2022_2029"))} - {
        "ehcp_by_la_age_band_2010_2025",
        "ehcp_by_la_placement_2019_2025",
        "ehcp_by_la_placement_group_2010_2025",
    }


@pytest.mark.parametrize("year", [2019, 2022, 2024])
def test_what_is_known_only_grows(year):
    files = ["ehcp_by_la", "newplans_by_la", "s251_outturn_buckets_by_la_2017_2024", "price_indices"]
    before, after = load_panel(NATIONAL, year, files=files), load_panel(NATIONAL, year + 1, files=files)
    for name, frame in before.frames.items():
        earlier = set(frame.astype(str).itertuples(index=False, name=None))
        later = set(after[name].astype(str).itertuples(index=False, name=None))
        assert earlier < later, name


def test_a_subset_for_other_authorities_without_national_rows(tmp_path):
    raw = pandas.read_csv(NATIONAL / "ehcp_by_la.csv", dtype=str)
    few = raw[raw["old_la_code"].isin(["881", "878"])]
    few.to_csv(tmp_path / "ehcp_by_la.csv", index=False)
    panel = load_panel(tmp_path)
    assert panel.codes == ("878", "881")
    assert len(panel.national("ehcp_by_la")) == 0
    assert "newplans_by_la" not in panel
    with pytest.raises(InputError) as caught:
        panel["newplans_by_la"]
    assert "The panel lacks a file that is needed [HN260]\n  found: newplans_by_la" in str(caught.value)


def test_codes_that_passed_through_a_data_frame(tmp_path):
    raw = pandas.read_csv(NATIONAL / "ehcp_by_la.csv")
    assert raw["old_la_code"].dtype == float
    raw.to_csv(tmp_path / "ehcp_by_la.csv", index=False)
    assert load_panel(tmp_path).one("ehcp_by_la", "886")["plans"].iloc[-1] == 21742


def test_an_older_edition_with_fewer_columns(tmp_path):
    raw = pandas.read_csv(NATIONAL / "ehcp_by_la_placement_2019_2025.csv", dtype=str)
    raw.drop(columns=["online_provider", "w_settings", "region_code", "collection"]).to_csv(
        tmp_path / "ehcp_by_la_placement_2019_2025.csv", index=False
    )
    # Regions without their code differ by name, so they are left out here: only authorities are told apart.
    frame = pandas.read_csv(tmp_path / "ehcp_by_la_placement_2019_2025.csv", dtype=str)
    frame[frame["old_la_code"].notna()].to_csv(tmp_path / "ehcp_by_la_placement_2019_2025.csv", index=False)
    read = load_panel(tmp_path)["ehcp_by_la_placement_2019_2025"]
    assert read["online_provider"].isna().all()


def test_files_that_are_no_panel(tmp_path):
    (tmp_path / "notes.csv").write_text("a\n1\n")
    with pytest.raises(InputError) as caught:
        load_panel(tmp_path)
    assert str(caught.value).endswith(
        "The folder holds no panel file [HN260]\n  expected: files such as ehcp_by_la.csv, as in inputs/national"
    )
    with pytest.raises(InputError, match="The panel folder is missing"):
        load_panel(tmp_path / "gone")


def test_a_stranger_beside_them_is_a_notice(tmp_path):
    shutil.copy(NATIONAL / "price_indices.csv", tmp_path)
    (tmp_path / "notes.csv").write_text("a\n1\n")
    assert [notice.code for notice in load_panel(tmp_path).notices] == ["HN261"]


def test_every_fault_of_every_file(tmp_path):
    (tmp_path / "ehcp_by_la.csv").write_text("old_la_code,year,plans\n886,2025,many\n")
    (tmp_path / "price_indices.csv").write_text("financial_year,gdp_deflator_growth_pct\n2025,2.0\n")
    with pytest.raises(InputError) as caught:
        load_panel(tmp_path)
    assert [problem.code for problem in caught.value.problems] == ["HN214", "HN225"]
