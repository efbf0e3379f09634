"""Cash prices month by month: a base price, the index that moves it, and the month in which it steps.

Lines the council sets step in April. Provider fees step in September, so that a rise moves seven months of its
financial year.
"""

from __future__ import annotations

from dataclasses import dataclass

from hnforecast.base.axes import FloatArray, stack_draws
from hnforecast.base.timeline import Month, calendar, financial_year


@dataclass(frozen=True)
class PriceSeries:
    """One price and what moves it.

    Args:
        value: (d,) pounds a year, in force from the uplift month of the base year.
        base_year: first calendar year of the financial year of the value.
        uplift_month: 4 or 9, the month of year in which it steps.
        growth: first calendar year of a financial year -> (d,) growth at that year's step over the step before.
    """

    value: FloatArray
    base_year: int
    uplift_month: int
    growth: dict[int, FloatArray]


def uprate_price(series: PriceSeries, months: tuple[Month, ...]) -> FloatArray:
    """The price in each month, (draw, time).

    level[f] = level[f-1] x (1 + growth[f])        f after the base year; divided out before it
    """
    steps = [_last_step(absolute, series.uplift_month) for absolute in months]
    level = {series.base_year: series.value}
    for year in range(series.base_year + 1, max(*steps, series.base_year) + 1):
        level[year] = level[year - 1] * (1.0 + series.growth[year])
    for year in range(series.base_year - 1, min(*steps, series.base_year) - 1, -1):
        level[year] = level[year + 1] / (1.0 + series.growth[year + 1])
    return stack_draws([level[year] for year in steps], axis=-1)


def _last_step(absolute: Month, uplift_month: int) -> int:
    """The financial year whose step is the latest at or before a month."""
    year = financial_year(absolute)
    month_of_year = calendar(absolute)[1]
    before = uplift_month == 9 and 4 <= month_of_year < 9
    return year - 1 if before else year
