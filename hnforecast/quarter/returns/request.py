"""One call from a request to a written return: what `hnforecast return` does, without the command line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from hnforecast.base.errors import Problem, ReconciliationError, UsageError
from hnforecast.quarter.period import Period, ReturnPeriod, monitored_quarter, parse_return_period
from hnforecast.quarter.returns.forms import Form, load_form
from hnforecast.quarter.returns.gather import LEDGER_COLUMNS, Gathered, Watched, gather
from hnforecast.quarter.returns.make import (
    Last,
    MadeReturn,
    check_place,
    fill_form,
    find_last,
    return_folder,
    write_return,
)
from hnforecast.writing.files import recover
from hnforecast.writing.keeping import Existing
from hnforecast.writing.locks import target_lock

if TYPE_CHECKING:
    from hnforecast.engine.records import Project
    from hnforecast.quarter.returns.build import BuiltReturn

UNMITIGATED = "unmitigated"


@dataclass(frozen=True)
class Request:
    """What was asked for; names as typed."""

    period: str
    form: str
    scenario: str
    vintage: str | None = None
    draws: int = 1
    template: Path | None = None
    map_file: Path | None = None
    seal: bool = False
    previous: Path | None = None
    out: Path | None = None
    existing: Existing = "renew"


def make(root: Path, request: Request) -> MadeReturn:
    """Make a return: read, fill, check, write, seal.

    Raises:
        UsageError: a name or period that is not known; a template without a map.
        InputError: a fault in a form, an agreement, actuals, a template or a map.
        ReconciliationError: a cast, tie, sign, blank or closed month that does not hold; a sealed return in the way.
        OutputError: a file cannot be written.
    """
    if (request.template is None) != (request.map_file is None):
        given, other = ("--template", "--map") if request.map_file is None else ("--map", "--template")
        raise UsageError(Problem("HN750", f"{given} needs {other}", do="Give both, or neither."))
    form = load_form(root, request.form)
    periods = form.definition.periods
    period = parse_return_period(request.period, periods.kind)
    monitored = monitored_quarter(period, periods.quarters or ())
    target = request.out or return_folder(root, period, form.name)
    for place in (target, request.previous or return_folder(root, period.before, form.name)):
        recover(place)  # an interrupted program may have moved a return aside
    check_place(target, request.existing)
    last = find_last(root, form.name, period, request.previous, request.seal)
    gathered = _gather(root, request, form, period, monitored, last)
    built, passed = fill_form(form, gathered, last, monitored)
    filled = _fill_template(root, request, built)
    written = None if filled is None else (filled[0], filled[1])
    with target_lock(target, f"hnforecast return {period}"):  # the place is looked at again: others may have sealed it
        seal, kept, aside = write_return(
            target, period, monitored, built, passed, gathered, last,
            filled=written, seal=request.seal, existing=request.existing,
        )  # fmt: skip
    words = () if filled is None else filled[2]
    return MadeReturn(target, built, passed, gathered.notices, seal, words, kept, aside)


def _gather(
    root: Path, request: Request, form: Form, period: ReturnPeriod, monitored: ReturnPeriod, last: Last
) -> Gathered:
    from hnforecast.engine.forecast import load_project, run_forecast

    project = load_project(root, request.vintage)
    _refuse_before_forecast(project, period, monitored)
    watched = watch(project, monitored, request.scenario, request.draws)
    wanted = {table.source for section in form.sections for table in section.tables}
    if "measure_savings" in wanted and not watched.forecast.savings:
        savings = run_forecast(project, request.scenario).savings
        watched = replace(watched, forecast=replace(watched.forecast, savings=savings))
    unmitigated = None
    if "unmitigated" in form.definition.needs:
        unmitigated = run_forecast(project, UNMITIGATED, savings=False)
    changes = closed_changes(project, last)
    return gather(project, form, period, monitored, watched, unmitigated, last.document, last.words, changes)


def _refuse_before_forecast(project: Project, period: ReturnPeriod, monitored: ReturnPeriod) -> None:
    """A report that rests on a quarter before the forecast has nothing to forecast."""
    manifest = project.vintage.manifest
    if monitored.year >= manifest.first_forecast_year or str(monitored) == str(period):
        return
    what = f"{period} rests on actuals to the end of {monitored}, which vintage {project.vintage.name} has as outturn"
    do = "Begin with the first report that rests on a forecast year, or use an earlier vintage: --vintage NAME."
    raise UsageError(Problem("HN701", what, do=do))


def watch(project: Project, monitored: ReturnPeriod, scenario: str, draws: int) -> Watched:
    """The monitoring of a quarter, with the ledger it rests on and the hashes of its files."""
    from hnforecast.quarter.monitor import monitor_period

    found = monitor_period(project, str(monitored), scenario=scenario, draws=draws)
    failed = [check for check in found.checks if not check.passed]
    if failed:
        raise ReconciliationError(
            *(
                Problem(
                    "HN719", "A check of the monitoring does not hold", found=f"{check.worst:g} {check.unit}",
                    expected=f"{check.name}, within {check.tolerance:g}",
                    do=f"hnforecast monitor {monitored} --scenario {scenario} shows the figures.",
                )
                for check in failed
            )
        )  # fmt: skip
    ledger, files = read_ledger(project, monitored)
    tables = {"flows" if name == "flow" else name: table for name, table in found.tables.items()}
    return Watched(found.forecast, tables, tuple(map(str, found.notices)), ledger, files, found.illustrative)


def read_ledger(project: Project, quarter: ReturnPeriod) -> tuple[pd.DataFrame, dict[str, str]]:
    """The ledger of a quarter's year up to its cut-off, months as written, and the hashes of the files of actuals."""
    from hnforecast.base.errors import Problems
    from hnforecast.base.record import file_sha256, relative_to
    from hnforecast.base.timeline import show_month
    from hnforecast.quarter.monitor.actuals import read_actuals

    wanted = Period(quarter.year, quarter.number)
    actuals = read_actuals(project.root, project.vintage.codes, wanted, Problems())
    ledger = actuals.table("ledger")[list(LEDGER_COLUMNS)].copy()
    ledger["month"] = [show_month(int(value)) for value in ledger["month"]]
    files = {relative_to(path, project.root): file_sha256(path) for path in sorted(set(actuals.files.values()))}
    return ledger, files


def closed_changes(project: Project, last: Last) -> tuple[Problem, ...]:
    """Every line and month the last return closed that the ledger no longer has as it was."""
    if last.document is None or not last.document["closed_ledger"]["rows"]:
        return ()
    from hnforecast.quarter.monitor.reconcile import compare_ledgers

    quarter = parse_return_period(str(last.document["quarter"]))
    closed = last.document["closed_ledger"]
    before = pd.DataFrame(closed["rows"], columns=closed["columns"])
    now, _ = read_ledger(project, quarter)
    file = f"inputs/monitoring/{str(quarter)[:7]}/ledger.csv"
    return compare_ledgers(before, now, file)


def _fill_template(root: Path, request: Request, built: BuiltReturn) -> tuple[str, bytes, tuple[str, ...]] | None:
    if request.template is None or request.map_file is None:
        return None
    from hnforecast.quarter.returns.template.fill import fill_template
    from hnforecast.quarter.returns.template.mapping import load_map

    mapping = load_map(request.map_file, root)
    filled, words = fill_template(request.template, mapping, built, root)
    return f"filled-{request.template.name}", filled, words
