"""Measures, scenarios and overrides that do not resolve to one value a cell, and the exact message each earns."""

from __future__ import annotations

from pathlib import Path

import pytest

from hnforecast.assumptions.rules_measures import is_name
from hnforecast.base.errors import HnForecastError
from hnforecast.engine.scenarios import resolve_scenario
from tests.fixtures_vintage import TODAY, ExampleFolder, NastyCase, copy_example, read_cases

CASES = read_cases("scenarios.txt")


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_message(case: NastyCase, tmp_path: Path) -> None:
    council = copy_example(tmp_path)
    for file, old, new in case.edits:
        council.edit(file, old, new)
    assert "\n".join(council.messages()) == case.expected


def test_a_measure_by_a_name_windows_keeps(tmp_path: Path) -> None:
    council = copy_example(tmp_path)
    text = council.path("measures/annual-reviews.yaml").read_text(encoding="utf-8")
    found = council.write("measures/con.yaml", text.replace("name: annual-reviews", "name: con")).messages()
    assert found == [
        "assumptions/measures/2026-03/con.yaml:2:7  measures.con.name: not a name a measure may have [HN409]\n"
        "  found: con\n"
        "  expected: small letters, digits, - and _, at most 64, and no name Windows keeps for itself"
    ]


@pytest.mark.parametrize("name", ["..", "a b", "Reviews", "nul", "com1", "é", "", "x" * 65, "-a", "a\n"])
def test_names_that_no_file_may_have(name: str) -> None:
    assert not is_name(name)


@pytest.mark.parametrize("name", ["a", "0", "annual-reviews", "reform_2026", "x" * 64, "console"])
def test_names_that_a_file_may_have(name: str) -> None:
    assert is_name(name)


def refused(council: ExampleFolder, scenario: str, overrides: dict[str, object] | None = None) -> str:
    with pytest.raises(HnForecastError) as caught:
        resolve_scenario(council.load(), scenario, overrides, today=TODAY)
    return str(caught.value)


def test_an_unknown_scenario(tmp_path: Path) -> None:
    assert refused(copy_example(tmp_path), "mitigate") == (
        "assumptions/scenarios.yaml: Vintage 2026-03 has no such scenario [HN401]\n"
        "  found: mitigate\n"
        "  expected: unmitigated, history, mitigated, adverse\n"
        "  Did you mean 'mitigated'?"
    )


def test_a_scenario_of_another_vintage(tmp_path: Path) -> None:
    council = copy_example(tmp_path).edit("scenarios.yaml", "adverse:\n", "adverse:\n  vintages: [2022-12]\n")
    assert refused(council, "adverse").startswith(
        "assumptions/scenarios.yaml: Vintage 2026-03 has no such scenario [HN401]"
    )


def second_reviews(council: ExampleFolder, **changes: str) -> ExampleFolder:
    """A second measure that does what annual-reviews does, but for the changes."""
    text = council.path("measures/annual-reviews.yaml").read_text(encoding="utf-8")
    text = text.replace("name: annual-reviews", "name: more-reviews")
    for old, new in changes.values():
        assert old in text
        text = text.replace(old, new)
    return council.write("measures/more-reviews.yaml", text)


def test_two_measures_on_one_cell(tmp_path: Path) -> None:
    council = second_reviews(copy_example(tmp_path), ages=("ages: [18, 24]", "ages: [24, 25]"))
    assert refused(council, "mitigated") == (
        "assumptions/scenarios.yaml  mitigated: 'annual-reviews' and 'more-reviews' change the same cell [HN404]\n"
        "  found: cease_rate, age 24, mainstream\n"
        "  Order must not matter. Merge them, give them different ages or placements, or list 'annual-reviews' under "
        "`combines_with` of 'more-reviews'; then both apply."
    )


def test_two_measures_side_by_side_do_not_clash(tmp_path: Path) -> None:
    council = second_reviews(copy_example(tmp_path), ages=("ages: [18, 24]", "ages: [16, 17]"))
    assert len(resolve_scenario(council.load(), "mitigated", today=TODAY).measures) == 4


