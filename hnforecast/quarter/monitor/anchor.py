"""A forecast re-anchored on what was recorded: actual plans, ledger and funding up to the cut-off, the model after it.

For every line and placement the ledger to date, with what is due and not posted, is set against the model's cost of
the recorded plans. A part of the difference is taken as price and carried on, the more so the more months stand
behind it:

    r[y] = r[y-1] (1 + k (A / (r[y-1] E) - 1))        k = n / (n + CREDIBILITY_MONTHS)

A ledger and accruals to date, E the model's cost of the same months, n months recorded in the year. The rest is
timing: it has happened and is not expected again. With no month recorded nothing changes; with twelve the year is
the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.base.timeline import Month, financial_year, months_of_financial_year
from hnforecast.engine.checks import check_run
from hnforecast.engine.drivers.support import account_rules
from hnforecast.engine.model.account import settle_account
from hnforecast.engine.model.state import Clock, Funding, Plans, Spend, SpendRow
from hnforecast.engine.records import Forecast
from hnforecast.quarter.monitor.actuals import Actuals
from hnforecast.quarter.monitor.anchor_plans import RecordedPlans, anchor_plans
from hnforecast.quarter.monitor.costs import (
    Costs,
    LineKey,
    YearLedger,
    cost_of,
    places_of,
    positions,
    with_commissioned,
    year_ledger,
)

CREDIBILITY_MONTHS = 3.0  # docs/monitoring.md, where the choice is measured
LEAST = 1.0  # pounds: a line the model expects nothing of has no price to learn
NO_LABEL = "Posted on a line without a forecast"


@dataclass(frozen=True)
class LineYear:
    """One line and placement in a financial year, pounds.

    Args:
        posted: ledger to date.
        accrued: due and not posted at the cut-off.
        modelled: the model's cost of the recorded months at the model's own prices: E.
        to_go: the model's cost of the other months at the model's own prices: G.
        ratio: r, what a pound of the model has cost on the ledger.
    """

    posted: float
    accrued: float
    modelled: float
    to_go: float
    ratio: float

    @property
    def forecast_to_go(self) -> float:
        """What is still to be posted: the months ahead, and what is due already."""
        return self.ratio * self.to_go + self.accrued

    @property
    def outturn(self) -> float:
        """The year's outturn."""
        return self.posted + self.forecast_to_go

    @property
    def timing(self) -> float:
        """What was posted or is due beyond the price of the recorded plans, and is not expected again."""
        return self.posted + self.accrued - self.ratio * self.modelled


@dataclass(frozen=True)
class Anchored:
    """A forecast re-anchored.

    Args:
        forecast: with recorded months in place of forecast ones.
        costs: of its plans before the ledger is laid over them.
        cut_off: the last recorded month; None where none is, and then the forecast is as it was.
        lines: (financial year, line, placement) -> the year's parts, grant and council rows.
        accounts: (line, placement) -> "dsg" or "council".
    """

    forecast: Forecast
    costs: Costs
    cut_off: Month | None
    lines: Mapping[tuple[int, LineKey], LineYear]
    accounts: Mapping[LineKey, str]


def reanchor(
    forecast: Forecast,
    actuals: Sequence[Actuals],
    joiners: Mapping[Month, float] | None = None,
    leavers: Mapping[Month, float] | None = None,
) -> Anchored:
    """Lay recorded months over a forecast and carry on from them.

    Args:
        forecast: its central run.
        actuals: by financial year in order, every year but the last whole; empty leaves the forecast as it is.
        joiners: month -> multiplier on new plans after the cut-off, from the pipeline.
        leavers: month -> plans ceased besides the forecast's, from annual reviews caught up or fallen behind.
    """
    if not actuals:
        costs = cost_of(forecast, forecast.plans, places_of(forecast))
        return _settled(forecast, forecast.plans, costs, {}, None, forecast.funding)
    recorded = recorded_plans(forecast, actuals)
    plans = anchor_plans(forecast.plans, forecast.rates, forecast.clock, recorded, joiners or {}, leavers or {})
    places = places_of(forecast)
    for year in actuals:
        latest = year.latest("places")
        if len(latest):
            commissioned = dict(zip(latest["placement"], latest["commissioned"].astype(float), strict=True))
            places = with_commissioned(forecast, places, int(latest["month"].max()), commissioned)
    costs = cost_of(forecast, plans, places)
    ledgers = {year.financial_year: year_ledger(year, costs, forecast.clock) for year in actuals}
    return _settled(forecast, plans, costs, ledgers, actuals[-1].cut_off, _funding(forecast, actuals))


def recorded_plans(forecast: Forecast, actuals: Sequence[Actuals]) -> RecordedPlans:
    """The plans files of the years as arrays on the placement axis."""
    placements = forecast.scenario.vintage.codes.placements
    start = months_of_financial_year(actuals[0].financial_year).start
    months = range(start, actuals[-1].cut_off + 1)
    arrays = {name: np.zeros((len(months), len(placements))) for name in ("open", "new", "ceased")}
    for year in actuals:
        for row in year.table("plans").to_dict("records"):
            for name, array in arrays.items():
                array[int(row["month"]) - start, placements.index(str(row["placement"]))] = float(row[name])
    return RecordedPlans(months, **arrays)


