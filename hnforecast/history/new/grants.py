"""Funding and balances of a draft: what is published, then growth; the balance carried forward from the last known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from hnforecast.base.timeline import month as month_number
from hnforecast.base.timeline import show_month, show_year
from hnforecast.history.new.leaves import Content, Source, Writer
from hnforecast.history.new.published import Money

BLOCK_SOURCE = Source(
    "DfE, dedicated schools grant allocations (July 2024 edition)", date(2024, 7, 18), date(2024, 7, 18)
)
PEOPLE = "All authorities of the panel together, in proportion to children aged 2 to 18."


@dataclass(frozen=True)
class Carried:
    """The balance carried from the last published to the start of the base outturn year.

    Args:
        known: financial year -> published balance at its end, negative a deficit.
        yearly: financial year -> estimated in-year position of each year between.
        start: balance as the base outturn year opens.
    """

    known: Mapping[int, float]
    yearly: Mapping[int, float]
    start: float


def funding_content(money: Money, starter: Content, write: Writer) -> Content:
    """funding.yaml: published years, then the growth judged for every council; no transfer, as none is published."""
    first = min(money.block)
    start = f"{first}-04"
    exchange = {year: value for year, value in money.exchange.items() if year in money.block}
    exchange = {year: exchange.get(year, 0.0) for year in money.block} if exchange else {first: 0.0}
    own = {} if money.block_own else {"mark": "unverified"}
    why = "" if money.block_own else PEOPLE
    deducted = {year: float(starter["deductions_growth"]) for year in (max(money.block) + 1,)}
    growth: Content = write.own(starter["block_growth"])
    last = max(money.block)
    growth["by"] = {key: value for key, value in growth["by"].items() if int(key[:4]) > last}
    growth["from"] = f"{last + 1}-04"
    return {
        "high_needs_block": {
            "allocation": write.known(BLOCK_SOURCE, "gbp_year", start, why, by=_by(money.block), impact="red", **own),
            "growth": growth,
        },
        "import_export": write.known(BLOCK_SOURCE, "gbp_year", f"{min(exchange)}-04",
                                     "Import and export adjustment." if money.exchange else "None is in the pack: nil.",
                                     by=_by(exchange), **({} if money.exchange else {"mark": "unverified"})),
        "deductions": write.known(BLOCK_SOURCE, "gbp_year", start, f"Before less after deductions. {why}".strip(),
                                  by=_by(money.deducted), **own),
        "deductions_growth": write.judged("Judged: no figure after the last published", "share_per_year",
                                          f"{min(deducted)}-04", by=_by(deducted), quality="amber", impact="green"),
    }  # fmt: skip


def carry_balance(money: Money, starter: Content, place_funding: float, base: int) -> Carried:
    """Carry the balance forward with published figures.

    Each year's position is the block after deductions less lines 1.2 less place funding, which after 2021-22 is not
    published and is held. Transfers, support and contributions are not known and are left out.

    Args:
        place_funding: pounds a year the council pays for places.
        base: first calendar year of the base outturn year.
    """
    last = max((year for year in money.balance if year < base), default=None)
    if last is None:
        return Carried({}, {}, 0.0)
    rates = {int(key[:4]): float(value) for key, value in starter["block_growth"]["by"].items()}
    net, level = {}, 0.0
    for year in range(min(money.block), base):
        if year in money.block:
            level = money.block[year] - money.deducted[year]
        else:
            level *= 1.0 + rates.get(year, 0.0)
        net[year] = level
    yearly = {
        year: net[year] - money.spend[year] - place_funding
        for year in range(last + 1, base)
        if year in net and year in money.spend
    }
    known = {year: value for year, value in money.balance.items() if year <= last}
    return Carried(known, yearly, money.balance[last] + sum(yearly.values()))


def support_content(carried: Carried, starter: Content, write: Writer, in_year: float) -> Content:
    """support.yaml: balances published and carried, no agreement and no instrument, the end of the override.

    Args:
        in_year: position of the base outturn year as the draft makes it.
    """
    base = write.year
    by = {show_month(month_number(year + 1, 3)): round(value) for year, value in sorted(carried.known.items())}
    by[show_month(month_number(base, 3))] = round(carried.start)
    by[show_month(month_number(base + 1, 3))] = round(carried.start + in_year)
    start = min(by)
    if carried.known:
        last = max(carried.known)
        yearly = "; ".join(f"{show_year(year)} {gbp / 1e6:+,.1f}m" for year, gbp in carried.yearly.items())
        source = (
            f"DfE, section 251 line 1.9.3 to March {last + 1}; then carried forward with the published block, lines "
            f"1.2 and place funding, in-year {yearly}; "
            f"{show_year(base)} as this draft makes it, {in_year / 1e6:+,.1f}m"
        )
    else:
        source = f"No balance is published here: nil before {show_year(base)}, then that year as this draft makes it"
    balance = write.judged(
        source, "gbp", start, by=dict(sorted(by.items())), quality="red", impact="red",
        note="Before any transfer from the schools block, support or contribution since, none of which is known here. "
             "Replace by the statement of accounts.",
    )  # fmt: skip
    return {"balance": balance, "override_ends": write.own(starter["override_ends"])}


def _by(values: Mapping[int, float]) -> Content:
    return {show_year(year): value for year, value in sorted(values.items())}
