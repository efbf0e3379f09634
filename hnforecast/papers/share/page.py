"""What the public page is made from: the forecasts of a run, the grid of settings, the chances around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hnforecast.base.record import RunRecord
from hnforecast.engine.records import Forecast
from hnforecast.papers.share.grid import Chance, Grid


@dataclass(frozen=True)
class Page:
    """What a page is made from.

    Args:
        forecasts: one a scenario, all of one vintage, the plan of the grid among them.
        grid: of the plan. chance: draws around any setting, or None for the central run alone.
        record: of the run.
        root: the council folder, for the accuracy last measured there.
    """

    forecasts: Sequence[Forecast]
    grid: Grid
    chance: Chance | None
    record: RunRecord
    root: Path

    @property
    def plan(self) -> Forecast:
        """The forecast whose measures are offered."""
        return next(forecast for forecast in self.forecasts if forecast.scenario.name == self.grid.plan)
