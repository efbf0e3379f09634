"""Figures of a panel that jump as no authority's do: pence for pounds, a digit too many, another authority's row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy
import pandas

from hnforecast.base.errors import Place, Problems
from hnforecast.inputs.columns import Column

# Published levels have never moved by more than 2.4 times from one year to the next; flows have dipped thirtyfold for a
# year, which is a fault of recording, and have not leapt above both their neighbours.
IMPLAUSIBLE = 4.0
LEAST = 200  # smaller figures do move


def note_jumps(
    frame: pandas.DataFrame,
    lines: Sequence[int],
    keys: Sequence[Column],
    year: str,
    watched: Sequence[str],
    notices: Problems,
) -> None:
    """Say which figures stand far above the years on both sides of them, and above the usual year of their series.

    Args:
        frame: rows of one file; lines: the line each stands on.
        keys: what identifies a row; year: the one of them that dates it.
        watched: measures to look at.
        notices: takes one for each figure that jumps.
    """
    names = [key.name for key in keys if key.name != year]
    if not watched or frame.empty:
        return
    order = frame.sort_values([*names, year], kind="stable").index.to_numpy()
    sorted_rows = frame.loc[order, names]
    same = (sorted_rows == sorted_rows.shift()).all(axis=1).to_numpy()
    same_next = numpy.append(same[1:], False)
    for name in watched:
        values = frame[name].to_numpy(dtype=float)[order]
        before = numpy.where(same, numpy.roll(values, 1), numpy.nan)
        after = numpy.where(same_next, numpy.roll(values, -1), numpy.nan)
        beside = numpy.fmax(before, after)
        far = (values >= LEAST) & (values > IMPLAUSIBLE * beside) & (beside > 0)
        if not far.any():
            continue
        usual = frame.groupby(names, dropna=False)[name].transform("median").to_numpy(dtype=float)[order]
        for row in numpy.flatnonzero(far & (values > IMPLAUSIBLE * usual)):
            at = int(order[row])
            notices.add(
                "HN262",
                "A figure stands far above the years beside it; it is used as it stands",
                Place(line=int(lines[at]), column=None, path=name),
                found=f"{values[row]:,.0f}",
                expected=f"near {beside[row]:,.0f}",
                do="Compare it with the publication, and put back the file as published if it differs.",
            )
