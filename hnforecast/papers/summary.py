"""What a run prints: where each scenario takes the account, and how sure that is, as text as wide as the screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from hnforecast.base.timeline import financial_year, month, show_year
from hnforecast.writing.style import chance_words, position_text
from hnforecast.writing.terminal import fitting, screen_width, text_table, wrap

if TYPE_CHECKING:
    from hnforecast.base.axes import FloatArray
    from hnforecast.engine.model.state import DsgAccount
    from hnforecast.engine.records import Forecast

YEARS_BESIDE = 3  # years in which spend is set beside the pooled forecast


def run_text(forecasts: Sequence[Forecast]) -> str:
    """The result of a run: the balance before contributions and the in-year position, by scenario and year."""
    from hnforecast.engine.notes import outturn_note  # which loads more than help needs
    from hnforecast.history.backtest.worth import worth_of_money

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
    if beside := _beside_history(forecasts):
        parts.append(wrap(beside))
    if worth := worth_of_money(vintage.root):
        parts.append(wrap(worth))
    return "\n\n".join(parts) + "\n"


def _beside_history(forecasts: Sequence[Forecast]) -> str:
    """How far spend on lines 1.2 of each scenario lies from the pooled forecast of spend, where the run has both."""
    from hnforecast.engine.published import lines_total

    pooled = next((forecast for forecast in forecasts if forecast.scenario.beyond), None)
    if pooled is None or len(forecasts) == 1:
        return ""
    clock = pooled.clock
    first = clock.first_ahead
    ahead = range(first, min(first + YEARS_BESIDE, len(clock.financial_years)))
    wanted = [lines_total(pooled.spend, f) for f in ahead]
    named = ", ".join(
        f"£{pounds / 1e6:,.1f}m in {show_year(clock.financial_years[f])}"
        for f, pounds in zip(ahead, wanted, strict=True)
    )
    found = []
    for forecast in forecasts:
        if forecast is not pooled:
            away = [lines_total(forecast.spend, f) / pounds - 1.0 for f, pounds in zip(ahead, wanted, strict=True)]
            found.append(f"{forecast.scenario.name} {', '.join(f'{share:+.1%}' for share in away)}")
    return (
        f"Spend on lines 1.2 by the pooled forecast, which {pooled.scenario.name} follows: {named}. Beside it: "
        f"{'; '.join(found)}."
    )


def headlines(forecasts: Sequence[Forecast], scenario: str) -> str:
    """Five lines to read while the papers are made: where the account stands, this year, and the year that decides.

    Args:
        forecasts: of a run.
        scenario: whose lines they are; the first forecast's where it was not run.
    """
    forecast = next((one for one in forecasts if one.scenario.name == scenario), forecasts[0])
    account, years, first = forecast.account, forecast.clock.financial_years, forecast.clock.first_forecast
    now, f = years.index(first), _year_looked_at(forecast)
    moved = account.in_year[0, now] + account.other_movement[0, now]
    standing, before = (
        position_text(float(value)) for value in (account.opening[0, now], account.gross_closing[0, now] - moved)
    )
    spread, chance = "not known, as the central run alone was made", "not known"
    if forecast.ensemble is not None:
        drawn = forecast.ensemble.account
        closing = sorted(drawn.closing[:, f].tolist())
        worse, better = (position_text(_quantile(closing, level)) for level in (0.1, 0.9))
        spread, chance = (
            f"{worse} to {better}, eight times in ten",
            chance_words(float((drawn.in_year[:, f] >= 0).mean())),
        )
    lines = [
        (f"31 March {first}", f"{standing} after contributions, {before} before"),
        (show_year(first), f"{position_text(float(account.in_year[0, now]))} in the year"),
        (
            f"31 March {years[f] + 1}",
            f"{position_text(float(account.closing[0, f]))} after contributions{_override(forecast, f)}",
        ),
        ("Its range", spread),
        (show_year(years[f]), f"chance of in-year balance {chance}"),
    ]
    title = f"{forecast.scenario.name}, £m:"
    return "\n".join([title, *(f"  {label:<15}{text}" for label, text in lines)]) + "\n"


def _override(forecast: Forecast, f: int) -> str:
    """That the statutory override ends in the year that is looked at, where it does."""
    ends = forecast.scenario.vintage.support.override_ends
    there = ends is not None and financial_year(month(ends.on.year, ends.on.month)) == forecast.clock.financial_years[f]
    return "; the override ends" if there else ""


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
        shown.append(chance_words(float((drawn.in_year[:, f] >= 0).mean())))
        shown += [chance_words(float(drawn.met[:, f].mean()))] if agreed else []
        columns.append([forecast.scenario.name, *shown])
    labels = labels[: len(columns[0]) - 1]
    title = wrap(
        f"How sure: {show_year(year)}, and the balance on 31 March {year + 1} after contributions (central) and before"
    )
    groups = fitting(columns, screen_width() - max(map(len, labels)))
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


def _by_year(forecasts: Sequence[Forecast], read: Callable[[DsgAccount], FloatArray]) -> str:
    clock = forecasts[0].clock
    years = [show_year(year) + ("*" if year < clock.first_forecast else "") for year in clock.financial_years]
    columns = [
        [forecast.scenario.name, *(position_text(float(value)) for value in read(forecast.account))]
        for forecast in forecasts
    ]
    return "\n\n".join(
        text_table([["year", *years], *group]) for group in fitting(columns, screen_width() - max(map(len, years)))
    )
