"""Which library reads a YAML text makes no difference to what is read, nor to whether it is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml.error import YAMLError

from hnforecast.base.yaml.builder import Differs, careful_events, quick_events

ROOT = Path(__file__).parents[2]
FILES = sorted(path for folder in ("assumptions", "inputs") for path in (ROOT / folder).rglob("*.yaml"))
PIECES = (
    *":-,[]{}#&*!|>'\"%@`? \n\t", ": ", "- ", "\n  ", '"a', "? x\n", "&a ", "*a", "!x ", "%YAML 1.1\n", "---\n",
    "...\n", "é",
    "\u2028", "\x85", "\ufeff", "a:b", "[a:b]", "{a: b, c}", "[a: b]", "| \n x\n", ">-\n  y\n z", "\r\n", "\r",
    "\x07", "\U0001f600", "''", '"\\u00e9\\q"', "a # b", "a#b", "- - x", "::", "-1", ".5", "~",
)  # fmt: skip


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A few lines of a real file with slips of the keyboard in them."""
    lines = draw(st.sampled_from(FILES)).read_text(encoding="utf-8").split("\n")
    first = draw(st.integers(0, len(lines) - 1))
    text = "\n".join(lines[first : first + draw(st.integers(1, 12))])
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(text)))
        text = text[:place] + draw(st.sampled_from(PIECES)) + text[place + draw(st.integers(0, 2)) :]
    return text


def described(event: Any) -> tuple[object, ...]:
    """What the builder uses of an event."""
    name = type(event).__name__
    if name.endswith("EndEvent") or name.startswith("Stream"):
        return (name,)
    if name == "DocumentStartEvent":
        return name, bool(event.version), bool(event.tags)
    value, style, anchor, tag = (getattr(event, part, None) for part in ("value", "style", "anchor", "tag"))
    return name, event.start_mark.line, event.start_mark.column, value, bool(style), anchor or None, str(tag or "")


@given(texts())
def test_both_libraries_find_the_same_events(text: str) -> None:
    try:
        quick = [described(event) for event in quick_events(text)]
    except Differs:
        return
    assert quick == [described(event) for event in careful_events(text)]


def test_every_file_of_the_project_is_read_the_quick_way_or_refused_by_it_for_a_reason() -> None:
    slow = []
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        try:
            quick = [described(event) for event in quick_events(text)]
        except Differs:
            slow.append(path)
            continue
        try:
            assert quick == [described(event) for event in careful_events(text)], path
        except YAMLError as error:
            raise AssertionError(f"{path}: one library refuses what the other reads") from error
    assert len(slow) <= 1, f"libyaml is not used for {slow}"
