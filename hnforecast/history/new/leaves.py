"""Values as they are written in a draft's YAML: every one with its unit, date, source, status and mark."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hnforecast.base.errors import InputError, Place, Problem
from hnforecast.base.shipped import shipped_folder
from hnforecast.base.yaml import load_yaml

Content = dict[str, Any]
OWNER = "To be named: SEND finance lead"
REVIEW_AFTER = 180  # days: a draft nobody has read should not stand for a year
FOLDER = "council"


@dataclass(frozen=True)
class Source:
    """What a published value of a draft rests on.

    Args:
        words: publisher, dataset and edition.
        published, as_at: days.
    """

    words: str
    published: date
    as_at: date


@dataclass(frozen=True)
class Writer:
    """Writes values, dated the day of the draft.

    Args:
        today: the day.
        year: first calendar year of the base outturn year, which prices are of.
    """

    today: date
    year: int

    def known(self, source: Source, unit: str, start: str, why: str = "", **more: Any) -> Content:
        """A value that is published, or worked out from published figures: `value` or `by` in `more`."""
        return {
            **_first(more), "unit": unit, "from": start,
            "source": " ".join(part for part in (why, source.words) if part),
            "published_on": source.published, "as_at": source.as_at, "status": "outturn", "mark": "inferred",
            **_rest(more),
        }  # fmt: skip

    def judged(self, source: str, unit: str, start: str, **more: Any) -> Content:
        """A value that is nobody's yet: a judgement, unverified unless said otherwise, to be looked at again."""
        return {
            **_first(more), "unit": unit, "from": start, "source": source, "published_on": self.today,
            "as_at": self.today, "status": "judgement", "mark": "unverified", "owner": OWNER, "review_by": self.review,
            **_rest(more),
        }  # fmt: skip

    @property
    def review(self) -> date:
        """When a judgement of the draft is looked at again."""
        return self.today + timedelta(days=REVIEW_AFTER)

    def own(self, content: Any) -> Any:
        """A copy of starter settings in which every judgement has an owner and a day of review."""
        if isinstance(content, Mapping):
            copied = {key: self.own(value) for key, value in content.items()}
            if copied.get("status") == "judgement":
                copied.setdefault("owner", OWNER)
                copied.setdefault("review_by", self.review)
            return copied
        if isinstance(content, list):
            return [self.own(item) for item in content]
        return deepcopy(content)


def read_starter(name: str) -> Content:
    """One file of the settings a new council starts from.

    Raises:
        InputError: it cannot be read.
    """
    file: Path = shipped_folder("templates") / FOLDER / f"{name}.yaml"
    label = f"templates/{FOLDER}/{file.name}"
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise InputError(Problem("HN270", "What a new council starts from is missing", Place(file=label))) from error
    yaml, problems = load_yaml(raw, label)
    if problems or yaml is None:
        raise InputError(*problems)
    return dict(yaml.content)


def _first(more: Mapping[str, Any]) -> Content:
    return {key: more[key] for key in ("value", "by", "file") if key in more}


def _rest(more: Mapping[str, Any]) -> Content:
    return {key: value for key, value in more.items() if key not in ("value", "by", "file")}
