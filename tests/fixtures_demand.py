"""Invented panels for tests of the demand forecast and its backtest."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from hnforecast.engine.demand import Panel, read_panel
from hnforecast.engine.demand.panel import Floats

NATIONAL = Path(__file__).resolve().parent.parent / "inputs" / "national"
YEARS = tuple(range(2010, 2026))


@cache
def shipped_panel() -> Panel:
    """The national panel that ships with the project."""
    return read_panel(NATIONAL).panel


def made_panel(plans: Floats, years: tuple[int, ...] = YEARS, **others: Floats) -> Panel:
    """A panel of given total plans, (authority, year), and any other variables; no national rows, no residents."""
    codes = tuple(f"{100 + row}" for row in range(len(plans)))
    return Panel(codes, years, {"total_plans": plans, **others}, {}, {})


def growing_panel(authorities: int = 40, seed: int = 1, noise: float = 0.04, years: tuple[int, ...] = YEARS) -> Panel:
    """Plans growing about 8 % a year; authorities differ by a lasting signal, requests, and by noise.

    New plans, requests, refusals, two placement groups, spend and residents are there: every series can be forecast.
    """
    rng = np.random.default_rng(seed)
    keen = rng.normal(0.0, 0.02, (authorities, 1))
    growth = 0.08 + keen + rng.normal(0.0, noise, (authorities, len(years) - 1))
    start = rng.uniform(600, 5000, (authorities, 1))
    plans = np.round(np.hstack([start, start * np.exp(np.cumsum(growth, axis=1))]))
    new = np.round(plans * (0.15 + keen) * np.exp(rng.normal(0, 0.1, plans.shape)))
    special = np.round(plans * 0.35 * np.exp(np.cumsum(rng.normal(0, 0.02, plans.shape), axis=1)))
    spend = plans * 14_000 * 1.03 ** np.arange(len(years)) * np.exp(rng.normal(0, 0.05, plans.shape))
    panel = made_panel(
        plans,
        years,
        new_plans=new,
        requests=plans * (0.25 + 2 * keen),
        refused=plans * 0.05,
        plans_special_state=special,
        plans_mainstream_state=plans - special,
        spend=spend,
    )
    residents = {2019: np.round(plans[:, -1] * 25.0), 2023: np.round(plans[:, -1] * 26.0)}
    return Panel(panel.authorities, years, panel.local, {"total_plans": plans.sum(axis=0)}, residents)


# Authorities that were kept apart from the making of the method, and joined the pack in November 2026.
KEPT_APART = frozenset(
    (
        *("203", "204", "208", "213", "302", "306", "307", "316", "318", "319"),
        *("330", "357", "359", "370", "371", "373", "384", "800", "803", "808"),
        *("811", "825", "831", "846", "850", "851", "852", "855", "866", "874"),
        *("877", "882", "883", "889", "896", "916", "921", "925", "929", "937"),
    )
)


@cache
def pack_of_2025() -> Panel:
    """The panel on which the method was chosen: without those kept apart, and before January 2026 was counted."""
    panel = shipped_panel()
    return panel.subset(np.array([code not in KEPT_APART for code in panel.authorities])).known_at(2025)
