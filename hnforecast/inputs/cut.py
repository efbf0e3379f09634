"""Cuts one council's files from a panel folder: tidy, snake_case, placements already those of the code list.

The files of `inputs/<council>/` are made here and nowhere else, so that next January's edition, or another
authority, is one call; a test remakes the committed files and compares. Source columns are those of the published
files; nothing is rounded, filled or smoothed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas

from hnforecast.base.codes import Codes, load_codes
from hnforecast.inputs import cut_rows as rows
from hnforecast.inputs.council_files import council_files
from hnforecast.inputs.cut_rows import Frames
from hnforecast.inputs.panel import load_panel

# Already about the council and those it is compared with, so no row is left out.
WHOLE = frozenset({"lait_sen_indicators_by_la"})
CUTS: Mapping[str, tuple[tuple[str, ...], Callable[[Frames, Codes], pandas.DataFrame]]] = {
    "plans_by_single_age_placement": (
        ("ehcp_by_la_single_age_placement_2024_2025",),
        rows.plans_by_single_age_placement,
    ),
    "plans_by_band": (("ehcp_by_la_age_band_2010_2025",), rows.plans_by_band),
    "plans_by_placement": (
        ("ehcp_by_la_placement_2019_2025", "ehcp_by_la_placement_group_2010_2025", "ehcp_by_la"),
        rows.plans_by_placement,
    ),
    "plans_total": (("ehcp_by_la",), rows.plans_total),
    "plans_by_years_in_place": (("ehcp_by_la_years_in_place_2024_2025",), rows.plans_by_years_in_place),
    "new_plans_by_single_age_placement": (
        ("newplans_by_la_single_age_placement_2022_2024",),
        rows.new_by_single_age_placement,
    ),
    "new_plans_by_band": (("newplans_by_la_age_band_2009_2021",), rows.new_by_band),
    "new_plans_by_placement": (("newplans_by_la_placement_2019_2024",), rows.new_by_placement),
    "new_plans_total": (("newplans_by_la",), rows.new_total),
    "ceased_by_reason": (("ceased_plans_by_la_2022_2024",), rows.ceased_by_reason),
    "ceased_by_age": (("ceased_plans_by_la_age_tenure_placement_2023_2024",), rows.ceased_by_age),
    "ceased_by_placement": (("ceased_plans_by_la_age_tenure_placement_2023_2024",), rows.ceased_by_placement),
    "requests_assessments_timeliness": (("requests_assessments_timeliness_by_la_2019_2024",), rows.requests),
    "requests_by_age": (("requests_by_la_age_2023_2024",), rows.requests_by_age),
    "requests_before_2022": (("sen2_management_info_by_la_2014_2021",), rows.management_information),
    "needs_by_age": (("sen_need_by_la_age_2025",), rows.needs_by_age),
    "population_estimates": (("population_by_la_single_age",), rows.population),
    "population_projection": (("population_projection_kent_2022based",), rows.population_projection),
    "s251_detail": (("s251_high_needs_detail_by_la_2021_22",), rows.s251_detail),
    "s251_series": (("s251_outturn_buckets_by_la_2017_2024",), rows.s251_series),
    "dsg_allocations": (("dsg_block_allocations_by_la_2019_2023",), rows.dsg_allocations),
    "high_needs_block_components": (("high_needs_block_components_by_la_2020_2023",), rows.components),
    "dsg_deficit": (("dsg_deficit_pct_by_la_2019_2021",), rows.dsg_deficit),
    "specialist_placement_spend": (("high_needs_specialist_placement_spend_by_la_2018_2021",), rows.specialist_spend),
    "price_indices": (("price_indices",), rows.price_indices),
    "tribunal_appeals": (("send_tribunal_appeals_by_la_2014_2024",), rows.tribunal),
    "statistical_neighbours": (("statistical_neighbours",), rows.neighbours),
    "new_plans_by_age_at_start": (("newplans_single_age_placement_2026_edition",), rows.new_by_age_at_start),
    "ceased_by_age_at_end": (("ceased_plans_age_tenure_placement_2026_edition",), rows.ceased_by_age_at_end),
    "population_mid2024": (("population_mid2024_by_la_single_age",), rows.population_mid2024),
    "dsg_carried_forward": (("dsg_deficit_by_la_2023_24",), rows.dsg_carried_forward),
    "council_ledger": (("s251_council_ledger_by_la",), rows.council_ledger),
    "tribunal_appeals_from_2024": (("send_tribunal_appeals_by_la_2024_2025",), rows.tribunal_from_2024),
    "ons_neighbours": (("ons_statistical_neighbours_2025_10",), rows.ons_neighbours),
    "lait_sen_indicators": (("lait_sen_indicators_by_la",), rows.local_indicators),
}


def cut_council(frames: Frames, old_la_code: str, codes: Codes) -> dict[str, pandas.DataFrame]:
    """Every council file that the panel's frames allow, by file name without its ending.

    Args:
        frames: panel frames by file name without its ending, `old_la_code` as text.
        old_la_code: the DfE's three digits, such as "886".
        codes: the code lists.

    Returns:
        File name to frame; files whose source is absent, or holds no row of the council, are left out.
    """
    own = {
        name: frame[frame["old_la_code"] == old_la_code]
        if "old_la_code" in frame.columns and name not in WHOLE
        else frame
        for name, frame in frames.items()
    }
    council: dict[str, pandas.DataFrame] = {}
    for file, (sources, make) in CUTS.items():
        if all(source in own and len(own[source]) for source in sources):
            council[file] = make(own, codes).reset_index(drop=True)
    return {file: frame for file, frame in council.items() if len(frame)}


# Makes a council's files anew from the panel.


def council_texts(panel_folder: Path, old_la_code: str, codes: Codes | None = None) -> dict[str, str]:
    """The files of a council's folder, as text ready to write; nothing is written.

    Args:
        panel_folder: usually `inputs/national`.
        old_la_code: the DfE's three digits.
        codes: the code lists; those of the `codes` folder beside the panel where None.

    Returns:
        File name ("plans_total.csv") to its text. Files that the panel has no source for are left out: the council's
        own (population projection, published figures, local indicators).

    Raises:
        InputError: the panel or the code lists cannot be read.
    """
    lists = codes or load_codes(panel_folder.parent / "codes")
    described = council_files(lists)
    frames = cut_council(load_panel(panel_folder).frames, old_la_code, lists)
    return {
        f"{name}.csv": write_text(frame[[column.name for column in described[name].columns]])
        for name, frame in frames.items()
    }


def write_text(frame: pandas.DataFrame) -> str:
    """A frame as the text of a CSV file: LF line ends, blank for nothing, whole numbers without a point."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(frame.columns)
    writer.writerows([_show(value) for value in row] for row in frame.itertuples(index=False, name=None))
    return text.getvalue()


def _show(value: object) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(float(value))
    return str(value)
