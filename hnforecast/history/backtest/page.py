"""The measured accuracy on one page of Markdown: error, the best other method, coverage, what it cannot show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hnforecast.engine.demand.forecast import OURS
from hnforecast.history.backtest.run import SIZES, Backtest
from hnforecast.history.backtest.scores import COVERAGES

if TYPE_CHECKING:
    from pandas import DataFrame, Index

MONEY_OR_TOTAL = ("total_plans", "spend")


def render_accuracy_page(backtest: Backtest, command: str = "hnforecast backtest") -> str:
    """The page, ending with a line feed.

    Args:
        backtest: what was measured, with our own method in it.
        command: that made it, as typed.
    """
    first, last = backtest.origins[0], backtest.origins[-1]
    accuracy = backtest.accuracy
    parts = [
        "# How accurate the demand forecast has been",
        f"Written by `{command}`; do not edit. Origins {first} to {last}: at each January count the forecast is made "
        "again with what was known then, and compared with what came. Errors are averaged over authorities, then over "
        "origins. Every method, horizon and size of authority is in the run's `tables/accuracy.csv` and "
        "`tables/accuracy_by_size.csv`, our own by origin in `tables/accuracy_by_origin.csv`.",
        "## Error by years ahead",
        "Mean absolute error in per cent; in brackets the best other method at that horizon, picked afterwards.",
        _table(_errors(accuracy, backtest.authorities)),
        _beaten(accuracy),
        "## Outcomes inside the 50 / 80 / 90 % intervals, per cent",
        _table(_coverage(accuracy)),
        "## Bias, per cent of the sum over authorities; below zero is a forecast too low",
        _table(_bias(accuracy)),
        *_money_by_origin(backtest.by_origin),
        "## Every method",
        "Error of total plans by years ahead, and the mean error of new plans and placement groups as a multiple of an "
        "authority's mean yearly change (MASE, geometric mean over series and years ahead).",
        _table(_by_method(accuracy)),
        "## Total plans by size of authority",
        _table(_sizes(backtest.by_size)),
        "## What it does not show",
        "\n".join(f"- {line}" for line in _limits(backtest)),
    ]
    return "\n\n".join(parts) + "\n"


def _limits(backtest: Backtest) -> list[str]:
    lines = [
        "The method was chosen on the panel that comes with the program, over origins 2018 to 2024. There these errors "
        "are a little flattered; on authorities outside it the test is fair but for the years, which are the same.",
        "Authorities share national surprises: a hundred authorities over seven origins are not seven hundred "
        "independent trials, and coverage differs from origin to origin far more than their number suggests.",
        "Figures are those of the latest edition. A correction published after an origin cannot be taken out again.",
        "Year h of a forecast is January count origin + h. Its new plans are those of the calendar year before that "
        "January, its spend that of the financial year holding it.",
        "Nothing here tests more than five years ahead, a change of law, or a council's own assumptions.",
    ]
    spend = {horizon: count for (series, horizon), count in backtest.depth.items() if series == "spend" and count}
    if spend:
        longest = max(spend)
        lines.insert(
            2, f"Origins behind spend: {spend[min(spend)]} at year {min(spend)}, {spend[longest]} at {longest}."
        )
    return lines


def _ours(accuracy: DataFrame) -> DataFrame:
    return accuracy[accuracy["method"] == OURS]


def _wide(rows: DataFrame, cells: str) -> DataFrame:
    """One row a series in the order of the table, one column a year ahead."""
    wide = rows.pivot(index="series", columns="horizon", values=cells)
    wide = wide.rename(columns={horizon: f"year {horizon}" for horizon in wide.columns})
    return wide.loc[list(dict.fromkeys(rows["series"]))].fillna("")


def best_other(accuracy: DataFrame) -> DataFrame:
    """By series and horizon, the row of the comparator with the least error."""
    others = accuracy[(accuracy["method"] != OURS) & accuracy["mape"].notna()]
    return others.loc[others.groupby(["series", "horizon"])["mape"].idxmin()].set_index(["series", "horizon"])


def _beaten(accuracy: DataFrame) -> str:
    """Which series another method forecast better, in words."""
    ours = _ours(accuracy).set_index(["series", "horizon"])["mape"]
    best = best_other(accuracy)["mape"].reindex(ours.index)
    years: dict[str, list[str]] = {}
    for series, horizon in ours.index[(best < ours).to_numpy()]:
        years.setdefault(str(series), []).append(str(horizon))
    if not years:
        return "No other method had a smaller error for any series at any horizon."
    named = "; ".join(f"{series} at year {', '.join(found)}" for series, found in years.items())
    return f"Some other method, picked afterwards, had a smaller error for {named}."


def _errors(accuracy: DataFrame, authorities: dict[str, int]) -> DataFrame:
    best = best_other(accuracy)
    beside = {key: f" ({row['mape']:.1f} {row['method']})" for key, row in best.iterrows()}
    ours = _ours(accuracy)
    keys = zip(ours["series"], ours["horizon"], strict=True)
    cells = [f"{error:.1f}{beside.get(key, '')}" for key, error in zip(keys, ours["mape"], strict=True)]
    wide = _wide(ours.assign(cells=cells), "cells")
    wide.insert(0, "authorities", [authorities[str(name)] for name in wide.index])
    return wide.reset_index()


def _coverage(accuracy: DataFrame) -> DataFrame:
    ours = _ours(accuracy)
    inside = ours[list(COVERAGES)].round(0).astype(int).astype(str).agg(" / ".join, axis=1)
    return _wide(ours.assign(inside=inside), "inside").reset_index()


def _bias(accuracy: DataFrame) -> DataFrame:
    ours = _ours(accuracy)
    return _wide(ours.assign(bias=[f"{value:+.1f}" for value in ours["bias_pct"]]), "bias").reset_index()


def _by_method(accuracy: DataFrame) -> DataFrame:
    """MAPE of total plans by horizon and the geometric mean MASE of the flows and groups, one row a method."""
    totals = accuracy[accuracy["series"] == "total_plans"]
    wide = totals.pivot(index="method", columns="horizon", values="mape")
    wide = wide.rename(columns={horizon: f"year {horizon}" for horizon in wide.columns})
    others = accuracy[~accuracy["series"].isin(MONEY_OR_TOTAL) & (accuracy["mase"] > 0)]
    if len(others):
        logs = others.assign(log=np.log(others["mase"])).groupby(["method", "series"])["log"].mean()
        means = np.exp(logs.groupby("method").mean())
        wide = wide.join(means.rename("order"), how="outer") if len(wide) else means.rename("order").to_frame()
        wide["new plans and groups, MASE"] = ["" if np.isnan(mean) else f"{mean:.2f}" for mean in wide["order"]]
    ranked = wide.sort_values(str(wide.columns[0])) if wide.shape[1] else wide
    return ranked.drop(columns="order", errors="ignore").reset_index()


def _money_by_origin(by_origin: DataFrame) -> list[str]:
    """The section on spend by origin: every authority shares a national surprise, so few origins are few trials."""
    rows = by_origin[by_origin["series"] == "spend"]
    if rows.empty:
        return []
    cells = [f"{error:.1f} / {bias:+.1f}" for error, bias in zip(rows["mape"], rows["bias_pct"], strict=True)]
    wide = rows.assign(cells=cells).pivot(index="origin", columns="horizon", values="cells").fillna("")
    wide = wide.rename(columns={horizon: f"year {horizon}" for horizon in wide.columns}).reset_index()
    return [
        "## Spend by origin",
        "Lines 1.2 of the section 251 outturn: mean absolute error / bias, per cent. Prices, and the growth of spend "
        "per plan, are those known at each origin. The method was made when these outcomes were known: its parts are "
        "weighed by past errors alone, but that it has these parts is hindsight.",
        _table(wide),
    ]


def _sizes(by_size: DataFrame) -> DataFrame:
    ours = _ours(by_size)
    wide = ours[ours["series"] == "total_plans"].pivot(index="size", columns="horizon", values=["mape", "cover80"])
    wide.columns = _headings(wide, {"mape": "MAPE", "cover80": "inside 80 %"})
    return wide.loc[[size for size in SIZES if size in wide.index]].reset_index()


def _headings(wide: DataFrame, names: dict[str, str]) -> Index[str]:
    import pandas as pd

    pairs = wide.columns.to_flat_index()
    return pd.Index([f"{names[str(pair[0])]} {pair[1]}" for pair in pairs])


def _table(rows: DataFrame) -> str:
    """Markdown table: numbers with one decimal, counts whole, nothing where there is no number."""

    def cell(value: object) -> str:
        if isinstance(value, float | np.floating):
            return f"{value:.1f}" if np.isfinite(value) else ""
        return str(value)

    head = [str(column) for column in rows.columns]
    lines = ["| " + " | ".join(head) + " |", "|" + "--|" * len(head)]
    lines += ["| " + " | ".join(cell(value) for value in row) + " |" for row in rows.itertuples(index=False)]
    return "\n".join(lines)
