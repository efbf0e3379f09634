"""`hnforecast backtest`: the demand forecast made again at past January counts, compared with what came."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from hnforecast.base.errors import Problem, UsageError
from hnforecast.cli.backtest_files import PAGE, Places, Written, find_places, not_own, write_backtest
from hnforecast.cli.faults import FINE
from hnforecast.cli.options import OUT_RUN, replace_option, say_kept
from hnforecast.cli.project import common_options
from hnforecast.cli.screen import Progress, print_json, say, show_notices

if TYPE_CHECKING:
    from hnforecast.history.backtest import Backtest, PanelRead


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
