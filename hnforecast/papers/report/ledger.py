"""The ledger of a report: every figure its text shows, with the cells of the run it comes from.

A figure enters the text as a mark that carries its number in the ledger. The writer of the document turns marks into
bookmarks and the ledger into an index, so that a reader goes from any figure to its source and back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from hnforecast.base.errors import InputError, Place, Problem
from hnforecast.papers.run_reading import FinishedRun
from hnforecast.writing.style import MILLION, millions, position_word, round_half_up

OPEN, MIDDLE, CLOSE = "\ue000", "\ue001", "\ue002"  # private letters: no text of a run holds them
MARK = re.compile(f"{OPEN}(\\d+){MIDDLE}([^{CLOSE}]*){CLOSE}")
How = Literal["sum", "percent"]


@dataclass(frozen=True)
class Term:
    """Cells of one table, added up: every row that has these keys.

    Args:
        table: of the run, or the name of another source.
        column: which column.
        keys: (column, value) each row must have.
        sign: 1 or -1.
        given: the value, where the source is not a table of the run.
    """

    table: str
    column: str
    keys: tuple[tuple[str, str], ...] = ()
    sign: int = 1
    given: float | None = None

    def __neg__(self) -> Term:
        return Term(self.table, self.column, self.keys, -self.sign, self.given)

    def words(self) -> str:
        """Where the cells stand, in words."""
        place = ", ".join(value for _, value in self.keys)
        return f"{self.table}: {self.column}" + (f", {place}" if place else "")


@dataclass(frozen=True)
class Figure:
    """One figure of the text.

    Args:
        number: in the ledger, from 1.
        text: as written.
        value: exact.
        terms: whose sum it is; over: what it is a percentage of.
    """

    number: int
    text: str
    value: float
    terms: tuple[Term, ...]
    over: tuple[Term, ...] = ()

    def source(self) -> str:
        """Where it comes from, in words."""
        text = _sum_words(self.terms)
        return f"{text}; as a percentage of {_sum_words(self.over)}" if self.over else text


class Ledger:
    """Figures in the order they are first written.

    Args:
        run: whose cells they are.
    """

    def __init__(self, run: FinishedRun) -> None:
        self._run = run
        self.figures: list[Figure] = []

    def value(self, *terms: Term) -> float:
        """The exact sum of terms.

        Raises:
            InputError: a term names a cell the run does not have or has left blank.
        """
        return sum(term.sign * (term.given if term.given is not None else self._cell(term)) for term in terms)

    def money(self, *terms: Term) -> str:
        """The size of an amount: £12.3m."""
        return self._mark(lambda value: f"£{millions(value)}m", terms)

    def position(self, *terms: Term) -> str:
        """A balance in a sentence: a deficit of £12.3m, nil."""
        value = self.value(*terms)
        word = position_word(value, MILLION / 10)
        return f"a {word} of {self.money(*terms)}" if millions(value) != "0.0" else "nil"

    def better(self, *terms: Term) -> str:
        """A change of a balance: £1.2m better, £1.2m worse, no different."""
        value = self.value(*terms)
        if millions(value) == "0.0":
            return "no different"
        return f"{self.money(*terms)} {'better' if value > 0 else 'worse'}"

    def count(self, *terms: Term) -> str:
        """A whole number: 1,234."""
        return self._mark(lambda value: f"{abs(round_half_up(value)):,.0f}", terms)

    def plans(self, *terms: Term) -> str:
        """A number of plans, with the word: 1 plan, 1,234 plans."""
        return f"{self.count(*terms)} {'plan' if abs(round_half_up(self.value(*terms))) == 1 else 'plans'}"

    def percent(self, terms: Sequence[Term], over: Sequence[Term], places: int = 1) -> str:
        """The size of one amount as a percentage of another: 7.2%."""
        return self._mark(lambda value: f"{abs(round_half_up(value, places)):,.{places}f}%", tuple(terms), tuple(over))

    def rate(self, term: Term, places: int = 1) -> str:
        """A percentage given as such: 7.2%."""
        return self._mark(lambda value: f"{round_half_up(value, places):,.{places}f}%", (term,))

    def chance(self, term: Term) -> str:
        """A share of draws as a chance, which no finite number of draws makes certain: 12%, less than 1%."""
        share = self.value(term)
        if share < SURE:
            return self._mark(lambda _: "less than 1%", (term,))
        if share > 1 - SURE:
            return self._mark(lambda _: "more than 99%", (term,))
        return self._mark(lambda value: f"{round_half_up(100 * value):.0f}%", (term,))

    def _mark(self, write: Callable[[float], str], terms: tuple[Term, ...], over: tuple[Term, ...] = ()) -> str:
        value = self.value(*terms)
        if over:
            whole = self.value(*over)
            value = 100.0 * value / abs(whole) if whole else 0.0
        text = write(value)
        known = next((f for f in self.figures if (f.text, f.terms, f.over) == (text, terms, over)), None)
        figure = known or Figure(len(self.figures) + 1, text, value, terms, over)
        if known is None:
            self.figures.append(figure)
        return f"{OPEN}{figure.number}{MIDDLE}{text}{CLOSE}"

    def _cell(self, term: Term) -> float:
        rows = self._run.rows(term.table, **dict(term.keys))
        cells = [row[term.column] for row in rows]
        if not cells or "" in cells:
            raise InputError(
                Problem(
                    "HN833", "The run lacks a figure the report needs", Place(file=self._run.folder.as_posix()),
                    found=term.words(), do="Make the run again with `hnforecast run`.",
                )
            )  # fmt: skip
        return sum(map(float, cells))


SURE = 0.01


def plain(text: str) -> str:
    """A text without its marks, as it is read."""
    return MARK.sub(lambda found: found[2], text)


def _sum_words(terms: Sequence[Term]) -> str:
    first, *others = terms
    return (("less " if first.sign < 0 else "") + first.words()) + "".join(
        f"{'; less ' if term.sign < 0 else '; plus '}{term.words()}" for term in others
    )
