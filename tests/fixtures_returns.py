"""Monitoring tables made from a forecast for tests of returns: every identity of real ones holds, no file is read."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from hnforecast.base.timeline import month, months_of_financial_year, show_month
from hnforecast.engine.forecast import load_project, run_forecast
from hnforecast.engine.records import Forecast, Project
from hnforecast.quarter.period import ReturnPeriod, monitored_quarter, parse_return_period
from hnforecast.quarter.returns.build import BuiltReturn
from hnforecast.quarter.returns.forms import load_form
from hnforecast.quarter.returns.gather import Gathered, Watched, gather
from hnforecast.quarter.returns.make import Last, fill_form
from tests.fixtures_forecast import EXAMPLE


@lru_cache
def example_project() -> Project:
    return load_project(EXAMPLE)


@lru_cache
def example_forecast(scenario: str = "mitigated") -> Forecast:
    return run_forecast(example_project(), scenario, horizon=4)


def lines_of(forecast: Forecast, year: int) -> pd.DataFrame:
    """Spend by line, placement and month of a year, pounds to the penny."""
    spend, first = forecast.spend, forecast.clock.months[0]
    records = []
    for r, row in enumerate(spend.rows):
        if row.account != "dsg" or row.kind == "recoupment":
            continue
        for absolute in months_of_financial_year(year):
            gbp = round(float(spend.monthly[0, absolute - first, r]), 2)
            records.append({"month": absolute, "s251_line": row.s251_line, "placement": row.placement, "gbp": gbp})
    table = pd.DataFrame(records)
    return table.groupby(["month", "s251_line", "placement"], sort=False, as_index=False)["gbp"].sum()


def watched(forecast: Forecast, period: ReturnPeriod) -> Watched:
    """Monitoring of a quarter whose actuals are the forecast itself."""
    codes = forecast.scenario.vintage.codes
    year, cut_off = period.year, month(period.year, 4) + 3 * period.number - 1
    months = lines_of(forecast, year)
    done = months[months["month"] <= cut_off]
    keys = ["s251_line", "placement"]
    actual = done.groupby(keys, sort=False)["gbp"].sum()
    whole = months.groupby(keys, sort=False)["gbp"].sum()
    outturn = []
    for line, placement in whole.index:
        total, so_far = float(whole[line, placement]), float(actual[line, placement])
        budget = total
        variance = total - budget
        outturn.append(
            {
                "s251_line": line, "placement": placement, "label": codes.line_labels[line], "budget": budget,
                "actual_to_date": so_far, "forecast_to_go": total - so_far, "forecast_outturn": total, "p10": np.nan,
                "p90": np.nan, "variance": variance, "price": 0.5 * variance, "volume": 0.3 * variance,
                "mix": 0.1 * variance, "timing": 0.1 * variance, "direction": "adverse",
            }
        )  # fmt: skip
    ledger = done.assign(month=[show_month(m) for m in done["month"]], gbp=done["gbp"])
    lines = pd.DataFrame(outturn)
    moved = lines[["s251_line", "placement", "forecast_outturn"]].assign(
        last_return=lines["forecast_outturn"],
        movement=0.0,
        price=0.0,
        volume=0.0,
        mix=0.0,
        timing=0.0,
        direction="unchanged",
    )
    tables = {
        "outturn_by_line": lines,
        "movement": moved,
        "ledger": ledger,
        **_others(forecast, period, cut_off, float(lines["forecast_outturn"].sum())),
    }
    return Watched(forecast, tables, ("Illustrative: not real.",), ledger, {})


def _others(forecast: Forecast, period: ReturnPeriod, cut_off: int, spend: float) -> dict[str, pd.DataFrame]:
    codes, account, clock = forecast.scenario.vintage.codes, forecast.account, forecast.clock
    f, first = clock.financial_years.index(period.year), clock.months[0]
    items = {
        "funding": forecast.funding.by_year[0, f].sum(),
        "spend": spend,
        "in_year": forecast.funding.by_year[0, f].sum() - spend,
        "opening": account.opening[0, f],
        "support": account.support[0, f].sum(),
        "closing": account.opening[0, f] + forecast.funding.by_year[0, f].sum() - spend + account.support[0, f].sum(),
        "gross_closing": account.gross_closing[0, f],
    }
    none = {"agreed": np.nan, "variance_to_agreed": np.nan, "direction_to_agreed": None, "p10": np.nan, "p90": np.nan}
    position = [
        {"item": item, "budget": float(v), "forecast": float(v), "variance": 0.0, "direction": "on budget",
         "last_return": float(v), "movement": 0.0, **none}
        for item, v in items.items()
    ]  # fmt: skip
    census = clock.censuses.index(period.year + 1)
    plans: list[dict[str, Any]] = []
    for p, placement in enumerate(codes.placements):
        now = float(forecast.plans.open[0, cut_off - first, p])
        plans.append(
            {
                "placement": placement, "dfe_group": codes.groups[placement],
                "opening_january": float(forecast.plans.january[0, census - 1, :, p].sum()), "actual": now,
                "forecast_january": float(forecast.plans.january[0, census, :, p].sum()),
                "agreed": float(forecast.plans.january[0, census, :, p].sum()) * 0.98,
            }
        )  # fmt: skip
    names = [show_month(m) for m in range(month(period.year, 4), cut_off + 1)]
    return {
        "position": pd.DataFrame(position),
        "plans_by_placement": pd.DataFrame(plans),
        "flows": pd.DataFrame(
            [
                {"month": m, "flow": flow, "actual": 10.0, "forecast": 11.0}
                for m in names
                for flow in ("requests", "new", "ceased")
            ]
        ),
        "timeliness": pd.DataFrame(
            [
                {"month": m, "within_20_weeks_pct": 55.0, "decided_within_6_weeks_pct": 80.0, "status": "actual"}
                for m in names
            ]
        ),
        "backlog": pd.DataFrame(
            [
                {"month": m, "kind": kind, "cases": 20, "oldest_weeks": None, "status": "actual"}
                for m in names
                for kind in ("assessment", "annual_review")
            ]
        ),
        "places": pd.DataFrame([{"placement": codes.placements[0], "commissioned": 100, "filled": 97, "unfilled": 3}]),
        "reconciliation": _one_row(
            placement=codes.placements[0],
            plans_sen2=100,
            plans_ledger=98,
            difference=-2,
            explanation="Two start next month",
        ),
        "measures": pd.concat(
            _one_row(
                measure=measure.name,
                planned_saving=100.0,
                saving_to_date=40.0,
                forecast_saving=90.0,
                rag="amber",
                narrative="On its way",
            )
            for measure in example_project().vintage.measures.values()
        ),
        "capital": _one_row(
            scheme="New unit", places=20, opening_date="2027-09-01", budget=1e6, spend_to_date=2e5, rag="green"
        ),
        "risks": _one_row(
            risk="Fees rise faster",
            low_gbp=1e5,
            high_gbp=9e5,
            likelihood="possible",
            response="Framework",
            rating="amber",
        ),
    }


def _one_row(**cells: Any) -> pd.DataFrame:
    return pd.DataFrame([cells])


@lru_cache
def example_gathered(form_name: str = "safety-valve-quarterly", period: str = "2025-26-Q2") -> Gathered:
    """What a return of the invented council is filled from; the two forecasts are made once."""
    form = load_form(EXAMPLE, form_name)
    when = parse_return_period(period, form.definition.periods.kind)
    quarter = monitored_quarter(when, form.definition.periods.quarters or ())
    plain = example_forecast("unmitigated") if "unmitigated" in form.definition.needs else None
    return gather(example_project(), form, when, quarter, watched(example_forecast(), quarter), plain, None, "None")


@lru_cache
def example_return(form_name: str = "safety-valve-quarterly", period: str = "2025-26-Q2") -> BuiltReturn:
    """A return of the invented council, every check held."""
    form = load_form(EXAMPLE, form_name)
    when = parse_return_period(period, form.definition.periods.kind)
    quarter = monitored_quarter(when, form.definition.periods.quarters or ())
    return fill_form(form, example_gathered(form_name, period), Last(), quarter)[0]
