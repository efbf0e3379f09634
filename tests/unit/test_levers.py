"""Every lever through the whole model, against a hand-worked figure; measures that wait for others."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hnforecast.assumptions import Vintage
from hnforecast.base.axes import FloatArray
from hnforecast.base.timeline import month
from hnforecast.engine.draws.drawn import CENTRAL, Drawn
from hnforecast.engine.drivers.levers import levers_of
from hnforecast.engine.method import Result, central_result, lean_result
from hnforecast.engine.savings import savings_by_measure
from hnforecast.engine.scenarios import resolve_scenario
from tests.fixtures_vintage import TODAY, ExampleFolder, copy_example
from tests.oracle.attribution import shapley_shares

PROVENANCE = (
    "source: Invented, published_on: 2026-02-27, as_at: 2026-02-27, status: judgement, mark: inferred, "
    "owner: nobody, review_by: 2027-03-31"
)
HORIZON = 4


def sourced(value: str, unit: str = "share", more: str = "") -> str:
    """A value with everything a value needs."""
    return f"{{{value}, unit: {unit}, from: 2025-04, {PROVENANCE}{more}}}"


def measure(
    name: str, effects: str, *, start: str = "2026-04", ramp: int = 0, delivery: float = 1.0, more: str = ""
) -> str:
    """A measure as a file holds it."""
    delivered = sourced(f"value: {delivery}", more=", interval: {low: 0, high: 1.2, level: 0.8}")
    return (
        f"name: {name}\ntitle: {name}\nheading: Test\nowner: nobody\nrag: amber\nevidence: None\nstatus: judgement\n"
        f"source: Invented\npublished_on: 2026-02-27\nmark: inferred\nreview_by: 2027-03-31\nstart: {start}\n"
        f"ramp_months: {ramp}\nstatutory_note: Test\n{more}effects:\n{effects}delivery: {delivered}\n"
    )


def effect(driver: str, change: str, unit: str = "share", more: str = "") -> str:
    """One effect as a file holds it; `more` ends in a comma and a blank."""
    return f"  - {{driver: {driver}, {more}change: {sourced(change, unit)}}}\n"


def council(folder: Path, **measures: str) -> ExampleFolder:
    """The invented council with these measures and no others."""
    example = copy_example(folder)
    for old in example.path("measures/x.yaml").parent.glob("*.yaml"):
        old.unlink()
    for name, text in measures.items():
        example.write(f"measures/{name}.yaml", text)
    return example


def results(vintage: Vintage, scenario: str = "mitigated") -> tuple[Result, Result]:
    """The central run with the scenario's measures, and with none."""
    return tuple(  # type: ignore[return-value]
        central_result(resolve_scenario(vintage, name, today=TODAY), HORIZON, CENTRAL, {}, {})
        for name in (scenario, "unmitigated")
    )


def row(result: Result, label: str, placement: str) -> FloatArray:
    """(f,) spend of the rows of a label and placement."""
    chosen = [r for r, spend in enumerate(result.spend.rows) if (spend.label, spend.placement) == (label, placement)]
    assert chosen
    total: FloatArray = result.spend.by_year[0][:, chosen].sum(axis=1)
    return total


@pytest.mark.parametrize("driver", ["request_rate", "new_plan_rate", "agreement_rate", "issue_rate"])
def test_a_tenth_fewer_plans_for_a_third_of_need_is_a_thirtieth_fewer(driver: str, tmp_path: Path) -> None:
    part = f"ages: [5, 9], needs: [ASD], part: {sourced('value: 0.3')}, "
    vintage = council(tmp_path, fewer=measure("fewer", effect(driver, "value: -0.1", more=part))).load()
    with_it, without = results(vintage)
    year = with_it.clock.academic_years[1:].index(2027)  # the rates begin with the year of the base count
    after, before = (one.rates.new_rate[0, year, 0] for one in (with_it, without))
    assert after[5:10] == pytest.approx(0.97 * before[5:10])
    assert after[:5] == pytest.approx(before[:5])
    assert after[10:] == pytest.approx(before[10:])
    assert before[5:10].all()


