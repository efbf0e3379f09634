"""Reads the actuals of a financial year up to a cut-off, each file a CSV or a sheet of a workbook, strictly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from hnforecast.base.codes import Codes
from hnforecast.base.errors import InputError, Place, Problem, Problems, UsageError, show_path
from hnforecast.base.timeline import months_of_financial_year, parse_month, show_month, show_year
from hnforecast.inputs import read_table, read_workbook_table
from hnforecast.quarter.monitor.actual_checks import check_actuals
from hnforecast.quarter.monitor.files import ILLUSTRATIVE, MonitoringFile, monitoring_files
from hnforecast.quarter.period import Period

FOLDER = "monitoring"
BOOK = "monitoring.xlsx"


@dataclass(frozen=True)
class Actuals:
    """What was recorded in one financial year up to a month.

    Args:
        financial_year: first calendar year.
        cut_off: the last month read.
        tables: file name -> rows up to the cut-off, `month` as an absolute number; an absent file has no rows.
        places: file name -> the file, for messages.
        illustrative: names of the files whose figures are invented.
        files: relative name -> path of every file read.
    """

    financial_year: int
    cut_off: int
    tables: Mapping[str, pd.DataFrame]
    places: Mapping[str, Place]
    illustrative: tuple[str, ...]
    files: Mapping[str, Path]

    def table(self, name: str) -> pd.DataFrame:
        """The rows of a file up to the cut-off; none where it is absent."""
        return self.tables[name]

    def latest(self, name: str) -> pd.DataFrame:
        """The rows of the latest month of a file."""
        rows = self.tables[name]
        return rows[rows["month"] == rows["month"].max()] if len(rows) else rows


def year_folder(root: Path, financial_year: int) -> Path:
    """Where the actuals of a year lie."""
    return root / "inputs" / FOLDER / show_year(financial_year)


def read_actuals(root: Path, codes: Codes, period: Period, notices: Problems) -> Actuals:
    """Read and check the actuals of a period's year, leaving out what lies after its cut-off.

    Args:
        root: the council folder.
        codes: the code lists.
        period: the quarter.
        notices: takes what was forgiven and what a reader must know.

    Raises:
        UsageError: the year has no folder.
        InputError: every problem of every file at once.
    """
    folder = year_folder(root, period.financial_year)
    if not folder.is_dir():
        have = (
            sorted(path.name for path in folder.parent.glob("*-*") if path.is_dir()) if folder.parent.is_dir() else []
        )
        do = "Make the folder and fill the templates of inputs/templates/monitoring, or name another quarter."
        place = Place(file=show_path(folder, root))
        raise UsageError(
            Problem("HN602", f"There are no actuals of {period.year_name}", place, ", ".join(have) or "none", do=do)
        )
    problems = Problems(InputError)
    tables: dict[str, pd.DataFrame] = {}
    places: dict[str, Place] = {}
    paths: dict[str, Path] = {}
    for name, file in monitoring_files(codes).items():
        path = _find(folder, name, root, problems)
        places[name] = Place(file=show_path(path or folder / f"{name}.csv", root))
        empty = pd.DataFrame(columns=[column.name for column in file.columns])
        tables[name] = empty
        if path is None:
            _note_absent(name, file, places[name], problems, notices)
            continue
        paths[name] = path
        try:
            frame = _read(path, name, file, root, notices)
        except InputError as error:
            problems.extend(error.problems)
            continue
        tables[name] = _cut(name, file, frame, period, places[name], problems)
    illustrative = _basis(tables, places, problems)
    known = {place.file for place in places.values()}
    _note_strangers(folder, root, known, notices)
    if not problems:
        check_actuals(tables, places, period, problems, notices)
    problems.raise_any()
    return Actuals(period.financial_year, period.cut_off, tables, places, illustrative, paths)


def _find(folder: Path, name: str, root: Path, problems: Problems) -> Path | None:
    """The file of a name: a CSV, a workbook, or a sheet of the year's workbook; two of them are one too many."""
    found = [path for path in (folder / f"{name}.csv", folder / f"{name}.xlsx") if path.is_file()]
    book = folder / BOOK
    if book.is_file() and name in _sheets(book, root):
        found.append(book)
    if len(found) > 1:
        shown = " and ".join(path.name for path in found)
        place = Place(file=show_path(folder, root))
        problems.add("HN604", f"The file {name} is given twice", place, found=shown, do="Keep one of them.")
    return found[0] if found else None


