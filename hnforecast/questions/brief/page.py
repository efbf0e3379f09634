"""The decision page: what took spend, what each measure promised and now brings, what would bring balance."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hnforecast.base.errors import InputError
from hnforecast.base.kinds import load_kinds
from hnforecast.base.timeline import show_year
from hnforecast.questions.brief.measures import balance_blocks, promise_blocks, verdict
from hnforecast.questions.brief.promises import span
from hnforecast.questions.brief.words import money, position
from hnforecast.questions.causes import Causes, explain_causes, read_frames
from hnforecast.questions.causes.page import limits, mix_words
from hnforecast.writing.answer import Answer
from hnforecast.writing.blocks import Block, Grid, Heading, Paragraph, Points
from hnforecast.writing.style import percent, round_half_up, signed

if TYPE_CHECKING:
    from hnforecast.questions.brief.balance import Balance
    from hnforecast.questions.brief.promises import Promises

# What a sound panel may not be able to say; a fault in a file of it stops the command.
CANNOT_SAY = ("HN521", "HN522", "HN523")
VOLUME, MIX, PRICE = ("population", "prevalence"), ("mix",), ("inflation", "unit_cost")


def told_history(folder: Path, code: str, years: tuple[int, int]) -> Causes | str:
    """What took spend, or in words why the panel cannot say."""
    try:
        return explain_causes(read_frames(folder), code, *years, load_kinds(folder))
    except InputError as error:
        if any(problem.code not in CANNOT_SAY for problem in error.problems):
            raise
        return f"What took spend cannot be told from this panel: {error.problems[0].what.lower()}."


def answer_brief(
    name: str, causes: Causes | str, promises: Promises | None, balance: Balance | None, lacking: str, made: str
) -> Answer:
    """One page for a decision, with its figures.

    Args:
        causes: what took spend, or in words why the panel cannot say.
        lacking: why there are no promises or no balance, where there are none.
        made: how the page was made.
    """
    page = brief_page(name, causes, promises, balance, lacking, made)
    return Answer("brief", brief_plain(name, causes, promises, balance, lacking), page, keeps_plain=True)


def brief_page(
    council: str, causes: Causes | str, promises: Promises | None, balance: Balance | None, lacking: str, made: str
) -> list[Block]:
    """The page.

    Args:
        causes: of the history, or why there is none.
        promises, balance: None where there is nothing to say, and `lacking` says why.
        made: what the page rests on, and how to make it again.
    """
    year = show_year(balance.goal.year) if balance is not None else "a year"
    return [
        Heading(f"{council}: what happened, what was promised, what it would take", 1),
        Points(_answers(causes, promises, balance, lacking)),
        *_history(causes),
        Heading("2 What was promised of each measure, and what is expected now"),
        *(promise_blocks(promises) if promises is not None else [Paragraph(lacking)]),
        Heading(f"3 What would bring in-year balance by {year}"),
        *(balance_blocks(balance) if balance is not None else [Paragraph(lacking)]),
        *([] if isinstance(causes, str) else [Heading("4 What the history cannot say"), limits(causes)]),
        Paragraph(made),
    ]


def _answers(causes: Causes | str, promises: Promises | None, balance: Balance | None, lacking: str) -> list[str]:
    """The page in three sentences."""
    said = [
        causes
        if isinstance(causes, str)
        else f"Spend on lines 1.2 rose by {money(causes.change)}. Of that {money(_sum(causes, VOLUME))} is more plans, "
        f"{money(_sum(causes, PRICE))} is what a like plan costs, {money(_sum(causes, MIX))} is where plans are placed."
    ]
    if promises is not None:
        earlier, later = promises.saved
        then, now = (side.in_year[-1] for side in (promises.earlier, promises.later))
        said.append(
            f"Over {span(promises.years)} the measures of {promises.earlier.vintage} were to save {money(earlier)} "
            f"net (our figure, none was published by measure); {promises.later.vintage} expects "
            f"{money(later)} on top of what was done or approved by its start. "
            f"In {show_year(promises.years[-1])} the in-year "
            f"position was to be {position(then)} and is now expected to be {position(now)}."
        )
    if balance is not None:
        said.append(verdict(balance))
    return said if len(said) == 3 else [*said, lacking]


def _sum(causes: Causes, factors: tuple[str, ...]) -> float:
    return sum(causes.totals[factor] for factor in factors)


def _history(causes: Causes | str) -> list[Block]:
    if isinstance(causes, str):
        return [Heading("1 What took spend"), Paragraph(causes)]
    history, totals = causes.history, causes.totals
    parts = (
        ("Volume: more plans", _sum(causes, VOLUME)),
        ("- of which more children aged 2 to 18", totals["population"]),
        ("- of which more plans for each child", totals["prevalence"]),
        ("Mix: where plans are placed", _sum(causes, MIX)),
        ("Price: what a like plan costs", _sum(causes, PRICE)),
        ("- of which general inflation", totals["inflation"]),
        ("- of which beyond inflation (a remainder)", totals["unit_cost"]),
        ("All", causes.change),
    )
    rows = [[label, signed(pounds), percent(pounds / causes.change)] for label, pounds in parts]
    first, last = show_year(history.years[0]), show_year(history.years[-1])
    text = (
        f"Spend on lines 1.2, net of income, went from {money(history.spend[0])} in {first} to "
        f"{money(history.spend[-1])} in {last}; plans from {history.plans[0]:,.0f} to {history.plans[-1]:,.0f}."
    )
    text += mix_words(causes) if causes.mix_known else " The mix could not be told apart and lies within price."
    text += " Published figures alone: `hnforecast causes` has the years, the neighbours and the method."
    heading = Heading(f"1 What took spend from {first} to {last}")
    blocks: list[Block] = [heading, Grid(("Cause", "£m", "of the rise"), rows), Paragraph(text)]
    split = causes.placements
    if split is not None:
        blocks.append(
            Paragraph(
                f"From {show_year(split.years[0])} to {show_year(split.years[1])}, when spend was published by kind of "
                f"school, the exact split is volume {money(split.volume)}, mix {money(split.mix)}, price "
                f"{money(split.price)}, general inflation within price."
            )
        )
    return blocks


def brief_plain(
    council: str, causes: Causes | str, promises: Promises | None, balance: Balance | None, lacking: str
) -> dict[str, Any]:
    """The page as plain values, pounds signed."""
    plain: dict[str, Any] = {
        "schema": "hnforecast/brief/1",
        "authority": council,
        "history": None,
        "promises": None,
        "balance": None,
    }
    if isinstance(causes, str):
        plain["no_history"] = causes
    else:
        plain["history"] = {
            "from": show_year(causes.history.years[0]),
            "to": show_year(causes.history.years[-1]),
            "change_gbp": _pounds(causes.change),
            "volume_gbp": _pounds(_sum(causes, VOLUME)),
            "mix_gbp": _pounds(_sum(causes, MIX)),
            "price_gbp": _pounds(_sum(causes, PRICE)),
            "mix_known": causes.mix_known,
        }
    if promises is not None:
        plain["promises"] = {
            "earlier": promises.earlier.vintage,
            "later": promises.later.vintage,
            "years": [show_year(year) for year in promises.years],
            "measures": [
                {
                    "measure": row.name,
                    "promised_gbp": None if row.earlier is None else [_pounds(v) for v in row.earlier],
                    "expected_gbp": None if row.later is None else [_pounds(v) for v in row.later],
                }
                for row in promises.rows
            ],
        }
    if balance is not None:
        plain["balance"] = {
            "by": show_year(balance.goal.year),
            "met": balance.met,
            "in_year_before_gbp": _pounds(balance.before),
            "in_year_with_mix_gbp": _pounds(balance.after),
            "chance_before": balance.chance_before,
            "chance_with_mix": balance.chance_after,
            "mix": {one.name: round_half_up(one.chosen, 4) for one in balance.taken},
            "closing_met": None if balance.closing is None else balance.closing.met,
        }
    return plain if promises is not None and balance is not None else {**plain, "lacking": lacking}


def _pounds(value: float) -> float:
    return round_half_up(float(value), 2)