def test_needs_are_parts_of_one_rate_and_add(tmp_path: Path) -> None:
    asd = effect("new_plan_rate", "value: -0.5", more=f"needs: [ASD], part: {sourced('value: 0.3')}, ")
    semh = effect("new_plan_rate", "value: -0.2", more=f"needs: [SEMH], part: {sourced('value: 0.25')}, ")
    vintage = council(tmp_path, one=measure("one", asd), two=measure("two", semh)).load()
    with_it, without = results(vintage)
    assert with_it.rates.new_rate[0, -1] == pytest.approx((1 - 0.15 - 0.05) * without.rates.new_rate[0, -1])


def test_a_price_of_one_band_moves_its_part_of_the_top_up(tmp_path: Path) -> None:
    part = f"placements: [mainstream], bands: [B3, B4], part: {sourced('value: 0.4')}, "
    vintage = council(tmp_path, bands=measure("bands", effect("unit_price", "value: -0.05", more=part))).load()
    with_it, without = results(vintage)
    before, after = (row(one, "Top-up and fees", "mainstream") for one in (without, with_it))
    years = list(without.clock.financial_years)
    assert after[years.index(2026) :] == pytest.approx(before[years.index(2026) :] * 0.98)  # 5% of 40%
    assert after[: years.index(2026)] == pytest.approx(before[: years.index(2026)])
    assert row(with_it, "Top-up and fees", "state_special") == pytest.approx(
        row(without, "Top-up and fees", "state_special")
    )


def test_a_resourced_provision_contract_at_a_tenth_less_a_place(tmp_path: Path) -> None:
    contract = effect("place_price", "value: -0.1", more="placements: [rp_unit], ")
    vintage = council(tmp_path, contract=measure("contract", contract)).load()
    with_it, without = results(vintage)
    label = "Place funding paid by the council"
    f = list(without.clock.financial_years).index(2027)
    assert row(with_it, label, "rp_unit")[f:] == pytest.approx(0.9 * row(without, label, "rp_unit")[f:])
    assert row(with_it, label, "state_special") == pytest.approx(row(without, label, "state_special"))


def test_a_school_opens_with_its_first_places_and_builds_up(tmp_path: Path) -> None:
    places = effect("commissioned_places", "by: {2027-28: 40, 2028-29: 90}", "places", "placements: [state_special], ")
    school = measure("school", places, start="2027-09", delivery=0.5)
    with_it, without = results(council(tmp_path, school=school).load())
    added = (with_it.rates.places - without.rates.places)[0]
    years = with_it.clock.academic_years[1:]
    opened = {year: float(places) for year, places in zip(years, added.sum(axis=1), strict=True)}
    assert [opened[year] for year in range(2025, 2029)] == pytest.approx([0, 0, 20, 45])  # half of 40, then of 90


def test_what_the_council_and_its_capital_pay_is_outside_the_account(tmp_path: Path) -> None:
    cost = sourced("by: {2026-27: 1000000, 2027-28: 1000000}", "gbp_year")
    costs = "costs:\n" + "".join(
        f"  - {{label: {account}, kind: investment, account: {account}, {line}cost: {cost}}}\n"
        for account, line in (("dsg", 's251_line: "1.2.8", '), ("council", ""), ("capital", ""))
    )
    buses = effect("council_cost", "value: -0.1", more="lines: [transport_pre_16], ")
    with_it, without = results(council(tmp_path, buses=measure("buses", buses, more=costs)).load())
    f = list(without.clock.financial_years).index(2026)
    assert (without.account.in_year - with_it.account.in_year)[0, f : f + 3] == pytest.approx([1e6, 1e6, 0.0])
    memo = ("SEN transport, under 16", "services")
    assert row(with_it, *memo)[f:] == pytest.approx(0.9 * row(without, *memo)[f:])


def test_ceasing_at_one_placement_acts_in_every_draw_as_delivered(tmp_path: Path) -> None:
    fewer = effect("cease_rate", "value: 0.5", more="ages: [16, 20], placements: [fe], ")
    vintage = council(tmp_path, reviews=measure("reviews", fewer)).load()
    scenario = resolve_scenario(vintage, "mitigated", today=TODAY)
    drawn = Drawn(3, {vintage.measures["reviews"].delivery.path: np.array([0.0, 0.5, 1.0])})
    lean = lean_result(scenario, HORIZON, drawn, {}, {})
    fe = vintage.codes.placements.index("fe")
    year = lean.clock.academic_years.index(2027)
    assert lean.rates.cease_factor[:, year, 18, fe] == pytest.approx([1.0, 1.25, 1.5])
    assert lean.rates.cease_factor[:, year, 18, fe - 1] == pytest.approx(1.0)
    plain = lean_result(resolve_scenario(vintage, "unmitigated", today=TODAY), HORIZON, CENTRAL, {}, {})
    assert lean.spend.by_year[0] == pytest.approx(plain.spend.by_year[0])  # nothing delivered, nothing changed
    one = lean_result(scenario, HORIZON, CENTRAL, {}, {})
    assert lean.spend.by_year[2] == pytest.approx(one.spend.by_year[0])


