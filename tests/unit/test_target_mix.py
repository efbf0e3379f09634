"""Mixes of measures: chosen on a surface near the model, met in the engine, honest where none is enough."""

from __future__ import annotations

import json
from functools import lru_cache

import numpy as np
import pytest
from click.testing import CliRunner, Result

from hnforecast.base.errors import HnForecastError
from hnforecast.cli import application
from hnforecast.engine.forecast import load_project
from hnforecast.questions.targets import Goal, Mix, Trials, best_mix, close_rest, make_goal, make_trials
from hnforecast.questions.targets.choice import choose, log_sure, sure
from hnforecast.questions.targets.mix import mix_options
from hnforecast.questions.targets.mix_page import mix_page, mix_plain, mix_tables
from hnforecast.questions.targets.seek import CLOSE
from hnforecast.questions.targets.surface import Surface, closed, fit_surface, terms
from hnforecast.questions.targets.trials import in_year_ahead
from hnforecast.writing.blocks import as_text
from tests.fixtures_forecast import EXAMPLE

YEAR = 2027


@lru_cache
def trials(overrides: tuple[tuple[str, object], ...] = (), draws: int = 1) -> Trials:
    return make_trials(load_project(EXAMPLE), "mitigated", horizon=4, overrides=dict(overrides), draws=draws)


@lru_cache
def surface() -> Surface:
    made = trials()
    wanted = goal(made)
    return fit_surface(made, mix_options(made, wanted, 1.0), wanted)


def goal(made: Trials, probability: float | None = None) -> Goal:
    return make_goal(made.forecast, "balance", "2027-28", probability)


def near(pounds: float) -> Trials:
    """The example with its position of the year so many pounds below balance as its measures stand."""
    made = trials()
    short = float(in_year_ahead(made.forecast)[made.years.index(YEAR)])
    growth = made.forecast.scenario.vintage.funding.block_transfer
    return trials(((f"{growth.path}.2027-28", growth.at(YEAR, 0.0, hold=False) - short - pounds),))


def test_the_surface_is_the_model_to_within_its_stated_error() -> None:
    made, found = trials(), surface()
    generator = np.random.default_rng(3)
    for deliveries in [np.array([option.stands for option in found.options]), *generator.uniform(0.1, 1.0, (3, 3))]:
        set_to = {option.lever.path: float(x) for option, x in zip(found.options, deliveries, strict=True)}
        exact = in_year_ahead(made.again(set_to, draws=1))[made.years.index(YEAR)]
        assert float(found.margin(deliveries[None, :])[0]) == pytest.approx(exact, abs=6 * found.error + 2_000)


@pytest.mark.parametrize("objective", ["cheapest", pytest.param("deliverable", marks=pytest.mark.slow)])
def test_a_mix_that_is_enough_meets_the_goal_in_the_engine(objective: str) -> None:
    found = surface()
    best = float(found.margin(found.caps[None, :])[0]) - found.stands
    assert best > 20_000  # there is something to be had from delivering all
    made = near(0.5 * best)
    mix = best_mix(made, goal(made), objective)
    assert mix.met
    assert mix.before < 0
    position = in_year_ahead(made.again(mix.overrides, draws=1))[made.years.index(YEAR)]
    assert position == pytest.approx(mix.score, abs=1.0)
    assert position >= -2 * CLOSE
    assert (mix.deliveries <= found.caps).all()


@pytest.mark.slow
def test_the_cheapest_costs_no_more_and_the_most_deliverable_is_no_less_sure() -> None:
    made = near(0.3 * (float(surface().margin(surface().caps[None, :])[0]) - surface().stands))
    cheap, safe = (best_mix(made, goal(made), objective) for objective in ("cheapest", "deliverable"))
    assert cheap.cost <= safe.cost + 1.0
    assert safe.sure >= cheap.sure - 1e-3


def test_where_no_mix_is_enough_it_says_so_and_what_would_close_the_rest() -> None:
    made = near(2.0e6)
    mix = best_mix(made, goal(made), "cheapest")
    assert not mix.met
    assert mix.before < mix.score < 0
    closing = close_rest(made, mix)
    assert closing is not None
    text = " ".join(as_text(mix_page(mix, closing)).split())
    assert "No mix of these measures brings" in text
    assert "What would close the rest" in text
    assert max(map(len, as_text(mix_page(mix, closing)).splitlines())) <= 80
    assert closing.met
    assert closing.score < 1e3, "levers go no further than the rest needs"
    set_to = {path: value for lever, move in closing.moves for path, value in lever.overrides(move).items()}
    position = in_year_ahead(made.again({**mix.overrides, **set_to}, draws=1))[made.years.index(YEAR)]
    assert position >= -CLOSE
    assert {table.name for table in mix_tables(mix, closing)} == {"mix", "mix_closing"}
    json.dumps(mix_plain(mix, closing), allow_nan=False)


