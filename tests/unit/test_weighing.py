"""Options weighed: scores on fixed scales, ranks, switching weights against brute force, and the command."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hnforecast.base.errors import HnForecastError
from hnforecast.questions.weigh.figures import Figure
from hnforecast.questions.weigh.weighing import Weighing, rank_of, simplex, weigh_figures
from hnforecast.questions.weigh.weights import DEFAULT, Weights, load_weights
from tests.cli_runner import Runner
from tests.fixtures_vintage import CODES, EXAMPLE

NAMES = ("money", "outcome", "risk")


def weights_of(*amounts: float) -> Weights:
    """Three criteria in a group each; risk is better low."""
    scales = {"money": (-2.0, 0.0), "outcome": (0.0, 1.0), "risk": (10.0, 0.0)}
    return Weights.model_validate(
        {
            "title": "t",
            "source": "s",
            "owner": "o",
            "groups": {name: {"label": name, "weight": amount} for name, amount in zip(NAMES, amounts, strict=True)},
            "criteria": {
                name: {
                    "label": name, "group": name, "weight": 1.0, "figure": "confidence",
                    "worst": scales[name][0], "best": scales[name][1], "why": "w",
                }
                for name in NAMES
            },
        }
    )  # fmt: skip


def weighed(options: dict[str, tuple[float, ...]], *amounts: float) -> Weighing:
    """Options with a figure for each criterion."""
    figures = {
        option: {name: Figure(value, "not known") for name, value in zip(NAMES, values, strict=True)}
        for option, values in options.items()
    }
    return weigh_figures(figures, weights_of(*amounts), 2029)


def test_scores_by_hand() -> None:
    found = weighed({"a": (-1.0, 0.6, 5.0), "b": (0.5, 0.2, 20.0)}, 2, 1, 1)
    np.testing.assert_allclose(found.weights, [0.5, 0.25, 0.25])
    np.testing.assert_allclose(found.scores, [[0.5, 0.6, 0.5], [1.0, 0.2, 0.0]])  # beyond the scale counts as its end
    np.testing.assert_allclose(found.total, [0.525, 0.55])
    assert found.ranks == (2, 1)
    # a leads b once money weighs less than w: w .5 + (1-w) .55 = w 1 + (1-w) .1  ->  w = .45 / .95
    money = found.switches[0]
    assert (money.at, money.leader) == (pytest.approx(0.45 / 0.95), "a")
    assert found.standings[0].best == 1


def test_equal_options_share_a_rank() -> None:
    found = weighed({"a": (0, 0.5, 0), "b": (0, 0.5, 0), "c": (-2, 0, 10)}, 1, 1, 1)
    assert found.ranks == (1, 1, 3)
    assert found.dominated == {"c": "a"}  # equals do not dominate each other


def test_a_blank_figure_leaves_its_criterion_out_for_all() -> None:
    found = weighed({"a": (-1, np.nan, 5), "b": (0, 0.9, 5)}, 2, 1, 1)
    assert dict(found.left_out) == {"outcome": "not known"}
    assert found.criteria == ("money", "risk")
    np.testing.assert_allclose(found.weights, [2 / 3, 1 / 3])


figure = st.tuples(st.floats(-3, 1), st.floats(-0.2, 1.2), st.floats(0, 12))
options = st.lists(figure, min_size=2, max_size=5).map(lambda rows: {f"o{i}": row for i, row in enumerate(rows)})
amount = st.floats(0.01, 10)


@settings(max_examples=30)
@given(options, amount, amount, amount)
def test_scores_lie_between_nought_and_one_and_weights_add_up(
    rows: dict[str, tuple[float, ...]], a: float, b: float, c: float
) -> None:
    found = weighed(rows, a, b, c)
    assert ((found.scores >= 0) & (found.scores <= 1)).all()
    assert ((found.total >= -1e-12) & (found.total <= 1 + 1e-12)).all()
    assert found.weights.sum() == pytest.approx(1.0)
    assert min(found.ranks) == 1
    for o, standing in enumerate(found.standings):
        assert 1 <= standing.best <= standing.worst <= len(rows)
        assert (standing.leads > 0) == (standing.best == 1), o


@settings(max_examples=30)
@given(options, figure, amount, amount, amount)
def test_an_option_more_moves_no_other_and_swaps_no_two(
    rows: dict[str, tuple[float, ...]], more: tuple[float, ...], a: float, b: float, c: float
) -> None:
    before, after = weighed(rows, a, b, c), weighed({**rows, "more": more}, a, b, c)
    np.testing.assert_array_equal(after.scores[:-1], before.scores)
    np.testing.assert_allclose(after.total[:-1], before.total, atol=1e-15)
    order = np.argsort(before.ranks, kind="stable")
    assert (np.diff(np.array(after.ranks[:-1])[order]) >= 0).all()


@settings(max_examples=30)
@given(options, amount, amount, amount)
def test_a_dominated_option_added_is_never_before_the_one_that_dominates_it(
    rows: dict[str, tuple[float, ...]], a: float, b: float, c: float
) -> None:
    money, outcome, risk = next(iter(rows.values()))
    before = weighed(rows, a, b, c)
    after = weighed({**rows, "worse": (money - 0.1, outcome - 0.1, risk + 0.1)}, a, b, c)
    assert "worse" in after.dominated
    assert after.ranks[-1] >= after.ranks[0]
    assert after.standings[-1].best >= after.standings[0].best
    assert after.total[-1] <= after.total[0] + 1e-12
    assert before.dominated.keys() <= after.dominated.keys()


@settings(max_examples=30)
@given(options, amount, amount, amount)
def test_the_lead_holds_up_to_the_switching_weight_and_not_beyond(
    rows: dict[str, tuple[float, ...]], a: float, b: float, c: float
) -> None:
    found = weighed(rows, a, b, c)
    ordered = np.sort(found.total)
    if ordered[-1] - ordered[-2] < 1e-6:
        return  # nobody leads clearly, so nobody loses the lead
    leader = int(np.argmax(found.total))
    for position, switch in enumerate(found.switches):
        rest = np.delete(found.weights, position)
        base = np.delete(found.scores, position, axis=1) @ (rest / rest.sum())

        def lead(weight: float, base: np.ndarray = base, position: int = position) -> float:
            """By how much the leader is ahead of the best other at a weight."""
            total = weight * found.scores[:, position] + (1 - weight) * base
            return float(total[leader] - np.delete(total, leader).max())

        ends = [switch.at] if switch.leader else [0.0, 1.0]
        for end in ends:
            between = np.linspace(found.weights[position], end, 11)[:-1]
            assert min(lead(float(w)) for w in between) >= -1e-6
        if switch.leader:
            assert lead(switch.at) == pytest.approx(0.0, abs=1e-6)
            assert switch.leader != found.options[leader]


def test_the_grid_is_every_set_of_weights_once() -> None:
    points, steps = simplex(3)
    assert (len(points), steps) == (231, 20)
    np.testing.assert_allclose(points.sum(axis=1), 1.0)
    assert len({tuple(point) for point in points.tolist()}) == len(points)
    assert {(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)} <= {tuple(point) for point in points.tolist()}
    assert len(simplex(10)[0]) <= 60_000
    assert rank_of(np.array([[0.2, 0.9, 0.9]])).tolist() == [[3, 1, 1]]


# The file of weights


def test_the_weights_that_come_with_the_program_are_whole() -> None:
    weights = load_weights(None, CODES)
    assert weights.shares().sum() == pytest.approx(1.0)
    assert {criterion.group for criterion in weights.criteria.values()} == set(weights.groups)
    blank = [name for name in weights.criteria if name != "timeliness"]
    by_group = dict.fromkeys(weights.groups, 0.0)
    for name, share in zip(blank, weights.shares(blank), strict=True):
        by_group[weights.criteria[name].group] += float(share)
    assert by_group == {name: pytest.approx(group.weight) for name, group in weights.groups.items()}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("group: outcomes", "group: outcome", "no such group [HN552]"),
        ("worst: -2", "worst: 0", "worst and best are the same [HN552]"),
        ("worst: -2", "worst: -1.0e+308", "is too small"),
        ("NMSS or independent schools", "Free schools", "no such group of placements [HN552]"),
        ("weight: 0.4}", "weight: -0.4}", "is too small"),
        ("figure: closing_share", "figure: closing", "not one of the values allowed here [HN115]"),
        ("figure: confidence", "figure: placed_share", "go together [HN552]"),
        ("owner:", "owned:", "unknown setting 'owned'"),
    ],
)
def test_faulty_weights_are_refused(old: str, new: str, message: str, tmp_path: Path) -> None:
    text = DEFAULT.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "weights.yaml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(HnForecastError) as caught:
        load_weights(file, CODES)
    assert message in "\n".join(str(problem) for problem in caught.value.problems)


def test_every_weight_nothing_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "weights.yaml"
    text = DEFAULT.read_text(encoding="utf-8")
    for weight in ("0.4}", "0.35}", "0.25}"):
        text = text.replace(f"weight: {weight}", "weight: 0}")
    file.write_text(text, encoding="utf-8")
    with pytest.raises(HnForecastError) as caught:
        load_weights(file, CODES)
    assert "every weight is nothing" in str(caught.value.problems[0])


# The command


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    return Runner(EXAMPLE, capsys, monkeypatch)


@pytest.mark.parametrize("draws", ["1", pytest.param("16", marks=pytest.mark.slow)])
def test_the_command_weighs_and_writes_what_it_says(draws: str, cli: Runner, tmp_path: Path) -> None:
    out = tmp_path / "weighed"
    ran = cli("weigh", "--draws", draws, "--out", str(out), "--json")
    assert ran.code == 0, ran.err
    plain = json.loads(ran.out)
    assert ("in_year_balance" in plain["left_out"]) is (draws == "1")  # the central run alone has no chances
    assert list(plain["options"]) == ["unmitigated", "mitigated"]
    assert sum(plain["weights"].values()) == pytest.approx(1.0)
    assert {path.name for path in out.iterdir()} == {
        "weigh.md", "options.csv", "option_figures.csv", "option_switches.csv"
    }  # fmt: skip
    page = (out / "weigh.md").read_text(encoding="utf-8")
    assert "nobody has adopted these weights" in page
    assert "adverse" in page  # said to be a test of the plan


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("nobody",), "no such scenario"),
        (("mitigated",), "HN553"),
        (("--year", "2060-61"), "HN554"),
        (("--year", "soon"), "HN554"),
        (("--draws", "3"), "HN852"),
        (("--weights", "nowhere.yaml"), "HN551"),
    ],
)
def test_bad_arguments_are_refused_with_nothing_written(
    arguments: tuple[str, ...], code: str, cli: Runner, tmp_path: Path
) -> None:
    out = tmp_path / "weighed"
    ran = cli("weigh", *arguments, "--out", str(out))
    assert ran.code == 2
    assert code in ran.err
    assert not out.exists()


def test_a_folder_that_is_a_file_is_said_and_left_alone(cli: Runner, tmp_path: Path) -> None:
    out = tmp_path / "weighed"
    out.write_text("mine", encoding="utf-8")
    ran = cli("weigh", "--draws", "1", "--out", str(out))
    assert (ran.code, out.read_text(encoding="utf-8")) == (2, "mine")
    assert "HN825" in ran.err
