"""Made-up histories with known rates, and the published one read once, for tests of the fit."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from hnforecast.base.axes import AGES, FloatArray
from hnforecast.base.codes import load_codes
from hnforecast.history.fit.history import FILES, NATIONAL, History, known_frames, read_history
from hnforecast.history.fit.proposal import Proposal, propose
from hnforecast.inputs import Panel, load_panel

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


def true_stock(scale: float = 1.0) -> FloatArray:
    """(age, placement) plans of an invented England at a January count."""
    ages = np.arange(AGES)
    by_age = 40_000.0 * np.exp(-0.5 * ((ages - 12.0) / 5.0) ** 2) * (ages >= 3)
    shares = np.linspace(1.0, 3.0, PLACEMENTS) / np.linspace(1.0, 3.0, PLACEMENTS).sum()
    table: FloatArray = scale * by_age[:, None] * shares
    return table


def true_new(scale: float = 1.0) -> FloatArray:
    """(age, placement) new plans of a year, age at the event."""
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
