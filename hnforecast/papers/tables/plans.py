"""The tables of plans of a run: January counts by age band and by single age, and the year's flows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hnforecast.base.axes import AGES, FloatArray
from hnforecast.base.codes import Codes
from hnforecast.base.timeline import month, months_of_academic_year, show_year
from hnforecast.engine.model.state import Clock, Plans
from hnforecast.engine.occupancy import occupancy_of
from hnforecast.writing.csvtext import PLAN_PLACES, Cell, Table, at, quantile_cells

if TYPE_CHECKING:
    from hnforecast.engine.records import Forecast

LEVELS = (0.10, 0.50, 0.90)
FLOWS = ("new", "ceased", "moved", "aged_out", "net_other")


def plans_table(forecasts: Sequence[Forecast], codes: Codes) -> Table:
    """January counts by age band and placement, the opening counts first."""
    rows: list[list[Cell]] = []
    for forecast in forecasts:
        central = in_bands(forecast.plans.january, codes, axis=2)[0]
        ensemble = forecast.ensemble
        cells = quantile_cells(None if ensemble is None else ensemble.bands, LEVELS)
        for c, census in enumerate(forecast.clock.censuses):
            for b, (band, _, _) in enumerate(codes.age_bands):
                for p, placement in enumerate(codes.placements):
                    quantiles = at(cells, (c, b, p), len(LEVELS))
                    rows.append([forecast.scenario.name, census, band, placement, float(central[c, b, p]), *quantiles])
    columns = ("scenario", "census_year", "age_band", "placement", "central", "p10", "p50", "p90")
    return Table("plans", columns, rows, PLAN_PLACES)


def plans_by_age_table(forecasts: Sequence[Forecast], codes: Codes) -> Table:
    """January counts by single age and placement."""
    rows: list[list[Cell]] = []
    for forecast in forecasts:
        january = forecast.plans.january[0]
        for c, census in enumerate(forecast.clock.censuses):
            for age in range(AGES):
                for p, placement in enumerate(codes.placements):
                    rows.append([forecast.scenario.name, census, age, placement, float(january[c, age, p])])
    return Table("plans_by_age", ("scenario", "census_year", "age", "placement", "central"), rows, PLAN_PLACES)


def flows_table(forecasts: Sequence[Forecast], codes: Codes) -> Table:
    """New, ceased, moved, aged out, moved in and net other by whole academic year, age band and placement.

    Ages are those of the academic year; plans aged out were in the oldest band. Moves sum to nought over placements.
    """
    rows: list[list[Cell]] = []
    for forecast in forecasts:
        by_age = flows_by_age(forecast.plans, forecast.clock)
        years = whole_years(forecast.clock)
        flows: tuple[str, ...] = FLOWS
        if forecast.scenario.vintage.flows.movers_in is not None:
            by_age["movers_in"] = movers_by_age(forecast, years)
            by_age["net_other"] = by_age["net_other"] - by_age["movers_in"]
            flows = (*FLOWS, "movers_in")
        banded = {name: in_bands(array[None], codes, axis=2)[0] for name, array in by_age.items()}
        for y, year in enumerate(years):
            for flow in flows:
                for b, (band, _, _) in enumerate(codes.age_bands):
                    for p, placement in enumerate(codes.placements):
                        central = float(banded[flow][y, b, p])
                        rows.append([forecast.scenario.name, show_year(year), flow, band, placement, central])
    columns = ("scenario", "academic_year", "flow", "age_band", "placement", "central")
    return Table("flows", columns, rows, PLAN_PLACES)


def occupancy_table(forecasts: Sequence[Forecast]) -> list[Table]:
    """Commissioned places and the plans in them by academic year; no table where places fill evenly over the year."""
    rows: list[list[Cell]] = []
    for forecast in forecasts:
        for row in occupancy_of(forecast):
            counts: list[Cell] = [row.places, row.september, row.january, row.refused]
            opened: list[Cell] = [row.opened if row.opened is not None else "", ";".join(row.named)]
            year: list[Cell] = [forecast.scenario.name, show_year(row.year), row.placement]
            rows.append([*year, *counts, round(row.share, 4), *opened])
    columns = ("scenario", "academic_year", "placement", "places", "september", "january", "refused")
    return [Table("occupancy", (*columns, "occupancy", "opened", "measures"), rows, PLAN_PLACES)] if rows else []


def whole_years(clock: Clock) -> list[int]:
    """Academic years of which all twelve months are simulated; the first is usually entered in February."""
    simulated = set(clock.months)
    return [year for year in clock.academic_years if simulated.issuperset(months_of_academic_year(year))]


def flows_by_age(plans: Plans, clock: Clock) -> dict[str, FloatArray]:
    """Flows of each whole academic year, (y, a, p), from the central run.

    Only the net moves over all ages are kept by the model, so moves by age are read off the identity of September:
    open = stock of August a year older + moved + new - ceased + net other.
    """
    ages = {name: array[0].sum(axis=2) for name, array in plans.by_age.items()}  # (t, a, p), summed over needs
    first = clock.months[0]
    result: dict[str, list[FloatArray]] = {name: [] for name in FLOWS}
    for year in whole_years(clock):
        september = month(year, 9) - first
        span = slice(september, september + 12)
        for name in ("new", "ceased", "net_other"):
            result[name].append(ages[name][span].sum(axis=0))
        august = ages["open"][september - 1]
        older = np.zeros_like(august)
        older[1:] = august[:-1]
        after = (
            ages["open"][september] - ages["new"][september] + ages["ceased"][september] - ages["net_other"][september]
        )
        result["moved"].append(after - older)
        left = np.zeros_like(august)
        left[-1] = august[-1]
        result["aged_out"].append(left)
    return {name: np.array(arrays) for name, arrays in result.items()}


def movers_by_age(forecast: Forecast, years: Sequence[int]) -> FloatArray:
    """Plans that move in from other authorities in each academic year, (y, a, p), from the central run."""
    clock, rates = forecast.clock, forecast.rates
    apart = len(clock.academic_years) - rates.arrival_rate.shape[1]  # years before the forecast's own
    residents = forecast.population.children[0]
    moved = [
        (residents[y] * rates.arrival_rate[0, y - apart])[:, None] * rates.arrival_share.sum(axis=1)
        for y in (clock.academic_years.index(year) for year in years)
    ]
    return np.array(moved)


def in_bands(array: FloatArray, codes: Codes, axis: int) -> FloatArray:
    """Sum single ages into the age bands of the code list, on the given axis."""
    parts = [array.take(range(low, high + 1), axis=axis).sum(axis=axis) for _, low, high in codes.age_bands]
    return np.stack(parts, axis=axis)
