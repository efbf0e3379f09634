"""What the cohort flow refuses before it starts: values that are not numbers, and spill that could not be placed."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from hnforecast.base.axes import FloatArray, check_finite
from hnforecast.base.errors import Problem, ReconciliationError
from hnforecast.engine.model.state import FlowRates

SUM_TOLERANCE = 1e-9


def check_flow(opening: FloatArray, children: FloatArray, rates: FlowRates) -> None:
    """Refuse what the flow cannot carry.

    Raises:
        ReconciliationError: a value is not finite; shares of spill do not sum to 1, are negative, or go to a placement
            filled no later.
    """
    named = {field.name: getattr(rates, field.name) for field in fields(rates) if field.name != "capped"}
    for name, array in {"opening": opening, "children": children, **named}.items():
        with np.errstate(invalid="ignore", over="ignore"):
            total = array.sum()  # one pass and no copy
        if not np.isfinite(total):  # the slow check says where, or that only the sum is too large
            check_finite(name, array)
    for k, placement in enumerate(rates.capped):
        _check_spill(k, placement, rates)


def _check_spill(k: int, placement: int, rates: FlowRates) -> None:
    shares = rates.spill[k]
    filled = [earlier for earlier in rates.capped[: k + 1] if shares[earlier] != 0]
    if filled:
        where = "itself" if placement in filled else f"placement {filled[0]}, which is filled before it"
        raise _spill_problem(
            placement, f"{shares[filled[-1]]:.3g} to {where}", "only placements filled later or not capped"
        )
    if (shares < 0).any() or abs(float(shares.sum()) - 1.0) > SUM_TOLERANCE:
        raise _spill_problem(placement, f"shares {shares.round(6).tolist()}", "shares of at least 0 that sum to 1")


def _spill_problem(placement: int, found: str, expected: str) -> ReconciliationError:
    return ReconciliationError(
        Problem(
            "HN913",
            f"those refused a place at placement {placement} have nowhere to go",
            found=found,
            expected=expected,
            do="Set the shares of spill of that placement, in the order in which places are filled.",
        )
    )
