"""How wrong the pooled forecast has been: covariances of log errors over horizons, for plans and for spend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.engine.scenarios import Scenario

if TYPE_CHECKING:
    from hnforecast.assumptions.measures import ScenarioSpec
    from hnforecast.engine.demand import Panel, PanelRead

TAILS = 7.0  # degrees of freedom of the errors' tails: fatter than the normal's
NORMAL_80 = 1.2815515655446004


@lru_cache(maxsize=2)
def read_national(folder: Path) -> PanelRead:
    """The panel of authorities, read strictly and once a process: what a run uses is what its record names.

    Raises:
        InputError: every fault of every file.
    """
    from hnforecast.engine.demand import read_panel

    return read_panel(folder)


def national_panel(folder: Path) -> Panel:
    """The histories of that panel."""
    return read_national(folder).panel


def panel_files(folder: Path) -> dict[Path, str]:
    """The files of a panel that forecasts read, each with the hash of the bytes that were used."""
    return {folder / f"{stem}.csv": sha256 for stem, sha256 in read_national(folder).files.items()}


def last_known(panel: Panel, series: str, census: int) -> int:
    """The last count up to a given one with which a series was published for anyone: outturn comes after plans."""
    values = panel.series(series)
    known = [year for c, year in enumerate(panel.years) if year <= census and np.isfinite(values[:, c]).any()]
    return known[-1] if known else census


def panel_folder(root: Path) -> Path:
    """The project's own panel, or the one shipped with the tool."""
    from hnforecast.base.shipped import shipped_folder

    own = root / "inputs" / "national"
    return own if own.is_dir() else shipped_folder("national")


def needs_panel(specs: Iterable[ScenarioSpec], draws: int) -> bool:
    """Whether a run reads the panel: for a scenario that follows history, and for the spread of the draws."""
    return draws > 1 or any("history" in (spec.demand, spec.prices) for spec in specs)


@dataclass(frozen=True)
class MeasuredSpread:
    """Spread of log errors at one origin.

    Args:
        covariance: series -> (horizon, horizon).
        own: whether it is that of this authority, or of the median authority of the panel.
        origin: the January count up to which errors are known.
        as_drawn: whether what draws give already is found by running them; False for vintages signed before it was.
    """

    covariance: Mapping[str, FloatArray]
    own: bool
    origin: int
    as_drawn: bool = False

    @classmethod
    def of(cls, root: Path, scenario: Scenario, horizon: int) -> Self:
        """Measure from the panel as known at the base count; an authority it lacks takes the median one's spread.

        Spend is measured up to the last outturn published by then: the vintage starts from its own.
        """
        from hnforecast.engine.demand import HELD, OURS, forecast_series

        manifest = scenario.vintage.manifest
        panel = national_panel(panel_folder(root))
        found: dict[str, FloatArray] = {}
        own = True
        method = HELD if manifest.spend_method == "held_unit_cost" else OURS
        for series in ("total_plans", "spend"):
            origin = last_known(panel, series, manifest.base_census)
            forecast = forecast_series(panel, series, origin, horizon, method)
            code = manifest.authority.old_la_code
            own = own and code in forecast.authorities
            row = forecast.authorities.index(code) if code in forecast.authorities else _median(forecast.spread.local)
            found[series] = np.asarray(forecast.spread.path_covariance(row, horizon), dtype=float)
        return cls(found, own, manifest.base_census, as_drawn=method == OURS)

    def plans(self, horizon: int) -> FloatArray:
        """(horizon, horizon) covariance of log total plans at the January counts ahead."""
        return self.covariance["total_plans"][:horizon, :horizon]

    def spend(self, horizon: int) -> FloatArray:
        """(horizon, horizon) covariance of log spend in the financial years ahead."""
        return self.covariance["spend"][:horizon, :horizon]


def _median(local: FloatArray) -> int:
    return int(np.argsort(local)[len(local) // 2])


def tail_scale(z: FloatArray) -> FloatArray:
    """(draws,) what turns a normal path into one with the tails of the errors, its central 80% unchanged.

    Args:
        z: (draws,) standard normals of their own column.
    """
    from scipy.special import chdtri, ndtr, stdtrit

    chi = chdtri(TAILS, 1.0 - ndtr(z))
    scale: FloatArray = np.sqrt(TAILS / chi) * NORMAL_80 / float(stdtrit(TAILS, 0.9))
    return scale
