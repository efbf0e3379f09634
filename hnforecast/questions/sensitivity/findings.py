"""Everything a scenario hangs on, found once: tornado, switching values, shares of variance, settlements."""

from __future__ import annotations

from dataclasses import dataclass

from hnforecast.questions.sensitivity import (
    Bar,
    Indices,
    Quantity,
    Settlement,
    Switch,
    run_settlements,
    switching_values,
    tornado,
    variance_shares,
)
from hnforecast.questions.sensitivity.indices import FEWEST_DRAWS
from hnforecast.questions.targets import Trials
from hnforecast.questions.targets.goals import standing_goals


@dataclass(frozen=True)
class Findings:
    """What a sensitivity found.

    Args:
        trials: the scenario.
        quantity: what was read.
        bars: the tornado, widest first.
        switches: by goal, then lever.
        indices: None for the central run alone.
        settlements: the vintage's own first.
    """

    trials: Trials
    quantity: Quantity
    bars: list[Bar]
    switches: list[Switch]
    indices: Indices | None
    settlements: list[Settlement]


def find_all(trials: Trials, measure: str, year: int) -> Findings:
    """Everything a scenario hangs on, as far as its draws can say.

    Args:
        trials: the scenario, with its draws.
        measure: in_year or closing.
        year: financial year read.
    """
    quantity = Quantity("closing" if measure == "closing" else "in_year", year)
    return Findings(
        trials,
        quantity,
        tornado(trials, quantity),
        switching_values(trials, standing_goals(trials.forecast, year)),
        variance_shares(trials, quantity) if trials.draws >= FEWEST_DRAWS else None,
        run_settlements(trials),
    )
