"""Reading: a national file as it is, and with every row sixteen times, which must cost what so many rows cost."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.result import ROOT, Result, best_seconds

FILE = "ehcp_by_la.csv"
COPIES = 16


def benchmarks() -> Iterator[Result]:
    """Yield the time of the strict reader on a good file, and on one whose rows stand many times, against it."""
    from hnforecast.base.errors import InputError
    from hnforecast.inputs import load_panel, panel_reading

    def read(folder: Path) -> None:
        panel_reading._latest.clear()  # as in a new process
        with contextlib.suppress(InputError):  # one of them is refused, as it should be
            load_panel(folder, files=(FILE.removesuffix(".csv"),))

    os.environ["HNFORECAST_CACHE"] = ""  # nothing remembered from other runs
    whole = (ROOT / "inputs" / "national" / FILE).read_bytes()
    head, *rows = whole.splitlines(keepends=True)
    with tempfile.TemporaryDirectory() as good, tempfile.TemporaryDirectory() as bad:
        (Path(good) / FILE).write_bytes(whole)
        (Path(bad) / FILE).write_bytes(head + b"".join(rows) * COPIES)
        once = best_seconds(lambda: read(Path(good)), 3)
        many = best_seconds(lambda: read(Path(bad)), 3)
    yield Result("a national file read strictly", once, "s", 0.5)
    yield Result(
        f"the same with every row {COPIES} times, refused", many, "s", None, once * COPIES, f"{COPIES} such files"
    )
