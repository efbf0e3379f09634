"""A CSV file as rows of text with their lines: decoded strictly, parted strictly, nothing typed yet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hnforecast.base.errors import Place, Problems

LARGEST_BYTES = 200_000_000
DELIMITERS = (",", ";", "\t")
_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class TextRows:
    """Rows of a CSV file, each with the line it starts on.

    Attributes:
        lines: line number of each row, from 1.
        rows: cells of each row, as written.
        delimiter: "," or ";" or TAB.
    """

    lines: list[int]
    rows: list[list[str]]
    delimiter: str


def read_rows(path: Path, file: str, expected: Sequence[str], problems: Problems, notices: Problems) -> TextRows | None:
    """Read a CSV file into rows of text.

    Args:
        path: the file.
        file: its name in messages.
        expected: headers the table should have; they settle which delimiter is in use.
        problems: takes what makes the file unreadable.
        notices: takes a fall-back of encoding.

    Returns:
        The rows, or None where the file cannot be read at all (then `problems` says why).
    """
    raw = read_bytes(path, file, problems)
    return None if raw is None else rows_of(raw, file, expected, problems, notices)


def rows_of(raw: bytes, file: str, expected: Sequence[str], problems: Problems, notices: Problems) -> TextRows | None:
    """As `read_rows`, of bytes that are read already."""
    text = _decode(raw, file, problems, notices)
    if text is None:
        return None
    if not text.strip():
        problems.add("HN204", "The file is empty", Place(file=file), expected="a header row and at least one row")
        return None
    delimiter = _delimiter(text, expected)
    lines: list[int] = []
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    following = 1
    try:
        for row in reader:
            lines.append(following)
            rows.append(row)
            following = reader.line_num + 1
    except csv.Error as error:
        do = "Open the file in a text editor; a quotation mark is likely to be missing or doubled there."
        problems.add("HN226", "Quotation marks do not match", Place(file=file, line=following), found=str(error), do=do)
        return None
    return TextRows(lines, rows, delimiter)


def read_bytes(path: Path, file: str, problems: Problems) -> bytes | None:
    """The bytes of a file, read once; None where it cannot be read (then `problems` says why)."""
    place = Place(file=file)
    try:
        if path.stat().st_size > LARGEST_BYTES:
            found = f"{path.stat().st_size / 1e6:,.0f} MB"
            problems.add("HN201", "The file is too large", place, found=found, expected="200 MB or less")
            return None
        return path.read_bytes()
    except FileNotFoundError:
        problems.add("HN201", "The file is missing", place, do="Put it back, or correct its name.")
        return None
    except OSError as error:
        problems.add("HN201", "The file cannot be opened", place, found=error.strerror or "", do="Close it elsewhere.")
        return None


def _decode(raw: bytes, file: str, problems: Problems, notices: Problems) -> str | None:
    place = Place(file=file)
    if raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        do = "Save the sheet as CSV UTF-8, or give the file its own ending."
        problems.add("HN202", "This is a workbook, not a CSV file", place, do=do)
        return None
    text = _as_text(raw, place, notices)
    fault = "" if text is None else _fault(text)
    if text is None or fault:
        do = "Save it again as CSV UTF-8."
        problems.add("HN202", "The file is not clean text", place, found=fault or "bytes of no known encoding", do=do)
        return None
    return text


def _as_text(raw: bytes, place: Place, notices: Problems) -> str | None:
    marked = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1252"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding != "utf-8-sig":
            name = "Windows-1252" if encoding == "cp1252" else "UTF-16"
            do = "Check names with accents and pound signs, or save it as CSV UTF-8."
            notices.add("HN203", f"Read as {name}, not UTF-8", place, do=do)
        return text
    return None


def _fault(text: str) -> str:
    if "\x00" in text:
        return "empty (NUL) characters, as in UTF-16 without its mark or a damaged disk"
    if "\ufffd" in text:
        return "replacement characters: an earlier program lost letters here"
    control = _CONTROL.search(text)
    return (
        f"control character {ord(control[0])} on line {text.count(chr(10), 0, control.start()) + 1}" if control else ""
    )


def _delimiter(text: str, expected: Sequence[str]) -> str:
    wanted = {name.casefold() for name in expected}
    best, best_count = DELIMITERS[0], 0
    for delimiter in DELIMITERS:
        try:
            header = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        except (csv.Error, StopIteration):
            continue
        count = sum(cell.strip().casefold() in wanted for cell in header)
        if count > best_count:
            best, best_count = delimiter, count
    return best
