"""The form Explore Education Statistics takes tidy data in: columns of time and place, and the file beside the data.

One observation a row: when, where, filters, indicators. A figure that is not there carries a sign: c withheld, low a
figure that rounds to nought and is none, x not available, z not applicable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hnforecast.writing.csvtext import Cell, Table, to_csv

COUNTRY = ("E92000001", "England")
LEVEL = "Local authority"
TIME = ("time_period", "time_identifier")
PLACE = (
    "geographic_level", "country_code", "country_name", "region_code", "region_name", "old_la_code", "new_la_code",
    "la_name",
)  # fmt: skip
META = (
    "col_name", "col_type", "label", "indicator_grouping", "indicator_unit", "indicator_dp", "filter_hint",
    "filter_grouping_column",
)  # fmt: skip
TOTAL, NOT_APPLICABLE = "Total", "z"


@dataclass(frozen=True)
class Authority:
    """Whose figures they are, in the columns every local authority row has."""

    region_code: str
    region_name: str
    old_la_code: str
    new_la_code: str
    la_name: str

    def place(self) -> tuple[str, ...]:
        """The cells of PLACE."""
        return (
            LEVEL, *COUNTRY, self.region_code, self.region_name, self.old_la_code, self.new_la_code, self.la_name,
        )  # fmt: skip


def year_period(first: int) -> str:
    """A financial or academic year as it is written there: 202526."""
    return f"{first}{(first + 1) % 100:02d}"


def meta_file(
    filters: Sequence[tuple[str, str]], indicators: Sequence[tuple[str, str, str, int]], grouping: str
) -> bytes:
    """The file that describes the columns of another.

    Args:
        filters: (column, label).
        indicators: (column, label, unit, decimals).
        grouping: heading over the indicators.
    """
    rows: list[list[Cell]] = [[name, "Filter", label, "", "", "", label, ""] for name, label in filters]
    rows += [[name, "Indicator", label, grouping, unit, places, "", ""] for name, label, unit, places in indicators]
    return to_csv(Table("meta", META, rows))
