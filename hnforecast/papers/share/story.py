"""What the page says in sentences, each built from the run's numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hnforecast.assumptions.statutory import flags_of
from hnforecast.base.timeline import show_year
from hnforecast.papers.sentences import day, key_sentences, scenario_notes
from hnforecast.papers.share.grid import Setting
from hnforecast.papers.share.words import on_day
from hnforecast.writing.style import MILLION, chance_words, millions, position_phrase, position_word, sentence_case

if TYPE_CHECKING:
    from hnforecast.assumptions import Sourced, Vintage
    from hnforecast.base.axes import FloatArray
    from hnforecast.engine.records import Forecast
    from hnforecast.papers.share.page import Page


def show(value: float) -> str:
    """A balance as the page writes it: £472.0m deficit."""
    return f"£{millions(value)}m {position_word(value, MILLION / 10)}"


def likely(share: float) -> str:
    """A chance as the page writes it; the ends are not called certain."""
    words = chance_words(share)
    return f"about {words}" if words[0].isdigit() else words


def nothing_done(page: Page) -> FloatArray:
    """(f,) balance before contributions at the end of each forecast year with no measure delivered."""
    grid, plan = page.grid, page.plan
    growth = next(choice for choice in grid.growths if choice.name == "central")
    settlement = next(choice for choice in grid.settlements if choice.name == "central")
    base = plan.clock.first_ahead - 1
    balance: FloatArray = plan.account.gross_closing[0, base] + np.cumsum(
        grid.position(Setting({}, growth, settlement))
    )
    return balance


def headline(page: Page, at: int) -> str:
    """The page in one line."""
    plan = page.plan
    year = page.grid.years[at]
    gross = float(plan.account.gross_closing[0, plan.clock.at(year)])
    return (
        f"{sentence_case(position_phrase(gross))} by {day(year)} with the plan, "
        f"{position_phrase(float(nothing_done(page)[at])).removeprefix('a deficit of ')} without it"
    )


def lead(page: Page) -> str:
    """Where the account stands."""
    return key_sentences([page.plan])[0]


def standing(vintage: Vintage) -> str:
    """What the page is and is not."""
    signed = vintage.manifest.signed_off
    who = f"The assumptions were signed off on {on_day(signed.on)} by {signed.by}" if signed else (
        "The assumptions are a draft that nobody has signed off"
    )  # fmt: skip
    return f"{who}. Nothing here is the council's adopted view unless the council says so. {vintage.manifest.purpose}"


def cards(page: Page, at: int) -> list[dict[str, str]]:
    """The figures to take away."""
    plan, year = page.plan, page.grid.years[at]
    clock, account = plan.clock, plan.account
    base, f = clock.first_ahead - 1, clock.at(year)
    without = float(nothing_done(page)[at])
    found = [
        {
            "label": f"Balance of the account on {day(clock.financial_years[base])}",
            "value": show(float(account.closing[0, base])),
            "note": f"before any contribution: {show(float(account.gross_closing[0, base]))}",
        },
        {
            "label": f"Balance before contributions on {day(year)}, with the plan",
            "value": show(float(account.gross_closing[0, f])),
            "note": _range(plan, f),
        },
        {
            "label": "The same, with no measure delivered",
            "value": show(without),
            "note": f"the plan makes it £{millions(account.gross_closing[0, f] - without)}m better",
        },
        {
            "label": f"In-year position in {show_year(year)}, with the plan",
            "value": show(float(account.in_year[0, f])),
            "note": _balance_chance(plan, f),
        },
    ]
    return found


def _range(plan: Forecast, f: int) -> str:
    if plan.ensemble is None:
        return "the central run; how sure it is was not worked out"
    low, high = np.quantile(plan.ensemble.account.gross_closing[:, f], (0.1, 0.9))
    return f"eight times in ten between {show(float(low))} and {show(float(high))}"


def _balance_chance(plan: Forecast, f: int) -> str:
    if plan.ensemble is None:
        return "money received less money spent in the year"
    share = float((plan.ensemble.account.in_year[:, f] >= 0).mean())
    return f"chance of balance or better in that year: {likely(share)}"


def sentences(page: Page) -> list[str]:
    """What is to be known of the plan's forecast, its outlook left to the figures above it."""
    start = f"{page.grid.plan}: "
    said = [*key_sentences([page.plan])[1:-1], *scenario_notes(page.plan)]
    plain = [text.removeprefix(start) for text in said if "`" not in text]  # what has a command in it is for officers
    vintage = page.plan.scenario.vintage
    flagged = [measure for measure in page.plan.scenario.measures if flags_of(measure, vintage.prices.top_up)]
    if flagged:
        plain.append(
            f"{len(flagged)} of {len(page.plan.scenario.measures)} measures touch something the council must do by "
            "law. That is a question, not a verdict: what the law asks, and what is answered, stands with each measure."
        )
    return [text[:1].upper() + text[1:] for text in plain]


def expected_words(plan: Forecast) -> str:
    """What "all" of a measure means."""
    shares = sorted({float(measure.delivery.at(0)) for measure in plan.scenario.measures})
    said = f"{shares[0]:.0%}" if len(shares) == 1 else f"between {shares[0]:.0%} and {shares[-1]:.0%}"
    return (
        f"All of a measure is all that the plan expects: {said} of what it could do at its best. Half is half of that."
    )


