"""`hnforecast backtest`: the demand forecast made again at past January counts, compared with what came."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from hnforecast.base.errors import HnForecastError, Place, Problem, UsageError
from hnforecast.cli.faults import FINE
from hnforecast.cli.options import OUT_RUN, on_existing, replace_option, say_kept, write_default
from hnforecast.cli.project import OUTPUTS, common_options, find_project
from hnforecast.cli.screen import Progress, print_json, say, show_notices

if TYPE_CHECKING:
    from hnforecast.history.backtest import Backtest, PanelRead
    from hnforecast.writing.keeping import Existing


# Where a backtest reads and writes.

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


# The whole test, which docs/accuracy.md states; origins as --origins takes them.
ORIGINS, HORIZONS, MOST_HORIZONS = "2018-2024", 5, 10
OLDEST, NEWEST = 1990, 2100
RESULT_SCHEMA = "hnforecast/backtest/1"


@click.command(epilog="Example: hnforecast backtest --panel other-authorities --out other-accuracy")
@click.option("--panel", type=click.Path(path_type=Path), help="Folder of a panel; the project's own by default.")
@click.option("--out", type=OUT_RUN, help="Folder of the result; outputs/backtest-<hash> by default.")
@replace_option
@click.option("--json", "as_json", is_flag=True, help="Print the folder and the accuracy rows as JSON.")
@click.option(
    "--origins",
    metavar="YEARS",
    default=ORIGINS,
    show_default=True,
    help="January counts to forecast from: 2018-2024, 2022, or 2019,2022-2024.",
)
@click.option(
    "--horizons", type=click.IntRange(1, MOST_HORIZONS), default=HORIZONS, show_default=True, help="Years ahead."
)
@click.option(
    "--whole", is_flag=True, help="The whole model: draft and run every authority at past counts; takes minutes."
)
@click.option("--all", "every", is_flag=True, help="Also the methods fitted authority by authority; takes minutes.")
@click.option(
    "--page/--no-page",
    default=False,
    help="Write docs/accuracy.md and .csv of the project's own panel; they change in no other way.",
)
@common_options
def backtest(
    panel: Path | None,
    out: Path | None,
    as_json: bool,
    origins: str,
    horizons: int,
    whole: bool,
    every: bool,
    page: bool,
    project: Path | None,
    debug: bool,
) -> int:
    """Measure the demand forecast: error and coverage at past January counts, beside other methods."""
    if whole:
        from hnforecast.cli.backtest_whole import backtest_whole

        return backtest_whole(find_places(project, panel, out), as_json=as_json, paged=page)
    asked = read_origins(origins)
    places = find_places(project, panel, out)
    if page and not places.own:
        raise UsageError(not_own(places.panel))
    from hnforecast.history.backtest import count_steps, read_for_backtest, run_backtest

    read = read_for_backtest(places.panel)
    show_notices(" ".join(str(notice).split()) for notice in read.notices)
    usable = _usable(read, asked)
    comparators: Literal["fast", "all"] = "all" if every else "fast"
    with Progress(count_steps(read.panel, usable, comparators), "reading") as progress:
        result = run_backtest(
            read.panel,
            usable,
            horizons,
            comparators=comparators,
            progress=lambda series, method: progress.step(f"{series.removeprefix('plans_')} {method}"[:22]),
        )
    if not page and places.own:
        say(f"note: {PAGE} stays as it is; --page has it state this test")
    written = write_backtest(places, read, result, _as_typed(places, asked, horizons, every), page)
    say_kept(written.kept, written.aside)
    _print(result, read, written, as_json)
    return FINE


def read_origins(text: str) -> tuple[int, ...]:
    """Years from a year, a range, or several of both parted by commas; sorted, each once.

    Raises:
        UsageError: anything else.
    """
    found: set[int] = set()
    for part in text.split(","):
        first, dash, last = (piece.strip() for piece in part.partition("-"))
        years = [int(year) for year in (first, last if dash else first) if year.isascii() and year.isdecimal()]
        if len(years) != 2 or not OLDEST <= years[0] <= years[1] <= NEWEST:
            expected = "a year, a range or several of both: 2022, 2018-2024, 2019,2022-2024"
            raise UsageError(Problem("HN367", "--origins does not name years", found=text, expected=expected))
        found.update(range(years[0], years[1] + 1))
    return tuple(sorted(found))


def _usable(read: PanelRead, asked: tuple[int, ...]) -> tuple[int, ...]:
    """The origins asked for that the panel can test.

    Raises:
        UsageError: there is none.
    """
    from hnforecast.history.backtest import usable_origins

    usable = usable_origins(read.panel, asked)
    first, last = read.panel.years[0], read.panel.years[-1]
    if not usable:
        raise UsageError(
            Problem(
                "HN367",
                "The panel has no count of any origin asked for with a later one to compare with",
                found=f"--origins {_years(asked)}; January counts {first} to {last}",
                expected=f"origins from {first} to {last - 1}" if last > first else "two January counts or more",
                do="Choose other origins, or add those counts to the panel.",
            )
        )
    if passed := [year for year in asked if year not in usable]:
        say(f"note: the panel has January counts {first} to {last}; origins left out: {_years(passed)}")
    return usable


def _years(years: Iterable[int]) -> str:
    found = list(years)
    whole = len(found) > 1 and found == list(range(found[0], found[-1] + 1))
    return f"{found[0]}-{found[-1]}" if whole else ", ".join(map(str, found))


def _as_typed(places: Places, asked: tuple[int, ...], horizons: int, every: bool) -> str:
    """The command with the options that change the result; of the panel's folder only its name."""
    options = [] if places.own else [f"--panel {places.panel.name}"]
    if asked != read_origins(ORIGINS):
        options.append(f"--origins {_years(asked).replace(' ', '')}")
    if horizons != HORIZONS:
        options.append(f"--horizons {horizons}")
    if every:
        options.append("--all")
    return " ".join(["hnforecast backtest", *options])


