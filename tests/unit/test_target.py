"""Goal seek: an answer put back as overrides meets the goal in the engine, and what cannot be reached is said."""

from __future__ import annotations

import json
from functools import lru_cache

import numpy as np
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from hnforecast.base.errors import HnForecastError, UsageError
from hnforecast.cli import application
from hnforecast.engine.forecast import load_project, run_forecast
from hnforecast.questions.targets import (
    Answer,
    Goal,
    Lever,
    Trials,
    all_levers,
    find_lever,
    make_goal,
    make_trials,
    seek,
)
from hnforecast.questions.targets.goals import chance
from hnforecast.questions.targets.page import target_page, target_plain, target_tables
from hnforecast.questions.targets.response import Response, carried
from hnforecast.questions.targets.seek import CLOSE, scorer, search
from hnforecast.questions.targets.trials import single
from hnforecast.writing.blocks import as_markdown, as_text
from tests.fixtures_forecast import EXAMPLE

POUND = 1.0


@lru_cache
def trials(draws: int = 1, scenario: str = "mitigated", horizon: int = 4) -> Trials:
    return make_trials(load_project(EXAMPLE), scenario, horizon=horizon, draws=draws)


def lever(name: str, low: float | None = None, high: float | None = None) -> Lever:
    made = trials()
    return find_lever(EXAMPLE, made.forecast.scenario.vintage, name, made.years, low, high)


def goal(kind: str = "balance", by: str | None = "2028-29", probability: float | None = None) -> Goal:
    return make_goal(trials().forecast, kind, by, probability)


