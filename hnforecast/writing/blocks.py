"""A page as paragraphs, headings, lists and tables, for the terminal and as Markdown: the same words in both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hnforecast.writing.terminal import text_table, wrap


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is the page's title."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Points:
    """A list."""

    items: Sequence[str]


@dataclass(frozen=True)
class Grid:
    """A table: first column text, the others figures already written out."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]


Block = Heading | Paragraph | Points | Grid


def as_text(blocks: Sequence[Block]) -> str:
    """The page for the terminal."""
    return "\n\n".join(_text(block) for block in blocks) + "\n"


def as_markdown(blocks: Sequence[Block]) -> str:
    """The page as Markdown."""
    return "\n\n".join(_markdown(block) for block in blocks) + "\n"


def _text(block: Block) -> str:
    if isinstance(block, Heading):
        return f"{block.text}\n{('=' if block.level == 1 else '-') * len(block.text)}"
    if isinstance(block, Paragraph):
        return wrap(block.text)
    if isinstance(block, Points):
        return "\n".join("- " + wrap(item, indent=2).lstrip() for item in block.items)
    return text_table([list(column) for column in zip(block.header, *block.rows, strict=True)])


def _markdown(block: Block) -> str:
    if isinstance(block, Heading):
        return f"{'#' * block.level} {block.text}"
    if isinstance(block, Paragraph):
        return block.text
    if isinstance(block, Points):
        return "\n".join(f"- {item}" for item in block.items)
    lines = [block.header, ["---", *["---:"] * (len(block.header) - 1)], *block.rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "/") for cell in line) + " |" for line in lines)
