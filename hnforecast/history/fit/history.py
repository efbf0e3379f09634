"""A council's and England's published history as arrays by age and placement, cut to what a January count knew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from hnforecast.base.axes import AGES, FloatArray
from hnforecast.base.codes import Codes
from hnforecast.base.errors import InputError, Place, Problem
from hnforecast.inputs.panel import Panel as InputPanel
from hnforecast.inputs.panel import keep_known
from hnforecast.inputs.panel_files import PANEL_FILES

NATIONAL = "national"

# What the fit reads; the rest of a panel folder is for the demand forecast and the money.
FILES = (
    "ehcp_by_la", "newplans_by_la", "ehcp_by_la_single_age_placement_2024_2025",
    "ehcp_national_single_age_placement_2024_2025", "ehcp_by_la_age_band_2010_2025",
    "ehcp_by_la_placement_group_2010_2025", "newplans_by_la_age_band_2009_2021",
    "newplans_by_la_single_age_placement_2022_2024", "newplans_by_la_placement_2019_2024",
    "ceased_plans_by_la_age_tenure_placement_2023_2024", "requests_assessments_timeliness_by_la_2019_2024",
    "population_by_la_single_age", "population_projection_by_region_age10_2022_2029", "la_lookup",
    "ehcp_single_age_placement_2026_edition", "newplans_single_age_placement_2026_edition",
    "ceased_plans_age_tenure_placement_2026_edition",
)  # fmt: skip
CEASED = ("ceased_plans_by_la_age_tenure_placement_2023_2024", "ceased_plans_age_tenure_placement_2026_edition")
SUM_KEYS = ("year", "age", "age_band", "placement_group", "breakdown_topic", "breakdown")


@dataclass(frozen=True)
class History:
    """Published counts of one authority, or of England.

    Args:
        stock: January count -> (age, placement) plans.
        new: calendar year -> (age, placement) new plans, ages as in editions to 2025.
        new_at_start: the same with the age on the start date of the plan, as restated from the edition of 2026 on.
        ceased: calendar year -> (age,) plans ceased other than by transfer to another authority, age at the event.
        transfers: calendar year -> (age,) plans transferred to another authority.
        ceased_by_placement: calendar year -> (placement,) ceased other than by transfer.
        band_stock: January count -> band name -> plans; group_stock: January count -> (placement,).
        band_new: calendar year -> band name -> new plans; placement_new: calendar year -> (placement,).
        population: year -> (age,) mid-year estimate.
        totals, new_totals: January count and calendar year -> plans.
    """

    stock: dict[int, FloatArray]
    new: dict[int, FloatArray]
    ceased: dict[int, FloatArray]
    transfers: dict[int, FloatArray]
    ceased_by_placement: dict[int, FloatArray]
    band_stock: dict[int, dict[str, float]]
    group_stock: dict[int, FloatArray]
    band_new: dict[int, dict[str, float]]
    placement_new: dict[int, FloatArray]
    population: dict[int, FloatArray]
    totals: dict[int, float]
    new_totals: dict[int, float]
    new_at_start: dict[int, FloatArray] = field(default_factory=dict)

    def new_of(self, year: int) -> FloatArray:
        """(age, placement) new plans of a year, restated ages where they were published."""
        return self.new_at_start[year] if year in self.new_at_start else self.new[year]

    def has_new(self, year: int) -> bool:
        """Whether new plans of a year were published by age and placement."""
        return year in self.new_at_start or year in self.new

    def whole_years(self) -> list[int]:
        """Calendar years with a count on both sides, and new and ceased plans between them by age."""
        return [
            year for year in sorted(self.stock) if year + 1 in self.stock and year in self.ceased and self.has_new(year)
        ]


def read_history(frames: Mapping[str, pd.DataFrame], authority: str, codes: Codes) -> History:
    """Gather one authority from the frames of a panel folder; "national" gathers England. Missing files leave gaps.

    Args:
        frames: panel files by stem, `old_la_code` as text.
        authority: the DfE's three digits as text, or "national".
    """

    def rows(stem: str, *, summed: bool = True) -> pd.DataFrame:
        frame = frames.get(stem)
        if frame is None:
            return pd.DataFrame()
        if authority != NATIONAL:
            return frame[frame["old_la_code"] == authority]
        level = frame["geographic_level"] if "geographic_level" in frame else pd.Series("", index=frame.index)
        whole = frame[level == NATIONAL]
        return _sum_authorities(frame) if whole.empty and summed else whole

    single = rows("ehcp_national_single_age_placement_2024_2025", summed=False) if authority == NATIONAL else None
    if single is None or single.empty:
        single = rows("ehcp_by_la_single_age_placement_2024_2025")
    left = [frame for frame in map(rows, CEASED) if not frame.empty]
    leaving = pd.concat(left) if left else pd.DataFrame()
    ceased, transfers = _ceased_by_age(leaving)
    bands = rows("ehcp_by_la_age_band_2010_2025")
    new_bands = rows("newplans_by_la_age_band_2009_2021")
    return History(
        stock=_by_age_placement(single, "ehcplans", codes)
        | _by_age_placement(rows("ehcp_single_age_placement_2026_edition", summed=False), "ehcplans", codes),
        new=_by_age_placement(rows("newplans_by_la_single_age_placement_2022_2024"), "new_ehc_plans", codes),
        ceased=ceased,
        transfers=transfers,
        ceased_by_placement=_ceased_by_placement(leaving, codes),
        band_stock=_bands(bands, "plans_total", codes),
        group_stock=_groups(rows("ehcp_by_la_placement_group_2010_2025"), codes),
        band_new=_bands(new_bands, "new_plans_total", codes),
        placement_new=_by_placement(rows("newplans_by_la_placement_2019_2024"), "new_ehc_plans", codes),
        population=_population(rows("population_by_la_single_age")),
        totals=_totals(rows("ehcp_by_la"), "plans"),
        new_totals=_totals(rows("newplans_by_la"), "new_plans_total"),
        new_at_start=_by_age_placement(
            rows("newplans_single_age_placement_2026_edition", summed=False), "new_ehc_plans", codes
        ),
    )


def known_frames(panel: InputPanel, census: int) -> dict[str, pd.DataFrame]:
    """The panel's files as a forecaster had them in the December after a January count."""
    cut = {stem: keep_known(frame, PANEL_FILES[stem], census) for stem, frame in panel.frames.items()}
    return {stem: frame for stem, frame in cut.items() if len(frame)}


