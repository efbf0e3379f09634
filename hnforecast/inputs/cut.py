"""Cuts one council's files from a panel folder: tidy, snake_case, placements already those of the code list.

The files of `inputs/<council>/` are made here and nowhere else, so that next January's edition, or another
authority, is one call; a test remakes the committed files and compares. Source columns are those of the published
files; nothing is rounded, filled or smoothed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import pandas

from hnforecast.codes import Codes, place_columns

Frames = Mapping[str, pandas.DataFrame]
REASONS = (
    "max_age", "needs_met", "he", "employ", "transfer", "no_engage", "moved_outside_eng", "deceased", "not_rec", "other",
)  # fmt: skip
_AGE = re.compile(r"(\d+)")


def age_of(label: str) -> int | None:
    """The age a published label means: "age 10" 10, "under 3" and "age 2 and under" 2, "age 20 and over" 20.

    Returns:
        None for "Age unknown" and other labels without a number.
    """
    found = _AGE.search(label)
    if not found:
        return None
    return int(found[1]) - 1 if label.strip().lower().startswith("under") else int(found[1])


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
        name: frame[frame["old_la_code"] == old_la_code] if "old_la_code" in frame.columns else frame
        for name, frame in frames.items()
    }
    council: dict[str, pandas.DataFrame] = {}
    for file, (sources, make) in CUTS.items():
        if all(source in own and len(own[source]) for source in sources):
            council[file] = make(own, codes).reset_index(drop=True)
    return council


def _melted(frame: pandas.DataFrame, keys: list[str], codes: Codes, value: str) -> pandas.DataFrame:
    tidy = frame.melt(id_vars=keys, value_vars=list(codes.placements), var_name="placement", value_name=value)
    order = {placement: position for position, placement in enumerate(codes.placements)}
    tidy["_order"] = tidy["placement"].map(order)
    return tidy.sort_values([*keys, "_order"]).drop(columns="_order").astype({value: int})


def _ages_down(frame: pandas.DataFrame, column: str) -> pandas.DataFrame:
    aged = frame.assign(age=[age_of(str(label)) for label in frame[column]])
    return aged[aged["age"].notna()].astype({"age": int}).sort_values(["year", "age"])


def _plans_by_single_age_placement(own: Frames, codes: Codes) -> pandas.DataFrame:
    source = own["ehcp_by_la_single_age_placement_2024_2025"].rename(columns={"year": "census_year"})
    return _melted(place_columns(source, "ehcplans", codes), ["census_year", "age"], codes, "plans")


def _plans_by_band(own: Frames, codes: Codes) -> pandas.DataFrame:
    source = own["ehcp_by_la_age_band_2010_2025"].rename(columns={"year": "census_year", "plans_total": "plans"})
    return _banded(source, "census_year", "plans", codes)


def _banded(source: pandas.DataFrame, year: str, value: str, codes: Codes) -> pandas.DataFrame:
    order = {name: position for position, (name, _, _) in enumerate(codes.age_bands)}
    banded = source[source["age_band"].isin(order) & source[value].notna()].copy()
    banded["_order"] = banded["age_band"].map(order)
    return banded.sort_values([year, "_order"])[[year, "age_band", value]].astype({value: int})


def _plans_by_placement(own: Frames, codes: Codes) -> pandas.DataFrame:
    detailed = own["ehcp_by_la_placement_2019_2025"].rename(columns={"year": "census_year"})
    late = _melted(place_columns(detailed, "ehcplans", codes), ["census_year"], codes, "plans")
    late["basis"] = "detailed_columns"
    groups = own["ehcp_by_la_placement_group_2010_2025"].rename(columns={"year": "census_year"})
    early = groups[~groups["census_year"].isin(set(late["census_year"])) & groups["plans"].notna()].copy()
    early["placement"] = early["placement_group"].map(dict(codes.published_groups))
    early = early.groupby(["census_year", "placement"], as_index=False)["plans"].sum()
    wide = early.pivot(index="census_year", columns="placement", values="plans").reset_index()
    early = _melted(wide.reindex(columns=["census_year", *codes.placements], fill_value=0).fillna(0), ["census_year"], codes, "plans")
    early["basis"] = "placement_groups"
    return pandas.concat([early, late])


def _plans_total(own: Frames, codes: Codes) -> pandas.DataFrame:
    source = own["ehcp_by_la"].rename(columns={"year": "census_year"})
    return source.sort_values("census_year")[["census_year", "statements", "ehc_plans", "plans"]]


def _plans_by_years_in_place(own: Frames, codes: Codes) -> pandas.DataFrame:
    source = own["ehcp_by_la_years_in_place_2024_2025"].rename(columns={"year": "census_year", "ehcplans": "plans"})
    under_one = source["years_in_place"] == "Less than a year"
    years = source["years_in_place"].where(~under_one, "0").str.extract(r"(\d+)")[0].astype(int)
    return source.assign(years_in_place=years).sort_values(["census_year", "years_in_place"])[
        ["census_year", "years_in_place", "plans"]
    ]


def _new_by_single_age_placement(own: Frames, codes: Codes) -> pandas.DataFrame:
    source = place_columns(own["newplans_by_la_single_age_placement_2022_2024"], "new_ehc_plans", codes)
    return _melted(source, ["year", "age"], codes, "new_plans")


def _new_by_band(own: Frames, codes: Codes) -> pandas.DataFrame:
    source = own["newplans_by_la_age_band_2009_2021"].rename(columns={"new_plans_total": "new_plans"})
    return _banded(source, "year", "new_plans", codes)


def _new_by_placement(own: Frames, codes: Codes) -> pandas.DataFrame:
    source = place_columns(own["newplans_by_la_placement_2019_2024"], "new_ehc_plans", codes)
    return _melted(source, ["year"], codes, "new_plans")


def _new_total(own: Frames, codes: Codes) -> pandas.DataFrame:
    source = own["newplans_by_la"].rename(columns={"new_plans_total": "new_plans"})
    return source.sort_values("year")[["year", "new_statements", "new_ehc_plans", "new_plans"]]


def _ceased_by_reason(own: Frames, codes: Codes) -> pandas.DataFrame:
    return _reasons_down(own["ceased_plans_by_la_2022_2024"], ["year"])


def _ceased_by_age(own: Frames, codes: Codes) -> pandas.DataFrame:
    source = own["ceased_plans_by_la_age_tenure_placement_2023_2024"]
    aged = _ages_down(source[source["breakdown_topic"] == "Age plan ceased"], "breakdown")
    return _reasons_down(aged, ["year", "age"])


def _ceased_by_placement(own: Frames, codes: Codes) -> pandas.DataFrame:
    source = own["ceased_plans_by_la_age_tenure_placement_2023_2024"]
    placed = source[source["breakdown"].isin(codes.published_labels)].copy()
    placed["placement"] = placed["breakdown"].map(dict(codes.published_labels))
    summed = placed.groupby(["year", "placement"], as_index=False)[list(REASONS)].sum()
    order = {placement: position for position, placement in enumerate(codes.placements)}
    summed["_order"] = summed["placement"].map(order)
    return _reasons_down(summed.sort_values(["year", "_order"]).drop(columns="_order"), ["year", "placement"])


def _reasons_down(frame: pandas.DataFrame, keys: list[str]) -> pandas.DataFrame:
    rows = frame.sort_values("year", kind="stable").reset_index(drop=True)
    tidy = rows.melt(id_vars=keys, value_vars=list(REASONS), var_name="reason", value_name="ceased", ignore_index=False)
    return tidy.sort_index(kind="stable").fillna({"ceased": 0}).astype({"ceased": int})


def _requests(own: Frames, codes: Codes) -> pandas.DataFrame:
    source = own["requests_assessments_timeliness_by_la_2019_2024"].sort_values("year")
    dropped = {"geographic_level", "region_code", "region_name", "la_code", "old_la_code", "la_name", "note"}
    return source[[column for column in source.columns if column not in dropped]]


def _requests_by_age(own: Frames, codes: Codes) -> pandas.DataFrame:
    aged = _ages_down(own["requests_by_la_age_2023_2024"], "age_label")
    measures = [column for column in aged.columns if column.startswith("requests_")]
    return aged[["year", "age", *measures]]


def _management_information(own: Frames, codes: Codes) -> pandas.DataFrame:
    source = own["sen2_management_info_by_la_2014_2021"].sort_values("year")
    names = {
        "inreqehc": "requests_received_in_year",
        "assrefusedehc": "requests_refused",
        "newallehc": "new_ehc_plans",
        "assnoneehc": "assess_not_issued",
        "totnoexcehc": "plans_issued_den_ex",
        "noexc20weekehc": "plans_issued_20_weeks_ex",
    }
    return source.rename(columns=names)[["year", *names.values()]]


def _needs_by_age(own: Frames, codes: Codes) -> pandas.DataFrame:
    source = own["sen_need_by_la_age_2025"]
    source = source[source["breakdown_topic"] == "Child or young persons age"]
    aged = source.assign(
        census_year=[int(str(period)[:4]) + 1 for period in source["time_period"]],
        age=[age_of(str(label)) for label in source["breakdown"]],
    ).rename(columns={column: need for need, column in codes.need_columns.items()})
    tidy = aged.melt(["census_year", "age"], list(codes.needs), var_name="need", value_name="plans", ignore_index=False)
    order = {need: position for position, need in enumerate(codes.needs)}
    tidy["_order"] = tidy["need"].map(order)
    return tidy.sort_values(["census_year", "age", "_order"]).drop(columns="_order").astype({"plans": int})


def _population(own: Frames, codes: Codes) -> pandas.DataFrame:
    return own["population_by_la_single_age"].sort_values(["year", "age"])[["year", "age", "population", "source"]]


def _population_projection(own: Frames, codes: Codes) -> pandas.DataFrame:
    source = own["population_projection_kent_2022based"].rename(columns={"persons": "population"})
    return source.sort_values(["year", "age"])[["year", "age", "population"]]


def _s251_detail(own: Frames, codes: Codes) -> pandas.DataFrame:
    row = own["s251_high_needs_detail_by_la_2021_22"].iloc[0]
    sectors = ("early_years", "primary", "secondary", "special", "pru_ap", "post_school", "income")
    split = {"place_funding": "place", "top_up_state": "topup_state", "top_up_independent": "topup_indep"}
    whole = ("sen_support_inclusion", "alternative_provision", "hospital_education", "therapies_health")
    rows = []
    for basis in ("budget", "outturn"):
        start = f"s251_{basis}_2021_22_"
        for group, stem in split.items():
            named = [(sector, f"{start}{stem}_{sector}") for sector in sectors]
            rows += [("2021-22", basis, group, sector, row[name]) for sector, name in named if name in row.index]
        rows += [("2021-22", basis, group, "all", row[start + group]) for group in whole]
    return pandas.DataFrame(rows, columns=["financial_year", "basis", "group", "sector", "gbp"])


def _s251_series(own: Frames, codes: Codes) -> pandas.DataFrame:
    source = own["s251_outturn_buckets_by_la_2017_2024"].sort_values("financial_year")
    buckets = [column for column in source.columns if "line" in column]
    return _down(source, ["financial_year"], buckets, "bucket", "gbp")


def _dsg_allocations(own: Frames, codes: Codes) -> pandas.DataFrame:
    source = own["dsg_block_allocations_by_la_2019_2023"].sort_values("financial_year")
    measures = [column for column in source.columns if column.endswith(("_before_recoupment", "_after_deductions"))]
    tidy = _down(source, ["financial_year"], measures, "measure", "gbp")
    parts = tidy["measure"].str.extract(r"^(.*)_(before_recoupment|after_deductions)$")
    return tidy.assign(block=parts[0], basis=parts[1])[["financial_year", "block", "basis", "gbp"]]


def _down(frame: pandas.DataFrame, keys: list[str], columns: list[str], name: str, value: str) -> pandas.DataFrame:
    tidy = frame.reset_index(drop=True).melt(keys, columns, var_name=name, value_name=value, ignore_index=False)
    return tidy.sort_index(kind="stable")


def _components(own: Frames, codes: Codes) -> pandas.DataFrame:
    source = own["high_needs_block_components_by_la_2020_2023"]
    return source.sort_values("financial_year", kind="stable")[
        ["financial_year", "component", "value", "component_label"]
    ]


def _dsg_deficit(own: Frames, codes: Codes) -> pandas.DataFrame:
    source = own["dsg_deficit_pct_by_la_2019_2021"].sort_values("financial_year")
    return source[["financial_year", "deficit_pct_of_income", "total_dsg_before_recoupment", "approx_deficit_gbp"]]


def _specialist_spend(own: Frames, codes: Codes) -> pandas.DataFrame:
    source = own["high_needs_specialist_placement_spend_by_la_2018_2021"]
    parts = source[source["category"] != "Total"].rename(columns={"total_spend_gbp": "gbp"})
    return parts.sort_values(["financial_year", "category"])[["financial_year", "category", "gbp", "population_2_18"]]


def _price_indices(own: Frames, codes: Codes) -> pandas.DataFrame:
    return own["price_indices"].drop(columns="fy_start")


def _tribunal(own: Frames, codes: Codes) -> pandas.DataFrame:
    source = own["send_tribunal_appeals_by_la_2014_2024"].sort_values("year")
    return source[["year", "appeals_registered", "appealable_decisions", "appeal_rate_pct"]]


def _neighbours(own: Frames, codes: Codes) -> pandas.DataFrame:
    source = own["statistical_neighbours"].sort_values(["edition", "rank"])
    return source[["edition", "rank", "neighbour_old_la_code", "neighbour_la_name", "closeness"]]


CUTS: Mapping[str, tuple[tuple[str, ...], Callable[[Frames, Codes], pandas.DataFrame]]] = {
    "plans_by_single_age_placement": (("ehcp_by_la_single_age_placement_2024_2025",), _plans_by_single_age_placement),
    "plans_by_band": (("ehcp_by_la_age_band_2010_2025",), _plans_by_band),
    "plans_by_placement": (
        ("ehcp_by_la_placement_2019_2025", "ehcp_by_la_placement_group_2010_2025"),
        _plans_by_placement,
    ),
    "plans_total": (("ehcp_by_la",), _plans_total),
    "plans_by_years_in_place": (("ehcp_by_la_years_in_place_2024_2025",), _plans_by_years_in_place),
    "new_plans_by_single_age_placement": (
        ("newplans_by_la_single_age_placement_2022_2024",),
        _new_by_single_age_placement,
    ),
    "new_plans_by_band": (("newplans_by_la_age_band_2009_2021",), _new_by_band),
    "new_plans_by_placement": (("newplans_by_la_placement_2019_2024",), _new_by_placement),
    "new_plans_total": (("newplans_by_la",), _new_total),
    "ceased_by_reason": (("ceased_plans_by_la_2022_2024",), _ceased_by_reason),
    "ceased_by_age": (("ceased_plans_by_la_age_tenure_placement_2023_2024",), _ceased_by_age),
    "ceased_by_placement": (("ceased_plans_by_la_age_tenure_placement_2023_2024",), _ceased_by_placement),
    "requests_assessments_timeliness": (("requests_assessments_timeliness_by_la_2019_2024",), _requests),
    "requests_by_age": (("requests_by_la_age_2023_2024",), _requests_by_age),
    "requests_before_2022": (("sen2_management_info_by_la_2014_2021",), _management_information),
    "needs_by_age": (("sen_need_by_la_age_2025",), _needs_by_age),
    "population_estimates": (("population_by_la_single_age",), _population),
    "population_projection": (("population_projection_kent_2022based",), _population_projection),
    "s251_detail": (("s251_high_needs_detail_by_la_2021_22",), _s251_detail),
    "s251_series": (("s251_outturn_buckets_by_la_2017_2024",), _s251_series),
    "dsg_allocations": (("dsg_block_allocations_by_la_2019_2023",), _dsg_allocations),
    "high_needs_block_components": (("high_needs_block_components_by_la_2020_2023",), _components),
    "dsg_deficit": (("dsg_deficit_pct_by_la_2019_2021",), _dsg_deficit),
    "specialist_placement_spend": (("high_needs_specialist_placement_spend_by_la_2018_2021",), _specialist_spend),
    "price_indices": (("price_indices",), _price_indices),
    "tribunal_appeals": (("send_tribunal_appeals_by_la_2014_2024",), _tribunal),
    "statistical_neighbours": (("statistical_neighbours",), _neighbours),
}
