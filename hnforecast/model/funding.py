"""The high needs block and what is added to or taken from it, by financial year."""

from __future__ import annotations

import numpy as np

from hnforecast.axes import FloatArray
from hnforecast.model.state import Funding


def build_funding(streams: dict[str, FloatArray]) -> Funding:
    """Gather the streams, each (d, f) pounds: allocations positive, deductions negative.

    A block transfer is funding, not support: it counts in the in-year position, in the years approved only.
    """
    draws = max(stream.shape[0] for stream in streams.values())
    stacked = [np.broadcast_to(stream, (draws, stream.shape[1])) for stream in streams.values()]
    return Funding(tuple(streams), np.stack(stacked, axis=-1))
