"""One council's plans, flows and needs, cut from the DfE's published files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import pandas

from hnforecast.base.codes import Codes, place_columns

# Shapes shared by the cuts.

Frames = Mapping[str, pandas.DataFrame]
REASONS = (
    "max_age", "needs_met", "he", "employ", "transfer",
    "no_engage", "moved_outside_eng", "deceased", "not_rec", "other",
)  # fmt: skip
LEDGER_LINES = {
    "educational_psychology_2_1_1_gbp": "2.1.1",
    "sen_admin_2_1_2_gbp": "2.1.2",
    "sen_transport_2_1_4_gbp": "2.1.4",
}
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


def melt_placements(frame: pandas.DataFrame, keys: list[str], codes: Codes, value: str) -> pandas.DataFrame:
    """One row per key and placement, placements in axis order, counts whole."""
    tidy = frame.melt(id_vars=keys, value_vars=list(codes.placements), var_name="placement", value_name=value)
    order = {placement: position for position, placement in enumerate(codes.placements)}
    tidy["_order"] = tidy["placement"].map(order)
    return tidy.sort_values([*keys, "_order"]).drop(columns="_order").astype({value: int})


def keep_bands(source: pandas.DataFrame, year: str, value: str, codes: Codes) -> pandas.DataFrame:
    """The rows of the code list's age bands, in their order; published totals are dropped."""
    order = {name: position for position, (name, _, _) in enumerate(codes.age_bands)}
    banded = source[source["age_band"].isin(order) & source[value].notna()].copy()
    banded["_order"] = banded["age_band"].map(order)
    return banded.sort_values([year, "_order"])[[year, "age_band", value]].astype({value: int})


def with_ages(frame: pandas.DataFrame, column: str) -> pandas.DataFrame:
    """The rows whose label holds an age, with the age as a whole number."""
    aged = frame.assign(age=pandas.Series([age_of(str(label)) for label in frame[column]], index=frame.index))
    return aged[aged["age"].notna()].astype({"age": int}).sort_values(["year", "age"])


def melt_reasons(frame: pandas.DataFrame, keys: list[str]) -> pandas.DataFrame:
    """One row per key and reason a plan ceased; transfers to another authority stay apart as `transfer`."""
    rows = frame.sort_values("year", kind="stable").reset_index(drop=True)
    tidy = rows.melt(id_vars=keys, value_vars=list(REASONS), var_name="reason", value_name="ceased", ignore_index=False)
    return tidy.sort_index(kind="stable").fillna({"ceased": 0}).astype({"ceased": int})


def melt_rows(frame: pandas.DataFrame, keys: list[str], columns: list[str], name: str, value: str) -> pandas.DataFrame:
    """The named columns turned into rows, in the order they were published."""
    tidy = frame.reset_index(drop=True).melt(keys, columns, var_name=name, value_name=value, ignore_index=False)
    return tidy.sort_index(kind="stable")


def with_2026(own: Frames, before: str, edition: str) -> pandas.DataFrame:
    """A published file with the later years of the 2026 edition, where that counts alike; years held already stay."""
    rows = own[before]
    if edition not in own:
        return rows
    later = own[edition]
    later = later[later["year"] > rows["year"].max()]
    return pandas.concat([rows, later], ignore_index=True) if len(later) else rows


def plans_by_single_age_placement(own: Frames, codes: Codes) -> pandas.DataFrame:
    """Plans by single age (2 means under 3) and placement each January."""
    source = with_2026(
        own, "ehcp_by_la_single_age_placement_2024_2025", "ehcp_single_age_placement_2026_edition"
    ).rename(columns={"year": "census_year"})
    return melt_placements(place_columns(source, "ehcplans", codes), ["census_year", "age"], codes, "plans")


def plans_by_band(own: Frames, codes: Codes) -> pandas.DataFrame:
    """Plans by age band each January."""
    source = own["ehcp_by_la_age_band_2010_2025"].rename(columns={"year": "census_year", "plans_total": "plans"})
    return keep_bands(source, "census_year", "plans", codes)


def plans_by_placement(own: Frames, codes: Codes) -> pandas.DataFrame:
    """Plans by placement each January: the detailed columns where published, the long groups before them."""
    detailed = with_2026(own, "ehcp_by_la_placement_2019_2025", "ehcp_placement_2026_edition")
    detailed = detailed.rename(columns={"year": "census_year"})
    late = place_columns(detailed, "ehcplans", codes)
    groups = own["ehcp_by_la_placement_group_2010_2025"].rename(columns={"year": "census_year"})
    groups = groups[~groups["census_year"].isin(set(late["census_year"]))]
    parts = [(late, "detailed_columns")]
    if len(groups):
        wide = groups.pivot(index="census_year", columns="placement_group", values="plans").reset_index()
        totals = own["ehcp_by_la"].set_index("year")["plans"]
        # A published group gap (2018) shows here as residue, so that every January still sums to its total. Some groups
        # add to a few more than the headline (2016); they stand, and a notice says so on reading.
        wide = wide.assign(ehcplans=wide["census_year"].map(totals))
        named = replace(codes, columns=codes.published_groups)
        parts.insert(0, (place_columns(wide, "ehcplans", named, strict=False), "placement_groups"))
    return pandas.concat([_with_residue(placed, codes).assign(basis=basis) for placed, basis in parts])


