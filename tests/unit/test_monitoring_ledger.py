"""A ledger by line alone: shared by what the recorded plans cost, to the penny, or refused where it is both."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hnforecast.base.errors import InputError, Problems
from hnforecast.engine.forecast import load_project
from hnforecast.quarter.monitor import Monitoring, compare_ledgers, gather, monitor_period, parse_period
from hnforecast.quarter.monitor.costs import shared
from hnforecast.quarter.monitor.reconcile import pence, total

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "inputs" / "synthetic" / "exampleshire"
YEAR = Path("inputs/monitoring/2025-26")
sums = st.integers(-(10**10), 10**10).map(lambda whole: whole / 100)


@given(gbp=sums, weights=st.lists(st.floats(0.5, 1e7), min_size=1, max_size=8))
def test_parts_of_a_whole_line_add_up_to_the_penny(gbp: float, weights: list[float]) -> None:
    keys = {("1.2.3", str(i)): weight for i, weight in enumerate(weights)}
    parts = shared(gbp, keys)
    assert total(parts.values()) == pence(gbp)
    for key, weight in keys.items():
        assert parts[key] == pytest.approx(gbp * weight / sum(weights), abs=0.011)


def test_income_on_a_line_stays_income() -> None:
    parts = shared(100.0, {("1.2.1", "a"): 150.0, ("1.2.1", "services"): -50.0})
    assert parts == {("1.2.1", "a"): 150.0, ("1.2.1", "services"): -50.0}


def council(folder: Path, *, whole: bool) -> Path:
    shutil.copytree(EXAMPLE, folder)
    if whole:
        for name, by in (("ledger", ["month", "s251_line"]), ("budget", ["s251_line"])):
            path = folder / YEAR / f"{name}.csv"
            rows = pd.read_csv(path, dtype={"s251_line": str})
            money = [column for column in ("gbp", "accrual_gbp") if column in rows]
            rows = rows.groupby([*by, "basis"], sort=False)[money].sum(min_count=1).round(2).reset_index()
            rows[[*by, *money, "basis"]].to_csv(path, index=False)
    return folder


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Monitoring, Monitoring]:
    folder = tmp_path_factory.mktemp("ledgers")
    one, other = (
        monitor_period(load_project(council(folder / name, whole=name == "whole")), "2025-26-Q2")
        for name in ("split", "whole")
    )
    return one, other


def test_a_ledger_by_line_gives_the_same_lines(both: tuple[Monitoring, Monitoring]) -> None:
    by_placement, whole = (found.tables["outturn_by_line"] for found in both)
    for column, tolerance in (("actual_to_date", 0.005), ("budget", 0.005)):
        one, other = (table.groupby("s251_line")[column].sum() for table in (by_placement, whole))
        assert (one - other).abs().max() < tolerance, column
    one, other = (float(table["forecast_outturn"].sum()) for table in (by_placement, whole))
    assert other == pytest.approx(one, rel=0.002)  # prices are learned by line, not by placement
    assert all(check.passed for check in both[1].checks)
    assert any("Lines posted whole are shared" in notice for notice in both[1].notices)


def test_every_placement_of_a_whole_line_has_one_price(both: tuple[Monitoring, Monitoring]) -> None:
    """What the ledger does not say is not invented: no placement of the line is dearer than another to date."""
    table = both[1].tables["outturn_by_line"]
    line = table[(table["s251_line"] == "1.2.1") & (table["placement"] != "services")]
    ratio = line["actual_to_date"] / line["forecast_to_go"]
    assert len(line) > 1
    assert float(np.ptp(ratio)) < 0.15


def said(folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        gather(load_project(folder), parse_period("2025-26-Q1"), Problems(InputError))
    return str(caught.value)


def test_whole_and_by_placement_together_are_refused(tmp_path: Path) -> None:
    folder = council(tmp_path / "c", whole=False)
    path = folder / YEAR / "ledger.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("2025-04,1.2.1,mainstream,", "2025-04,1.2.1,,", 1), encoding="utf-8")
    assert (
        "inputs/monitoring/2025-26/ledger.csv: The same line whole and by placement: line 1.2.1 in 2025-04 [HN627]\n"
        "  Give the placement of every row of the line, or of none."
    ) in said(folder)


def test_plan_years_of_a_whole_line_are_refused(tmp_path: Path) -> None:
    folder = council(tmp_path / "c", whole=True)
    path = folder / YEAR / "budget.csv"
    rows = pd.read_csv(path, dtype={"s251_line": str}).assign(plan_years=12.0)
    rows[["s251_line", "gbp", "plan_years", "basis"]].to_csv(path, index=False)
    assert "Plan-years of a whole line cannot be told apart: line 1.2.1 [HN627]" in said(folder)


def test_a_line_split_later_is_compared_whole() -> None:
    columns = ["month", "s251_line", "placement", "gbp"]
    before = pd.DataFrame([("2025-04", "1.2.3", "", 100.0)], columns=columns)
    parts = [("2025-04", "1.2.3", "a", 60.0), ("2025-04", "1.2.3", "b", 40.0)]
    assert compare_ledgers(before, pd.DataFrame(parts, columns=columns), "ledger.csv") == ()
    parts[1] = ("2025-04", "1.2.3", "b", 40.5)
    (problem,) = compare_ledgers(before, pd.DataFrame(parts, columns=columns), "ledger.csv")
    assert problem.what == "A closed month has changed: line 1.2.3, 2025-04, by £0.50"
    assert pence(0.1) + pence(0.2) == Decimal("0.30")
