"""What is odd in published figures: found by rule, said with its line, and kept from what it would mislead."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hnforecast.base.codes import load_codes
from hnforecast.base.errors import InputError, Problem
from hnforecast.engine.demand import build_panel, pooled_growth
from hnforecast.engine.demand.panel import Panel as Histories
from hnforecast.inputs import load_panel
from hnforecast.inputs.quirks import fallen
from tests.fixtures_demand import shipped_panel
from tests.fixtures_forecast import ROOT

NATIONAL = ROOT / "inputs" / "national"
REQUESTS = "requests_assessments_timeliness_by_la_2019_2024"
PLACEMENTS = "ehcp_by_la_placement_2019_2025"
PLANS = "ehcp_by_la"

Change = Callable[[list[dict[str, str]]], list[dict[str, str]]]


def rewritten(folder: Path, stem: str, change: Change) -> Path:
    """A panel of one file, its rows changed."""
    rows = change(list(csv.DictReader((NATIONAL / f"{stem}.csv").open(encoding="utf-8", newline=""))))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    (folder / f"{stem}.csv").write_text(text.getvalue(), encoding="utf-8", newline="\n")
    return folder


def notices(folder: Path, code: str) -> list[Problem]:
    return [notice for notice in load_panel(folder).notices if notice.code == code]


def buckinghamshire(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [row for row in rows if row["old_la_code"] == "825"]


def test_a_row_under_two_codes_is_joined_and_said() -> None:
    panel = load_panel(NATIONAL, files=(REQUESTS,))
    (row,) = panel.one(REQUESTS, "825")[panel.one(REQUESTS, "825")["year"] == 2022].to_dict("records")
    assert (row["la_code"], row["requests_received_in_year"], row["new_ehc_plans"]) == ("E06000060", 1365.0, 744.0)


def test_where_they_differ_the_fuller_row_stands(tmp_path: Path) -> None:
    def differ(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        for row in rows:
            if row["la_code"] == "E10000002" and row["year"] == "2022":
                row["requests_received_in_year"] = "7.0"
        return rows

    folder = rewritten(tmp_path, REQUESTS, differ)
    rows = load_panel(folder)[REQUESTS]
    assert rows[(rows["old_la_code"] == "825") & (rows["year"] == 2022)]["requests_received_in_year"].tolist() == [
        1365.0
    ]
    (said,) = notices(folder, "HN263")
    assert "the fuller row is taken where they differ (requests_received_in_year)" in said.what


@pytest.mark.parametrize("code", ["E06000060", "", "E10000002"])
def test_two_rows_equally_full_are_refused(code: str, tmp_path: Path) -> None:
    """The same code, none, or another: nothing says which is right."""

    def twice(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        full = next(row for row in rows if row["la_code"] == "E06000060" and row["year"] == "2022")
        return [row for row in rows if row["la_code"] != "E10000002" or row["year"] != "2022"] + [
            {**full, "la_code": code}
        ]

    with pytest.raises(InputError, match="The same row twice") as caught:
        load_panel(rewritten(tmp_path, REQUESTS, twice))
    assert caught.value.problems[0].place.line == 974
    assert "838" in caught.value.problems[0].expected


def test_many_pairs_under_two_codes_cost_no_more_than_rows(tmp_path: Path) -> None:
    def many(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        return rows + [{**row, "la_code": "E99999999"} for row in rows if row["old_la_code"]]

    with pytest.raises(InputError) as caught:
        load_panel(rewritten(tmp_path, PLANS, many))
    assert len(caught.value.problems) <= 10


def test_a_split_column_is_read_and_a_renamed_one_refused(tmp_path: Path) -> None:
    """The 2026 edition parts academies from free schools; read as the older columns alone it would lose 1,165 plans."""

    def split(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        kept = []
        for row in rows:
            free = row.pop("special_academy_free")
            whole = int(float(free or 0))
            kept.append({**row, "special_academy": str(whole - whole // 3), "special_free_school": str(whole // 3)})
        return kept

    codes = load_codes(ROOT / "inputs" / "codes")
    as_published = codes.place_columns(load_panel(NATIONAL, files=(PLACEMENTS,))[PLACEMENTS], "ehcplans")
    folder = rewritten(tmp_path, PLACEMENTS, split)
    parted = codes.place_columns(load_panel(folder)[PLACEMENTS], "ehcplans")
    np.testing.assert_array_equal(parted["state_special"], as_published["state_special"])

    def renamed(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        return [{**{name: value for name, value in row.items() if name != "special_academy_free"},
                 "special_trust": row["special_academy_free"]} for row in rows]  # fmt: skip

    with pytest.raises(InputError) as caught:
        load_panel(rewritten(tmp_path, PLACEMENTS, renamed))
    (problem,) = caught.value.problems
    assert (problem.code, problem.place.path) == ("HN228", "special_total")
    assert "columns that are not known: special_trust" in problem.found


@pytest.mark.parametrize(
    ("counts", "odd"),
    [
        ([2618, 2705, 1199, 3639], [2]),  # Newham
        ([2618, 2705, 1199, 1250], [2]),  # one that stays low is believed from its second year
        ([2618, 2705, 1700, 1800], []),
        ([100, 40, 100], []),  # small counts do move
        ([2618, float("nan"), 1199], []),  # nothing beside it
        ([1000, 500, 200, 90], [1, 3]),
    ],
)
def test_a_fall_as_none_falls(counts: list[float], odd: list[int]) -> None:
    years = list(range(2020, 2020 + len(counts)))
    assert np.flatnonzero(fallen(["316"] * len(counts), years, counts)).tolist() == odd
    assert not fallen([""] * len(counts), years, counts).any()


def test_only_earlier_years_are_looked_at() -> None:
    counts = [2618.0, 2705.0, 1199.0, 3639.0, 4000.0]
    years = [2023, 2024, 2025, 2026, 2027]
    whole = fallen(["316"] * 5, years, counts)
    for known in range(1, 5):
        np.testing.assert_array_equal(fallen(["316"] * known, years[:known], counts[:known]), whole[:known])


def rest_of_england(panel: Histories, year: int) -> float:
    """Growth of England's published count without Newham."""
    frame = load_panel(NATIONAL, files=(PLANS,))
    counts = frame.national(PLANS).set_index("year")["plans"] - frame.one(PLANS, "316").set_index("year")["plans"]
    return float(np.log(counts[year] / counts[year - 1]))


