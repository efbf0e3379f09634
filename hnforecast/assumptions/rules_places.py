"""Rules on placements: every name is in the code list, and every full placement says where the rest go."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator
from typing import Any

from hnforecast.assumptions.draft import Draft
from hnforecast.assumptions.shaped import SHARE_TOLERANCE
from hnforecast.assumptions.units import show_number
from hnforecast.base.errors import Place, Problems


def near(name: str, known: list[str] | tuple[str, ...]) -> str:
    """The sentence that offers the nearest known name, or nothing."""
    found = difflib.get_close_matches(name, known, n=1)
    return f"Did you mean {found[0]!r}?" if found else ""


def check_placements(draft: Draft, problems: Problems) -> None:
    """Every placement named anywhere in the YAML is one of the code list."""
    known = draft.codes.placements
    for name, place in _named(draft):
        if name not in known:
            do = near(name, known) or "Use a code of inputs/codes/placements.csv."
            problems.add("HN142", "unknown placement", place, found=name, expected=", ".join(known), do=do)


def _named(draft: Draft) -> Iterator[tuple[str, Place]]:
    """Every placement named, with its place."""
    prices, flows, services = (draft.groups.get(stem) for stem in ("prices", "flows", "services"))
    for group, stem, names in (
        (prices, "prices", ("top_up", "line_share", "place", "place_council_share")),
        (flows, "flows", ("places", "spill")),
    ):
        for name in names if group is not None else ():
            for placement in getattr(group, name):
                yield placement, draft.place(stem, name, placement)
    for placement, shares in flows.spill.items() if flows is not None else ():
        yield from ((to, draft.place("flows", "spill", placement, to)) for to in shares)
    for key, line in services.council.items() if services is not None else ():
        for position, placement in enumerate(line.placements or ()):
            yield placement, draft.place("services", "council", key, "placements", position, key=False)
    for name, measure in draft.measures.items():
        for number, effect in enumerate(measure.effects):
            yield from _in_effect(draft, effect, ("measures", name, "effects", number))


def _in_effect(draft: Draft, effect: Any, keys: tuple[Any, ...]) -> Iterator[tuple[str, Place]]:
    for position, placement in enumerate(effect.placements or ()):
        yield placement, draft.place(*keys, "placements", position, key=False)
    for setting in ("from_placement", "to_placement"):
        if getattr(effect, setting) is not None:
            yield getattr(effect, setting), draft.place(*keys, setting, key=False)


def check_spill(draft: Draft, problems: Problems) -> None:
    """Every limited placement says where those not admitted go, never to itself nor to one filled before it."""
    flows = draft.groups["flows"]
    filled: list[str] = []
    for placement in flows.places:
        filled.append(placement)
        shares = flows.spill.get(placement)
        if not shares:
            what = "places are limited here, but nothing says where the others go"
            do = f"Add `spill.{placement}:` with shares that sum to 1."
            problems.add("HN143", what, draft.place("flows", "places", placement), do=do)
            continue
        total = math.fsum(share.value or 0.0 for share in shares.values())
        if abs(total - 1) > SHARE_TOLERANCE:
            place = draft.place("flows", "spill", placement)
            problems.add("HN144", "the shares do not sum to 1", place, found=show_number(total), expected="1")
        for to in shares:
            if to in filled:
                what = "those not admitted cannot go to a placement that is full or filled before"
                expected = "a placement with no limit, or one later in `places`"
                problems.add("HN143", what, draft.place("flows", "spill", placement, to), found=to, expected=expected)
    for placement in flows.spill:
        if placement not in flows.places:
            what = "nobody is turned away here, because the placement has no limit"
            do = f"Add `places.{placement}.commissioned`, or delete this."
            problems.add("HN143", what, draft.place("flows", "spill", placement), do=do)
