"""The forecast against published figures: what was calibrated to them, and what was predicted.

A figure of the base outturn year was used to set prices, so it is "calibrated to". A later year that was published
after the vintage's date was not, so a scenario that follows history "predicts" it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from hnforecast.base.timeline import parse_year, show_year
from hnforecast.engine.model.state import Clock, DsgAccount, Plans, Spend
from hnforecast.engine.scenarios import Scenario
from hnforecast.inputs import Column, CouncilInputs, load_council, read_table

CALIBRATED, PREDICTED, TIED = "calibrated to", "predicted", "tied to"
HIGH_NEEDS_LINES = "1.2"
PLANNING = "planning path"
BUCKET = "high_needs_lines_1_2"


@dataclass(frozen=True)
class Comparison:
    """One figure of the forecast against a published one.

    Args:
        subject: what is compared.
        period: year or count, as written.
        ours, published: both in `unit`, "gbp" or "plans".
        label: "calibrated to" where the published figure was used to tune, "predicted" where it was not.
        source, mark: of the published figure.
    """

    subject: str
    period: str
    ours: float
    published: float
    unit: str
    label: str
    source: str
    mark: str


@dataclass(frozen=True)
class Published:
    """Figures to compare with: the council's own tables, how section 251 groups map to rows, and named comparisons."""

    council: CouncilInputs | None
    groups: pd.DataFrame
    named: pd.DataFrame


def council_folder(root: Path, authority: str) -> Path:
    """inputs/<name> of a council, its name in lower case with dashes for spaces."""
    return root / "inputs" / "-".join(authority.lower().split())


def read_published(root: Path, scenario: Scenario, codes_folder: Path) -> Published:
    """Read what the council's folder holds; a council without one is compared with nothing."""
    folder = council_folder(root, scenario.vintage.manifest.authority.name)
    council = load_council(folder, scenario.vintage.codes) if folder.is_dir() else None
    return Published(
        council,
        _table(codes_folder / "s251_groups.csv", GROUP_COLUMNS, root),
        _table(folder / "comparisons.csv", NAMED_COLUMNS, root),
    )


GROUP_COLUMNS = (
    *(Column(name, "code") for name in ("group", "sector", "s251_lines", "placements", "kind")),
    Column("label"),
)
NAMED_COLUMNS = (
    Column("vintage", "code"),
    Column("scenario", "code"),
    Column("item", "code", choices=("opening", "in_year", "closing", "gross_closing", "gross_spend")),
    Column("period", "financial_year"),
    Column("published", "money"),
    Column("unit", "code", choices=("gbp",)),
    Column("label", "text", choices=(CALIBRATED, PREDICTED, TIED)),
    Column("tolerance", "money"),
    Column("subject"),
    Column("source"),
    Column("mark", "code", choices=("confirmed", "inferred", "unverified")),
)


def _table(path: Path, columns: tuple[Column, ...], root: Path) -> pd.DataFrame:
    if not path.exists():
        return pd.DataFrame(columns=[column.name for column in columns])
    return read_table(path, columns, root=root)


def compare_published(
    published: Published, scenario: Scenario, clock: Clock, plans: Plans, spend: Spend, account: DsgAccount
) -> tuple[Comparison, ...]:
    """Every comparison the published figures allow, base outturn year first."""
    found: list[Comparison] = []
    if published.council is not None:
        found += _lines(published.groups, published.council.s251_detail, scenario, clock, spend)
        found += _totals(published.council.s251_series, scenario, clock, spend)
        found += _plans(published.council.plans_total, scenario, clock, plans)
    found += _named(published.named, scenario, clock, spend, account)
    return tuple(found)


def _label(scenario: Scenario, year: int) -> str:
    """How a year of a scenario stands to its outturn: only a scenario that follows history predicts what came later."""
    if year <= scenario.vintage.manifest.base_outturn:
        return CALIBRATED
    return PREDICTED if scenario.spec.demand == "history" else PLANNING


