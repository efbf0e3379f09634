"""From request to plan: shares of requests agreed and of assessments that end in a plan, shrunk towards England's.

New plans = requests x agreed x issued: with both shares known, thresholds and refusals are levers of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hnforecast.base.axes import FloatArray
from hnforecast.history.fit.history import NATIONAL
from hnforecast.history.fit.spread import SharePosterior, share_posterior
from hnforecast.history.fit.weights import share_weight

REQUESTS = "requests_assessments_timeliness_by_la_2019_2024"
DEFAULT_WEIGHT = 25.0  # of England in requests, where the panel is too small to say


@dataclass(frozen=True)
class StepShare:
    """One step of the pipeline.

    Args:
        passed, asked: the authority's counts of the year; national: England's share.
        weight: of England, in requests.
        posterior: of (passed, not passed).
    """

    passed: float
    asked: float
    national: float
    weight: float
    posterior: SharePosterior

    @property
    def value(self) -> float:
        """The share proposed."""
        return float(self.posterior.mean[0])

    @property
    def sd(self) -> float:
        """Its standard error."""
        return float(self.posterior.sd[0])

    def interval(self, level: float) -> tuple[float, float]:
        """Equal-tailed range that holds the share with this probability."""
        from scipy.stats import beta

        low, high = beta.ppf([0.5 - level / 2.0, 0.5 + level / 2.0], *self.posterior.weights)
        return float(low), float(high)


def fit_pipeline(frames: Mapping[str, pd.DataFrame], authority: str, year: int) -> dict[str, StepShare]:
    """`agreed_share` and `issued_share` of a calendar year, each where the authority and England made a return.

    Args:
        frames: a panel's files, cut at the January count.
        authority: the DfE's three digits.
        year: calendar year of the requests.
    """
    frame = frames.get(REQUESTS)
    if frame is None:
        return {}
    rows = frame[frame["year"] == year]
    found: dict[str, StepShare] = {}
    for name, (passed, asked) in _steps(rows).items():
        known = passed.notna() & asked.notna() & (asked > 0) & (passed <= asked)
        whole = _national(rows, known, passed, asked)
        own = known & (rows["old_la_code"] == authority)
        if whole is None or not own.any():
            continue
        others = known & (rows["old_la_code"].fillna("") != "")
        weight = share_weight(_floats(passed[others]), _floats(asked[others])) or DEFAULT_WEIGHT
        seen, tried = float(passed[own].iloc[0]), float(asked[own].iloc[0])
        posterior = share_posterior(np.array([seen, tried - seen]), np.array([whole, 1.0 - whole]), weight)
        found[name] = StepShare(seen, tried, whole, weight, posterior)
    return found


def _steps(rows: pd.DataFrame) -> dict[str, tuple[pd.Series[float], pd.Series[float]]]:
    """Successes and trials of each step. Before 2023 agreements were not published, refusals were."""
    blank = pd.Series(np.nan, index=rows.index)

    def column(name: str) -> pd.Series[float]:
        return rows[name].astype(float) if name in rows else blank

    requests = column("requests_received_in_year")
    agreed = column("requests_decided_to_assess").fillna(requests - column("requests_decided_not_to_assess"))
    issued = column("assess_issued")
    completed = column("assess_in_year").fillna(issued + column("assess_not_issued"))
    return {"agreed_share": (agreed, requests), "issued_share": (issued, completed)}


def _national(
    rows: pd.DataFrame, known: pd.Series[bool], passed: pd.Series[float], asked: pd.Series[float]
) -> float | None:
    """England's share: its own row, or the authorities of the panel added up."""
    level = rows["geographic_level"] if "geographic_level" in rows else pd.Series("", index=rows.index)
    chosen = known & (level == NATIONAL)
    if not chosen.any():
        chosen = known & (rows["old_la_code"].fillna("") != "")
    total = float(asked[chosen].sum())
    return float(passed[chosen].sum()) / total if total > 0 else None


def _floats(series: pd.Series[float]) -> FloatArray:
    return np.asarray(series, dtype=float)
