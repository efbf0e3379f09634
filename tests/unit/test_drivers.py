"""What drawn values, measures and the vintage do to rates, prices, spend, funding and support, each worked by hand."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from hnforecast.assumptions import Interval, Vintage
from hnforecast.base.axes import FloatArray
from hnforecast.base.timeline import month
from hnforecast.engine.demand_path import HistoryPath, solve_window_factor
from hnforecast.engine.draws import SEED
from hnforecast.engine.draws.drawn import CENTRAL, Drawn
from hnforecast.engine.draws.sample import draw_values, two_piece
from hnforecast.engine.draws.sobol import normal_block
from hnforecast.engine.drivers.flows import flow_rates, level, windows
from hnforecast.engine.drivers.funding import deductions, funding_streams
from hnforecast.engine.drivers.levers import Levers, levers_of
from hnforecast.engine.drivers.prices import year_growth
from hnforecast.engine.drivers.support import account_rules, contributions_before
from hnforecast.engine.drivers.tables import forecast_clock
from hnforecast.engine.forecast import load_project, run_forecast
from hnforecast.engine.method import Result, central_result, lean_result
from hnforecast.engine.model.state import Clock, FlowRates
from hnforecast.engine.scenarios import Scenario, resolve_scenario
from tests.fixtures_forecast import EXAMPLE
from tests.fixtures_vintage import TODAY
from tests.unit.test_levers import HORIZON, council, effect, measure, results, row, sourced

NONE = Levers(())
# Windows are solved one after another, and the next one's plans also ask for the places of the same academic year.
MET = 1e-5


@cache
def vintage() -> Vintage:
    return load_project(EXAMPLE).vintage


def clock_of(made: Vintage) -> Clock:
    return forecast_clock(made.manifest.base_census, made.manifest.first_forecast_year, HORIZON)


def rates(made: Vintage, drawn: Drawn = CENTRAL, levers: Levers = NONE) -> FlowRates:
    return flow_rates(made, levers, clock_of(made), drawn)


def scenario(name: str, made: Vintage | None = None) -> Scenario:
    return resolve_scenario(made or vintage(), name, today=TODAY)


# Rates of the flow


def test_an_academic_year_ends_one_january_and_begins_the_next() -> None:
    autumn, spring = windows(2025)
    assert autumn == (2026, range(month(2025, 9), month(2026, 2)))
    assert spring == (2027, range(month(2026, 2), month(2026, 9)))


def test_a_tenth_fewer_new_plans_from_the_month_a_measure_starts(tmp_path: Path) -> None:
    made = council(tmp_path, fewer=measure("fewer", effect("new_plan_rate", "value: -0.1"), start="2026-09")).load()
    with_it, without = (one.rates.new_rate[0] for one in results(made))
    y = results(made)[0].clock.academic_years[1:].index(2026)
    np.testing.assert_allclose(with_it[:y], without[:y])
    np.testing.assert_allclose(with_it[y:], 0.9 * without[y:])
    assert without[y:].any()


def test_new_plans_moved_from_one_placement_are_at_another(tmp_path: Path) -> None:
    change = effect("placement_share", "value: 0.3", more="from_placement: state_special, to_placement: mainstream, ")
    made = council(tmp_path, shifted=measure("shifted", change)).load()
    found = rates(made, levers=levers_of(scenario("mitigated", made).measures, CENTRAL))
    origin, to = (made.codes.placements.index(name) for name in ("state_special", "mainstream"))
    np.testing.assert_allclose(found.share_shift[0, :, :, 0, origin], -0.3 * found.new_share[:, :, 0, origin])
    np.testing.assert_allclose(found.share_shift[0, :, :, 0, to], 0.3 * found.new_share[:, :, 0, origin])
    assert found.new_share[:, :, 0, origin].any()


def test_plans_moved_in_september_leave_one_placement_for_another(tmp_path: Path) -> None:
    named = "from_placement: independent_nmss, to_placement: state_special, ages: [10, 11], "
    change = effect("move", "value: 0.2", more=named)
    made = council(tmp_path, moved=measure("moved", change)).load()
    found = rates(made, levers=levers_of(scenario("mitigated", made).measures, CENTRAL))
    origin, to = (made.codes.placements.index(name) for name in ("independent_nmss", "state_special"))
    wanted = np.zeros_like(found.move_shift[0, 0])
    wanted[10:12, origin, origin], wanted[10:12, origin, to] = -0.2, 0.2
    np.testing.assert_allclose(found.move_shift[0], np.broadcast_to(wanted, found.move_shift[0].shape))


def test_a_factor_on_ceasing_is_that_of_the_january_the_year_leads_to(tmp_path: Path) -> None:
    written = "by: {2025: 1.0, 2026: 1.0}"
    example = council(tmp_path).edit("flows.yaml", written, written.replace("}", ", 2027: 0.5}"))
    made, years = example.load(), clock_of(example.load()).academic_years
    found = rates(made).cease
    y = years.index(2026)
    np.testing.assert_allclose(found[y], 0.5 * found[y - 1])
    assert found[y - 1].any()


def test_drawn_shifts_and_factors_act_as_they_are_drawn() -> None:
    made = vintage()
    places = next(iter(made.flows.places.values())).commissioned.path
    drawn = Drawn(
        2,
        factors={
            made.demand.new_plans.rate.path: np.array([1.0, 1.2]),
            made.flows.cease.hazard.path: np.array([1.0, 0.7]),
            places: np.array([1.0, 1.5]),
        },
        shifts={made.flows.net_other.path: np.array([0.0, 0.01])},
    )
    found = rates(made, drawn)
    np.testing.assert_allclose(found.new_rate[1], 1.2 * found.new_rate[0])
    np.testing.assert_allclose(found.cease_factor[1], 0.7 * found.cease_factor[0])
    np.testing.assert_allclose(found.places[1, :, 0], 1.5 * found.places[0, :, 0])
    np.testing.assert_allclose(found.other[1], found.other[0] + 0.01)


def test_growth_is_drawn_as_far_as_it_is_written_and_no_further() -> None:
    made = vintage()
    growth = made.demand.new_plans.growth
    drawn = Drawn(1, shifts={growth.path: np.array([0.02])})
    written = growth.by or {}
    base, last = made.manifest.base_census, max(written)
    by_hand = 1.0
    for year in range(base + 1, last + 1):
        by_hand *= 1.0 + written[year] + 0.02
    assert level(made, last, drawn) == pytest.approx([by_hand])
    assert level(made, last + 2, drawn) == pytest.approx([by_hand])


def test_a_drawn_population_is_that_of_every_age() -> None:
    made = scenario("unmitigated")
    path = made.vintage.population.children.path
    drawn = Drawn(2, factors={path: np.array([1.0, 1.05])})
    children = lean_result(made, HORIZON, drawn, {}, {}).population.children
    np.testing.assert_allclose(children[1], 1.05 * children[0])


# Prices and spend


def test_an_index_is_moved_by_what_is_drawn_and_by_the_measure_on_fees() -> None:
    made = vintage()
    price = made.prices.top_up["independent_nmss"]
    index = made.prices.indices[str(price.uprate_by)]
    year = made.manifest.first_forecast_year + 1
    drawn = Drawn(2, factors={index.path: np.array([1.0, 2.0])}, shifts={index.path: np.array([0.01, 0.0])})
    written = index.at(year, 0.0)
    assert year_growth(made, price, year, drawn, [], {}) == pytest.approx([written + 0.01, 2.0 * written])
    year += 2
    written = index.at(year, 0.0)
    levers = levers_of(scenario("mitigated").measures, CENTRAL)
    (uplift,) = levers.of("fee_uplift")
    reached = float(uplift.amount([month(year, price.uplift_month)])[0])
    assert reached < 0 < written
    assert year_growth(made, price, year, CENTRAL, [uplift], {}) == pytest.approx([written * (1.0 + reached)])


def test_income_lowers_what_services_cost() -> None:
    made = central_result(scenario("unmitigated"), HORIZON, CENTRAL, {}, {})
    (income,) = [r for r, one in enumerate(made.spend.rows) if one.kind == "income"]
    assert (made.spend.by_year[0, :, income] < 0).all()
    assert made.spend.by_year[0, 0, income] == pytest.approx(-50_000)


def with_costs(folder: Path, account: str, delivery: float = 1.0) -> tuple[Result, Result]:
    cost = f"  - {{label: Team, kind: running, account: {account}, "
    line = 's251_line: "1.2.5", '
    amount = sourced("by: {2026-27: 100000}", "gbp_year")
    text = measure(
        "team", effect("new_plan_rate", "value: -0.1"), delivery=delivery,
        more=f"costs:\n{cost}{line}cost: {amount}}}\n",
    )  # fmt: skip
    return results(council(folder, team=text).load())


@pytest.mark.parametrize(("account", "paid"), [("dsg", 100_000.0), ("council", 0.0)])
def test_a_measure_costs_the_grant_what_the_grant_pays(tmp_path: Path, account: str, paid: float) -> None:
    with_it, without = with_costs(tmp_path, account)
    f = with_it.clock.financial_years.index(2026)
    label = [r for r, one in enumerate(with_it.spend.rows) if one.label == "Team"]
    assert len(label) == (1 if paid else 0)
    assert with_it.spend.by_year[0, f, label].sum() == pytest.approx(paid)
    assert len(with_it.spend.rows) - len(without.spend.rows) == len(label)


def test_a_measure_that_is_not_run_costs_nothing(tmp_path: Path) -> None:
    with_it, without = with_costs(tmp_path, "dsg", delivery=0.0)
    np.testing.assert_allclose(with_it.account.in_year, without.account.in_year, atol=0.01)


def test_a_request_costs_advice_whether_or_not_it_ends_in_a_plan() -> None:
    made = central_result(scenario("unmitigated"), HORIZON, CENTRAL, {}, {})
    cost = vintage().services.council["psychology"]
    assert cost.per == "request"
    pipeline = vintage().demand.pipeline
    f = made.clock.financial_years.index(2025)
    months = [t for t, m in enumerate(made.clock.months) if month(2025, 4) <= m < month(2026, 4)]
    requests = made.plans.new[0, months].sum() / (pipeline.agreed_share.at(0) * pipeline.issued_share.at(0))
    (r,) = [r for r, one in enumerate(made.spend.rows) if one.label == cost.label]
    growth = year_growth(vintage(), cost.cost, 2025, CENTRAL, [], {})[0]
    assert made.spend.by_year[0, f, r] == pytest.approx(0.7 * 900 * (1 + growth) * requests)


def test_pounds_by_year_land_in_their_years(tmp_path: Path) -> None:
    change = effect("block_transfer", "by: {2026-27: 300000, 2027-28: 100000}", unit="gbp_year")
    made = council(tmp_path, transfer=measure("transfer", change, delivery=0.5)).load()
    with_it, without = results(made)
    stream = with_it.funding.streams.index("block_transfer")
    moved = (with_it.funding.by_year - without.funding.by_year)[0, :, stream]
    years = with_it.clock.financial_years
    assert dict(zip(years, moved, strict=True)) == pytest.approx(
        {year: {2026: 150_000.0, 2027: 50_000.0}.get(year, 0.0) for year in years}
    )


# Funding and support


def test_streams_add_up_to_the_block_less_what_is_paid_direct() -> None:
    made = vintage()
    years = (2025, 2026, 2027)
    streams = {name: values[0] for name, values in funding_streams(made, NONE, years, CENTRAL).items()}
    np.testing.assert_allclose(streams["high_needs_block"] + streams["import_export"], [17.6e6, 18e6, 18e6 * 1.03])
    np.testing.assert_allclose(streams["import_export"], [-60_000] * 3)
    np.testing.assert_allclose(streams["deductions"], [-2e6, -2e6 * 1.02, -2e6 * 1.02**2])
    np.testing.assert_allclose(streams["block_transfer"], [200_000, 0, 0])
    np.testing.assert_allclose(deductions(made, years, CENTRAL)[0], -streams["deductions"])
    drawn = Drawn(1, shifts={made.funding.high_needs_block.growth.path: np.array([0.01])})
    assert funding_streams(made, NONE, (2028,), drawn)["high_needs_block"][0, 0] == pytest.approx(
        18e6 * 1.04 * 1.035 + 60_000
    )


def rules_of(name: str, years: tuple[int, ...], made: Vintage | None = None, **spec: object):  # type: ignore[no-untyped-def]
    one = scenario(name, made)
    in_year = np.full((1, len(years)), -1e6)
    return account_rules(one.vintage, years, one.spec.model_copy(update=spec), in_year, CENTRAL)


def test_contributions_before_a_year_are_those_of_the_years_before_it() -> None:
    assert contributions_before(vintage(), 2025) == 0.0
    assert contributions_before(vintage(), 2026) == 2_000_000.0
    assert contributions_before(vintage(), 2027) == 3_500_000.0


def test_an_opening_that_was_not_published_is_worked_back_from_the_first_closing() -> None:
    made = vintage()
    known = {key: value for key, value in (made.support.balance.by or {}).items() if key == month(2025, 3)}
    balance = made.support.balance.model_copy(update={"by": known})
    support = made.support.model_copy(update={"balance": balance, "instruments": made.support.instruments})
    payments = made.support.instruments["safety_valve"].payments
    assert payments is not None
    paid = payments.model_copy(update={"by": {**(payments.by or {}), 2024: 300_000.0}})
    valve = made.support.instruments["safety_valve"].model_copy(update={"payments": paid})
    support = support.model_copy(update={"instruments": {**support.instruments, "safety_valve": valve}})
    rules = rules_of("mitigated", (2024, 2025), replace(made, support=support))
    # 4.1m short after a year that lost 1m and was paid 0.3m
    assert rules.opening == pytest.approx([-4_100_000 + 1_000_000 - 300_000])
    assert rules.outturn_closing == {0: -4_100_000}


def test_support_ends_when_the_scenario_ends_it_and_only_what_is_chosen_pays() -> None:
    years = (2024, 2025, 2026, 2027)

    def paid(name: str, **spec: object) -> list[float]:
        (one,) = [each for each in rules_of("mitigated", years, **spec).instruments if each.name == name]
        return [float(value) for value in one.payments[0]]

    assert paid("safety_valve") == [0.0, 1_500_000.0, 1_000_000.0, 1_000_000.0]
    assert paid("safety_valve", support_ends={"safety_valve": 2025}) == [0.0, 1_500_000.0, 0.0, 0.0]
    assert paid("safety_valve", support=()) == [0.0, 0.0, 0.0, 0.0]


# Draws


def test_a_two_piece_interval_holds_its_ends_where_they_are() -> None:
    interval = Interval(low=80.0, high=150.0, level=0.8)
    ends = np.array([-1.2815515655446004, 0.0, 1.2815515655446004])
    np.testing.assert_allclose(two_piece(100.0, interval, ends), [80.0, 100.0, 150.0])
    half = two_piece(100.0, interval, np.array([-0.5, 0.5]))
    np.testing.assert_allclose(half - 100.0, [-20 * 0.5 / ends[2], 50 * 0.5 / ends[2]])


def test_drivers_are_drawn_as_wide_and_as_correlated_as_written() -> None:
    made, draws = vintage(), 8192
    drawn = draw_values(made, normal_block(draws, SEED), {})
    paths = [made.uncertainty.drivers[name].acts_on for name in ("new_plan_rate", "cease_hazard")]
    logs = [np.log(drawn.factors[path]) for path in paths]
    (pair,) = made.uncertainty.correlations
    # a correlation from so many draws errs by (1 - r^2) / root n; two-piece margins bend it by less than that
    allowed = 4 * (1 - pair.value**2) / draws**0.5
    assert np.corrcoef(logs)[0, 1] == pytest.approx(pair.value, abs=allowed)
    for name, factors in zip(("new_plan_rate", "cease_hazard"), logs, strict=True):
        interval = made.uncertainty.drivers[name].interval
        inside = (factors >= np.log(interval.low)) & (factors <= np.log(interval.high))
        assert inside.mean() == pytest.approx(interval.level, abs=4 * (0.16 / draws) ** 0.5)
        assert (factors < np.log(interval.low)).mean() == pytest.approx(0.1, abs=4 * (0.09 / draws) ** 0.5)


# What history gives


def test_prices_of_history_grow_by_unit_cost_and_plans_meet_its_path() -> None:
    made = run_forecast(load_project(EXAMPLE), "history", horizon=7, savings=False)
    assert all(-0.1 < growth < 0.2 for growth in made.history_growth.values())
    counts = dict(zip(made.clock.censuses, made.plans.january[0].sum(axis=(1, 2)), strict=True))
    for census, wanted in made.demand_path.items():
        assert counts[census] == pytest.approx(wanted, rel=MET)
    beyond = [value for census, value in made.window_factor.items() if census > max(made.demand_path)]
    assert beyond
    assert set(beyond) == {made.window_factor[max(made.demand_path)]}
    assert made.window_factor[max(made.demand_path)] != pytest.approx(1.0, abs=1e-6)


def test_a_total_is_met_by_the_new_plans_before_it() -> None:
    one = scenario("unmitigated")
    manifest = one.vintage.manifest
    clock = forecast_clock(manifest.base_census, manifest.first_forecast_year, HORIZON)
    target = {manifest.base_census + 1: 1100.0, manifest.base_census + 2: 1200.0}
    factor = solve_window_factor(one, clock, CENTRAL, HistoryPath(plans=target))
    made = central_result(one, HORIZON, CENTRAL, factor, {})
    counts: FloatArray = made.plans.january[0].sum(axis=(1, 2))
    assert counts[2] == pytest.approx(1100.0, rel=MET)
    assert counts[3] == pytest.approx(1200.0, rel=MET)


def test_spend_of_a_placement_is_its_plans_at_its_price() -> None:
    made = central_result(scenario("unmitigated"), HORIZON, CENTRAL, {}, {})
    p = vintage().codes.placements.index("independent_nmss")
    f = made.clock.financial_years.index(2026)
    months = [t for t, m in enumerate(made.clock.months) if month(2026, 4) <= m < month(2027, 4)]
    by_hand = float((made.plans.plan_months[0, months, p] * made.prices.per_plan[0, months, p]).sum()) / 12.0
    assert row(made, "Top-up and fees", "independent_nmss")[f] == pytest.approx(by_hand)


def test_the_base_year_pays_for_the_places_of_each_of_its_academic_years(tmp_path: Path) -> None:
    example = council(tmp_path).edit("flows.yaml", "by: {2023-09: 340,", "by: {2023-09: 300, 2024-09: 340,")
    made = central_result(scenario("unmitigated", example.load()), HORIZON, CENTRAL, {}, {})
    p = vintage().codes.placements.index("state_special")
    price = made.prices.per_place[0, :, p] / 12.0
    by_hand = 0.0
    for t, m in enumerate(made.clock.months):
        if month(2024, 4) <= m < month(2025, 4):
            by_hand += price[t] * (300 if m < month(2024, 9) else 340)
    share = vintage().prices.place_council_share.get("state_special")
    f = made.clock.financial_years.index(2024)
    found = row(made, "Place funding paid by the council", "state_special")[f]
    assert found == pytest.approx(by_hand * (share.at(0) if share is not None else 1.0))
