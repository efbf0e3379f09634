"""Rolling-origin backtest: stand at each past census, forecast with what was known then, compare with what came.

No later figure can reach a forecast: the panel is cut at the origin before anything is computed (`Panel.known_at`),
and a test changes every later figure and finds every forecast unchanged. What remains is that figures are those of
the latest edition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from hnforecast.base.errors import InputError, Place, Problem
from hnforecast.engine.demand.comparators import COMPARATORS, comparator_log_path
from hnforecast.engine.demand.forecast import HELD, OURS, DemandForecast, forecast_from, method_log_path
from hnforecast.engine.demand.national import LogPath
from hnforecast.engine.demand.panel import Floats, Panel
from hnforecast.history.backtest.scores import (
    COVERAGES,
    YEARS_NEEDED,
    Scored,
    Scores,
    averages,
    score,
    scored,
    series_to_score,
    third,
)
from hnforecast.history.backtest.statsmodels_comparators import STATSMODELS_COMPARATORS

if TYPE_CHECKING:
    from pandas import DataFrame

ORIGINS = tuple(range(2018, 2025))
HORIZONS = 5
SIZES = ("small", "medium", "large")
COLUMNS = ["series", "method", "horizon", "n", "mape", "mase", "bias_pct", "pinball", *COVERAGES]

BY_ORIGIN = ["series", "origin", "horizon", "n", "mape", "bias_pct", "cover80"]


@dataclass(frozen=True)
class Backtest:
    """What a backtest measured.

    Args:
        accuracy: one row per series, method and horizon; percentages 0-100; errors averaged over authorities, then
        origins. by_size: the same with a column `size`: thirds of the scored authorities by their last value.
        authorities: series -> number of authorities scored. origins: the census years forecast from.
        depth: (series, horizon) -> number of origins behind our own row of the table.
        by_origin: one row per series, origin and horizon of our own method: national surprises show here alone.
    """

    accuracy: DataFrame
    by_size: DataFrame
    authorities: dict[str, int]
    origins: tuple[int, ...]
    depth: dict[tuple[str, int], int]
    by_origin: DataFrame


def usable_origins(panel: Panel, origins: Iterable[int]) -> tuple[int, ...]:
    """Those of some years that are censuses of the panel with a later census to compare with."""
    return tuple(origin for origin in origins if origin in panel.years[:-1])


def count_steps(panel: Panel, origins: Iterable[int] = ORIGINS, comparators: Literal["fast", "all"] = "fast") -> int:
    """How often `run_backtest` reports progress, methods and series being the default."""
    names = series_to_score(panel)
    fitted = len(STATSMODELS_COMPARATORS) if comparators == "all" and "total_plans" in names else 0
    held = int("spend" in names)
    return len(usable_origins(panel, origins)) * (len(names) * (1 + len(COMPARATORS)) + held + fitted)


def run_backtest(
    panel: Panel,
    origins: Iterable[int] = ORIGINS,
    horizons: int = HORIZONS,
    methods: Iterable[str] | None = None,
    comparators: Literal["fast", "all"] = "fast",
    series: Iterable[str] | None = None,
    progress: Callable[[str, str], None] = lambda series, method: None,
) -> Backtest:
    """Score methods on a panel over rolling origins.

    Args:
        panel: any panel; series and authorities it cannot support are left out.
        origins: census years to forecast from; those outside the panel are passed over.
        horizons: years ahead.
        methods: names; default "hnforecast" and every array comparator.
        comparators: "all" adds the methods fitted authority by authority, on total plans only (minutes).
        series: names; default all the panel supports.
        progress: called with the series and the method after each origin scored.

    Returns:
        Backtest.

    Raises:
        InputError: no authority has a history long and large enough at any origin.
    """
    import pandas as pd

    names = list(series) if series is not None else series_to_score(panel)
    chosen = {name: method_log_path(name) for name in (methods or (OURS, *COMPARATORS))}
    known_origins = usable_origins(panel, origins)
    rows: list[dict[str, object]] = []
    size_rows: list[dict[str, object]] = []
    origin_rows: list[dict[str, object]] = []
    depth: dict[tuple[str, int], int] = {}
    for name in names:
        where = scored(panel, name)
        paths = dict(chosen)
        if methods is None and name == "spend":
            paths[HELD] = method_log_path(HELD)
        if comparators == "all" and name == "total_plans":
            paths |= {label: comparator_log_path(fit) for label, fit in STATSMODELS_COMPARATORS.items()}
        for method, predict in paths.items():
            remembered = remember(predict, horizons)
            by_origin: dict[int, Scores] = {}
            for origin in known_origins:
                found = _score_origin(panel, name, origin, horizons, method, remembered, where)
                if found is not None:
                    by_origin[origin] = found
                progress(name, method)
            if method == OURS:
                own = _each_origin(name, by_origin, horizons)
                depth |= {(name, h + 1): sum(row["horizon"] == h + 1 for row in own) for h in range(horizons)}
                origin_rows += own
            labels: dict[str, object] = {"series": name, "method": method}
            scores = list(by_origin.values())
            rows += _summarise(scores, labels, horizons, None)
            for which, size in enumerate(SIZES):
                size_rows += _summarise(scores, labels | {"size": size}, horizons, which)
    if not rows:
        raise InputError(
            Problem(
                "HN366",
                "Nothing in this panel can be backtested.",
                Place(file="ehcp_by_la.csv"),
                f"censuses {panel.years[0]} to {panel.years[-1]}, {len(panel.authorities)} authorities",
                f"authorities with {YEARS_NEEDED} censuses by an origin, each over 100 plans, and a census after it",
                "Add years to the panel, or choose later origins.",
            )
        )
    counts = {name: int(scored(panel, name).rows.sum()) for name in dict.fromkeys(str(row["series"]) for row in rows)}
    return Backtest(
        pd.DataFrame(rows, columns=COLUMNS),
        pd.DataFrame(size_rows, columns=[*COLUMNS[:2], "size", *COLUMNS[2:]]),
        counts,
        known_origins,
        depth,
        pd.DataFrame(origin_rows, columns=BY_ORIGIN),
    )


def remember(predict: LogPath, horizons: int) -> LogPath:
    """The same method, each (series, origin) computed once: measuring the spread at an origin repeats earlier origins.

    Valid for one panel only; every forecast depends on nothing but the panel cut at its origin.
    """
    made: dict[tuple[str, int, int], Floats] = {}

    def recalled(past: Panel, name: str, ahead: int) -> Floats:
        key = (name, past.years[-1], len(past.authorities))
        if key not in made:
            made[key] = predict(past, name, horizons)
        return made[key][:, :ahead]

    return recalled


def _score_origin(
    panel: Panel, name: str, origin: int, horizons: int, method: str, predict: LogPath, where: Scored
) -> Scores | None:
    column = panel.years.index(origin)
    if column + 1 - where.first < YEARS_NEEDED or not where.rows.any():
        return None
    values = panel.series(name)
    past = panel.known_at(origin)
    if method not in (OURS, HELD):
        # The simple formulas see the scored authorities alone, their own "panel in use"; ours sees all there is to
        # learn from.
        past = past.subset(where.rows)
        made = forecast_from(past, name, horizons, predict, method)
    else:
        made = _only(forecast_from(past, name, horizons, predict, method), where)
    outcome = np.full((int(where.rows.sum()), horizons), np.nan)
    ahead = min(horizons, values.shape[1] - column - 1)
    outcome[:, :ahead] = values[where.rows, column + 1 : column + 1 + ahead]
    if not np.isfinite(outcome).any():
        return None
    return score(made, values[where.rows, where.first : column + 1], outcome)


def _only(forecast: DemandForecast, where: Scored) -> DemandForecast:
    codes = tuple(code for code, kept in zip(forecast.authorities, where.rows, strict=True) if kept)
    return replace(
        forecast, authorities=codes, central=forecast.central[where.rows], log_sd=forecast.log_sd[where.rows]
    )


def _each_origin(name: str, by_origin: dict[int, Scores], horizons: int) -> list[dict[str, object]]:
    """Rows of one series by origin and horizon, where an outcome is known."""
    rows: list[dict[str, object]] = []
    for origin, found in by_origin.items():
        for column in range(horizons):
            if measured := averages(found, found.last > 0, column):
                labels: dict[str, object] = {"series": name, "origin": origin, "horizon": column + 1}
                rows.append(labels | {key: measured[key] for key in BY_ORIGIN[3:]})
    return rows


def _summarise(
    by_origin: list[Scores], labels: dict[str, object], horizons: int, which: int | None
) -> list[dict[str, object]]:
    """Rows of the table: authorities averaged first, then origins, so that each origin counts alike."""
    rows: list[dict[str, object]] = []
    for column in range(horizons):
        kept = []
        for found in by_origin:
            part = np.ones(len(found.last), dtype=bool) if which is None else third(found.last, which)
            if measured := averages(found, part, column):
                kept.append(measured)
        if kept:
            means = {name: float(np.mean([measured[name] for measured in kept])) for name in kept[0]}
            means["n"] = sum(measured["n"] for measured in kept)
            rows.append(labels | {"horizon": column + 1} | means | {"n": int(means["n"])})
    return rows
