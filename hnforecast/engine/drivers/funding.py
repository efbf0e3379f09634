"""Streams of funding: the announced block and its growth, approved transfers, places the DfE pays direct."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hnforecast.assumptions import Sourced, Vintage
from hnforecast.base.axes import FloatArray, stack_draws
from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.drivers.levers import Levers


def funding_streams(
    vintage: Vintage, levers: Levers, years: tuple[int, ...], drawn: Drawn, paid_direct: FloatArray | None = None
) -> dict[str, FloatArray]:
    """(draw or 1, financial year) pounds by stream.

    high_needs_block is before deductions and without the import and export adjustment, which has its own stream;
    deductions are negative, `paid_direct` where it is given. Years after the last announcement grow from it.
    """
    funding = vintage.funding
    block = grow(funding.high_needs_block.allocation, funding.high_needs_block.growth, years, drawn)
    exchange = np.array([[funding.import_export.at(year) for year in years]])
    transfers = _only_named(funding.block_transfer, years)
    for lever in levers.of("block_transfer"):
        transfers = transfers + stack_draws([lever.pounds(year) for year in years], axis=-1)
    streams = {
        "high_needs_block": block - exchange,
        "block_transfer": transfers,
        "deductions": -(deductions(vintage, years, drawn) if paid_direct is None else paid_direct),
        "import_export": exchange,
    }
    if funding.other is not None:
        streams["other"] = _only_named(funding.other, years)
    return streams


def deductions(vintage: Vintage, years: tuple[int, ...], drawn: Drawn) -> FloatArray:
    """(draw or 1, financial year) pounds of places the DfE pays direct as known or grown, positive."""
    return grow(vintage.funding.deductions, vintage.funding.deductions_growth, years, drawn)


def grow(announced: Sourced, growth: Sourced, years: tuple[int, ...], drawn: Drawn) -> FloatArray:
    """Announced amounts, then growth from the last of them; a year before the first is an error of the vintage."""
    known: Mapping[int, float] = announced.by or {}
    last = max(known)
    level = {year: np.full(1, float(value)) for year, value in known.items()}
    for year in range(last + 1, max(*years, last) + 1):
        level[year] = level[year - 1] * (1.0 + growth.at(year, 0.0) + drawn.shift(growth.path))
    first = min(known)
    columns = [level[max(year, first)] for year in years]
    return stack_draws(columns, axis=-1)


def _only_named(amounts: Sourced | None, years: tuple[int, ...]) -> FloatArray:
    """A transfer holds for the years approved and no other."""
    if amounts is None:
        return np.zeros((1, len(years)))
    return np.array([[amounts.at(year, 0.0, hold=False) for year in years]])