def _print(result: Backtest, read: PanelRead, written: Written, as_json: bool) -> None:
    if as_json:
        print_json(_plain(result, read, written))
        return
    click.echo(_text(result))
    for path in (written.folder, *written.docs):
        click.echo(f"Written to {_shown(path)}")


def _plain(result: Backtest, read: PanelRead, written: Written) -> dict[str, Any]:
    """What --json prints; null is not measured."""
    from hnforecast.history.backtest import frame_rows

    return {
        "schema": RESULT_SCHEMA,
        "folder": str(written.folder),
        "panel_sha256": read.sha256,
        "origins": list(result.origins),
        "authorities": result.authorities,
        "accuracy": frame_rows(result.accuracy),
    }


def _text(result: Backtest) -> str:
    """Our error and coverage by series and years ahead, and the best other method's error of total plans."""
    from hnforecast.engine.demand import OURS
    from hnforecast.history.backtest import best_other
    from hnforecast.writing.terminal import text_table, wrap

    rows = result.accuracy[result.accuracy["method"] == OURS]
    horizons = sorted(rows["horizon"].unique())
    head = f"Origins {_years(result.origins)}, {max(result.authorities.values())} authorities."
    parts = [wrap(head)]
    for title, measure in (("Mean absolute error, %", "mape"), ("Outcomes inside the 80% interval, %", "cover80")):
        wide = rows.pivot(index="series", columns="horizon", values=measure)
        names = list(dict.fromkeys(rows["series"]))
        columns = [["series", *names]]
        for horizon in horizons:
            cells = [float(wide.loc[name, horizon]) for name in names]
            columns.append([f"year {horizon}", *("" if cell != cell else f"{cell:.1f}" for cell in cells)])
        parts.append(f"{title}\n{text_table(columns)}")
    others = best_other(result.accuracy)
    if "total_plans" in others.index.get_level_values("series"):
        beside = [
            f"{row.mape:.1f} ({row.method}) at year {horizon}" for horizon, row in others.loc["total_plans"].iterrows()
        ]
        parts.append(wrap(f"Best other method for total plans, picked afterwards: {', '.join(beside)}."))
    return "\n\n".join(parts) + "\n"


def _shown(path: Path) -> str:
    try:
        return path.relative_to(Path.cwd()).as_posix() or "."
    except ValueError:
        return str(path)
