"""Which files have been read strictly and found sound, remembered by the hash of their bytes in the user's cache.

A verdict is a small JSON file that holds no figure: what was noticed in bytes of that hash, by these readers. With one,
the same bytes are read by the fast way that was found to give the same table; without one, or with one that is not for
these bytes and these readers to the letter, they are read strictly. Losing them costs a third of a second.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas

from hnforecast.base.errors import OutputError, Place, Problem
from hnforecast.writing.files import atomic_write

VARIABLE = "HNFORECAST_CACHE"


def cache_folder() -> Path | None:
    """Where verdicts are kept: $HNFORECAST_CACHE, or the user's cache folder; None where there is none or it is off."""
    asked = os.environ.get(VARIABLE)
    if asked is not None:
        return Path(asked) if asked else None
    try:
        if sys.platform == "win32":
            base = Path(os.environ["LOCALAPPDATA"])
        elif sys.platform == "darwin":
            base = Path.home() / "Library" / "Caches"
        else:
            base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except (KeyError, RuntimeError):
        return None
    return base / "hnforecast"


def recall(stem: str, sha256: str) -> tuple[Problem, ...] | None:
    """What was noticed in a file of this name and hash when it was found sound; None where that is not known."""
    folder = cache_folder()
    if folder is None:
        return None
    try:
        kept = json.loads((folder / _name(stem, sha256)).read_bytes())
        if {name: kept[name] for name in ("file", "sha256", "readers")} != _about(stem, sha256):
            return None
        return tuple(
            Problem(code, what, Place(line=line, path=path), found, expected, do)
            for code, what, line, path, found, expected, do in kept["notices"]
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember(stem: str, sha256: str, notices: tuple[Problem, ...]) -> None:
    """Keep a verdict, where there is a place for it; several processes may do so at once."""
    folder = cache_folder()
    if folder is None:
        return
    said = [[n.code, n.what, n.place.line, n.place.path, n.found, n.expected, n.do] for n in notices]
    content = json.dumps({**_about(stem, sha256), "notices": said}, indent=1).encode()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        atomic_write(folder / _name(stem, sha256), content, patience=0.0)
    except (OSError, OutputError):  # a cache that cannot be written is no reason to stop
        return


def _about(stem: str, sha256: str) -> dict[str, Any]:
    return {"file": stem, "sha256": sha256, "readers": _readers()}


def _name(stem: str, sha256: str) -> str:
    return f"{hashlib.sha256(json.dumps(_about(stem, sha256)).encode()).hexdigest()[:40]}.json"


@lru_cache(maxsize=1)
def _readers() -> str:
    """The readers a verdict was given by: their code and the library behind them."""
    digest = hashlib.sha256(pandas.__version__.encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
