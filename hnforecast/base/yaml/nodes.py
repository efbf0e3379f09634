"""What a file is once read: plain values, and the line and column of each; and what an unquoted word stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hnforecast.base.errors import Place

Key = str | int
Plain = Any  # dict, list, str, int, float, bool, date or None

_WHOLE = re.compile(r"^[-+]?(0|[1-9][0-9]*)$")
_DECIMAL = re.compile(r"^[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")
_ENDLESS = re.compile(r"^([-+]?)\.(inf|Inf|INF)$")
_NOT_A_NUMBER = re.compile(r"^\.(nan|NaN|NAN)$")
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_WORDS: Mapping[str, Plain] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


@dataclass
class Node:
    """One value of a file: what it is, where it starts, and the same for what it holds."""

    value: Plain
    line: int
    column: int
    children: dict[Key, Node] = field(default_factory=dict)
    keys: dict[Key, tuple[int, int]] = field(default_factory=dict)
    weight: int = 1


@dataclass(frozen=True)
class YamlFile:
    """A file as plain values, with the place of each.

    Args:
        file: the name shown in messages.
        content: the top mapping; shared, never to be changed in place.
        sha256: of the bytes read.
    """

    file: str
    content: dict[str, Plain]
    sha256: str
    root: Node = field(repr=False, compare=False)

    def place(self, path: Sequence[Key] = (), *, key: bool = False) -> Place:
        """Where a value is (or with key=True where its name is); for a path not in the file, its nearest parent."""
        node, parent_key = self.root, (self.root.line, self.root.column)
        where = parent_key
        for step in path:
            child = node.children.get(step)
            if child is None:
                where = parent_key
                break
            parent_key = node.keys.get(step, (child.line, child.column))
            node = child
            where = parent_key if key else (node.line, node.column)
        return Place(file=self.file, line=where[0], column=where[1])


def resolve_word(text: str) -> Plain:
    """The value of an unquoted word: a number, a date, true, false, nothing, or else the text itself."""
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text) if len(text) < 400 else text
    if _DECIMAL.fullmatch(text):
        return float(text)
    if _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            return text
    endless = _ENDLESS.fullmatch(text)
    if endless:
        return float(f"{endless[1]}inf")
    return float("nan") if _NOT_A_NUMBER.fullmatch(text) else text
