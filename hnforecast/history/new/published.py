"""What is published about the money of one authority: lines by sector, outturn by year, the block, the balance.

Where an authority made no return, that of all authorities of the panel together stands in, in proportion to plans or
children, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hnforecast.base.codes import Codes
from hnforecast.base.timeline import parse_year
from hnforecast.inputs.cut import cut_council

if TYPE_CHECKING:
    import pandas

DETAIL = "s251_high_needs_detail_by_la_2021_22"
PLACED = "ehcp_by_la_placement_2019_2025"
BLOCKS = "dsg_block_allocations_by_la_2019_2023"
DETAIL_YEAR = 2021  # the one financial year whose lines were published by sector
HIGH_NEEDS = "high_needs_block"
EXCHANGE = "import_export_adjustment"
LINES = "high_needs_lines_1_2"
CHILDREN = (2, 18)
Cut = Mapping[str, "pandas.DataFrame"]


@dataclass(frozen=True)
class Lines:
    """Section 251 outturn of 2021-22 by group and sector.

    Args:
        gbp: (group, sector) -> pounds, income negative.
        plans: placement -> plans of the January inside the year, of the same authorities.
    """

    gbp: Mapping[tuple[str, str], float]
    plans: Mapping[str, float]

    @property
    def total_plans(self) -> float:
        """All plans."""
        return sum(self.plans.values())


@dataclass(frozen=True)
class Money:
    """One authority's published money.

    Args:
        own: its lines, or None where it made no return by sector.
        england: those of all authorities of the panel that did.
        spend: financial year -> pounds on lines 1.2, net.
        block, deducted: financial year -> pounds before deductions, and of places the Department pays direct.
        block_own: whether the block is the authority's own.
        exchange: financial year -> import and export adjustment.
        balance: financial year -> balance at its end, negative is a deficit.
        maintained: placement -> share of its plans in schools the council maintains, latest January.
    """

    own: Lines | None
    england: Lines
    spend: Mapping[int, float]
    block: Mapping[int, float]
    deducted: Mapping[int, float]
    block_own: bool
    exchange: Mapping[int, float]
    balance: Mapping[int, float]
    maintained: Mapping[str, float]


def read_money(frames: Mapping[str, pandas.DataFrame], cut: Cut, code: str, codes: Codes) -> Money:
    """Gather the money of one authority.

    Args:
        frames: panel files by name.
        cut: the authority's own files (inputs.cut.cut_council).
    """
    block, deducted = _block(cut)
    own_block = bool(block)
    if not own_block:
        block, deducted = _block_by_children(frames, code)
    return Money(
        own=_own_lines(cut, codes),
        england=_all_lines(frames, codes),
        spend=_series(cut.get("s251_series"), LINES),
        block=block,
        deducted=deducted,
        block_own=own_block,
        exchange=_exchange(cut),
        balance=_balances(cut),
        maintained=_maintained(frames, code, codes),
    )


def _own_lines(cut: Cut, codes: Codes) -> Lines | None:
    detail, placed = cut.get("s251_detail"), cut.get("plans_by_placement")
    if detail is None or placed is None:
        return None
    plans = placed[placed["census_year"] == DETAIL_YEAR + 1]
    counts = {str(row["placement"]): float(row["plans"]) for row in plans.to_dict("records")}
    return Lines(_gbp(detail), counts) if sum(counts.values()) > 0 else None


def _gbp(detail: pandas.DataFrame) -> dict[tuple[str, str], float]:
    rows = detail[detail["basis"] == "outturn"].dropna(subset=["gbp"])
    return {
        (str(row["group"]), str(row["sector"])): (-1.0 if row["sector"] == "income" else 1.0) * float(row["gbp"])
        for row in rows.to_dict("records")
    }


def _all_lines(frames: Mapping[str, pandas.DataFrame], codes: Codes) -> Lines:
    """Every authority with lines by sector, added up, over their plans together."""
    detail, placed = frames[DETAIL], frames[PLACED]
    known = detail[detail["old_la_code"] != ""]
    placed = placed[(placed["year"] == DETAIL_YEAR + 1) & placed["old_la_code"].isin(set(known["old_la_code"]))]
    known = known[known["old_la_code"].isin(set(placed["old_la_code"]))]
    total = known.select_dtypes("number").sum(min_count=1).to_frame().T.assign(old_la_code="")
    counts = codes.place_columns(placed, "ehcplans", strict=False)[list(codes.placements)].sum()
    whole = cut_council({DETAIL: total}, "", codes)["s251_detail"]
    return Lines(_gbp(whole), {name: float(counts[name]) for name in codes.placements})


def _series(frame: pandas.DataFrame | None, bucket: str) -> dict[int, float]:
    if frame is None:
        return {}
    rows = frame[frame["bucket"] == bucket].dropna(subset=["gbp"])
    return {parse_year(str(row["financial_year"])): float(row["gbp"]) for row in rows.to_dict("records")}


def _block(cut: Cut) -> tuple[dict[int, float], dict[int, float]]:
    frame = cut.get("dsg_allocations")
    if frame is None:
        return {}, {}
    rows = frame[frame["block"] == HIGH_NEEDS].dropna(subset=["gbp"])
    by = {
        (parse_year(str(row["financial_year"])), str(row["basis"])): float(row["gbp"])
        for row in rows.to_dict("records")
    }
    years = sorted(year for year, basis in by if basis == "before_recoupment" and (year, "after_deductions") in by)
    before = {year: by[year, "before_recoupment"] for year in years}
    # an edition may print a net block a little above the gross one
    return before, {year: max(0.0, before[year] - by[year, "after_deductions"]) for year in years}


def _block_by_children(frames: Mapping[str, pandas.DataFrame], code: str) -> tuple[dict[int, float], dict[int, float]]:
    """The last year of all authorities together, in proportion to children aged 2 to 18."""
    allocations, residents = frames[BLOCKS], frames["population_by_la_single_age"]
    year = str(allocations["financial_year"].max())
    rows = allocations[(allocations["financial_year"] == year) & (allocations["old_la_code"] != "")]
    young = residents[residents["age"].between(*CHILDREN) & (residents["year"] == residents["year"].max())]
    children = young.groupby("old_la_code")["population"].sum()
    rows = rows[rows["old_la_code"].isin(children.index)]
    share = float(children.get(code, 0.0)) / float(children[rows["old_la_code"]].sum())
    gross = float(rows[f"{HIGH_NEEDS}_before_recoupment"].sum()) * share
    net = float(rows[f"{HIGH_NEEDS}_after_deductions"].sum()) * share
    return {parse_year(year): round(gross)}, {parse_year(year): round(gross - net)}


def _exchange(cut: Cut) -> dict[int, float]:
    frame = cut.get("high_needs_block_components")
    if frame is None:
        return {}
    rows = frame[frame["component"] == EXCHANGE].dropna(subset=["value"])
    return {parse_year(str(row["financial_year"])): float(row["value"]) for row in rows.to_dict("records")}


def _balances(cut: Cut) -> dict[int, float]:
    frame = cut.get("dsg_deficit")
    if frame is None:
        return {}
    rows = frame.dropna(subset=["approx_deficit_gbp"])
    return {
        parse_year(str(row["financial_year"])): -float(row["approx_deficit_gbp"]) for row in rows.to_dict("records")
    }


def _maintained(frames: Mapping[str, pandas.DataFrame], code: str, codes: Codes) -> dict[str, float]:
    """Share of each placement's plans in columns of council-maintained schools, latest January with any."""
    rows = frames[PLACED][frames[PLACED]["old_la_code"] == code].sort_values("year").tail(1)
    found: dict[str, float] = {}
    for placement in codes.placements if len(rows) else ():
        columns = [name for name, to in codes.columns.items() if to == placement and name in rows]
        every = float(np.nansum(rows[columns].to_numpy(dtype=float)))
        ours = float(np.nansum(rows[[name for name in columns if "la_maintained" in name]].to_numpy(dtype=float)))
        if every > 0:
            found[placement] = ours / every
    return found