def _sheets(book: Path, root: Path) -> set[str]:
    import zipfile

    from openpyxl import load_workbook

    from hnforecast.inputs.zipsafety import check_workbook

    check_workbook(book, show_path(book, root))
    try:
        return {str(name).strip().casefold() for name in load_workbook(book, read_only=True).sheetnames}
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return set()  # reading a table of it says what is wrong


def _note_absent(name: str, file: MonitoringFile, place: Place, problems: Problems, notices: Problems) -> None:
    if file.needed:
        do = "Fill its template in inputs/templates/monitoring."
        problems.add("HN603", f"The file {name} is missing", place, expected=file.says, do=do)
    else:
        notices.add("HN603", f"No file {name}: its tables stay empty or take the forecast", place)


def _read(path: Path, name: str, file: MonitoringFile, root: Path, notices: Problems) -> pd.DataFrame:
    if path.suffix == ".csv":
        return read_table(path, file.columns, root=root, key=file.key, notices=notices)
    return read_workbook_table(path, name, file.columns, root=root, key=file.key, notices=notices)


def _cut(
    name: str, file: MonitoringFile, frame: pd.DataFrame, period: Period, place: Place, problems: Problems
) -> pd.DataFrame:
    """Rows up to the cut-off; a month of another year, or one that is missing, is a problem."""
    if "month" not in frame:
        return frame
    absolute = frame["month"].map(parse_month)
    year = months_of_financial_year(period.financial_year)
    outside = sorted({value for value in absolute if value not in year})
    if outside:
        found = ", ".join(show_month(value) for value in outside[:6])
        expected = f"{show_month(year.start)} to {show_month(year.stop - 1)}"
        do = "Each financial year has its own folder: move those rows to theirs."
        problems.add("HN605", f"Months outside {period.year_name}", place, found=found, expected=expected, do=do)
    frame = frame.assign(month=absolute.astype("int64"))
    cut = frame[frame["month"] <= period.cut_off].reset_index(drop=True)
    missing = [value for value in period.months if value not in set(cut["month"])] if file.monthly else []
    if missing and not outside:
        found = f"no rows for {', '.join(show_month(value) for value in missing)}"
        do = "Add them, or monitor an earlier quarter."
        expected = f"every month to {show_month(period.cut_off)}"
        problems.add("HN606", f"The file {name} stops short of {period}", place, found=found, expected=expected, do=do)
    return cut


def _basis(tables: Mapping[str, pd.DataFrame], places: Mapping[str, Place], problems: Problems) -> tuple[str, ...]:
    """The files whose figures are invented; a file that mixes real and invented figures is refused."""
    illustrative = []
    for name, frame in tables.items():
        said = set(frame["basis"]) if len(frame) else set()
        if len(said) > 1:
            do = "Real and invented figures do not share a file: take the invented rows out."
            problems.add("HN607", "Two bases in one file", places[name], found=" and ".join(sorted(said)), do=do)
        elif ILLUSTRATIVE in said:
            illustrative.append(name)
    return tuple(illustrative)


def _note_strangers(folder: Path, root: Path, known: set[str], notices: Problems) -> None:
    for path in sorted(folder.iterdir()):
        strange = path.suffix in (".csv", ".xlsx") and path.name != BOOK and not path.name.startswith("~$")
        if strange and show_path(path, root) not in known:
            notices.add("HN608", "A file that is not read", Place(file=show_path(path, root)))