def _with_residue(placed: pandas.DataFrame, codes: Codes) -> pandas.DataFrame:
    tidy = melt_placements(placed, ["census_year"], codes, "plans")
    residue = tidy["census_year"].map(placed.set_index("census_year")["residue"])
    return tidy.assign(of_which_residue=residue.where(tidy["placement"] == codes.residue, 0.0).astype(int))


def plans_total(own: Frames, codes: Codes) -> pandas.DataFrame:
    """Statements, plans and both, each January."""
    source = own["ehcp_by_la"].rename(columns={"year": "census_year"})
    return source.sort_values("census_year")[["census_year", "statements", "ehc_plans", "plans"]]


def plans_by_years_in_place(own: Frames, codes: Codes) -> pandas.DataFrame:
    """Plans by whole years held each January; 12 means 12 or more."""
    source = own["ehcp_by_la_years_in_place_2024_2025"].rename(columns={"year": "census_year", "ehcplans": "plans"})
    under_one = source["years_in_place"] == "Less than a year"
    years = source["years_in_place"].where(~under_one, "0").str.extract(r"(\d+)")[0].astype(int)
    return source.assign(years_in_place=years).sort_values(["census_year", "years_in_place"])[
        ["census_year", "years_in_place", "plans"]
    ]


def new_by_single_age_placement(own: Frames, codes: Codes) -> pandas.DataFrame:
    """New plans by single age (2 means 2 and under, 20 means 20 and over) and placement, calendar years."""
    source = place_columns(own["newplans_by_la_single_age_placement_2022_2024"], "new_ehc_plans", codes)
    return melt_placements(source, ["year", "age"], codes, "new_plans")


def new_by_band(own: Frames, codes: Codes) -> pandas.DataFrame:
    """New plans by age band, calendar years."""
    source = own["newplans_by_la_age_band_2009_2021"].rename(columns={"new_plans_total": "new_plans"})
    return keep_bands(source, "year", "new_plans", codes)


def new_by_placement(own: Frames, codes: Codes) -> pandas.DataFrame:
    """New plans by placement, calendar years."""
    published = with_2026(own, "newplans_by_la_placement_2019_2024", "newplans_placement_2026_edition")
    source = place_columns(published, "new_ehc_plans", codes)
    return melt_placements(source, ["year"], codes, "new_plans")


def new_total(own: Frames, codes: Codes) -> pandas.DataFrame:
    """New statements, new plans and both, calendar years."""
    source = own["newplans_by_la"].rename(columns={"new_plans_total": "new_plans"})
    return source.sort_values("year")[["year", "new_statements", "new_ehc_plans", "new_plans"]]


def ceased_by_reason(own: Frames, codes: Codes) -> pandas.DataFrame:
    """Ceased plans by reason, calendar years; from 2025 a reason not recorded is among `other`."""
    return melt_reasons(with_2026(own, "ceased_plans_by_la_2022_2024", "ceased_plans_2026_edition"), ["year"])


def ceased_by_age_at_end(own: Frames, codes: Codes) -> pandas.DataFrame:
    """Ceased plans by age when the plan ceased, as the 2026 edition counts it, and reason, calendar years."""
    source = own["ceased_plans_age_tenure_placement_2026_edition"]
    aged = with_ages(source[source["breakdown_topic"] == "Age plan ceased"], "breakdown")
    return melt_reasons(aged, ["year", "age"])


def new_by_age_at_start(own: Frames, codes: Codes) -> pandas.DataFrame:
    """New plans by age on the day the plan began, as the 2026 edition counts it, and placement, calendar years."""
    source = place_columns(own["newplans_single_age_placement_2026_edition"], "new_ehc_plans", codes)
    return melt_placements(source, ["year", "age"], codes, "new_plans")


def ceased_by_age(own: Frames, codes: Codes) -> pandas.DataFrame:
    """Ceased plans by single age (20 means 20 and over) and reason, calendar years."""
    source = own["ceased_plans_by_la_age_tenure_placement_2023_2024"]
    aged = with_ages(source[source["breakdown_topic"] == "Age plan ceased"], "breakdown")
    return melt_reasons(aged, ["year", "age"])


