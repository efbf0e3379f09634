"""Reads a panel folder for a backtest: strictly, with what is missing said in words before any forecast is made.

Any subset of the files will do as long as plans by authority are among them; a file that is there must hold the columns
it is read for. Blank cells are gaps, national rows are optional, strangers are left out with a notice.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from hnforecast.base.errors import InputError, Place, Problem
from hnforecast.base.record import file_sha256
from hnforecast.engine.demand import PanelRead, read_panel
from hnforecast.engine.demand.panel_files import FILES, PLANS

LEAST_AUTHORITIES = 2


def read_for_backtest(folder: Path) -> PanelRead:
    """Read what a backtest needs of a panel folder.

    Args:
        folder: files named and with columns as in `inputs/national`, any subset, any authorities.

    Raises:
        InputError: as `read_panel`, or fewer than two authorities.
    """
    read = read_panel(folder)
    if len(read.panel.authorities) < LEAST_AUTHORITIES:
        raise InputError(
            Problem(
                "HN368",
                "A backtest needs the plans of more than one authority",
                Place(file=f"{folder.name}/{PLANS}.csv"),
                found=f"authority {', '.join(read.panel.authorities)} only",
                expected="two authorities or more: what all have in common is part of the forecast",
                do="Add the rows of other authorities; inputs/national holds every authority's.",
            )
        )
    return read


def panel_sha256(folder: Path) -> str:
    """One hash over the files of a panel folder that a forecast reads, by name."""
    digest = hashlib.sha256()
    for stem in sorted(FILES):
        path = folder / f"{stem}.csv"
        if path.is_file():
            digest.update(f"{path.name}\0{file_sha256(path)}\n".encode())
    return digest.hexdigest()
