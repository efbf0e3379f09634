"""The causes of a rise in spend as a page a councillor reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hnforecast.base.timeline import show_year
from hnforecast.questions.causes.factors import FACTORS
from hnforecast.writing.blocks import Block, Grid, Heading, Paragraph, Points
from hnforecast.writing.style import lower, millions, percent, ratio, signed

if TYPE_CHECKING:
    from hnforecast.questions.causes import Causes
    from hnforecast.questions.causes.explain import Placements


# What the causes of a rise in spend cannot say.


def limits(causes: Causes) -> Points:
    """What a sceptical reader must be told, with the size of it where it can be given."""
    points = [
        "Place funding (line 1.0.2) is not in this spend, because it was not published by authority and year. Where a "
        "council opened places, part of the cost of special schools is missing here. Transport and casework are on the "
        "council's own budget and are not here either.",
        "What a placement costs is published by sector for 2021-22 only. The mix is weighed with those costs "
        "throughout: "
        "a change of one placement's price against another's counts as unit cost, not as mix.",
        "Cost of a like plan holds fees, rates, the needs of children within a placement, services that no plan drives "
        "(about the same for every plan here), late or early charging, and changes of recording. It is what is left "
        "when the rest is taken out, and not a price list.",
        "Plans were counted council by council to January 2022 and child by child from January 2023: the step between "
        "those two Januaries may be recording rather than children. Where a council moved plans between further "
        "education and not placed, the mix moves in that year and back in another.",
        f"Children are those aged 2 to 18: {_bases(causes)}.",
        "General inflation is the GDP deflator. It jumped in 2020-21 and stood still in 2021-22 because of how public "
        "services were measured in the pandemic: read those two years together.",
    ]
    if causes.weights is not None:
        points.append(
            f"{percent(causes.weights.unpriced)} of plans in January 2022 were in placements without a published cost "
            "(home, not placed, alternative provision, early years); they are weighed as the mean plan."
        )
    if not causes.mix_known:
        points.append(
            "The mix cannot be told apart for this authority: its lines or its placements were not published."
        )
    step = causes.rebasing
    if np.isfinite(step):
        money = abs(step) * float(causes.history.spend.mean())
        points.append(
            "Population estimates were rebased after the census of 2021: the first one after it lies "
            f"{percent(abs(step))} {'below' if step < 0 else 'above'} where growth before it was leading. As much as "
            f"£{millions(money)}m could move between more children and more plans for each child, and nothing else."
        )
    return Points(points)


def _bases(causes: Causes) -> str:
    spans: dict[str, list[str]] = {}
    for year, basis in zip(causes.history.years, causes.history.children.basis, strict=True):
        spans.setdefault(basis, []).append(show_year(year))
    return "; ".join(f"{', '.join(years)} {basis}" for basis, years in spans.items())


def causes_page(causes: Causes, neighbours: Sequence[Causes], without: int) -> list[Block]:
    """Where the money went, beside the neighbours, and what the figures cannot say.

    Args:
        without: how many neighbours lack published figures.
    """
    history = causes.history
    first, last = show_year(history.years[0]), show_year(history.years[-1])
    blocks: list[Block] = [
        Heading(f"{history.name}: what took high needs spend from {first} to {last}", 1),
        Paragraph(_opening(causes)),
        _where(causes),
        Paragraph(_meaning(causes)),
        Heading("Where the plans are"),
        _placed(causes),
    ]
    if causes.placements is not None:
        blocks += _published(causes.placements)
    if neighbours:
        blocks += _beside(causes, neighbours, without)
    blocks += [Heading("Year by year, £m"), _yearly(causes), Heading("What these figures cannot say"), limits(causes)]
    return blocks


def _opening(causes: Causes) -> str:
    history = causes.history
    share = causes.change / float(history.spend[0])
    text = (
        f"Spend rose from £{millions(float(history.spend[0]))}m in {show_year(history.years[0])} to "
        f"£{millions(float(history.spend[-1]))}m in {show_year(history.years[-1])}: £{millions(causes.change)}m or "
        f"{percent(share)} {'more' if share >= 0 else 'less'}. Plans went from {history.plans[0]:,.0f} to "
        f"{history.plans[-1]:,.0f} ({percent(float(history.plans[-1] / history.plans[0] - 1.0))}). "
        "Spend is section 251 outturn of lines 1.2, net of income; it leaves out place funding and transport."
    )
    known = np.nonzero(np.isfinite(causes.grant))[0]
    if len(known) > 1:
        a, b = int(known[0]), int(known[-1])
        ours, theirs = (float(series[b] / series[a] - 1.0) for series in (history.spend, causes.grant))
        text += (
            f" From {show_year(history.years[a])} to {show_year(history.years[b])}, the years published, the high "
            f"needs "
            f"block grew by {percent(theirs)} (£{millions(float(causes.grant[b] - causes.grant[a]))}m) and this "
            f"spend by "
            f"{percent(ours)} (£{millions(float(history.spend[b] - history.spend[a]))}m). The block also pays for "
            f"places, "
            "which this spend leaves out: these are two growths to set side by side, not a balance."
        )
    return text


def _where(causes: Causes) -> Grid:
    rows = [
        [
            label,
            signed(causes.totals[factor]),
            percent(causes.totals[factor] / causes.change),
            _growth(causes, factor),
        ]
        for factor, label in _told(causes)
    ]
    rows.append(
        ["All", signed(causes.change), "100%", percent(float(causes.history.spend[-1] / causes.history.spend[0] - 1))]
    )
    return Grid(["Cause", "£m", "of the rise", "its own growth"], rows)


def _told(causes: Causes) -> list[tuple[str, str]]:
    if causes.mix_known:
        return list(FACTORS.items())
    return [
        (factor, "Placements and cost of a plan beyond inflation" if factor == "unit_cost" else label)
        for factor, label in FACTORS.items()
        if factor != "mix"
    ]


def _meaning(causes: Causes) -> str:
    totals = causes.totals
    ranked = sorted(_told(causes), key=lambda told: -abs(totals[told[0]]))
    (_, most), (_, then) = ranked[0], ranked[1]
    text = (
        f"The largest cause is {lower(most)}: £{millions(totals[ranked[0][0]])}m. Next is {lower(then)}: "
        f"£{millions(totals[ranked[1][0]])}m. "
    )
    text += "The parts add up to the rise to the penny, and would be the same in any other order."
    text += mix_words(causes)
    if causes.growth["unit_cost"] < 0:
        text += (
            " A like plan costs less than general inflation would have made it: fees and rates rose by less than "
            "prices "
            "at large, or less was bought for each plan. The figures cannot tell which."
        )
    return text


def mix_words(causes: Causes) -> str:
    """Which placements raised and which lowered the cost of the mean plan."""
    if not causes.mix_known or causes.weights is None:
        return ""
    shifts = causes.weights.shifts(causes.history)
    up = max(shifts, key=lambda sector: shifts[sector])
    down = min(shifts, key=lambda sector: shifts[sector])
    whole = "hardly moved on balance" if abs(causes.totals["mix"]) < 0.05 * abs(causes.change) else "moved"
    text = f" The mix of placements {whole}"
    told = [
        f"the changed share of {sector} placements {verb} the cost of the mean plan by {percent(abs(shifts[sector]))}"
        for sector, verb in ((up, "raised"), (down, "lowered"))
        if abs(shifts[sector]) >= 0.0005
    ]
    return f"{text}: {', and '.join(told)}, at the costs of 2021-22." if told else f"{text}."


def _placed(causes: Causes) -> Grid:
    history = causes.history
    rows = []
    for kind in causes.shown:
        known = [history.groups[member] for member in kind.groups if member in history.groups]
        if not known:
            continue
        a, b = (float(np.nansum([series[f] for series in known])) for f in (0, -1))
        rows.append(
            [
                kind.label,
                f"{a:,.0f}",
                percent(a / history.plans[0]),
                f"{b:,.0f}",
                percent(b / history.plans[-1]),
                ratio(a, b),
            ]
        )
    counted = [f"January {history.years[0] + 1}", f"January {history.years[-1] + 1}"]
    return Grid(["Placement", counted[0], "share", counted[1], "share", "growth"], rows)


def _published(placements: Placements) -> list[Block]:
    first, last = (show_year(year) for year in placements.years)
    rows = []
    for kind in placements.kinds:
        prices = [money / plans if plans else 0.0 for money, plans in zip(kind.spend, kind.plans, strict=True)]
        rows.append([kind.label, signed(kind.spend[1] - kind.spend[0]), signed(kind.by_plans), signed(kind.by_price),
                     f"{prices[0]:,.0f}", f"{prices[1]:,.0f}"])  # fmt: skip
    total = placements.volume + placements.mix + placements.price
    return [
        Heading(f"Where spend was published by kind of school: {first} to {last}"),
        Paragraph(
            f"These are the only years in which top-up was published by kind of school. Of £{millions(total)}m "
            f"more, more "
            f"plans account for {signed(placements.volume)}, a dearer mix for {signed(placements.mix)} and the "
            f"price of "
            f"each kind for {signed(placements.price)} (£m). All else holds mainstream and post-16 plans, and "
            f"services "
            "that do not grow with plans: part of the fall of its cost a plan is that they are spread over more of "
            "them."
        ),
        Grid(["£m", "change", "plans", "price", f"a plan {first}", last], rows),
    ]


def _beside(causes: Causes, neighbours: Sequence[Causes], without: int) -> list[Block]:
    name = causes.history.name
    rows = []
    own = {**causes.growth, "spend": float(causes.history.spend[-1] / causes.history.spend[0] - 1.0)}
    labels = {**FACTORS, "spend": "All spend"}
    for factor, label in labels.items():
        theirs = [
            n.growth[factor] if factor != "spend" else float(n.history.spend[-1] / n.history.spend[0] - 1.0)
            for n in neighbours
        ]
        known = [value for value in theirs if np.isfinite(value)]
        mine = own[factor]
        if not known or not np.isfinite(mine):
            continue
        median = float(np.median(known))
        rank = 1 + sum(value > mine for value in known)
        at_median = float(causes.history.spend[-1]) * ((1 + median) / (1 + mine) - 1.0)
        worth = "-" if factor == "inflation" else signed(at_median)
        place = "-" if factor == "inflation" else f"{rank} of {len(known) + 1}"
        rows.append([label, percent(mine), percent(median), place, worth])
    last = show_year(causes.history.years[-1])
    left = f" {without} more lack published figures." if without else ""
    listed = ", ".join(n.history.name for n in neighbours)
    return [
        Heading("Beside its statistical neighbours"),
        Paragraph(
            f"Growth of each cause over the same years; the median is that of {len(neighbours)} neighbours "
            f"({listed}).{left} "
            f"Rank 1 grew most. The last column is how much higher, or lower (in brackets), {name}'s spend of "
            f"{last} would "
            "be had that cause alone grown as at the median neighbour; taken one at a time, these do not add up."
        ),
        Grid(["Growth", name, "median", "rank", f"£m in {last}"], rows),
    ]


def _yearly(causes: Causes) -> Grid:
    years = causes.history.years
    told = _told(causes)
    order = list(FACTORS)
    short = {
        "population": "children",
        "prevalence": "plans a child",
        "mix": "mix",
        "inflation": "inflation",
        "unit_cost": "unit cost",
    }
    rows = [
        [show_year(year), *(signed(float(causes.parts[order.index(factor), f])) for factor, _ in told),
         signed(float(causes.history.spend[f + 1] - causes.history.spend[f]))]
        for f, year in enumerate(years[1:])
    ]  # fmt: skip
    rows.append(["All", *(signed(causes.totals[factor]) for factor, _ in told), signed(causes.change)])
    return Grid(["to", *(short[factor] for factor, _ in told), "change"], rows)


def _growth(causes: Causes, factor: str) -> str:
    whole = causes.levels[:, -1] / causes.levels[:, 0] - 1.0
    return percent(float(whole[list(FACTORS).index(factor)]))