def unrecorded_share(table: FloatArray, codes: Codes) -> float:
    """Share of plans whose placement nobody recorded; nil of an empty table."""
    total = float(table.sum())
    return float(table[:, codes.placements.index(codes.residue)].sum()) / total if total > 0 else 0.0


def _sum_authorities(frame: pd.DataFrame) -> pd.DataFrame:
    """The authorities of a panel without national rows, added up: its own England."""
    rows = frame[frame["old_la_code"].fillna("") != ""]
    keys = [name for name in SUM_KEYS if name in rows]
    if rows.empty or not keys:
        return rows
    return rows.groupby(keys, as_index=False).sum(numeric_only=True)


def _totals(frame: pd.DataFrame, column: str) -> dict[int, float]:
    if frame.empty:
        return {}
    known = frame.dropna(subset=[column])
    return {int(year): float(value) for year, value in zip(known["year"], known[column], strict=True)}


def _by_age_placement(frame: pd.DataFrame, total: str, codes: Codes) -> dict[int, FloatArray]:
    arrays: dict[int, FloatArray] = {}
    if frame.empty:
        return arrays
    placed = codes.place_columns(frame, total, strict=False)
    ages = np.clip(placed["age"].astype(int).to_numpy(), 0, AGES - 1)
    values = placed[list(codes.placements)].to_numpy(dtype=float)
    for year in sorted(placed["year"].unique()):
        chosen = (placed["year"] == year).to_numpy()
        array = np.zeros((AGES, len(codes.placements)))
        np.add.at(array, ages[chosen], values[chosen])
        arrays[int(year)] = array
    return arrays


def _by_placement(frame: pd.DataFrame, total: str, codes: Codes) -> dict[int, FloatArray]:
    if frame.empty:
        return {}
    placed = codes.place_columns(frame, total, strict=False)
    values = placed[list(codes.placements)].to_numpy(dtype=float)
    return {int(year): row for year, row in zip(placed["year"], values, strict=True)}


def _ceased_by_age(frame: pd.DataFrame) -> tuple[dict[int, FloatArray], dict[int, FloatArray]]:
    ceased: dict[int, FloatArray] = {}
    transfers: dict[int, FloatArray] = {}
    for topic, breakdown, year, exits, moved in _exit_rows(frame):
        digits = "".join(letter for letter in breakdown.split("-")[0] if letter.isdigit())
        if topic == "Age plan ceased" and digits:
            age = min(int(digits), AGES - 1)
            ceased.setdefault(year, np.zeros(AGES))[age] += exits
            transfers.setdefault(year, np.zeros(AGES))[age] += moved
    return ceased, transfers


