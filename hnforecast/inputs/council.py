"""Reads a council's folder into typed frames, and checks that its figures agree with one another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path

import pandas

from hnforecast.base.codes import Codes, load_codes
from hnforecast.base.errors import InputError, Place, Problem, Problems, show_path
from hnforecast.inputs.council_checks import check_council
from hnforecast.inputs.council_files import CouncilFile, council_files
from hnforecast.inputs.fields import as_array
from hnforecast.inputs.tables import read_table


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
