"""Scores of the whole model: error, bias, coverage and the plain methods, averaged over authorities, then origins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from hnforecast.history.backtest.whole import Outcome

if TYPE_CHECKING:
    from pandas import DataFrame

PLAIN = ("naive", "pooled", "budget")
KEYS = ["scenario", "series", "horizon"]
COLUMNS = [
    *KEYS, "origins", "n", "mape", "median", "bias_pct", "cover80", *(f"mape_{name}" for name in PLAIN),
    *(f"median_{name}" for name in PLAIN),
]  # fmt: skip


def outcomes_frame(outcomes: Iterable[Outcome]) -> DataFrame:
    """One row an outcome, by scenario, series, horizon, origin and authority, whatever order they came in."""
    import pandas as pd

    frame = pd.DataFrame([asdict(one) for one in outcomes], columns=list(Outcome.__annotations__))
    return frame.sort_values([*KEYS, "origin", "code"], kind="stable").reset_index(drop=True)


def score_whole(frame: DataFrame) -> DataFrame:
    """Scores by scenario, series and years ahead, per cent.

    An error is a share of what came, of in-year positions a share of the block of the same years. Bias is of the sum
    over authorities; of in-year positions above zero is a forecast too favourable.
    """
    import pandas as pd

    rows = []
    for keys, part in frame.groupby(KEYS, sort=False):
        by_origin = [_scores(one) for _, one in part.groupby("origin")]
        means = {name: _mean([one[name] for one in by_origin]) for name in by_origin[0]}
        rows.append({**dict(zip(KEYS, keys, strict=True)), "origins": len(by_origin), "n": len(part), **means})
    return pd.DataFrame(rows, columns=COLUMNS)


def _scores(part: DataFrame) -> dict[str, float]:
    came, central, scale = (part[name].to_numpy(dtype=float) for name in ("came", "central", "scale"))
    missed = 100.0 * np.abs(central - came) / scale
    inside = (part["low"].to_numpy(dtype=float) <= came) & (came <= part["high"].to_numpy(dtype=float))
    found = {
        "mape": float(missed.mean()),
        "median": float(np.median(missed)),
        "bias_pct": float(100.0 * (central.sum() - came.sum()) / scale.sum()),
        "cover80": float(100.0 * inside.mean()),
    }
    for name in PLAIN:
        other = 100.0 * np.abs(part[name].to_numpy(dtype=float) - came) / scale
        known = other[np.isfinite(other)]
        found[f"mape_{name}"] = float(known.mean()) if len(known) else float("nan")
        found[f"median_{name}"] = float(np.median(known)) if len(known) else float("nan")
    return found


def _mean(values: list[float]) -> float:
    known = [value for value in values if np.isfinite(value)]
    return float(np.mean(known)) if known else float("nan")
