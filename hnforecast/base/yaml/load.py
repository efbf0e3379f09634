"""Reads the bytes of a file: size, encoding, then the builder."""

from __future__ import annotations

import codecs
import hashlib
from functools import lru_cache

from hnforecast.base.errors import Place, Problem
from hnforecast.base.yaml.builder import Builder
from hnforecast.base.yaml.nodes import YamlFile

MAX_BYTES = 1_000_000
_KINDS = {type(None): "nothing", list: "a list", str: "text"}


def load_yaml(raw: bytes, file: str, max_bytes: int = MAX_BYTES) -> tuple[YamlFile | None, tuple[Problem, ...]]:
    """Read one file. Every problem found is returned; the file is None where nothing could be built.

    Args:
        raw: the bytes of the file.
        file: the name to show in messages.
        max_bytes: refuse a longer file.
    """
    return _load(raw, file, max_bytes)


@lru_cache(maxsize=512)
def _load(raw: bytes, file: str, max_bytes: int) -> tuple[YamlFile | None, tuple[Problem, ...]]:
    if len(raw) > max_bytes:
        what = "The file is larger than an assumption file may be; put long tables in a CSV beside it"
        return None, (Problem("HN105", what, Place(file=file), f"{len(raw):,} bytes", f"at most {max_bytes:,} bytes"),)
    try:
        text = _decode(raw)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        what = "The file is not UTF-8 text"
        do = "Save it as UTF-8 (in Excel or Notepad: Save as, encoding UTF-8)."
        return None, (Problem("HN101", what, Place(file=file, line=line), f"byte {error.start}", "UTF-8 text", do),)
    builder = Builder(file)
    root = builder.build(text)
    if root is None or not isinstance(root.value, dict):
        if not builder.problems:
            found = _KINDS.get(type(None if root is None else root.value), "a number or a date")
            what = "The file must hold settings, `name: value`, one a line"
            builder.problems.append(Problem("HN102", what, Place(file=file, line=1), found))
        return None, tuple(builder.problems)
    digest = hashlib.sha256(raw).hexdigest()
    return YamlFile(file, root.value, digest, root), tuple(builder.problems)


def _decode(raw: bytes) -> str:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UnicodeDecodeError("utf-8", raw, 0, 1, "UTF-16")
    return raw.decode("utf-8-sig")
