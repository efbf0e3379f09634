"""Where a backtest is written: `tables/accuracy.csv`, and one page of Markdown for `docs/accuracy.md`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hnforecast.backtest.run import SIZES, Backtest
from hnforecast.backtest.scores import COVERAGES
from hnforecast.demand.forecast import OURS

if TYPE_CHECKING:
    from pandas import DataFrame, Index

DECIMALS = 4


def write_accuracy(accuracy: DataFrame, out: Path) -> Path:
    """Write the accuracy table under a run folder and return its path; `accuracy_by_size.csv` if it has sizes."""
    name = "accuracy_by_size.csv" if "size" in accuracy else "accuracy.csv"
    path = out / "tables" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    accuracy.round(DECIMALS).to_csv(path, index=False, lineterminator="\n")
    return path


def render_accuracy_page(backtest: Backtest, command: str = "hnforecast backtest") -> str:
    """The measured accuracy on one page: what was measured, the result by series, the comparators, the limits."""
    first, last = backtest.origins[0], backtest.origins[-1]
    accuracy = backtest.accuracy
    horizons = sorted(accuracy["horizon"].unique())
    parts = [
        "# How accurate the demand forecast has been",
        f"Written by `{command}`; do not edit. Origins {first} to {last}: at each January census the forecast is made "
        "again with what was known then, and compared with what came. Errors are averaged over authorities, then over "
        "origins. MAPE is the mean absolute error in per cent; MASE divides it by the authority's mean yearly change; "
        "bias is of the sum over authorities. Every method, horizon and size of authority, with pinball loss over "
        "seven quantiles in per cent of the outcome, is in `tables/accuracy.csv` and `tables/accuracy_by_size.csv`.",
        "## This forecast: error and bias by years ahead, per cent",
        _table(_errors(accuracy, backtest.authorities)),
        "## This forecast: outcomes inside the 50 / 80 / 90 % intervals, per cent",
        _table(_coverage(accuracy)),
        "## Against other methods: total plans, MAPE by years ahead",
        _table(_by_method(accuracy[accuracy["series"] == "total_plans"], "mape", horizons)),
        "## Against other methods: mean MASE (geometric, over years ahead)",
        _table(_mase_by_series(accuracy)),
        "## By size of authority: total plans",
        _table(_sizes(backtest.by_size)),
        "## What to bear in mind",
        "\n".join(f"- {line}" for line in _limits()),
    ]
    return "\n\n".join(parts) + "\n"


def _limits() -> list[str]:
    return [
        "Year h of a forecast is census origin + h. Its new plans are those of the calendar year before that January, "
        "its spend that of the financial year holding it; the last outturn taken as known is that of the year holding "
        "the origin's January.",
        "Figures are those of the latest edition. A correction published after an origin cannot be taken out again.",
        "Authorities share national surprises: a hundred authorities over seven origins are not seven hundred "
        "independent trials, and coverage differs from origin to origin far more than their number suggests.",
        "Four or fewer origins lie behind spend, and one behind its fourth year; unit costs rose in every one of them.",
        "Nothing here tests more than five years ahead, or a change of law.",
    ]


def _errors(accuracy: DataFrame, authorities: dict[str, int]) -> DataFrame:
    ours = accuracy[accuracy["method"] == OURS]
    wide = ours.pivot(index="series", columns="horizon", values=["mape", "bias_pct"])
    wide.columns = _headings(wide, {"mape": "MAPE", "bias_pct": "bias"})
    wide.insert(0, "authorities", [authorities[str(name)] for name in wide.index])
    return wide.loc[list(dict.fromkeys(ours["series"]))].reset_index()


def _coverage(accuracy: DataFrame) -> DataFrame:
    ours = accuracy[accuracy["method"] == OURS]
    inside = ours[list(COVERAGES)].round(0).astype(int).astype(str).agg(" / ".join, axis=1)
    wide = ours.assign(inside=inside).pivot(index="series", columns="horizon", values="inside").fillna("")
    wide = wide.rename(columns={horizon: f"year {horizon}" for horizon in wide.columns})
    return wide.loc[list(dict.fromkeys(ours["series"]))].reset_index()


def _by_method(accuracy: DataFrame, measure: str, horizons: list[int]) -> DataFrame:
    wide = accuracy.pivot(index="method", columns="horizon", values=measure)
    wide = wide.rename(columns={horizon: f"year {horizon}" for horizon in horizons})
    return wide.sort_values(f"year {horizons[0]}").reset_index()


def _mase_by_series(accuracy: DataFrame) -> DataFrame:
    logs = accuracy.assign(mase=np.log(accuracy["mase"])).groupby(["method", "series"])["mase"].mean().unstack()
    logs = logs[[name for name in dict.fromkeys(accuracy["series"]) if name in logs]].dropna(axis="index")
    columns = {name: str(name).removeprefix("plans_").replace("_", " ") for name in logs}
    wide: DataFrame = logs.assign(all_series=logs.mean(axis=1)).apply(np.exp)
    return wide.sort_values("all_series").rename(columns={**columns, "all_series": "all series"}).reset_index()


def _sizes(by_size: DataFrame) -> DataFrame:
    ours = by_size[(by_size["method"] == OURS) & (by_size["series"] == "total_plans")]
    wide = ours.pivot(index="size", columns="horizon", values=["mape", "cover80"])
    wide.columns = _headings(wide, {"mape": "MAPE", "cover80": "inside 80 %"})
    return wide.loc[[size for size in SIZES if size in wide.index]].reset_index()


def _headings(wide: DataFrame, names: dict[str, str]) -> Index[str]:
    import pandas as pd

    pairs = wide.columns.to_flat_index()
    return pd.Index([f"{names[str(pair[0])]} {pair[1]}" for pair in pairs])


def _table(rows: DataFrame) -> str:
    """Markdown table: numbers with two decimals, counts whole, nothing where there is no number."""

    def cell(value: object) -> str:
        if isinstance(value, float | np.floating):
            return f"{value:.2f}" if np.isfinite(value) else ""
        return str(value)

    head = [str(column) for column in rows.columns]
    lines = ["| " + " | ".join(head) + " |", "|" + "--|" * len(head)]
    lines += ["| " + " | ".join(cell(value) for value in row) + " |" for row in rows.itertuples(index=False)]
    return "\n".join(lines)
