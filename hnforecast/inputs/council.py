"""Reads a council's folder into typed frames, and checks that its figures agree with one another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path

import pandas

from hnforecast.base import timeline
from hnforecast.base.codes import Codes, load_codes
from hnforecast.base.errors import InputError, Place, Problem, Problems, show_path
from hnforecast.inputs.council_files import CouncilFile, council_files
from hnforecast.inputs.fields import as_array
from hnforecast.inputs.tables import read_table

# Checks between the files of a council.

Frames = Mapping[str, pandas.DataFrame]
PARTS = (
    ("plans_by_band", "plans_total", "census_year", "plans"),
    ("plans_by_placement", "plans_total", "census_year", "plans"),
    ("plans_by_single_age_placement", "plans_total", "census_year", "plans"),
    ("plans_by_years_in_place", "plans_total", "census_year", "plans"),
    ("needs_by_age", "plans_total", "census_year", "plans"),
    ("new_plans_by_band", "new_plans_total", "year", "new_plans"),
    ("new_plans_by_placement", "new_plans_total", "year", "new_plans"),
    ("new_plans_by_single_age_placement", "new_plans_total", "year", "new_plans"),
    ("new_plans_by_age_at_start", "new_plans_total", "year", "new_plans"),
    ("ceased_by_age", "ceased_by_reason", "year", "ceased"),
    ("ceased_by_age_at_end", "ceased_by_reason", "year", "ceased"),
    ("ceased_by_placement", "ceased_by_reason", "year", "ceased"),
)
# Published parts miss their totals by a few plans here and there; more than this is a wrong file.
TOLERATED_PLANS, TOLERATED_SHARE = 5, 0.02
# High needs spend on lines 1.2 a plan: England was near £15,000 in 2024-25; pence, thousands and millions fall outside.
SPEND_A_PLAN_GBP = (1_000.0, 100_000.0)
YOUNGEST, OLDEST = 0, 25


def check_council(
    frames: Frames,
    described: Mapping[str, CouncilFile],
    place: Callable[[str], Place],
    problems: Problems,
    notices: Problems,
) -> None:
    """Report contradictions between the files of a council; empty frames are left out."""
    for name, file in described.items():
        if file.step and len(frames[name]):
            # An authority that made no return leaves a gap in its flows; a gap in a stock or in money is a slip.
            kind = notices if file.step == "year" and not file.required else problems
            _check_steps(name, frames[name][file.step], place, kind)
    for parts, totals, year, value in PARTS:
        _check_parts(frames, (parts, totals, year, value), place, problems, notices)
    _check_ages(frames["population_projection"], place, problems)
    _check_children(frames, place, problems)
    _check_spend(frames, place, problems)


def _check_steps(name: str, years: pandas.Series, place: Callable[[str], Place], problems: Problems) -> None:
    numbers = {timeline.parse_year(year) if isinstance(year, str) else int(year) for year in years}
    missing = sorted(set(range(min(numbers), max(numbers) + 1)) - numbers)
    if missing:
        found = ", ".join(str(year) for year in missing)
        do = "Add its rows, or take out the years before the gap."
        problems.add("HN272", "A year is missing from a series", place(name), found=found, do=do)


def _check_parts(
    frames: Frames,
    names: tuple[str, str, str, str],
    place: Callable[[str], Place],
    problems: Problems,
    notices: Problems,
) -> None:
    parts, totals, year, value = names
    if not len(frames[parts]) or not len(frames[totals]):
        return
    summed = frames[parts].groupby(year)[value].sum()
    whole = frames[totals].groupby(year)[value].sum()
    for at in summed.index.intersection(whole.index):
        gap = int(summed[at] - whole[at])
        if gap:
            kind = notices if abs(gap) <= max(TOLERATED_PLANS, TOLERATED_SHARE * whole[at]) else problems
            found, expected = f"{int(summed[at]):,} in {at}", f"{int(whole[at]):,}, as in {totals}.csv"
            kind.add("HN273", "The parts do not add up to the total", place(parts), found=found, expected=expected)


def _check_ages(projection: pandas.DataFrame, place: Callable[[str], Place], problems: Problems) -> None:
    if not len(projection):
        return
    ages = projection.groupby("year")["age"].nunique()
    short = ages[ages != OLDEST - YOUNGEST + 1]
    if len(short):
        expected = f"every age from {YOUNGEST} to {OLDEST}"
        found = f"{int(short.iloc[0])} ages in {short.index[0]}"
        problems.add("HN272", "Ages are missing", place("population_projection"), found=found, expected=expected)


def _check_children(frames: Frames, place: Callable[[str], Place], problems: Problems) -> None:
    """No age may hold more plans than children: the sign of a slipped row or of thousands."""
    plans = frames["plans_by_single_age_placement"]
    people = frames["population_projection"]
    if not len(plans) or not len(people):
        return
    held = plans.groupby(["census_year", "age"])["plans"].sum()
    residents = people.set_index(["year", "age"])["population"]
    for year, age in held.index:
        # The middle of the year before a January is the nearest; a projection may begin after the first count.
        if (year - 1, age) in residents.index and held[year, age] > residents[year - 1, age]:
            found = f"{int(held[year, age]):,} plans and {residents[year - 1, age]:,.0f} residents aged {age}, {year}"
            what = "More plans than residents of an age"
            problems.add("HN274", what, place("plans_by_single_age_placement"), found=found)


def _check_spend(frames: Frames, place: Callable[[str], Place], problems: Problems) -> None:
    series, totals = frames["s251_series"], frames["plans_total"]
    if not len(series) or not len(totals):
        return
    low, high = SPEND_A_PLAN_GBP
    plans = totals.set_index("census_year")["plans"]
    spend = series[series["bucket"] == "high_needs_lines_1_2"].dropna(subset=["gbp"])
    for year, gbp in zip(spend["financial_year"], spend["gbp"], strict=True):
        january = timeline.parse_year(str(year)) + 1
        if january in plans.index and plans[january] and not low <= gbp / plans[january] <= high:
            found = f"£{gbp / plans[january]:,.2f} a plan in {year}"
            do = "Money in inputs is in pounds, not thousands."
            expected = f"£{low:,.0f} to £{high:,.0f} a plan"
            what = "High needs spend is out of proportion to plans"
            problems.add("HN275", what, place("s251_series"), found=found, expected=expected, do=do)


@dataclass(frozen=True)
class CouncilInputs:
    """What was published or recorded about one council; columns are those of `council_files`.

    A file the folder lacks is an empty frame with its columns, and a notice. Ages are on 31 August before the academic
    year: 2 means under 3 in stocks and 2 and under in flows, 20 means 20 and over in flows. Census years are Januaries,
    years are calendar years of flows or mid-years of population. Money is GBP, positive; positions in
    `published_figures` are signed, a deficit negative.
    """

    folder: Path
    plans_by_single_age_placement: pandas.DataFrame
    plans_by_band: pandas.DataFrame
    plans_by_placement: pandas.DataFrame
    plans_total: pandas.DataFrame
    plans_by_years_in_place: pandas.DataFrame
    new_plans_by_single_age_placement: pandas.DataFrame
    new_plans_by_band: pandas.DataFrame
    new_plans_by_placement: pandas.DataFrame
    new_plans_total: pandas.DataFrame
    ceased_by_reason: pandas.DataFrame
    ceased_by_age: pandas.DataFrame
    ceased_by_placement: pandas.DataFrame
    requests_assessments_timeliness: pandas.DataFrame
    requests_by_age: pandas.DataFrame
    requests_before_2022: pandas.DataFrame
    needs_by_age: pandas.DataFrame
    population_estimates: pandas.DataFrame
    population_projection: pandas.DataFrame
    s251_detail: pandas.DataFrame
    s251_series: pandas.DataFrame
    dsg_allocations: pandas.DataFrame
    high_needs_block_components: pandas.DataFrame
    dsg_deficit: pandas.DataFrame
    specialist_placement_spend: pandas.DataFrame
    price_indices: pandas.DataFrame
    tribunal_appeals: pandas.DataFrame
    statistical_neighbours: pandas.DataFrame
    new_plans_by_age_at_start: pandas.DataFrame
    ceased_by_age_at_end: pandas.DataFrame
    population_mid2024: pandas.DataFrame
    dsg_carried_forward: pandas.DataFrame
    council_ledger: pandas.DataFrame
    tribunal_appeals_from_2024: pandas.DataFrame
    ons_neighbours: pandas.DataFrame
    lait_sen_indicators: pandas.DataFrame
    published_figures: pandas.DataFrame
    notices: tuple[Problem, ...]

    @property
    def frames(self) -> Mapping[str, pandas.DataFrame]:
        """Every frame by name."""
        return {name: getattr(self, name) for name in FRAMES}


FRAMES = tuple(entry.name for entry in fields(CouncilInputs) if entry.name not in ("folder", "notices"))


def load_council(folder: Path, codes: Codes | None = None) -> CouncilInputs:
    """Read a council's folder.

    Args:
        folder: named after the council, below `inputs`.
        codes: the code lists; those of the `codes` folder beside it where None.

    Returns:
        The frames, with notices of what was forgiven, is absent or does not quite add up as published.

    Raises:
        InputError: every fault of every file, and every contradiction between files, together.
    """
    problems, notices = Problems(InputError), Problems(InputError)
    root = folder.parent.parent
    if not folder.is_dir():
        problems.add("HN270", "The council's folder is missing", Place(file=show_path(folder, root)))
        problems.raise_any()
    described = council_files(codes or load_codes(folder.parent / "codes"))
    frames: dict[str, pandas.DataFrame] = {}
    for name, file in described.items():
        path = folder / f"{name}.csv"
        if not path.exists():
            if file.required or file.usual:
                kind = problems if file.required else notices
                kind.add("HN270", "A file of the council's folder is absent", Place(file=show_path(path, root)))
            frames[name] = _empty(file)
            continue
        try:
            frames[name] = read_table(path, file.columns, root=root, key=file.key, notices=notices)
        except InputError as error:
            problems.extend(error.problems)
            frames[name] = _empty(file)
    absent = [name for name in described if not (folder / f"{name}.csv").exists()]
    for path in sorted(folder.glob("*.csv")):
        close = get_close_matches(path.stem, absent, n=1, cutoff=0.8) if path.stem not in described else []
        if close:
            what, do = "A file whose name is not quite one the program reads", f"Did you mean {close[0]}.csv?"
            notices.add("HN271", what, Place(file=show_path(path, root)), do=do)
    check_council(
        frames, described, lambda name: Place(file=show_path(folder / f"{name}.csv", root)), problems, notices
    )
    problems.raise_any()
    return CouncilInputs(folder=folder, notices=tuple(notices), **frames)


def _empty(file: CouncilFile) -> pandas.DataFrame:
    return pandas.DataFrame({column.name: as_array([], column) for column in file.columns})
