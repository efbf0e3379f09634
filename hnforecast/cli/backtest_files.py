"""Where a backtest reads and writes: the panel, the folder of its result, and the pages of docs/ where asked for."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hnforecast.base.errors import HnForecastError, Place, Problem
from hnforecast.cli.options import on_existing, write_default
from hnforecast.cli.project import OUTPUTS, find_project
from hnforecast.cli.screen import say

if TYPE_CHECKING:
    from hnforecast.history.backtest import Backtest, PanelRead
    from hnforecast.writing.keeping import Existing

PAGE = "docs/accuracy.md"


MANIFEST_SCHEMA = "hnforecast/backtest-run/1"


@dataclass(frozen=True)
class Places:
    """Where a backtest reads and writes.

    Args:
        root: the council folder; None where none is needed.
        panel: folder of the panel.
        out: the folder asked for; None for one in outputs/.
        own: whether the panel is the council folder's own.
        existing: what becomes of what is in the folder asked for.
    """

    root: Path | None
    panel: Path
    out: Path | None
    own: bool
    existing: Existing = "renew"


@dataclass(frozen=True)
class Written:
    """The folder that was written, the files of docs/ where they were, and what of others is kept, in it and beside."""

    folder: Path
    docs: tuple[Path, ...]
    kept: tuple[str, ...] = ()
    aside: tuple[Path, ...] = ()


def find_places(project: Path | None, panel: Path | None, out: Path | None) -> Places:
    """Find the folders; a panel of one's own with its result put elsewhere needs no council folder.

    Raises:
        UsageError: no council folder where one is needed, or a folder for the result that holds something else.
    """
    from hnforecast.engine.measured import panel_folder
    from hnforecast.writing.keeping import check_target

    root: Path | None = None
    try:
        root = find_project(project)
    except HnForecastError:
        if project is not None or panel is None or out is None:
            raise
    folder = panel if panel is not None else panel_folder(root) if root is not None else Path()
    target = out.resolve() if out is not None else None
    if target is not None:
        check_target(target, on_existing(out))
    own = root is not None and folder.resolve() == (root / "inputs" / "national").resolve()
    return Places(root, folder.resolve(), target, own, on_existing(out))


def not_own(panel: Path) -> Problem:
    """The problem of asking for docs/accuracy.md about somebody else's panel."""
    return Problem(
        "HN369",
        f"{PAGE} is about the project's own panel",
        Place(file=panel.name),
        found="--page with another panel",
        do="Leave --page out: the folder of the result holds the same page as accuracy.md.",
    )


def write_backtest(places: Places, read: PanelRead, result: Backtest, command: str, paged: bool) -> Written:
    """Write the folder of a backtest, and docs/accuracy.md and .csv where asked for.

    Args:
        places: where.
        read: the panel.
        result: what was measured.
        command: as it stands on the page.
        paged: whether to write the files of docs/.

    Raises:
        UsageError: the folder holds something that is not a run.
        OutputError: a file could not be written; no half-written folder is left behind.
    """
    from hnforecast.history.backtest import frame_csv, render_accuracy_page, stored_csv
    from hnforecast.history.backtest.blind import read_blind, with_blind_section
    from hnforecast.history.backtest.whole_page import with_whole_section
    from hnforecast.history.backtest.worth import read_whole

    page = render_accuracy_page(result, command).encode("utf-8")
    contents = {
        "tables/accuracy.csv": frame_csv(result.accuracy),
        "tables/accuracy_by_size.csv": frame_csv(result.by_size),
        "tables/accuracy_by_origin.csv": frame_csv(result.by_origin),
        "accuracy.md": page,
    }
    manifest = _manifest(read, result, command, contents)
    target, kept, aside = write_folder(places, contents, manifest)
    docs: tuple[Path, ...] = ()
    if paged and places.root is not None:
        docs = (places.root / PAGE, (places.root / PAGE).with_suffix(".csv"))
        blind = with_blind_section(page.decode("utf-8"), read_blind(places.root))
        whole = with_whole_section(blind, read_whole(places.root)).encode("utf-8")
        for path, content in zip(docs, (whole, stored_csv(result, read.sha256)), strict=True):
            aside += write_default(places.root, path, content, typed_line())
    return Written(target, docs, tuple(kept), tuple(path for path in aside if path is not None))


def write_folder(
    places: Places, contents: dict[str, bytes], manifest: dict[str, Any]
) -> tuple[Path, list[str], list[Path | None]]:
    """Write the folder of a test, whole or not at all; what was kept of the one before and what was laid aside.

    Raises:
        UsageError: the folder holds something that is not a run.
        OutputError: a file could not be written; no half-written folder is left behind.
    """
    from hnforecast.writing.files import RunFolder, clean_stale
    from hnforecast.writing.keeping import MANIFEST, sign
    from hnforecast.writing.locks import target_lock

    target = places.out or (places.root or Path.cwd()) / OUTPUTS / manifest["run_id"]
    with target_lock(target, typed_line(), on_wait=lambda who: say(f"Waiting: {who}")):
        clean_stale(target.parent)
        with RunFolder(target, existing=places.existing) as folder:
            for name, content in contents.items():
                folder.write(name, content)
            kept = list(folder.keep())
            folder.write(MANIFEST, sign({**manifest, **({"kept": kept} if kept else {})}, 2))
            aside = [folder.publish()]
    return target, kept, aside


def typed_line() -> str:
    """The command as it was typed, for whoever waits for its lock."""
    return " ".join(["hnforecast", *sys.argv[1:]])


def _manifest(read: PanelRead, result: Backtest, command: str, contents: dict[str, bytes]) -> dict[str, Any]:
    """run.json of a backtest: the mark that its folder is whole, and what it was made of."""
    from hnforecast.base import record

    code = record.code_sha256(Path(record.__file__).parents[1])
    identity = json.dumps([record.package_version(), code, read.sha256, command])
    return {
        "schema": MANIFEST_SCHEMA,
        "run_id": f"backtest-{hashlib.sha256(identity.encode('utf-8')).hexdigest()[: record.SHORT]}",
        "version": record.package_version(),
        "code_sha256": code,
        "command": command,
        "panel_sha256": read.sha256,
        "origins": list(result.origins),
        "authorities": result.authorities,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "outputs": [
            {"path": name, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
            for name, content in sorted(contents.items())
        ],
    }
