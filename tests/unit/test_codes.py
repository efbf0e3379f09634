"""The code lists: complete, in order, and every published plan counted once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas
import pytest

from hnforecast.base.codes import Codes, codes_folder, load_codes, place_columns
from hnforecast.base.errors import InputError

INPUTS = Path(__file__).parents[2] / "inputs"


@pytest.fixture(scope="module")
def codes() -> Codes:
    return load_codes(INPUTS / "codes")


def test_placements_are_those_of_the_design_in_its_order(codes):
    assert codes.placements == (
        "mainstream", "rp_unit", "state_special", "independent_nmss", "fe", "specialist_post_16",
        "ap_hospital", "early_years", "otherwise_educated", "home_or_none", "not_recorded",
    )  # fmt: skip
    assert codes.residue == "not_recorded"


def test_the_seven_groups_of_the_dfe_in_template_order(codes):
    assert codes.group_order == (
        "Mainstream schools or academies",
        "Resourced provision or SEN units",
        "Maintained special schools or special academies",
        "NMSS or independent schools",
        "Hospital schools or alternative provisions",
        "Post 16",
        "Other",
    )
    assert [placement for group in codes.group_order for placement in codes.placements_in(group)].count("fe") == 1
    assert codes.placements_in("Other") == ("early_years", "otherwise_educated", "home_or_none", "not_recorded")


def test_every_line_has_an_account_and_every_placement_a_line_of_the_grant(codes):
    council = [line for line in codes.lines if codes.line_accounts[line] == "council"]
    assert council == ["2.1.1", "2.1.2", "2.1.4", "2.1.6", "2.1.7"]
    assert {codes.line_accounts[line] for line in codes.top_up_lines.values()} == {"dsg"}
    assert [line for line in codes.lines if line.startswith("1.2.")] == [f"1.2.{number}" for number in range(1, 14)]


def test_ages_have_one_band_each(codes):
    assert [codes.band_of(age) for age in (0, 4, 5, 15, 16, 19, 20, 25)] == [
        "under_5", "under_5", "5_10", "11_15", "16_19", "16_19", "20_25", "20_25",
    ]  # fmt: skip
    with pytest.raises(InputError, match="Age 26 is in no age band"):
        codes.band_of(26)


def test_needs_cover_the_plan_template(codes):
    assert len(codes.needs) == 13
    assert codes.plan_labels["not_recorded"] == "SEN support but no specialist assessment of type of need"


@pytest.mark.parametrize(
    ("file", "total"),
    [("ehcp_by_la_placement_2019_2025", "ehcplans"), ("newplans_by_la_placement_2019_2024", "new_ehc_plans")],
)
def test_placements_of_every_published_row_sum_to_its_total(codes, file, total):
    frame = pandas.read_csv(INPUTS / "national" / f"{file}.csv", dtype={"old_la_code": str})
    placed = codes.place_columns(frame, total)
    summed = placed[list(codes.placements)].sum(axis="columns")
    assert (summed == frame[total]).all()
    assert (placed["residue"] >= 0).all()
    # Published subtotals are no placements and stay as they were.
    assert placed["mainstream_total"].equals(frame["mainstream_total"])


def test_kent_january_2025_by_placement(codes):
    frame = pandas.read_csv(INPUTS / "national" / "ehcp_by_la_placement_2019_2025.csv", dtype={"old_la_code": str})
    kent = codes.place_columns(frame[(frame["old_la_code"] == "886") & (frame["year"] == 2025)], "ehcplans")
    assert kent[list(codes.placements)].iloc[0].tolist() == [6224, 1075, 6427, 1776, 2024, 928, 19, 66, 877, 905, 314]


def test_plans_that_no_column_holds_go_to_the_residue_and_are_counted(codes):
    frame = pandas.DataFrame({"year": [2024, 2025], "ehcplans": [10.0, 12.0], "mainstream_academy": [7.0, None]})
    placed = place_columns(frame, "ehcplans", codes)
    assert placed["mainstream"].tolist() == [7, 0]
    assert placed["not_recorded"].tolist() == [3, 12]
    assert placed["residue"].tolist() == [3, 12]


def test_parts_above_their_total_are_refused_or_stand(codes):
    frame = pandas.DataFrame({"year": [2025], "ehcplans": [5.0], "mainstream_academy": [7.0]})
    with pytest.raises(InputError) as caught:
        place_columns(frame, "ehcplans", codes)
    assert str(caught.value) == (
        "Placement columns add to more than 'ehcplans' [HN223]\n  found: year 2025, ehcplans 5.0\n"
        "  expected: parts no greater than the total (they exceed it by 2)"
    )
    assert place_columns(frame, "ehcplans", codes, strict=False)["mainstream"].tolist() == [7]


def test_a_table_without_placement_columns_is_refused(codes):
    with pytest.raises(InputError, match="No placement columns beside 'ehcplans'"):
        place_columns(pandas.DataFrame({"ehcplans": [1]}), "ehcplans", codes)


BROKEN = {
    "repeated code": ("streams", "other,Other", "other,Other\nother,Again", "Code given twice [HN220]"),
    "unknown placement": ("placement_columns", ",mainstream,\n", ",mainstraem,\n", "names an unknown code [HN220]"),
    "gap between bands": ("age_bands", "5_10,5,10", "5_10,6,10", "Age bands leave a gap or overlap [HN220]"),
    "wrong header": ("needs", "need,label", "need,name", "Wrong header [HN220]"),
    "words for a number": ("needs", "Disorder,1,", "Disorder,one,", "Not a whole number [HN220]"),
    "empty value": ("streams", "deductions,Deductions", "deductions,", "Empty value in a code list [HN220]"),
}


@pytest.mark.parametrize(("name", "old", "new", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_list_is_refused(tmp_path, name, old, new, message):
    shutil.copytree(INPUTS / "codes", tmp_path / "codes")
    path = tmp_path / "codes" / f"{name}.csv"
    text = path.read_text(encoding="utf-8")
    start = text.index(old)
    line_end = text.index("\n", start + len(old) - 1) if name == "streams" else start + len(old)
    path.write_text(text[:start] + new + text[line_end:], encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_codes(tmp_path / "codes")
    assert message in str(caught.value)


def test_a_missing_folder_names_every_list(tmp_path):
    with pytest.raises(InputError) as caught:
        load_codes(tmp_path)
    assert len(caught.value.problems) == 8


def test_a_council_with_its_own_levers_alone_keeps_the_lists_of_the_tool(tmp_path):
    own = tmp_path / "inputs" / "codes"
    own.mkdir(parents=True)
    shutil.copy(INPUTS / "codes" / "levers.csv", own)
    assert load_codes(codes_folder(tmp_path)) == load_codes(INPUTS / "codes")
    shutil.copy(INPUTS / "codes" / "s251_groups.csv", own)
    with pytest.raises(InputError, match="A code list is missing"):
        load_codes(codes_folder(tmp_path))
