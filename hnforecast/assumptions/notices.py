"""What the reader of a vintage should know but need not mend before a run."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from hnforecast.assumptions.draft import Draft


def notices_of(draft: Draft) -> tuple[str, ...]:
    """Notices in words: a draft, reviews overdue, intervals that no draw uses."""
    manifest = draft.groups["manifest"]
    found: list[str] = []
    if manifest.state == "draft":
        found.append(f"Vintage {draft.text.name} is a draft: nobody has signed it off.")
        found += _unverified(draft)
    if manifest.review_by < draft.today:
        found.append(f"Vintage {draft.text.name} was to be reviewed by {manifest.review_by.isoformat()}.")
    found += _overdue(draft)
    columns = draft.groups["uncertainty"].columns
    undrawn = [path for path, sourced in draft.values.items() if sourced.interval is not None and path not in columns]
    if undrawn:
        found.append(f"These intervals have no column in uncertainty.columns, so no draw uses them: {_some(undrawn)}.")
    return tuple(found)


def _unverified(draft: Draft) -> list[str]:
    """What a draft rests on without anybody having verified it, the weightiest first: never a silent default."""
    weight = {"red": 0, "amber": 1, None: 2, "green": 3}
    doubtful = [(weight[s.impact], path) for path, s in draft.values.items() if s.mark == "unverified"]
    paths = [path for _, path in sorted(doubtful)]
    return [f"Unverified, and used all the same: {_some(paths, 15)}."] if paths else []


def _overdue(draft: Draft) -> list[str]:
    """Reviews that are due, one line for each owner and day: an old vintage has many."""
    due: dict[tuple[date, str], list[str]] = defaultdict(list)
    for path, sourced in draft.values.items():
        if sourced.review_by is not None and sourced.review_by < draft.today:
            due[sourced.review_by, sourced.owner or "nobody"].append(path)
    for name, measure in draft.measures.items():
        if measure.review_by < draft.today:
            due[measure.review_by, measure.owner].append(f"measures.{name}")
    return [
        f"Review was due {day.isoformat()} (owner: {owner}): {_some(paths)}." for (day, owner), paths in due.items()
    ]


def _some(paths: list[str], most: int = 5) -> str:
    return ", ".join(paths[:most]) + (f" and {len(paths) - most} more" if len(paths) > most else "")
