"""Which authority a name, slug or code stands for; one that could be two is refused with the list of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING

from hnforecast.base.errors import Problem, UsageError

if TYPE_CHECKING:
    import pandas

# Words of a council's formal title that its name in the published files leaves out.
_TITLES = frozenset(
    {"council", "county", "city", "borough", "metropolitan", "district", "unitary", "royal", "of", "the"}
)
_LONDON = re.compile(r"^(london borough|royal borough) of ")


@dataclass(frozen=True)
class Authority:
    """An authority of the panel.

    Args:
        code: the Department's three digits.
        name, region, gss_code: as published.
        last_year: the last January in which it made a return.
    """

    code: str
    name: str
    region: str
    gss_code: str
    last_year: int

    @property
    def slug(self) -> str:
        """The name as a folder: lower case, dashes, no points or commas."""
        return "-".join(_words(self.name))


def read_authorities(lookup: pandas.DataFrame) -> tuple[Authority, ...]:
    """Every authority of the panel's lookup, its latest row where boundaries or codes changed."""
    rows = lookup[lookup["old_la_code"].astype(str).str.fullmatch(r"\d{3}")].sort_values(["last_year"])
    found = {
        str(row["old_la_code"]): Authority(
            str(row["old_la_code"]), str(row["la_name"]), str(row["region_name"]), str(row["la_code"]),
            int(row["last_year"]),
        )
        for row in rows.to_dict("records")
    }  # fmt: skip
    return tuple(sorted(found.values(), key=lambda authority: authority.name))


def find_authority(authorities: Sequence[Authority], asked: str) -> Authority:
    """The one authority that is meant.

    Args:
        authorities: see read_authorities.
        asked: its name in any case, with dashes or spaces, with or without "Council" and the like; or the
            Department's three digits; or the GSS code.

    Raises:
        UsageError: none is meant, or more than one could be, or it no longer exists.
    """
    latest = max(authority.last_year for authority in authorities)
    live = [authority for authority in authorities if authority.last_year == latest]
    words, code, bare = _words(asked), asked.strip().upper(), _bare(asked)
    for chosen in (live, [authority for authority in authorities if authority not in live]):
        exact = [a for a in chosen if code in (a.code, a.gss_code) or _words(a.name) == words]
        if not exact:
            exact = [a for a in chosen if words and _bare(a.name) == bare]
        if len(exact) == 1:
            return _still_there(exact[0], latest, live)
        if exact:
            raise _ambiguous(asked, exact)
    holding = [a for a in live if words and set(bare) <= set(_words(a.name))]
    holding = holding or [a for a in live if len(asked.strip()) > 2 and "-".join(words) in a.slug]
    if len(holding) > 1:
        raise _ambiguous(asked, holding)
    near = holding or _near(live, words)
    do = f"Did you mean {_listed(near)}?" if near else "`hnforecast new --list` names every authority."
    raise UsageError(
        Problem("HN858", "No authority of the national panel has this name or code", found=asked,
                expected=f"one of {len(live)} by name, by the Department's three digits or by GSS code", do=do)
    )  # fmt: skip


def _still_there(authority: Authority, latest: int, live: Sequence[Authority]) -> Authority:
    if authority.last_year == latest:
        return authority
    following = [other for other in live if set(_bare(authority.name)) <= set(_words(other.name))]
    do = f"Did you mean {_listed(following)}?" if following else "Name the council that took its place."
    what = f"{authority.name} made its last return in January {authority.last_year}: it no longer exists as it was"
    raise UsageError(Problem("HN858", what, found=authority.code, expected=f"a council of January {latest}", do=do))


def _ambiguous(asked: str, found: Sequence[Authority]) -> UsageError:
    what = f"{len(found)} authorities could be meant"
    return UsageError(Problem("HN859", what, found=asked, expected=_listed(found), do="Give the three digits."))


def _near(live: Sequence[Authority], words: tuple[str, ...]) -> list[Authority]:
    by_slug = {authority.slug: authority for authority in live}
    return [by_slug[slug] for slug in get_close_matches("-".join(words), by_slug, n=3, cutoff=0.6)]


def _listed(found: Sequence[Authority]) -> str:
    shown = [f"{authority.name} ({authority.code})" for authority in found[:12]]
    return ", ".join(shown) + (f" and {len(found) - 12} more" if len(found) > 12 else "")


@lru_cache(maxsize=4096)
def _words(text: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower().replace("&", " and ")
    return tuple(re.findall(r"[a-z0-9]+", plain.replace(".", "").replace("'", "")))


@lru_cache(maxsize=4096)
def _bare(text: str) -> tuple[str, ...]:
    """Words of a name without those of its title, in order of the alphabet; all of them where nothing else is left."""
    words = _words(_LONDON.sub("", " ".join(_words(text))))
    return tuple(sorted(set(words) - _TITLES)) or tuple(sorted(words))