def _settled(
    forecast: Forecast,
    plans: Plans,
    costs: Costs,
    ledgers: Mapping[int, YearLedger],
    cut_off: Month | None,
    funding: Funding,
) -> Anchored:
    """Lay the ledger over modelled spend, carry prices on, settle the account."""
    clock = forecast.clock
    modelled = costs.spend
    where = {**positions(modelled.rows), **positions(modelled.rows, "council")}
    accounts = {key: modelled.rows[rows[0]].account for key, rows in where.items()}
    rows, monthly = list(modelled.rows), [column.copy() for column in modelled.monthly[0].T]
    line_accounts = forecast.scenario.vintage.codes.line_accounts
    for key in sorted({key for ledger in ledgers.values() for key in ledger.posted} - set(where)):
        where[key], accounts[key] = [len(rows)], line_accounts[key[0]]
        rows.append(SpendRow(key[0], key[1], "gross", accounts[key], NO_LABEL))
        monthly.append(np.zeros(len(clock.months)))
    lines: dict[tuple[int, LineKey], LineYear] = {}
    for key, members in where.items():
        ratio = 1.0
        model = np.sum([monthly[r] for r in members], axis=0)
        for year in clock.financial_years[1:]:
            span = [clock.months.index(month) for month in months_of_financial_year(year)]
            line = _line_year(key, model[span], ledgers.get(year), ratio)
            ratio = line.ratio
            lines[year, key] = line
            _overlay(monthly, members, span, model, line, ledgers.get(year), key)
    spend = _spend(tuple(rows), np.array(monthly).T[None], clock)
    _follow_deductions(spend, funding)
    received, paid = funding.received, spend.in_account
    drawn = forecast.drawn
    rules = account_rules(
        forecast.scenario.vintage, clock.financial_years, forecast.scenario.spec, received - paid, drawn
    )
    account = settle_account(received, paid, rules)
    checks = check_run(clock, forecast.population, plans, spend, funding, account)
    done = replace(forecast, plans=plans, spend=spend, funding=funding, account=account, checks=checks)
    return Anchored(done, costs, cut_off, lines, accounts)


def _line_year(key: LineKey, model: FloatArray, ledger: YearLedger | None, before: float) -> LineYear:
    """The parts of one line in a year; model (12,)."""
    if ledger is None:
        return LineYear(0.0, 0.0, 0.0, float(model.sum()), before)
    n = ledger.months
    posted = float(ledger.posted.get(key, np.zeros(12))[:n].sum())
    accrued = ledger.accrued.get(key, 0.0)
    expected, to_go = float(model[:n].sum()), float(model[n:].sum())
    ratio = before
    # a line nobody has posted to yet is late, not free
    if abs(expected) >= LEAST and (posted or accrued):
        seen = (posted + accrued) / (before * expected)
        ratio = before * max(0.0, 1.0 + n / (n + CREDIBILITY_MONTHS) * (seen - 1.0))
    return LineYear(posted, accrued, expected, to_go, ratio)


def _overlay(
    monthly: list[FloatArray],
    members: list[int],
    span: list[int],
    model: FloatArray,
    line: LineYear,
    ledger: YearLedger | None,
    key: LineKey,
) -> None:
    """Write a year of a line into its rows, shared as the model shares them."""
    n = ledger.months if ledger is not None else 0
    amount = line.ratio * model[span]
    if ledger is not None:
        amount[:n] = ledger.posted.get(key, np.zeros(12))[:n]
        amount[min(n, 11)] += line.accrued  # paid in the month after, or left due at the year's end
    elif line.ratio == 1.0:
        return
    for position, t in enumerate(span):
        total = model[t]
        for i, r in enumerate(members):
            share = monthly[r][t] / total if abs(total) >= 1e-9 else float(i == 0)
            monthly[r][t] = share * amount[position]


def _spend(rows: tuple[SpendRow, ...], monthly: FloatArray, clock: Clock) -> Spend:
    quarters = np.zeros((1, len(clock.financial_years), 4, len(rows)))
    for t, month in enumerate(clock.months):
        year = financial_year(month)
        if year in clock.financial_years:
            quarter = (month - months_of_financial_year(year).start) // 3
            quarters[0, clock.at(year), quarter] += monthly[0, t]
    return Spend(rows, monthly, quarters, quarters.sum(axis=2))


def _follow_deductions(spend: Spend, funding: Funding) -> None:
    """Places the DfE pays direct are what the funding loses, notified or assumed; changes the rows in place."""
    if "deductions" not in funding.streams:
        return
    s = funding.streams.index("deductions")
    for r, row in enumerate(spend.rows):
        if row.kind == "recoupment":
            before = spend.by_year[0, :, r].copy()
            wanted = -funding.by_year[0, :, s]
            for f in np.nonzero(before)[0]:
                if wanted[f] != before[f]:
                    factor = wanted[f] / before[f]
                    spend.by_quarter[0, f, :, r] *= factor
                    spend.by_year[0, f, r] = wanted[f]


def _funding(forecast: Forecast, actuals: Sequence[Actuals]) -> Funding:
    """Funding with the amounts last notified."""
    funding = forecast.funding
    by_year = funding.by_year.copy()
    for year in actuals:
        f = forecast.clock.at(year.financial_year)
        for row in year.latest("funding").to_dict("records"):
            if row["stream"] in funding.streams:
                by_year[:, f, funding.streams.index(str(row["stream"]))] = float(row["gbp"])
    return Funding(funding.streams, by_year)
