"""Standard errors as intervals and drivers of a draft's uncertainty.yaml; its ledger is only appended to."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from hnforecast.history.fit.proposal import Proposal

LEVEL = 0.8
REACH = 1.2815515655446004  # standard errors either side that hold 80% of a normal
COLUMNS = 44  # columns of the block from here on are set aside for paths over horizons
LEAST = 0.005  # no factor is known better than this

Content = dict[str, Any]


@dataclass(frozen=True)
class Spreads:
    """Relative or absolute standard deviations by what they act on; None keeps what the vintage has.

    Args:
        growth: of yearly growth of new plans, absolute.
    """

    growth: float | None


def fill_uncertainty(
    old: Mapping[str, Any], proposal: Proposal, spreads: Spreads, source: str, published: date, as_at: date
) -> tuple[Content, tuple[str, ...]]:
    """uncertainty.yaml of a draft.

    Args:
        old: content of the vintage's file.
        proposal: rates with standard errors.
        spreads: what the pooled forecast says.
        source: sentence for provenance; published, as_at: dates of the counts.

    Returns:
        The content, and sentences on what changed.
    """
    content: Content = deepcopy(dict(old))
    drivers: Content = dict(content.get("drivers") or {})
    columns: dict[str, int] = dict(content.get("columns") or {})
    changes: list[str] = []
    provenance = {"published_on": published, "as_at": as_at, "status": "outturn", "mark": "inferred"}
    for path, name, kind, spread, why in _wanted(proposal, spreads):
        if spread is None:
            changes.append(f"{path}: no standard error can be measured; the interval of the vintage stays.")
            continue
        key = _driver_on(drivers, path) or _free_name(drivers, name)
        drivers[key] = {
            "acts_on": path,
            "kind": kind,
            "distribution": "lognormal" if kind == "factor" else "normal",
            "interval": _interval(kind, spread),
            "source": f"{why} {source}",
            **provenance,
        }
        changes.append(f"{path}: {_words(kind, spread)}.")
        _append(columns, key, changes)
    for name in proposal.pipeline:
        _append(columns, f"demand.pipeline.{name}", changes)
    content.update(drivers=drivers, columns=columns)
    return content, tuple(changes)


def _wanted(proposal: Proposal, spreads: Spreads) -> list[tuple[str, str, str, float | None, str]]:
    errors, weights = proposal.errors, proposal.weights
    lasting = weights.lasting_exits
    exits = float(np.hypot(lasting, max(errors.exits))) if lasting is not None else None
    other = errors.net_other if errors.net_other > 0 else None
    return [
        ("demand.new_plans.rate", "new_plan_rate", "factor", max(errors.level, LEAST), "Chance in one year's count."),
        ("demand.new_plans.growth", "new_plan_growth", "shift", spreads.growth,
         "Measured errors of the pooled forecast of new plans at five years, by year."),
        ("flows.cease.hazard", "cease", "factor", exits,
         "Chance in one year's exits, and how far authorities' exits last from year to year."),
        ("flows.net_other", "net_other", "shift", other, "Spread of the residual over the years known."),
    ]  # fmt: skip


def _interval(kind: str, spread: float) -> dict[str, float]:
    reach = REACH * spread
    low, high = (float(np.exp(-reach)), float(np.exp(reach))) if kind == "factor" else (-reach, reach)
    return {"low": round(low, 6), "high": round(high, 6), "level": LEVEL}


def _words(kind: str, spread: float) -> str:
    found = _interval(kind, spread)
    return f"{kind} {found['low']:.4g} to {found['high']:.4g} at {LEVEL:.0%}, from standard errors"


def _driver_on(drivers: Mapping[str, Any], path: str) -> str | None:
    return next((name for name, driver in drivers.items() if driver.get("acts_on") == path), None)


def _free_name(drivers: Mapping[str, Any], name: str) -> str:
    free, number = name, 2
    while free in drivers:
        free, number = f"{name}_{number}", number + 1
    return free


def _append(columns: dict[str, int], key: str, changes: list[str]) -> None:
    """The next number never used; a column is never given twice."""
    if key in columns:
        return
    following = max(columns.values(), default=-1) + 1
    if following >= COLUMNS:
        changes.append(f"{key}: no column of the draws is free, so its interval is shown and not drawn.")
        return
    columns[key] = following
