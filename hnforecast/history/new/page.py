"""What `hnforecast new` says of the folder it wrote: how it meets the published year, what somebody must fill in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hnforecast.base.timeline import show_year
from hnforecast.writing.blocks import Block, Grid, Heading, Paragraph, Points

if TYPE_CHECKING:
    from hnforecast.history.new.draft import CouncilDraft
    from hnforecast.history.new.unknowns import Unknown

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