def ceased_by_placement(own: Frames, codes: Codes) -> pandas.DataFrame:
    """Ceased plans by placement and reason, calendar years."""
    source = with_2026(
        own,
        "ceased_plans_by_la_age_tenure_placement_2023_2024",
        "ceased_plans_age_tenure_placement_2026_edition",
    )
    placed = source[source["breakdown"].isin(codes.published_labels)].copy()
    placed["placement"] = placed["breakdown"].map(dict(codes.published_labels))
    summed = placed.groupby(["year", "placement"], as_index=False)[list(REASONS)].sum()
    order = {placement: position for position, placement in enumerate(codes.placements)}
    summed["_order"] = summed["placement"].map(order)
    return melt_reasons(summed.sort_values(["year", "_order"]).drop(columns="_order"), ["year", "placement"])


def requests(own: Frames, codes: Codes) -> pandas.DataFrame:
    """Requests, assessments, timeliness, as published, calendar years."""
    source = with_2026(
        own, "requests_assessments_timeliness_by_la_2019_2024", "requests_assessments_timeliness_2026_edition"
    ).sort_values("year")
    dropped = {"geographic_level", "region_code", "region_name", "la_code", "old_la_code", "la_name", "note"}
    return source[[column for column in source.columns if column not in dropped]]


def requests_by_age(own: Frames, codes: Codes) -> pandas.DataFrame:
    """Requests by single age (2 means 2 and under, 20 means 20 and over), calendar years."""
    aged = with_ages(own["requests_by_la_age_2023_2024"], "age_label")
    measures = [column for column in aged.columns if column.startswith("requests_")]
    return aged[["year", "age", *measures]]


def management_information(own: Frames, codes: Codes) -> pandas.DataFrame:
    """Requests, refusals and timeliness before the person-level return, calendar years."""
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


def needs_by_age(own: Frames, codes: Codes) -> pandas.DataFrame:
    """Plans by single age and primary need each January; 2 means under 3."""
    source = own["sen_need_by_la_age_2025"]
    source = source[source["breakdown_topic"] == "Child or young persons age"]
    aged = source.assign(
        census_year=[int(str(period)[:4]) + 1 for period in source["time_period"]],
        age=pandas.Series([age_of(str(label)) for label in source["breakdown"]], index=source.index),
    ).rename(columns={column: need for need, column in codes.need_columns.items()})
    tidy = aged.melt(["census_year", "age"], list(codes.needs), var_name="need", value_name="plans", ignore_index=False)
    tidy = tidy.dropna(subset=["plans"])
    order = {need: position for position, need in enumerate(codes.needs)}
    tidy["_order"] = tidy["need"].map(order)
    return tidy.sort_values(["census_year", "age", "_order"]).drop(columns="_order").astype({"plans": int})


# One council's population, money, prices, appeals and neighbours, cut from the published files.

# Columns of the section 251 detail; the first is a sector there, not a placement.
SECTORS = ("early_years", "primary", "secondary", "special", "pru_ap", "post_school")


def population(own: Frames, codes: Codes) -> pandas.DataFrame:
    """Residents by single age, ONS mid-year estimates; do not read growth across the 2023 rebasing."""
    return own["population_by_la_single_age"].sort_values(["year", "age"])[["year", "age", "population", "source"]]


def population_mid2024(own: Frames, codes: Codes) -> pandas.DataFrame:
    """Residents by single age at the middle of 2024, of a later release: no growth is to be read from the earlier."""
    return own["population_mid2024_by_la_single_age"].sort_values(["year", "age"])[["year", "age", "population"]]


def population_projection(own: Frames, codes: Codes) -> pandas.DataFrame:
    """Residents by single age, ONS 2022-based projection, middle of each year."""
    source = own["population_projection_kent_2022based"].rename(columns={"persons": "population"})
    return source.sort_values(["year", "age"])[["year", "age", "population"]]


def s251_detail(own: Frames, codes: Codes) -> pandas.DataFrame:
    """2021-22 high needs by line group and sector, budget and outturn; `income` is positive and to be taken off."""
    row = own["s251_high_needs_detail_by_la_2021_22"].iloc[0]
    split = {"place_funding": "place", "top_up_state": "topup_state", "top_up_independent": "topup_indep"}
    whole = ("sen_support_inclusion", "alternative_provision", "hospital_education", "therapies_health")
    rows = []
    for basis in ("budget", "outturn"):
        start = f"s251_{basis}_2021_22_"
        for group, stem in split.items():
            named = [(sector, f"{start}{stem}_{sector}") for sector in (*SECTORS, "income")]
            rows += [("2021-22", basis, group, sector, row[name]) for sector, name in named if name in row.index]
        rows += [("2021-22", basis, group, "all", row[start + group]) for group in whole]
    return pandas.DataFrame(rows, columns=["financial_year", "basis", "group", "sector", "gbp"])