def exactness(page: Page) -> list[str]:
    """Which figures are the engine's and which are worked out in the page, with the measured error."""
    grid = page.grid
    settings = int(np.prod([len(levels) for levels in grid.layout.levels.values()])) * len(grid.growths)
    lines = [
        f"In-year positions, balances and plans are the forecast engine's own results, for each of the "
        f"{settings * len(grid.settlements):,} combinations of none, half and all of each measure, growth and "
        "settlement. Measures that change plans were run together in every combination; those that only add or take "
        "money were run by themselves and add up.",
        f"Combinations tried at random lay within £{max(1.0, grid.worst):,.0f} a year of the engine's month-by-month "
        "run. The smallest amount shown is £100,000.",
    ]
    if any(len(levels) == 2 for levels in grid.layout.levels.values()):
        names = [page.plan.scenario.vintage.measures[m].title for m, v in grid.layout.levels.items() if len(v) == 2]
        lines.append(f"Half of these measures is read off a straight line between none and all: {'; '.join(names)}.")
    held = [page.plan.scenario.vintage.measures[m].title for m, v in grid.layout.levels.items() if len(v) == 1]
    if held:
        lines.append(f"These measures are held as planned, whatever is chosen: {'; '.join(held)}.")
    if page.chance is not None:
        draws = page.chance.plain.shape[1]
        lines.append(
            f"Chances and ranges are approximate. They use {draws:,} draws around your choices, with what measures do "
            f"to one another's uncertainty left out. On settings picked at random the chance of in-year balance lay "
            f"at most {100 * page.chance.worst:.1f} percentage points from the engine's own on the same draws; so few "
            "draws add about two points either way."
        )
    lines.append("The account is rolled forward in the page by the rules the engine uses: opening + in-year + support.")
    return lines


def sureness(page: Page, at: int) -> list[str]:
    """How far the forecast may be wrong."""
    plan, year = page.plan, page.grid.years[at]
    f = plan.clock.at(year)
    if plan.ensemble is None:
        return [
            "This page was made from the central run alone, so that it says nothing about how sure the figures are."
        ]
    account = plan.ensemble.account
    found = [
        f"The forecast was run {account.closing.shape[0]:,} times, each time with other likely values of everything "
        "that is uncertain: demand for plans, prices, funding, and how far measures are delivered. The spread is set "
        "by how wrong forecasts made this way have been.",
        f"With the plan, the in-year position of {show_year(year)} is {_range_of(account.in_year[:, f])} eight times "
        f"in ten, and the balance before contributions on {day(year)} {_range_of(account.gross_closing[:, f])}.",
    ]
    if np.isfinite(account.met[:, f]).all():
        profile = plan.scenario.vintage.support.agreement.gross_closing
        found.append(
            f"The chance that the agreed balance of {show_year(year)} is met with the plan is "
            f"{likely(float(account.met[:, f].mean()))}. {'' if profile is None else profile_words(profile)}".strip()
        )
    return found


def _range_of(draws: FloatArray) -> str:
    low, high = np.quantile(draws, (0.1, 0.9))
    return f"between {show(float(low))} and {show(float(high))}"


def profile_words(profile: Sourced) -> str:
    """How sure the agreed balances themselves are."""
    if profile.mark == "confirmed":
        return "The agreed balances are as published."
    how = "worked out from published totals" if profile.mark == "inferred" else "not verified"
    return f"The agreed balance of each year is not public: the one used here is {how}."


def about(page: Page) -> list[tuple[str, str]]:
    """What run this is, of what, by whom."""
    manifest, record = page.plan.scenario.vintage.manifest, page.record
    signed = manifest.signed_off
    draws = f"{record.draws:,} draws, seed {record.seed}" if record.draws > 1 else "the central run alone"
    return [
        ("Run", f"{record.run_id}, made by hnforecast {record.version}; fingerprint {record.fingerprint}"),
        ("Assumptions", f"{manifest.title} (vintage {record.vintage}), as at {on_day(manifest.as_at)}"),
        (
            "Signed off",
            f"{on_day(signed.on)}, by {signed.by}, {signed.role}" if signed else "not signed off: a draft",
        ),
        (
            "Who did what",
            f"commissioner: {manifest.commissioner}; analyst: {manifest.analyst}; assurer: {manifest.assurer}; "
            f"approver: {manifest.approver}",
        ),
        ("To be looked at again by", f"{on_day(manifest.review_by)}; do not rely on it after that date"),
        ("How it was run", f"{record.horizon} forecast years; {draws}"),
        ("Sign", "Money is positive. Funding less spend is the in-year position; below nought it is a deficit."),
        (
            "Licence",
            "The program is under the MIT licence. The data contains public sector information licensed under the Open "
            "Government Licence v3.0; each figure names its source. Publishers do not endorse this page.",
        ),
        (
            "What leaves your computer",
            "Nothing. This file holds all it needs, asks no other computer for anything and keeps no record of what "
            "you choose; the address after # changes so that you can send a choice to somebody who has the file.",
        ),
    ]
