"""What a report is made of, before it is a document: headings, numbered paragraphs, tables, charts, gaps to fill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hnforecast.writing.blocks import Heading


@dataclass(frozen=True)
class Numbered:
    """A paragraph with a number of its own: 1.1."""

    text: str


@dataclass(frozen=True)
class Lettered:
    """Items (a), (b), (c) below a numbered paragraph."""

    items: Sequence[str]


@dataclass(frozen=True)
class Bullets:
    """A plain list."""

    items: Sequence[str]


@dataclass(frozen=True)
class Officer:
    """A place an officer must fill: what is wanted there."""

    text: str


@dataclass(frozen=True)
class DataTable:
    """A table with a caption above and its source below.

    Args:
        title: the caption, without its number.
        header, rows: all text; the first `words` columns are set left, figures right.
        source: tables of the run it comes from.
        words: how many columns hold words.
        shares: of the width, one a column; equal where empty.
        small: set smaller, for appendices.
    """

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    source: str
    words: int = 1
    shares: Sequence[float] = ()
    small: bool = False


@dataclass(frozen=True)
class Picture:
    """A chart with a caption below.

    Args:
        title: the caption, without its number.
        content: PNG.
        alternative: what it shows, in words.
    """

    title: str
    content: bytes
    alternative: str


@dataclass(frozen=True)
class FigureIndex:
    """Where the index of figures goes; the writer fills it from the ledger."""


Part = Heading | Numbered | Lettered | Bullets | Officer | DataTable | Picture | FigureIndex