# Dependencies


def school_and_return(limit: str, *, start: str = "2026-04", ramp: int = 0) -> dict[str, str]:
    """A school that opens in September 2027, and the return to local schools that needs it."""
    places = effect("commissioned_places", "by: {2027-28: 20, 2028-29: 40}", "places", "placements: [state_special], ")
    move = effect("move", "value: 0.1", more="from_placement: independent_nmss, to_placement: state_special, ")
    waits = f"depends_on: [{{measure: school, limit: {limit}}}]\n"
    return {
        "school": measure("school", places, start="2026-09", delivery=0.8),
        "home": measure("home", move, start=start, ramp=ramp, more=waits),
    }


def test_nothing_is_delivered_before_what_it_depends_on_opens(tmp_path: Path) -> None:
    vintage = council(tmp_path, **school_and_return("opening", ramp=12)).load()
    home = next(levers_of(vintage.measures.values(), CENTRAL).of("move"))
    assert home.late == 17  # from April 2026 to September 2027, when the first places open
    at = {name: float(home.in_place([month(*when)])[0]) for name, when in
          {"before": (2027, 8), "opening": (2027, 9), "half": (2028, 3), "whole": (2028, 9)}.items()}  # fmt: skip
    assert at == {"before": 0.0, "opening": 0.0, "half": pytest.approx(0.5), "whole": pytest.approx(1.0)}


def test_no_more_is_delivered_than_what_it_depends_on(tmp_path: Path) -> None:
    vintage = council(tmp_path, **school_and_return("delivery")).load()
    home = next(levers_of(vintage.measures.values(), CENTRAL).of("move"))
    # 80% of a school with half its places, then all of them
    assert [float(home.in_place([month(year, 10)])[0]) for year in (2026, 2027, 2028)] == pytest.approx([0, 0.4, 0.8])


@pytest.mark.parametrize("limit", ["opening", "delivery"])
def test_shares_add_up_and_one_without_the_other_is_nothing(limit: str, tmp_path: Path) -> None:
    vintage = council(tmp_path, **school_and_return(limit)).load()
    scenario = resolve_scenario(vintage, "mitigated", today=TODAY)
    saved = {one.measure: one for one in savings_by_measure(scenario, HORIZON, {}, {}, {})}
    whole, plain = (lean_result(resolve_scenario(vintage, name, today=TODAY), HORIZON, CENTRAL, {}, {})
                    for name in ("mitigated", "unmitigated"))  # fmt: skip
    total = whole.account.in_year - plain.account.in_year
    assert saved["home"].central + saved["school"].central == pytest.approx(total[0], abs=0.01)
    assert saved["home"].alone == pytest.approx(0.0, abs=0.01)
    assert np.abs(saved["home"].central).max() > 1000  # with the school it does something
    turned = copy_order(tmp_path / "turned", limit)
    again = {one.measure: one for one in savings_by_measure(turned, HORIZON, {}, {}, {})}
    for name, one in saved.items():
        assert again[name].central == pytest.approx(one.central, abs=0.01)


def test_shares_are_those_of_every_order_worked_out_set_by_set(tmp_path: Path) -> None:
    texts = {
        **school_and_return("delivery"),
        "fees": measure("fees", effect("fee_uplift", "value: -0.5", more="placements: [independent_nmss], ")),
    }
    vintage = council(tmp_path, **texts).load()
    scenario = resolve_scenario(vintage, "mitigated", today=TODAY)

    @cache
    def worth(joined: frozenset[str]) -> float:
        """In-year position of the last year with these measures and no others in the scenario, over none."""
        chosen = tuple(one for one in scenario.measures if one.name in joined)
        return float(
            lean_result(replace(scenario, measures=chosen), HORIZON, CENTRAL, {}, {}).account.in_year[0, -1]
            - lean_result(replace(scenario, measures=()), HORIZON, CENTRAL, {}, {}).account.in_year[0, -1]
        )

    expected = shapley_shares(tuple(texts), worth)
    for saving in savings_by_measure(scenario, HORIZON, {}, {}, {}):
        assert saving.central[-1] == pytest.approx(expected[saving.measure], abs=0.01)