def test_a_fault_of_recording_feeds_no_growth_and_is_not_scored() -> None:
    panel = shipped_panel()
    newham, year = panel.authorities.index("316"), panel.years.index(2025)
    stocks = [name for name in panel.local if name == "total_plans" or name.startswith("plans_")]
    assert all(np.isnan(panel.local[name][newham, year]) for name in stocks)
    assert panel.local["total_plans"][newham, year + 1] == 3639
    growth = np.diff(np.log(panel.national["total_plans"]))
    assert growth[year - 1] == pytest.approx(rest_of_england(panel, 2025), rel=1e-9)
    # as if Newham had grown with the rest: the pooled path of 2025 is that of a panel without Newham
    every = load_panel(NATIONAL, files=(PLANS,))[PLANS]
    plans = every[every["old_la_code"] != "316"].copy()
    national = plans["geographic_level"] == "national"
    own = load_panel(NATIONAL, files=(PLANS,)).one(PLANS, "316").set_index("year")["plans"]
    plans.loc[national, "plans"] -= plans.loc[national, "year"].map(own)
    without = build_panel({PLANS: plans})
    assert pooled_growth(panel, 2025, 1)[0] == pytest.approx(pooled_growth(without, 2025, 1)[0], abs=2e-4)


def test_a_withheld_total_is_blank_and_not_nil() -> None:
    panel = shipped_panel()
    for code in ("209", "921"):
        assert np.isnan(panel.series("total_plans")[panel.authorities.index(code), -1])
    assert int(panel.national["total_plans"][-1]) == 718838
    assert np.isfinite(panel.series("total_plans")[:, -1]).sum() == 151
