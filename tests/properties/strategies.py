"""Small random councils that are valid in every respect, for property tests of the cohort flow.

Hypothesis chooses the sizes and which features are switched on, so that a failure shrinks to the features it needs;
a seeded generator then fills the arrays, because drawing thousands of numbers one by one would be slow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from hnforecast.base.axes import AGES, FloatArray
from hnforecast.engine.model.state import FlowRates
from tests.oracle.quiet import Council, quiet_clock, quiet_rates

PROFILES = ("level", "uneven", "one_month")
CAPS = ("none", "loose", "near", "overfull")


@dataclass(frozen=True)
class Features:
    """What a random council has; the plain value of each comes first in its strategy, so that failures shrink to it."""

    draws: int
    needs: int
    placements: int
    years: int
    new_plans: bool
    ceasing: str
    moves: bool
    measures: int
    net_other: str
    profiles: tuple[str, str, str]
    caps: str
    shared_rates: bool
    shared_stock: bool
    shared_cease: bool
    arrivals: bool
    by_count: bool
    seated: bool
    seed: int


@st.composite
def features(
    draw: st.DrawFn,
    *,
    caps: tuple[str, ...] = CAPS,
    net_other: tuple[str, ...] = ("none", "gain", "either"),
    most_years: int = 4,
    most_draws: int = 3,
    most_needs: int = 3,
    ceasing: tuple[str, ...] = ("none", "some", "certain"),
) -> Features:
    """The sizes and features of a council."""
    return Features(
        draws=draw(st.integers(1, most_draws)),
        needs=draw(st.integers(1, most_needs)),
        placements=draw(st.integers(2, 4)),
        years=draw(st.integers(2, most_years)),
        new_plans=draw(st.booleans()),
        ceasing=draw(st.sampled_from(ceasing)),
        moves=draw(st.booleans()),
        measures=draw(st.integers(0, 2)),
        net_other=draw(st.sampled_from(net_other)),
        profiles=draw(st.tuples(*[st.sampled_from(PROFILES)] * 3)),
        caps=draw(st.sampled_from(caps)),
        shared_rates=draw(st.booleans()),
        shared_stock=draw(st.booleans()),
        shared_cease=draw(st.booleans()),
        arrivals=draw(st.booleans()),
        by_count=draw(st.booleans()),
        seated=draw(st.booleans()),
        seed=draw(st.integers(0, 2**32 - 1)),
    )


def profile(kind: str, chance: np.random.Generator) -> FloatArray:
    """Twelve shares of a year that sum to 1."""
    if kind == "level":
        return np.full(12, 1 / 12)
    if kind == "one_month":
        return np.eye(12)[chance.integers(12)]
    return chance.dirichlet(np.full(12, 0.7))


def shares(chance: np.random.Generator, *shape: int, over: int = 1) -> FloatArray:
    """Random shares, some of them nil, that sum to 1 over the last `over` axes."""
    raw = chance.random(shape) * (chance.random(shape) < 0.8) + 1e-3 * chance.random(shape)
    return raw / raw.sum(axis=tuple(range(-over, 0)), keepdims=True)


def build(chosen: Features) -> Council:
    """Fill the arrays of a council with the chosen features.

    Opening stocks are at most a fifth of the children of any age, new-plan rates at most 4 % and net other 5 % a year,
    so that plans never exceed children over seven years whatever the other rates.
    """
    chance = np.random.default_rng(chosen.seed)
    d, y, n, p = chosen.draws, chosen.years, chosen.needs, chosen.placements
    rate_draws, stock_draws = (1 if shared else d for shared in (chosen.shared_rates, chosen.shared_stock))
    children = (50 + 950 * chance.random()) * (0.9 + 0.2 * chance.random((stock_draws, y, AGES)))
    opening = (0.2 * children.min() * chance.random((stock_draws, AGES)))[:, :, None, None]
    opening = opening * shares(chance, stock_draws, AGES, n, p, over=2)

    rates = quiet_rates(y, n, p, rate_draws)
    changes: dict[str, object] = {
        name: profile(kind, chance)
        for name, kind in zip(("new_profile", "cease_profile", "other_profile"), chosen.profiles, strict=True)
    }
    if chosen.new_plans:
        changes["new_rate"] = 0.04 * chance.random((rate_draws, y, 2, AGES))
        changes["new_share"] = shares(chance, y, AGES, n, p, over=2)
    if chosen.ceasing != "none":
        cease_needs = 1 if chosen.shared_cease else n
        top = 0.5 if chosen.ceasing == "some" else 1.0
        changes["cease"] = top * chance.random((y, AGES, cease_needs, p))
        changes["cease_factor"] = 0.5 + chance.random((rate_draws, y, AGES))
    if chosen.moves:
        changes["move"] = shares(chance, y, AGES, p, p) * 0.5 + 0.5 * np.eye(p)
    if chosen.net_other != "none":
        # Where every plan may cease, nothing is left for a transfer out to come from.
        low = -0.05 if chosen.net_other == "either" and chosen.ceasing != "certain" else 0.0
        changes["other"] = chance.uniform(low, 0.05, (rate_draws, y, AGES))
    if chosen.arrivals and chosen.net_other != "none":
        changes["arrival_rate"] = 0.004 * chance.random((rate_draws, y, AGES))
        changes["arrival_share"] = shares(chance, AGES, n, p, over=2)
    changes |= {"new_by_count": chosen.by_count, "cease_by_count": chosen.by_count, "seated": chosen.seated}
    changes |= measure_shifts(chosen, chance, rates_with(rates, changes), rate_draws)
    changes |= commissioned(chosen, chance, opening, rate_draws)
    return Council(opening, children, rates_with(rates, changes), quiet_clock(y))


def rates_with(rates: FlowRates, changes: dict[str, object]) -> FlowRates:
    """The rates with some fields replaced."""
    return FlowRates(**{**vars(rates), **changes})


def measure_shifts(chosen: Features, chance: np.random.Generator, rates: FlowRates, draws: int) -> dict[str, object]:
    """Shifts of shares and moves towards other valid ones, so that any weights up to 1 in total stay valid."""
    m, y, n, p = chosen.measures, chosen.years, chosen.needs, chosen.placements
    if m == 0:
        return {}
    towards_share = shares(chance, m, y, AGES, n, p, over=2)
    towards_move = shares(chance, m, y, AGES, p, p)
    return {
        "share_shift": (towards_share - rates.new_share) * chance.random((m, 1, 1, 1, 1)),
        "move_shift": (towards_move - rates.move) * chance.random((m, 1, 1, 1, 1)) * chosen.moves,
        "weight": chance.random((draws, m, y)) / m,
    }


def commissioned(chosen: Features, chance: np.random.Generator, opening: FloatArray, draws: int) -> dict[str, object]:
    """Caps on all placements but the last, or on some; those refused go only to placements not yet filled."""
    p = chosen.placements
    if chosen.caps == "none":
        return {}
    low, high = {"loose": (5.0, 9.0), "near": (0.8, 1.3), "overfull": (0.2, 0.9)}[chosen.caps]
    order = chance.permutation(p)
    capped = tuple(int(k) for k in order[: chance.integers(1, min(p, 3))])
    stock = opening.sum(axis=(1, 2)).mean(axis=0)[list(capped)]
    spill = np.zeros((len(capped), p))
    for position in range(len(capped)):
        open_still = order[position + 1 :]
        spill[position, open_still] = chance.dirichlet(np.ones(len(open_still)))
    return {
        "capped": capped,
        "places": stock * chance.uniform(low, high, (draws, chosen.years, len(capped))),
        "spill": spill,
    }


def councils(
    *,
    caps: tuple[str, ...] = CAPS,
    net_other: tuple[str, ...] = ("none", "gain", "either"),
    most_years: int = 4,
) -> st.SearchStrategy[Council]:
    """Small random councils, valid in every respect."""
    return st.builds(build, features(caps=caps, net_other=net_other, most_years=most_years))
