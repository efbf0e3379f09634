"""Why two returns differ: the movement of every published line and of the account, from what the returns hold alone.

A line's movement is told twice, each time adding up exactly: by when it arose (closed months restated; months recorded
since, with what was then forecast for the rest of the year) and by why (price, volume, mix and timing as each return
splits its variance, and a changed budget). What neither return explains has its own name and is never spread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from hnforecast.base.errors import Problem, UsageError
from hnforecast.questions.compare.build import Bridge, Movement
from hnforecast.questions.compare.return_file import Key, Return

PARTS = ("price", "volume", "mix", "timing")
LABELS = {
    "price": "Price",
    "volume": "Volume",
    "mix": "Mix",
    "timing": "Timing",
    "budget": "Budget changed",
    "spend_rest": "Spend: not explained by the returns",
    "funding": "Funding",
    "support": "Support",
    "restated": "Opening balance restated",
    "rest": "Balance: not explained by the returns",
}
ITEMS = ("gross_closing", "closing", "in_year")


@dataclass(frozen=True)
class LineMovement:
    """One line between two returns, pounds of spend; positive is more.

    Args:
        line, used_for: as published.
        before, after: forecast outturn.
        restated, recorded: when: they add up to the movement.
        why: part -> pounds; they add up to the movement.
    """

    line: str
    used_for: str
    before: float
    after: float
    restated: float
    recorded: float
    why: Mapping[str, float]

    @property
    def movement(self) -> float:
        """Pounds more, or fewer."""
        return self.after - self.before


@dataclass(frozen=True)
class ReturnBridge:
    """Two returns, line by line and as a bridge of the account.

    Args:
        before, after: the returns.
        lines: in the order of the later one.
        bridge: of the balance, the in-year position and plans, in the form of any other bridge.
    """

    before: Return
    after: Return
    lines: tuple[LineMovement, ...]
    bridge: Bridge


def compare_returns(before: Return, after: Return) -> ReturnBridge:
    """Explain the difference between two returns of one council.

    Raises:
        UsageError: they are of different councils.
    """
    if before.code != after.code:
        found = f"{before.council} and {after.council}"
        raise UsageError(Problem("HN511", "The two returns are of different councils", found=found))
    keys = dict.fromkeys((*after.lines, *before.lines))
    lines = tuple(_line(key, before, after) for key in keys)
    return ReturnBridge(before, after, lines, _bridge(before, after, lines))


def _line(key: Key, before: Return, after: Return) -> LineMovement:
    old, new = before.lines.get(key, {}), after.lines.get(key, {})
    start, end = old.get("forecast_outturn") or 0.0, new.get("forecast_outturn") or 0.0
    restated = _restated(before, after).get(key, 0.0)
    why = dict.fromkeys((*PARTS, "budget", "spend_rest"), 0.0)
    if old and new:
        for part in PARTS:
            why[part] = (new.get(part) or 0.0) - (old.get(part) or 0.0)
        why["budget"] = (new.get("budget") or 0.0) - (old.get("budget") or 0.0)
    why["spend_rest"] = end - start - sum(why.values())
    return LineMovement(*key, start, end, restated, end - start - restated, why)


def _restated(before: Return, after: Return) -> dict[Key, float]:
    """What months both returns close changed by, by line; a line's placement is matched by its published label."""
    labels = _labels(after) | _labels(before)
    found: dict[Key, float] = {}
    for (month, line, placement), gbp in after.ledger.items():
        earlier = before.ledger.get((month, line, placement))
        if earlier is not None and gbp != earlier:
            key = (line, labels.get((line, placement), placement))
            found[key] = found.get(key, 0.0) + gbp - earlier
    return found


def _labels(one: Return) -> dict[Key, str]:
    """(line, code of the placement) -> its label in the return."""
    return {(line, one.codes[line, label]): label for line, label in one.lines}


def _bridge(before: Return, after: Return, lines: tuple[LineMovement, ...]) -> Bridge:
    """The account: spend by why, funding, support, opening; the years after the first as the profile has them."""
    spend = {part: sum(line.why[part] for line in lines) for part in (*PARTS, "budget", "spend_rest")}
    moved = {item: after.position[item] - before.position[item] for item in before.position}
    # lines may not add up to the spend of the account: the rest is named, not spread
    spend["spend_rest"] += moved["spend"] - sum(spend.values())
    in_year = {part: -gbp for part, gbp in spend.items()} | {"funding": moved["funding"]}
    effects = {
        "in_year": dict(in_year),
        "closing": {**in_year, "support": moved["support"], "restated": moved["opening"]},
        "gross_closing": dict(in_year),
    }
    later = {year for year in set(before.profile) & set(after.profile) if year > after.year}
    years = (after.year, *sorted(later))
    start = {item: _path(before, item, years) for item in (*ITEMS, "plans")}
    end = {item: _path(after, item, years) for item in (*ITEMS, "plans")}
    movements = []
    for name, label in LABELS.items():
        account = {item: np.zeros(len(years)) for item in ITEMS}
        for item in ITEMS:
            # a balance carries what moved it into every later year; a position of one year does not
            upto = len(years) if item == "gross_closing" else 1
            account[item][:upto] = effects[item].get(name, 0.0)
        plans = np.zeros(len(years))
        if name == "volume":  # plans are counted and forecast anew; nothing says which
            plans[0] = end["plans"][0] - start["plans"][0]
        movements.append(Movement(name, label, account, plans))
    rest = movements[-1]
    for item in ITEMS:
        told = np.sum([movement.account[item] for movement in movements], axis=0)
        rest.account[item][:] += end[item] - start[item] - told
    rest.plans[:] += end["plans"] - start["plans"] - sum(movement.plans for movement in movements)
    names = (f"return {before.period}", f"return {after.period}")
    return Bridge(names[0], names[1], years, after.year, start, end, tuple(movements), _notes(before, after, lines))


def _path(one: Return, item: str, years: tuple[int, ...]) -> Any:
    """(f,) an item as the return has it: first its own year, from the position; later ones from the profile, or nought.

    A profile has no balance after support and no plans.
    """
    if item == "plans":
        own = sum(columns.get("forecast_january") or 0.0 for columns in one.plans.values())
    else:
        own = one.position[item]
    return np.array([own, *(one.profile[year].get(item, 0.0) for year in years[1:])])


def _notes(before: Return, after: Return, lines: tuple[LineMovement, ...]) -> tuple[str, ...]:
    said = [
        "From the returns alone: price, volume, mix and timing are those by which each return explains its variance "
        "from budget. Later years are not split in a return, so their movement is not explained."
    ]
    if before.illustrative or after.illustrative:
        said.insert(0, "The actuals of these returns are illustrative: not published, not real. So is every movement.")
    restated = sum(line.restated for line in lines)
    if any(line.restated for line in lines):
        said.append(
            f"Closed months were restated by £{restated:,.2f} in all; it lies within price, volume, mix or timing."
        )
    if before.year != after.year:
        said.append(
            "The returns are of different financial years: the movement is from one year to the next, budgets too."
        )
    if before.form != after.form:
        said.append(f"The returns are of two forms, {before.form} and {after.form}.")
    only = [line for line in lines if (line.line, line.used_for) not in before.lines]
    gone = [line for line in lines if (line.line, line.used_for) not in after.lines]
    for found, words in ((only, "new"), (gone, "gone")):
        if found:
            told = ", ".join(f"{line.line} {line.used_for}" for line in found)
            said.append(f"Lines that are {words}: {told}. Nothing splits them.")
    return tuple(said)
