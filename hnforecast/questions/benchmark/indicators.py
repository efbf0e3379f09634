"""What authorities are compared on: each a ratio of two published figures of a stated period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hnforecast.base.kinds import SHARE, TOP_UP
from hnforecast.questions.benchmark.frames import ENGLAND, PanelSeries

if TYPE_CHECKING:
    import pandas


REQUESTS = "requests_assessments_timeliness_by_la_2019_2024"
GROUPS = "ehcp_by_la_placement_group_2010_2025"
DETAIL = "s251_high_needs_detail_by_la_2021_22"
OUTTURN = "s251_outturn_2021_22_"


@dataclass(frozen=True)
class Indicator:
    """A ratio by authority.

    Args:
        key, label, period: what and when.
        unit: per_1000, share or gbp.
        above, below: figures by authority, England where published; the ratio is above / below.
        counts: what `above` counts, for telling a distance in numbers.
    """

    key: str
    label: str
    period: str
    unit: str
    above: pandas.Series[float]
    below: pandas.Series[float]
    counts: str

    def values(self) -> pandas.Series[float]:
        """The ratio of every authority with both figures and a positive base."""
        below = self.below[self.below > 0]
        ratio = (self.above / below).dropna()
        return ratio * (1000.0 if self.unit == "per_1000" else 1.0)


def read_indicators(panel: PanelSeries) -> list[Indicator]:
    """Every indicator the panel allows, in the order they are read."""
    figure = panel.figure
    children, young = panel.residents(2, 18, 2023), panel.residents(0, 25, 2023)
    plans = {year: figure("ehcp_by_la", "plans", {"year": year}) for year in (2022, 2025)}
    new = figure("newplans_by_la", "new_plans_total", {"year": 2024})
    asked = {
        name: figure(REQUESTS, column, {"year": 2024})
        for name, column in (
            ("requests", "requests_received_in_year"),
            ("refused", "requests_decided_not_to_assess"),
            ("issued", "assess_issued"),
            ("not_issued", "assess_not_issued"),
            ("in_time", "plans_issued_20_weeks_ex"),
            ("timed", "plans_issued_den_ex"),
        )
    }
    spend = figure("s251_outturn_buckets_by_la_2017_2024", "high_needs_lines_1_2", {"financial_year": "2024-25"})
    appeals = {
        name: figure("send_tribunal_appeals_by_la_2014_2024", name, {"year": 2024})
        for name in ("appeals_registered", "appealable_decisions")
    }
    grant = {
        year: figure(
            "dsg_block_allocations_by_la_2019_2023", "high_needs_block_before_recoupment", {"financial_year": year}
        )
        for year in ("2021-22", "2023-24")
    }
    deficit = figure("dsg_deficit_pct_by_la_2019_2021", "approx_deficit_gbp", {"financial_year": "2021-22"})
    found = [
        Indicator("plans", "Plans per 1,000 aged 0 to 25", "January 2025", "per_1000", plans[2025], young, "plans"),
        Indicator("growth", "Growth of plans", "January 2022 to 2025", "share", plans[2025] - plans[2022],
                  plans[2022], "plans"),
        Indicator("requests", "Requests per 1,000 aged 0 to 25", "2024", "per_1000", asked["requests"], young,
                  "requests"),
        Indicator("refused", "Requests refused", "2024", "share", asked["refused"], asked["requests"], "requests"),
        Indicator("issued", "Assessments that end in a plan", "2024", "share", asked["issued"],
                  asked["issued"] + asked["not_issued"], "plans"),
        Indicator("new_plans", "New plans per 1,000 aged 0 to 25", "2024", "per_1000", new, young, "new plans"),
        Indicator("timeliness", "Plans issued in 20 weeks", "2024", "share", asked["in_time"], asked["timed"], "plans"),
        Indicator("appeals", "Appeals, of appealable decisions", "2024", "share", appeals["appeals_registered"],
                  appeals["appealable_decisions"], "appeals"),
        *_mix(panel),
        Indicator("spend_per_child", "Spend (1.2) per child 2 to 18", "2024-25", "gbp", spend, children, "pounds"),
        Indicator("spend_per_plan", "Spend (1.2) per plan", "2024-25", "gbp", spend, plans[2025], "pounds"),
        Indicator("grant_per_child", "Block per child 2 to 18", "2023-24", "gbp", grant["2023-24"], children,
                  "pounds"),
        Indicator("place_funding", "Place funding per child 2 to 18", "2021-22", "gbp",
                  figure(DETAIL, f"{OUTTURN}place_funding"), figure(DETAIL, "population_2_18_mid2021"), "pounds"),
        *_unit_costs(panel),
        Indicator("deficit", "DSG deficit, of high needs block", "March 2022", "share", deficit, grant["2021-22"],
                  "pounds"),
    ]  # fmt: skip
    return [indicator for indicator in found if len(indicator.values())]


def _mix(panel: PanelSeries) -> list[Indicator]:
    """Share of plans by kind of placement, of the latest January."""
    every = panel.figure(GROUPS, "plans", {"year": 2025})
    return [
        Indicator(f"mix_{kind.key}", f"Plans {kind.phrase}", "January 2025", "share",
                  panel.figure(GROUPS, "plans", {"year": 2025, "placement_group": kind.groups}), every, "plans")
        for kind in panel.kinds[SHARE] if kind.phrase
    ]  # fmt: skip


def _unit_costs(panel: PanelSeries) -> list[Indicator]:
    """Top-up for each plan of a kind of placement, of the one year published by sector."""
    return [
        Indicator(f"top_up_{kind.key}", f"Top-up per {kind.phrase}", "2021-22", "gbp",
                  panel.figure(DETAIL, [f"{OUTTURN}{column}" for column in kind.published]),
                  panel.figure(GROUPS, "plans", {"year": 2022, "placement_group": kind.groups}), "pounds")
        for kind in panel.kinds[TOP_UP]
    ]  # fmt: skip


# Where an authority stands on each indicator.


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
