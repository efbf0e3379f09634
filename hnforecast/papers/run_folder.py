"""Writes a whole run: assumptions, tables, workbook, charts, and the manifest last; all of it or nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hnforecast.assumptions.write import resolved_bytes
from hnforecast.base.helper import Helper, finish
from hnforecast.base.record import SCHEMA, RunRecord, environment
from hnforecast.papers.charts.charts import draw_chart
from hnforecast.papers.charts.data import chart_data
from hnforecast.papers.charts.words import chart_words
from hnforecast.papers.tables.money import run_tables
from hnforecast.papers.workbook import FILE, write_workbook
from hnforecast.writing.csvtext import to_csv
from hnforecast.writing.files import RunFolder
from hnforecast.writing.keeping import MANIFEST, Existing, sign

if TYPE_CHECKING:
    from hnforecast.base.record import RunRecord
    from hnforecast.engine.records import Forecast


# run.json.

ROLES = ("commissioner", "analyst", "assurer", "approver")
ASSUMPTIONS = "assumptions.yaml"


def run_manifest(
    forecasts: Sequence[Forecast],
    record: RunRecord,
    outputs: Sequence[Mapping[str, Any]],
    *,
    command_line: Sequence[str],
    timings: Mapping[str, float],
    kept: Sequence[str] = (),
    now: datetime | None = None,
) -> bytes:
    """The manifest of a finished folder, with a hash of itself.

    Args:
        forecasts: of the run.
        record: its identity; the time, the machine and the timings are beside it and not part of it.
        outputs: path, sha256 and bytes of every other file of the run.
        command_line: as typed, without the path of the program.
        timings: seconds by step.
        kept: names of what others had laid into an earlier run here: carried over, and no part of this one.
        now: the time; the present by default.
    """
    vintage = forecasts[0].scenario.vintage
    assumptions = next((item["sha256"] for item in outputs if item["path"] == ASSUMPTIONS), None)
    content: dict[str, Any] = {
        "schema": SCHEMA,
        **record.as_plain(),
        "created": (now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds"),
        "command_line": list(command_line),
        "council": vintage.manifest.authority.name,
        "as_at": str(vintage.manifest.as_at),
        "roles": {role: getattr(vintage.manifest, role) for role in ROLES},
        "generator": "PCG64DXSM" if record.draws > 1 else None,
        "environment": environment(),
        "assumptions_sha256": assumptions,
        "notices": list(vintage.notices),
        "checks_passed": checks_passed(forecasts),
        "checks": {forecast.scenario.name: [_check(check) for check in forecast.checks] for forecast in forecasts},
        "outputs": [dict(item) for item in outputs],
        **({"kept": list(kept)} if kept else {}),
        "timings_seconds": {step: round(seconds, 3) for step, seconds in timings.items()},
    }
    return sign(content, 2)


def checks_passed(forecasts: Sequence[Forecast]) -> bool:
    """Whether every identity held in every scenario."""
    return all(check.passed for forecast in forecasts for check in forecast.checks)


def _check(check: Any) -> dict[str, Any]:
    return {
        "name": check.name,
        "passed": bool(check.passed),
        "worst": float(check.worst),
        "tolerance": float(check.tolerance),
        "unit": check.unit,
    }


def write_run(
    forecasts: Sequence[Forecast],
    record: RunRecord,
    target: Path,
    *,
    command_line: Sequence[str] = (),
    timings: dict[str, float] | None = None,
    on_step: Callable[[str], None] = lambda step: None,
    helper: Helper | None = None,
    existing: Existing = "renew",
) -> tuple[list[str], Path | None]:
    """Write the folder of a run.

    Args:
        forecasts: one a scenario, all of one vintage.
        record: of the run.
        target: where the folder will be.
        command_line: as typed.
        timings: seconds by step so far; added to.
        on_step: called with the name of each of files.STEPS when it is done.
        helper: draws the charts meanwhile; without one they are drawn here.
        existing: what becomes of an earlier run there: see `files.RunFolder`.

    Returns:
        What others laid into an earlier run and is kept in this one, and the dated name of an earlier run set aside.

    Raises:
        UsageError: the target holds something that is not a run.
        OutputError: a file could not be written; nothing is left behind.
    """
    taken = {} if timings is None else timings
    vintage = forecasts[0].scenario.vintage
    chart = chart_data(forecasts, vintage.codes, record)
    with RunFolder(target, existing=existing) as folder:
        told = chart_words(chart)
        drawing = [] if helper is None else [helper.submit(draw_chart, chart, name, *told[name]) for name in told]
        with _timed("assumptions", taken, on_step):
            folder.write(ASSUMPTIONS, resolved_bytes(forecasts[0].scenario))
        with _timed("tables", taken, on_step):
            for table in run_tables(forecasts, vintage.codes, dict(record.files)):
                folder.write(f"tables/{table.name}.csv", to_csv(table))
        with _timed("workbook", taken, on_step):
            folder.write(FILE, write_workbook(forecasts, record))
        with _timed("charts", taken, on_step):
            done = (task.result() for task in finish(drawing, leave=1))
            for files in done if drawing else (draw_chart(chart, name, *told[name]) for name in told):
                for name, content in files:
                    folder.write(f"charts/{name}", content)
        outputs, kept = sorted(folder.outputs, key=lambda item: str(item["path"])), folder.keep()
        manifest = run_manifest(forecasts, record, outputs, command_line=command_line, timings=taken, kept=kept)
        folder.write(MANIFEST, manifest)
        return kept, folder.publish()


@contextmanager
def _timed(step: str, timings: dict[str, float], on_step: Callable[[str], None]) -> Iterator[None]:
    start = time.perf_counter()
    yield
    timings[step] = time.perf_counter() - start
    on_step(step)
