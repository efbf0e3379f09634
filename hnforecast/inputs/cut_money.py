"""One council's population, money, prices, appeals and neighbours, cut from the published files."""

from __future__ import annotations

import pandas

from hnforecast.base.codes import Codes
from hnforecast.inputs.tidying import Frames, melt_rows

# Columns of the section 251 detail; the first is a sector there, not a placement.
SECTORS = ("early_years", "primary", "secondary", "special", "pru_ap", "post_school")


def population(own: Frames, codes: Codes) -> pandas.DataFrame:
    """Residents by single age, ONS mid-year estimates; do not read growth across the 2023 rebasing."""
    return own["population_by_la_single_age"].sort_values(["year", "age"])[["year", "age", "population", "source"]]


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


def neighbours(own: Frames, codes: Codes) -> pandas.DataFrame:
    """Statistical neighbours by edition and rank."""
    source = own["statistical_neighbours"].sort_values(["edition", "rank"])
    return source[["edition", "rank", "neighbour_old_la_code", "neighbour_la_name", "closeness"]]


def local_indicators(own: Frames, codes: Codes) -> pandas.DataFrame:
    """The DfE's local indicators of SEN for the council, its neighbours and England, as published."""
    source = own["lait_sen_indicators_by_la"].rename(columns={"measure": "label", "measure_short": "measure"})
    return source[["topic", "measure", "label", "period", "old_la_code", "area", "value"]]
