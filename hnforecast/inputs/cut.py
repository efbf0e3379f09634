"""Cuts one council's files from a panel folder: tidy, snake_case, placements already those of the code list.

The files of `inputs/<council>/` are made here and nowhere else, so that next January's edition, or another
authority, is one call; a test remakes the committed files and compares. Source columns are those of the published
files; nothing is rounded, filled or smoothed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas

from hnforecast.base.codes import Codes
from hnforecast.inputs import cut_money as money
from hnforecast.inputs import cut_plans as plans
from hnforecast.inputs.tidying import Frames

# Already about the council and those it is compared with, so no row is left out.
WHOLE = frozenset({"lait_sen_indicators_by_la"})
CUTS: Mapping[str, tuple[tuple[str, ...], Callable[[Frames, Codes], pandas.DataFrame]]] = {
    "plans_by_single_age_placement": (
        ("ehcp_by_la_single_age_placement_2024_2025",),
        plans.plans_by_single_age_placement,
    ),
    "plans_by_band": (("ehcp_by_la_age_band_2010_2025",), plans.plans_by_band),
    "plans_by_placement": (
        ("ehcp_by_la_placement_2019_2025", "ehcp_by_la_placement_group_2010_2025", "ehcp_by_la"),
        plans.plans_by_placement,
    ),
    "plans_total": (("ehcp_by_la",), plans.plans_total),
    "plans_by_years_in_place": (("ehcp_by_la_years_in_place_2024_2025",), plans.plans_by_years_in_place),
    "new_plans_by_single_age_placement": (
        ("newplans_by_la_single_age_placement_2022_2024",),
        plans.new_by_single_age_placement,
    ),
    "new_plans_by_band": (("newplans_by_la_age_band_2009_2021",), plans.new_by_band),
    "new_plans_by_placement": (("newplans_by_la_placement_2019_2024",), plans.new_by_placement),
    "new_plans_total": (("newplans_by_la",), plans.new_total),
    "ceased_by_reason": (("ceased_plans_by_la_2022_2024",), plans.ceased_by_reason),
    "ceased_by_age": (("ceased_plans_by_la_age_tenure_placement_2023_2024",), plans.ceased_by_age),
    "ceased_by_placement": (("ceased_plans_by_la_age_tenure_placement_2023_2024",), plans.ceased_by_placement),
    "requests_assessments_timeliness": (("requests_assessments_timeliness_by_la_2019_2024",), plans.requests),
    "requests_by_age": (("requests_by_la_age_2023_2024",), plans.requests_by_age),
    "requests_before_2022": (("sen2_management_info_by_la_2014_2021",), plans.management_information),
    "needs_by_age": (("sen_need_by_la_age_2025",), plans.needs_by_age),
    "population_estimates": (("population_by_la_single_age",), money.population),
    "population_projection": (("population_projection_kent_2022based",), money.population_projection),
    "s251_detail": (("s251_high_needs_detail_by_la_2021_22",), money.s251_detail),
    "s251_series": (("s251_outturn_buckets_by_la_2017_2024",), money.s251_series),
    "dsg_allocations": (("dsg_block_allocations_by_la_2019_2023",), money.dsg_allocations),
    "high_needs_block_components": (("high_needs_block_components_by_la_2020_2023",), money.components),
    "dsg_deficit": (("dsg_deficit_pct_by_la_2019_2021",), money.dsg_deficit),
    "specialist_placement_spend": (("high_needs_specialist_placement_spend_by_la_2018_2021",), money.specialist_spend),
    "price_indices": (("price_indices",), money.price_indices),
    "tribunal_appeals": (("send_tribunal_appeals_by_la_2014_2024",), money.tribunal),
    "statistical_neighbours": (("statistical_neighbours",), money.neighbours),
    "lait_sen_indicators": (("lait_sen_indicators_by_la",), money.local_indicators),
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
