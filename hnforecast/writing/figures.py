"""Figures of the pages of decisions as they are written: £m, percentages, falls in brackets."""

from __future__ import annotations

from hnforecast.writing.style import millions, round_half_up


def signed(pounds: float) -> str:
    """Pounds as £m, a fall in brackets."""
    shown = millions(pounds)
    return f"({shown})" if round_half_up(pounds / 1e6, 1) < 0 else shown


def percent(share: float) -> str:
    """A share as a percentage, two figures of it; a fall in brackets."""
    shown = round_half_up(100.0 * share, 1 if abs(share) < 0.1 else 0)
    text = f"{abs(shown):,.1f}%" if abs(share) < 0.1 else f"{abs(shown):,.0f}%"
    return f"({text})" if shown < 0 else text


def ratio(before: float, after: float) -> str:
    """Growth of a count; "new" where it came from nothing."""
    return percent(after / before - 1.0) if before > 0 else "new" if after > 0 else "-"


def lower(label: str) -> str:
    """A label inside a sentence."""
    return label[0].lower() + label[1:]