ONE_WAY = [  # lever, how far it may go so that the goal is within reach, whether more of it helps
    ("new_plan_rate", 0.01, 2.0, False),
    ("funding_growth", -0.2, 0.4, True),
    pytest.param("prices.top_up.independent_nmss", 0.01, 2.0, False, marks=pytest.mark.slow),
    pytest.param("block_transfer", 0.0, 5e7, True, marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("name", "low", "high", "helps"), ONE_WAY)
def test_an_answer_put_back_as_overrides_meets_the_goal(name: str, low: float, high: float, helps: bool) -> None:
    wanted = goal()
    answer = seek(trials(), lever(name, low, high), wanted)
    made = trials()
    forecast = run_forecast(
        made.project, "mitigated", horizon=4, overrides=answer.lever.overrides(answer.move), savings=False
    )
    position = float(wanted.margins(forecast, drawn=False)[0])
    assert answer.met == (position >= -CLOSE)
    if answer.met and not answer.already:
        assert abs(position) <= CLOSE
    assert position == pytest.approx(answer.score, abs=POUND)
    scores = answer.search.scores
    assert (np.diff(scores) * (1 if helps else -1) > 0).all()


@pytest.mark.slow
def test_the_lanes_of_a_lever_are_the_engine_run_with_its_overrides() -> None:
    made = trials(horizon=2)
    kinds = {}
    for one in all_levers(EXAMPLE, made.forecast.scenario.vintage, made.years):
        kind = ".".join(one.path.split(".")[:2]) if one.path[:8] != "measures" else one.path.rpartition(".")[2]
        if made.carries(one):
            kinds.setdefault(kind, one)
    assert len(kinds) >= 9
    for one in kinds.values():
        move = one.low + 0.3 * (one.high - one.low)
        lanes = made.central(single(one, [move]))
        whole = made.again(one.overrides(move), draws=1).account.in_year[:, 1:]
        np.testing.assert_allclose(lanes, whole, atol=POUND, err_msg=one.path)


def test_a_goal_out_of_reach_is_said_with_the_nearest_and_what_stops_it() -> None:
    answer = seek(trials(), lever("new_plan_rate", 0.99, 1.01), goal())
    assert not answer.met
    assert answer.move == pytest.approx(0.99)
    assert answer.before < answer.score < 0
    page = " ".join(as_text(target_page(answer)).split())
    assert "No plausible value" in page
    assert "may plausibly go to x0.990 and no further" in page


def test_a_lever_that_is_not_in_the_scenario_does_nothing() -> None:
    made = trials(scenario="unmitigated")
    name = next(iter(made.forecast.scenario.vintage.measures))
    one = find_lever(EXAMPLE, made.forecast.scenario.vintage, f"measures.{name}.delivery", made.years)
    answer = seek(made, one, goal())
    assert answer.flat
    assert not answer.met
    assert answer.move == one.start


def test_a_goal_met_already_needs_no_move() -> None:
    answer = seek(trials(), lever("funding_growth", -0.01, 0.01), Goal("profile", 2028, None, agreed=-1e9))
    assert answer.already
    assert answer.met
    assert answer.move == 0.0


def test_a_chance_is_met_in_every_draw_run_anew() -> None:
    made = trials(64)
    wanted = goal(probability=0.8)
    answer = seek(made, lever("funding_growth", -0.2, 0.4), wanted)
    assert answer.met
    again = made.again(answer.lever.overrides(answer.move))
    share = float(np.mean(wanted.margins(again, drawn=True) >= -CLOSE))
    assert share >= 0.8
    assert abs(wanted.score(wanted.margins(again, drawn=True))) <= CLOSE


@pytest.mark.parametrize(
    "overrides",
    [
        {"measures.local-places.delivery": 0.9},
        pytest.param({"funding.high_needs_block.growth.2026-27": 0.03}, marks=pytest.mark.slow),
        pytest.param({"prices.top_up.state_special": "x0.97"}, marks=pytest.mark.slow),
    ],
)
def test_noise_taken_over_is_the_noise_drawn_anew(overrides: dict[str, object]) -> None:
    made = trials(64)
    again = made.again(overrides)
    fresh = make_trials(made.project, "mitigated", horizon=4, overrides=overrides, draws=64)
    assert again.ensemble is not None
    assert fresh.forecast.ensemble is not None
    for name in ("in_year", "closing"):
        np.testing.assert_array_equal(
            getattr(again.ensemble.account, name), getattr(fresh.forecast.ensemble.account, name)
        )


@pytest.mark.slow
def test_the_response_of_every_draw_is_near_that_of_the_model() -> None:
    made = trials(512)
    one = lever("new_plan_rate", 0.8, 1.2)
    response = Response(made, one, goal(probability=0.5))
    rows = np.arange(512)
    exact = made.sampled(single(one, np.full(512, 0.8)), rows, 4)[:, -1]
    effect = exact - response.margins
    assert np.abs(response.at(0.8) - exact).mean() < 0.1 * np.abs(effect).mean()
    assert response.goal.score(response.at(0.8)) == pytest.approx(response.goal.score(exact), abs=0.05 * effect.mean())


def test_a_lane_of_draws_that_moves_nothing_is_the_ensemble() -> None:
    made = trials(64)
    rows = np.arange(16)
    lanes = made.sampled({}, rows, 4)
    assert made.forecast.ensemble is not None
    np.testing.assert_allclose(lanes, made.forecast.ensemble.account.in_year[:16, 1:], atol=100.0)
    # the ensemble is in single precision, the lanes are not: pounds in tens of millions


@given(st.floats(-3, 3), st.floats(-3, 3), st.integers(0, 2**32 - 1))
def test_what_is_linear_in_what_is_known_is_carried_exactly(a: float, b: float, seed: int) -> None:
    known = np.concatenate([np.ones((64, 1)), np.random.default_rng(seed).normal(size=(64, 3))], axis=1)
    whole = known @ np.array([a, b, a - b, 1.0])
    assert np.abs(carried(known, whole[None, :64])[0] - whole).max() == 0.0
    part = carried(known, whole[None, :48])[0]
    assert np.abs(part - whole).max() < 0.2 * (1 + abs(a) + abs(b))


@given(st.floats(0.05, 0.95), st.sampled_from([-1.0, 1.0]))
def test_the_search_finds_the_root_of_a_bent_curve(root: float, way: float) -> None:
    one = Lever("x", "x", "factor", 0.0, 1.0, 0.5, "x", "share", "", None)
    found = search(lambda moves: way * (moves**3 - root**3), one)
    assert found.move == pytest.approx(root, abs=1e-4)
    assert found.crossings == 1


def test_a_curve_that_turns_back_gives_the_crossing_nearest_to_the_start() -> None:
    one = Lever("x", "x", "factor", 0.0, 1.0, 0.1, "x", "share", "", None)
    found = search(lambda moves: (moves - 0.3) * (0.8 - moves), one)
    assert found.crossings == 2
    assert found.move == pytest.approx(0.3, abs=1e-4)


def test_the_page_and_tables_of_an_answer() -> None:
    answer: Answer = seek(trials(), lever("funding_growth", -0.2, 0.4), goal())
    page = target_page(answer)
    assert max(map(len, as_text(page).splitlines())) <= 80
    assert "--set funding.high_needs_block.growth." in as_markdown(page)
    ranged, found = target_tables(answer)
    assert len(ranged.rows) == len(answer.search.moves)
    assert [row[0] for row in found.rows] == ["now", "search", "run_anew"]
    assert target_plain(answer)["overrides"] == answer.lever.overrides(answer.move)


def ask(*arguments: str) -> Result:
    return CliRunner().invoke(application, ["target", *arguments, "--project", str(EXAMPLE), "--draws", "1"])


def test_the_command_prints_json_and_writes_its_folder(tmp_path) -> None:
    found = ask("funding_growth", "--by", "2028-29", "--json", "--out", str(tmp_path / "t"))
    assert found.exit_code == 0, found.output
    assert json.loads(found.stdout)["goal"]["financial_year"] == "2028-29"
    assert sorted(path.name for path in (tmp_path / "t").iterdir()) == ["target.csv", "target.md", "target_range.csv"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("new_plan_rat",), "HN406", "Did you mean 'new_plan_rate'"),
        pytest.param(("prices.topup.fe",), "HN406", "Did you mean 'prices.top_up.fe'", marks=pytest.mark.slow),
        (("flows.moves",), "HN531", "no lever"),
        (("new_plan_rate", "--low", "1.1"), "HN532", "bounds"),
        pytest.param(("new_plan_rate", "--low", "nan"), "HN532", "two numbers", marks=pytest.mark.slow),
        pytest.param(("funding_growth", "--high", "inf"), "HN532", "no such values", marks=pytest.mark.slow),
        (("prices.top_up.state_special", "--low", "-3"), "HN532", "no such values"),
        pytest.param(("new_plan_rate", "--goal", "peace"), "HN533", "balance or profile", marks=pytest.mark.slow),
        (("new_plan_rate", "--probability", "1.5"), "HN534", "between 0 and 1"),
        (("new_plan_rate", "--goal", "profile", "--by", "2030-31"), "HN535", "no balance was agreed"),
        (("new_plan_rate", "--by", "2050-51"), "HN536", "not a year of the forecast"),
        pytest.param(("new_plan_rate", "--by", "soon"), "HN536", "2028-29", marks=pytest.mark.slow),
        (("new_plan_rate", "--probability", "0.5"), "HN537", "needs draws"),
        (("new_plan_rate", "--set", "demand.new_plans.rate=x0.9"), "HN538", "as well"),
        pytest.param(
            ("new_plan_rate", "--scenario", "mitigatd"), "HN854", "Did you mean 'mitigated'", marks=pytest.mark.slow
        ),
    ],
)
def test_bad_input_gives_one_clear_message(arguments: tuple[str, ...], code: str, words: str, tmp_path) -> None:
    found = ask(*arguments, "--out", str(tmp_path / "none"))
    assert isinstance(found.exception, HnForecastError)
    assert found.exception.exit_code == 2
    assert code in str(found.exception)
    assert words in str(found.exception)
    assert not (tmp_path / "none").exists()


