"""One council's plans, flows and needs, cut from the DfE's published files."""

from __future__ import annotations

from dataclasses import replace

import pandas

from hnforecast.base.codes import Codes, place_columns
from hnforecast.inputs.tidying import REASONS, Frames, age_of, keep_bands, melt_placements, melt_reasons, with_ages


def plans_by_single_age_placement(own: Frames, codes: Codes) -> pandas.DataFrame:
    """Plans by single age (2 means under 3) and placement each January."""
    source = own["ehcp_by_la_single_age_placement_2024_2025"].rename(columns={"year": "census_year"})
    return melt_placements(place_columns(source, "ehcplans", codes), ["census_year", "age"], codes, "plans")


def plans_by_band(own: Frames, codes: Codes) -> pandas.DataFrame:
    """Plans by age band each January."""
    source = own["ehcp_by_la_age_band_2010_2025"].rename(columns={"year": "census_year", "plans_total": "plans"})
    return keep_bands(source, "census_year", "plans", codes)


def plans_by_placement(own: Frames, codes: Codes) -> pandas.DataFrame:
    """Plans by placement each January: the detailed columns where published, the long groups before them."""
    detailed = own["ehcp_by_la_placement_2019_2025"].rename(columns={"year": "census_year"})
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
    source = place_columns(own["newplans_by_la_placement_2019_2024"], "new_ehc_plans", codes)
    return melt_placements(source, ["year"], codes, "new_plans")


def new_total(own: Frames, codes: Codes) -> pandas.DataFrame:
    """New statements, new plans and both, calendar years."""
    source = own["newplans_by_la"].rename(columns={"new_plans_total": "new_plans"})
    return source.sort_values("year")[["year", "new_statements", "new_ehc_plans", "new_plans"]]


def ceased_by_reason(own: Frames, codes: Codes) -> pandas.DataFrame:
    """Ceased plans by reason, calendar years."""
    return melt_reasons(own["ceased_plans_by_la_2022_2024"], ["year"])


def ceased_by_age(own: Frames, codes: Codes) -> pandas.DataFrame:
    """Ceased plans by single age (20 means 20 and over) and reason, calendar years."""
    source = own["ceased_plans_by_la_age_tenure_placement_2023_2024"]
    aged = with_ages(source[source["breakdown_topic"] == "Age plan ceased"], "breakdown")
    return melt_reasons(aged, ["year", "age"])


def ceased_by_placement(own: Frames, codes: Codes) -> pandas.DataFrame:
    """Ceased plans by placement and reason, calendar years."""
    source = own["ceased_plans_by_la_age_tenure_placement_2023_2024"]
    placed = source[source["breakdown"].isin(codes.published_labels)].copy()
    placed["placement"] = placed["breakdown"].map(dict(codes.published_labels))
    summed = placed.groupby(["year", "placement"], as_index=False)[list(REASONS)].sum()
    order = {placement: position for position, placement in enumerate(codes.placements)}
    summed["_order"] = summed["placement"].map(order)
    return melt_reasons(summed.sort_values(["year", "_order"]).drop(columns="_order"), ["year", "placement"])


def requests(own: Frames, codes: Codes) -> pandas.DataFrame:
    """Requests, assessments, timeliness, as published, calendar years."""
    source = own["requests_assessments_timeliness_by_la_2019_2024"].sort_values("year")
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
