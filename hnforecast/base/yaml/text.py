"""Plain values as YAML text that `load_yaml` reads back unchanged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from hnforecast.base.yaml.nodes import resolve_word

_PLAIN_NAME = re.compile(r"^[A-Za-z0-9_][A-Za-z0-9_./-]*$")
_PLAIN_TEXT = re.compile(r"^[A-Za-z0-9_£(][A-Za-z0-9_ £()./,;%+'-]*$")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def dump_yaml(content: Mapping[str, Any]) -> str:
    """The text of a file holding these settings: names in the order given, two spaces a level, dates unquoted.

    Args:
        content: settings; values may be mappings, lists, text, numbers, dates, true, false or None.

    Raises:
        TypeError: a value is of another type.
    """
    return "".join(f"{line}\n" for line in _mapping(content, 0)) if content else "{}\n"


def _mapping(content: Mapping[str, Any], indent: int) -> Iterator[str]:
    for name, value in content.items():
        shown = name if _PLAIN_NAME.fullmatch(str(name)) else _quote(str(name))
        yield from _entry(f"{' ' * indent}{shown}:", value, indent)


def _entry(head: str, value: Any, indent: int) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        yield head
        yield from _mapping(value, indent + 2)
    elif isinstance(value, (list, tuple)) and value:
        yield head
        yield from _sequence(value, indent + 2)
    elif isinstance(value, str) and _is_block(value):
        yield f"{head} |"
        yield from (f"{' ' * (indent + 2)}{line}" if line else "" for line in value[:-1].split("\n"))
    else:
        yield f"{head} {_scalar(value)}"


def _sequence(values: Sequence[Any], indent: int) -> Iterator[str]:
    for value in values:
        if isinstance(value, Mapping) and value:
            lines = list(_mapping(value, indent + 2))
            yield f"{' ' * indent}- {lines[0].lstrip(' ')}"
            yield from lines[1:]
        else:
            yield from _entry(f"{' ' * indent}-", value, indent)


def _is_block(text: str) -> bool:
    """Whether a text of several lines may stand as it is, below a |."""
    lines = text.split("\n")
    whole = len(lines) > 2 and lines[-1] == "" and lines[-2] != "" and lines[0] != "" and not lines[0].startswith(" ")
    return whole and all(line.isprintable() for line in lines)


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        plain = _PLAIN_TEXT.fullmatch(value) and not value.endswith(" ") and resolve_word(value) == value
        return value if plain else _quote(value)
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, (list, tuple)):
        return "[]"
    raise TypeError(f"{type(value).__name__} has no form in an assumption file")


def _float(number: float) -> str:
    if number != number:
        return ".nan"
    if number in (float("inf"), float("-inf")):
        return ".inf" if number > 0 else "-.inf"
    return repr(number)


def _quote(text: str) -> str:
    """In double quotes, with every character that is not printable spelt out."""
    return f'"{"".join(_ESCAPES.get(character) or _spell(character) for character in text)}"'


def _spell(character: str) -> str:
    if character.isprintable():
        return character
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