@pytest.mark.slow
def test_a_folder_that_cannot_be_made_is_a_matter_of_writing(tmp_path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    found = ask("funding_growth", "--out", str(tmp_path / "file" / "inside"))
    assert isinstance(found.exception, HnForecastError)
    assert found.exception.exit_code == 4


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("a,b.*,factor,1,x,no,A,", "Not a number in column high"),
        ("a,b.*,factor,1,0.5,no,A,", "No lever"),
        ("a,b.*,factor,1,2,perhaps,A,", "Neither yes nor no"),
    ],
)
def test_a_list_of_levers_that_is_malformed_is_refused(row: str, words: str, tmp_path) -> None:
    from hnforecast.base.errors import InputError
    from hnforecast.questions.targets.levers import lever_rows

    codes = tmp_path / "inputs" / "codes"
    codes.mkdir(parents=True)
    (codes / "levers.csv").write_text(
        f"lever,pattern,moves_by,low,high,closes_gap,label,note\n{row}\n", encoding="utf-8"
    )
    with pytest.raises(InputError, match=words):
        lever_rows(tmp_path)


def test_a_goal_needs_an_agreement() -> None:
    forecast = trials().forecast
    from dataclasses import replace

    none = replace(
        forecast,
        account=replace(forecast.account, agreed_gross_closing=np.full(len(forecast.clock.financial_years), np.nan)),
    )
    with pytest.raises(UsageError, match="HN535"):
        make_goal(none, "profile", None, None)


def test_a_score_begins_where_things_stand() -> None:
    made, one, asked = trials(), lever("funding_growth", -0.2, 0.4), goal()
    stands = float(asked.margins(made.forecast, drawn=False)[0])
    assert scorer(made, one, asked)(np.array([one.start]))[0] == pytest.approx(stands, abs=POUND)


def test_a_chance_is_the_share_of_draws_in_which_the_goal_is_met() -> None:
    assert chance(np.array([-1e6, 0.0, 5.0, 2e6])) == 0.75
    made = trials(64)
    balance, profile = goal(), goal("profile", "2027-28")
    account = made.forecast.ensemble.account  # type: ignore[union-attr]
    f = made.forecast.clock.financial_years.index(profile.year)
    # an agreed profile is of balances before contributions
    assert float(np.abs(account.closing - account.gross_closing)[:, f].min()) > 1e5
    np.testing.assert_allclose(
        profile.margins(made.forecast, drawn=True), account.gross_closing[:, f] - float(profile.agreed or 0.0)
    )
    at = made.forecast.clock.financial_years.index(balance.year)
    np.testing.assert_allclose(balance.margins(made.forecast, drawn=True), account.in_year[:, at])
