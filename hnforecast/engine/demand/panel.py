"""The panel: every authority's yearly history on one clock, so that what is known at a date is a slice.

Each series is filed under the January census with which it becomes known. The count of census T sits in year T; new
plans and requests of calendar year T-1 sit in year T, because they are published with that census; spend of the
financial year holding January T (FY T-1 to T) sits in year T. So "known at origin T" is "columns up to T", for
everything, and `Panel.known_at` is the only door to the past: a forecast works on the slice and cannot see later
columns.

What cannot be undone: the files hold latest editions, so a figure corrected after its first publication is here in
its corrected form.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hnforecast.base.errors import InputError, Place, Problem

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Panel:
    """Yearly histories of a set of authorities.

    Args:
        authorities: old_la_code, three digits as text, sorted.
        years: census years, consecutive.
        local: variable -> (authority, year); NaN where not published.
        national: variable -> (year,) from the published national rows; NaN where there is none.
        residents: reference year of a population estimate -> (authority,) residents aged 0-25 at its mid-year. An
        estimate
            of mid-V counts as known from census V+1.
    """

    authorities: tuple[str, ...]
    years: tuple[int, ...]
    local: dict[str, Floats]
    national: dict[str, Floats]
    residents: dict[int, Floats]

    def known_at(self, origin: int) -> Panel:
        """The panel as it stood when census `origin` was published: later columns are absent, not blank."""
        if origin not in self.years:
            raise InputError(
                Problem(
                    "HN361",
                    "The panel has no census of the forecast's origin.",
                    Place(path="origin"),
                    str(origin),
                    f"a census year from {self.years[0]} to {self.years[-1]}",
                    "Choose another origin, or add that census to ehcp_by_la.csv.",
                )
            )
        width = self.years.index(origin) + 1
        return replace(
            self,
            years=self.years[:width],
            local={name: values[:, :width] for name, values in self.local.items()},
            national={name: values[:width] for name, values in self.national.items()},
            residents={year: values for year, values in self.residents.items() if year < origin},
        )

    def subset(self, keep: NDArray[np.bool_]) -> Panel:
        """Only the authorities marked; national rows stay, as they are published whatever the sample."""
        return replace(
            self,
            authorities=tuple(code for code, kept in zip(self.authorities, keep, strict=True) if kept),
            local={name: values[keep] for name, values in self.local.items()},
            residents={year: values[keep] for year, values in self.residents.items()},
        )

    def series(self, name: str) -> Floats:
        """One variable, (authority, year); an unknown name is an error that lists what there is."""
        if name not in self.local:
            raise InputError(
                Problem(
                    "HN362",
                    "The panel does not hold this series.",
                    Place(path="series"),
                    name,
                    "one of " + ", ".join(sorted(self.local)),
                    "Add the file the series comes from to the panel folder, or ask for another series.",
                )
            )
        return self.local[name]

    def optional(self, name: str) -> Floats:
        """One variable, or all NaN where its file is missing: a signal that is absent is simply not used."""
        empty = np.full((len(self.authorities), len(self.years)), np.nan)
        return self.local.get(name, empty)


def log_growth(values: Floats) -> Floats:
    """Yearly log growth, (authority, year); NaN in the first year and wherever either year is missing or zero."""
    logs = safe_log(values)
    growth = np.full_like(logs, np.nan)
    growth[..., 1:] = np.diff(logs, axis=-1)
    return growth


def safe_log(values: Floats) -> Floats:
    """Logarithm with zero, negative and missing values as NaN."""
    return np.log(np.where(np.nan_to_num(values) > 0, values, np.nan))
