"""What is odd in published figures, found by rule: a row under two codes, a fault of recording, withheld, recoded.

Nothing published is changed or hidden: what a rule finds is said, with its line, and each reader that would be misled
asks for it here. A rule looks back only, so that what it finds in a year does not depend on later editions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy
import pandas

from hnforecast.base.errors import InputError, Place, Problem, Problems

# A count under this share of the one before is a fault of recording: Newham's of January 2025 is at 0.44, and no other
# authority's total of 200 plans or more has fallen below 0.82 since 2010.
FALLEN = 0.6
LEAST = 200  # smaller counts do move
# Units and resourced provision changed places where one lost half, and this many, and the other gained as many.
RECODED = 50
CODE = "la_code"
JOINED = "HN263"


def join_codes(
    frame: pandas.DataFrame, lines: Sequence[int], keys: Sequence[str], notices: Problems
) -> tuple[pandas.DataFrame, Sequence[int]]:
    """One row for each key, where an authority was published twice in a year under two GSS codes.

    The fuller row stands, and what it leaves blank is taken from the other.

    Args:
        frame: rows of a file; lines: the line each stands on.
        keys: columns that identify a row.
        notices: takes one for each pair joined.

    Raises:
        InputError: the same row stands twice and no two codes explain it, or neither row is the fuller.
    """
    twice = frame.duplicated(list(keys), keep=False).to_numpy()
    if CODE not in frame or not twice.any():
        return frame, lines
    measures = [name for name in frame.columns if frame[name].dtype == "float64" and name not in keys]
    figures = frame[measures].to_numpy(dtype=float)
    filled = numpy.isfinite(figures).sum(axis=1)
    joined, dropped, problems = figures.copy(), set[int](), Problems(InputError)
    for _, pair in frame[twice].groupby(list(keys), dropna=False, sort=False):
        rows = sorted(pair.index, key=lambda row: (-filled[row], row))
        first, rest = rows[0], rows[1:]
        codes = {str(frame.at[row, CODE]) for row in rows}
        place = Place(line=int(lines[rest[0]]))
        identity = {name: str(frame[name].iloc[first]) for name in keys}
        shown = ", ".join(f"{name} {value}" for name, value in identity.items() if value)
        other = int(lines[first])
        if len(codes) < len(rows) or "" in codes or filled[first] == filled[rest[0]]:
            expected = f"each once; it is also on line {other}"
            do = "Keep the row that was published; nothing says which of them is right."
            problems.add("HN212", "The same row twice", place, found=shown, expected=expected, do=do)
            problems.raise_any()
        conflicts: list[str] = []
        for row in rest:
            differ = numpy.isfinite(joined[first]) & numpy.isfinite(figures[row]) & (joined[first] != figures[row])
            conflicts += [measures[column] for column in numpy.flatnonzero(differ).tolist()]
            joined[first] = numpy.where(numpy.isfinite(joined[first]), joined[first], figures[row])
        dropped |= set(rest)
        said = f"the fuller row is taken where they differ ({', '.join(conflicts)})" if conflicts else "they are joined"
        notices.add(
            JOINED,
            "An authority published twice under two GSS codes; " + said,
            place,
            found=f"{shown}: {' and '.join(sorted(codes))}",
            expected=f"one row; the other is on line {other}",
        )
    problems.raise_any()
    kept = [row for row in range(len(frame)) if row not in dropped]
    whole = frame.assign(**{name: joined[:, column] for column, name in enumerate(measures)})
    return whole.iloc[kept].reset_index(drop=True), [lines[row] for row in kept]


def fallen(codes: Sequence[str], years: Sequence[int], values: Sequence[float]) -> numpy.ndarray:
    """Which counts are faults of recording: far below the year before, itself no such count.

    A count that stays low is believed from its second year on.

    Args:
        codes: authority of each count, "" for a whole country or region, which is never looked at.
        years, values: of each count.

    Returns:
        True where a count is not to be believed, in the order given.
    """
    known = {
        (code, year): value for code, year, value in zip(codes, years, values, strict=True) if code and value == value
    }
    found: set[tuple[str, int]] = set()
    for code, year in sorted(known):
        before = known.get((code, year - 1), 0.0)
        low = before >= LEAST and known[code, year] < FALLEN * before
        if low and (code, year - 1) not in found:
            found.add((code, year))
    return numpy.array([(code, year) in found for code, year in zip(codes, years, strict=True)], dtype=bool)


def note_fallen(frame: pandas.DataFrame, lines: Sequence[int], measure: str, notices: Problems) -> None:
    """Say which counts are left out of the pooled forecast and its scores."""
    odd = fallen(list(frame["old_la_code"]), list(frame["year"]), list(frame[measure]))
    for row in numpy.flatnonzero(odd).tolist():
        code, year = frame["old_la_code"].iloc[row], frame["year"].iloc[row]
        before = frame[(frame["old_la_code"] == code) & (frame["year"] == year - 1)][measure].iloc[0]
        notices.add(
            "HN264",
            "A count that fell as none does: a fault of recording. It stays as published, and neither feeds pooled "
            "growth nor is scored",
            Place(line=int(lines[row]), path=measure),
            found=f"{frame['la_name'].iloc[row]} {year}: {frame[measure].iloc[row]:,.0f}",
            expected=f"near {before:,.0f}, as the year before",
        )


def note_withheld(frame: pandas.DataFrame, lines: Sequence[int], measure: str, notices: Problems) -> None:
    """Say which authorities are named and not counted: their figure is not known, and not nil."""
    if "la_name" not in frame:
        return
    blank = (frame["old_la_code"] != "") & frame[measure].isna()
    for row in numpy.flatnonzero(blank.to_numpy()).tolist():
        notices.add(
            "HN265",
            "A total that was withheld: the authority is left out of that year",
            Place(line=int(lines[row]), path=measure),
            found=f"{frame['la_name'].iloc[row]} {frame['year'].iloc[row]}: blank",
        )


def note_recoded(frame: pandas.DataFrame, notices: Problems) -> None:
    """Say where units and resourced provision changed places between two counts: they are to be read together."""
    bases = [name for name in frame.columns if name.endswith("_resourced_provision")]
    units = [name for name in frame.columns if name.endswith("_senunit")]
    rows = frame[frame["old_la_code"] != ""].sort_values(["old_la_code", "year"])
    base, unit = rows[bases].sum(axis=1), rows[units].sum(axis=1)
    follows = (rows["old_la_code"] == rows["old_la_code"].shift()) & (rows["year"] == rows["year"].shift() + 1)
    moved = follows & (_swapped(base, unit) | _swapped(unit, base))
    if not moved.any():
        return
    named = [f"{name} {year}" for name, year in zip(rows["la_name"][moved], rows["year"][moved], strict=True)]
    more = f" and {len(named) - 6} more" if len(named) > 6 else ""
    notices.add(
        "HN266",
        "Units and resourced provision were recoded, one as the other: read them together",
        Place(line=1),
        found=", ".join(named[:6]) + more,
    )


def _swapped(lost: pandas.Series, gained: pandas.Series) -> pandas.Series:
    before, after = lost.shift(), lost
    return (after < before / 2) & (before - after >= RECODED) & (gained - gained.shift() >= RECODED)


def check_parts(
    frame: pandas.DataFrame, lines: Sequence[int], parts: Mapping[str, Sequence[str]], extra: Sequence[str]
) -> None:
    """Refuse rows whose published subtotal is not the sum of the columns that are known to make it up.

    An edition that splits or renames a column would otherwise lose its plans unseen.

    Args:
        frame: rows of a file; lines: the line each stands on.
        parts: subtotal -> the columns it is made of; one that is absent counts as nil.
        extra: headers of the file that are not known.

    Raises:
        InputError: a row of each subtotal that does not add up.
    """
    problems = Problems(InputError)
    for total, columns in parts.items():
        gap = frame[total] - frame[list(columns)].sum(axis=1, min_count=1)
        wrong = numpy.flatnonzero((gap.abs() > 0.5).to_numpy())
        if not len(wrong):
            continue
        row = int(numpy.argmax(gap.abs().fillna(0.0).to_numpy()))
        given = [name for name in columns if frame[name].notna().any()]
        beside = f"; columns that are not known: {', '.join(extra)}" if extra else ""
        problems.extend(
            [
                Problem(
                    "HN228",
                    "A published subtotal is not the sum of its parts",
                    Place(line=int(lines[row]), path=total),
                    f"{frame[total].iloc[row]:,.0f}, its parts {frame[total].iloc[row] - gap.iloc[row]:,.0f}"
                    f" ({', '.join(given)}){beside}",
                    "the same",
                    "Compare the headers with inputs/README.md: this edition may have split or renamed a column.",
                )
            ]
        )
    problems.raise_any()
