"""What the cohort flow refuses before it starts, with its message."""

from __future__ import annotations

import numpy as np
import pytest

from hnforecast.base.errors import ReconciliationError
from hnforecast.engine.model.plans import flow_plans
from tests.oracle.quiet import Council, quiet_council
from tests.properties.running import flow


def council_with_spill(capped: tuple[int, ...], spill: list[list[float]]) -> Council:
    council = quiet_council(2, placements=3)
    return council.changing(capped=capped, places=np.full((1, 2, len(capped)), 10.0), spill=np.array(spill))


@pytest.mark.parametrize(
    ("capped", "spill", "found"),
    [
        ((0,), [[0.5, 0.5, 0.0]], "0.5 to itself"),
        ((1, 0), [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]], "1 to placement 1, which is filled before it"),
        ((0,), [[0.0, 0.5, 0.4]], "shares [0.0, 0.5, 0.4]"),
        ((0,), [[0.0, 1.5, -0.5]], "shares [0.0, 1.5, -0.5]"),
        ((0,), [[0.0, 0.0, 0.0]], "shares [0.0, 0.0, 0.0]"),
    ],
)
def test_spill_with_nowhere_to_go_is_refused(capped: tuple[int, ...], spill: list[list[float]], found: str) -> None:
    with pytest.raises(ReconciliationError, match="nowhere to go") as caught:
        flow(council_with_spill(capped, spill))
    assert found in str(caught.value)


def test_spill_to_a_placement_filled_later_is_allowed() -> None:
    flow(council_with_spill((1, 0), [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]))


@pytest.mark.parametrize(
    "name", ["new_rate", "new_share", "cease", "cease_factor", "move", "other", "new_profile", "cease_profile"]
)
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_rate_that_is_not_a_number_is_refused(name: str, value: float) -> None:
    council = quiet_council(2, placements=2)
    rates = getattr(council.rates, name).copy()
    rates.flat[-1] = value
    with pytest.raises(ReconciliationError, match=name):
        flow(council.changing(**{name: rates}))


def test_children_and_plans_that_are_not_numbers_are_refused() -> None:
    for name in ("children", "opening"):
        council = quiet_council(2)
        getattr(council, name)[0, 1] = np.nan
        with pytest.raises(ReconciliationError, match=name):
            flow(council)


def test_infinities_of_either_sign_do_not_hide_each_other() -> None:
    council = quiet_council(2)
    council.children[0, 0, 3], council.children[0, 1, 3] = np.inf, -np.inf
    with pytest.raises(ReconciliationError, match="children"):
        flow(council)


@pytest.mark.parametrize(("y", "when"), [(0, "at the January count of 2024"), (1, "in September 2024")])
def test_more_plans_than_children_says_when(y: int, when: str) -> None:
    council = quiet_council(2)
    council.opening[0, 10 - y, 0, 0] = 60.0
    council.children[0, y, 10] = 59.0
    with pytest.raises(ReconciliationError, match=f"age 10 {when}"):
        flow_plans(council.opening, council.children, council.rates, council.clock)
