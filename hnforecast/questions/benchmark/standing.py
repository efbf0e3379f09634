"""Where an authority stands on each indicator: value, neighbours' median, region, England, rank, distance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hnforecast.questions.benchmark.frames import ENGLAND, PanelSeries
from hnforecast.questions.benchmark.indicators import Indicator


@dataclass(frozen=True)
class Standing:
    """One authority on one indicator; NaN where a figure was not published.

    Args:
        indicator: what is compared.
        value: of the authority.
        median: of its neighbours; low and high their extremes; known how many of them have a figure.
        rank: 1 is the highest, among the authority and those neighbours; panel_rank the same among `panel` authorities.
        region: over the region's authorities in the panel together, `in_region` of them.
        england: as published, or over the panel's authorities together; `whole` tells which.
        distance: value less median.
        worth: what the authority's own count would change by at the median, in the indicator's count.
    """

    indicator: Indicator
    value: float
    median: float
    low: float
    high: float
    known: int
    rank: int
    panel_rank: int
    panel: int
    region: float
    in_region: int
    england: float
    whole: bool
    distance: float
    worth: float


def stand(panel: PanelSeries, indicators: Sequence[Indicator], code: str, neighbours: Sequence[str]) -> list[Standing]:
    """Place an authority on every indicator for which it has a figure.

    Args:
        neighbours: its statistical neighbours' codes.
    """
    regions = panel.region_of()
    return [_one(indicator, code, neighbours, regions) for indicator in indicators if code in indicator.values().index]


def _one(indicator: Indicator, code: str, neighbours: Sequence[str], regions: dict[str, str]) -> Standing:
    values = indicator.values()
    others = values[values.index != ENGLAND]
    near = [float(others[other]) for other in neighbours if other in others.index]
    value = float(values[code])
    median = float(np.median(near)) if near else float("nan")
    scale = 1000.0 if indicator.unit == "per_1000" else 1.0
    same = [other for other in others.index if regions.get(str(other)) == regions.get(code)]
    whole = ENGLAND in values.index
    return Standing(
        indicator=indicator,
        value=value,
        median=median,
        low=min(near, default=float("nan")),
        high=max(near, default=float("nan")),
        known=len(near),
        rank=1 + sum(other > value for other in near),
        panel_rank=1 + int((others > value).sum()),
        panel=len(others),
        region=_together(indicator, same),
        in_region=len(same),
        england=float(values[ENGLAND]) if whole else _together(indicator, [str(other) for other in others.index]),
        whole=whole,
        distance=value - median,
        worth=(median - value) / scale * float(indicator.below[code]),
    )


def _together(indicator: Indicator, codes: Sequence[str]) -> float:
    """The ratio of sums over several authorities."""
    if not codes:
        return float("nan")
    scale = 1000.0 if indicator.unit == "per_1000" else 1.0
    chosen = list(codes)
    return scale * float(indicator.above[chosen].sum() / indicator.below[chosen].sum())
