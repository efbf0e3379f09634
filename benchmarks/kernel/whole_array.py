"""The same flow on whole arrays: every draw and cell at once, a month at a time, no blocks. No places, no measures."""

from __future__ import annotations

import numpy as np

from benchmarks.kernel.council import Council
from hnforecast.base.axes import FloatArray
from hnforecast.base.timeline import academic_year, month_of_academic_year


def whole_array(council: Council) -> FloatArray:
    """Plan-months (draw, month, placement)."""
    rates, clock = council.rates, council.clock
    stock = np.broadcast_to(council.opening, (council.children.shape[0], *council.opening.shape[1:]))
    months: list[FloatArray] = []
    for absolute in clock.months:
        y = clock.academic_years.index(academic_year(absolute))
        m = month_of_academic_year(absolute)
        if m == 0:
            older = np.concatenate([np.zeros_like(stock[:, :1]), stock[:, :-1]], axis=1)
            stock = older @ rates.move[y]
        if m == 0 or not months:
            without = council.children[:, y] - stock.sum(axis=(2, 3))
            other = rates.other[:, y, :, None, None] * stock
            staying = 1.0 - np.minimum(1.0, rates.cease[y] * rates.cease_factor[:, y, :, None, None])
            keep = staying ** rates.cease_profile[m]  # level profile: one power a year
        joiners = (without * rates.new_rate[:, y, int(m >= 5)])[:, :, None, None] * rates.new_share[y]
        after = stock * keep + rates.new_profile[m] * joiners + rates.other_profile[m] * other
        months.append(0.5 * (stock + after).sum(axis=(1, 2)))
        stock = after
    return np.stack(months, axis=1)
