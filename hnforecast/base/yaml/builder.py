"""Builds nodes from the events of a YAML text, refusing what no assumption file needs before it is built."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from hnforecast.base.errors import Place, Problem
from hnforecast.base.yaml.nodes import Key, Node, Plain, resolve_word

# The events of a YAML text.

# Tabs, odd line ends, indicators at the start of a word, directives, and a last line that ends in spaces.
_DIFFERENT = re.compile(r"[\t\x85\u2028\u2029\ufeff]|(?:^|[\s\[{,:-])[*&?]|^%| \Z", re.MULTILINE)


class Differs(Exception):
    """libyaml is not the one to read this text."""


def quick_events(text: str) -> Iterator[Any]:
    """The events as libyaml finds them, one by one.

    Raises:
        Differs: it refuses the text, may read it otherwise than ruamel.yaml, or is not installed.
    """
    if _DIFFERENT.search(text):
        raise Differs
    try:
        from yaml import CSafeLoader, YAMLError, parse
    except ImportError as error:
        raise Differs from error
    try:
        yield from parse(text, Loader=CSafeLoader)
    except YAMLError as error:
        raise Differs from error


def careful_events(text: str) -> Iterator[Any]:
    """The events as ruamel.yaml finds them, one by one.

    Raises:
        ruamel.yaml.error.YAMLError: the text is not YAML.
    """
    from ruamel.yaml import YAML

    events: Iterator[Any] = YAML(typ="safe", pure=True).parse(text)
    return events


MAX_DEPTH = 50
MAX_ALIASES = 100
MAX_VALUES = 100_000

# What the YAML library says, in words for someone who has never met the library.
_SYNTAX = (
    ("mapping values are not allowed", "a colon inside a value; put the value in quotes"),
    ("cannot start any token", "a character that cannot start a value (a tab, or one of @ ` %)"),
    ("found character '\\t'", "a tab; indent with spaces"),
    ("could not find expected ':'", "a line that is neither `name: value` nor a list item"),
    ("found unexpected end of stream", "a quotation mark that is never closed"),
    ("expected <block end>", "the indentation does not line up"),
    ("expected the node content", "a value was expected"),
    ("found undefined alias", "an alias (*name) with no anchor (&name) before it"),
    ("expected ',' or", "an unclosed [ or {, or a comma missing inside one"),
)


class _Refused(Exception):
    """A limit or a forbidden construct was met; the problem is already recorded."""


class Builder:
    """Turns the events of one file into nodes; `problems` holds what was refused."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._begin()

    def _begin(self) -> None:
        self.problems: list[Problem] = []
        self.anchors: dict[str, Node | None] = {}
        self.aliases = 0
        self.stack: list[Node] = []
        self.pending: list[Key | None] = []
        self.opened: list[str] = []
        self.root: Node | None = None

    def build(self, text: str) -> Node | None:
        """The file's top node, or None where nothing could be built."""
        try:
            try:
                return self._from(quick_events(text))
            except Differs:
                self._begin()
                return self._carefully(text)
        except _Refused:
            return None

    def _from(self, events: Iterable[Any]) -> Node | None:
        for event in events:
            getattr(self, f"_on_{type(event).__name__}", self._ignore)(event)
        return self.root

    def _carefully(self, text: str) -> Node | None:
        """As build, saying what is wrong where the text is not YAML."""
        from ruamel.yaml.error import MarkedYAMLError, YAMLError
        from ruamel.yaml.reader import ReaderError

        try:
            return self._from(careful_events(text))
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            said = f"{error.problem or error.context or ''}"
            words = next((words for part, words in _SYNTAX if part in said), said or "it cannot be read")
            place = (
                Place(file=self.file)
                if mark is None
                else Place(file=self.file, line=mark.line + 1, column=mark.column + 1)
            )
            self.problems.append(Problem("HN102", f"Not valid YAML: {words}", place))
            return None
        except ReaderError as error:
            line = text[: error.position].count("\n") + 1
            found = (
                f"character U+{ord(error.character):04X}" if isinstance(error.character, str) else "a control character"
            )
            what = "The file holds a character that is not text"
            self.problems.append(
                Problem("HN101", what, Place(file=self.file, line=line), found, do="Delete it, or type the line again.")
            )
            return None
        except YAMLError as error:
            self.problems.append(Problem("HN102", f"Not valid YAML: {error}", Place(file=self.file)))
            return None

    def _refuse(self, code: str, what: str, event: Any, found: str = "", expected: str = "", do: str = "") -> None:
        self.problems.append(Problem(code, what, self._place(event), found, expected, do))
        raise _Refused

    def _place(self, event: Any) -> Place:
        return Place(file=self.file, line=event.start_mark.line + 1, column=event.start_mark.column + 1)

    def _ignore(self, event: Any) -> None:
        """Stream and document ends say nothing about values."""

    def _on_DocumentStartEvent(self, event: Any) -> None:
        if self.root is not None or self.stack:
            self._refuse("HN106", "A second document begins (`---`); one file holds one", event)
        if getattr(event, "version", None) or getattr(event, "tags", None):
            self._refuse("HN106", "Directives (lines starting with %) are not read", event, do="Delete the line.")

    def _on_ScalarEvent(self, event: Any) -> None:
        self._check_tag(event)
        value = event.value if event.style else resolve_word(event.value)
        self._add(Node(value, event.start_mark.line + 1, event.start_mark.column + 1), event)

    def _on_MappingStartEvent(self, event: Any) -> None:
        self._open({}, event)

    def _on_SequenceStartEvent(self, event: Any) -> None:
        self._open([], event)

    def _open(self, value: Plain, event: Any) -> None:
        self._check_tag(event)
        if len(self.stack) >= MAX_DEPTH:
            self._refuse(
                "HN105", "Settings are nested too deep", event, f"more than {MAX_DEPTH} levels", f"at most {MAX_DEPTH}"
            )
        node = Node(value, event.start_mark.line + 1, event.start_mark.column + 1)
        if self.stack and isinstance(self.stack[-1].value, dict) and self.pending[-1] is None:
            self._refuse("HN106", "A name must be one word or number, not a list or a group", event)
        if event.anchor:
            self.anchors[event.anchor] = None
        self.stack.append(node)
        self.pending.append(None)
        self.opened.append(event.anchor or "")

    def _on_MappingEndEvent(self, event: Any) -> None:
        self._close(event)

    def _on_SequenceEndEvent(self, event: Any) -> None:
        self._close(event)

    def _close(self, event: Any) -> None:
        node, anchor = self.stack.pop(), self.opened.pop()
        self.pending.pop()
        if anchor:
            self.anchors[anchor] = node
        self._attach(node, event)

    def _on_AliasEvent(self, event: Any) -> None:
        self.aliases += 1
        if self.aliases > MAX_ALIASES:
            self._refuse(
                "HN105", "Too many aliases (*name)", event, f"more than {MAX_ALIASES}", do="Write the values out."
            )
        if event.anchor not in self.anchors:
            self._refuse(
                "HN102", "Not valid YAML: an alias (*name) with no anchor (&name) before it", event, f"*{event.anchor}"
            )
        node = self.anchors[event.anchor]
        if node is None:
            self._refuse("HN105", "An alias repeats the group it stands in, without end", event, f"*{event.anchor}")
            return
        self._attach(node, event)

    def _add(self, node: Node, event: Any) -> None:
        if event.anchor:
            self.anchors[event.anchor] = node
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.value, dict) and self.pending[-1] is None:
            self._name(event)
        else:
            self._attach(node, event)

    def _name(self, event: Any) -> None:
        """Take the name of a setting. A repeated one is a problem naming both lines; the first stands."""
        name, top = str(event.value), self.stack[-1]
        if name == "<<" and not event.style:
            self._refuse("HN106", "Merge keys (<<) are not read", event, do="Write the values out.")
        if name in top.keys:
            first = top.keys[name][0]
            what = f"{name!r} is set twice in one group; lines {first} and {event.start_mark.line + 1}"
            self.problems.append(Problem("HN103", what, self._place(event), do="Keep one of the two."))
            name = f"{name}\0{event.start_mark.line}"
        self.pending[-1] = name
        top.keys[name] = (event.start_mark.line + 1, event.start_mark.column + 1)

    def _attach(self, node: Node, event: Any) -> None:
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        top.weight += node.weight
        if top.weight > MAX_VALUES:
            self._refuse("HN105", "The file stands for too many values", event, expected=f"at most {MAX_VALUES:,}")
        if isinstance(top.value, list):
            top.children[len(top.value)] = node
            top.value.append(node.value)
            return
        name = self.pending[-1]
        if name is None:
            self._refuse("HN106", "A name must be one word or number, not an alias", event)
            return
        self.pending[-1] = None
        if isinstance(name, str) and "\0" in name:  # the second of a repeated name
            del top.keys[name]
            return
        top.children[name] = node
        top.value[name] = node.value

    def _check_tag(self, event: Any) -> None:
        if event.tag is not None and str(event.tag) not in ("", "None"):
            what = "Tags (words starting with !) are not read"
            self._refuse("HN104", what, event, f"{event.tag}", do="Delete the tag; a value needs none.")
