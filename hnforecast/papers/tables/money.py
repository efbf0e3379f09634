"""The tables of money of a run, tidy: account, agreement, spend, funding. Names and columns are a contract.

`run_tables` gathers these and the tables of plans and of sources, in the order they are written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.base.codes import Codes
from hnforecast.base.timeline import show_year
from hnforecast.engine.model.state import SpendRow
from hnforecast.papers.tables.plans import flows_table, occupancy_table, plans_by_age_table, plans_table
from hnforecast.papers.tables.risk import difference_table, fan_table, risk_table
from hnforecast.papers.tables.rows import funding_mark
from hnforecast.papers.tables.sources import measures_table, sources_table
from hnforecast.questions.register import register_of
from hnforecast.questions.register.register import outside_table, register_table
from hnforecast.writing.csvtext import SHARE_PLACES, Cell, Table, at, quantile_cells

if TYPE_CHECKING:
    from hnforecast.engine.records import Forecast

FAN = (0.10, 0.20, 0.50, 0.80, 0.90)
BAND = (0.10, 0.50, 0.90)
BAND_COLUMNS = ("p10", "p50", "p90")


def run_tables(forecasts: Sequence[Forecast], codes: Codes, files: dict[str, str]) -> list[Table]:
    """Every table of a run.

    Args:
        forecasts: one a scenario, all of one vintage.
        codes: the project's code lists.
        files: relative name -> sha256 of every file the run read.
    """
    return [
        account_table(forecasts),
        agreement_table(forecasts),
        plans_table(forecasts, codes),
        plans_by_age_table(forecasts, codes),
        flows_table(forecasts, codes),
        *occupancy_table(forecasts),
        spend_table(forecasts),
        funding_table(forecasts),
        measures_table(forecasts),
        register_table(register_of(forecasts)),
        outside_table(forecasts),
        *((fan_table(forecasts), risk_table(forecasts)) if forecasts[0].ensemble is not None else ()),
        difference_table(forecasts),
        sources_table(forecasts, files),
    ]


def account_table(forecasts: Sequence[Forecast]) -> Table:
    """Every line of the account by scenario and year, signed pounds."""
    rows: list[list[Cell]] = []
    for forecast in forecasts:
        account, ensemble = forecast.account, forecast.ensemble
        drawn = ensemble.account if ensemble is not None else None
        items: list[tuple[str, FloatArray, FloatArray | None]] = [
            ("opening", account.opening[0], drawn.opening if drawn else None),
            ("in_year", account.in_year[0], drawn.in_year if drawn else None),
            ("support", account.support[0].sum(axis=-1), drawn.support.sum(axis=-1) if drawn else None),
            ("closing", account.closing[0], drawn.closing if drawn else None),
            ("gross_closing", account.gross_closing[0], drawn.gross_closing if drawn else None),
            ("agreed_gross_closing", account.agreed_gross_closing, None),
            ("agreed_in_year", account.agreed_in_year, None),
            ("other_movement", account.other_movement[0], None),
        ]
        cells = {name: quantile_cells(draws, FAN) for name, _, draws in items}
        for f, year in enumerate(forecast.clock.financial_years):
            for name, central, _ in items:
                # only in outturn years can a published balance move by more than its parts
                if name == "other_movement" and year >= forecast.clock.first_forecast:
                    continue
                quantiles = at(cells[name], (f,), len(FAN))
                rows.append([forecast.scenario.name, show_year(year), name, float(central[f]), *quantiles])
    columns = ("scenario", "financial_year", "item", "central", "p10", "p20", "p50", "p80", "p90")
    return Table("account", columns, rows)


def agreement_table(forecasts: Sequence[Forecast]) -> Table:
    """How likely the agreed profile is met, in each year that has one and in every year to date.

    With the central run alone there is no probability to give, and the cells are blank.
    """
    rows: list[list[Cell]] = []
    for forecast in forecasts:
        profile = [
            f
            for f in range(len(forecast.clock.financial_years))
            if np.isfinite(forecast.account.agreed_gross_closing[f])
        ]
        drawn = forecast.ensemble.account.met if forecast.ensemble is not None else None
        for position, f in enumerate(profile):
            probability = to_date = None
            if drawn is not None and drawn.shape[0] > 1:
                probability = float(drawn[:, f].mean())
                to_date = float(drawn[:, profile[: position + 1]].min(axis=1).mean())
            rows.append([forecast.scenario.name, show_year(forecast.clock.financial_years[f]), probability, to_date])
    columns = ("scenario", "financial_year", "probability_met", "probability_met_to_date")
    return Table("agreement", columns, rows, SHARE_PLACES)


def spend_table(forecasts: Sequence[Forecast]) -> Table:
    """Spend by s251 line and what drives it, by year and quarter, net of income.

    Places the Department pays direct are in funding as deductions, so that they are not in spend; lines of the
    council's own budget are a memo, told apart by their number.
    """
    rows: list[list[Cell]] = []
    for forecast in forecasts:
        spend, ensemble = forecast.spend, forecast.ensemble
        drawn_positions = _positions(ensemble.spend.rows) if ensemble is not None else {}
        for (line, placement), chosen in _positions(spend.rows).items():
            yearly = spend.by_year[0][:, chosen].sum(axis=-1)
            quarterly = spend.by_quarter[0][:, :, chosen].sum(axis=-1)
            # the draws leave out memo rows that follow monthly flows: those have no quantiles
            same = drawn_positions.get((line, placement), [])
            drawn = ensemble.spend.by_year[:, :, same].sum(axis=-1) if ensemble is not None and same else None
            cells = quantile_cells(drawn, BAND)
            for f, year in enumerate(forecast.clock.financial_years):
                start: list[Cell] = [forecast.scenario.name, show_year(year)]
                rows.append([*start, "year", line, placement, float(yearly[f]), *at(cells, (f,), len(BAND))])
                rows.extend(
                    [*start, f"Q{q + 1}", line, placement, float(quarterly[f, q]), *at(None, (), len(BAND))]
                    for q in range(4)
                )
    columns = ("scenario", "financial_year", "period", "s251_line", "placement", "central", *BAND_COLUMNS)
    return Table("spend", columns, rows)


def _positions(rows: Sequence[SpendRow]) -> dict[tuple[str, str], list[int]]:
    """(line, placement) -> positions of the rows that make it up, gross and income together."""
    positions: dict[tuple[str, str], list[int]] = {}
    for r, row in enumerate(rows):
        if row.in_account or row.account != "dsg":
            positions.setdefault((row.s251_line, row.placement), []).append(r)
    return positions


def funding_table(forecasts: Sequence[Forecast]) -> Table:
    """Funding by stream and year, deductions negative; says which years are outturn and how sure each figure is."""
    rows: list[list[Cell]] = []
    for forecast in forecasts:
        funding, ensemble = forecast.funding, forecast.ensemble
        cells = quantile_cells(ensemble.funding.by_year if ensemble is not None else None, BAND)
        for f, year in enumerate(forecast.clock.financial_years):
            status = "outturn" if year < forecast.clock.first_forecast else "forecast"
            for s, stream in enumerate(funding.streams):
                mark = funding_mark(forecast.scenario.vintage, stream, year, forecast.scenario.measures)
                row: list[Cell] = [forecast.scenario.name, show_year(year), stream, float(funding.by_year[0, f, s])]
                rows.append([*row, *at(cells, (f, s), len(BAND)), status, mark])
    columns = ("scenario", "financial_year", "stream", "central", *BAND_COLUMNS, "status", "mark")
    return Table("funding", columns, rows)
