"""The events of a YAML text: read by libyaml where it reads as ruamel.yaml does, else by ruamel.yaml itself.

libyaml is some thirty times as fast, and every command reads dozens of files. ruamel.yaml decides what is YAML: what
libyaml refuses, and texts with characters on which the two differ, are read by it, so that no message depends on which
one reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

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
