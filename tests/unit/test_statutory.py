"""The legal floor: what looks like refusing a duty is flagged with its answer, and ending one is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from hnforecast.assumptions import load_vintage
from hnforecast.assumptions.statutory import SECTIONS, Flag, flag_summary, flags_of
from tests.fixtures_vintage import ROOT
from tests.unit.test_levers import council, effect, measure, sourced

BASIS = (
    "statutory_basis: {text: Support comes earlier, status: officer_view, by: Head of SEND, on: 2026-02-01, "
    "sections: [SECTIONS]MORE}\n"
)


def flags(folder: Path, effects: str, more: str = "") -> tuple[Flag, ...]:
    """The flags of one measure of the invented council."""
    vintage = council(folder, one=measure("one", effects, more=more)).load()
    return flags_of(vintage.measures["one"], vintage.prices.top_up)


@pytest.mark.parametrize(
    ("driver", "change", "more", "section", "words"),
    [
        ("agreement_rate", -0.05, "ages: [5, 9], ", "36", "lowers the share of requests"),
        ("issue_rate", -0.05, "", "37", "lowers the share of assessments"),
        ("new_plan_rate", -0.05, "", "37", "lowers new plans"),
        ("cease_rate", 0.2, "ages: [10, 15], ", "45", "children under 16 among them"),
        ("cease_rate", 0.2, "ages: [19, 24], ", "45", "cease at ages 19 to 24"),
        ("unit_price", -0.05, "placements: [mainstream], ", "42", "at mainstream"),
        ("place_price", -0.05, "placements: [rp_unit], ", "42", "at rp_unit"),
        ("move", 0.05, "from_placement: state_special, to_placement: home_or_none, ", "44", "nothing is paid for"),
    ],
)  # fmt: skip
def test_it_is_flagged_with_its_section(
    driver: str, change: float, more: str, section: str, words: str, tmp_path: Path
) -> None:
    found = flags(tmp_path, effect(driver, f"value: {change}", more=more))
    assert [flag.section for flag in found] == [section]
    assert words in str(found[0])
    assert SECTIONS[section] in str(found[0])
    assert not found[0].answered
    assert found[0].answer == "Test"  # the measure's note


@pytest.mark.parametrize(
    ("driver", "change", "more"),
    [
        ("agreement_rate", 0.05, ""),
        ("request_rate", -0.1, ""),  # a request that nobody needs to make is not refused
        ("cease_rate", -0.2, ""),
        ("fee_uplift", -0.3, "placements: [independent_nmss], "),
        ("move", 0.05, "from_placement: independent_nmss, to_placement: state_special, "),
    ],
)
def test_what_refuses_nobody_is_not_flagged(driver: str, change: float, more: str, tmp_path: Path) -> None:
    assert flags(tmp_path, effect(driver, f"value: {change}", more=more)) == ()


def test_fewer_places_commissioned_are_flagged(tmp_path: Path) -> None:
    fewer = effect("commissioned_places", "by: {2027-28: -10}", "places", "placements: [state_special], ")
    assert [flag.section for flag in flags(tmp_path, fewer)] == ["42"]


def test_an_answer_is_shown_with_whose_view_it_is(tmp_path: Path) -> None:
    ceasing = effect("cease_rate", "value: 0.2")
    (flag,) = flags(tmp_path, ceasing, BASIS.replace("SECTIONS", '"45"').replace("MORE", ""))
    assert flag.answered
    assert flag.answer == "Support comes earlier (officer view, Head of SEND, 2026-02-01)"
    assert flag_summary([flag], 1)[0].endswith(
        "each gives its statutory basis. `hnforecast check` shows each flag with what the measure says."
    )


def test_an_answer_to_another_section_answers_nothing(tmp_path: Path) -> None:
    (flag,) = flags(tmp_path, effect("cease_rate", "value: 0.2"), BASIS.replace("SECTIONS", '"36"').replace("MORE", ""))
    assert not flag.answered


def test_fewer_assessments_need_to_say_what_meets_the_need(tmp_path: Path) -> None:
    fewer, basis = effect("agreement_rate", "value: -0.1"), BASIS.replace("SECTIONS", '"36"')
    (without,) = flags(tmp_path / "a", fewer, basis.replace("MORE", ""))
    assert not without.answered
    assert "does not say in `need_met_by`" in without.answer
    (with_it,) = flags(tmp_path / "b", fewer, basis.replace("MORE", ", need_met_by: Support in schools"))
    assert with_it.answered
    assert "Need met by: Support in schools." in str(with_it)


@pytest.mark.parametrize("driver", ["agreement_rate", "issue_rate", "new_plan_rate", "unit_price"])
def test_ending_a_duty_is_refused_whatever_it_answers(driver: str, tmp_path: Path) -> None:
    text = measure(
        "never", effect(driver, "value: -1"), more=BASIS.replace("SECTIONS", '"36", "37"').replace("MORE", "")
    )
    (message,) = council(tmp_path, never=text).messages()
    assert "a measure may not assume that" in message
    assert "[HN413]" in message


def test_half_of_one_need_is_no_end_of_a_duty(tmp_path: Path) -> None:
    part = f"needs: [ASD], part: {sourced('value: 0.3')}, "
    assert flags(tmp_path, effect("new_plan_rate", "value: -0.5", more=part))


def test_signed_off_measures_load_and_their_flags_are_told() -> None:
    vintage = load_vintage(ROOT, "2026-03")
    found = [flag for one in vintage.measures.values() for flag in flags_of(one, vintage.prices.top_up)]
    assert {flag.section for flag in found} == {"36", "37", "42", "45"}
    assert not any(flag.answered for flag in found)  # their notes are older than the question
    (sentence,) = flag_summary(found, len(vintage.measures))
    assert sentence.startswith("7 of 11 measures look like working against a duty")
