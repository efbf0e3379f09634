"""The causes of an authority's rise in spend, exact, and beside those of its statistical neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.base.errors import InputError, Problem
from hnforecast.base.kinds import SHARE, SPECIAL, TOP_UP, Kind, Kinds, load_kinds
from hnforecast.base.timeline import show_year
from hnforecast.questions.causes.factors import FACTORS, chain_factors, quantity_and_price, volume_mix_price
from hnforecast.questions.causes.history import (
    History,
    PanelFrames,
    grants,
    history_of,
    neighbours_of,
    specialist_spend,
)
from hnforecast.questions.causes.weights import YEAR, Weights, weights_of

SPECIALIST_YEARS = (2018, 2021)  # the first and last year whose top-up was published by kind of school
REST = "All else on lines 1.2"


@dataclass(frozen=True)
class KindParts:
    """One kind of placement between two years: plans, pounds, and what of the change is plans and what price."""

    label: str
    plans: tuple[float, float]
    spend: tuple[float, float]
    by_plans: float
    by_price: float


@dataclass(frozen=True)
class Placements:
    """The years in which spend was published by kind of placement.

    Args:
        years: first and last.
        kinds: parts by plans and price of each add up to the change of all spend.
        volume, mix, price: parts of the same change: all plans together, their mix, what each kind cost.
    """

    years: tuple[int, int]
    kinds: tuple[KindParts, ...]
    volume: float
    mix: float
    price: float


@dataclass(frozen=True)
class Causes:
    """What took an authority's spend from one year to another.

    Args:
        history: what was published of it.
        levels: (k, f) level of each factor, in the order of FACTORS; their product is spend.
        parts: (k, f - 1) pounds of each year's change by factor; they add up to it.
        mix_known: whether the mix could be told apart; where not, its part is nought and lies in unit cost.
        weights: unit costs the mix is weighed with, or None.
        placements: the years with spend by kind of placement, or None.
        grant: (f,) the high needs block before recoupment, NaN where not published.
        shown: kinds of placement in which plans are shown.
    """

    history: History
    levels: FloatArray
    parts: FloatArray
    mix_known: bool
    weights: Weights | None
    placements: Placements | None
    grant: FloatArray
    shown: tuple[Kind, ...]

    @property
    def change(self) -> float:
        """Pounds from the first year to the last."""
        return float(self.history.spend[-1] - self.history.spend[0])

    @property
    def totals(self) -> dict[str, float]:
        """Factor -> pounds over all years; they add up to the change."""
        return dict(zip(FACTORS, self.parts.sum(axis=1).tolist(), strict=True))

    @property
    def growth(self) -> dict[str, float]:
        """Factor -> growth of its level over all years, a share; NaN for a mix that is not known."""
        ratio = self.levels[:, -1] / self.levels[:, 0] - 1.0
        found = dict(zip(FACTORS, ratio.tolist(), strict=True))
        return found if self.mix_known else {**found, "mix": float("nan"), "unit_cost": float("nan")}

    @property
    def rebasing(self) -> float:
        """How far the first estimate after the 2021 census lies from where growth before it was leading, as a share.

        NaN where the years do not cross the census, or growth before it was not published.
        """
        years, count = self.history.years, self.history.children.count
        basis = self.history.children.basis
        before = [f for f, text in enumerate(basis) if text.endswith("before the 2021 census")]
        after = [f for f, text in enumerate(basis) if text.endswith("after the 2021 census")]
        if len(before) < 2 or not after:
            return float("nan")
        first, last, then = before[0], before[-1], after[0]
        yearly = (count[last] / count[first]) ** (1.0 / (years[last] - years[first]))
        return float(count[then] / (count[last] * yearly ** (years[then] - years[last])) - 1.0)


def explain_causes(frames: PanelFrames, code: str, first: int, last: int, kinds: Kinds | None = None) -> Causes:
    """Explain one authority between two financial years.

    Args:
        frames: see history.read_frames.
        code: the Department's three digits.
        first, last: first calendar years.
        kinds: of placement, by purpose; those that come with the tool by default.

    Raises:
        InputError: no such authority, or spend or plans of a year were not published.
    """
    kinds = kinds or load_kinds()
    years = tuple(range(first, last + 1))
    history = history_of(frames, code, years)
    _check_whole(history)
    widened = tuple(range(min(first, YEAR), max(last, YEAR) + 1))
    reference = history if YEAR in years else history_of(frames, code, widened)
    weights = weights_of(frames, reference, kinds[TOP_UP])
    mix = weights.mix(history) if weights is not None else np.ones(len(years))
    mix_known = weights is not None and bool(np.isfinite(mix).all())
    mix = mix if mix_known else np.ones(len(years))
    children, deflator = history.children.count, history.deflator / history.deflator[0]
    prevalence = history.plans / children
    unit_cost = history.spend / (history.plans * mix * deflator)
    levels = np.array([children, prevalence, mix, deflator, unit_cost])
    return Causes(
        history=history,
        levels=levels,
        parts=chain_factors(levels),
        mix_known=mix_known,
        weights=weights,
        placements=_placements(frames, history, kinds[SPECIAL]),
        shown=kinds[SHARE],
        grant=grants(frames, code, years),
    )


def explain_neighbours(
    frames: PanelFrames, code: str, first: int, last: int, kinds: Kinds | None = None
) -> tuple[tuple[Causes, ...], tuple[str, ...]]:
    """The causes of each statistical neighbour, and the codes of those whose figures were not all published."""
    found, without = [], []
    for other in neighbours_of(frames, code):
        try:
            found.append(explain_causes(frames, other, first, last, kinds))
        except InputError:
            without.append(other)
    return tuple(found), tuple(without)


def _check_whole(history: History) -> None:
    """Refuse what cannot be divided up: a year without spend, plans, children or a price level."""
    series = {
        "spend": history.spend,
        "plans": history.plans,
        "children": history.children.count,
        "the GDP deflator": history.deflator,
    }
    lacking = []
    for what, values in series.items():
        absent = [show_year(year) for year, value in zip(history.years, values, strict=True) if not value > 0]
        if absent:
            lacking.append(f"{what} of " + ("every year" if len(absent) == len(history.years) else ", ".join(absent)))
    if lacking:
        do = "Choose years that were published (spend: 2017-18 to 2024-25), or another authority."
        what = f"Not all the figures of {history.name} are in the panel"
        raise InputError(Problem("HN523", what, found="; ".join(lacking) + " missing", do=do))


def _placements(frames: PanelFrames, history: History, special: tuple[Kind, ...]) -> Placements | None:
    """Plans and price by kind of placement, over those of the years asked for in which spend was published by kind."""
    inside = [f for f, year in enumerate(history.years) if SPECIALIST_YEARS[0] <= year <= SPECIALIST_YEARS[1]]
    rows = []
    for kind in special:
        spend = specialist_spend(frames, history.code, kind.published[0], history.years)
        plans = np.nansum([history.groups[group] for group in kind.groups if group in history.groups], axis=0)
        rows.append((kind.label, np.broadcast_to(plans, spend.shape), spend))
    known = [f for f in inside if all(np.isfinite(spend[f]) for _, _, spend in rows)]
    if len(known) < 2:
        return None
    a, b = known[0], known[-1]
    plans_of = history.plans - sum(plans for _, plans, _ in rows)
    rows.append((REST, plans_of, history.spend - sum(spend for _, _, spend in rows)))
    counts = np.array([plans for _, plans, _ in rows])[:, [a, b]]
    pounds = np.array([spend for _, _, spend in rows])[:, [a, b]]
    prices = np.divide(pounds, counts, out=np.zeros_like(pounds), where=counts > 0)
    if (np.where(counts > 0, 0.0, pounds) != 0).any():
        return None  # money without plans has no price
    by_plans, by_price = quantity_and_price(counts[:, 0], prices[:, 0], counts[:, 1], prices[:, 1])
    volume, mix, price = volume_mix_price(counts[:, 0], prices[:, 0], counts[:, 1], prices[:, 1])
    parts = tuple(
        KindParts(label, (float(counts[i, 0]), float(counts[i, 1])), (float(pounds[i, 0]), float(pounds[i, 1])),
             float(by_plans[i]), float(by_price[i]))
        for i, (label, _, _) in enumerate(rows)
    )  # fmt: skip
    return Placements((history.years[a], history.years[b]), parts, volume, mix, price)
