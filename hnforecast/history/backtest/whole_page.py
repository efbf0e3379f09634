"""The section of docs/accuracy.md on the whole model: what the forecast of plans by placement and of money is worth."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from hnforecast.history.backtest.whole import HORIZON, IN_YEAR, SPEND, TOTAL

HEADING = "## The whole model"
Rows = Sequence[Mapping[str, object]]
NAMES = {TOTAL: "total plans", SPEND: "spend on lines 1.2"}


def with_whole_section(page: str, rows: Rows) -> str:
    """The page of accuracy with this section at its end, in place of an earlier one."""
    before = page.split(f"\n{HEADING}\n", maxsplit=1)[0].rstrip("\n")
    section = whole_section(rows)
    return f"{before}\n\n{section}" if section else f"{before}\n"


def whole_section(rows: Rows) -> str:
    """The section, ending with a line feed; empty without rows.

    Args:
        rows: scores as `score_whole` gives them or as they were stored.
    """
    if not rows:
        return ""
    origins = max(int(_number(row, "origins")) for row in rows)
    parts = [
        HEADING,
        "Written by `hnforecast backtest --whole`; do not edit. For every authority that can be drafted, at "
        f"{origins} past January counts, a council folder is drafted from what was known then, as `hnforecast new` "
        "does, and run in every draw. `history` meets the pooled forecasts of plans and of spend; `unmitigated` has "
        "the plans of the pooled forecast and moves every price by the GDP deflator as it was expected. Beside it: no "
        "change (naive), the country's last growth (pooled), spend growing as the authority's own block was announced "
        "to grow (budget). Mean absolute error in per cent, bias of the sum, outcomes inside the 80 % interval.",
        _main(rows),
        "### Plans by placement",
        "Mean absolute error of `history` in per cent; in brackets that of the country's last growth of the placement; "
        "then outcomes inside the 80 % interval. Placements with twenty plans or more at both counts.",
        _placements(rows),
        "### In-year position",
        *_in_year(rows),
        "### What the whole model's test does not show",
        "\n".join(f"- {line}" for line in _limits()),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _main(rows: Rows) -> str:
    lines = ["| series | scenario | years ahead | outcomes | error | naive | pooled | budget | bias | inside 80 % |"]
    lines.append("|" + "--|" * 10)
    for row in rows:
        if row["series"] in NAMES:
            cells = [NAMES[str(row["series"])], f"`{row['scenario']}`", str(row["horizon"]), str(row["n"])]
            cells += [_cell(row, name) for name in ("mape", "mape_naive", "mape_pooled", "mape_budget")]
            lines.append(
                "| " + " | ".join([*cells, f"{_number(row, 'bias_pct'):+.1f}", _cell(row, "cover80", 0)]) + " |"
            )
    return "\n".join(lines)


def _placements(rows: Rows) -> str:
    found: dict[str, dict[int, str]] = {}
    for row in rows:
        series = str(row["series"])
        if series.startswith("plans_") and row["scenario"] == "history":
            text = f"{_cell(row, 'mape')} ({_cell(row, 'mape_pooled')}) {_cell(row, 'cover80', 0)}"
            found.setdefault(series.removeprefix("plans_"), {})[int(_number(row, "horizon"))] = text
    if not found:
        return ""
    head = ["placement", *(f"year {h}" for h in range(1, HORIZON + 1))]
    lines = ["| " + " | ".join(head) + " |", "|" + "--|" * len(head)]
    for name, cells in found.items():
        lines.append("| " + " | ".join([name, *(cells.get(h, "") for h in range(1, HORIZON + 1))]) + " |")
    return "\n".join(lines)


def _in_year(rows: Rows) -> list[str]:
    positions = [row for row in rows if row["series"] == IN_YEAR]
    if not positions:
        return ["No two published balances lie far enough apart to test it on this panel."]
    lines = [
        "| scenario | years added up | authorities | median | mean | naive | pooled | budget | bias | inside 80 % |"
    ]
    lines.append("|" + "--|" * 10)
    for row in positions:
        cells = [f"`{row['scenario']}`", str(row["horizon"]), str(row["n"])]
        names = ("median", "mape", "median_naive", "median_pooled", "median_budget")
        cells += [_cell(row, name) for name in names]
        lines.append("| " + " | ".join([*cells, f"{_number(row, 'bias_pct'):+.1f}", _cell(row, "cover80", 0)]) + " |")
    return [
        "Change of the balance between two published ones, against the sum of in-year positions forecast, as a share "
        "of the block of those years. Median error, mean error, median errors of the plain methods (of spend, the rest "
        "as drafted; naive: the last change known goes on), bias (above zero: too favourable).",
        "\n".join(lines),
        "What came holds transfers from the schools block, Safety Valve payments, councils' own contributions and the "
        "balances of the other blocks; a draft knows of none of these. Part of the error is theirs.",
    ]


def _limits() -> list[str]:
    return [
        "England's shape by single age is that of the latest counts, as none was published at these origins.",
        "Blocks and outturns are those of the latest edition; additions made in the year are in them.",
        "The method of spend was made when these outcomes were known; what it weighs at an origin was known there.",
        "Few origins: national surprises of plans and prices in 2022 to 2025 are in all of them.",
    ]


def _number(row: Mapping[str, object], name: str) -> float:
    value = row[name]
    return float(str(value)) if value not in ("", None) else float("nan")


def _cell(row: Mapping[str, object], name: str, digits: int = 1) -> str:
    value = _number(row, name)
    return "" if math.isnan(value) else f"{value:.{digits}f}"
