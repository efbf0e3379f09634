"""A council's own moves: counts from two of its returns joined child by child, in place of inferred moves."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hnforecast.base.axes import AGES, FloatArray
from hnforecast.base.codes import Codes
from hnforecast.base.errors import InputError, Place, Problems
from hnforecast.history.fit.spread import SharePosterior, move_posterior
from hnforecast.inputs import Column, read_table

PRIOR = 20.0  # plans' worth of an inferred row: one class that moves together tells more than the margins do
SLACK, SLACK_PLANS = 0.1, 5.0  # plans counted over plans open: the two returns are not taken on one day


def read_moves(path: Path, codes: Codes, root: Path) -> FloatArray:
    """(age, from, to) counts of plans open at both returns, age after the birthday between them.

    Args:
        path: CSV with columns age, from_placement, to_placement, count; see inputs/templates/moves-two-snapshots.csv.
        codes: the placements.
        root: the project folder, for messages.

    Raises:
        InputError: every fault of the file; personal data are refused.
    """
    placements = codes.placements
    frame = read_table(
        path,
        (
            Column("age", "whole", low=1, high=AGES - 1),
            Column("from_placement", "code", choices=placements),
            Column("to_placement", "code", choices=placements),
            Column("count", "whole", low=0, high=100_000),
        ),
        root=root,
        key=("age", "from_placement", "to_placement"),
    )
    counts = np.zeros((AGES, len(placements), len(placements)))
    index = {name: position for position, name in enumerate(placements)}
    for row in frame.to_dict("records"):
        cell = (int(row["age"]), index[str(row["from_placement"])], index[str(row["to_placement"])])
        counts[cell] += float(row["count"])
    return counts


def weigh_moves(
    counts: FloatArray, inferred: FloatArray, before: FloatArray, codes: Codes, file: str
) -> SharePosterior:
    """Own counts weighed with the inferred rows.

    Args:
        counts: (age, from, to); inferred: (age, from, to) rows that sum to 1.
        before: (age, placement) plans open at the earlier January count.
        file: for messages.

    Raises:
        InputError: nothing was counted, or more plans moved than were open.
    """
    problems = Problems(InputError)
    if counts.sum() <= 0:
        problems.add("HN375", "The file counts no plans", Place(file=file), do="Fill in the counts.")
    held = counts.sum(axis=2)
    for age in range(1, AGES):
        for p, name in enumerate(codes.placements):
            were = float(before[age - 1, p])
            if held[age, p] > were * (1.0 + SLACK) + SLACK_PLANS:
                problems.add(
                    "HN375",
                    f"more plans are counted out of {name} than were open",
                    Place(file=file, path=f"age {age}"),
                    found=f"{held[age, p]:,.0f} counted",
                    expected=f"at most {were:,.0f} at age {age - 1} the January before",
                    do="`age` is the age after the birthday between the two returns; count each child once.",
                )
    problems.raise_any()
    return move_posterior(counts, inferred, PRIOR)