@pytest.mark.parametrize(("first", "second"), [("annual-reviews", "more-reviews"), ("more-reviews", "annual-reviews")])
def test_two_measures_on_one_cell_that_say_so(first: str, second: str, tmp_path: Path) -> None:
    council = second_reviews(copy_example(tmp_path))
    council.edit(f"measures/{first}.yaml", "statutory_note:", f"combines_with: [{second}]\nstatutory_note:")
    assert len(resolve_scenario(council.load(), "mitigated", today=TODAY).measures) == 4


def test_one_measure_twice_on_one_cell(tmp_path: Path) -> None:
    council = copy_example(tmp_path)
    effect = council.path("measures/annual-reviews.yaml").read_text(encoding="utf-8")
    effect = effect.split("effects:\n")[1].split("costs:\n")[0]
    council.edit("measures/annual-reviews.yaml", "costs:\n", f"{effect}costs:\n")
    assert refused(council, "mitigated") == (
        "assumptions/scenarios.yaml  mitigated: 'annual-reviews' changes the same cell twice [HN404]\n"
        "  found: cease_rate, age 18, mainstream\n"
        "  Merge the two effects."
    )


def test_every_placement_clashes_with_one_placement(tmp_path: Path) -> None:
    council = second_reviews(copy_example(tmp_path), one=("ages: [18, 24]", "ages: [18, 24]\n    placements: [fe]"))
    assert "cease_rate, age 18, fe" in refused(council, "mitigated")


def test_more_moved_than_there_is(tmp_path: Path) -> None:
    council = copy_example(tmp_path)
    text = council.path("measures/mainstream-support.yaml").read_text(encoding="utf-8")
    text = text.replace("name: mainstream-support", "name: more-support").replace("value: 0.3", "value: 0.8")
    text = text.replace("to_placement: mainstream", "to_placement: rp_unit").replace("new_plan_rate", "issue_rate")
    council.write("measures/more-support.yaml", text)
    assert refused(council, "mitigated") == (
        "assumptions/scenarios.yaml  mitigated: 'mainstream-support' and 'more-support' move more than everyone out of "
        "one placement [HN412]\n"
        "  found: placement_share, age 4, state_special: 1.1\n"
        "  expected: 1 or less"
    )


