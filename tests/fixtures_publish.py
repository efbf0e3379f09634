"""Runs to publish and report from: the example, and copies of it with invented figures, sealed again."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

EXAMPLE_RUN = Path(__file__).resolve().parents[1] / "outputs" / "example"
FIGURES = ("central", "p5", "p10", "p20", "p30", "p40", "p50", "p60", "p70", "p80", "p90", "p95", "value")
Change = Callable[[str, dict[str, str], float], float]


def vary_run(target: Path, change: Change, source: Path = EXAMPLE_RUN) -> Path:
    """A copy of a run with other figures, whose manifest agrees with it.

    Args:
        change: (table, row, figure) -> the figure to hold instead.
    """
    shutil.copytree(source, target)
    for path in sorted((target / "tables").glob("*.csv")):
        if path.stem == "sources":
            continue
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
        for row in rows:
            for name in FIGURES:
                if row.get(name):
                    row[name] = f"{change(path.stem, row, float(row[name])):.6f}"
        stream = io.StringIO()
        writer = csv.DictWriter(stream, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        path.write_text(stream.getvalue(), encoding="utf-8")
    return seal(target)


def seal(folder: Path) -> Path:
    """Make the manifest of a run agree with its files."""
    path = folder / "run.json"
    manifest = json.loads(path.read_bytes())
    for item in manifest["outputs"]:
        content = (folder / item["path"]).read_bytes()
        item["sha256"], item["bytes"] = hashlib.sha256(content).hexdigest(), len(content)
    path.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return folder


def as_surplus(table: str, row: dict[str, str], value: float) -> float:
    """Balances twenty million better and in-year positions five: deficits become surpluses, ranges keep their order."""
    item = row.get("item", "")
    if table not in ("account", "fan"):
        return value
    return value + {"opening": 20e6, "closing": 20e6, "gross_closing": 20e6, "in_year": 5e6}.get(item, 0.0)


def a_hundredfold(table: str, row: dict[str, str], value: float) -> float:
    """Everything that is not a chance a hundred times as large."""
    return value if table == "agreement" or "probability" in row.get("item", "") else 100 * value
