"""The tables of a sensitivity, tidy, and the same as plain values for JSON."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from hnforecast.base.timeline import show_year
from hnforecast.writing.csvtext import Cell, Table

if TYPE_CHECKING:
    from hnforecast.questions.sensitivity.findings import Findings

LEVELS = (0.1, 0.5, 0.9)


def sensitivity_tables(findings: Findings) -> list[Table]:
    """Tornado, switching values, indices and settlements; a table with nothing in it is left out."""
    year, quantity = show_year(findings.quantity.year), findings.quantity.name
    bars: list[list[Cell]] = [
        [
            quantity, year, rank, bar.driver.name, bar.driver.label, bar.driver.kind, bar.driver.unit, bar.driver.low,
            bar.driver.centre, bar.driver.high, bar.at_low, bar.base, bar.at_high, bar.swing,
        ]
        for rank, bar in enumerate(findings.bars, start=1)
    ]  # fmt: skip
    switches: list[list[Cell]] = [
        [
            switch.goal.kind, show_year(switch.goal.year), switch.lever.path, switch.lever.moves_by, switch.lever.low,
            switch.lever.high, switch.lever.start, switch.move, "yes" if switch.met_now else "no", switch.margin_now,
            switch.margin_best, "no" if switch.inert else "yes",
        ]
        for switch in findings.switches
    ]  # fmt: skip
    found = [
        Table(
            "tornado",
            (
                "quantity", "financial_year", "rank", "driver", "label", "kind", "unit", "p10", "central", "p90",
                "at_p10_gbp", "base_gbp", "at_p90_gbp", "swing_gbp",
            ),
            bars, places=None,
        ),
        Table(
            "switching_values",
            (
                "goal", "financial_year", "lever", "moves_by", "low", "high", "now", "switches_at", "met_now",
                "margin_now_gbp", "margin_best_gbp", "acts",
            ),
            switches, places=None,
        ),
    ]  # fmt: skip
    if findings.indices is not None:
        rows: list[list[Cell]] = [
            [
                quantity, year, group.name, " ".join(group.members), group.label, group.first, group.first_error,
                group.total, group.total_error,
            ]
            for group in findings.indices.groups
        ]  # fmt: skip
        columns = (
            "quantity", "financial_year", "group", "members", "label", "first_order", "first_order_error",
            "total_order", "total_order_error",
        )  # fmt: skip
        found.append(Table("sobol_indices", columns, rows, places=None))
    return [*found, _settlements(findings)]


def _settlements(findings: Findings) -> Table:
    forecast = findings.trials.forecast
    first = forecast.clock.first_ahead
    rows: list[list[Cell]] = []
    for one in findings.settlements:
        for f, year in enumerate(forecast.clock.financial_years[first:], start=first):
            growth = float(one.growth[f - first])
            for item in ("in_year", "closing", "gross_closing"):
                central = float(getattr(one.central, item)[0, f])
                quantiles: list[Cell] = [None] * len(LEVELS)
                share: Cell = None
                if one.drawn is not None:
                    values = getattr(one.drawn, item)[:, f]
                    quantiles = [float(value) for value in np.quantile(values, LEVELS)]
                    share = float(np.mean(values >= 0)) if item == "in_year" else None
                basis = "announced" if math.isnan(growth) else "settled" if year <= one.horizon else "assumed"
                rows.append(
                    [one.name, show_year(year), basis, None if math.isnan(growth) else growth, item, central,
                     *quantiles, share]
                )  # fmt: skip
    columns = (
        "settlement", "financial_year", "basis", "block_growth", "item", "central", "p10", "p50", "p90",
        "chance_of_balance",
    )  # fmt: skip
    return Table("settlements", columns, rows, places=None)


def sensitivity_plain(findings: Findings) -> dict[str, Any]:
    """Everything as plain values."""
    forecast = findings.trials.forecast
    found: dict[str, Any] = {
        "schema": "hnforecast/sensitivity/1",
        "scenario": forecast.scenario.name,
        "vintage": forecast.scenario.vintage.name,
        "quantity": findings.quantity.name,
        "financial_year": show_year(findings.quantity.year),
    }
    for table in sensitivity_tables(findings):
        found[table.name] = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    if findings.indices is not None:
        indices = findings.indices
        found["variance"] = {
            "explained": indices.explained,
            "standard_deviation_gbp": indices.spread,
            "draws": indices.draws,
            "terms": indices.terms,
        }
    return found
