"""A council where nothing happens: the smallest valid rates and clock, from which a test changes what it is about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hnforecast.base.axes import AGES, FloatArray
from hnforecast.base.timeline import month
from hnforecast.engine.model.state import Clock, FlowRates


@dataclass(frozen=True)
class Council:
    """Everything the cohort flow takes: opening (d, a, n, p), children (d, y, a), rates and clock."""

    opening: FloatArray
    children: FloatArray
    rates: FlowRates
    clock: Clock

    def changing(self, **rates: Any) -> Council:
        """The same council with some of its rates replaced."""
        return replace(self, rates=replace(self.rates, **rates))


def quiet_clock(years: int, first_census: int = 2024) -> Clock:
    """A clock of so many academic years, the first entered in the February after the first January count."""
    first = first_census - 1
    return Clock(
        months=tuple(range(month(first_census, 2), month(first + years, 9))),
        academic_years=tuple(range(first, first + years)),
        censuses=tuple(range(first_census, first_census + years)),
        financial_years=tuple(range(first_census, first_census + years - 1)),
        first_forecast=first_census + 1,
    )


def quiet_rates(years: int, needs: int = 1, placements: int = 1, draws: int = 1) -> FlowRates:
    """No new plans, no ceasing, no moves, no net other, no measures, no caps; level months; all new plans in cell 0."""
    new_share = np.zeros((years, AGES, needs, placements))
    new_share[:, :, 0, 0] = 1
    level = np.full(12, 1 / 12)
    return FlowRates(
        new_rate=np.zeros((draws, years, 2, AGES)),
        new_share=new_share,
        share_shift=np.zeros((0, years, AGES, needs, placements)),
        cease=np.zeros((years, AGES, needs, placements)),
        cease_factor=np.ones((draws, years, AGES)),
        move=np.broadcast_to(np.eye(placements), (years, AGES, placements, placements)).copy(),
        move_shift=np.zeros((0, years, AGES, placements, placements)),
        weight=np.zeros((draws, 0, years)),
        other=np.zeros((draws, years, AGES)),
        arrival_rate=np.zeros((draws, years, AGES)),
        arrival_share=np.zeros((AGES, needs, placements)),
        new_profile=level,
        cease_profile=level,
        other_profile=level,
        capped=(),
        places=np.zeros((draws, years, 0)),
        spill=np.zeros((0, placements)),
    )


def quiet_council(
    years: int, needs: int = 1, placements: int = 1, draws: int = 1, children: float = 1000.0, first_census: int = 2024
) -> Council:
    """A council of so many children at each age, no plans open and nothing happening."""
    return Council(
        opening=np.zeros((draws, AGES, needs, placements)),
        children=np.full((draws, years, AGES), children),
        rates=quiet_rates(years, needs, placements, draws),
        clock=quiet_clock(years, first_census),
    )
