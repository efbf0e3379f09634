"""Spend by section 251 line and by what drives it, linked: the pounds beside a small count are withheld too."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.papers.published.plan_counts import ACTUAL, PlanCounts, small
from hnforecast.papers.published.suppression import BoolArray, Relation, Tables, withhold
from hnforecast.papers.run_reading import FinishedRun
from hnforecast.papers.tables.rows import SERVICES


@dataclass(frozen=True)
class SpendCells:
    """Net spend of the account in every scenario and year.

    Args:
        lines, drivers: s251 lines, and placements or services, in order.
        labels: (scenario, financial year as written) of each edition.
        values: (s, n): lines, then drivers, then the total.
        withheld: (n,).
    """

    lines: tuple[str, ...]
    drivers: tuple[str, ...]
    labels: tuple[tuple[str, str], ...]
    values: FloatArray
    withheld: BoolArray


def gather_spend(run: FinishedRun, counts: PlanCounts, threshold: int, *, show_zero: bool) -> SpendCells:
    """Spend of the account by line and by driver, and what of it to withhold.

    A placement with a small count has its pounds withheld, and so has a line that only such placements drive. Room is
    asked for in pounds: what as many plans as the threshold cost, so that a reader who knows the price learns no more.

    Args:
        run: to be published.
        counts: the plans, with what is withheld of them.
        threshold: counts below it are small.
        show_zero: whether noughts are shown.
    """
    codes = run.codes
    own = [row for row in run.rows("spend", period="year") if codes.line_accounts.get(row["s251_line"]) == "dsg"]
    lines = tuple(line for line in codes.lines if any(row["s251_line"] == line for row in own))
    found = {row["placement"] for row in own}
    drivers = (*(name for name in codes.placements if name in found), *([SERVICES] if SERVICES in found else []))
    labels = tuple(dict.fromkeys((row["scenario"], row["financial_year"]) for row in own))
    values = np.zeros((len(labels), len(lines) + len(drivers) + 1))
    pairs: dict[str, set[str]] = {line: set() for line in lines}
    editions = {label: edition for edition, label in enumerate(labels)}
    for row in own:
        cells = values[editions[row["scenario"], row["financial_year"]]]
        amount = float(row["central"])
        cells[lines.index(row["s251_line"])] += amount
        cells[len(lines) + drivers.index(row["placement"])] += amount
        cells[-1] += amount
        pairs[row["s251_line"]].add(row["placement"])
    actual = np.array([scenario == ACTUAL for scenario, _ in counts.labels])
    plans = counts.values[actual][:, [counts.positions.placement(p) for p in range(counts.positions.placements)]]
    few = {
        codes.placements[p] for p in np.flatnonzero(small(plans, threshold, show_zero=show_zero).any(axis=0))
    } & found
    primary = [len(lines) + drivers.index(name) for name in sorted(few)]
    primary += [position for position, line in enumerate(lines) if pairs[line] and pairs[line] <= few]
    total = values.shape[1] - 1
    relations = [
        Relation(total, tuple(range(len(lines)))),
        Relation(total, tuple(range(len(lines), total))),
    ]
    widths = np.full(values.shape[1], _worth(run, values, drivers, plans, threshold, few, len(lines)))
    tables = Tables(values, relations, widths, np.zeros(len(labels), dtype=np.bool_))
    return SpendCells(lines, drivers, labels, values, withhold(tables, primary))


def _worth(
    run: FinishedRun,
    values: FloatArray,
    drivers: tuple[str, ...],
    plans: FloatArray,
    threshold: int,
    few: set[str],
    first: int,
) -> float:
    """Pounds that as many plans as the threshold cost, at the dearest of the placements withheld."""
    worth = 1.0
    for name in few:
        count = max(1.0, float(plans[:, run.codes.placements.index(name)].max()))
        spent = float(np.abs(values[:, first + drivers.index(name)]).max())
        worth = max(worth, threshold * spent / count)
    return worth
