"""What a vintage changed against the one it supersedes: old -> new, and where that is more than a slip would pass for.

A change of more than half is no error: prices of three years apart may well differ by that. It is said, because a
figure in thousands where pounds are meant, or a percentage where a share is, looks the same from inside its file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import fsum

from hnforecast.assumptions.explain import labelled_values
from hnforecast.assumptions.units import show_number
from hnforecast.assumptions.vintage import Vintage

LARGE = 0.5  # share of the old value
MOST_SHOWN = 3


@dataclass(frozen=True)
class Change:
    """One number that differs between two vintages.

    Args:
        path: of the parameter.
        label: its year or the keys of its row; empty for a single value.
        old, new: in `unit`.
        unit: of the newer vintage.
    """

    path: str
    label: str
    old: float
    new: float
    unit: str

    @property
    def share(self) -> float:
        """The change as a share of the old value; infinite where that was nought."""
        return self.new / self.old - 1.0 if self.old else float("inf")

    def __str__(self) -> str:
        size = f" ({self.share:+.1%})" if self.old else ""
        return f"{show_number(self.old)} -> {show_number(self.new)}{size}"


def changes_of(old: Vintage, new: Vintage, path: str) -> Iterator[Change]:
    """Every number of a parameter that both vintages hold in the same unit and that differs.

    Args:
        old, new: vintages.
        path: of the parameter in the newer one.
    """
    before, now = old.values.get(path), new.values.get(path)
    if before is None or now is None or before.unit != now.unit:
        return
    known = dict(labelled_values(before))
    for label, value in labelled_values(now):
        if label in known and known[label] != value:
            yield Change(path, label, known[label], value, now.unit)


def large_changes(old: Vintage, new: Vintage) -> list[str]:
    """A sentence for every parameter that changed by more than half, single numbers and years one by one.

    A table is judged by the sum of the rows both have: single small rates of an age swing, their sum does not. Measures
    are left out: each vintage has its own.
    """
    found = []
    for path in new.values:
        if path.startswith("measures."):
            continue
        changed = list(changes_of(old, new, path))
        if changed and new.values[path].file is not None:
            total = Change(path, "in all", fsum(c.old for c in changed), fsum(c.new for c in changed), changed[0].unit)
            changed = [total]
        large = [change for change in changed if abs(change.share) > LARGE and change.old]
        if large:
            said = "; ".join(
                f"{change.label}: {change}" if change.label else str(change) for change in large[:MOST_SHOWN]
            )
            more = f" and {len(large) - MOST_SHOWN} more" if len(large) > MOST_SHOWN else ""
            found.append(f"{path} changed by more than {LARGE:.0%} since {old.name}: {said}{more} {large[0].unit}")
    return found
