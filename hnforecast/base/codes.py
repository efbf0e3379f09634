"""The code lists: placements, needs, age bands, s251 lines and funding streams, as data in `inputs/codes/`.

Nothing in the package names a placement; this module reads their names, in the order the axes use. The lists are
small and written by us, so the reader here is short: the strict reader of published files is `hnforecast.inputs`.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from hnforecast.base.errors import InputError, Place, Problem, Problems
from hnforecast.base.shipped import shipped_folder

if TYPE_CHECKING:
    import pandas

YOUNGEST, OLDEST = 0, 25

COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "placements": ("placement", "label", "dfe_group", "dfe_group_order", "top_up_line", "note"),
        "placement_columns": ("published_column", "placement", "note"),
        "placement_groups": ("placement_group", "placement", "note"),
        "placement_labels": ("published_label", "placement", "note"),
        "s251_lines": ("s251_line", "label", "dfe_group", "account", "note"),
        "needs": ("need", "label", "dfe_plan_label", "order", "published_column", "note"),
        "age_bands": ("age_band", "low", "high", "label"),
        "streams": ("stream", "label"),
    }
)
OPTIONAL = frozenset({"note"})
WHOLE = frozenset({"dfe_group_order", "order", "low", "high"})


@dataclass(frozen=True)
class Codes:
    """Every code list of a project, in axis order.

    Attributes:
        placements: codes of the placement axis; `labels`, `groups` (the DfE's seven) and `top_up_lines` by placement.
        group_order: the DfE's groups, in the order of its plan template.
        columns: published caseload column -> placement; `published_groups` the same for the long placement groups,
            `published_labels` for the labels of files that list placements down the page.
        lines: s251 line numbers; `line_labels`, `line_groups`, `line_accounts` ("dsg" or "council") by line.
        needs: SEN2 primary needs; `need_labels`, `plan_labels` (the DfE's template) and `need_columns` by need.
        age_bands: (name, lowest age, highest age), contiguous from 0 to 25, ages on 31 August before the academic year.
        streams: funding streams; `stream_labels` by stream.
    """

    placements: tuple[str, ...]
    labels: Mapping[str, str]
    groups: Mapping[str, str]
    group_order: tuple[str, ...]
    top_up_lines: Mapping[str, str]
    columns: Mapping[str, str]
    published_groups: Mapping[str, str]
    published_labels: Mapping[str, str]
    lines: tuple[str, ...]
    line_labels: Mapping[str, str]
    line_groups: Mapping[str, str]
    line_accounts: Mapping[str, str]
    needs: tuple[str, ...]
    need_labels: Mapping[str, str]
    plan_labels: Mapping[str, str]
    need_columns: Mapping[str, str]
    age_bands: tuple[tuple[str, int, int], ...]
    band_labels: Mapping[str, str]
    streams: tuple[str, ...]
    stream_labels: Mapping[str, str]

    @property
    def residue(self) -> str:
        """The placement that takes plans no published column holds: the last of the list."""
        return self.placements[-1]

    def band_of(self, age: int) -> str:
        """The age band holding an age.

        Raises:
            InputError: the age is outside 0 to 25.
        """
        for name, low, high in self.age_bands:
            if low <= age <= high:
                return name
        raise InputError(
            Problem("HN221", f"Age {age} is in no age band", expected=f"an age from {YOUNGEST} to {OLDEST}")
        )

    def placements_in(self, group: str) -> tuple[str, ...]:
        """The placements that make up one of the DfE's seven groups."""
        return tuple(placement for placement in self.placements if self.groups[placement] == group)

    def place_columns(self, frame: pandas.DataFrame, total: str, *, strict: bool = True) -> pandas.DataFrame:
        """Turn published placement columns into one column per placement; see `place_columns`."""
        return place_columns(frame, total, self, strict=strict)


def place_columns(frame: pandas.DataFrame, total: str, codes: Codes, *, strict: bool = True) -> pandas.DataFrame:
    """Turn published placement columns into one column per placement, counting every plan once.

    Plans that no mapped column holds (total less the sum of parts) go to the residue placement, so that the
    placements of a row always sum to its total. Published subtotals are not read.

    Args:
        frame: one row per authority and year (and age), with any subset of the published columns; blank is nil.
        total: the column holding all plans of the row, such as "ehcplans".
        codes: the code lists.
        strict: refuse rows whose parts exceed their total; otherwise the parts stand and the residue is nil.

    Returns:
        The frame's other columns, then `total`, then one column per placement, then `residue`: plans put into the
        residue placement because no column held them.

    Raises:
        InputError: no mapped column is present, or (strict) parts exceed a total.

    Source: DfE "Education, health and care plans", data guidance; inputs/codes/placement_columns.csv.
    """
    present = [column for column in frame.columns if column in codes.columns]
    if not present or total not in frame.columns:
        raise InputError(
            Problem(
                "HN222",
                f"No placement columns beside {total!r} to turn into placements",
                found=", ".join(str(column) for column in frame.columns),
                expected="columns listed in inputs/codes/placement_columns.csv",
            )
        )
    kept = frame[[column for column in frame.columns if column not in codes.columns]].copy()
    parts = frame[present].fillna(0.0).astype(float)
    residue = frame[total].astype(float) - parts.sum(axis="columns")
    if strict and bool((residue < 0).any()):
        worst = int(residue.to_numpy().argmin())
        raise InputError(
            Problem(
                "HN223",
                f"Placement columns add to more than {total!r}",
                found=", ".join(f"{name} {kept[name].iloc[worst]}" for name in kept.columns[:8]),
                expected=f"parts no greater than the total (they exceed it by {-residue.min():g})",
            )
        )
    residue = residue.clip(lower=0.0).fillna(0.0)
    for placement in codes.placements:
        columns = [column for column in present if codes.columns[column] == placement]
        kept[placement] = parts[columns].sum(axis="columns")
    kept[codes.residue] = kept[codes.residue] + residue
    kept["residue"] = residue
    return kept


def codes_folder(root: Path) -> Path:
    """A council's own code lists, where it has any of those read here; else those shipped with the tool.

    A folder that holds only other lists, such as levers or settlements, leaves these as shipped.
    """
    own = root / "inputs" / "codes"
    return own if any((own / f"{name}.csv").exists() for name in (*COLUMNS, "s251_groups")) else shipped_folder("codes")


def load_codes(folder: Path) -> Codes:
    """Read the code lists of a project.

    Args:
        folder: usually `inputs/codes`.

    Raises:
        InputError: a list is missing or malformed, a code is repeated, a map names an unknown code, or the age bands
            leave a gap; all faults of the folder together.
    """
    problems = Problems(InputError)
    tables = {name: _read(folder / f"{name}.csv", columns, problems) for name, columns in COLUMNS.items()}
    problems.raise_any()
    placements = _keys(tables, "placements")
    lines = _keys(tables, "s251_lines")
    for name in ("placement_columns", "placement_groups", "placement_labels"):
        _check_references(folder, tables, name, "placement", placements, problems)
    _check_references(folder, tables, "placements", "top_up_line", lines, problems)
    _check_references(folder, tables, "s251_lines", "account", ("dsg", "council"), problems)
    bands = tuple((row["age_band"], int(row["low"]), int(row["high"])) for row in tables["age_bands"])
    _check_bands(folder, bands, problems)
    problems.raise_any()
    ordered_groups = sorted(tables["placements"], key=lambda row: int(row["dfe_group_order"]))
    return Codes(
        placements=placements,
        labels=_column(tables, "placements", "label"),
        groups=_column(tables, "placements", "dfe_group"),
        group_order=tuple(dict.fromkeys(row["dfe_group"] for row in ordered_groups)),
        top_up_lines=_column(tables, "placements", "top_up_line"),
        columns=_column(tables, "placement_columns", "placement"),
        published_groups=_column(tables, "placement_groups", "placement"),
        published_labels=_column(tables, "placement_labels", "placement"),
        lines=lines,
        line_labels=_column(tables, "s251_lines", "label"),
        line_groups=_column(tables, "s251_lines", "dfe_group"),
        line_accounts=_column(tables, "s251_lines", "account"),
        needs=_keys(tables, "needs"),
        need_labels=_column(tables, "needs", "label"),
        plan_labels=_column(tables, "needs", "dfe_plan_label"),
        need_columns=_column(tables, "needs", "published_column"),
        age_bands=bands,
        band_labels=_column(tables, "age_bands", "label"),
        streams=_keys(tables, "streams"),
        stream_labels=_column(tables, "streams", "label"),
    )


def _read(path: Path, columns: Sequence[str], problems: Problems) -> list[dict[str, str]]:
    file = f"codes/{path.name}"
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            lines = list(csv.reader(stream))
    except FileNotFoundError:
        do = "Copy it from the lists that come with the tool: a council has its own of all of these, or of none."
        problems.add("HN220", "A code list is missing", Place(file=file), do=do)
        return []
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        problems.add("HN220", "Code list cannot be read", Place(file=file), found=type(error).__name__)
        return []
    if not lines or tuple(lines[0]) != tuple(columns):
        found = ",".join(lines[0]) if lines else "an empty file"
        problems.add("HN220", "Wrong header", Place(file=file, line=1), found=found, expected=",".join(columns))
        return []
    rows: list[dict[str, str]] = []
    first_line: dict[str, int] = {}
    for number, cells in enumerate(lines[1:], start=2):
        if not any(cells):
            continue
        if len(cells) != len(columns):
            expected = f"{len(columns)} values"
            problems.add(
                "HN220", "Wrong number of values", Place(file=file, line=number), found=len(cells), expected=expected
            )
            continue
        row = dict(zip(columns, (cell.strip() for cell in cells), strict=True))
        for column, value in row.items():
            place = Place(file=file, line=number, path=column)
            if not value and column not in OPTIONAL:
                problems.add("HN220", "Empty value in a code list", place)
            elif column in WHOLE and not value.isdecimal():
                problems.add("HN220", "Not a whole number", place, found=value)
        key = row[columns[0]]
        if key in first_line:
            expected = f"each code once; it is also on line {first_line[key]}"
            problems.add("HN220", "Code given twice", Place(file=file, line=number), found=key, expected=expected)
        first_line.setdefault(key, number)
        rows.append(row)
    if not rows:
        problems.add("HN220", "Code list is empty", Place(file=file))
    return rows


def _keys(tables: Mapping[str, list[dict[str, str]]], name: str) -> tuple[str, ...]:
    return tuple(row[COLUMNS[name][0]] for row in tables[name])


def _column(tables: Mapping[str, list[dict[str, str]]], name: str, column: str) -> Mapping[str, str]:
    return MappingProxyType({row[COLUMNS[name][0]]: row[column] for row in tables[name]})


def _check_references(
    folder: Path,
    tables: Mapping[str, list[dict[str, str]]],
    name: str,
    column: str,
    known: Sequence[str],
    problems: Problems,
) -> None:
    for row in tables[name]:
        if row[column] not in known:
            place = Place(file=f"{folder.name}/{name}.csv", path=f"{row[COLUMNS[name][0]]}.{column}")
            problems.add(
                "HN220", "Code list names an unknown code", place, found=row[column], expected=", ".join(known)
            )


def _check_bands(folder: Path, bands: Sequence[tuple[str, int, int]], problems: Problems) -> None:
    following = YOUNGEST
    for name, low, high in bands:
        if low != following or high < low:
            place = Place(file=f"{folder.name}/age_bands.csv", path=name)
            expected = f"a band starting at {following}"
            problems.add(
                "HN220", "Age bands leave a gap or overlap", place, found=f"{low} to {high}", expected=expected
            )
        following = high + 1
    if bands and following != OLDEST + 1:
        place = Place(file=f"{folder.name}/age_bands.csv")
        problems.add(
            "HN220", "Age bands do not end at the oldest age", place, found=following - 1, expected=str(OLDEST)
        )
