"""What forecasts missed by on authorities and counts that nobody had when they were made: docs/accuracy_blind.csv.

These rows are measured once and kept. Each new edition adds a row for the count it brings: the error of the forecast
that stood before, by the method and the panel as they then were. The file is data; the page is made from it.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

STORED = "docs/accuracy_blind.csv"
HEADING = "## Measured on withheld authorities before they joined the pack"
NEEDED = (
    *("sample", "forecast_from", "outcome", "years_ahead", "authorities", "error", "median", "best_other"),
    *("no_growth", "inside_80", "bias_of_sum", "note"),
)
_TITLES = {
    "sample": "forecasts of", "forecast_from": "made from January", "outcome": "came in January",
    "years_ahead": "years ahead", "authorities": "authorities", "error": "error", "median": "median",
    "best_other": "best other", "no_growth": "no growth", "inside_80": "inside 80 %", "bias_of_sum": "bias of the sum",
    "note": "note",
}  # fmt: skip


def read_blind(root: Path) -> list[dict[str, str]]:
    """The rows kept for a project's panel, as stored; empty where there are none."""
    try:
        with (root / STORED).open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, ValueError, csv.Error):
        return []
    return rows if rows and set(rows[0]) == set(NEEDED) else []


def with_blind_section(page: str, rows: Sequence[dict[str, str]]) -> str:
    """The page of accuracy with these rows as its first table; as it is where there are none.

    Args:
        page: docs/accuracy.md, without the section.
        rows: as `read_blind` gives them.
    """
    if not rows:
        return page
    shown = [name for name in NEEDED if any(row[name] for row in rows)]
    table = [
        "| " + " | ".join(_TITLES[name] for name in shown) + " |",
        "|" + "--|" * len(shown),
        *("| " + " | ".join(row[name] for name in shown) + " |" for row in rows),
    ]
    section = "\n\n".join(
        (
            HEADING,
            f"Kept in `{STORED.removeprefix('docs/')}`, one row a test; each new edition adds the count it brings. "
            "Nothing here was known when the method was made or the forecast was. Mean absolute error of total plans "
            "in per cent.",
            "\n".join(table),
        )
    )
    before, mark, after = page.partition("\n## ")
    return f"{before}\n{section}\n{mark}{after}"
