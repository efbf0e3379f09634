"""The panel's files as series by authority: one figure of one period each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hnforecast.base.kinds import load_kinds

if TYPE_CHECKING:
    import pandas

NAMES = (
    "ehcp_by_la",
    "newplans_by_la",
    "newplans_by_la_placement_2019_2024",
    "ehcp_by_la_placement_group_2010_2025",
    "requests_assessments_timeliness_by_la_2019_2024",
    "s251_outturn_buckets_by_la_2017_2024",
    "s251_high_needs_detail_by_la_2021_22",
    "send_tribunal_appeals_by_la_2014_2024",
    "dsg_deficit_pct_by_la_2019_2021",
    "dsg_block_allocations_by_la_2019_2023",
    "population_by_la_single_age",
    "statistical_neighbours",
    "la_lookup",
)
ENGLAND = "England"


class PanelSeries:
    """Figures of a panel folder, by authority; England's under its own name where it is published."""

    def __init__(self, folder: Path) -> None:
        from hnforecast.inputs import load_panel

        self.kinds = load_kinds(folder)
        read = load_panel(folder, files=NAMES)
        self.frames, self.notices = read.frames, read.notices

    def figure(
        self, file: str, columns: str | Sequence[str], where: dict[str, object] | None = None
    ) -> pandas.Series[float]:
        """Sum of some columns by authority, rows chosen by equality; empty where the file is not in the panel.

        A figure of which every part is blank is left out; a blank part of one that has others counts as nothing.
        """
        import pandas as pd

        names = [columns] if isinstance(columns, str) else list(columns)
        frame = self.frames.get(file)
        if frame is None or any(name not in frame for name in names):
            return pd.Series(dtype=float)
        for column, value in (where or {}).items():
            frame = frame[frame[column].isin(value) if isinstance(value, (list, tuple)) else frame[column] == value]
        code = frame["old_la_code"]
        if "geographic_level" in frame:
            code = code.where(frame["geographic_level"] != "national", ENGLAND)
        total = frame[names].astype(float).sum(axis=1, min_count=1).groupby(code).sum(min_count=1)
        return total[total.index != ""].dropna()

    def residents(self, low: int, high: int, year: int) -> pandas.Series[float]:
        """Residents of an age range at mid-year."""
        ages = list(range(low, high + 1))
        return self.figure("population_by_la_single_age", "population", {"year": year, "age": ages})

    def region_of(self) -> dict[str, str]:
        """Authority -> region."""
        lookup = self.frames["la_lookup"]
        return dict(zip(lookup["old_la_code"], lookup["region_name"], strict=True))

    def name_of(self) -> dict[str, str]:
        """Authority -> name."""
        lookup = self.frames["la_lookup"]
        return dict(zip(lookup["old_la_code"], lookup["la_name"], strict=True))
