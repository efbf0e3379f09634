"""Choosing deliveries on a surface: every set of measures that can be run, and in each the least that is enough."""

from __future__ import annotations

from collections.abc import Callable
from statistics import NormalDist
from typing import Literal

import numpy as np

from hnforecast.assumptions import Measure
from hnforecast.base.axes import FloatArray
from hnforecast.questions.targets.seek import tidy
from hnforecast.questions.targets.surface import Option, Surface, closed

Objective = Literal["cheapest", "deliverable"]
OBJECTIVES: tuple[Objective, ...] = ("cheapest", "deliverable")
SOLVED = 40  # sets whose deliveries are worked out, the cheapest first
SURE_WEIGHT = 1_000.0  # pounds that a halved chance of delivery is worth between mixes that cost alike
FAINT = 1e-9  # chance below which a delivery is as good as never reached


def choose(surface: Surface, objective: Objective, wanted: float) -> FloatArray:
    """(m,) deliveries at which the surface has at least the wanted margin, best by the objective.

    Where none has, those at which it is largest.
    """
    sets = _sets(surface.options)
    full = sets * surface.caps
    margins = surface.margin(full)
    enough = np.nonzero(margins >= wanted)[0]
    if not enough.size:
        return _rounded(_largest(surface, full[int(np.argmax(margins))]), surface)
    price = _objective(surface.options, objective)
    bound = np.array([_bound(surface.options, objective, row) for row in sets[enough]])
    best, least = full[enough[0]], np.inf
    for k in np.argsort(bound, kind="stable")[:SOLVED]:
        if bound[k] >= least:
            break
        found = _least(surface, full[enough[k]], price, wanted)
        worth = price(found)
        if worth < least and float(surface.margin(found[None, :])[0]) >= wanted - 1.0:
            best, least = found, worth
    return _rounded(best, surface)


def log_sure(options: tuple[Option, ...], deliveries: FloatArray) -> float:
    """Log of the chance that every measure delivers at least what is asked of it, were they independent."""
    return float(sum(np.log(sure(option.measure, x)) for option, x in zip(options, deliveries, strict=True)))


def sure(measure: Measure, delivery: float) -> float:
    """Chance that a measure delivers at least so much, from its interval; certain where nothing is asked."""
    interval, centre = measure.delivery.interval, measure.delivery.at(0)
    if delivery <= 0 or interval is None:
        return 1.0
    reach = NormalDist().inv_cdf(0.5 + interval.level / 2.0)
    width = (interval.high - centre if delivery > centre else centre - interval.low) / reach
    if width == 0:
        return 1.0 if delivery <= centre else FAINT
    return max(FAINT, 1.0 - NormalDist().cdf((delivery - centre) / width))


def _objective(options: tuple[Option, ...], objective: Objective) -> Callable[[FloatArray], float]:
    if objective == "deliverable":
        return lambda deliveries: -log_sure(options, deliveries)
    return lambda deliveries: cost_of(options, deliveries) - SURE_WEIGHT * log_sure(options, deliveries)


def _bound(options: tuple[Option, ...], objective: Objective, members: FloatArray) -> float:
    """The least the objective can be for a set: what it costs to run at all; how few there are to deliver."""
    if objective == "cheapest":
        return float(sum(option.fixed for option, member in zip(options, members, strict=True) if member))
    return float(members.sum() < 0)  # nil for every set: the chance of delivery may always be near certain


def _sets(options: tuple[Option, ...]) -> FloatArray:
    """(set, m) every set of measures that holds all its members need, the largest first."""
    count = len(options)
    every = ((np.arange(2**count)[:, None] >> np.arange(count)) & 1).astype(float)
    whole = np.array([np.array_equal(closed(row, options), row) for row in every])
    kept = every[whole]
    return np.asarray(kept[np.argsort(-kept.sum(axis=1), kind="stable")])


def _least(surface: Surface, start: FloatArray, price: Callable[[FloatArray], float], wanted: float) -> FloatArray:
    """The deliveries of a set at the least price, its members no lower than a twentieth of their caps."""
    from scipy.optimize import minimize

    inside = np.nonzero(start > 0)[0]

    def whole(part: FloatArray) -> FloatArray:
        deliveries = np.zeros(len(start))
        deliveries[inside] = part
        return deliveries

    bounds = [(0.05 * cap, cap) for cap in surface.caps[inside]]
    scale = max(1.0, abs(price(start)))
    found = minimize(
        lambda part: price(whole(part)) / scale, start[inside], bounds=bounds, method="SLSQP",
        constraints=[{"type": "ineq", "fun": lambda part: (surface.margin(whole(part)[None, :])[0] - wanted) / 1e6}],
        options={"maxiter": 60, "ftol": 1e-7},
    )  # fmt: skip
    deliveries = whole(np.clip(found.x, 0.0, surface.caps[inside]))
    return deliveries if price(deliveries) <= price(start) else start.copy()


def _largest(surface: Surface, start: FloatArray) -> FloatArray:
    """The deliveries of a set with the largest margin."""
    from scipy.optimize import minimize

    inside = np.nonzero(start > 0)[0]
    if not inside.size:
        return start

    def short(part: FloatArray) -> float:
        deliveries = np.zeros(len(start))
        deliveries[inside] = part
        return -float(surface.margin(deliveries[None, :])[0]) / 1e6

    bounds = [(0.05 * cap, cap) for cap in surface.caps[inside]]
    found = minimize(short, start[inside], bounds=bounds, method="SLSQP", options={"maxiter": 60})
    deliveries: FloatArray = np.zeros(len(start))
    deliveries[inside] = found.x
    return deliveries if short(found.x) < short(start[inside]) else start


def _rounded(deliveries: FloatArray, surface: Surface) -> FloatArray:
    """Deliveries that a person can type, up rather than down so that the goal is kept."""
    typed = np.array([tidy(float(np.ceil(x * 1e4) / 1e4)) for x in deliveries])
    return np.asarray(np.minimum(typed, surface.caps))


def cost_of(options: tuple[Option, ...], deliveries: FloatArray) -> float:
    """Pounds found for a mix to the goal's year, on any budget."""
    return float(sum(option.cost(x) for option, x in zip(options, deliveries, strict=True)))
