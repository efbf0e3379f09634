"""The measures on the decision page: promised against expected, and the mix that would bring balance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hnforecast.base.timeline import show_year
from hnforecast.questions.brief.promises import span
from hnforecast.questions.brief.words import STILL, chance, money, position
from hnforecast.questions.targets.words import move_text
from hnforecast.writing.blocks import Block, Grid, Paragraph, Points
from hnforecast.writing.style import percent, signed

if TYPE_CHECKING:
    from hnforecast.questions.brief.balance import Balance
    from hnforecast.questions.brief.promises import Promises
    from hnforecast.questions.targets.closing import Closing

ALIKE = 0.05  # of the last year: what the years before it come to is then next to nothing


def _short(name: str) -> str:
    return name.replace("_", " ").capitalize()


def promise_blocks(promises: Promises) -> list[Block]:
    """Measure by measure, then what to know of the figures, then the account of both."""
    last = show_year(promises.years[-1])
    header = (f"Net, £m, {span(promises.years)}", "promised", "now", "change", f"in {last}")
    rows = []
    for row in promises.rows:
        then, now = (None if side is None else float(side.sum()) for side in (row.earlier, row.later))
        change = signed(now - then) if then is not None and now is not None else "-"
        end = "-" if row.later is None else signed(float(row.later[-1]))
        rows.append([_short(row.name), *("-" if v is None else signed(v) for v in (then, now)), change, end])
    whole_then, whole_now = promises.saved
    whole_end = sum(float(row.later[-1]) for row in promises.rows if row.later is not None)
    rows.append(
        ["All measures", signed(whole_then), signed(whole_now), signed(whole_now - whole_then), signed(whole_end)]
    )
    both = zip(
        promises.earlier.in_year, promises.later.in_year, promises.earlier.gross_closing,
        promises.later.gross_closing, strict=True,
    )  # fmt: skip
    account = [[show_year(y), *(signed(float(v)) for v in four)] for y, four in zip(promises.years, both, strict=True)]
    titles = "; ".join(f"{_short(row.name)}: {row.title}" for row in promises.rows)
    return [
        Grid(header, rows),
        Points(_promise_notes(promises)),
        Grid(("£m, deficit in brackets", "in-year then", "now", "balance then", "now"), account),
        Paragraph(f"Balances are before any contribution. The measures in full. {titles}."),
    ]


def _promise_notes(promises: Promises) -> list[str]:
    only = {
        promises.earlier.vintage: [_short(row.name) for row in promises.rows if row.later is None],
        promises.later.vintage: [_short(row.name) for row in promises.rows if row.earlier is None],
    }
    notes = [f"Only in {vintage}, so not matched: {', '.join(names)}." for vintage, names in only.items() if names]
    notes += [
        f"Promised is this program's forecast of vintage {promises.earlier.vintage}, scenario {promises.scenario}"
        f"{_tuned(promises)}; its split over measures is ours. No saving by measure was published or seen, so do not "
        "quote that column as the council's own figure.",
        "A figure is a measure's share of what all save together, net of its costs; in brackets it costs more than it "
        "saves. The shares add up to the whole, so nothing is counted twice.",
    ]
    notes += [*_held(promises), *_whole(promises)]
    if promises.past_years:
        past = sum(row.past for row in promises.rows)
        way = "worse" if promises.opening_gap < 0 else "better"
        notes.append(
            f"The earlier vintage also expected {money(past)} over {span(promises.past_years)}. Whether that came is "
            "not published by measure. What is known is the balance before any contribution: as "
            f"{show_year(promises.years[0])} began it was {money(abs(promises.opening_gap))} {way} "
            "than that plan had it."
        )
    return notes


def _tuned(promises: Promises) -> str:
    """What the earlier vintage was set to reach, inside a sentence."""
    return f", calibrated to {'; '.join(promises.targets)}" if promises.targets else ", tuned to no published forecast"


def _held(promises: Promises) -> list[str]:
    """What the later vintage holds without its measures, so that the change is not read as a shortfall."""
    if not promises.counted:
        return []
    text = (
        f"The change is not all a shortfall of delivery: {promises.later.vintage} counts only what is still to come. "
        f"What measures had done by January {promises.counted} is in the count it starts from."
    )
    before, now = promises.approved
    if abs(now - before) >= STILL:
        text += (
            f" Transfers from the schools block already approved for {span(promises.years)}, {money(now)} in the later "
            f"vintage and {money(before)} in the earlier, are in its funding with or without measures and in no row."
        )
    return [text]


def _whole(promises: Promises) -> list[str]:
    """What all measures bring in the last year, how sure that is, and how the sum over the years comes about."""
    last = show_year(promises.years[-1])
    end = sum(float(row.later[-1]) for row in promises.rows if row.later is not None)
    said = []
    if promises.ends is not None:
        low, high = promises.ends
        said.append(
            f"All measures together bring {money(end)} in {last}; eight times in ten it should be between {money(low)} "
            f"and {money(high)}. No range was made of one measure alone."
        )
    before = promises.saved[1] - end
    if len(promises.years) > 1 and abs(before) < ALIKE * abs(end):
        said.append(
            f"Before {last} the measures cost about as much as they save ({money(before)} in all), so the sum over the "
            "years and that year alone are alike."
        )
    return said


def verdict(balance: Balance) -> str:
    """The answer in a sentence or two."""
    year = show_year(balance.goal.year)
    before = chance(balance.chance_before, balance.draws)
    stands = f"as the plan stands it is {position(balance.before)}, chance of balance {before}"
    if balance.met:
        return (
            f"In-year balance in {year} needs the mix of section 3: {position(balance.after)} in the central run, "
            f"chance of balance {chance(balance.chance_after, balance.draws)}; {stands}."
        )
    text = (
        f"No mix of these measures brings in-year balance in {year}: the best leaves {position(balance.after)} in the "
        f"central run, chance of balance {chance(balance.chance_after, balance.draws)}; {stands}."
    )
    closing = balance.closing
    if closing is None:
        return text
    if closing.met:
        return f"{text} The rest would need changes beyond the measures that are in nobody's plan (section 3)."
    return f"{text} Even the changes beyond the measures of section 3, at their limit, leave {position(closing.score)}."


def balance_blocks(balance: Balance) -> list[Block]:
    """The mix, what to know of it, and what would close the rest."""
    year = show_year(balance.goal.year)
    rows = [[_short(one.name), percent(one.now), percent(one.chosen), signed(one.worth)] for one in balance.taken]
    notes = [
        f"The mix costs {money(balance.cost)} to {year} on any budget. The chance that every measure delivers at least "
        f"what it asks, were they independent, is {chance(balance.sure)}: full delivery of everything is a limit, not "
        "a forecast.",
        "A measure can be delivered to 100% of what its file says and no further. What is lost without one is not a "
        "part of a whole: measures work together.",
    ]
    if balance.low is not None and balance.high is not None:
        notes.append(
            f"Over {balance.draws:,} draws the position in {year} with the mix lies between {position(balance.low)} "
            f"and {position(balance.high)} in eight cases of ten. A chance is of in-year balance in that year, not of "
            "the accumulated deficit."
        )
    flagged = {one.name: sorted(set(one.flagged)) for one in balance.taken if one.chosen > 0 and one.flagged}
    if flagged:
        told = "; ".join(f"{_short(name)}, {', '.join(duties)}" for name, duties in flagged.items())
        notes.append(
            f"These act on who is assessed, has a plan or is placed where: {told}. The law sets each test and nothing "
            "here lowers it: a saving that needs a duty refused does not exist, and must be taken out of this sum."
        )
    blocks: list[Block] = [
        Paragraph(verdict(balance)),
        Grid(("Measure", "delivered in the plan", "in the mix", "£m lost without"), rows),
        Points(notes),
    ]
    return blocks + _closing(balance.closing, year, balance.draws) if balance.closing is not None else blocks


def _closing(closing: Closing, year: str, draws: int) -> list[Block]:
    end = (
        f"together they bring balance in {year}, with a chance of {chance(closing.chance_after, draws)}"
        if closing.met
        else f"together, at their limits, they still leave {position(closing.score)} in {year}"
    )
    moves = [[lever.label, move_text(lever, lever.start), move_text(lever, move)] for lever, move in closing.moves]
    return [
        Paragraph(
            f"What would close the rest, each moved {percent(closing.share)} of the way to its limit: {end}. These are "
            "changes of price, demand and funding that nobody has shown how to bring about; they size the gap and are "
            "no proposal. The duty to assess and to provide does not move with any of them."
        ),
        Grid(("Beyond the measures", "now", "moved to"), moves),
    ]
