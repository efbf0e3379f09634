"""What the files of a panel folder hold: keys, measures, and when each row was known.

A panel is a folder of published files about many authorities, named and with columns as published here in
`inputs/national/`; a folder may hold any of them, for other authorities, with or without national rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from hnforecast.inputs import panel_measures as measures
from hnforecast.inputs.columns import Column

# census: a January count. flow: a calendar year. outturn: a financial year, published in the December after it.
# grant: a financial year, announced the December before. estimate: a mid-year, published a year later.
Clock = Literal["census", "flow", "outturn", "grant", "estimate", "edition", "lookup"]


@dataclass(frozen=True)
class PanelFile:
    """One file of a panel.

    Attributes:
        clock: how `year` is read when a forecaster's knowledge is cut off.
        year: name of the column that dates a row.
        keys: columns that identify a row; the authority and the year are among them.
        measures: numeric columns, blank where not published; each may be absent from an edition.
        texts: other text columns; each may be blank or absent.
        published: first census year by which the whole file was known; 0 where its rows date themselves.
        needed: measures that must be in the header, blank where nothing was published.
        signed: measures that may be below zero; a count, or money spent, never is.
        watched: measures that do not jump from year to year; see jumps.py.
    """

    clock: Clock
    year: str
    keys: tuple[Column, ...]
    measures: tuple[str, ...]
    texts: tuple[str, ...] = ()
    published: int = 0
    needed: tuple[str, ...] = ()
    signed: tuple[str, ...] = ()
    watched: tuple[str, ...] = ()

    @property
    def key_names(self) -> list[str]:
        """Names of the columns that identify a row."""
        return [column.name for column in self.keys]

    @property
    def parts(self) -> Mapping[str, tuple[str, ...]]:
        """Published subtotals, each with the columns it is the sum of; none where placements are not told apart."""
        return measures.PARTS if set(measures.PLACEMENTS) <= set(self.measures) else {}

    @property
    def by_age(self) -> bool:
        """Whether each row is one age."""
        return _AGE in self.keys

    def columns(self) -> tuple[Column, ...]:
        """Every column a reader should look for."""
        names = {column.name for column in self.keys}
        identity = [name for name in (*_IDENTITY, *self.texts) if name not in names]
        return (
            *(Column(name, "text", required=False, may_be_absent=True) for name in identity),
            *self.keys,
            *(
                (Column("fy_start", "year", required=False, may_be_absent=True),)
                if self.year == _FINANCIAL.name
                else ()
            ),
            *(
                Column(
                    name,
                    "number",
                    required=False,
                    low=None if name in self.signed else 0.0,
                    may_be_absent=name not in self.needed,
                )
                for name in self.measures
            ),
        )


_IDENTITY = ("geographic_level", "region_code", "region_name", "la_code", "la_name")
_AUTHORITY = Column("old_la_code", "authority", required=False)
_NAME = Column("la_name", required=False)
_REGION = Column("region_code", required=False, may_be_absent=True)
_LEVEL = Column("geographic_level", required=False, may_be_absent=True)
_YEAR = Column("year", "year")
_FINANCIAL = Column("financial_year", "financial_year")
# National and regional rows share a blank authority, so the level and region are part of every row's identity.
_WHERE = (_LEVEL, _REGION, _AUTHORITY)

_BAND = Column("age_band", "text")
_AGE = Column("age", "whole", low=0, high=25)

_FILES: Mapping[str, PanelFile] = MappingProxyType(
    {
        "ehcp_by_la": PanelFile(
            "census",
            "year",
            (*_WHERE, _YEAR),
            ("statements", "ehc_plans", "plans"),
            ("source_edition",),
            needed=("plans",),
            watched=("plans",),
        ),
        "ehcp_by_la_age_band_2010_2025": PanelFile(
            "census", "year", (*_WHERE, _YEAR, _BAND), ("statements", "ehc_plans", "plans_total"), ("source_edition",)
        ),
        "ehcp_by_la_placement_2019_2025": PanelFile(
            "census", "year", (*_WHERE, _YEAR), ("ehcplans", *measures.PLACEMENTS), ("collection",)
        ),
        "ehcp_by_la_placement_group_2010_2025": PanelFile(
            "census",
            "year",
            (*_WHERE, _YEAR, Column("placement_group")),
            ("plans",),
            ("source_edition",),
            needed=("plans",),
        ),
        "ehcp_by_la_single_age_placement_2024_2025": PanelFile(
            "census", "year", (*_WHERE, _YEAR, _AGE), ("ehcplans", *measures.PLACEMENTS), ("age_label",)
        ),
        "ehcp_national_single_age_placement_2024_2025": PanelFile(
            "census", "year", (*_WHERE, _YEAR, _AGE), ("ehcplans", *measures.PLACEMENTS), ("age_label",)
        ),
        "ehcp_by_la_age_at_start_2024_2025": PanelFile(
            "census", "year", (*_WHERE, _YEAR, Column("age_at_start")), ("ehcplans", *measures.MAIN)
        ),
        "ehcp_by_la_years_in_place_2024_2025": PanelFile(
            "census", "year", (*_WHERE, _YEAR, Column("years_in_place")), ("ehcplans", *measures.MAIN)
        ),
        "newplans_by_la": PanelFile(
            "flow",
            "year",
            (*_WHERE, _YEAR),
            ("new_statements", "new_ehc_plans", "new_plans_total"),
            ("source_edition", "note"),
            needed=("new_plans_total",),
            watched=("new_plans_total",),
        ),
        "newplans_by_la_age_band_2009_2021": PanelFile(
            "flow", "year", (*_WHERE, _YEAR, _BAND), ("new_statements", "new_ehc_plans", "new_plans_total")
        ),
        "newplans_by_la_placement_2019_2024": PanelFile(
            "flow", "year", (*_WHERE, _YEAR), ("new_ehc_plans", *measures.PLACEMENTS), ("note",)
        ),
        "newplans_by_la_single_age_placement_2022_2024": PanelFile(
            "flow", "year", (*_WHERE, _YEAR, _AGE), ("new_ehc_plans", *measures.PLACEMENTS), ("age_label",)
        ),
        "requests_assessments_timeliness_by_la_2019_2024": PanelFile(
            "flow",
            "year",
            (*_WHERE, _YEAR),
            measures.TIMELINESS,
            ("note",),
            needed=("requests_received_in_year", "requests_decided_not_to_assess"),
            watched=("requests_received_in_year",),
        ),
        "requests_by_la_age_2023_2024": PanelFile(
            "flow", "year", (*_WHERE, _YEAR, Column("age_label")), measures.REQUESTS
        ),
        "ceased_plans_by_la_2022_2024": PanelFile("flow", "year", (*_WHERE, _YEAR), measures.CEASED),
        "ceased_plans_by_la_age_tenure_placement_2023_2024": PanelFile(
            "flow", "year", (*_WHERE, _YEAR, Column("breakdown_topic"), Column("breakdown")), measures.CEASED
        ),
        "sen_need_by_la_age_2025": PanelFile(
            "census",
            "time_period",
            (*_WHERE, Column("time_period", "code"), Column("breakdown_topic"), Column("breakdown")),
            ("ehc_plans", *measures.NEEDS),
        ),
        "sen2_management_info_by_la_2014_2021": PanelFile(
            "flow",
            "year",
            (*_WHERE, _YEAR),
            measures.INFO,
            needed=("inreqehc", "assrefusedehc", "assnodecisionehc"),
        ),
        "sen2_management_info_by_la_2014_2022_dashboard": PanelFile(
            "flow",
            "year",
            (*_WHERE, _YEAR),
            measures.DASHBOARD,
            needed=("inreq_ehc", "ass_refused_ehc", "ass_nodecision_ehc"),
        ),
        "send_tribunal_appeals_by_la_2014_2024": PanelFile(
            "flow",
            "year",
            (_LEVEL, _AUTHORITY, _NAME, _YEAR),
            ("appeals_registered", "appealable_decisions", "appeal_rate_pct"),
        ),
        # Another denominator from 2024: its rates are never joined to those of the file above.
        "send_tribunal_appeals_by_la_2024_2025": PanelFile(
            "flow",
            "year",
            (_LEVEL, _AUTHORITY, _NAME, _YEAR),
            ("appeals_registered", "appealable_decisions", "appeal_rate_pct"),
        ),
        "dsg_block_allocations_by_la_2019_2023": PanelFile(
            "grant",
            "financial_year",
            (_AUTHORITY, _NAME, _FINANCIAL),
            measures.DSG,
            watched=("high_needs_block_before_recoupment",),
        ),
        "high_needs_block_components_by_la_2020_2023": PanelFile(
            "grant",
            "financial_year",
            (_AUTHORITY, _NAME, _FINANCIAL, Column("component")),
            ("value",),
            ("component_label",),
            signed=("value",),
        ),
        "dsg_deficit_pct_by_la_2019_2021": PanelFile(
            "outturn",
            "financial_year",
            (_LEVEL, Column("region_name", required=False), _AUTHORITY, _FINANCIAL),
            ("deficit_pct_of_income", "total_dsg_before_recoupment", "approx_deficit_gbp"),
            signed=("deficit_pct_of_income", "approx_deficit_gbp"),
        ),
        "dsg_deficit_by_la_2023_24": PanelFile(
            "outturn",
            "financial_year",
            (_AUTHORITY, _NAME, _FINANCIAL),
            ("dsg_carried_forward_deficit_gbp",),
            signed=("dsg_carried_forward_deficit_gbp",),
        ),
        "s251_council_ledger_by_la": PanelFile("outturn", "financial_year", (_AUTHORITY, _FINANCIAL), measures.LEDGER),
        "s251_outturn_buckets_by_la_2017_2024": PanelFile(
            "outturn",
            "financial_year",
            (_AUTHORITY, _NAME, _FINANCIAL),
            measures.S251_BUCKETS,
            needed=("high_needs_lines_1_2",),
            watched=("high_needs_lines_1_2",),
        ),
        "s251_high_needs_detail_by_la_2021_22": PanelFile(
            "outturn",
            "",
            (_AUTHORITY, _NAME),
            (*measures.EHC_2021, *measures.S251_DETAIL),
            published=2022,
            signed=measures.S251_DETAIL,  # net of income: a line may come out below nothing
        ),
        "high_needs_specialist_placement_spend_by_la_2018_2021": PanelFile(
            "outturn",
            "financial_year",
            (Column("region", required=False), _AUTHORITY, _FINANCIAL, Column("category")),
            ("population_2_18", "spend_per_head_2_18", "total_spend_gbp"),
        ),
        "population_by_la_single_age": PanelFile(
            "estimate",
            "year",
            (_AUTHORITY, _YEAR, _AGE),
            ("population",),
            ("source",),
            needed=("population",),
            watched=("population",),
        ),
        # A later release, which revises: no growth is to be read between it and the years of the file above.
        "population_mid2024_by_la_single_age": PanelFile(
            "estimate", "year", (_AUTHORITY, _YEAR, _AGE), ("population",), ("source",), needed=("population",)
        ),
        "population_projection_by_region_age10_2022_2029": PanelFile(
            "edition",
            "",
            (Column("region"), Column("age_from", "whole"), Column("age_to", "whole", required=False), _YEAR),
            ("population_thousand",),
            published=2025,
        ),
        "price_indices": PanelFile(
            "outturn",
            "financial_year",
            (_FINANCIAL,),
            (
                *("gdp_deflator_growth_pct", "uk_population_thousand", "gdp_deflator_index_2025_26"),
                *("cpi_prior_september_pct", "cpi_pct_secondary_unverified"),
                "average_earnings_pct_secondary_unverified",
            ),
            ("basis",),
            needed=("gdp_deflator_growth_pct",),
            signed=(
                *("gdp_deflator_growth_pct", "cpi_prior_september_pct", "cpi_pct_secondary_unverified"),
                "average_earnings_pct_secondary_unverified",
            ),
        ),
        "statistical_neighbours": PanelFile(
            "edition",
            "edition",
            (Column("edition"), Column("old_la_code", "authority"), Column("rank", "whole")),
            (),
            ("neighbour_old_la_code", "neighbour_la_code", "neighbour_la_name", "closeness"),
        ),
        "ons_statistical_neighbours_2025_10": PanelFile(
            "edition",
            "",
            (Column("old_la_code", "authority"), Column("rank", "whole")),
            ("distance",),
            ("neighbour_old_la_code", "neighbour_la_name"),
            published=2025,
        ),
        "phase_transfers_2026_edition": PanelFile("census", "year", (*_WHERE, _YEAR), measures.PHASE_TRANSFERS),
        "annual_reviews_2026_edition": PanelFile(
            "flow",
            "year",
            (*_WHERE, _YEAR, Column("breakdown_topic"), Column("breakdown")),
            measures.REVIEWS,
            published=2026,
        ),
        "requests_by_source_2026_edition": PanelFile(
            "flow", "year", (*_WHERE, _YEAR, Column("source")), (*measures.REQUESTS, "requests_rya"), published=2026
        ),
        "la_lookup": PanelFile(
            "lookup", "first_year", (Column("old_la_code", "authority"), Column("la_code")), ("first_year", "last_year")
        ),
    }
)

# The 2026 edition counts ages of flows and some categories otherwise, so its rows stand in files of their own with the
# columns of an older one; inputs/README.md says which may be joined.
_AS_BEFORE: Mapping[str, str] = MappingProxyType(
    {
        "ehcp_placement_2026_edition": "ehcp_by_la_placement_2019_2025",
        "ehcp_single_age_placement_2026_edition": "ehcp_by_la_single_age_placement_2024_2025",
        "ehcp_age_at_start_2026_edition": "ehcp_by_la_age_at_start_2024_2025",
        "ehcp_years_in_place_2026_edition": "ehcp_by_la_years_in_place_2024_2025",
        "newplans_placement_2026_edition": "newplans_by_la_placement_2019_2024",
        "newplans_single_age_placement_2026_edition": "newplans_by_la_single_age_placement_2022_2024",
        "ceased_plans_2026_edition": "ceased_plans_by_la_2022_2024",
        "ceased_plans_age_tenure_placement_2026_edition": "ceased_plans_by_la_age_tenure_placement_2023_2024",
        "requests_assessments_timeliness_2026_edition": "requests_assessments_timeliness_by_la_2019_2024",
        "requests_by_age_2026_edition": "requests_by_la_age_2023_2024",
    }
)
PANEL_FILES: Mapping[str, PanelFile] = MappingProxyType(
    {**_FILES, **{name: replace(_FILES[before], published=2026) for name, before in _AS_BEFORE.items()}}
)
