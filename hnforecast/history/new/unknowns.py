"""What a draft made from published data does not know: what it assumes meanwhile, and where to put the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hnforecast.base.timeline import show_year
from hnforecast.history.new.draft import CouncilDraft
from hnforecast.history.new.published import DETAIL_YEAR
from hnforecast.writing.blocks import Block, Grid, Heading, Paragraph, Points


@dataclass(frozen=True)
class Unknown:
    """One thing that somebody must fill in.

    Args:
        what: in words.
        assumed: what the draft says meanwhile, with its figure.
        where: the file and setting that takes the truth.
        mark: of what is assumed.
    """

    what: str
    assumed: str
    where: str
    mark: str


def unknowns_of(draft: CouncilDraft) -> tuple[Unknown, ...]:
    """In the order of how much the forecast rests on them."""
    base = draft.against.year
    end = f"31 March {base + 1}"
    return (
        _balance(draft, end),
        _block(draft),
        Unknown("Transfers from the schools block", "none", "funding.yaml, block_transfer", "unverified"),
        _prices(draft),
        Unknown(
            "Places commissioned at special schools and units", "stock of two counts, then growth as plans there grew",
            "flows.yaml, places", "unverified",
        ),
        Unknown(
            "Agreement with the Department, payments under it, contributions, grants towards the deficit", "none",
            "support.yaml, agreement and instruments", "unverified",
        ),
        Unknown(
            "Measures", "none: there is no mitigated scenario until a file stands in assumptions/measures/"
            f"{draft.name}/ and a scenario lists it (see docs/decisions.md; `new --example` has three)",
            f"assumptions/measures/{draft.name}/NAME.yaml, scenarios.yaml", "unverified",
        ),
        Unknown("Uplifts of prices after the base year", "the GDP deflator", "prices.yaml, indices", "unverified"),
        Unknown(
            "Education otherwise than at school", "no price of its own; what it cost lies in services, line 1.2.7",
            "prices.yaml, top_up", "unverified",
        ),
        Unknown("Transport, casework and psychology (council budget)", "left out", "services.yaml, council",
                "unverified"),
        Unknown("Who stands behind the vintage", "to be named", "manifest.yaml", "unverified"),
    )  # fmt: skip


def _balance(draft: CouncilDraft, end: str) -> Unknown:
    carried = draft.carried
    words = "deficit" if draft.balance < 0 else "surplus"
    if carried.known:
        last = max(carried.known)
        basis = (
            f"carried forward from {carried.known[last] / 1e6:,.1f}m at March {last + 1} with published spend and grant"
        )
    else:
        basis = f"no balance was published: nil before {show_year(draft.against.year)}"
    figure = f"a {words} of £{abs(draft.balance) / 1e6:,.1f}m, {basis}; no transfer, support or contribution since"
    return Unknown(f"Balance of the DSG at {end}", figure, "support.yaml, balance", "unverified")


def _block(draft: CouncilDraft) -> Unknown:
    last = max(draft.money.block)
    own = "" if draft.money.block_own else " (all authorities together, by children: its own is not in the pack)"
    figure = f"£{draft.money.block[last] / 1e6:,.1f}m of {show_year(last)}{own}, grown as judged for every council"
    return Unknown(f"High needs block after {show_year(last)}", figure, "funding.yaml, high_needs_block", "unverified")


def _prices(draft: CouncilDraft) -> Unknown:
    costs, against = draft.costs, draft.against
    whose = "own section 251 lines" if costs.own else "England's section 251 lines, as it made no return by sector"
    odd = f"; England's for {len(costs.swapped)} placement(s) whose own was odd" if costs.swapped else ""
    figure = (
        f"{whose} of {show_year(DETAIL_YEAR)} over plans{odd}, every one x{against.factor:.2f} to meet the outturn of "
        f"{show_year(against.year)} (general prices rose x{against.deflator:.2f})"
        if against.published
        else f"{whose} of {show_year(DETAIL_YEAR)} over plans{odd}, moved by general prices: no outturn to meet"
    )
    return Unknown("Prices per plan and of services", figure, "prices.yaml and services.yaml", "inferred")


# What `hnforecast new` says of the folder it wrote.

FAR = 0.25  # costs that rose this much beyond general prices are called out


def new_council_page(draft: CouncilDraft, unknowns: Sequence[Unknown]) -> list[Block]:
    """The page, the same on screen and as README.md of the folder."""
    name, census = draft.authority.name, draft.proposal.census
    plans = float(draft.proposal.rates.opening[census].sum())
    page: list[Block] = [
        Heading(f"{name}: a draft from published data", 1),
        Paragraph(
            f"Vintage {draft.name}, plans to January {census} ({plans:,.0f}), outturn to "
            f"{show_year(draft.against.year)}. Nobody at the council has seen or agreed a figure of it."
        ),
        Heading("Against the published outturn"),
        *_against(draft),
        Heading("What you must fill in before anybody relies on this"),
        Points([f"{item.what}: {item.assumed} [{item.mark}]. Put it in {item.where}." for item in unknowns]),
        Heading("How the rates were fitted"),
        Points(list(draft.settled.notes)),
    ]
    return page


def _against(draft: CouncilDraft) -> list[Block]:
    against = draft.against
    year = show_year(against.year)
    if against.published is None or against.gap is None:
        return [
            Paragraph(
                f"The national pack has no section 251 outturn of {year} for this authority, so prices are "
                f"calibrated to nothing: the draft spends £{against.engine / 1e6:,.1f}m on lines 1.2 in that year."
            )
        ]
    carried = against.at_deflator / against.published - 1.0
    rows = [
        ("Published outturn, lines 1.2 net", f"{against.published / 1e6:,.1f}", ""),
        ("Draft as written (calibrated to it)", f"{against.engine / 1e6:,.1f}", f"{against.gap:+.2%}"),
        ("At unit costs of 2021-22 and general prices", f"{against.at_deflator / 1e6:,.1f}", f"{carried:+.1%}"),
    ]
    said = (
        f"The last row is the honest test: with the unit costs of the one year published by sector and general prices, "
        f"the published {year} would have been missed by {abs(carried):.0%}. Every price and service is therefore "
        f"multiplied by {against.factor:.2f}, where general prices rose by {against.deflator:.2f}."
    )
    blocks: list[Block] = [Grid((f"£m, {year}", "spend", "gap"), rows), Paragraph(said)]
    if abs(against.factor / against.deflator - 1.0) > FAR:
        blocks.append(
            Paragraph(
                "That is far from general prices. Fees, recording, or money that no plan drives may be behind it: "
                "look at prices first."
            )
        )
    return blocks
