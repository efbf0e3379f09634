"""Shapes shared by the cuts: published tables turned into one row per observation."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas

from hnforecast.base.codes import Codes

Frames = Mapping[str, pandas.DataFrame]
REASONS = (
    "max_age", "needs_met", "he", "employ", "transfer",
    "no_engage", "moved_outside_eng", "deceased", "not_rec", "other",
)  # fmt: skip
_AGE = re.compile(r"(\d+)")


def age_of(label: str) -> int | None:
    """The age a published label means: "age 10" 10, "under 3" and "age 2 and under" 2, "age 20 and over" 20.

    Returns:
        None for "Age unknown" and other labels without a number.
    """
    found = _AGE.search(label)
    if not found:
        return None
    return int(found[1]) - 1 if label.strip().lower().startswith("under") else int(found[1])


def melt_placements(frame: pandas.DataFrame, keys: list[str], codes: Codes, value: str) -> pandas.DataFrame:
    """One row per key and placement, placements in axis order, counts whole."""
    tidy = frame.melt(id_vars=keys, value_vars=list(codes.placements), var_name="placement", value_name=value)
    order = {placement: position for position, placement in enumerate(codes.placements)}
    tidy["_order"] = tidy["placement"].map(order)
    return tidy.sort_values([*keys, "_order"]).drop(columns="_order").astype({value: int})


def keep_bands(source: pandas.DataFrame, year: str, value: str, codes: Codes) -> pandas.DataFrame:
    """The rows of the code list's age bands, in their order; published totals are dropped."""
    order = {name: position for position, (name, _, _) in enumerate(codes.age_bands)}
    banded = source[source["age_band"].isin(order) & source[value].notna()].copy()
    banded["_order"] = banded["age_band"].map(order)
    return banded.sort_values([year, "_order"])[[year, "age_band", value]].astype({value: int})


def with_ages(frame: pandas.DataFrame, column: str) -> pandas.DataFrame:
    """The rows whose label holds an age, with the age as a whole number."""
    aged = frame.assign(age=pandas.Series([age_of(str(label)) for label in frame[column]], index=frame.index))
    return aged[aged["age"].notna()].astype({"age": int}).sort_values(["year", "age"])


def melt_reasons(frame: pandas.DataFrame, keys: list[str]) -> pandas.DataFrame:
    """One row per key and reason a plan ceased; transfers to another authority stay apart as `transfer`."""
    rows = frame.sort_values("year", kind="stable").reset_index(drop=True)
    tidy = rows.melt(id_vars=keys, value_vars=list(REASONS), var_name="reason", value_name="ceased", ignore_index=False)
    return tidy.sort_index(kind="stable").fillna({"ceased": 0}).astype({"ceased": int})


def melt_rows(frame: pandas.DataFrame, keys: list[str], columns: list[str], name: str, value: str) -> pandas.DataFrame:
    """The named columns turned into rows, in the order they were published."""
    tidy = frame.reset_index(drop=True).melt(keys, columns, var_name=name, value_name=value, ignore_index=False)
    return tidy.sort_index(kind="stable")
