"""What was published about one authority, by financial year: spend, plans by placement, children, general prices.

Plans are those of the January inside the financial year. Spend is section 251 outturn of lines 1.2, net of income: it
leaves out place funding. Nothing is filled but the number of children, whose basis is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.base.errors import InputError, Place, Problem
from hnforecast.base.timeline import parse_year, show_year

if TYPE_CHECKING:
    import pandas

    from hnforecast.inputs import Panel

SPEND = "s251_outturn_buckets_by_la_2017_2024"
GROUPS = "ehcp_by_la_placement_group_2010_2025"
PLANS = "ehcp_by_la"
DETAIL = "s251_high_needs_detail_by_la_2021_22"
SPECIALIST = "high_needs_specialist_placement_spend_by_la_2018_2021"
RESIDENTS = "population_by_la_single_age"
PRICES = "price_indices"
NEIGHBOURS = "statistical_neighbours"
GRANTS = "dsg_block_allocations_by_la_2019_2023"
LOOKUP = "la_lookup"
CHILDREN = (2, 18)  # the ages whose number is published for most years
REBASED = 2021  # the first census year of the new population estimates: growth across it is not real growth

PanelFrames = Mapping[str, "pandas.DataFrame"]


@dataclass(frozen=True)
class Residents:
    """Children aged 2 to 18 at the middle of the calendar year in which a financial year begins.

    Args:
        count: (f,).
        basis: (f,) published before the census of 2021, after it, interpolated between published years, or held.
    """

    count: FloatArray
    basis: tuple[str, ...]


@dataclass(frozen=True)
class History:
    """One authority over consecutive financial years.

    Args:
        code, name, region: of the authority.
        years: first calendar years.
        spend: (f,) pounds, NaN where not published.
        plans: (f,) all plans.
        groups: published placement group -> (f,) plans, NaN where not published.
        children: see Residents.
        deflator: (f,) GDP deflator, any base.
    """

    code: str
    name: str
    region: str
    years: tuple[int, ...]
    spend: FloatArray
    plans: FloatArray
    groups: Mapping[str, FloatArray]
    children: Residents
    deflator: FloatArray


def read_panel_of_causes(folder: Path) -> Panel:
    """The files of a panel folder that are needed.

    Raises:
        InputError: a fault in one, or one without which nothing can be said is missing.
    """
    from hnforecast.inputs import load_panel

    names = (SPEND, GROUPS, PLANS, DETAIL, SPECIALIST, RESIDENTS, PRICES, NEIGHBOURS, GRANTS, LOOKUP)
    found = load_panel(folder, files=names)
    missing = [name for name in (SPEND, GROUPS, PLANS, LOOKUP) if name not in found]
    if missing:
        what = "The panel lacks a file that is needed"
        do = "Add it to inputs/national, as the panel that comes with the tool has it."
        raise InputError(*(Problem("HN521", what, Place(file=f"{name}.csv"), do=do) for name in missing))
    return found


def read_frames(folder: Path) -> PanelFrames:
    """Their rows, by name of the file.

    Raises:
        InputError: as read_panel_of_causes.
    """
    return read_panel_of_causes(folder).frames


def neighbours_of(frames: PanelFrames, code: str) -> tuple[str, ...]:
    """Statistical neighbours by closeness, from the latest edition that lists the authority; none where none does."""
    if NEIGHBOURS not in frames:
        return ()
    listed = frames[NEIGHBOURS]
    mine = listed[listed["old_la_code"] == code]
    if mine.empty:
        return ()
    latest = max(mine["edition"].unique(), key=lambda edition: int(str(edition)[-4:]))
    return tuple(mine[mine["edition"] == latest].sort_values("rank")["neighbour_old_la_code"])


def authority_name(frames: PanelFrames, code: str) -> tuple[str, str]:
    """Name and region.

    Raises:
        InputError: the panel does not hold the authority.
    """
    rows = frames[LOOKUP][frames[LOOKUP]["old_la_code"] == code]
    if rows.empty:
        known = ", ".join(sorted(frames[LOOKUP]["old_la_code"].dropna().unique()))
        do = "Give the Department's three digits, such as 886."
        raise InputError(Problem("HN522", f"The panel has no authority {code!r}", expected=known, do=do))
    last = rows.iloc[-1]
    return str(last["la_name"]), str(last["region_name"])


def history_of(frames: PanelFrames, code: str, years: tuple[int, ...]) -> History:
    """Gather an authority's years.

    Raises:
        InputError: the panel does not hold the authority.
    """
    name, region = authority_name(frames, code)
    grouped = frames[GROUPS][frames[GROUPS]["old_la_code"] == code]
    groups = {
        str(group): _by(rows, "year", "plans", [year + 1 for year in years])
        for group, rows in grouped.groupby("placement_group")
    }
    return History(
        code=code,
        name=name,
        region=region,
        years=years,
        spend=_financial(frames.get(SPEND), code, "high_needs_lines_1_2", years),
        plans=_by(_of(frames[PLANS], code), "year", "plans", [year + 1 for year in years]),
        groups=groups,
        children=children_of(frames, code, years),
        deflator=_deflator(frames, years),
    )


def children_of(frames: PanelFrames, code: str, years: tuple[int, ...]) -> Residents:
    """Children aged 2 to 18 by financial year, from whatever was published nearest."""
    known: dict[int, float] = {}
    if SPECIALIST in frames:
        mine = _of(frames[SPECIALIST], code)
        for label, count in zip(mine["financial_year"], mine["population_2_18"].to_numpy(float), strict=True):
            if count > 0:
                known[parse_year(str(label))] = float(count)
    if RESIDENTS in frames:
        mine = _of(frames[RESIDENTS], code)
        mine = mine[mine["age"].between(*CHILDREN)]
        for year in mine["year"].unique().astype(int).tolist():
            count = float(mine["population"].to_numpy(float)[mine["year"].to_numpy(int) == year].sum())
            if count > 0 and (year > REBASED or year not in known):
                known[year] = count
    if not known:
        return Residents(np.full(len(years), np.nan), ("not published",) * len(years))
    first, last = min(known), max(known)
    points = sorted(known)
    logs = np.interp(years, points, np.log([known[year] for year in points]))
    basis = tuple(
        ("published, after the 2021 census" if year > REBASED else "published, before the 2021 census")
        if year in known
        else f"held from mid-{last}"
        if year > last
        else f"held from mid-{first}"
        if year < first
        else "interpolated"
        for year in years
    )
    return Residents(np.exp(logs), basis)


def specialist_spend(frames: PanelFrames, code: str, category: str, years: tuple[int, ...]) -> FloatArray:
    """(f,) pounds of top-up to state or to independent special schools, NaN where not published."""
    if SPECIALIST not in frames:
        return np.full(len(years), np.nan)
    mine = _of(frames[SPECIALIST], code)
    return _financial(mine[mine["category"] == category], code, "total_spend_gbp", years)


def grants(frames: PanelFrames, code: str, years: tuple[int, ...]) -> FloatArray:
    """(f,) the high needs block before recoupment, pounds, NaN where not published."""
    return _financial(frames.get(GRANTS), code, "high_needs_block_before_recoupment", years)


def _of(frame: pandas.DataFrame, code: str) -> pandas.DataFrame:
    return frame[frame["old_la_code"] == code]


def _by(rows: pandas.DataFrame, key: str, column: str, wanted: list[int]) -> FloatArray:
    values = dict(zip(rows[key].astype(int), rows[column].astype(float), strict=True))
    return np.array([values.get(item, np.nan) for item in wanted])


def _financial(frame: pandas.DataFrame | None, code: str, column: str, years: tuple[int, ...]) -> FloatArray:
    if frame is None:
        return np.full(len(years), np.nan)
    mine = _of(frame, code)
    values = dict(zip(mine["financial_year"], mine[column].astype(float), strict=True))
    return np.array([values.get(show_year(year), np.nan) for year in years])


def _deflator(frames: PanelFrames, years: tuple[int, ...]) -> FloatArray:
    if PRICES not in frames:
        return np.ones(len(years))
    rows = frames[PRICES]
    values = dict(zip(rows["financial_year"], rows["gdp_deflator_index_2025_26"].astype(float), strict=True))
    return np.array([values.get(show_year(year), np.nan) for year in years])
