"""What each measure saves: the difference it makes, never a number typed in; the parts add up to the whole.

Every set of measures is one lane of the draw axis: delivery is set to its central value for the measures in the set
and to nothing for the rest, so that 2^M sets are one pass of the model. A measure's share of the joint effect is
Shapley's: its mean effect over the orders in which the measures could have been added. Beyond eleven measures orders
are sampled, with antithetic pairs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.base.shapley import sampled_orders, sampled_shares, shapley_shares
from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.drivers.prices import HistoryGrowth
from hnforecast.engine.method import WindowFactor, lean_result
from hnforecast.engine.scenarios import Scenario

MOST_EXACT = 11  # measures whose sets are all run: 2,048 lanes
PAIRS = 64  # sampled orders beyond that, each with its reverse


@dataclass(frozen=True)
class Saving:
    """What one measure saves.

    Args:
        measure: its name.
        central: (f,) pounds by forecast year, net of its delivery costs, block transfers it brings included; positive
            is better.
        draws: (d, f) the same in every draw, or None for the central run alone.
        alone: (f,) what it would save with no other measure.
    """

    measure: str
    central: FloatArray
    draws: FloatArray | None
    alone: FloatArray


def savings_by_measure(
    scenario: Scenario,
    horizon: int,
    pinned: dict[str, float],
    window_factor: WindowFactor,
    price_growth: HistoryGrowth,
    joint: FloatArray | None = None,
    threads: int = 1,
) -> tuple[Saving, ...]:
    """Shapley's share of the improvement in the in-year position that each measure of a scenario makes.

    Args:
        horizon: forecast years.
        pinned: what the scenario pins, such as low delivery.
        joint: (d, f) improvement of all measures together in each draw, to be shared as in the central run; None for
            central only.
    """
    names = [measure.name for measure in scenario.measures]
    if not names:
        return ()
    lanes = _lanes(len(names))
    values = {}
    for position, measure in enumerate(scenario.measures):
        full = pinned.get(measure.delivery.path, measure.delivery.at(0))
        values[measure.delivery.path] = full * lanes[:, position]
    drawn = Drawn(len(lanes), values, pinned={path: value for path, value in pinned.items() if path not in values})
    result = lean_result(scenario, horizon, drawn, window_factor, price_growth, threads)
    worth_of_sets = result.in_year
    worth = worth_of_sets - worth_of_sets[_lane_of(lanes, np.zeros(len(names)))]
    shares = _shares(lanes, worth)
    whole = worth[_lane_of(lanes, np.ones(len(names)))]
    part = np.divide(shares, whole, out=np.zeros_like(shares), where=np.abs(whole) > 1.0)
    return tuple(
        Saving(
            name,
            shares[m],
            None if joint is None else joint * part[m],
            worth[_lane_of(lanes, np.eye(len(names))[m])],
        )
        for m, name in enumerate(names)
    )


def tied_to(savings: tuple[Saving, ...], whole: FloatArray) -> tuple[Saving, ...]:
    """The same shares, made to add up to what the monthly runs with and without the measures differ by.

    Sets of measures are costed by segments of months, whose mean price is a little off while a price measure builds up;
    what is left, some hundredths of a per cent, is spread by the size of each share.

    Args:
        whole: (f,) pounds by forecast year.
    """
    shares = np.array([saving.central for saving in savings])
    sizes = np.abs(shares)
    weight = np.divide(sizes, sizes.sum(axis=0), out=np.full_like(sizes, 1.0 / len(sizes)), where=sizes.sum(axis=0) > 0)
    shares = shares + weight * (whole - shares.sum(axis=0))
    return tuple(replace(saving, central=share) for saving, share in zip(savings, shares, strict=True))


def _lanes(measures: int) -> FloatArray:
    """(set, measure) 1 where the measure is in the set: every set, or those along sampled orders."""
    if measures <= MOST_EXACT:
        sets = np.arange(2**measures)
        return ((sets[:, None] >> np.arange(measures)) & 1).astype(float)
    found = {(0,) * measures: None}
    for order in sampled_orders(measures, PAIRS):
        members = np.zeros(measures, dtype=int)
        for m in order:
            members[m] = 1
            found.setdefault(tuple(members.tolist()), None)
    for m in range(measures):
        found.setdefault(tuple(int(i == m) for i in range(measures)), None)
    return np.array(list(found), dtype=float)


def _lane_of(lanes: FloatArray, members: FloatArray) -> int:
    return int(np.nonzero((lanes == members).all(axis=1))[0][0])


def _shares(lanes: FloatArray, worth: FloatArray) -> FloatArray:
    """(measure, f): exact where every set is there, else the mean over sampled orders; either way it adds up."""
    sets, measures = lanes.shape
    if sets == 2**measures:
        return shapley_shares(worth)
    index = {tuple(lane.astype(int).tolist()): position for position, lane in enumerate(lanes)}
    return sampled_shares(lambda members: worth[index[members]], measures, PAIRS)