def s251_series(own: Frames, codes: Codes) -> pandas.DataFrame:
    """s251 outturn by group of lines."""
    source = own["s251_outturn_buckets_by_la_2017_2024"].sort_values("financial_year")
    buckets = [column for column in source.columns if "line" in column]
    return melt_rows(source, ["financial_year"], buckets, "bucket", "gbp")


def dsg_allocations(own: Frames, codes: Codes) -> pandas.DataFrame:
    """DSG by block, before recoupment and after deductions."""
    source = own["dsg_block_allocations_by_la_2019_2023"].sort_values("financial_year")
    measures = [column for column in source.columns if column.endswith(("_before_recoupment", "_after_deductions"))]
    tidy = melt_rows(source, ["financial_year"], measures, "measure", "gbp")
    parts = tidy["measure"].str.extract(r"^(.*)_(before_recoupment|after_deductions)$")
    return tidy.assign(block=parts[0], basis=parts[1])[["financial_year", "block", "basis", "gbp"]]


def components(own: Frames, codes: Codes) -> pandas.DataFrame:
    """The parts of the high needs block as published."""
    source = own["high_needs_block_components_by_la_2020_2023"]
    return source.sort_values("financial_year", kind="stable")[
        ["financial_year", "component", "value", "component_label"]
    ]


def dsg_deficit(own: Frames, codes: Codes) -> pandas.DataFrame:
    """DSG deficit as a share of income; plus is a deficit, as published."""
    source = own["dsg_deficit_pct_by_la_2019_2021"].sort_values("financial_year")
    return source[["financial_year", "deficit_pct_of_income", "total_dsg_before_recoupment", "approx_deficit_gbp"]]


def dsg_carried_forward(own: Frames, codes: Codes) -> pandas.DataFrame:
    """DSG deficit carried forward at the end of a financial year, plus is a deficit, as published."""
    source = own["dsg_deficit_by_la_2023_24"].sort_values("financial_year")
    return source[["financial_year", "dsg_carried_forward_deficit_gbp"]].rename(
        columns={"dsg_carried_forward_deficit_gbp": "deficit_gbp"}
    )


def council_ledger(own: Frames, codes: Codes) -> pandas.DataFrame:
    """What the council's own budget, not the grant, spends on special needs: one row a year and line of section 251."""
    source = own["s251_council_ledger_by_la"].sort_values("financial_year")
    tidy = melt_rows(source, ["financial_year"], list(LEDGER_LINES), "column", "gbp")
    return tidy.assign(s251_line=tidy["column"].map(LEDGER_LINES))[["financial_year", "s251_line", "gbp"]]


def specialist_spend(own: Frames, codes: Codes) -> pandas.DataFrame:
    """Top-up at special schools, state and independent or non-maintained."""
    source = own["high_needs_specialist_placement_spend_by_la_2018_2021"]
    parts = source[source["category"] != "Total"].rename(columns={"total_spend_gbp": "gbp"})
    return parts.sort_values(["financial_year", "category"])[["financial_year", "category", "gbp", "population_2_18"]]


def price_indices(own: Frames, codes: Codes) -> pandas.DataFrame:
    """GDP deflator and the CPI of the September before, by financial year."""
    return own["price_indices"]


def tribunal(own: Frames, codes: Codes) -> pandas.DataFrame:
    """Appeals registered with the SEND Tribunal, calendar years."""
    source = own["send_tribunal_appeals_by_la_2014_2024"].sort_values("year")
    return source[["year", "appeals_registered", "appealable_decisions", "appeal_rate_pct"]]


def tribunal_from_2024(own: Frames, codes: Codes) -> pandas.DataFrame:
    """Appeals over another denominator from 2024: the rates are not those of `tribunal`."""
    source = own["send_tribunal_appeals_by_la_2024_2025"].sort_values("year")
    return source[["year", "appeals_registered", "appealable_decisions", "appeal_rate_pct"]]


def ons_neighbours(own: Frames, codes: Codes) -> pandas.DataFrame:
    """The ONS's nearest neighbours by rank, with their distance."""
    source = own["ons_statistical_neighbours_2025_10"].sort_values("rank")
    return source[["rank", "neighbour_old_la_code", "neighbour_la_name", "distance"]]


def neighbours(own: Frames, codes: Codes) -> pandas.DataFrame:
    """Statistical neighbours by edition and rank."""
    source = own["statistical_neighbours"].sort_values(["edition", "rank"])
    return source[["edition", "rank", "neighbour_old_la_code", "neighbour_la_name", "closeness"]]


def local_indicators(own: Frames, codes: Codes) -> pandas.DataFrame:
    """The DfE's local indicators of SEN for the council, its neighbours and England, as published."""
    source = own["lait_sen_indicators_by_la"].rename(columns={"measure": "label", "measure_short": "measure"})
    return source[["topic", "measure", "label", "period", "old_la_code", "area", "value"]]
