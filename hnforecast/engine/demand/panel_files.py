"""Read a panel folder: any subset of the published files, tidy CSV, keyed on old_la_code read as text.

Only `ehcp_by_la.csv` is needed. Every other file adds signals; a missing one is left out and the forecast falls back
on what remains.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hnforecast.base.errors import InputError, Place, Problem
from hnforecast.engine.demand.panel import Floats, Panel
from hnforecast.engine.demand.recorded import leave_out_faults
from hnforecast.engine.demand.unit_cost import PRICES
from hnforecast.inputs import load_panel

if TYPE_CHECKING:
    from pandas import DataFrame

PLANS = "ehcp_by_la"
NEW_PLANS = "newplans_by_la"
GROUPS = "ehcp_by_la_placement_group_2010_2025"
INFORMATION = "sen2_management_info_by_la_2014_2021"
DASHBOARD = "sen2_management_info_by_la_2014_2022_dashboard"
REQUESTS = "requests_assessments_timeliness_by_la_2019_2024"
RESIDENTS = "population_by_la_single_age"
SPEND = "s251_outturn_buckets_by_la_2017_2024"
PRICE_INDICES = "price_indices"
FILES = (PLANS, NEW_PLANS, GROUPS, INFORMATION, DASHBOARD, REQUESTS, RESIDENTS, SPEND, PRICE_INDICES)
DEFLATOR = "gdp_deflator_growth_pct"

# Variables found in more than one release: later entries fill only what earlier ones leave blank. The lag is from the
# year in the file to the census with which the figure is published.
SOURCES: dict[str, tuple[tuple[str, str, int], ...]] = {
    "total_plans": ((PLANS, "plans", 0),),
    "new_plans": ((NEW_PLANS, "new_plans_total", 1),),
    "requests": (
        (REQUESTS, "requests_received_in_year", 1),
        (INFORMATION, "inreqehc", 1),
        (DASHBOARD, "inreq_ehc", 1),
    ),
    "refused": (
        (REQUESTS, "requests_decided_not_to_assess", 1),
        (INFORMATION, "assrefusedehc", 1),
        (DASHBOARD, "ass_refused_ehc", 1),
    ),
    "undecided": ((INFORMATION, "assnodecisionehc", 1), (DASHBOARD, "ass_nodecision_ehc", 1)),
    "spend": ((SPEND, "high_needs_lines_1_2", 1),),
}
# Sums of published groups that councils plan by; the DfE groups non-maintained special schools with independent ones.
MERGED_GROUPS = {
    "independent": ("special_independent", "special_non_maintained"),
    "fe": ("fe_general", "specialist_post16"),
}
# Groups that did not exist, or were still filling as the 2014 Act phased in, before these censuses.
FIRST_CENSUS = {
    "fe_general": 2017,
    "specialist_post16": 2017,
    "fe": 2017,
    "neet": 2020,
    "elective_home_education": 2020,
}
# Recording categories, not placements: "awaiting provision" ended with the 2022 census, "other" and "unknown" moved
# with each edition.
NOT_PLACEMENTS = ("awaiting_provision", "other_unknown")


@dataclass(frozen=True)
class PanelRead:
    """A panel and how it was read.

    Args:
        panel: every authority with a count of plans.
        notices: what was left out, and what looks like a slip.
        files: file name without its ending to the hash of the bytes that were used.
    """

    panel: Panel
    notices: tuple[Problem, ...]
    files: Mapping[str, str]

    @property
    def sha256(self) -> str:
        """One hash over all of them, by name."""
        digest = hashlib.sha256()
        for stem in sorted(self.files):
            digest.update(f"{stem}.csv\0{self.files[stem]}\n".encode())
        return digest.hexdigest()


def columns_read() -> dict[str, tuple[str, ...]]:
    """File, by name without ending -> the columns a forecast takes from it, beside those that name the row."""
    found: dict[str, list[str]] = {stem: [] for stem in FILES}
    for sources in SOURCES.values():
        for stem, column, _ in sources:
            found[stem].append(column)
    found[GROUPS].append("plans")
    found[RESIDENTS].append("population")
    found[PRICE_INDICES].append(DEFLATOR)
    return {stem: tuple(columns) for stem, columns in found.items()}


def read_panel(folder: Path) -> PanelRead:
    """Read what a forecast needs of a panel folder, strictly.

    Args:
        folder: files named and with columns as in `inputs/national`, any subset, any authorities.

    Raises:
        InputError: no such folder, no usable file, a fault in a file, or no plans; every fault of every file together.
    """
    read = load_panel(folder, files=FILES)
    if PLANS not in read:
        raise InputError(_no_plans(folder, f"only {', '.join(f'{stem}.csv' for stem in sorted(read.frames))}"))
    frames: dict[str, DataFrame] = {}
    for stem, frame in read.frames.items():
        # A column of blanks says nothing: without it the forecast does as if the file did not publish it.
        empty = [column for column in columns_read()[stem] if frame[column].isna().all()]
        local = stem == PRICE_INDICES or bool((frame["old_la_code"] != "").any())
        if len(empty) < len(columns_read()[stem]) and local:
            frames[stem] = frame.drop(columns=empty)
    if PLANS not in frames:
        raise InputError(_no_plans(folder, "no value in column plans on a row of one authority"))
    return PanelRead(build_panel(frames), read.notices, read.sha256)


def _no_plans(folder: Path, found: str) -> Problem:
    return Problem(
        "HN363",
        "The panel has no plans by authority",
        Place(file=f"{folder.name}/{PLANS}.csv"),
        found=found,
        expected="old_la_code, year, plans",
        do="Put ehcp_by_la.csv in the panel folder; every other file is optional.",
    )


def build_panel(frames: Mapping[str, DataFrame]) -> Panel:
    """Arrays from the frames of a panel folder, on one clock.

    Args:
        frames: file stem -> frame, as published in tidy form; `ehcp_by_la` is required.

    Returns:
        Panel over every authority with at least one census count.

    Raises:
        InputError: no plans file, or no authority rows in it.
    """
    if PLANS not in frames or frames[PLANS].empty:
        raise InputError(
            Problem(
                "HN363",
                "The panel has no plans by authority.",
                Place(file=f"{PLANS}.csv"),
                "nothing" if PLANS not in frames else "no rows",
                "old_la_code, year, plans",
                "Put ehcp_by_la.csv in the panel folder; every other file is optional.",
            )
        )
    counts = _authority_rows(frames[PLANS]).dropna(subset=["plans"])
    authorities = tuple(sorted(counts["old_la_code"].unique()))
    years = tuple(range(int(counts["year"].min()), int(counts["year"].max()) + 1))
    local: dict[str, Floats] = {}
    national: dict[str, Floats] = {}
    for name, sources in SOURCES.items():
        for stem, column, lag in sources:
            if stem not in frames or column not in frames[stem]:
                continue
            frame = frames[stem]
            found = _local_values(_authority_rows(frame), column, authorities, years, lag)
            local[name] = np.where(np.isnan(local[name]), found, local[name]) if name in local else found
            whole = _national_values(frame, column, years, lag)
            national[name] = np.where(np.isnan(national[name]), whole, national[name]) if name in national else whole
    if GROUPS in frames:
        _add_groups(frames[GROUPS], authorities, years, local, national)
    if PRICE_INDICES in frames and DEFLATOR in frames[PRICE_INDICES]:
        national[PRICES] = _price_growth(frames[PRICE_INDICES], years)
    leave_out_faults(local, national, authorities, years)
    residents = _residents(frames[RESIDENTS], authorities) if RESIDENTS in frames else {}
    return Panel(authorities, years, local, national, residents)


def _authority_rows(frame: DataFrame) -> DataFrame:
    """Rows of single authorities: those with a code; national and regional rows leave it blank."""
    rows = frame[frame["old_la_code"].notna() & (frame["old_la_code"] != "")]
    if "geographic_level" not in rows:
        return rows
    return rows[~rows["geographic_level"].isin(["national", "region"])]


def _year_column(frame: DataFrame) -> str:
    return "year" if "year" in frame else "fy_start"


def _local_values(
    rows: DataFrame, column: str, authorities: tuple[str, ...], years: tuple[int, ...], lag: int
) -> Floats:
    """(authority, year) values; of several rows for one cell the first that has a number."""
    import pandas as pd

    found = np.full((len(authorities), len(years)), np.nan)
    values = rows[column].to_numpy(float)
    place = pd.Index(authorities).get_indexer(pd.Index(rows["old_la_code"]))
    when = rows[_year_column(rows)].to_numpy(float) + lag - years[0]
    kept = np.nonzero(~np.isnan(values) & (place >= 0) & (when >= 0) & (when < len(years)))[0][::-1]
    found[place[kept], when[kept].astype(int)] = values[kept]
    return found


def _national_values(frame: DataFrame, column: str, years: tuple[int, ...], lag: int) -> Floats:
    if "geographic_level" not in frame:
        return np.full(len(years), np.nan)
    rows = frame[frame["geographic_level"] == "national"].dropna(subset=[column]).drop_duplicates(_year_column(frame))
    values = rows.set_index(rows[_year_column(frame)].astype(int) + lag)[column]
    return values.reindex(list(years)).to_numpy(float, copy=True)


def _add_groups(
    frame: DataFrame,
    authorities: tuple[str, ...],
    years: tuple[int, ...],
    local: dict[str, Floats],
    national: dict[str, Floats],
) -> None:
    for group, rows in frame.groupby("placement_group"):
        local[f"plans_{group}"] = _local_values(_authority_rows(rows), "plans", authorities, years, 0)
        national[f"plans_{group}"] = _national_values(rows, "plans", years, 0)
    for merged, parts in MERGED_GROUPS.items():
        names = [f"plans_{part}" for part in parts]
        if all(name in local for name in names):
            local[f"plans_{merged}"] = np.sum([local[name] for name in names], axis=0)
            national[f"plans_{merged}"] = np.sum([national[name] for name in names], axis=0)
    for group, first in FIRST_CENSUS.items():
        early = np.asarray(years) < first
        for values in (local.get(f"plans_{group}"), national.get(f"plans_{group}")):
            if values is not None:
                values[..., early] = np.nan
    for group in NOT_PLACEMENTS:
        local.pop(f"plans_{group}", None)
        national.pop(f"plans_{group}", None)


def _price_growth(frame: DataFrame, years: tuple[int, ...]) -> Floats:
    """Yearly log growth of general prices, (year,), each under the January inside its financial year.

    Years still to come at an origin are columns after it, so a forecast of prices made since never reaches one.
    """
    rows = frame.dropna(subset=[DEFLATOR])
    growth = rows.set_index(rows[_year_column(rows)].astype(int) + 1)[DEFLATOR].reindex(list(years))
    return np.asarray(np.log1p(growth.to_numpy(float) / 100.0), dtype=float)


def _residents(frame: DataFrame, authorities: tuple[str, ...]) -> dict[int, Floats]:
    young = frame[frame["age"].between(0, 25)]
    totals = young.groupby(["old_la_code", "year"])["population"].sum().unstack()
    return {int(year): totals[year].reindex(list(authorities)).to_numpy(float) for year in totals.columns}
