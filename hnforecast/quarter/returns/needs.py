"""Plans by placement group, age and primary need, for the Department's placement tables.

Plans are known by age and placement, and by age and need, but not by placement and need. Proportional fitting of
the two margins, with nothing else known, gives each group its ages' shares of need: plans(group, need) is the sum over
ages of plans(group, age) x share(need at that age). It is an estimate and is marked so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hnforecast.base.axes import AGES, FloatArray
from hnforecast.base.codes import Codes
from hnforecast.engine.model.state import Clock

if TYPE_CHECKING:
    from hnforecast.engine.records import Forecast


def need_shares(needs_by_age: pd.DataFrame, codes: Codes) -> tuple[int, FloatArray] | None:
    """Shares of primary need at each age, of the latest January counted by need.

    Args:
        needs_by_age: census_year, age, need, plans.
        codes: for the order of needs.

    Returns:
        The year, and (age, need) shares that sum to 1; an age nobody was counted at has the shares of the nearest that
        has them. None where nothing is known.
    """
    if needs_by_age.empty:
        return None
    year = int(needs_by_age["census_year"].max())
    counted = needs_by_age[needs_by_age["census_year"] == year]
    table = np.zeros((AGES, len(codes.needs)))
    for record in counted.to_dict("records"):
        table[int(record["age"]), codes.needs.index(str(record["need"]))] += float(record["plans"])
    known = np.nonzero(table.sum(axis=1))[0]
    if not len(known):
        return None
    for age in range(AGES):
        if age not in known:
            table[age] = table[known[np.abs(known - age).argmin()]]
    return year, table / table.sum(axis=1, keepdims=True)


def plans_by_group(forecasts: Mapping[str, Forecast], codes: Codes, last_count: int) -> pd.DataFrame:
    """January plans by case, group, age band and year; `status` says which Januaries were counted.

    Args:
        forecasts: case -> forecast.
        codes: for groups and bands.
        last_count: the last January that was published.
    """
    records = []
    for case, forecast in forecasts.items():
        january = forecast.plans.january[0]
        for c, census in enumerate(forecast.clock.censuses):
            for group, positions in group_positions(codes).items():
                for band, low, high in codes.age_bands:
                    plans = float(january[c, low : high + 1][:, positions].sum())
                    record = {"case": case, "census_year": census, "group": group, "age_band": band, "plans": plans}
                    records.append(record | {"status": count_status(census, last_count)})
    return pd.DataFrame(records)


def plans_by_need(
    forecasts: Mapping[str, Forecast], codes: Codes, shares: FloatArray | None, last_count: int
) -> pd.DataFrame:
    """The same by primary need within age band, estimated; without shares every figure is blank."""
    records = []
    for case, forecast in forecasts.items():
        january = forecast.plans.january[0]
        for c, census in enumerate(forecast.clock.censuses):
            for group, positions in group_positions(codes).items():
                by_age = january[c][:, positions].sum(axis=1)
                for band, low, high in codes.age_bands:
                    span = slice(low, high + 1)
                    split = None if shares is None else by_age[span] @ shares[span]
                    for n, need in enumerate(codes.needs):
                        record = {"case": case, "census_year": census, "group": group, "age_band": band, "need": need}
                        plans = None if split is None else float(split[n])
                        records.append(
                            record | {"plans": plans, "status": f"{count_status(census, last_count)} (est.)"}
                        )
    return pd.DataFrame(records)


def group_positions(codes: Codes) -> dict[str, list[int]]:
    """The Department's group -> positions on the placement axis."""
    return {
        group: [p for p, placement in enumerate(codes.placements) if codes.groups[placement] == group]
        for group in codes.group_order
    }


def count_status(census: int, last_count: int) -> str:
    """Whether a January was counted."""
    return "count" if census <= last_count else "forecast"


def counted_to(clock: Clock) -> int:
    """The last January that was published when the vintage was made: the one inside the base outturn year."""
    return clock.first_forecast
