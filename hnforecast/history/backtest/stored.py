"""The last measured accuracy of a project's own panel, kept in docs/accuracy.csv so that a run can print it.

A backtest takes longer than a run, so a run reads what the last one measured, and can say that the panel has changed
since.
"""

from __future__ import annotations

import csv
import hashlib
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hnforecast.base.errors import InputError, Place, Problem
from hnforecast.base.record import file_sha256
from hnforecast.engine.demand import PanelRead, read_panel
from hnforecast.engine.demand.panel_files import FILES, PLANS
from hnforecast.engine.measured import panel_folder
from hnforecast.history.backtest.run import COLUMNS, Backtest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pandas import DataFrame


# Reads a panel folder for a backtest.

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


# The accuracy table as bytes of CSV and as plain rows for JSON, rounded alike.

DECIMALS = 4


def frame_csv(frame: DataFrame) -> bytes:
    """A table as UTF-8 CSV with line feeds, numbers to four decimals, blank where there is none."""
    return frame.round(DECIMALS).to_csv(index=False, lineterminator="\n").encode("utf-8")


def frame_rows(frame: DataFrame) -> list[dict[str, Any]]:
    """A table as one mapping a row, None where there is no number."""
    rows: list[dict[str, Any]] = frame.round(DECIMALS).to_dict("records")  # type: ignore[assignment]
    return [
        {name: None if isinstance(value, float) and math.isnan(value) else value for name, value in row.items()}
        for row in rows
    ]


STORED = "docs/accuracy.csv"
ABOUT = ("panel_sha256", "first_origin", "last_origin", "authorities")


@dataclass(frozen=True)
class AccuracyRow:
    """One measured accuracy: percentages 0-100, NaN where it could not be measured.

    Args:
        series, method, horizon: what was forecast, how, how many years ahead.
        n: outcomes behind it. mape, mase, bias_pct, pinball, cover50, cover80, cover90: see `Backtest`.
        authorities: scored on. first_origin, last_origin: January counts forecast from.
        stale: the panel in the folder is not the one it was measured on.
    """

    series: str
    method: str
    horizon: int
    n: int
    mape: float
    mase: float
    bias_pct: float
    pinball: float
    cover50: float
    cover80: float
    cover90: float
    authorities: int
    first_origin: int
    last_origin: int
    stale: bool


def stored_csv(backtest: Backtest, sha256: str) -> bytes:
    """The content of docs/accuracy.csv: the accuracy table, each row with the panel it was measured on."""
    rows = backtest.accuracy.copy()
    rows["panel_sha256"] = sha256
    rows["first_origin"], rows["last_origin"] = backtest.origins[0], backtest.origins[-1]
    rows["authorities"] = rows["series"].map(backtest.authorities)
    return frame_csv(rows[[*ABOUT, *COLUMNS]])


def read_accuracy(root: Path) -> list[AccuracyRow]:
    """The accuracy last measured on a project's panel, in the order of the table.

    Args:
        root: the council folder.

    Returns:
        Empty where none was measured, or where the file is not as `hnforecast backtest` wrote it: no run stops for it.
    """
    try:
        with (root / STORED).open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        if not rows:
            return []
        now = panel_sha256(panel_folder(root))
        return [_read(row, stale=row["panel_sha256"] != now) for row in rows]
    except (OSError, ValueError, KeyError, TypeError, csv.Error):
        return []


def _read(row: Mapping[str, str], *, stale: bool) -> AccuracyRow:
    def number(name: str) -> float:
        return float(row[name] or "nan")

    return AccuracyRow(
        series=row["series"],
        method=row["method"],
        horizon=int(row["horizon"]),
        n=int(row["n"]),
        mape=number("mape"),
        mase=number("mase"),
        bias_pct=number("bias_pct"),
        pinball=number("pinball"),
        cover50=number("cover50"),
        cover80=number("cover80"),
        cover90=number("cover90"),
        authorities=int(row["authorities"]),
        first_origin=int(row["first_origin"]),
        last_origin=int(row["last_origin"]),
        stale=stale,
    )
