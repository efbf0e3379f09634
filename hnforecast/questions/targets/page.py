"""The page of a goal seek: the answer, what it rests on, what limits it, and how it was checked."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from hnforecast.base.timeline import show_year
from hnforecast.questions.targets.words import (
    chance_text,
    goal_margin_name,
    limit_text,
    margin_text,
    move_text,
    scenario_text,
    set_text,
    start_text,
)
from hnforecast.writing import answer as written
from hnforecast.writing.blocks import Block, Grid, Heading, Paragraph, Points
from hnforecast.writing.csvtext import Cell, Table
from hnforecast.writing.style import millions

if TYPE_CHECKING:
    from hnforecast.questions.targets import Answer


def answer_target(answer: Answer) -> written.Answer:
    """The value of a lever that meets a goal, as page, tables and figures."""
    return written.Answer("target", target_plain(answer), target_page(answer), tables=partial(target_tables, answer))


def target_page(answer: Answer) -> list[Block]:
    """The page."""
    lever, goal, forecast = answer.lever, answer.goal, answer.before_forecast
    vintage = forecast.scenario.vintage
    council = vintage.manifest.authority.name
    blocks: list[Block] = [
        Heading(f"What it takes: {goal.words()}", 1),
        Paragraph(
            f"{council}, scenario {forecast.scenario.name}, assumptions of {vintage.name}. Lever: {lever.label} "
            f"({lever.path}), tried from {move_text(lever, lever.low)} to {move_text(lever, lever.high)}; now "
            f"{move_text(lever, lever.start)}."
        ),
        Paragraph(_answer(answer)),
        Grid(
            ["", "as it stands", "with the lever"],
            [
                ["lever", move_text(lever, lever.start), move_text(lever, answer.move)],
                ["goal, £m", margin_text(answer.before), margin_text(answer.score)],
                ["chance of the goal", chance_text(answer.chance_before), chance_text(answer.chance_after)],
            ],
        ),
        Paragraph(f"The goal is read on the {goal_margin_name(goal)}.{_agreed(answer)}{scenario_text(answer)}"),
    ]
    if not answer.met:
        blocks += [Heading("What limits it"), Points(limit_text(answer))]
    elif answer.search.crossings > 1:
        blocks.append(
            Paragraph(
                f"The goal changes hands {answer.search.crossings} times over the range: more of this lever is not "
                "always better. The move given is the nearest to where it stands."
            )
        )
    blocks += [
        *_later(answer),
        Heading("How it was checked"),
        Paragraph(_checked(answer)),
        Paragraph(start_text(forecast)),
    ]
    if answer.move != lever.start:
        blocks += [
            Paragraph("To run it beside every other scenario: hnforecast run, with"),
            Points(set_text(lever, answer.move)),
        ]
    return blocks


def _answer(answer: Answer) -> str:
    lever, goal = answer.lever, answer.goal
    if answer.already and answer.move == lever.start:
        return f"The goal is met as things stand: {goal.words()}, {margin_text(answer.before)}."
    if answer.met:
        return f"{goal.words()[0].upper()}{goal.words()[1:]} takes {move_text(lever, answer.move)}."
    if answer.flat:
        return f"No value of this lever brings {goal.words()}: it does not move the goal."
    near = move_text(lever, answer.move)
    return (
        f"No plausible value of this lever brings {goal.words()}. The nearest, {near}, leaves it "
        f"{margin_text(answer.score)}, from {margin_text(answer.before)}."
    )


def _agreed(answer: Answer) -> str:
    if answer.goal.agreed is None:
        return ""
    sourced = answer.forecast.scenario.vintage.support.agreement.gross_closing
    mark = f" ({sourced.mark})" if sourced is not None else ""
    return f" The agreed balance before contributions is a deficit of £{millions(answer.goal.agreed)}m{mark}."


def _checked(answer: Answer) -> str:
    lever = answer.lever
    draws = answer.forecast.ensemble.account.in_year.shape[0] if answer.forecast.ensemble is not None else 1
    how = f"with all {draws:,} draws" if draws > 1 else "in the central run (no draws were asked for)"
    if not answer.runs:
        return "Nothing was moved, so nothing was run anew."
    return (
        f"The search found {move_text(lever, answer.found)}. The whole forecast was run anew {how}, {_times(answer)}; "
        f"at the move given the search expected the goal {margin_text(answer.expected)} and the run gives "
        f"{margin_text(answer.score)}, a difference of £{abs(answer.score - answer.expected) / 1e6:,.2f}m."
    )


def _times(answer: Answer) -> str:
    return "once" if answer.runs == 1 else f"{answer.runs} times, each correcting the one before"


def _later(answer: Answer) -> list[Block]:
    """The years after a balance: whether it lasts."""
    clock, goal = answer.forecast.clock, answer.goal
    later = [year for year in clock.financial_years if year > goal.year]
    if goal.kind != "balance" or not answer.met or not later:
        return []
    position = answer.forecast.account.in_year[0]
    fails = [year for year in later if position[clock.at(year)] < -1e5]
    if not fails:
        return [Paragraph(f"In the central run balance lasts to {show_year(later[-1])}, the end of the forecast.")]
    return [Paragraph(f"It does not last: in the central run {show_year(fails[0])} is in deficit again.")]


def target_tables(answer: Answer) -> list[Table]:
    """The range of the search, and the answer."""
    lever, goal = answer.lever, answer.goal
    year = show_year(goal.year)
    rows: list[list[Cell]] = [
        [lever.path, goal.kind, year, goal.probability, lever.moves_by, float(move), float(score)]
        for move, score in zip(answer.search.moves, answer.search.scores, strict=True)
    ]
    columns = ("lever", "goal", "financial_year", "probability", "moves_by", "move", "margin_gbp")
    found: list[list[Cell]] = [
        ["now", float(lever.start), answer.before, answer.chance_before],
        ["search", float(answer.found), answer.expected if answer.found == answer.move else None, None],
        ["run_anew", float(answer.move), answer.score, answer.chance_after],
    ]
    return [
        Table("target_range", columns, rows, places=None),
        Table("target", ("step", "move", "margin_gbp", "chance"), found, places=None),
    ]


def target_plain(answer: Answer) -> dict[str, Any]:
    """The answer as plain values for JSON."""
    lever, goal = answer.lever, answer.goal
    return {
        "schema": "hnforecast/target/1",
        "scenario": answer.forecast.scenario.name,
        "vintage": answer.forecast.scenario.vintage.name,
        "goal": {
            "kind": goal.kind,
            "financial_year": show_year(goal.year),
            "probability": goal.probability,
            "agreed_gbp": goal.agreed,
        },
        "lever": {
            "path": lever.path,
            "moves_by": lever.moves_by,
            "low": lever.low,
            "high": lever.high,
            "now": lever.start,
            "bound": lever.bound,
        },
        "met": answer.met,
        "already_met": answer.already,
        "search_move": answer.found,
        "move": answer.move,
        "value": None if lever.now is None or lever.moves_by != "factor" else lever.now * answer.move,
        "overrides": {} if answer.move == lever.start else lever.overrides(answer.move),
        "margin_before_gbp": round(answer.before, 2),
        "margin_expected_gbp": round(answer.expected, 2),
        "margin_gbp": round(answer.score, 2),
        "chance_before": answer.chance_before,
        "chance_after": answer.chance_after,
        "limits": [] if answer.met else limit_text(answer),
        "runs_anew": answer.runs,
    }
