"""What a run prints: plain text tables as wide as the screen, at most 80 columns, in characters every console has.

Nothing here prints; the command line does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from hnforecast.base.timeline import financial_year, month, show_year
from hnforecast.writing.style import position_text, round_half_up

if TYPE_CHECKING:
    from hnforecast.base.axes import FloatArray
    from hnforecast.engine.forecast import Forecast
    from hnforecast.engine.model.state import DsgAccount

WIDTH, NARROWEST = 80, 40
GAP = 2
SURE = 0.01  # a chance nearer to nought or one is not said more exactly


def screen_width() -> int:
    """Columns to write in: 80, or fewer where the screen (or the variable COLUMNS) has fewer."""
    import shutil

    return max(NARROWEST, min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns))


def run_text(forecasts: Sequence[Forecast]) -> str:
    """The result of a run: the balance before contributions and the in-year position, by scenario and year."""
    from hnforecast.engine.notes import outturn_note  # which loads more than help needs

    vintage = forecasts[0].scenario.vintage
    head = f"{vintage.manifest.authority.name}, assumptions of {vintage.name}. £m in cash; * marks outturn."
    parts = [wrap(head)]
    quantities: list[tuple[str, Callable[[DsgAccount], FloatArray]]] = [
        ("Balance on 31 March before any contribution (gross closing)", lambda account: account.gross_closing[0]),
        ("In-year position", lambda account: account.in_year[0]),
    ]
    for title, read in quantities:
        parts.append(f"{wrap(title)}\n{_by_year(forecasts, read)}")
    if note := outturn_note(forecasts):
        parts.append(wrap(f"* {note}"))
    parts += _how_sure(forecasts)
    return "\n\n".join(parts) + "\n"


def _how_sure(forecasts: Sequence[Forecast]) -> list[str]:
    """The range and the chances in the year that is looked at most; nothing where only the central run was made."""
    if any(forecast.ensemble is None for forecast in forecasts):
        return []
    f = _year_looked_at(forecasts[0])
    year = forecasts[0].clock.financial_years[f]
    labels = ["After contributions", "Before: 1 in 10 worse", "Before: 1 in 10 better",
              "In-year balance, chance", "As agreed, chance"]  # fmt: skip
    agreed = forecasts[0].account.agreed_gross_closing[f] == forecasts[0].account.agreed_gross_closing[f]  # not NaN
    columns = []
    for forecast in forecasts:
        if forecast.ensemble is None:
            continue
        drawn = forecast.ensemble.account
        gross = sorted(drawn.gross_closing[:, f].tolist())
        shown = [position_text(float(forecast.account.closing[0, f]))]
        shown += [position_text(_quantile(gross, level)) for level in (0.1, 0.9)]
        shown.append(_chance(float((drawn.in_year[:, f] >= 0).mean())))
        shown += [_chance(float(drawn.met[:, f].mean()))] if agreed else []
        columns.append([forecast.scenario.name, *shown])
    labels = labels[: len(columns[0]) - 1]
    title = wrap(
        f"How sure: {show_year(year)}, and the balance on 31 March {year + 1} after contributions (central) and before"
    )
    groups = _fitting(columns, screen_width() - max(map(len, labels)))
    tables = (text_table([[show_year(year), *labels], *group]) for group in groups)
    return [f"{title}\n" + "\n\n".join(tables)]


def _year_looked_at(forecast: Forecast) -> int:
    """Where the year stands in which the override ends; else the last agreed one, else the third ahead."""
    years, first = forecast.clock.financial_years, forecast.clock.first_forecast
    ends = forecast.scenario.vintage.support.override_ends
    if ends is not None:
        wanted = financial_year(month(ends.on.year, ends.on.month))
        if wanted in years and wanted >= first:
            return years.index(wanted)
    profile = forecast.account.agreed_gross_closing
    agreed = [f for f, value in enumerate(profile) if value == value and years[f] >= first]
    return agreed[-1] if agreed else min(years.index(first) + 2, len(years) - 1)


def _quantile(ordered: Sequence[float], level: float) -> float:
    """The quantile of sorted values, between the two nearest as in the tables."""
    place = level * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def _chance(share: float) -> str:
    """A share of draws as a chance, which no finite number of draws makes certain."""
    if share < SURE:
        return "under 1%"
    return "over 99%" if share > 1 - SURE else f"{round_half_up(100 * share):.0f}%"


def _by_year(forecasts: Sequence[Forecast], read: Callable[[DsgAccount], FloatArray]) -> str:
    clock = forecasts[0].clock
    years = [show_year(year) + ("*" if year < clock.first_forecast else "") for year in clock.financial_years]
    columns = [
        [forecast.scenario.name, *(position_text(float(value)) for value in read(forecast.account))]
        for forecast in forecasts
    ]
    return "\n\n".join(
        text_table([["year", *years], *group]) for group in _fitting(columns, screen_width() - max(map(len, years)))
    )


def _fitting(columns: list[list[str]], room: int) -> list[list[list[str]]]:
    """Columns in groups that fit side by side, each group at least one."""
    groups: list[list[list[str]]] = []
    used = room + 1
    for column in columns:
        width = GAP + max(map(len, column))
        if used + width > room:
            groups.append([])
            used = 0
        groups[-1].append(column)
        used += width
    return groups


def text_table(columns: Sequence[Sequence[str]]) -> str:
    """Columns as lines of text, the first to the left, the others to the right, a rule of dashes under the header."""
    widths = [max(map(len, column)) for column in columns]
    lines = []
    for r, cells in enumerate(zip(*columns, strict=True)):
        padded = [
            cell.ljust(width) if c == 0 else cell.rjust(width)
            for c, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        lines.append((" " * GAP).join(padded).rstrip())
        if r == 0:
            lines.append((" " * GAP).join("-" * width for width in widths))
    return "\n".join(lines)


def listing(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows as a table with everything to the left, the last column wrapped to the width of the screen."""
    widths = [max(len(row[c]) for row in (header, *rows)) for c in range(len(header) - 1)]
    indent = sum(widths) + GAP * len(widths)
    lines: list[str] = []
    for r, row in enumerate((header, *rows)):
        start = "".join(cell.ljust(width + GAP) for cell, width in zip(row, widths, strict=False))
        if indent > screen_width() // 2:  # too little room beside: the last column goes below
            lines += [wrap(start.rstrip(), hanging=4) if len(start.rstrip()) > screen_width() else start.rstrip()]
            lines.append(wrap(row[-1], indent=4))
        else:
            lines.append(start + wrap(row[-1], indent=indent).lstrip())
        if r == 0:
            lines.append("-" * min(screen_width(), max(map(len, "\n".join(lines).splitlines()))))
    return "\n".join(line.rstrip() for line in lines) + "\n"


def wrap(text: str, indent: int = 0, hanging: int = 0) -> str:
    """Text in lines as wide as the screen, at most 80 characters, each after so many blanks.

    Lines after the first stand `hanging` further in.
    """
    import textwrap

    width = max(NARROWEST // 2, screen_width() - indent)
    after = " " * hanging
    lines = textwrap.wrap(text, width, subsequent_indent=after, break_on_hyphens=False, break_long_words=False) or [""]
    return "\n".join(" " * indent + line for line in lines)