OVERRIDES: dict[str, tuple[dict[str, object], str]] = {
    "a path with a slip": (
        {"prices.top_up.state_speciel": 1},
        "command line  prices.top_up.state_speciel: no such value in the vintage [HN406]\n"
        "  Did you mean 'prices.top_up.state_special' or 'prices.place.state_special' or "
        "'prices.top_up.ap_hospital'?",
    ),
    "a path to a group": (
        {"demand.pipeline": 1},
        "command line  demand.pipeline: the path names a group, not a value [HN406]\n"
        "  Did you mean 'demand.pipeline.agreed_share' or 'demand.pipeline.issued_share'?",
    ),
    "a path to nowhere": (
        {"zzz": 1},
        "command line  zzz: no such value in the vintage [HN406]\n  See `hnforecast list assumptions`.",
    ),
    "words": (
        {"prices.top_up.state_special": "cheaper"},
        "command line  prices.top_up.state_special: the new value is not a number [HN407]\n"
        "  found: cheaper\n"
        "  expected: a number such as 0.06, or a factor such as x0.97 or +3%",
    ),
    "not a number": (
        {"prices.top_up.state_special": "nan"},
        "command line  prices.top_up.state_special: the new value is not a number [HN407]\n"
        "  found: nan\n"
        "  expected: a number such as 0.06, or a factor such as x0.97 or +3%",
    ),
    "yes": (
        {"prices.top_up.state_special": True},
        "command line  prices.top_up.state_special: the new value is not a number [HN407]\n"
        "  found: True\n"
        "  expected: a number such as 0.06, or a factor such as x0.97 or +3%",
    ),
    "beyond the bounds of the unit": (
        {"demand.pipeline.agreed_share": 70},
        "command line  demand.pipeline.agreed_share.value: "
        "must be a share such as 0.06 for 6% [HN114]\n"
        "  found: 70\n"
        "  expected: 0 to 1",
    ),
    "all years at once": (
        {"prices.indices.school_costs": 0.03},
        "command line  prices.indices.school_costs: has a value for each year; say which year [HN407]\n"
        "  found: 0.03\n"
        "  expected: 2025-26, 2026-27, 2027-28, 2028-29\n"
        "  Name one, such as prices.indices.school_costs.2025-26, or give a factor such as x0.97.",
    ),
    "a year that is none": (
        {"prices.indices.school_costs.2026-28": 0.03},
        "command line  prices.indices.school_costs.2026-28: is not one of its years [HN406]\n"
        "  found: 2026-28\n"
        "  expected: such as 2025-26",
    ),
    "a year that leaves a gap": (
        {"prices.indices.school_costs.2031-32": 0.03},
        "command line  prices.indices.school_costs: a year is missing in the middle [HN145]\n"
        "  found: 2025-26 to 2031-32 without 2029-30, 2030-31\n"
        "  expected: every year\n"
        "  Add the missing lines; a gap is not read as nil, nor as the year before.",
    ),
    "a year of a single value": (
        {"prices.top_up.state_special.2026-27": 13000},
        "command line  prices.top_up.state_special.2026-27: is a single value, with no years or rows [HN406]\n"
        "  found: 2026-27\n"
        "  Set prices.top_up.state_special.",
    ),
    "many rows at once": (
        {"flows.cease.hazard.16": 0.2},
        "command line  flows.cease.hazard.16: stands for 11 rows; a number needs one [HN407]\n"
        "  found: 0.2\n"
        "  expected: flows.cease.hazard.age.placement\n"
        "  Name one row, or give a factor such as x0.97.",
    ),
    "a row that is not there": (
        {"flows.cease.hazard.16.college": 0.2},
        "command line  flows.cease.hazard.16.college: is no row of the table [HN406]\n"
        "  found: 16.college\n"
        "  expected: flows.cease.hazard.age.placement",
    ),
    "shares that then miss 1": (
        {"demand.new_plans.placement_share.16.fe": 0.9},
        "command line  assumptions/2026-03/rates/new_plan_placement.csv: the shares at age 16 do not sum to 1 [HN138]\n"
        "  found: 1.3\n"
        "  expected: 1",
    ),
    "the same value twice": (
        {"demand.pipeline.agreed_share": 0.6, "demand.pipeline.agreed_share.": 0.5},
        "command line  demand.pipeline.agreed_share: two overrides change the same value: demand.pipeline.agreed_share "
        "and demand.pipeline.agreed_share. [HN404]\n"
        "  Order must not matter: keep one of the two.",
    ),
    "an age, and one placement of it": (
        {"flows.cease.hazard.16": "x0.9", "flows.cease.hazard.16.fe": 0.2},
        "command line  flows.cease.hazard: two overrides change the same value: flows.cease.hazard.16 and "
        "flows.cease.hazard.16.fe [HN404]\n"
        "  Order must not matter: keep one of the two.",
    ),
    "a year and every year": (
        {"prices.indices.school_costs.2026-27": 0.03, "prices.indices.school_costs": "x0.5"},
        "command line  prices.indices.school_costs: two overrides change the same value: "
        "prices.indices.school_costs and prices.indices.school_costs.2026-27 [HN404]\n"
        "  Order must not matter: keep one of the two.",
    ),
}


@pytest.mark.parametrize(("overrides", "message"), OVERRIDES.values(), ids=OVERRIDES)
def test_override_message(overrides: dict[str, object], message: str, tmp_path: Path) -> None:
    assert refused(copy_example(tmp_path), "unmitigated", overrides) == message


def test_every_override_that_is_wrong_is_told(tmp_path: Path) -> None:
    found = refused(copy_example(tmp_path), "unmitigated", {"a": 1, "b": 2, "prices.top_up.state_special": "x"})
    assert found.count("[HN40") == 3