def _ceased_by_placement(frame: pd.DataFrame, codes: Codes) -> dict[int, FloatArray]:
    """(placement,) ceased other than by transfer; rows whose label is not a published column are left out."""
    found: dict[int, FloatArray] = {}
    for topic, breakdown, year, exits, _ in _exit_rows(frame):
        placement = codes.published_labels.get(breakdown)
        if placement is not None and "lacement" in topic:
            found.setdefault(year, np.zeros(len(codes.placements)))[codes.placements.index(placement)] += exits
    return found


def _exit_rows(frame: pd.DataFrame) -> Iterator[tuple[str, str, int, float, float]]:
    """Topic, breakdown, year, plans ceased other than by transfer, transfers."""
    if frame.empty:
        return
    moved = frame["transfer"].astype(float).fillna(0.0)
    exits = frame["total_ceased"].astype(float).fillna(0.0) - moved
    columns = (frame["breakdown_topic"].fillna(""), frame["breakdown"].fillna(""), frame["year"], exits, moved)
    for topic, breakdown, year, left, transferred in zip(*columns, strict=True):
        yield str(topic), str(breakdown), int(year), float(left), float(transferred)


def _bands(frame: pd.DataFrame, column: str, codes: Codes) -> dict[int, dict[str, float]]:
    names = {name for name, _, _ in codes.age_bands}
    found: dict[int, dict[str, float]] = {}
    if frame.empty:
        return found
    for year, band, value in zip(frame["year"], frame["age_band"], frame[column], strict=True):
        if band in names and not pd.isna(value):
            found.setdefault(int(year), {})[band] = float(value)
    return {year: bands for year, bands in found.items() if len(bands) == len(names)}


def _groups(frame: pd.DataFrame, codes: Codes) -> dict[int, FloatArray]:
    found: dict[int, FloatArray] = {}
    if frame.empty:
        return found
    for year, group, value in zip(frame["year"], frame["placement_group"], frame["plans"], strict=True):
        array = found.setdefault(int(year), np.zeros(len(codes.placements)))
        placement = codes.published_groups.get(str(group))
        if placement is not None and not pd.isna(value):
            array[codes.placements.index(placement)] += float(value)
    return found


def _population(frame: pd.DataFrame) -> dict[int, FloatArray]:
    found: dict[int, FloatArray] = {}
    if frame.empty:
        return found
    for year, age, value in zip(frame["year"], frame["age"], frame["population"], strict=True):
        if 0 <= int(age) < AGES:
            found.setdefault(int(year), np.zeros(AGES))[int(age)] = float(value)
    return found


# Children of an authority without a projection here.

PROJECTION = "population_projection_by_region_age10_2022_2029"


def project_residents(
    estimates: Mapping[int, FloatArray], frames: Mapping[str, pd.DataFrame], years: range, authority: str
) -> pd.DataFrame:
    """Mid-year residents by single age.

    Args:
        estimates: mid-year -> (age,) persons.
        frames: a panel's files; the regional projection may be missing, and then the estimate is held.
        years: mid-years wanted.
        authority: for messages.

    Returns:
        Columns year, age, value.

    Raises:
        InputError: no estimate is known.
    """
    usable = {year: ages for year, ages in estimates.items() if ages.min() > 0}
    if not usable:
        raise InputError(
            Problem(
                "HN374",
                "No residents by single age are known for the authority",
                Place(path=authority),
                expected="ages 0 to 25 in population_by_la_single_age.csv, of a year before the count",
                do="Add one to a panel folder (--panel), or draft from a vintage of this authority.",
            )
        )
    last = max(usable)
    growth = _growth(frames.get(PROJECTION))
    rows = [
        (year, age, float(usable[last][age] * _level(growth, year, age) / _level(growth, last, age)))
        for year in years
        for age in range(AGES)
    ]
    return pd.DataFrame(rows, columns=["year", "age", "value"])


def _growth(frame: pd.DataFrame | None) -> dict[int, dict[int, float]]:
    """Lowest age of a ten-year group -> year -> England's residents, thousands."""
    if frame is None or frame.empty:
        return {}
    totals = frame.groupby(["age_from", "year"])["population_thousand"].sum()
    found: dict[int, dict[int, float]] = {}
    for row in totals.reset_index().to_dict("records"):
        found.setdefault(int(row["age_from"]), {})[int(row["year"])] = float(row["population_thousand"])
    return found


def _level(growth: dict[int, dict[int, float]], year: int, age: int) -> float:
    """England's residents of an age group in a year; outside the projection its first or last year holds."""
    series = growth.get(10 * (age // 10))
    if not series:
        return 1.0
    return series[int(np.clip(year, min(series), max(series)))]
