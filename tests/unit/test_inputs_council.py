"""Kent's folder: what was published, exactly, and contradictions found."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas
import pytest

from hnforecast.base.errors import InputError
from hnforecast.inputs import CouncilInputs, load_council, load_panel
from hnforecast.inputs.cut import council_texts

INPUTS = Path(__file__).parents[2] / "inputs"


@pytest.fixture(scope="module")
def kent() -> CouncilInputs:
    return load_council(INPUTS / "kent")


@pytest.fixture
def copy(tmp_path) -> Path:
    """A copy of Kent's folder to damage."""
    shutil.copytree(INPUTS / "codes", tmp_path / "inputs" / "codes")
    shutil.copytree(INPUTS / "kent", tmp_path / "inputs" / "kent")
    return tmp_path / "inputs" / "kent"


def change(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / f"{name}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")


def refuse(folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        load_council(folder)
    return str(caught.value)


def test_plans_each_january(kent):
    totals = kent.plans_total.set_index("census_year")["plans"]
    assert totals.loc[[2010, 2022, 2023, 2024, 2025]].tolist() == [6035, 17733, 18931, 19407, 20635]
    assert kent.notices == ()


def test_single_ages_are_those_published(kent):
    plans = kent.plans_by_single_age_placement
    by_age = plans[plans["census_year"] == 2025].groupby("age")["plans"].sum()
    assert by_age.tolist() == [
        2, 47, 615, 933, 933, 975, 1061, 1115, 1375, 1519, 1650, 1704,
        1691, 1610, 1397, 1295, 1036, 905, 331, 210, 125, 59, 46, 1,
    ]  # fmt: skip


def test_the_gap_of_2018_is_counted(kent):
    residue = kent.plans_by_placement.groupby("census_year")["of_which_residue"].sum()
    assert residue[residue > 0].to_dict() == {2018: 905}


def test_flows_and_reasons(kent):
    ceased = kent.ceased_by_reason.pivot(index="year", columns="reason", values="ceased")
    assert ceased.sum(axis="columns").tolist() == [940, 2001, 2081, 1702]
    assert ceased["transfer"].tolist() == [241, 296, 306, 369]
    assert kent.new_plans_total.set_index("year").loc[[2021, 2024], "new_plans"].tolist() == [2910, 2890]
    requests = kent.requests_assessments_timeliness.set_index("year")
    assert requests.loc[2024, ["requests_received_in_year", "requests_decided_not_to_assess"]].tolist() == [4001, 2200]


def test_outturn_by_line_group_adds_to_the_published_total(kent):
    detail = kent.s251_detail[kent.s251_detail["basis"] == "outturn"]
    outside = (detail["group"] == "place_funding") & detail["sector"].isin(["primary", "secondary"])
    signed = detail["gbp"].where(detail["sector"] != "income", -detail["gbp"])
    assert signed[~outside].sum() == pytest.approx(279.16e6, abs=0.005e6)


def test_the_high_needs_block_rebuilds_from_its_parts(kent):
    parts = kent.high_needs_block_components.pivot(index="financial_year", columns="component", values="value").fillna(
        0
    )
    rebuilt = (
        parts["nff_elements"]
        + parts["basic_entitlement_unit"] * parts["pupils_special_schools"]
        + parts["import_export_adjustment"]
        + parts["special_free_schools"]
        + parts["hospital_ap_teachers_pay_supplementary"]
        + parts["additional_allocation"]
    )
    assert (rebuilt - parts["total_high_needs_block_before_deductions"]).abs().max() < 1.0


def test_published_figures_carry_sign_unit_and_mark(kent):
    figures = kent.published_figures.set_index(["key", "financial_year_or_date"])
    assert figures.loc[("closing_before_contributions_unmitigated", "2027-28"), "value"] == -700
    assert figures.loc[("closing_before_contributions_mitigated", "2027-28"), "mark"] == "confirmed"
    assert figures.loc[("closing_balance", "2024-25"), ["value", "unit"]].tolist() == [-97.5, "gbp_m"]
    unverified = figures[figures["mark"] == "unverified"].reset_index()
    assert set(unverified["key"]) == {"safety_valve_payment", "council_contribution"}
    assert ("safety_valve_payment", "2022-23") not in set(
        zip(unverified["key"], unverified["financial_year_or_date"], strict=True)
    )
    payments = figures.loc["safety_valve_payment", "value"]
    assert payments.sum() == pytest.approx(142.0)
    assert figures.loc["council_contribution", "value"].sum() == pytest.approx(82.3)


@pytest.mark.slow
def test_the_folder_is_the_cut_of_the_panel():
    for name, text in council_texts(INPUTS / "national", "886").items():
        assert (INPUTS / "kent" / name).read_text(encoding="utf-8") == text, name


@pytest.mark.slow
def test_another_authority_can_be_cut_and_read(tmp_path):
    shutil.copytree(INPUTS / "codes", tmp_path / "inputs" / "codes")
    folder = tmp_path / "inputs" / "essex"
    folder.mkdir()
    for name, text in council_texts(INPUTS / "national", "881").items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    assert refuse(folder) == (
        "inputs/essex/population_projection.csv: A file of the council's folder is absent [HN270]"
    )
    shutil.copy(INPUTS / "kent" / "population_projection.csv", folder)
    essex = load_council(folder)
    panel = load_panel(INPUTS / "national", files=["ehcp_by_la"])
    assert essex.plans_total["plans"].tolist() == panel.one("ehcp_by_la", "881")["plans"].tolist()


def test_a_folder_that_is_missing(tmp_path):
    assert refuse(tmp_path / "inputs" / "nowhere") == "inputs/nowhere: The council's folder is missing [HN270]"


def test_an_absent_file_is_an_empty_frame_and_a_notice(copy):
    (copy / "tribunal_appeals.csv").unlink()
    council = load_council(copy)
    assert council.tribunal_appeals.columns.tolist() == [
        "year", "appeals_registered", "appealable_decisions", "appeal_rate_pct",
    ]  # fmt: skip
    assert len(council.tribunal_appeals) == 0
    assert [notice.code for notice in council.notices] == ["HN270"]


def test_a_name_not_quite_right_is_a_notice(copy):
    (copy / "tribunal_appeals.csv").rename(copy / "tribunal_appeal.csv")
    (copy / "remarks.csv").write_text("a\n1\n")
    assert [str(notice) for notice in load_council(copy).notices] == [
        "inputs/kent/tribunal_appeals.csv: A file of the council's folder is absent [HN270]",
        "inputs/kent/tribunal_appeal.csv: A file whose name is not quite one the program reads [HN271]\n"
        "  Did you mean tribunal_appeals.csv?",
    ]


def test_parts_that_do_not_add_up(copy):
    change(copy, "plans_by_band", "2025,under_5,664", "2025,under_5,6640")
    assert refuse(copy) == (
        "inputs/kent/plans_by_band.csv: The parts do not add up to the total [HN273]\n"
        "  found: 26,611 in 2025\n  expected: 20,635, as in plans_total.csv"
    )


def test_parts_that_almost_add_up_are_a_notice(copy):
    change(copy, "plans_by_band", "2025,under_5,664", "2025,under_5,665")
    assert [notice.code for notice in load_council(copy).notices] == ["HN273"]


def test_a_year_missing_from_a_series(copy):
    change(copy, "plans_total", "2015,6656,228,6884\n", "")
    assert "A year is missing from a series [HN272]\n  found: 2015" in refuse(copy)


def test_money_in_thousands_is_caught(copy):
    path = copy / "s251_series.csv"
    frame = pandas.read_csv(path)
    frame["gbp"] = frame["gbp"] / 1000
    frame.to_csv(path, index=False)
    assert (
        "inputs/kent/s251_series.csv: High needs spend is out of proportion to plans [HN275]\n"
        "  found: £14.55 a plan in 2017-18\n"
        "  expected: £1,000 to £100,000 a plan\n"
        "  Money in inputs is in pounds, not thousands.\n"
    ) in refuse(copy)


def test_more_plans_than_children(copy):
    change(copy, "population_projection", "2024,10,19781.46", "2024,10,1000")
    assert "More plans than residents of an age [HN274]" in refuse(copy)


def test_every_fault_of_every_file_in_one_report(copy):
    change(copy, "plans_total", "2025,", "2O25,")
    change(copy, "ceased_by_reason", "transfer", "tranfser")
    change(copy, "s251_detail", "outturn", "out-turn")
    message = refuse(copy)
    assert [line.split(":")[0] for line in message.splitlines() if "[HN" in line] == [
        "inputs/kent/plans_total.csv", "inputs/kent/ceased_by_reason.csv", "inputs/kent/s251_detail.csv",
    ]  # fmt: skip
