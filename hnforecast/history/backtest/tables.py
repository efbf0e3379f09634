"""The accuracy table as bytes of CSV and as plain rows for JSON, rounded alike."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pandas import DataFrame

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
