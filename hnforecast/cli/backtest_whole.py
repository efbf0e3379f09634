"""`hnforecast backtest --whole`: every authority drafted and run at past January counts, scored on plans and money."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hnforecast.base.errors import Place, Problem, UsageError
from hnforecast.cli.backtest_files import PAGE, Places, typed_line, write_folder
from hnforecast.cli.faults import FINE
from hnforecast.cli.options import write_default
from hnforecast.cli.project import OUTPUTS
from hnforecast.cli.screen import Progress, print_json, say

if TYPE_CHECKING:
    from pandas import DataFrame

COMMAND = "hnforecast backtest --whole"
RESULT_SCHEMA = "hnforecast/backtest-whole/1"
MANIFEST_SCHEMA = "hnforecast/backtest-whole-run/1"
KEPT = ".backtest-whole.jsonl"


def backtest_whole(places: Places, *, as_json: bool, paged: bool) -> int:
    """Run the test, or go on with one broken off, and write its folder and its section of docs/accuracy.md.

    Raises:
        UsageError: the panel asked for is not the one the project runs on.
    """
    from hnforecast.base import record
    from hnforecast.engine.measured import panel_folder
    from hnforecast.history.backtest.whole import read_work
    from hnforecast.history.backtest.whole_run import run_whole, whole_key
    from hnforecast.history.backtest.whole_scores import outcomes_frame, score_whole

    root = places.root
    if root is None or places.panel != panel_folder(root).resolve():
        what, do = (
            "The whole model is tested on the project's own panel",
            "Leave --panel out, or put it in inputs/national.",
        )
        raise UsageError(Problem("HN369", what, Place(file=places.panel.name), found="--whole with --panel", do=do))
    code = record.code_sha256(Path(record.__file__).parents[1])
    key, kept = whole_key(root, code), root / OUTPUTS / KEPT
    work = read_work(root)
    steps = work.steps()
    with Progress(len(steps), "drafting") as progress:
        drafted = run_whole(
            work, kept, key, lambda one: progress.step(f"{one.origin} {work.authorities[one.code].name}")
        )
    refused = [one for one in drafted if one.refused]
    frame = outcomes_frame(outcome for one in drafted for outcome in one.outcomes)
    scores = score_whole(frame)
    folder = _write(places, frame, scores, key, paged)
    kept.unlink(missing_ok=True)
    if as_json:
        print_json(_plain(scores, folder, len(steps), len(refused)))
        return FINE
    click.echo(_text(scores))
    if refused:
        say(f"note: {len(refused)} of {len(steps)} drafts could not be made; the first: {refused[0].refused[:200]}")
    click.echo(f"Written to {folder.relative_to(root) if folder.is_relative_to(root) else folder}")
    return FINE


def _write(places: Places, frame: DataFrame, scores: DataFrame, key: str, paged: bool) -> Path:
    """The folder of the test, then its page and scores in docs/."""
    from hnforecast.history.backtest import frame_csv
    from hnforecast.history.backtest.whole_page import whole_section, with_whole_section
    from hnforecast.history.backtest.worth import STORED

    root = places.root if places.root is not None else Path.cwd()
    rows = [{str(name): value for name, value in row.items()} for row in scores.to_dict("records")]
    contents = {
        "tables/whole_scores.csv": frame_csv(scores),
        "tables/whole_outcomes.csv": frame_csv(frame),
        "accuracy_whole.md": whole_section(rows).encode("utf-8"),
    }
    target, _, _ = write_folder(places, contents, _manifest(contents, key))
    if paged:
        page = root / PAGE
        before = page.read_text(encoding="utf-8") if page.is_file() else "# How accurate the forecast has been\n"
        for path, content in (
            (page, with_whole_section(before, rows).encode("utf-8")),
            (root / STORED, frame_csv(scores)),
        ):
            write_default(root, path, content, typed_line())
    return target


def _manifest(contents: dict[str, bytes], key: str) -> dict[str, Any]:
    from hnforecast.base import record

    return {
        "schema": MANIFEST_SCHEMA,
        "run_id": f"backtest-whole-{key[:8]}",
        "version": record.package_version(),
        "command": COMMAND,
        "key": key,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "outputs": [
            {"path": name, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
            for name, content in sorted(contents.items())
        ],
    }


def _plain(scores: DataFrame, folder: Path, tried: int, refused: int) -> dict[str, object]:
    from hnforecast.history.backtest import frame_rows

    return {
        "schema": RESULT_SCHEMA,
        "folder": str(folder),
        "drafts": tried,
        "refused": refused,
        "scores": frame_rows(scores),
    }


def _text(scores: DataFrame) -> str:
    """Error, the plain methods' error and coverage of totals, spend and in-year positions."""
    from hnforecast.history.backtest.whole import IN_YEAR, SPEND, TOTAL
    from hnforecast.writing.terminal import text_table, wrap

    rows = scores[scores["series"].isin([TOTAL, SPEND, IN_YEAR])]
    names = {"mape": "error %", "median": "median %", "bias_pct": "bias %", "cover80": "inside 80%"}
    names |= {f"mape_{name}": name for name in ("naive", "pooled", "budget")}
    columns = [[name, *map(str, rows[name])] for name in ("series", "scenario", "horizon", "n")]
    for name, shown in names.items():
        columns.append([shown, *("" if value != value else f"{value:.1f}" for value in rows[name])])
    about = "Each authority drafted and run from what was known at past counts; in_year is a share of the block."
    return f"{wrap(about)}\n{text_table(columns)}\n"
