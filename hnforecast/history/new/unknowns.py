"""What a draft made from published data does not know: what it assumes meanwhile, and where to put the truth."""

from __future__ import annotations

from dataclasses import dataclass

from hnforecast.base.timeline import show_year
from hnforecast.history.new.draft import CouncilDraft
from hnforecast.history.new.published import DETAIL_YEAR


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
