"""One quarter's monitoring: read what happened, re-anchor the forecast on it, explain the outturn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from types import MappingProxyType

import pandas as pd

from hnforecast.base.errors import InputError, Problem, Problems, UsageError
from hnforecast.base.timeline import show_month, show_year
from hnforecast.engine.checks import POUNDS, CheckResult
from hnforecast.engine.forecast import run_forecast
from hnforecast.engine.records import Forecast, Project
from hnforecast.quarter.monitor import activity_tables, tables
from hnforecast.quarter.monitor.actuals import Actuals, read_actuals, year_folder
from hnforecast.quarter.monitor.anchor import Anchored, reanchor
from hnforecast.quarter.monitor.costs import LineKey, shared
from hnforecast.quarter.monitor.files import ILLUSTRATIVE, SERVICES, WHOLE
from hnforecast.quarter.monitor.pipeline_file import PipelineFile, compare_targets, load_pipeline
from hnforecast.quarter.monitor.pipeline_record import QueueOutlook, queue_outlook, record_joiners
from hnforecast.quarter.monitor.reconcile import total
from hnforecast.quarter.monitor.tables import Picture
from hnforecast.quarter.monitor.variance import Budget, line_ratios, volumes_of, year_spread
from hnforecast.quarter.period import Period, parse_period

REAL = "actual and forecast"
CAPITAL = ["scheme", "places", "opening_date", "budget", "spend_to_date", "rag"]
RISKS = ["risk", "low_gbp", "high_gbp", "likelihood", "response", "rating"]


@dataclass(frozen=True)
class Monitoring:
    """A quarter, monitored.

    Args:
        period: the quarter.
        scenario: name of the scenario that goes on after the cut-off.
        forecast: re-anchored, with the account of every year of the horizon.
        last: the same at the last return; start: at the start of the year.
        actuals: of the period's year.
        tables: name -> tidy, unrounded rows; the column basis says where figures are invented.
        checks: what was proved of them.
        notices: what a reader must know, in sentences.
        illustrative: whether any figure recorded is invented.
        files: relative name -> every file of actuals read.
    """

    period: Period
    scenario: str
    forecast: Forecast
    last: Forecast
    start: Forecast
    actuals: Actuals
    queue: QueueOutlook | None
    tables: Mapping[str, pd.DataFrame]
    checks: tuple[CheckResult, ...]
    notices: tuple[str, ...]
    illustrative: bool


def monitor_period(project: Project, period: str, *, scenario: str = "mitigated", draws: int = 1) -> Monitoring:
    """Monitor a quarter.

    Args:
        project: the council folder and vintage.
        period: such as 2025-26-Q2.
        scenario: whose plan goes on after the cut-off.
        draws: 1, or a power of two for each line's own range.

    Raises:
        UsageError: not a quarter, no actuals, or outside the vintage's years.
        InputError: every problem of the actuals at once.
    """
    asked = parse_period(period)
    notices = Problems(InputError)
    _check_years(asked, project)
    actuals = gather(project, asked, notices)
    file = load_pipeline(project.root)
    forecast = run_forecast(project, scenario, draws=draws, savings=False)
    earlier = [year for year in actuals if year.financial_year < asked.financial_year]
    start, _queue = anchor_on(forecast, earlier, file)
    last, _queue = anchor_on(forecast, _cut(actuals, asked.before), file)
    now, queue = anchor_on(forecast, actuals, file)
    picture = _picture(project, asked, start, last, now, actuals[-1])
    made = _tables(picture, asked, queue)
    illustrative = any(year.illustrative for year in actuals)
    basis = ILLUSTRATIVE if illustrative else REAL
    return Monitoring(
        period=asked,
        scenario=scenario,
        forecast=now.forecast,
        last=last.forecast,
        start=start.forecast,
        actuals=actuals[-1],
        queue=queue,
        tables=MappingProxyType({name: table.assign(basis=basis) for name, table in made.items()}),
        checks=(*now.forecast.checks, *_checks(made, actuals[-1], now, asked)),
        notices=_notices(notices, actuals, picture, file, queue),
        illustrative=illustrative,
    )


def anchor_on(
    forecast: Forecast, actuals: Sequence[Actuals], file: PipelineFile | None
) -> tuple[Anchored, QueueOutlook | None]:
    """Re-anchor, with new plans after the cut-off as the queue has them, or as recorded where there is no queue."""
    if file is None:
        return reanchor(forecast, actuals, record_joiners(forecast, actuals)), None
    queue = queue_outlook(file, forecast, actuals)
    return reanchor(forecast, actuals, queue.joiners, queue.leavers), queue


def gather(project: Project, period: Period, notices: Problems) -> list[Actuals]:
    """Actuals of the period's year and of the whole years before it, without a gap."""
    codes, root = project.vintage.codes, project.root
    first = project.vintage.manifest.first_forecast_year
    years: list[Actuals] = []
    problems = Problems(InputError)
    for year in range(period.financial_year, first - 1, -1):
        wanted = period if year == period.financial_year else Period(year, 4)
        if year < period.financial_year and not year_folder(root, year).is_dir():
            what = f"No actuals before {show_year(year + 1)}: earlier years are those of the forecast"
            notices.add("HN602", what)
            break
        try:
            years.append(read_actuals(root, codes, wanted, notices))
        except InputError as error:
            problems.extend(error.problems)
    for actuals in years:
        _check_measures(actuals, project, problems)
    problems.raise_any()
    return years[::-1]


