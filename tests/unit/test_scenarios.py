"""Scenarios resolve to a vintage, measures and words; an override changes what it names and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from hnforecast.assumptions import Vintage, load_resolved, load_vintage, write_resolved
from hnforecast.engine.scenarios import effect_cells, resolve_scenario
from tests.fixtures_vintage import CODES, EXAMPLE, TODAY, copy_example


@pytest.fixture(scope="module")
def vintage() -> Vintage:
    return load_vintage(EXAMPLE, codes=CODES, today=TODAY)


@pytest.mark.parametrize(
    ("name", "measures"),
    [
        ("unmitigated", []),
        ("history", []),
        ("mitigated", ["annual-reviews", "local-places", "mainstream-support"]),
        ("adverse", ["annual-reviews", "local-places", "mainstream-support"]),
    ],
)
def test_a_scenario_holds_its_measures(name: str, measures: list[str], vintage: Vintage) -> None:
    scenario = resolve_scenario(vintage, name, today=TODAY)
    assert [measure.name for measure in scenario.measures] == measures
    assert scenario.vintage is vintage
    assert scenario.changes == ()
    assert scenario.title == scenario.spec.title


def test_a_list_of_measures_keeps_its_order(tmp_path: Path) -> None:
    council = copy_example(tmp_path).edit("scenarios.yaml", "measures: all", "measures: [local-places, annual-reviews]")
    scenario = resolve_scenario(council.load(), "mitigated", today=TODAY)
    assert [measure.name for measure in scenario.measures] == ["local-places", "annual-reviews"]


def test_an_override_changes_one_value_and_says_so(vintage: Vintage) -> None:
    scenario = resolve_scenario(vintage, "unmitigated", {"prices.top_up.state_special": 13000}, today=TODAY)
    assert scenario.changes == ("prices.top_up.state_special: 12,000 -> 13,000 gbp_per_plan_year",)
    changed = scenario.vintage.prices.top_up["state_special"]
    assert (changed.value, changed.mark, changed.owner) == (13000, "unverified", "command line")
    assert changed.source.startswith("Set on the command line (prices.top_up.state_special: 12,000 -> 13,000")
    assert changed.interval is not None
    assert (changed.interval.low, changed.interval.high) == pytest.approx((12350, 13650))
    others = set(vintage.values) - {"prices.top_up.state_special"}
    assert all(scenario.vintage.values[path] == vintage.values[path] for path in others)
    assert vintage.prices.top_up["state_special"].value == 12000


@pytest.mark.parametrize(
    ("path", "said", "words"),
    [
        ("demand.pipeline.agreed_share", "x0.9", "demand.pipeline.agreed_share: 0.7 -> 0.63 share"),
        ("demand.pipeline.agreed_share", "-10%", "demand.pipeline.agreed_share: 0.7 -> 0.63 share"),
        ("demand.pipeline.agreed_share", "0.63", "demand.pipeline.agreed_share: 0.7 -> 0.63 share"),
        (
            "prices.indices.school_costs.2026-27",
            0.05,
            "prices.indices.school_costs.2026-27: 0.028 -> 0.05 share_per_year",
        ),
        (
            "prices.indices.school_costs.2029-30",
            0.05,
            "prices.indices.school_costs.2029-30: 0.024 -> 0.05 share_per_year",
        ),
        ("prices.indices.school_costs", "x0.5", "prices.indices.school_costs: every year x0.5"),
        ("demand.new_plans.growth.2027", 0.1, "demand.new_plans.growth.2027: 0.03 -> 0.1 share_per_year"),
        (
            "flows.places.state_special.commissioned.2026-09",
            360,
            "flows.places.state_special.commissioned.2026-09: 350 -> 360 places",
        ),
        ("funding.block_transfer.2027-28", 5e5, "funding.block_transfer.2027-28: 0 -> 500,000 gbp_year"),
        ("flows.cease.hazard.16.fe", 0.2, "flows.cease.hazard.16.fe: 0.15 -> 0.2 share_per_year"),
        ("flows.cease.hazard.16", "+10%", "flows.cease.hazard.16: 11 rows +10%"),
        ("demand.new_plans.rate", "x1.1", "demand.new_plans.rate: 26 rows x1.1"),
        ("measures.annual-reviews.delivery", 0.5, "measures.annual-reviews.delivery: 0.9 -> 0.5 share"),
        (
            "measures.local-places.effects.1.change",
            0.2,
            "measures.local-places.effects.1.change: 0.1 -> 0.2 share",
        ),
        ("prices.line_share.otherwise_educated.1.2.7", 1, "prices.line_share.otherwise_educated.1.2.7: 1 -> 1 share"),
    ],
)
def test_what_an_override_may_name(path: str, said: object, words: str, vintage: Vintage) -> None:
    assert resolve_scenario(vintage, "unmitigated", {path: said}, today=TODAY).changes == (words,)


def test_two_overrides_of_one_table_are_both_made(vintage: Vintage) -> None:
    overrides = {"flows.cease.hazard.16.fe": 0.2, "flows.cease.hazard.17.fe": 0.25}
    table = resolve_scenario(vintage, "unmitigated", overrides, today=TODAY).vintage.flows.cease.hazard.table
    assert table is not None
    assert (table.lookup()[16, "fe"], table.lookup()[17, "fe"]) == (0.2, 0.25)
    assert table.lookup()[18, "fe"] == 0.35


def test_an_override_of_a_measure_reaches_the_scenario(vintage: Vintage) -> None:
    overrides = {"measures.annual-reviews.delivery": 0.5}
    scenario = resolve_scenario(vintage, "mitigated", overrides, today=TODAY)
    assert scenario.measures[0].delivery.value == 0.5


def test_a_range_around_nil_is_left_out(tmp_path: Path) -> None:
    council = copy_example(tmp_path)
    council.edit("prices.yaml", "value: 12000", "value: 0")
    council.edit("prices.yaml", "{low: 11400, high: 12600, level: 0.8}", "{low: 0, high: 100, level: 0.8}")
    changed = resolve_scenario(council.load(), "unmitigated", {"prices.top_up.state_special": 500}, today=TODAY)
    assert changed.vintage.prices.top_up["state_special"].interval is None


def test_a_scenario_with_overrides_is_written_and_loads_again(vintage: Vintage, tmp_path: Path) -> None:
    overrides = {"prices.top_up.state_special": 13000, "flows.cease.hazard.16": "x1.1"}
    scenario = resolve_scenario(vintage, "mitigated", overrides, today=TODAY)
    file = tmp_path / "assumptions.yaml"
    write_resolved(scenario, file)
    again = load_resolved(file, codes=CODES, today=TODAY)
    assert again.values == scenario.vintage.values
    assert again.flows.cease.hazard.rows == scenario.vintage.flows.cease.hazard.rows


def test_cells_of_effects(vintage: Vintage) -> None:
    def cells(measure: str, effect: int) -> list[tuple[str, ...]]:
        return list(effect_cells(vintage.measures[measure].effects[effect], CODES.placements))

    assert cells("local-places", 0) == [("commissioned_places", "state_special")]
    assert cells("local-places", 1)[0] == ("move", "age 11", "independent_nmss", "to state_special")
    assert cells("local-places", 2) == [("fee_uplift", "independent_nmss")]
    assert len(cells("annual-reviews", 0)) == 7 * len(CODES.placements)
    assert cells("mainstream-support", 1) == [("new_plan_rate", f"age {age}") for age in range(4, 11)]
