"""What a forecast may carry beside its central run: draws, notes, comparisons with published figures, savings.

A forecast made without them is complete; the outputs then leave their cells blank and their sheets say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hnforecast.axes import FloatArray
    from hnforecast.forecast import Forecast


@dataclass(frozen=True)
class Comparison:
    """One figure of the forecast against a published one.

    Args:
        subject: what is compared, such as "Spend on lines 1.2, net".
        period: year or count, as written.
        ours, published: both in `unit`.
        unit: "gbp" or "plans".
        label: "calibrated to" where the published figure was used to tune, "predicted" where it was not.
        source: of the published figure.
        mark: confirmed, inferred or unverified.
    """

    subject: str
    period: str
    ours: float
    published: float
    unit: str
    label: str
    source: str
    mark: str


@dataclass(frozen=True)
class Saving:
    """What one measure saves: central (f,) pounds, its share of the joint effect; draws (d, f) or None."""

    measure: str
    central: FloatArray
    draws: FloatArray | None = None


def ensemble_of(forecast: Forecast) -> Any:
    """The draws: an object with account, plans, spend, funding; None for the central run alone."""
    return getattr(forecast, "ensemble", None)


def notes_of(forecast: Forecast) -> Sequence[str]:
    """Sentences the forecast says of itself."""
    return getattr(forecast, "notes", ())


def comparisons_of(forecast: Forecast) -> Sequence[Comparison]:
    """Calibrated and predicted figures against published ones."""
    return getattr(forecast, "calibration", ())


def savings_of(forecast: Forecast) -> Sequence[Saving]:
    """Savings by measure; empty for a scenario without measures."""
    return getattr(forecast, "savings", ())
