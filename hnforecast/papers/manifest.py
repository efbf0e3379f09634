"""run.json: what was run, of what, with what result. Written last, it is the mark that a run folder is whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hnforecast.base.record import SCHEMA, RunRecord, environment

if TYPE_CHECKING:
    from hnforecast.engine.forecast import Forecast

ROLES = ("commissioner", "analyst", "assurer", "approver")
ASSUMPTIONS = "assumptions.yaml"


def run_manifest(
    forecasts: Sequence[Forecast],
    record: RunRecord,
    folder: Path,
    *,
    command_line: Sequence[str],
    timings: Mapping[str, float],
    now: datetime | None = None,
) -> bytes:
    """The manifest of a finished folder.

    Args:
        forecasts: of the run.
        record: its identity; the time, the machine and the timings are beside it and not part of it.
        folder: holds every other file of the run.
        command_line: as typed, without the path of the program.
        timings: seconds by step.
        now: the time; the present by default.
    """
    vintage = forecasts[0].scenario.vintage
    outputs = [_describe(path, folder) for path in sorted(folder.rglob("*")) if path.is_file()]
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
        "outputs": outputs,
        "timings_seconds": {step: round(seconds, 3) for step, seconds in timings.items()},
    }
    return (json.dumps(content, indent=2, ensure_ascii=True, allow_nan=False) + "\n").encode("utf-8")


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


def _describe(path: Path, folder: Path) -> dict[str, Any]:
    content = path.read_bytes()
    return {
        "path": path.relative_to(folder).as_posix(),
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
    }