def copy_order(folder: Path, limit: str):  # type: ignore[no-untyped-def]
    """The same scenario with its measures named the other way round."""
    example = council(folder, **school_and_return(limit))
    example.edit("scenarios.yaml", "measures: all", "measures: [school, home]")
    return resolve_scenario(example.load(), "mitigated", today=TODAY)


@settings(max_examples=10, deadline=None)
@given(st.floats(0, 1.2), st.floats(0, 1.2), st.integers(2026, 2030), st.integers(1, 12))
def test_a_limited_measure_is_never_ahead_of_its_limit(
    tmp_path_factory: pytest.TempPathFactory, school: float, home: float, year: int, of_year: int
) -> None:
    vintage = limited(tmp_path_factory)
    paths = {name: vintage.measures[name].delivery.path for name in ("school", "home")}
    drawn = Drawn(1, {paths["school"]: np.array([school]), paths["home"]: np.array([home])})
    lever = next(levers_of(vintage.measures.values(), drawn).of("move"))
    opened = 1.0 if (year, of_year) >= (2028, 9) else 0.5 if (year, of_year) >= (2027, 9) else 0.0
    assert float(lever.in_place([month(year, of_year)])[0]) == pytest.approx(min(home, school * opened))


_LIMITED: dict[str, Vintage] = {}


def limited(factory: pytest.TempPathFactory) -> Vintage:
    """The council with a limited measure, read once."""
    if "it" not in _LIMITED:
        _LIMITED["it"] = council(factory.mktemp("limited"), **school_and_return("delivery")).load()
    return _LIMITED["it"]


# What is refused


def refusals(folder: Path, **measures: str) -> str:
    return "\n".join(council(folder, **measures).messages())


def test_parts_need_their_share_and_a_known_need(tmp_path: Path) -> None:
    alone = measure("alone", effect("new_plan_rate", "value: -0.1", more="needs: [ASD], "))
    assert "go together [HN410]" in refusals(tmp_path / "a", alone=alone)
    odd = measure("odd", effect("new_plan_rate", "value: -0.1", more=f"needs: [ASX], part: {sourced('value: 0.2')}, "))
    assert "no such need [HN410]" in refusals(tmp_path / "b", odd=odd)


def test_parts_that_are_more_than_the_whole_are_refused(tmp_path: Path) -> None:
    names = {"one": ("ASD", 0.7), "two": ("SEMH", 0.5)}
    texts = {}
    for name, (need, part) in names.items():
        more = f"needs: [{need}], part: {sourced(f'value: {part}')}, "
        texts[name] = measure(name, effect("issue_rate", "value: -0.1", more=more))
    with pytest.raises(Exception, match="more than the whole"):
        resolve_scenario(council(tmp_path, **texts).load(), "mitigated", today=TODAY)


def test_a_need_inside_a_rate_already_changed_is_counted_once(tmp_path: Path) -> None:
    whole = measure("whole", effect("new_plan_rate", "value: -0.1"))
    part = measure("part", effect("request_rate", "value: -0.1", more=f"needs: [ASD], part: {sourced('value: 0.3')}, "))
    with pytest.raises(Exception, match="change the same cell"):
        resolve_scenario(council(tmp_path, whole=whole, part=part).load(), "mitigated", today=TODAY)


def test_circles_and_unknown_names_are_refused(tmp_path: Path) -> None:
    pair = school_and_return("opening")
    circle = pair["school"].replace("effects:", "depends_on: [{measure: home, limit: delivery}]\neffects:", 1)
    assert "in a circle [HN411]" in refusals(tmp_path / "a", home=pair["home"], school=circle)
    assert "no such measure [HN402]" in refusals(tmp_path / "b", home=pair["home"])


def test_a_cost_on_the_grant_needs_its_line(tmp_path: Path) -> None:
    cost = sourced("by: {2026-27: 1000000}", "gbp_year")
    text = measure("dear", effect("fee_uplift", "value: -0.1"), more=f"costs:\n  - {{label: x, cost: {cost}}}\n")
    assert "needs `s251_line` [HN111]" in refusals(tmp_path, dear=text)
