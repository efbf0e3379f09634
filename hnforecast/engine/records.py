"""What a forecast is: a scenario's central run with its workings, every draw around it, and what is shared by a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hnforecast.assumptions import Vintage
from hnforecast.base.axes import FloatArray
from hnforecast.engine.checks import CheckResult
from hnforecast.engine.demand_path import HistoryPath
from hnforecast.engine.ensemble import Ensemble, Shocks
from hnforecast.engine.method import Result, WindowFactor
from hnforecast.engine.published import Comparison, Published
from hnforecast.engine.savings import Saving
from hnforecast.engine.scenarios import Scenario


@dataclass(frozen=True)
class Project:
    """A council's folder and the vintage a run uses."""

    root: Path
    vintage: Vintage


@dataclass(frozen=True)
class Forecast(Result):
    """A scenario's forecast: the central run, one draw, by month from the February before the base count, and about it.

    Args:
        scenario: resolved.
        checks: identities of the central run.
        calibration: comparisons with published figures, each calibrated to or predicted.
        ensemble: every draw; None for the central run alone.
        notes: what a reader must know of it, in sentences.
        savings: what each measure saves; empty without measures or where not asked for.
        factors: January count -> (1,) multiplier put on new plans so that the total follows the demand path.
        history: what the scenario takes from history across authorities; empty where it takes nothing.
    """

    scenario: Scenario
    checks: tuple[CheckResult, ...]
    calibration: tuple[Comparison, ...]
    ensemble: Ensemble | None
    notes: tuple[str, ...]
    savings: tuple[Saving, ...]
    factors: WindowFactor
    history: HistoryPath

    @property
    def window_factor(self) -> dict[int, float]:
        """January count -> multiplier put on new plans."""
        return {census: float(value[0]) for census, value in self.factors.items()}

    @property
    def demand_path(self) -> Mapping[int, float]:
        """January count -> plans forecast from history across authorities; empty where not asked for."""
        return self.history.plans

    @property
    def history_growth(self) -> dict[int, float]:
        """Financial year -> growth of prices taken from history; empty where indices are used."""
        return {year: float(value[0]) for year, value in self.history.price_growth.items()}


@dataclass
class Shared:
    """Work that scenarios of one vintage, horizon, number of draws and set of overrides have in common.

    Args:
        normals: gives the block of draws, where another process is making it.
    """

    normals: Callable[[], FloatArray] | None = None
    shocks: Shocks | None = None
    published: Published | None = None
    savings: dict[tuple[object, ...], tuple[Saving, ...]] = field(default_factory=dict)
