"""What a plan costs in one placement against another: from the one year, 2021-22, whose lines were published by sector.

Top-up of a sector over its plans, plus services spread over all plans alike. A placement without a published cost
weighs as much as the mean plan, so that it neither raises nor lowers the mix.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.base.kinds import Kind
from hnforecast.questions.causes.history import DETAIL, History, PanelFrames

YEAR = 2021


@dataclass(frozen=True)
class Weights:
    """Unit costs of 2021-22.

    Args:
        unit_cost: sector -> pounds a plan, services included.
        top_up: sector -> pounds of top-up a plan.
        mean: pounds a plan over all plans.
        members: sector -> published placement groups.
        unpriced: share of all plans, in that January, in placements without a published cost.
    """

    unit_cost: dict[str, float]
    top_up: dict[str, float]
    mean: float
    members: dict[str, tuple[str, ...]]
    unpriced: float

    def shifts(self, history: History) -> dict[str, float]:
        """Sector -> what its change of share adds to the mean weight of a plan, first year to last."""
        found = {}
        for sector, cost in self.unit_cost.items():
            share = _plans(history, self.members[sector]) / history.plans
            found[sector] = float((share[-1] - share[0]) * (cost / self.mean - 1.0))
        return found

    def mix(self, history: History) -> FloatArray:
        """(f,) mean weight of a plan over that of 2021-22: above 1 where plans sit in dearer placements."""
        index = np.ones(len(history.years))
        for sector, cost in self.unit_cost.items():
            share = _plans(history, self.members[sector]) / history.plans
            index = index + share * (cost / self.mean - 1.0)
        at = index[history.years.index(YEAR)] if YEAR in history.years else 1.0
        mix: FloatArray = index / at
        return mix


def weights_of(frames: PanelFrames, reference: History, sectors: Sequence[Kind]) -> Weights | None:
    """The weights of an authority, or None where its lines of 2021-22 or its plans were not published.

    Args:
        reference: of the authority, holding 2021-22.
        sectors: what top-up is published by, and whose plans it is for (inputs.kinds, purpose TOP_UP).
    """
    if DETAIL not in frames or YEAR not in reference.years:
        return None
    rows = frames[DETAIL][frames[DETAIL]["old_la_code"] == reference.code]
    f = reference.years.index(YEAR)
    spend, plans = reference.spend[f], reference.plans[f]
    if rows.empty or not (spend > 0 and plans > 0):
        return None
    line = rows.iloc[0]
    top_up, counts = {}, {}
    for sector in sectors:
        count = float(_plans(reference, sector.groups)[f])
        pounds = float(sum(line[f"s251_outturn_2021_22_{column}"] for column in sector.published))
        if count > 0 and pounds > 0:
            top_up[sector.label], counts[sector.label] = pounds / count, count
    services = (float(spend) - sum(top_up[s] * counts[s] for s in top_up)) / float(plans)
    if not top_up or not np.isfinite(services):
        return None
    # what services cost is not known by placement; a placement without a published top-up takes the mean plan's cost
    return Weights(
        unit_cost={sector: cost + services for sector, cost in top_up.items()},
        top_up=top_up,
        mean=float(spend) / float(plans),
        members={sector.label: sector.groups for sector in sectors if sector.label in top_up},
        unpriced=1.0 - sum(counts.values()) / float(plans),
    )


def _plans(history: History, members: tuple[str, ...]) -> FloatArray:
    """(f,) plans of a sector; NaN in a year none of its groups was published."""
    columns = [history.groups[member] for member in members if member in history.groups]
    if not columns:
        return np.full(len(history.years), np.nan)
    known = np.isfinite(columns).any(axis=0)
    total: FloatArray = np.where(known, np.nansum(columns, axis=0), np.nan)
    return total