def _lines(
    groups: pd.DataFrame, detail: pd.DataFrame, scenario: Scenario, clock: Clock, spend: Spend
) -> Iterator[Comparison]:
    """Outturn by group of lines, for the base outturn year."""
    year = show_year(scenario.vintage.manifest.base_outturn)
    if groups.empty or detail.empty:
        return
    outturn = detail[(detail["financial_year"].astype(str) == year) & (detail["basis"] == "outturn")]
    f = clock.at(scenario.vintage.manifest.base_outturn)
    for label, group in groups.groupby("label", sort=False):
        sectors = set(zip(group["group"], group["sector"], strict=True))
        wanted = [pair in sectors for pair in zip(outturn["group"], outturn["sector"], strict=True)]
        total = float(outturn["gbp"][wanted].sum())
        first = group.iloc[0]
        lines, places = set(first["s251_lines"].split(";")), set(first["placements"].split(";"))
        rows = [
            r
            for r in spend.grant_rows
            if spend.rows[r].s251_line in lines
            and spend.rows[r].placement in places
            and spend.rows[r].kind == first["kind"]
        ]
        ours = abs(float(spend.by_year[0, f, rows].sum()))
        if total:
            source = "DfE, high needs benchmarking tool, section 251 outturn"
            yield Comparison(f"{label} (s251)", year, ours, total, "gbp", CALIBRATED, source, "confirmed")


def lines_total(spend: Spend, f: int) -> float:
    """Central pounds on lines 1.2.x net of income in one year."""
    rows = [r for r in spend.grant_rows if spend.rows[r].s251_line.startswith(HIGH_NEEDS_LINES)]
    return float(spend.by_year[0, f, rows].sum())


def _totals(series: pd.DataFrame, scenario: Scenario, clock: Clock, spend: Spend) -> Iterator[Comparison]:
    for row in series[series["bucket"] == BUCKET].to_dict("records"):
        year = parse_year(str(row["financial_year"]))
        if year in clock.financial_years:
            ours = lines_total(spend, clock.at(year))
            source = "DfE, LA and school expenditure, section 251 outturn"
            label, published = _label(scenario, year), float(row["gbp"])
            yield Comparison(
                "Spend on lines 1.2, net", show_year(year), ours, published, "gbp", label, source, "confirmed"
            )


def _plans(totals: pd.DataFrame, scenario: Scenario, clock: Clock, plans: Plans) -> Iterator[Comparison]:
    for row in totals.to_dict("records"):
        year = int(row["census_year"])
        if year in clock.censuses:
            ours = float(plans.january[0, clock.censuses.index(year)].sum())
            base = year <= scenario.vintage.manifest.base_census
            label = TIED if base else _label(scenario, year)
            source = "DfE, Education, health and care plans (SEN2)"
            yield Comparison(
                "EHC plans", f"January {year}", ours, float(row["plans"]), "plans", label, source, "confirmed"
            )


def _named(
    named: pd.DataFrame, scenario: Scenario, clock: Clock, spend: Spend, account: DsgAccount
) -> Iterator[Comparison]:
    for row in named.to_dict("records"):
        year = parse_year(str(row["period"]))
        if (row["vintage"], row["scenario"]) != (scenario.vintage.name, scenario.name):
            continue
        if year not in clock.financial_years:
            continue
        f = clock.at(year)
        if row["item"] == "gross_spend":
            deductions = [r for r in spend.grant_rows if spend.rows[r].kind == "recoupment"]
            ours = float(spend.in_account[0, f] + spend.by_year[0, f, deductions].sum())
        else:
            ours = float(getattr(account, str(row["item"]))[0, f])
        words = (str(row[name]) for name in ("unit", "label", "source", "mark"))
        yield Comparison(str(row["subject"]), str(row["period"]), ours, float(row["published"]), *words)
