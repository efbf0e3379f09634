"""What the charts of a run are drawn from: plain arrays and words, so that another process may draw them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hnforecast.base.axes import FloatArray

if TYPE_CHECKING:
    from hnforecast.base.codes import Codes
    from hnforecast.base.record import RunRecord
    from hnforecast.engine.records import Forecast

FAN = (0.1, 0.2, 0.5, 0.8, 0.9)  # levels of the signed balance
YEARS_AHEAD = 5  # further than this no backtest reaches


@dataclass(frozen=True)
class ChartSavings:
    """What the measures of one scenario save.

    Args:
        scenario: its name.
        measures: titles (m).
        yearly: (m, f) pounds by financial year, positive is better, nought in outturn years.
        span: (2, f) p10 and p90 of all measures together; None with one draw.
    """

    scenario: str
    measures: tuple[str, ...]
    yearly: FloatArray
    span: FloatArray | None


@dataclass(frozen=True)
class ChartData:
    """Everything on the charts of a run.

    Args:
        source: line under each chart: the program, the council, the run, the price basis.
        scenarios: names (s).
        years: first calendar years of the financial years (f); first_forecast: the first that is not outturn.
        censuses: January counts (c).
        gross_closing: (s, f) signed pounds.
        fan: scenario -> (5, f) quantiles of it at FAN, where there are draws.
        agreed: (f,) agreed profile, NaN where not known.
        groups, plans: the Department's placement groups (g), and plans (s, g, c).
        lines, spend: section 251 lines with what they are (l), and net spend (s, l, f) pounds.
        savings: one a scenario that has measures.
    """

    source: str
    scenarios: tuple[str, ...]
    years: tuple[int, ...]
    first_forecast: int
    censuses: tuple[int, ...]
    gross_closing: FloatArray
    fan: dict[str, FloatArray]
    agreed: FloatArray
    groups: tuple[str, ...]
    plans: FloatArray
    lines: tuple[str, ...]
    spend: FloatArray
    savings: tuple[ChartSavings, ...] = ()

    @property
    def milestone(self) -> int:
        """The position of the year a single figure is read at: five years ahead, or where an agreement ends later."""
        known = [f for f in range(len(self.years)) if np.isfinite(self.agreed[f])]
        first = self.years.index(self.first_forecast) if self.first_forecast in self.years else 0
        return min(max([first + YEARS_AHEAD - 1, *known]), len(self.years) - 1)


def chart_data(forecasts: Sequence[Forecast], codes: Codes, record: RunRecord) -> ChartData:
    """Gather what the charts of a run show.

    Args:
        forecasts: one a scenario, of one clock.
        codes: the code lists, for groups and labels.
        record: whose id is printed on each chart.
    """
    council = forecasts[0].scenario.vintage.manifest.authority.name
    clock = forecasts[0].clock
    lines = [line for line in codes.lines if any(_line(forecast, line).any() for forecast in forecasts)]
    fan = {}
    for forecast in forecasts:
        ensemble = forecast.ensemble
        if ensemble is not None and ensemble.account.gross_closing.shape[0] > 1:
            fan[forecast.scenario.name] = np.quantile(ensemble.account.gross_closing, FAN, axis=0)
    return ChartData(
        source=f"Source: hnforecast {record.version}, {council}, run {record.run_id}. Cash prices.",
        scenarios=tuple(forecast.scenario.name for forecast in forecasts),
        years=clock.financial_years,
        first_forecast=clock.first_forecast,
        censuses=clock.censuses,
        gross_closing=np.stack([forecast.account.gross_closing[0] for forecast in forecasts]),
        fan=fan,
        agreed=forecasts[0].account.agreed_gross_closing,
        groups=codes.group_order,
        plans=np.stack([_by_group(forecast, codes) for forecast in forecasts]),
        lines=tuple(f"{line} {codes.line_labels[line]}" for line in lines),
        spend=np.stack([[_line(forecast, line) for line in lines] for forecast in forecasts]),
        savings=tuple(_savings(forecast) for forecast in forecasts if forecast.savings),
    )


def _savings(forecast: Forecast) -> ChartSavings:
    clock = forecast.clock
    measures = forecast.scenario.vintage.measures
    outturn = sum(year < clock.first_forecast for year in clock.financial_years)
    yearly = np.stack([np.concatenate([np.zeros(outturn), saving.central]) for saving in forecast.savings])
    drawn = [saving.draws for saving in forecast.savings if saving.draws is not None]
    span = None
    if len(drawn) == len(forecast.savings) and drawn[0].shape[0] > 1:
        together = np.quantile(sum(drawn), (0.1, 0.9), axis=0)
        span = np.concatenate([np.zeros((2, outturn)), together], axis=1)
    return ChartSavings(
        forecast.scenario.name, tuple(measures[saving.measure].title for saving in forecast.savings), yearly, span
    )


def _by_group(forecast: Forecast, codes: Codes) -> FloatArray:
    """(group, census): January counts."""
    january = forecast.plans.january[0].sum(axis=1)
    columns = [[codes.placements.index(name) for name in codes.placements_in(group)] for group in codes.group_order]
    return np.stack([january[:, chosen].sum(axis=1) for chosen in columns])


def _line(forecast: Forecast, line: str) -> FloatArray:
    """(f,): what the account bears on one line, net of income."""
    spend = forecast.spend
    chosen = [r for r, row in enumerate(spend.rows) if row.s251_line == line and row.in_account]
    total: FloatArray = spend.by_year[0][:, chosen].sum(axis=-1)
    return total
