"""The tidy tables a form may draw on: monitoring, forecasts, agreement, the last return, what officers wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from hnforecast.base.axes import FloatArray
from hnforecast.base.codes import Codes
from hnforecast.base.timeline import show_year
from hnforecast.quarter.returns.needs import counted_to, plans_by_group, plans_by_need
from hnforecast.writing.style import sentence_case

if TYPE_CHECKING:
    from hnforecast.engine.records import Forecast
    from hnforecast.quarter.agreement import Standing

UNMITIGATED, MITIGATED = "unmitigated", "mitigated"
SERVICES = "services"
SPEND_YEARS = 6
ITEMS = {
    "funding": "Income of the block",
    "spend": "Spend of the block",
    "in_year": "In-year position",
    "opening": "Balance brought forward",
    "support": "Payments and contributions",
    "closing": "Balance carried forward",
    "gross_closing": "Balance before any contribution",
}
NEAR = 3  # years of January counts the return of a quarter shows, the last one counted before its year first
UNITS = {"gbp": "£", "percent": "%"}
KINDS = ("safety_valve", "council_contribution", "stability_grant", "write_off")


@dataclass(frozen=True)
class Material:
    """What a return is made from.

    Args:
        cases: "mitigated" (the return's scenario) and, where the form needs it, "unmitigated".
        monitoring: tidy tables by name.
        standing: of the agreement.
        shares: (age, need) of primary need, or None.
        shares_year: the January the shares are of.
        year: first calendar year of the period's financial year.
        cover, notes, changes, narrative: rows of words, made by the caller.
    """

    cases: Mapping[str, Forecast]
    monitoring: Mapping[str, pd.DataFrame]
    standing: Standing
    shares: FloatArray | None
    shares_year: int | None
    year: int
    words: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def codes(self) -> Codes:
        """The project's code lists."""
        return next(iter(self.cases.values())).scenario.vintage.codes


def source_tables(material: Material) -> dict[str, pd.DataFrame]:
    """Every source by the name forms use: `monitoring.NAME`, `agreement.NAME`, `account`, `summary` and so on."""
    codes = material.codes
    last_count = counted_to(next(iter(material.cases.values())).clock)
    tables: dict[str, pd.DataFrame] = {f"monitoring.{name}": table for name, table in material.monitoring.items()}
    for name in ("conditions", "payments", "triggers", "profile", "recovery"):
        table: pd.DataFrame = getattr(material.standing, name)
        if "unit" in table.columns:
            table = table.assign(unit=[UNITS.get(str(unit), unit) for unit in table["unit"]])
        tables[f"agreement.{name}"] = table
    tables["account"] = account_rows(material.cases)
    tables["summary"] = summary_rows(material.cases, codes)
    tables["measure_savings"] = saving_rows(material.cases)
    tables["plans_by_age"] = plans_by_group(material.cases, codes, last_count)
    near = tables["plans_by_age"]["census_year"].between(material.year, material.year + NEAR)
    tables["plans_by_age_near"] = tables["plans_by_age"][near]
    tables["plans_by_need"] = plans_by_need(material.cases, codes, material.shares, last_count)
    tables |= material.words
    return tables


def with_derived(monitoring: Mapping[str, pd.DataFrame], codes: Codes, elapsed: float = 1.0) -> dict[str, pd.DataFrame]:
    """The monitoring tables with what forms and rules need beside them: labels, plans above the agreed.

    elapsed: share of the year that has passed; what was planned to date is that share of the year's plan.
    """
    tables = {name: table.copy() for name, table in monitoring.items()}
    for name, table in tables.items():
        if "placement" in table.columns:
            label = {**codes.labels, SERVICES: "Services"}
            table["placement_label"] = [label.get(str(code), str(code)) for code in table["placement"]]
        if "s251_line" in table.columns and "label" not in table.columns:
            table["label"] = [codes.line_labels.get(str(line), str(line)) for line in table["s251_line"]]
        tables[name] = table
    plans = tables.get("plans_by_placement", pd.DataFrame())
    if {"forecast_january", "agreed"} <= set(plans.columns):
        plans["above_agreed"] = pd.to_numeric(plans["forecast_january"]) - pd.to_numeric(plans["agreed"])
        if "dfe_group" not in plans.columns:
            plans["dfe_group"] = [codes.groups.get(str(code), "") for code in plans["placement"]]
    for name, column in (("flows", "flow"), ("backlog", "kind"), ("risks", "likelihood")):
        spoken = tables.get(name, pd.DataFrame())
        if column in spoken.columns:
            spoken[column] = [sentence_case(str(word)) for word in spoken[column]]
    position = tables.get("position", pd.DataFrame())
    if "item" in position.columns:
        position["label"] = [ITEMS.get(str(item), str(item)) for item in position["item"]]
    measures = tables.get("measures", pd.DataFrame())
    if "planned_saving" in measures.columns:
        measures["planned_saving_to_date"] = elapsed * pd.to_numeric(measures["planned_saving"])
    for name, column in (("measures", "rag"), ("capital", "rag"), ("risks", "rating")):
        rated = tables.get(name, pd.DataFrame())
        if column in rated.columns:
            rated[column] = [str(word).capitalize() if isinstance(word, str) else word for word in rated[column]]
    return tables


def account_rows(cases: Mapping[str, Forecast]) -> pd.DataFrame:
    """The account by case, financial year and item, signed pounds; support also by instrument."""
    records: list[dict[str, Any]] = []
    for case, forecast in cases.items():
        account = forecast.account
        items: dict[str, FloatArray] = {
            "opening": account.opening[0],
            "in_year": account.in_year[0],
            "support": account.support[0].sum(axis=-1),
            "other_movement": account.other_movement[0],
            "closing": account.closing[0],
            "gross_closing": account.gross_closing[0],
            "funding": forecast.funding.by_year[0].sum(axis=-1),
            "agreed_gross_closing": account.agreed_gross_closing,
            "agreed_in_year": account.agreed_in_year,
        }
        items |= {f"support:{name}": account.support[0, :, i] for i, name in enumerate(account.instruments)}
        for f, year in enumerate(forecast.clock.financial_years):
            for item, values in items.items():
                record = {"case": case, "financial_year": show_year(year), "item": item, "value": float(values[f])}
                records.append(record | {"status": _status(forecast, year)})
    return pd.DataFrame(records)


def summary_rows(cases: Mapping[str, Forecast], codes: Codes, years: int = SPEND_YEARS) -> pd.DataFrame:
    """The financial summary of each case: income by stream, spend by the Department's groups and services, the account.

    Income items are positive but for what is taken off; spend is positive, net of income against it.
    """
    records: list[dict[str, Any]] = []
    for case, forecast in cases.items():
        account, spend = forecast.account, forecast.spend
        for f, year in enumerate(forecast.clock.financial_years[:years]):
            items: dict[str, float] = {f"income:{stream}": 0.0 for stream in codes.streams}
            for s, stream in enumerate(forecast.funding.streams):
                items[f"income:{stream}"] = float(forecast.funding.by_year[0, f, s])
            items |= dict.fromkeys([f"spend:{group}" for group in codes.group_order] + ["spend:services"], 0.0)
            for r, row in enumerate(spend.rows):
                if row.in_account:
                    key = f"spend:{codes.groups.get(row.placement, SERVICES)}"
                    items[key] += float(spend.by_year[0, f, r])
            items["opening"] = float(account.opening[0, f])
            items |= dict.fromkeys([f"support:{kind}" for kind in KINDS], 0.0)
            for i, name in enumerate(account.instruments):
                kind = forecast.scenario.vintage.support.instruments[name].kind
                items[f"support:{kind}"] += float(account.support[0, f, i])
            items["other_movement"] = float(account.other_movement[0, f])
            items["gross_closing"] = float(account.gross_closing[0, f])
            for item, value in items.items():
                record = {"case": case, "financial_year": show_year(year), "item": item, "value": value}
                records.append(record | {"status": _status(forecast, year)})
    return pd.DataFrame(records)


def saving_rows(cases: Mapping[str, Forecast], years: int = SPEND_YEARS) -> pd.DataFrame:
    """What each measure saves by year (Shapley's share of the joint effect), signed: positive is better."""
    columns = ["measure", "title", "financial_year", "status", "saving"]
    records: list[dict[str, Any]] = []
    forecast = cases[MITIGATED]
    titles = {measure.name: measure.title for measure in forecast.scenario.measures}
    forecast_years = [year for year in forecast.clock.financial_years if year >= forecast.clock.first_forecast]
    for saving in forecast.savings:
        for position, year in enumerate(forecast_years[: years - 1]):
            record = {"measure": saving.measure, "title": titles.get(saving.measure, saving.measure)}
            year_name = {"financial_year": show_year(year), "status": "forecast"}
            records.append(record | year_name | {"saving": float(saving.central[position])})
    return pd.DataFrame(records, columns=columns)


def assumption_rows(forecast: Forecast, marks: Sequence[str] = ("unverified", "inferred")) -> pd.DataFrame:
    """The assumptions a reader must know the standing of: those marked, with their source."""
    from hnforecast.engine.assumption_lines import used_assumptions

    records = [
        {"path": sourced.path, "mark": sourced.mark, "status": sourced.status, "source": sourced.source}
        for mark in marks
        for sourced in used_assumptions([forecast])
        if sourced.mark == mark
    ]
    return pd.DataFrame(records, columns=["path", "mark", "status", "source"])


def _status(forecast: Forecast, year: int) -> str:
    return "outturn" if year < forecast.clock.first_forecast else "forecast"


def run_total(forecast: Forecast, year: int) -> float:
    """Spend charged to the block in a year, net of income, as the account counts it."""
    f = forecast.clock.at(year)
    return float(forecast.spend.in_account[0, f])
