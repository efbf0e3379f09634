"""The tornado: the quantity at each driver's 10th and 90th percentile, every other driver central, all in one pass."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.ensemble import PLANS_COLUMN, Shocks, run_ensemble
from hnforecast.engine.method import lean_result
from hnforecast.questions.sensitivity.uncertain import Quantity, Uncertain, uncertain_drivers
from hnforecast.questions.targets.trials import Trials

SHOCK_DRAWS = 1024  # from which the percentiles of measured errors are read where the forecast has no draws
MEASURED = {
    "measured_plans": "Number of plans: measured error",
    "measured_cost": "Unit cost: measured error",
}


@dataclass(frozen=True)
class Bar:
    """One driver's bar.

    Args:
        driver: which; the measured errors have driver values that are percentiles, 0.1 and 0.9.
        at_low, at_high: the quantity at the driver's 10th and 90th percentile, pounds.
        base: the quantity at the central values.
    """

    driver: Uncertain
    at_low: float
    at_high: float
    base: float

    @property
    def swing(self) -> float:
        """Pounds between the two ends."""
        return abs(self.at_high - self.at_low)


def tornado(trials: Trials, quantity: Quantity, shocks: Shocks | None = None) -> list[Bar]:
    """Every driver's bar, the widest first.

    Args:
        quantity: what is read.
        shocks: whose measured errors are used; those of the trials by default, or drawn anew where they have none.
    """
    drivers = uncertain_drivers(trials)
    values = np.array([end for driver in drivers for end in (driver.low, driver.high)])
    positions = lanes_of(trials, drivers, values, quantity.year)
    read = quantity.of_lanes(trials, positions)
    base = float(read[-1])
    bars = [Bar(driver, float(read[2 * i]), float(read[2 * i + 1]), base) for i, driver in enumerate(drivers)]
    bars += _measured(trials, quantity, shocks or trials.shocks or trials.quick_shocks(SHOCK_DRAWS), base)
    return sorted(bars, key=lambda bar: -bar.swing)


def lanes_of(trials: Trials, drivers: list[Uncertain], values: FloatArray, last: int) -> FloatArray:
    """(2 x driver + 1, f) in-year positions with each driver at its two values in turn, then with none moved."""
    size = 2 * len(drivers) + 1
    drawn = Drawn(size, pinned=trials.pinned)
    tables: dict[str, dict[str, FloatArray]] = {"value": {}, "factor": {}, "shift": {}}
    for i, driver in enumerate(drivers):
        lane = np.full(size, driver.centre)
        lane[2 * i : 2 * i + 2] = values[2 * i : 2 * i + 2]
        tables[driver.kind][driver.path] = lane
    drawn = replace(drawn, values=tables["value"], factors=tables["factor"], shifts=tables["shift"])
    years = trials.years.index(last) + 1
    lean = lean_result(trials.forecast.scenario, years, drawn, trials.factor, trials.history.price_growth, threads=2)
    return np.broadcast_to(lean.in_year, (size, years))


def _measured(trials: Trials, quantity: Quantity, shocks: Shocks, base: float) -> list[Bar]:
    """Plans, and cost beyond drawn prices, at the 10th and 90th percentile of their measured errors, every year alike.

    Five draws whose normals are nil: every driver at its centre, the errors at their percentiles, and none moved.
    """
    ends = [0.1, 0.9]
    errors = shocks.cost_of(trials.forecast.scenario.spec.prices)
    plans, cost = np.quantile(shocks.plans, ends, axis=0), np.quantile(errors, ends, axis=0)
    still = np.zeros_like(plans[:1]), np.ones_like(cost[:1])
    lanes = Shocks(
        np.zeros((5, shocks.normals.shape[1])),
        np.concatenate([plans, *[still[0]] * 3]),
        np.concatenate([*[still[1]] * 2, cost, still[1]]),
    )
    ensemble = run_ensemble(
        trials.forecast.scenario, trials.forecast, lanes, trials.factor, trials.history.price_growth, trials.pinned
    )
    f = trials.forecast.clock.at(quantity.year)
    read = getattr(ensemble.account, quantity.name)[:, f]
    # plans that follow their own central path in every window differ from the central run by rounding of the response
    read = read - read[4] + base
    found = []
    for i, (name, label) in enumerate(MEASURED.items()):
        driver = Uncertain(name, name, label, "percentile", 0.1, 0.5, 0.9, "share", PLANS_COLUMN)
        found.append(Bar(driver, float(read[2 * i]), float(read[2 * i + 1]), base))
    return found
