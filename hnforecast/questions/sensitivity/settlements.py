"""Settlements of the high needs block, as data, in every draw: flat cash, flat real, years settled and then a fan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hnforecast.assumptions import Interval
from hnforecast.base.axes import FloatArray
from hnforecast.base.errors import InputError, Place, Problem
from hnforecast.base.lists import Row, read_list
from hnforecast.base.timeline import parse_year
from hnforecast.engine.draws.sample import two_piece
from hnforecast.engine.drivers.support import account_rules
from hnforecast.engine.model.account import settle_account
from hnforecast.engine.model.state import DsgAccount
from hnforecast.questions.sensitivity.uncertain import Z_90
from hnforecast.questions.targets.trials import Trials

COLUMNS = ("settlement", "label", "financial_year", "low", "growth", "high", "settled", "source", "mark")
BLOCK = "high_needs_block"
AS_FORECAST = "vintage"
LEVEL = 0.8  # low and high of the list are the 10th and 90th percentile


@dataclass(frozen=True)
class Settlement:
    """The account under one settlement.

    Args:
        name, label: of the list; the vintage's own growth comes first.
        horizon: last financial year that is announced or settled; beyond it growth is assumed.
        growth: (f,) central growth of the block by forecast year; NaN in announced years.
        central: the account of the central run.
        drawn: of every draw; None for the central run alone.
        sources: what each figure rests on.
    """

    name: str
    label: str
    horizon: int
    growth: FloatArray
    central: DsgAccount
    drawn: DsgAccount | None
    sources: tuple[str, ...]


def run_settlements(trials: Trials) -> list[Settlement]:
    """The scenario under its own growth of the block, then under every settlement of the list.

    Only the block differs: the same children, plans, prices and other streams, draw by draw. In settled years the
    block is certain; beyond them its growth is drawn with the uncertainty driver of block growth, or central where the
    vintage has none.

    Raises:
        InputError: the list is malformed.
    """
    forecast, vintage = trials.forecast, trials.forecast.scenario.vintage
    allocation = vintage.funding.high_needs_block.allocation
    last = max(allocation.by) if allocation.by is not None else allocation.holds_from // 12
    known = vintage.funding.high_needs_block.growth
    own = np.array([np.nan if year <= last else known.at(year, 0.0) for year in trials.years])
    ensemble = forecast.ensemble
    found = [
        Settlement(
            AS_FORECAST, "As the vintage assumes", last, own, forecast.account,
            None if ensemble is None else ensemble.account, (known.source,),
        )
    ]  # fmt: skip
    for name, rows in _settlements(trials.project.root).items():
        central = np.array([_growth(rows, year, "growth") if year > last else np.nan for year in trials.years])
        central = np.where(np.isnan(central), own, central)
        drawn = None
        if ensemble is not None:
            growth = _drawn_growth(trials, rows, last)
            drawn = _account(trials, growth, ensemble.account.in_year, ensemble.funding.by_year, drawn=True)
        settled = [parse_year(row["financial_year"]) for row in rows if row["settled"] == "yes"]
        account = _account(trials, central[None, :], forecast.account.in_year, forecast.funding.by_year, drawn=False)
        sources = tuple(dict.fromkeys(f"{row['source']} ({row['mark']})" for row in rows))
        found.append(Settlement(name, rows[0]["label"], max([last, *settled]), central, account, drawn, sources))
    return found


def _settlements(root: Path) -> Mapping[str, list[Row]]:
    """Settlement -> its rows by year."""
    found: dict[str, list[Row]] = {}
    for number, row in enumerate(read_list(root, "settlements", COLUMNS, ("low", "growth", "high")), start=2):
        place = Place(file="codes/settlements.csv", line=number)
        try:
            parse_year(row["financial_year"])
        except ValueError as error:
            raise InputError(Problem("HN220", str(error), place, row["financial_year"])) from None
        low, growth, high = (float(row[name]) for name in ("low", "growth", "high"))
        if not -0.5 <= low <= growth <= high <= 0.5 or row["settled"] not in ("yes", "no"):
            expected = "low <= growth <= high, shares such as 0.02; settled yes or no"
            raise InputError(Problem("HN220", "Not a settlement", place, str(dict(row)), expected))
        if any(other["financial_year"] == row["financial_year"] for other in found.get(row["settlement"], ())):
            twice = f"{row['settlement']} {row['financial_year']}"
            raise InputError(Problem("HN220", "Year of a settlement given twice", place, twice))
        found.setdefault(row["settlement"], []).append(row)
    return {name: sorted(rows, key=lambda row: parse_year(row["financial_year"])) for name, rows in found.items()}


def _growth(rows: list[Row], year: int, column: str) -> float:
    """Growth into a year: its row, or the last before it; NaN before the first."""
    known = [row for row in rows if parse_year(row["financial_year"]) <= year]
    return float(known[-1][column]) if known else float("nan")


def _drawn_growth(trials: Trials, rows: list[Row], last: int) -> FloatArray:
    """(d, f) growth of the block in every draw; announced years are NaN."""
    path = trials.forecast.scenario.vintage.funding.high_needs_block.growth
    drawn, vintage = trials.drawn, trials.forecast.scenario.vintage
    shift = drawn.shift(path.path) if drawn is not None else np.zeros(1)
    driver = next((d for d in vintage.uncertainty.drivers.values() if d.acts_on == path.path), None)
    z = np.zeros_like(shift) if driver is None else _normals(shift, driver.interval)
    columns = []
    for year in trials.years:
        centre = _growth(rows, year, "growth")
        if year <= last:
            columns.append(np.full_like(z, np.nan))
        elif np.isnan(centre):
            columns.append(path.at(year, 0.0) + shift)
        else:
            fan = Interval(low=_growth(rows, year, "low"), high=_growth(rows, year, "high"), level=LEVEL)
            columns.append(two_piece(centre, fan, z))
    return np.stack(columns, axis=1)


def _normals(shift: FloatArray, interval: Interval) -> FloatArray:
    """The normals a two-piece shift around nil was made of."""
    low, high = (float(two_piece(0.0, interval, np.array([end]))[0]) for end in (-Z_90, Z_90))
    below, above = (Z_90 / abs(end) if end else 0.0 for end in (low, high))
    return np.where(shift < 0, shift * below, shift * above)


def _account(trials: Trials, growth: FloatArray, in_year: FloatArray, funding: FloatArray, drawn: bool) -> DsgAccount:
    """The account with another block: the difference of the block is added to every year's position.

    Args:
        growth: (d, f) by forecast year, NaN where the block is announced.
        in_year, funding: of the years reported, the outturn year first; funding by stream.
    """
    forecast = trials.forecast
    years, scenario = forecast.clock.financial_years, forecast.scenario
    outturn = len(years) - len(trials.years)
    streams = (forecast.ensemble.funding if drawn and forecast.ensemble else forecast.funding).streams
    block = funding[:, :, streams.index(BLOCK)]
    exchange = np.array([scenario.vintage.funding.import_export.at(year) for year in years])
    before = block + exchange  # the announced block: the stream stands without the import and export adjustment
    draws = max(len(growth), len(block))
    after = np.broadcast_to(before, (draws, len(years))).copy()
    for f in range(growth.shape[1]):
        new = after[:, outturn + f - 1] * (1.0 + growth[:, f])
        after[:, outturn + f] = np.where(np.isnan(growth[:, f]), after[:, outturn + f], new)
    position = in_year + after - before
    rules = account_rules(
        scenario.vintage,
        years,
        scenario.spec,
        position,
        trials.drawn if drawn and trials.drawn else trials.pinned_only(),
    )
    return settle_account(position, np.zeros_like(position), rules)
