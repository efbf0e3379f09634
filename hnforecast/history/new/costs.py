"""Prices and services of a draft: unit costs of the year published by sector, all moved alike to the published outturn.

Top-up of a sector over its plans in that year, then one multiplier on every price and service of lines 1.2, so that the
base outturn year comes to the published total. The multiplier is told: it is how far costs rose, whatever the cause.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from hnforecast.base.timeline import show_year
from hnforecast.history.new.leaves import Content, Source, Writer
from hnforecast.history.new.published import DETAIL_YEAR, Lines, Money

LINES_SOURCE = Source(
    f"DfE, high needs benchmarking tool, section 251 outturn {show_year(DETAIL_YEAR)} by sector, over plans of January "
    f"{DETAIL_YEAR + 1}",
    date(2023, 12, 31),
    date(DETAIL_YEAR + 1, 3, 31),
)
SCHOOLS_SOURCE = Source(
    "DfE, Education, health and care plans (SEN2), share of the placement in council-maintained schools",
    date(2025, 6, 26),
    date(2025, 1, 16),
)
PLACE_GROUP = "place_funding"
INCOME = "income"
SERVICES = "services"
LEVEL = 0.8
ENGLAND = "England's"


@dataclass(frozen=True)
class Sector:
    """One row of the code list of section 251 groups: a published group and sector, its lines and placements."""

    key: tuple[str, str]
    lines: tuple[str, ...]
    placements: tuple[str, ...]
    label: str


@dataclass(frozen=True)
class UnitCost:
    """Top-up per plan of a sector in the year published.

    Args:
        placement: whose plans.
        gbp: pounds a plan.
        own: whether it is the authority's own, or England's.
        lines: s251 lines it is charged to.
    """

    placement: str
    gbp: float
    own: bool
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Costs:
    """Unit costs, and pounds of services by sector, of the year published.

    Args:
        units: one a placement.
        services: pounds; negative is income.
        swapped: placements whose own unit cost was too odd to use.
    """

    units: tuple[UnitCost, ...]
    services: tuple[tuple[Sector, float], ...]
    swapped: tuple[str, ...]
    own: bool


def read_sectors(rows: Sequence[Mapping[str, str]]) -> tuple[Sector, ...]:
    """The code list s251_groups as written."""
    return tuple(
        Sector((row["group"], row["sector"]), tuple(row["s251_lines"].split(";")), tuple(row["placements"].split(";")),
               row["label"])
        for row in rows
    )  # fmt: skip


def unit_costs(money: Money, sectors: Sequence[Sector], starter: Content, plans_now: float) -> Costs:
    """Share the published lines into unit costs and services.

    Args:
        plans_now: the authority's plans of the base January, to scale England's services by where it has no lines.
    """
    lines = money.own or money.england
    scale = 1.0 if money.own is not None else plans_now / lines.total_plans
    fixed, odd = set(starter["not_per_plan"]), float(starter["price_odd"])
    priced: dict[tuple[str, ...], list[Sector]] = {}
    services: list[tuple[Sector, float]] = []
    for sector in sectors:
        if sector.placements[0] == SERVICES or set(sector.placements) & fixed:
            services.append((sector, lines.gbp.get(sector.key, 0.0) * scale))
        elif sector.key[0] != PLACE_GROUP:
            priced.setdefault(sector.placements, []).append(sector)
    units: list[UnitCost] = []
    swapped: list[str] = []
    for placements, members in priced.items():
        own, england = (_per_plan(source, members, placements) for source in (lines, money.england))
        usable = own is not None and own > 0 and (england is None or england / odd <= own <= england * odd)
        if not usable:
            if money.own is not None:
                swapped += placements
            if own is None:  # pounds of plans nobody was counted in
                services += [(sector, lines.gbp.get(sector.key, 0.0) * scale) for sector in members]
        gbp = own if usable else england
        for placement in placements:
            if gbp is not None and gbp > 0:
                units.append(UnitCost(placement, gbp, usable and money.own is not None, members[0].lines))
    return Costs(tuple(units), tuple(item for item in services if item[1]), tuple(swapped), money.own is not None)


def _per_plan(lines: Lines, sectors: Sequence[Sector], placements: Sequence[str]) -> float | None:
    """Pounds a plan; None where nobody was counted."""
    plans = sum(lines.plans.get(name, 0.0) for name in placements)
    return sum(lines.gbp.get(sector.key, 0.0) for sector in sectors) / plans if plans > 0 else None


def prices_content(
    costs: Costs, money: Money, starter: Content, write: Writer, factor: float, capped: Sequence[str], total: str
) -> Content:
    """prices.yaml, but for its indices.

    Args:
        capped: placements with commissioned places.
        factor: multiplier on every unit cost.
        total: what it was calibrated to, in words; "" where nothing was.
    """
    years = f"{write.year}-04"
    top_up: Content = {}
    for unit in costs.units:
        width = float(starter["price_range"]["own" if unit.own else "england"])
        value = round(unit.gbp * factor, 2)
        more = {"calibrated_to": total} if total else {}
        top_up[unit.placement] = write.judged(
            f"{'Own' if unit.own else ENGLAND} {unit.gbp:,.0f} a plan, x{factor:.3f}. {LINES_SOURCE.words}",
            "gbp_per_plan_year", years, value=value, price_base=show_year(write.year),
            uprate_by=_index(starter, unit.lines), mark="inferred" if unit.own else "unverified",
            interval={"low": round(value * (1 - width), 2), "high": round(value * (1 + width), 2), "level": LEVEL},
            quality="amber" if unit.own else "red", impact="red", **more,
        )  # fmt: skip
    place, shares = _places(money, starter, write, capped)
    content: Content = {
        "indices": {},
        "top_up": top_up,
        "line_share": {},
        "place": place,
        "place_council_share": shares,
    }
    for unit in costs.units:
        content["line_share"][unit.placement] = _line_shares(unit, money, write)
    return content


def indices_content(deflator: Mapping[int, float], starter: Content, write: Writer) -> Content:
    """One index a name, each the GDP deflator from the base outturn year on."""
    by = {show_year(year): round(value, 6) for year, value in sorted(deflator.items()) if year >= write.year}
    names = sorted(set(starter["uprate_by"].values()))
    return {
        name: write.judged(str(starter["indices_source"]), "share_per_year", f"{write.year}-04", by=by, quality="amber",
                           impact="red")
        for name in names
    }  # fmt: skip


def services_content(costs: Costs, starter: Content, write: Writer, factor: float) -> Content:
    """services.yaml: every sector that no plan drives; place funding is not moved by the multiplier."""
    lines: Content = {}
    for sector, gbp in costs.services:
        place = sector.key[0] == PLACE_GROUP
        value = abs(gbp) * (1.0 if place else factor)
        placed = {} if sector.placements[0] == SERVICES else {"placement": sector.placements[0]}
        entry: Content = {"s251_line": sector.lines[0], "label": sector.label, **placed}
        if sector.key[1] == INCOME:
            entry["kind"] = "income"
        moved = "the place rate has not moved" if place else f"x{factor:.3f}"
        entry["cost"] = write.judged(
            f"{'Own' if costs.own else 'England, by plans:'} {abs(gbp) / 1e6:,.2f}m of {show_year(DETAIL_YEAR)}, "
            f"{moved}. {LINES_SOURCE.words}",
            "gbp_year", f"{write.year}-04", value=round(value, 2), price_base=show_year(write.year),
            uprate_by=starter["uprate_by"]["services"], mark="inferred" if costs.own else "unverified",
            quality="amber", impact="green",
        )  # fmt: skip
        name = "_".join(part for part in sector.key if part != "all")
        lines[name] = entry
    return {"lines": lines}


def _index(starter: Content, lines: Sequence[str]) -> str:
    named: Content = starter["uprate_by"]
    return str(next((named[line] for line in lines if line in named), named["other"]))


def _line_shares(unit: UnitCost, money: Money, write: Writer) -> Content:
    """The lines of a placement: where there are two, the first is that of schools the council maintains."""
    first = float(np.round(money.maintained.get(unit.placement, 0.0), 4)) if len(unit.lines) > 1 else 1.0
    shares = {unit.lines[0]: first, unit.lines[-1]: round(1.0 - first, 4) if len(unit.lines) > 1 else first}
    return {
        line: write.known(SCHOOLS_SOURCE, "share", f"{write.year}-04", value=share)
        for line, share in shares.items()
        if share > 0
    }


def _places(money: Money, starter: Content, write: Writer, capped: Sequence[str]) -> tuple[Content, Content]:
    """Place funding, and the share of places in schools the council maintains and so pays for."""
    place = {name: write.own(leaf) for name, leaf in starter["place"].items() if name in capped}
    shares = {
        name: write.known(SCHOOLS_SOURCE, "share", f"{write.year}-04", value=round(money.maintained.get(name, 1.0), 4))
        for name in place
    }
    return place, shares