def _check_years(period: Period, project: Project) -> None:
    manifest = project.vintage.manifest
    first, last = manifest.first_forecast_year, manifest.first_forecast_year + manifest.horizon_years - 1
    if not first <= period.financial_year <= last:
        expected = f"{show_year(first)} to {show_year(last)}"
        do = "Use a vintage that covers the year: --vintage NAME."
        what = f"Vintage {project.vintage.name} does not forecast {period.year_name}"
        raise UsageError(Problem("HN624", what, found=str(period), expected=expected, do=do))


def _check_measures(actuals: Actuals, project: Project, problems: Problems) -> None:
    known = list(project.vintage.measures)
    for name in dict.fromkeys(actuals.table("measures")["measure"]):
        if name not in known:
            near = get_close_matches(str(name), known, n=1)
            do = f"Did you mean {near[0]!r}?" if near else ""
            what = f"No measure of vintage {project.vintage.name} has this name"
            problems.add("HN625", what, actuals.places["measures"], found=name, expected=", ".join(known), do=do)


def _cut(actuals: Sequence[Actuals], period: Period) -> list[Actuals]:
    """The same actuals as they stood at an earlier quarter."""
    kept = []
    for year in actuals:
        if year.financial_year > period.financial_year:
            continue
        cut_off = min(year.cut_off, period.cut_off)
        rows = {
            name: table[table["month"] <= cut_off].reset_index(drop=True) if "month" in table else table
            for name, table in year.tables.items()
        }
        kept.append(replace(year, cut_off=cut_off, tables=rows))
    return kept


def _picture(
    project: Project, period: Period, start: Anchored, last: Anchored, now: Anchored, actuals: Actuals
) -> Picture:
    year = period.financial_year
    spread = year_spread(project.root, now.forecast)
    keys = list(now.accounts)
    ratios = line_ratios(now.forecast, year, keys, spread)
    whole = line_ratios(replace(now.forecast, ensemble=None), year, keys[:1], spread)[keys[0]]
    return Picture(year, len(period.months), start, last, now, _budget(actuals, start, year), actuals, ratios, whole)


def _budget(actuals: Actuals, start: Anchored, year: int) -> Budget:
    """The approved budget, or the forecast at the start of the year where none is given."""
    volumes = volumes_of(start, year)
    table = actuals.table("budget")
    if not len(table):
        planned = {key: start.lines[year, key].outturn for key in start.accounts}
        return Budget(planned, volumes, approved=False)
    gbp: dict[LineKey, float] = {}
    for row in table.to_dict("records"):
        line, placement, amount = str(row["s251_line"]), str(row["placement"]), float(row["gbp"])
        if placement == WHOLE:
            weights = {key: start.lines[year, key].outturn for key in start.accounts if key[0] == line}
            gbp |= shared(amount, weights or {(line, SERVICES): 1.0})
            continue
        gbp[line, placement] = amount
        stated = float(row["plan_years"])
        if stated == stated and volumes.get((line, placement)) is not None:
            volumes[line, placement] = stated
    return Budget(gbp, volumes, approved=True)


