"""Every hybrid of two forecasts: each group of drivers from one side or the other.

A lane is a number whose bit i says from which side group i comes. The flow runs once for each of the sixteen choices of
hazards, moves, mix and places, with the eight choices of counts, children and new-plan rates as draws; money follows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hnforecast.base.axes import FloatArray
from hnforecast.engine.model.account import settle_account
from hnforecast.engine.model.plans import flow_plans
from hnforecast.engine.model.state import FlowRates
from hnforecast.questions.compare.sides import Side

# The movements of a bridge.

# Order is that of the bits of a lane: bit i set means group i is taken from the second forecast.
FLOW = ("data_revision", "population", "new_plan_rate", "ceasing", "moves", "mix", "capacity")
MONEY = ("price", "services", "funding", "support")
PLAYERS = (*FLOW, *MONEY)
MODEL = "model_version"  # what re-running with today's code changes: a remainder, never a driver
GROUPS = (*PLAYERS, MODEL)

LABELS = {
    "data_revision": "New counts and outturn",
    "population": "Children and young people",
    "new_plan_rate": "Rate of new plans",
    "ceasing": "Ceasing and net transfers",
    "moves": "Moves between placements",
    "mix": "Placement of new plans",
    "capacity": "Commissioned places",
    "price": "Prices",
    "services": "Services and delivery",
    "funding": "Funding",
    "support": "Support",
    MODEL: "Version of the model",
}
PLAYER_BIT = {name: position for position, name in enumerate(PLAYERS)}


Sides = tuple[Side, Side]
IntArray = NDArray[np.int_]
AS_DRAWS = 3  # counts, children and new-plan rates have a draw axis in the flow


@dataclass(frozen=True)
class Worth:
    """What each hybrid comes to.

    Args:
        plans: (2**7, c) plans at the January counts of the shared clock, the first the base count.
        account: item -> (2**11, f) signed pounds in the shared years.
    """

    plans: FloatArray
    account: dict[str, FloatArray]


def run_hybrids(sides: Sides, early: int) -> Worth:
    """Run every hybrid.

    Args:
        sides: the two forecasts on one clock.
        early: how many of the shared years come before the forecast years of the shared clock: in them each side is as
            it stands.
    """
    january, driven = _flows(sides)
    years = len(sides[0].years)
    spend = np.zeros((2 ** (len(FLOW) + 1), years))
    spend[:, early:] = driven
    if early:
        spend[:, :early] = _early_spend(sides)[:, :early]
    return Worth(january, _accounts(sides, spend, early))


def _bit(lanes: IntArray, name: str) -> IntArray:
    """Which side a group comes from in each lane."""
    return (lanes >> PLAYER_BIT[name]) & 1


def _flows(sides: Sides) -> tuple[FloatArray, FloatArray]:
    """(2**7, c) January counts and (2**8, f) spend that plans and places drive, price the highest bit."""
    clock = sides[0].clock
    flows, lanes = 2 ** len(FLOW), np.arange(2**AS_DRAWS)
    opening = np.concatenate([side.opening for side in sides])[_bit(lanes, "data_revision")]
    children = np.concatenate([side.children for side in sides])[_bit(lanes, "population")]
    new_rate = np.concatenate([side.rates.new_rate for side in sides])[_bit(lanes, "new_plan_rate")]
    january = np.zeros((flows, len(clock.censuses)))
    driven = np.zeros((2 * flows, len(clock.financial_years)))
    for high in range(2 ** (len(FLOW) - AS_DRAWS)):
        block = lanes + (high << AS_DRAWS)
        chosen = {name: sides[int(_bit(block[:1], name)[0])] for name in ("ceasing", "moves", "mix", "capacity")}
        rates = _rates(chosen, new_rate)
        plans = flow_plans(opening, children, rates, clock)
        january[block] = plans.january.sum(axis=(2, 3))
        for price, side in enumerate(sides):
            driven[block + price * flows] = side.driven_spend(plans, chosen["capacity"].places())
    return january, driven


def _rates(chosen: dict[str, Side], new_rate: FloatArray) -> FlowRates:
    ceasing, capacity = chosen["ceasing"].rates, chosen["capacity"].rates
    return replace(
        ceasing,  # hazards, net other and the profiles of the months
        new_rate=new_rate,
        new_share=chosen["mix"].rates.new_share,
        new_by_count=chosen["mix"].rates.new_by_count,
        move=chosen["moves"].rates.move,
        capped=capacity.capped,
        places=capacity.places,
        spill=capacity.spill,
        seated=capacity.seated,
    )


def _early_spend(sides: Sides) -> FloatArray:
    """(2**8, f) plans at prices in years that are outturn for one side: plans change hands with the data."""
    lanes = np.arange(2 ** (len(FLOW) + 1))
    plans, price = _bit(lanes, "data_revision"), _bit(lanes, "price")
    value = np.array([[sides[volume].priced_plans(sides[cost]) for cost in range(2)] for volume in range(2)])
    places = np.array([side.place_funding for side in sides])
    total: FloatArray = value[plans, price] + places[_bit(lanes, "capacity")]
    return total


def _accounts(sides: Sides, spend: FloatArray, early: int) -> dict[str, FloatArray]:
    """Item -> (2**11, f): the account of every hybrid.

    A balance both sides know from outturn is a fact of the data: only from the year after it do movements add up in it.
    """
    lanes = np.arange(2 ** len(PLAYERS))
    funding = np.array([side.funding for side in sides])[_bit(lanes, "funding")]
    services = np.array([side.services for side in sides])[_bit(lanes, "services")]
    paid = spend[lanes % spend.shape[0]] + services
    other = np.array([side.on(side.forecast.account.other_movement) for side in sides])
    other[:, early:] = 0.0
    moved = other[_bit(lanes, "data_revision")]
    known = sum(all(year < side.forecast.clock.first_forecast for side in sides) for year in sides[0].years)
    items = {name: np.zeros((len(lanes), funding.shape[1])) for name in ("gross_closing", "closing", "in_year")}
    items["in_year"] = funding - paid
    for data, balance in enumerate(sides):
        opening, gross = _opening(balance, known)
        for support, side in enumerate(sides):
            mine = (_bit(lanes, "data_revision") == data) & (_bit(lanes, "support") == support)
            for item in ("gross_closing", "closing"):
                items[item][mine, :known] = balance.on(getattr(balance.forecast.account, item))[:known]
            if known == funding.shape[1]:
                continue
            # what a published balance moved by beyond its parts is carried like funding, but is not in-year
            received, spent = (funding[mine] + moved[mine])[:, known:], paid[mine][:, known:]
            account = settle_account(received, spent, side.account_rules(opening, gross, known))
            items["gross_closing"][mine, known:] = account.gross_closing
            items["closing"][mine, known:] = account.closing
    return items


def _opening(side: Side, known: int) -> tuple[float, float]:
    """Balance at the start of the first year that is not outturn for both, and the same before any contribution."""
    account, years = side.forecast.account, side.forecast.clock.financial_years
    f = years.index(side.years[0]) + known
    if f == len(years):
        return 0.0, 0.0
    moved = float(account.in_year[0, f] + account.other_movement[0, f])
    return float(account.opening[0, f]), float(account.gross_closing[0, f]) - moved
