"""What could be known at a January count for a whole draft: published files cut, prices and the block as expected then.

Expected prices are those of the pooled forecast of spend: the last three years' mean, going back to the long run. The
block after its last announced year grows as England's has grown over the years announced. Of nothing later anything is
used but England's shape by single age, where none was out, and corrections that the latest editions hold.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from hnforecast.base.timeline import parse_year, show_year
from hnforecast.engine.demand.unit_cost import expected_prices
from hnforecast.history.fit.history import known_frames
from hnforecast.history.new.draft import Known
from hnforecast.history.new.published import BLOCKS, HIGH_NEEDS
from hnforecast.inputs import Panel

YEARS_AHEAD = 12
BLOCK = f"{HIGH_NEEDS}_before_recoupment"
DEFLATOR = "gdp_deflator_growth_pct"


def known_at(panel: Panel, census: int) -> Known:
    """What a draft made after a January count may use.

    Args:
        panel: the national pack, every year.
        census: the count; the outturn of the financial year that holds it counts as known.
    """
    frames = known_frames(panel, census)
    frames["price_indices"] = _with_expected(frames["price_indices"], census)
    return Known(census, frames, _block_growth(frames[BLOCKS]))


def _with_expected(prices: pd.DataFrame, census: int) -> pd.DataFrame:
    """Published growth of prices to the origin, then what was to be expected."""
    seen = prices.dropna(subset=[DEFLATOR]).sort_values("financial_year")
    growth = np.log1p(seen[DEFLATOR].to_numpy(dtype=float) / 100.0)
    ahead = 100.0 * np.expm1(expected_prices(growth, YEARS_AHEAD))
    years = [show_year(year) for year in range(census, census + YEARS_AHEAD)]
    return pd.concat([seen, pd.DataFrame({"financial_year": years, DEFLATOR: ahead})], ignore_index=True)


def _block_growth(allocations: pd.DataFrame) -> Mapping[int, float]:
    """Growth of the block after the last year announced: the mean so far, over authorities with every year."""
    rows = allocations[allocations["old_la_code"] != ""]
    wide = rows.pivot_table(index="old_la_code", columns="financial_year", values=BLOCK).dropna().sum()
    totals = wide.to_numpy(dtype=float)
    growth = float((totals[-1] / totals[0]) ** (1.0 / (len(totals) - 1)) - 1.0) if len(totals) > 1 else 0.0
    last = parse_year(str(wide.index[-1]))
    return dict.fromkeys(range(last + 1, last + 1 + YEARS_AHEAD), growth)
