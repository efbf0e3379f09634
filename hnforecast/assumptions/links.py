"""Rules across files: filled in next."""

from __future__ import annotations

from typing import Any


def check_links(draft: Any, problems: Any) -> None:
    """Nothing yet."""
