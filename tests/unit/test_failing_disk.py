"""The k-th failing open, write, fsync, rename or mkdir, for every k: the old result or the new, and no leftovers."""

from __future__ import annotations

import builtins
import errno
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hnforecast.base.errors import OutputError
from hnforecast.papers import run_folder
from hnforecast.quarter.period import monitored_quarter, parse_return_period
from hnforecast.quarter.returns import make
from hnforecast.quarter.returns.make import Last, write_return
from hnforecast.writing import files
from tests.fixtures_forecast import example_forecasts, example_record
from tests.fixtures_returns import example_gathered, example_return

pytestmark = pytest.mark.slow
CALLS = ("open", "write", "fsync", "replace", "mkdir")
Contents = dict[str, bytes]


class Faulty:
    """Counts the calls that touch the disk below a folder, and fails one of them."""

    def __init__(self, kind: str, k: int, number: int) -> None:
        self.kind, self.k, self.number, self.seen = kind, k, number, 0

    def count(self, kind: str) -> None:
        if kind == self.kind:
            self.seen += 1
            if self.seen == self.k:
                raise OSError(self.number, os.strerror(self.number))


class File:
    """An open file whose writes are counted."""

    def __init__(self, file: Any, faulty: Faulty) -> None:
        self._file, self._faulty = file, faulty

    def write(self, content: Any) -> Any:
        self._faulty.count("write")
        return self._file.write(content)

    def __enter__(self) -> File:
        return self

    def __exit__(self, *caught: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@contextmanager
def failing(kind: str, k: int, number: int) -> Iterator[Faulty]:
    faulty = Faulty(kind, k, number)
    real_open = io.open

    def opened(file: Any, mode: str = "r", *rest: Any, **options: Any) -> Any:
        if not set(mode) & set("wax+"):
            return real_open(file, mode, *rest, **options)
        faulty.count("open")
        return File(real_open(file, mode, *rest, **options), faulty)

    def counted(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            faulty.count(name)
            return real(*arguments, **options)

        return call

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(io, "open", opened)
        patch.setattr(builtins, "open", opened)
        for name in ("fsync", "replace", "mkdir"):
            patch.setattr(os, name, counted(name, getattr(os, name)))
        patch.setattr(files, "retry_while_held", lambda action, patience=0.0: action())
        yield faulty


def contents(folder: Path) -> Contents:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def outcome(write: Callable[[], object]) -> OutputError | None:
    try:
        write()
    except OutputError as error:
        return error
    return None


def every_k(
    kind: str, number: int, target: Path, write: Callable[[], object], old: Contents | None, afresh: bool = False
) -> int:
    """Fail each call in turn; returns how many calls there are."""
    k = 0
    while True:
        k += 1
        if afresh:
            files.remove_folder(target)
        before = contents(target) if target.is_dir() else None
        with failing(kind, k, number) as faulty:
            told = outcome(write)
        if told is None and faulty.seen < k:
            return k - 1
        if told is not None:
            assert told.exit_code == 4
            assert told.problems[0].code == "HN801"
            assert number != errno.ENOSPC or "The disk is full" in str(told)
        files.clean_stale(target.parent)
        left = contents(target) if target.is_dir() else None
        if left != before:
            assert left is not None, f"{kind} {k}: the old result is gone"
            check_whole(left, old)
        assert [path.name for path in target.parent.iterdir() if path.name.startswith(".")] == [], f"{kind} {k}"


def check_whole(left: Contents, like: Contents | None) -> None:
    assert like is None or left.keys() == like.keys()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("kind", CALLS)
def test_whichever_call_of_a_run_fails(
    kind: str, number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: dict[str, Any]
) -> None:
    for name, stored in made.items():
        monkeypatch.setattr(run_folder, name, lambda *_, stored=stored, **__: stored)
    forecasts, target = example_forecasts(), tmp_path / "run"
    record = example_record(forecasts)
    count = every_k(kind, number, target, lambda: run_folder.write_run(forecasts, record, target), None)
    whole = contents(target)
    assert count >= (1 if kind in ("replace", "mkdir") else 10)
    # again, over the run that is now there
    every_k(kind, number, target, lambda: run_folder.write_run(forecasts, record, target), whole)
    assert contents(target).keys() == whole.keys()


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    """The content of a run made once: here the disk is tested, not the charts."""
    forecasts = example_forecasts()
    record, codes = example_record(forecasts), forecasts[0].scenario.vintage.codes
    return {
        "chart_words": {"chart": ("title", "words")},
        "draw_chart": [(f"chart-{n}.png", bytes(100)) for n in range(4)],
        "write_workbook": b"workbook" * 1_000,
        "resolved_bytes": b"assumptions",
        "run_tables": list(run_folder.run_tables(forecasts, codes, dict(record.files))),
    }


@pytest.mark.parametrize("seal", [False, True])
@pytest.mark.parametrize("kind", CALLS)
def test_whichever_call_of_a_return_fails(
    kind: str, seal: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    period = parse_return_period("2025-26-Q2", "Q")
    quarter = monitored_quarter(period, ())
    built, gathered = example_return(), example_gathered()
    book = make.write_return_book(
        built,
        [],
        title="t",
        author="a",
        created=datetime(2025, 9, 28, tzinfo=UTC).replace(tzinfo=None),
        footer="f",
    )
    monkeypatch.setattr(make, "write_return_book", lambda *_, **__: book)
    target = tmp_path / "return"

    def write() -> None:
        write_return(target, period, quarter, built, [], gathered, Last(), seal=seal)

    every_k(kind, errno.ENOSPC, target, write, None, afresh=seal)  # a sealed return is never written over
    whole = contents(target)
    assert ("seal.json" in whole) == seal
    assert "return.json" in whole
    if not seal:
        every_k(kind, errno.ENOSPC, target, write, whole)
        assert contents(target) == whole
