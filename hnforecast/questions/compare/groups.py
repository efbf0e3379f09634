"""The movements of a bridge: each is a group of drivers that changes hands together."""

from __future__ import annotations

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
