"""An invented council for timing: everything that may differ by draw does, every flow is at work."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hnforecast.base.axes import AGES, FloatArray
from hnforecast.base.timeline import month
from hnforecast.engine.model.state import Clock, FlowRates

FIRST_CENSUS = 2026


@dataclass(frozen=True)
class Council:
    """Arguments of flow_plans."""

    opening: FloatArray
    children: FloatArray
    rates: FlowRates
    clock: Clock


def make_council(
    draws: int, years: int, needs: int, placements: int, hazard_needs: int = 1, capped: int = 0, changing: bool = False
) -> Council:
    """A council of some 15,000 plans, the same for the same arguments.

    Args:
        draws, needs, placements: sizes.
        years: whole years after the opening January count.
        hazard_needs: 1 where hazards do not differ by need, else needs.
        capped: placements with commissioned places, of which some draws have too few.
        changing: hazards differ in every year.
    """
    chance, touched = np.random.default_rng(1), years + 1
    level, every = np.full(12, 1 / 12), np.ones((draws, touched, AGES))
    share = chance.random((AGES, needs, placements))
    share /= share.sum(axis=(1, 2), keepdims=True)
    hazard = np.where(np.arange(AGES) < 16, 0.005, 0.3)[:, None, None]
    hazard = hazard * chance.uniform(0.5, 1.5, (AGES, hazard_needs, placements))
    move = 0.9 * np.eye(placements) + 0.1 * chance.dirichlet(np.ones(placements), (AGES, placements))
    trend = 1 + 0.01 * changing * np.arange(touched)[None, :, None]
    opening = chance.random((1, AGES, needs, placements))
    spill = np.zeros((capped, placements))
    spill[:, -1] = 1.0

    def drawn(spread: float) -> FloatArray:
        return np.asarray(np.exp(spread * chance.standard_normal((draws, 1, 1))) * every)

    rates = FlowRates(
        new_rate=0.008 * np.stack([drawn(0.1), drawn(0.1)], axis=2),
        new_share=np.broadcast_to(share, (touched, *share.shape)),
        share_shift=np.zeros((0, touched, AGES, needs, placements)),
        cease=np.broadcast_to(hazard, (touched, *hazard.shape)),
        cease_factor=drawn(0.1) * trend,
        move=np.broadcast_to(move, (touched, *move.shape)),
        move_shift=np.zeros((0, touched, AGES, placements, placements)),
        weight=np.zeros((1, 0, touched)),
        other=0.005 * chance.standard_normal((draws, 1, 1)) * every,
        new_profile=level,
        cease_profile=level,
        other_profile=level,
        capped=tuple(range(capped)),
        places=2000.0 * drawn(0.02)[:, :, :capped],
        spill=spill,
    )
    return Council(opening * 15000 / opening.sum(), 20000 * drawn(0.02), rates, _clock(touched))


def _clock(touched: int) -> Clock:
    first = FIRST_CENSUS - 1
    return Clock(
        months=tuple(range(month(FIRST_CENSUS, 2), month(first + touched, 9))),
        academic_years=tuple(range(first, first + touched)),
        censuses=tuple(range(FIRST_CENSUS, FIRST_CENSUS + touched)),
        financial_years=tuple(range(FIRST_CENSUS, FIRST_CENSUS + touched - 1)),
        first_forecast=FIRST_CENSUS + 1,
    )
