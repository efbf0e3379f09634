"""What each file of a council's folder holds; the names are those of `CouncilInputs`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hnforecast.base.codes import Codes
from hnforecast.inputs import panel_measures as measures
from hnforecast.inputs.columns import Column
from hnforecast.inputs.cut_rows import REASONS

MARKS = ("confirmed", "inferred", "unverified")


@dataclass(frozen=True)
class CouncilFile:
    """One file of a council's folder.

    Attributes:
        columns: exactly the columns of the file.
        key: columns that identify a row.
        required: the program cannot start from a folder without it.
        step: column of a yearly series, which should not skip a year.
        usual: every council's folder has it; a notice says where one is absent.
    """

    columns: tuple[Column, ...]
    key: tuple[str, ...]
    required: bool = False
    step: str = field(default="")
    usual: bool = True


def _count(name: str, required: bool = True) -> Column:
    return Column(name, "whole", required=required, low=0, high=500_000)


def _age(low: int = 0) -> Column:
    return Column("age", "whole", low=low, high=25)


def council_files(codes: Codes) -> Mapping[str, CouncilFile]:
    """The files of a council's folder, by name without ending; codes in them must be those of the code lists."""
    census, year, financial = (
        Column("census_year", "year"),
        Column("year", "year"),
        Column("financial_year", "financial_year"),
    )
    placement = Column("placement", "code", choices=codes.placements)
    band = Column("age_band", "code", choices=tuple(name for name, _, _ in codes.age_bands))
    reason = Column("reason", "code", choices=REASONS)
    need = Column("need", "code", choices=codes.needs)
    requests = tuple(_count(name, required=False) for name in measures.REQUESTS)
    return {
        "plans_by_single_age_placement": CouncilFile(
            (census, _age(), placement, _count("plans")), ("census_year", "age", "placement"), required=True
        ),
        "plans_by_band": CouncilFile((census, band, _count("plans")), ("census_year", "age_band"), step="census_year"),
        "plans_by_placement": CouncilFile(
            (
                census,
                placement,
                _count("plans"),
                _count("of_which_residue"),
                Column("basis", "code", choices=("placement_groups", "detailed_columns")),
            ),
            ("census_year", "placement"),
            step="census_year",
        ),
        "plans_total": CouncilFile(
            (census, _count("statements", False), _count("ehc_plans", False), _count("plans")),
            ("census_year",),
            step="census_year",
        ),
        "plans_by_years_in_place": CouncilFile(
            (census, Column("years_in_place", "whole", high=26), _count("plans")), ("census_year", "years_in_place")
        ),
        "new_plans_by_single_age_placement": CouncilFile(
            (year, _age(), placement, _count("new_plans")), ("year", "age", "placement")
        ),
        "new_plans_by_band": CouncilFile((year, band, _count("new_plans")), ("year", "age_band"), step="year"),
        "new_plans_by_placement": CouncilFile(
            (year, placement, _count("new_plans")), ("year", "placement"), step="year"
        ),
        "new_plans_total": CouncilFile(
            (year, _count("new_statements", False), _count("new_ehc_plans", False), _count("new_plans")),
            ("year",),
            step="year",
        ),
        "ceased_by_reason": CouncilFile((year, reason, _count("ceased")), ("year", "reason"), step="year"),
        "ceased_by_age": CouncilFile((year, _age(), reason, _count("ceased")), ("year", "age", "reason")),
        "ceased_by_placement": CouncilFile(
            (year, placement, reason, _count("ceased")), ("year", "placement", "reason")
        ),
        "requests_assessments_timeliness": CouncilFile((year, *_TIMELINESS), ("year",), step="year"),
        "requests_by_age": CouncilFile((year, _age(), *requests), ("year", "age")),
        "requests_before_2022": CouncilFile(
            (
                year,
                *(
                    _count(name, required=False)
                    for name in (
                        "requests_received_in_year",
                        "requests_refused",
                        "new_ehc_plans",
                        "assess_not_issued",
                        "plans_issued_den_ex",
                        "plans_issued_20_weeks_ex",
                    )
                ),
            ),
            ("year",),
            step="year",
        ),
        "needs_by_age": CouncilFile((census, _age(), need, _count("plans")), ("census_year", "age", "need")),
        "population_estimates": CouncilFile(
            (year, _age(), Column("population", low=0, high=100_000, kind="number"), Column("source")), ("year", "age")
        ),
        "population_projection": CouncilFile(
            (year, _age(), Column("population", low=0, high=100_000, kind="number")),
            ("year", "age"),
            required=True,
            step="year",
        ),
        "s251_detail": CouncilFile(
            (
                financial,
                Column("basis", "code", choices=("budget", "outturn")),
                Column("group", "code"),
                Column("sector", "code"),
                Column("gbp", "money", low=0, required=False),
            ),
            ("financial_year", "basis", "group", "sector"),
        ),
        "s251_series": CouncilFile(
            (financial, Column("bucket", "code"), Column("gbp", "money", required=False)),
            ("financial_year", "bucket"),
            step="financial_year",
        ),
        "dsg_allocations": CouncilFile(
            (
                financial,
                Column("block", "code"),
                Column("basis", "code", choices=("before_recoupment", "after_deductions")),
                Column("gbp", "money", low=0),
            ),
            ("financial_year", "block", "basis"),
            step="financial_year",
        ),
        "high_needs_block_components": CouncilFile(
            (financial, Column("component", "code"), Column("value", "money"), Column("component_label")),
            ("financial_year", "component"),
            step="financial_year",
        ),
        "dsg_deficit": CouncilFile(
            (
                financial,
                Column("deficit_pct_of_income", "percent"),
                Column("total_dsg_before_recoupment", "money", low=0),
                Column("approx_deficit_gbp", "money"),
            ),
            ("financial_year",),
            step="financial_year",
        ),
        "specialist_placement_spend": CouncilFile(
            (
                financial,
                Column("category"),
                Column("gbp", "money", low=0, required=False),
                Column("population_2_18", "number", low=0, required=False),
            ),
            ("financial_year", "category"),
        ),
        "price_indices": CouncilFile(
            (
                financial,
                Column("gdp_deflator_growth_pct", "percent", required=False),
                Column("uk_population_thousand", "number", required=False),
                Column("gdp_deflator_index_2025_26", "number", required=False, low=0),
                Column("cpi_prior_september_pct", "percent", required=False),
                Column("basis", "code", choices=("outturn", "forecast")),
                Column("cpi_pct_secondary_unverified", "percent", required=False),
                Column("average_earnings_pct_secondary_unverified", "percent", required=False),
            ),
            ("financial_year",),
            step="financial_year",
        ),
        "tribunal_appeals": CouncilFile(
            (
                year,
                _count("appeals_registered", False),
                _count("appealable_decisions", False),
                Column("appeal_rate_pct", "percent", required=False, low=0, high=100),
            ),
            ("year",),
            step="year",
        ),
        "statistical_neighbours": CouncilFile(
            (
                Column("edition", "code"),
                Column("rank", "whole", low=1, high=20),
                Column("neighbour_old_la_code", "authority"),
                Column("neighbour_la_name"),
                Column("closeness", required=False),
            ),
            ("edition", "rank"),
        ),
        "lait_sen_indicators": CouncilFile(
            (
                Column("topic"),
                Column("measure", "code"),
                Column("label"),
                Column("period"),
                Column("old_la_code", "authority"),
                Column("area"),
                Column("value", "number", required=False),
            ),
            ("measure", "period", "area"),
        ),
        "new_plans_by_age_at_start": CouncilFile(
            (year, _age(), placement, _count("new_plans")), ("year", "age", "placement"), usual=False
        ),
        "ceased_by_age_at_end": CouncilFile(
            (year, _age(), reason, _count("ceased")), ("year", "age", "reason"), usual=False
        ),
        "population_mid2024": CouncilFile(
            (year, _age(), Column("population", low=0, high=100_000, kind="number")), ("year", "age"), usual=False
        ),
        "dsg_carried_forward": CouncilFile(
            (financial, Column("deficit_gbp", "money")), ("financial_year",), usual=False
        ),
        "council_ledger": CouncilFile(
            (financial, Column("s251_line", "code"), Column("gbp", "money", low=0)),
            ("financial_year", "s251_line"),
            usual=False,
        ),
        "tribunal_appeals_from_2024": CouncilFile(
            (
                year,
                _count("appeals_registered", False),
                _count("appealable_decisions", False),
                Column("appeal_rate_pct", "percent", required=False, low=0, high=100),
            ),
            ("year",),
            usual=False,
        ),
        "ons_neighbours": CouncilFile(
            (
                Column("rank", "whole", low=1, high=20),
                Column("neighbour_old_la_code", "authority"),
                Column("neighbour_la_name"),
                Column("distance", "number", low=0),
            ),
            ("rank",),
            usual=False,
        ),
        "published_figures": CouncilFile(
            (
                Column("key", "code"),
                Column("financial_year_or_date", "period"),
                Column("value", "number"),
                Column("unit", "code"),
                Column("source"),
                Column("published_on", "period", required=False),
                Column("mark", "code", choices=MARKS),
                Column("note", required=False),
            ),
            ("key", "financial_year_or_date"),
        ),
    }


_TIMELINESS = tuple(
    Column(name, "percent", required=False, low=0, high=100) if name.startswith("pc_") else _count(name, required=False)
    for name in measures.TIMELINESS
)
