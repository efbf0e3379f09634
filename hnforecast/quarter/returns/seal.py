"""Freezing a return: a list of hashes chained to the return before, files made read-only, nothing ever overwritten.

seal.json holds the hash of every file of the folder, of every part of its workbooks and of every cell, so that a later
change can be named; and the hash of the last return's seal.json, so that a change to an earlier return shows in every
later one. The hash of seal.json itself is printed when sealing and belongs on the signed cover or in the minutes.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hnforecast.base.errors import OutputError, Place, Problem, ReconciliationError
from hnforecast.writing.files import atomic_write, output_error

SCHEMA = "hnforecast/seal/1"
FILE = "seal.json"
SHORT = 12


def is_sealed(folder: Path) -> bool:
    """Whether a return was sealed."""
    return (folder / FILE).is_file()


def seal_return(
    folder: Path, period: str, form: str, previous: Path | None, sources: Mapping[str, str], now: datetime | None = None
) -> str:
    """Seal the files of a folder and return the hash of the seal.

    Args:
        folder: holds the finished return.
        period, form: of it.
        previous: folder of the sealed return before; None for the first.
        sources: relative name -> sha256 of every file the return was made from.
        now: the time; the present by default.

    Raises:
        ReconciliationError: it is sealed already.
        OutputError: a file cannot be written.
    """
    if is_sealed(folder):
        raise already_sealed(folder)
    content: dict[str, Any] = {
        "schema": SCHEMA,
        "period": period,
        "form": form,
        "sealed_at": (now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds"),
        "previous": None if previous is None else _link(folder, previous),
        "sources": dict(sorted(sources.items())),
        "files": [describe_file(path, folder) for path in _files(folder)],
    }
    raw = (json.dumps(content, indent=1, sort_keys=True, ensure_ascii=True) + "\n").encode()
    atomic_write(folder / FILE, raw)
    try:
        for path in [*_files(folder), folder / FILE]:
            path.chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)
    except OSError as error:
        raise output_error(error, folder) from error
    return hashlib.sha256(raw).hexdigest()


def already_sealed(folder: Path) -> ReconciliationError:
    """The refusal to write over a sealed return."""
    do = "A correction goes into the next return, with its explanation; or write elsewhere with --out."
    what = "This return is sealed, and a sealed return is never overwritten"
    return ReconciliationError(Problem("HN730", what, Place(file=str(folder)), do=do))


def read_seal(folder: Path) -> dict[str, Any]:
    """The seal of a folder.

    Raises:
        ReconciliationError: it is missing or damaged.
    """
    try:
        content = json.loads((folder / FILE).read_bytes())
    except (OSError, ValueError):
        content = None
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        do = "Restore it from a copy made when the return was sent."
        raise ReconciliationError(Problem("HN731", "The seal cannot be read", Place(file=str(folder / FILE)), do=do))
    return content


def seal_hash(folder: Path) -> str:
    """The hash of a folder's seal."""
    return hashlib.sha256((folder / FILE).read_bytes()).hexdigest()


def _link(folder: Path, previous: Path) -> dict[str, str]:
    if not is_sealed(previous):
        raise OutputError(Problem("HN732", "The return before is not sealed", Place(file=str(previous))))
    return {"folder": Path(os.path.relpath(previous, folder)).as_posix(), "seal_sha256": seal_hash(previous)}


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != FILE)


def describe_file(path: Path, folder: Path) -> dict[str, Any]:
    """Name, size and hash of a file; of a workbook also every part and cell, of a text every line."""
    raw = path.read_bytes()
    found: dict[str, Any] = {
        "path": path.relative_to(folder).as_posix(),
        "sha256": hashlib.sha256(raw).hexdigest(),
        "bytes": len(raw),
    }
    if path.suffix == ".xlsx":
        found["parts"] = workbook_parts(raw)
        found["cells"] = workbook_cells(raw)
    elif path.suffix in (".csv", ".json"):
        found["lines"] = [_short(line) for line in raw.split(b"\n")]
    return found


def workbook_parts(raw: bytes) -> dict[str, str]:
    """Part -> hash of its content; a part that cannot be unpacked is "damaged"."""
    found: dict[str, str] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            for name in archive.namelist():
                try:
                    found[name] = hashlib.sha256(archive.read(name)).hexdigest()
                except Exception:  # whatever zipfile or zlib says of a damaged part
                    found[name] = "damaged"
    except zipfile.BadZipFile:
        return {}
    return found


def workbook_cells(raw: bytes) -> dict[str, dict[str, str]]:
    """Sheet -> cell -> short hash of what it holds, formula or value; empty where the workbook does not open."""
    from openpyxl import load_workbook

    try:
        workbook = load_workbook(io.BytesIO(raw))
    except Exception:  # a damaged workbook: its parts say what is wrong
        return {}
    return {
        sheet.title: {
            cell.coordinate: _short(f"{cell.data_type}:{cell.value!r}".encode())
            for row in sheet.iter_rows()
            for cell in row
            if cell.value is not None
        }
        for sheet in workbook.worksheets
    }


def _short(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()[:SHORT]
