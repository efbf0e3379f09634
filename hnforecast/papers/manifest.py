"""run.json: what was run, of what, with what result. Written last, it is the mark that a run folder is whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hnforecast.base.record import SCHEMA, RunRecord, environment
from hnforecast.writing.keeping import sign

if TYPE_CHECKING:
    from hnforecast.engine.records import Forecast

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
