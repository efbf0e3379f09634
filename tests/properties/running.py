"""Runs a random council through the kernel, and says how close two runs are against the size of its stock."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.engine.model.plans import flow_plans
from hnforecast.engine.model.state import Plans
from tests.oracle.quiet import Council


def flow(council: Council, *, detail: bool = True, threads: int = 1) -> Plans:
    """The kernel's run of a council, in full detail unless asked otherwise."""
    return flow_plans(council.opening, council.children, council.rates, council.clock, detail=detail, threads=threads)


def stock_size(council: Council) -> float:
    """What differences are judged against: the plans open at the start, at least one."""
    return max(1.0, float(council.opening.sum(axis=(1, 2, 3)).max()))


def opening_of(council: Council, plans: Plans) -> FloatArray:
    """The opening stock with the draw axis of the run: (d, a, n, p)."""
    return np.broadcast_to(council.opening, (plans.open.shape[0], *council.opening.shape[1:]))


def arrays(plans: object) -> dict[str, FloatArray]:
    """Every array of a record of plans, by name; those of by_age as "by_age open" and so on."""
    found: dict[str, FloatArray] = {}
    for field in fields(plans):  # type: ignore[arg-type]
        value = getattr(plans, field.name)
        if isinstance(value, dict):
            found |= {f"{field.name} {name}": array for name, array in value.items()}
        else:
            found[field.name] = value
    return found


def largest_differences(ours: object, expected: object) -> dict[str, float]:
    """Largest absolute difference of each array of two records of plans, whose shapes must agree."""
    left, right = arrays(ours), arrays(expected)
    assert left.keys() == right.keys()
    for name, array in right.items():
        assert left[name].shape == array.shape, f"{name}: shape {left[name].shape}, expected {array.shape}"
    return {name: float(np.abs(left[name] - array).max(initial=0)) for name, array in right.items()}


def assert_same(ours: object, expected: object, tolerance: float) -> None:
    """No array of the two records differs by more than the tolerance, in plans."""
    apart = {name: size for name, size in largest_differences(ours, expected).items() if not size <= tolerance}
    assert not apart, f"more than {tolerance:.1e} apart: {apart}"
