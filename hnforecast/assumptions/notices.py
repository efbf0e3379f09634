"""What the reader of a vintage should know but need not mend before a run."""

from __future__ import annotations

from hnforecast.assumptions.draft import Draft


def notices_of(draft: Draft) -> tuple[str, ...]:
    """Notices in words: a draft, reviews overdue, intervals that no draw uses."""
    manifest = draft.groups["manifest"]
    found: list[str] = []
    if manifest.state == "draft":
        found.append(f"Vintage {draft.text.name} is a draft: nobody has signed it off.")
    if manifest.review_by < draft.today:
        found.append(f"Vintage {draft.text.name} was to be reviewed by {manifest.review_by.isoformat()}.")
    for path, sourced in draft.values.items():
        if sourced.review_by is not None and sourced.review_by < draft.today:
            found.append(f"{path}: review was due {sourced.review_by.isoformat()} (owner: {sourced.owner or 'none'}).")
    for name, measure in draft.measures.items():
        if measure.review_by < draft.today:
            found.append(f"measures.{name}: review was due {measure.review_by.isoformat()} (owner: {measure.owner}).")
    columns = draft.groups["uncertainty"].columns
    undrawn = [path for path, sourced in draft.values.items() if sourced.interval is not None and path not in columns]
    if undrawn:
        shown = ", ".join(undrawn[:5]) + (f" and {len(undrawn) - 5} more" if len(undrawn) > 5 else "")
        found.append(f"These intervals have no column in uncertainty.columns, so no draw uses them: {shown}.")
    return tuple(found)
