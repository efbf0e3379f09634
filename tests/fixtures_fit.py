"""Made-up histories with known rates, and the published one read once, for tests of the fit."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from hnforecast.base.axes import AGES, FloatArray
from hnforecast.base.codes import load_codes
from hnforecast.engine.model.plans import flow_plans
from hnforecast.history.fit.history import FILES, NATIONAL, History, known_frames, read_history
from hnforecast.history.fit.proposal import Proposal, propose
from hnforecast.inputs import Panel, load_panel
from tests.oracle.quiet import quiet_clock, quiet_rates

ROOT = Path(__file__).resolve().parents[1]
NATIONAL_FOLDER = ROOT / "inputs" / "national"
CODES = load_codes(ROOT / "inputs" / "codes")
PLACEMENTS = len(CODES.placements)
KENT = "886"
EMPTY = History({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})


@cache
def published() -> Panel:
    """The national panel that ships with the project."""
    return load_panel(NATIONAL_FOLDER, files=FILES)


@cache
def kent(census: int) -> Proposal:
    """Kent fitted at a January count, with residents projected from the panel."""
    return propose(NATIONAL_FOLDER, KENT, census, CODES, panel=published())


@cache
def kent_history(census: int) -> History:
    """Kent as known at a January count."""
    return read_history(known_frames(published(), census), KENT, CODES)


@cache
def england() -> History:
    """England, every year published."""
    return read_history(published().frames, NATIONAL, CODES)


def replayed(proposal: Proposal) -> FloatArray:
    """(age, placement) plans at the base count, run from the count before at the rates proposed and no cap."""
    rates, base = proposal.rates, proposal.census
    assert proposal.children is not None
    children = proposal.children.pivot_table(index="year", columns="age", values="value").loc[[base - 2, base - 1]]
    placements = len(proposal.placements)
    quiet = quiet_rates(2, placements=placements)
    new = np.tile(rates.new / 1000.0, (1, 2, 2, 1))
    new[:, :, 1] = np.append(rates.new[1:], rates.new[-1]) / 1000.0  # until August: the age of the count that follows
    flow = replace(
        quiet,
        new_rate=new,
        new_share=np.tile(rates.share[None, :, None], (2, 1, 1, 1)),
        cease=np.tile(rates.hazard[None, :, None], (2, 1, 1, 1)),
        move=np.tile(rates.moves[None], (2, 1, 1, 1)),
        other=np.tile(rates.net_other, (1, 2, 1)),
        arrival_rate=np.tile(rates.movers_in / 1000.0, (1, 2, 1)),
        arrival_share=rates.movers_share[:, None],
        new_by_count=True,
        cease_by_count=True,
    )
    opening = rates.opening[base - 1][None, :, None, :]
    plans = flow_plans(opening, children.to_numpy()[None], flow, quiet_clock(2, base - 1))
    found: FloatArray = plans.january[0, 1]
    return found


def true_stock(scale: float = 1.0) -> FloatArray:
    """(age, placement) plans of an invented England at a January count."""
    ages = np.arange(AGES)
    by_age = 40_000.0 * np.exp(-0.5 * ((ages - 12.0) / 5.0) ** 2) * (ages >= 3)
    shares = np.linspace(1.0, 3.0, PLACEMENTS) / np.linspace(1.0, 3.0, PLACEMENTS).sum()
    table: FloatArray = scale * by_age[:, None] * shares
    return table


def true_new(scale: float = 1.0) -> FloatArray:
    """(age, placement) new plans of a year, by age at the count that follows."""
    return 0.12 * true_stock(scale) * (np.arange(AGES) < 19)[:, None]


def history_of(stock: dict[int, FloatArray], new: FloatArray, ceased: FloatArray, year: int) -> History:
    """A history that holds two counts, the year's new plans and its exits by age; placements of exits are even."""
    return replace(
        EMPTY,
        stock=stock,
        new={year: new},
        ceased={year: ceased},
        transfers={year: np.zeros(AGES)},
        ceased_by_placement={year: np.full(PLACEMENTS, ceased.sum() / PLACEMENTS)},
        totals={count: float(table.sum()) for count, table in stock.items()},
        new_totals={year: float(new.sum())},
    )


def copy_council(folder: Path) -> Path:
    """The council this repository is, without its outputs: assumptions, and inputs by link."""
    root = folder / "council"
    shutil.copytree(ROOT / "assumptions", root / "assumptions")
    (root / "inputs").symlink_to(ROOT / "inputs", target_is_directory=True)
    return root