def _tables(picture: Picture, period: Period, queue: QueueOutlook | None) -> dict[str, pd.DataFrame]:
    codes = picture.now.forecast.scenario.vintage.codes
    actuals = picture.actuals
    return {
        "outturn_by_line": tables.outturn_table(picture, codes),
        "position": tables.position_table(picture),
        "movement": tables.movement_table(picture),
        "council_budget": tables.council_table(picture, codes),
        "plans_by_placement": activity_tables.plans_table(picture.now, period, codes),
        "flow": activity_tables.flow_table(picture.start, picture.now, actuals, period, queue),
        "timeliness": activity_tables.timeliness_table(actuals, period, queue),
        "backlog": activity_tables.backlog_table(actuals, period, queue),
        "places": activity_tables.places_table(actuals),
        "reconciliation": activity_tables.reconciliation_table(actuals),
        "measures": activity_tables.measures_table(actuals, picture.months),
        "capital": activity_tables.listed_table(actuals, "capital", CAPITAL),
        "risks": activity_tables.listed_table(actuals, "risks", RISKS),
        "ledger": tables.ledger_table(actuals),
    }


def _checks(
    made: Mapping[str, pd.DataFrame], actuals: Actuals, now: Anchored, period: Period
) -> tuple[CheckResult, ...]:
    """What ties: the ledger to the penny, the parts to the variance, the lines to the account."""
    lines, council = made["outturn_by_line"], made["council_budget"]
    posted = total(lines["actual_to_date"]) + total(council["actual_to_date"])
    ledger = total(actuals.table("ledger")["gbp"])
    own = set(actuals.table("ledger")["s251_line"])
    transport = actuals.table("transport")
    ledger += total(transport.loc[~transport["s251_line"].isin(own), "gbp"])
    parts = lines[["price", "volume", "mix", "timing"]].sum(axis="columns") - lines["variance"]
    f = now.forecast.clock.at(period.financial_year)
    spend = float(now.forecast.funding.by_year[0, f].sum() - now.forecast.account.in_year[0, f])
    found = (
        ("actuals to date are the ledger to the penny", float(abs(posted - ledger)), 0.0),
        ("price, volume, mix and timing add up to each variance", float(parts.abs().max()), POUNDS),
        ("lines add up to the spend of the account", abs(float(lines["forecast_outturn"].sum()) - spend), POUNDS),
    )
    return tuple(CheckResult(name, worst <= limit, worst, limit, "pounds") for name, worst, limit in found)


def _notices(
    notices: Problems,
    actuals: Sequence[Actuals],
    picture: Picture,
    file: PipelineFile | None,
    queue: QueueOutlook | None,
) -> tuple[str, ...]:
    said = []
    invented = [year for year in actuals if year.illustrative]
    if invented:
        years = ", ".join(show_year(year.financial_year) for year in invented)
        said.append(
            f"The actuals of {years} are illustrative: not published, not real. So is all that follows from them."
        )
    if not picture.budget.approved:
        said.append("No approved budget was given: variances are to the forecast at the start of the year.")
    if file is None:
        said.append("No inputs/monitoring/pipeline.yaml: the queue is not modelled, and new plans follow the records.")
    elif queue is not None:
        weak = sorted(rule for rule, mark in file.marks.items() if mark != "confirmed")
        said.append(f"The queue's rules are inferred, not published by month: {', '.join(weak)}.")
        said += [result.words for result in compare_targets(file) if result.target.note]
        moved = {census: value for census, value in queue.factor.items() if abs(value - 1.0) >= 0.005}
        words = ", ".join(f"January {census}: x{value:.3f}" for census, value in moved.items())
        if words:
            said.append(f"What the queue does to new plans, by January window: {words}.")
    said += [str(notice) for notice in notices]
    latest = actuals[-1].latest("places")
    if len(latest) and int(latest["month"].max()) < actuals[-1].cut_off:
        said.append(f"Places are those of {show_month(int(latest['month'].max()))}.")
    return tuple(said)
