"""What the forecast of money has been worth, as the last test of the whole model kept it, in a sentence for a run."""

from __future__ import annotations

import csv
from pathlib import Path

STORED = "docs/accuracy_whole.csv"
NEEDED = frozenset({"scenario", "series", "horizon", "mape", "median", "cover80"})


def read_whole(root: Path) -> list[dict[str, str]]:
    """The scores last measured on a project's panel, as stored; empty where there are none."""
    try:
        with (root / STORED).open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, ValueError, csv.Error):
        return []
    return rows if rows and set(rows[0]) >= NEEDED else []


def worth_of_money(root: Path, scenario: str = "history") -> str:
    """What a forecast of money has been worth, in a sentence to stand beside a run's figures; empty if not measured."""
    rows = {(row["series"], int(row["horizon"])): row for row in read_whole(root) if row["scenario"] == scenario}
    spend = [f"{float(rows['spend', h]['mape']):.1f}%" for h in (1, 2, 3) if ("spend", h) in rows]
    if not spend:
        return ""
    ahead = ("one year", "one and two years", "one, two and three years")[len(spend) - 1]
    said = f"Drafts of this method at past counts missed spend on lines 1.2 by {', '.join(spend)} at {ahead}"
    positions = [row for (series, _), row in rows.items() if series == "in_year"]
    if not positions:
        return f"{said}."
    row = positions[-1]
    over = f"over {row['horizon']} years " if row["horizon"] != "1" else ""
    return f"{said}; in-year positions {over}by a median of {float(row['median']):.1f}% of the block."
