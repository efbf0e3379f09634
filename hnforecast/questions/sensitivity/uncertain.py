"""Every uncertain driver of a scenario with its 10th and 90th percentile, and the quantity that is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from hnforecast.assumptions import Interval
from hnforecast.base.axes import FloatArray
from hnforecast.engine.draws.sample import SHARE_UNITS, two_piece
from hnforecast.engine.drivers.support import account_rules
from hnforecast.engine.model.account import settle_account
from hnforecast.questions.targets.levers import lever_label
from hnforecast.questions.targets.trials import Trials

Z_90 = 1.2815515655446004


@dataclass(frozen=True)
class Quantity:
    """What is read: the in-year position of a year, or the balance at its end, support included."""

    name: Literal["in_year", "closing"]
    year: int

    def of_lanes(self, trials: Trials, positions: FloatArray) -> FloatArray:
        """(lane,) pounds, from in-year positions of the forecast years.

        Args:
            positions: (lane, f) from the first forecast year on, at least to this quantity's year.
        """
        if self.name == "in_year":
            found: FloatArray = positions[:, trials.years.index(self.year)]
            return found
        forecast = trials.forecast
        clock, scenario = forecast.clock, forecast.scenario
        outturn = forecast.account.in_year[:, : len(clock.financial_years) - len(trials.years)]
        whole = np.concatenate([np.broadcast_to(outturn, (len(positions), outturn.shape[1])), positions], axis=1)
        years = clock.financial_years[: whole.shape[1]]
        # support whose terms are drawn keeps its central value: a lane moves one driver alone
        rules = account_rules(scenario.vintage, years, scenario.spec, whole, trials.pinned_only())
        account = settle_account(whole, np.zeros_like(whole), rules)
        closing: FloatArray = account.closing[:, years.index(self.year)]
        return closing

    def of_forecast(self, trials: Trials, drawn: bool) -> FloatArray:
        """(d,) pounds of the central run or of every draw."""
        forecast = trials.forecast
        account = forecast.ensemble.account if drawn and forecast.ensemble is not None else forecast.account
        values: FloatArray = getattr(account, self.name)[:, forecast.clock.at(self.year)]
        return values


@dataclass(frozen=True)
class Uncertain:
    """One uncertain driver.

    Args:
        name: of its column in the ledger: a driver of uncertainty.yaml, or the path of a value.
        path: of what it acts on.
        label: in words.
        kind: value (the value itself), factor (on all of a table or series) or shift (added to every year).
        low, centre, high: at the 10th, 50th and 90th percentile, in the terms of `kind`.
        unit: of the value.
        column: in the block of draws.
    """

    name: str
    path: str
    label: str
    kind: str
    low: float
    centre: float
    high: float
    unit: str
    column: int


def uncertain_drivers(trials: Trials) -> list[Uncertain]:
    """Those that this scenario draws, in ledger order; what the measured errors replace is left out."""
    scenario = trials.forecast.scenario
    vintage = scenario.vintage
    columns = vintage.uncertainty.columns
    run = {measure.name for measure in scenario.measures}
    found: list[Uncertain] = []
    for name, driver in vintage.uncertainty.drivers.items():
        if name not in columns or driver.acts_on in (vintage.demand.new_plans.growth.path, *trials.pinned):
            continue
        if driver.kind == "factor":
            logged = Interval(
                low=np.log(driver.interval.low), high=np.log(driver.interval.high), level=driver.interval.level
            )
            low, high = np.exp(_ends(0.0, logged))
        else:
            low, high = _ends(0.0, driver.interval)
        centre = 1.0 if driver.kind == "factor" else 0.0
        label = lever_label(trials.project.root, vintage, driver.acts_on)
        unit = vintage.values[driver.acts_on].unit
        found.append(Uncertain(name, driver.acts_on, label, driver.kind, low, centre, high, unit, columns[name]))
    for path, sourced in vintage.values.items():
        if sourced.interval is None or sourced.value is None or path not in columns or path in trials.pinned:
            continue
        parts = path.split(".")
        if parts[0] == "measures" and parts[1] not in run:
            continue
        floor, ceiling = SHARE_UNITS.get(sourced.unit, (0.0, np.inf))
        low, high = np.clip(_ends(sourced.value, sourced.interval), floor, ceiling)
        label = lever_label(trials.project.root, vintage, path)
        found.append(Uncertain(path, path, label, "value", low, sourced.value, high, sourced.unit, columns[path]))
    return sorted(found, key=lambda one: one.column)


def _ends(centre: float, interval: Interval) -> FloatArray:
    """The 10th and 90th percentile."""
    return two_piece(centre, interval, np.array([-Z_90, Z_90]))
