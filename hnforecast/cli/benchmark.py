"""`hnforecast benchmark`: one authority beside its neighbours, its region and England."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hnforecast.base.errors import Problem, UsageError
from hnforecast.cli.options import decision_options, deliver, read_year
from hnforecast.cli.project import find_project
from hnforecast.cli.screen import say, show_notices, show_slips

if TYPE_CHECKING:
    from hnforecast.questions.benchmark import AtMedian

YEARS_AHEAD = 5  # further than this no backtest reaches


@click.command(epilog="Example: hnforecast benchmark --authority 885")
@click.option("--authority", metavar="CODE", help="The Department's three digits; this council by default.")
@decision_options(
    "Financial year the forecasts are read at; five years ahead by default.",
    "Folder for the page (Markdown) and the tables.", "Print the indicators as JSON.",
)  # fmt: skip
def benchmark(
    authority: str | None,
    year: str | None,
    out: Path | None,
    as_json: bool,
    vintage: str | None,
    project: Path | None,
    debug: bool,
) -> None:
    """Rank an authority on plans, refusals, placements, cost, timeliness, appeals and deficit.

    For the council of this folder it also runs the forecast at the neighbours' median.
    """
    from hnforecast.engine.forecast import load_project
    from hnforecast.engine.measured import panel_folder
    from hnforecast.questions.benchmark import forecast_at_median, read_indicators, stand
    from hnforecast.questions.benchmark.frames import PanelSeries
    from hnforecast.questions.benchmark.page import Beside, answer_benchmark
    from hnforecast.questions.causes import neighbours_of

    root = find_project(project)
    panel = PanelSeries(panel_folder(root))
    show_slips(panel.notices)
    loaded = load_project(root, vintage)
    show_notices(loaded.vintage.notices)
    own = loaded.vintage.manifest.authority.old_la_code
    code = own if authority is None else authority
    indicators, names = read_indicators(panel), panel.name_of()
    neighbours = neighbours_of(panel.frames, code)
    standings = stand(panel, indicators, code, neighbours)
    if not standings:
        known = ", ".join(sorted(names))
        raise UsageError(Problem("HN522", f"The panel has no figures of authority {code!r}", expected=known))
    cases = forecast_at_median(loaded, panel, indicators, neighbours) if code == own else []
    if code != own:
        say(f"No forecast: this folder is that of {loaded.vintage.manifest.authority.name}.")
    name, region = names.get(code, code), panel.region_of().get(code, "its region")
    shown = _year(year, cases)
    beside = Beside(code, name, region, [names.get(other, other) for other in neighbours])
    deliver(answer_benchmark(beside, standings, cases, shown), out, as_json)


def _year(text: str | None, cases: list[AtMedian]) -> int:
    if not cases:
        return 0
    clock = cases[0].forecast.clock
    if text is None:
        return min(clock.first_forecast + YEARS_AHEAD - 1, clock.financial_years[-1])
    return read_year(text, "HN525", clock.financial_years)
