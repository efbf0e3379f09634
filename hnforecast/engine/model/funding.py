"""The high needs block and what is added to or taken from it, by financial year."""

from __future__ import annotations

from hnforecast.base.axes import FloatArray, stack_draws
from hnforecast.engine.model.state import Funding


def build_funding(streams: dict[str, FloatArray]) -> Funding:
    """Gather the streams, each (d, f) pounds: allocations positive, deductions negative.

    A block transfer is funding, not support: it counts in the in-year position, in the years approved only.
    """
    return Funding(tuple(streams), stack_draws(list(streams.values()), axis=-1))