@pytest.mark.slow
def test_a_mix_for_a_chance_is_met_in_the_draws() -> None:
    made = trials(near(1e5).base and tuple(near(1e5).base.items()), 256)
    wanted = goal(made, 0.5)
    mix = best_mix(made, wanted, "deliverable")
    again = made.again(mix.overrides)
    assert wanted.score(wanted.margins(again, drawn=True)) == pytest.approx(mix.score, abs=1.0)
    assert mix.met == (mix.score >= -2 * CLOSE)


def test_the_chance_of_a_delivery_falls_from_certain_and_is_a_half_at_its_centre() -> None:
    measure = trials().forecast.scenario.measures[0]
    centre = measure.delivery.at(0)
    assert sure(measure, 0.0) == 1.0
    assert sure(measure, centre) == pytest.approx(0.5)
    assert measure.delivery.interval is not None
    assert sure(measure, measure.delivery.interval.low) == pytest.approx(0.9)
    chances = [sure(measure, float(x)) for x in np.linspace(0, 1.2, 30)]
    assert chances == sorted(chances, reverse=True)


def test_a_measure_whose_needs_are_not_run_is_not_run() -> None:
    options = surface().options
    chained = tuple(
        option if m == 0 else type(option)(**{**vars(option), "needs": (m - 1,)}) for m, option in enumerate(options)
    )
    assert closed(np.array([0.0, 1.0, 1.0]), chained).tolist() == [0.0, 0.0, 0.0]
    assert closed(np.array([1.0, 0.0, 1.0]), chained).tolist() == [1.0, 0.0, 0.0]
    assert closed(np.ones(3), chained).tolist() == [1.0, 1.0, 1.0]


def test_the_choice_on_a_plane_is_the_hand_worked_one() -> None:
    """Margin -1m + 0.6m a + 0.6m b + 0.1m c, c dear: the cheapest that reaches nought is a and b, without c."""
    from dataclasses import replace

    options = tuple(
        replace(option, fixed=cost, moved=0.0, needs=())
        for option, cost in zip(surface().options, (1e6, 1e6, 5e6), strict=True)
    )
    coefficients = np.zeros(terms(np.ones((1, 3))).shape[1])
    coefficients[:4] = [-1e6, 6e5, 6e5, 1e5]
    plane = Surface(options, coefficients, np.zeros(3), np.ones(3), 0.0, 0.0)
    chosen = choose(plane, "cheapest", 0.0)
    assert chosen[2] == 0.0
    assert float(plane.margin(chosen[None, :])[0]) == pytest.approx(0.0, abs=500.0)
    safe = choose(plane, "deliverable", 0.0)
    assert log_sure(options, safe) >= log_sure(options, chosen) - 1e-6
    nothing = choose(plane, "cheapest", 1e9)
    assert nothing.tolist() == [1.0, 1.0, 1.0]


def ask(*arguments: str) -> Result:
    return CliRunner().invoke(application, ["target", *arguments, "--project", str(EXAMPLE), "--draws", "1"])


@pytest.mark.slow
def test_the_command_writes_the_mix(tmp_path) -> None:
    found = ask("--mix", "cheapest", "--by", "2027-28", "--json", "--out", str(tmp_path / "m"))
    assert found.exit_code == 0, found.output
    assert json.loads(found.stdout)["objective"] == "cheapest"
    assert (tmp_path / "m" / "mix.csv").is_file()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--mix", "best"), "HN540"),
        pytest.param(("new_plan_rate", "--mix", "cheapest"), "HN540", marks=pytest.mark.slow),
        (("--mix", "cheapest", "--cap", "3"), "HN540"),
        (("--mix", "cheapest", "--scenario", "unmitigated"), "HN539"),
        pytest.param(("--mix", "cheapest", "--with", "fundng_growth"), "HN406", marks=pytest.mark.slow),
    ],
)
def test_bad_input_gives_one_clear_message(arguments: tuple[str, ...], code: str) -> None:
    found = ask(*arguments)
    assert isinstance(found.exception, HnForecastError)
    assert found.exception.exit_code == 2
    assert code in str(found.exception)


@pytest.mark.slow
def test_the_page_of_a_mix_that_is_enough() -> None:
    made = near(1_000.0)
    mix: Mix = best_mix(made, goal(made), "cheapest")
    text = as_text(mix_page(mix, None))
    assert "This mix brings" in text
    assert max(map(len, text.splitlines())) <= 80
