"""The tables of money of a period, unrounded: outturn by line, the council's own budget, position, movement, ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hnforecast.base.codes import Codes
from hnforecast.base.timeline import show_month
from hnforecast.engine.records import Forecast
from hnforecast.quarter.monitor.actuals import Actuals
from hnforecast.quarter.monitor.anchor import Anchored, LineYear
from hnforecast.quarter.monitor.costs import LineKey
from hnforecast.quarter.monitor.reconcile import total
from hnforecast.quarter.monitor.variance import Budget, Parts, direction, left_share, split_variance

NONE = LineYear(0.0, 0.0, 0.0, 0.0, 1.0)


@dataclass(frozen=True)
class Picture:
    """Everything the tables of one period are made from.

    Args:
        year: first calendar year of the period's financial year; months: recorded in it.
        start: the forecast at the start of the year; last: at the last return; now: today.
        budget: of the year.
        actuals: of the year.
        ratios: line -> p10 and p90 over the central value of a year; whole: the same for all spend.
    """

    year: int
    months: int
    start: Anchored
    last: Anchored
    now: Anchored
    budget: Budget
    actuals: Actuals
    ratios: Mapping[LineKey, tuple[float, float]]
    whole: tuple[float, float]

    @property
    def f(self) -> int:
        """The year's position on the clock."""
        return self.now.forecast.clock.at(self.year)

    def keys(self, account: str) -> list[LineKey]:
        """Lines of an account with anything on them, in line order."""
        accounts = self.now.accounts
        found = [key for key in dict.fromkeys([*accounts, *self.budget.gbp]) if accounts.get(key, "dsg") == account]
        used = [key for key in found if self.line(key).outturn or self.budget.gbp.get(key)]
        return sorted(used, key=lambda key: [*(int(part) for part in key[0].split(".")), key[1]])

    def line(self, key: LineKey) -> LineYear:
        """A line's parts today."""
        return self.now.lines.get((self.year, key), NONE)


def outturn_table(picture: Picture, codes: Codes) -> pd.DataFrame:
    """Grant lines: budget, actual to date, forecast to go, outturn with its range, variance and its parts."""
    parts = split_variance(picture.now, picture.year, picture.budget)
    rows = []
    for key in picture.keys("dsg"):
        line, part = picture.line(key), parts[key]
        low, high = band(line.outturn, picture.ratios.get(key, (1.0, 1.0)), picture.months)
        rows.append({**_start(key, codes, picture), "p10": low, "p90": high, **_variance(line, picture, key),
                     **_parts(part), "direction": _said(line.outturn - picture.budget.gbp.get(key, 0.0))})  # fmt: skip
    order = ["s251_line", "placement", "label", "budget", "actual_to_date", "forecast_to_go", "forecast_outturn",
             "p10", "p90", "variance", "price", "volume", "mix", "timing", "direction"]  # fmt: skip
    return pd.DataFrame(rows, columns=order)


def council_table(picture: Picture, codes: Codes) -> pd.DataFrame:
    """Lines of the council's own budget, which the grant never pays."""
    rows = []
    for key in picture.keys("council"):
        line = picture.line(key)
        said = _said(line.outturn - picture.budget.gbp.get(key, 0.0))
        rows.append({**_start(key, codes, picture), **_variance(line, picture, key), "direction": said})
    order = [
        "s251_line",
        "label",
        "budget",
        "actual_to_date",
        "forecast_to_go",
        "forecast_outturn",
        "variance",
        "direction",
    ]
    return pd.DataFrame(rows, columns=order)


def _start(key: LineKey, codes: Codes, picture: Picture) -> dict[str, object]:
    driver = codes.labels.get(key[1], "")
    label = codes.line_labels.get(key[0], key[0])
    return {
        "s251_line": key[0],
        "placement": key[1],
        "label": f"{label}: {driver}" if driver else label,
        "budget": picture.budget.gbp.get(key, 0.0),
    }


def _variance(line: LineYear, picture: Picture, key: LineKey) -> dict[str, float]:
    return {
        "actual_to_date": float(total([line.posted])),
        "forecast_to_go": line.forecast_to_go,
        "forecast_outturn": line.outturn,
        "variance": line.outturn - picture.budget.gbp.get(key, 0.0),
    }


def _parts(part: Parts) -> dict[str, float]:
    return {"price": part.price, "volume": part.volume, "mix": part.mix, "timing": part.timing}


def _said(variance: float) -> str:
    return direction(variance, more_is_worse=True)


def band(central: float, ratios: tuple[float, float], months: int) -> tuple[float, float]:
    """p10 and p90 of a year's sum after so many months, in signed order."""
    left = left_share(months)
    ends = sorted(central + (ratio - 1.0) * central * left for ratio in ratios)
    return ends[0], ends[1]


def movement_table(picture: Picture) -> pd.DataFrame:
    """Outturn today less outturn at the last return, line by line, with its causes."""
    now = split_variance(picture.now, picture.year, picture.budget)
    then = split_variance(picture.last, picture.year, picture.budget)
    rows = []
    for key in picture.keys("dsg"):
        before = picture.last.lines.get((picture.year, key), NONE).outturn
        after = picture.line(key).outturn
        moved = now[key].less(then.get(key, Parts(0.0, 0.0, 0.0, 0.0)))
        rows.append({"s251_line": key[0], "placement": key[1], "last_return": before, "forecast_outturn": after,
                     "movement": after - before, **_parts(moved), "direction": _said(after - before)})  # fmt: skip
    return pd.DataFrame(rows)


ITEMS = ("funding", "spend", "in_year", "opening", "support", "closing", "gross_closing")


def position_table(picture: Picture) -> pd.DataFrame:
    """The account of the year: budget, forecast, agreed profile, last return, each with the word for its variance."""
    f = picture.f
    now, last = _account(picture.now.forecast, f), _account(picture.last.forecast, f)
    budget = _budget_account(picture)
    account = picture.now.forecast.account
    agreed = {"in_year": float(account.agreed_in_year[f]), "gross_closing": float(account.agreed_gross_closing[f])}
    low, high = band(now["spend"], picture.whole, picture.months)
    rows = []
    for item in ITEMS:
        worse = item == "spend"
        variance = now[item] - budget[item]
        shift = {"spend": (low - now["spend"], high - now["spend"])}.get(
            item, (now["spend"] - high, now["spend"] - low)
        )
        fixed = item in ("funding", "opening", "support")
        aim = agreed.get(item, np.nan)
        off = now[item] - aim
        rows.append(
            {
                "item": item,
                "budget": budget[item],
                "forecast": now[item],
                "variance": variance,
                "direction": direction(variance, more_is_worse=worse),
                "p10": now[item] if fixed else now[item] + shift[0],
                "p90": now[item] if fixed else now[item] + shift[1],
                "agreed": aim,
                "variance_to_agreed": off,
                "direction_to_agreed": "" if np.isnan(off) else _against(off),
                "last_return": last[item],
                "movement": now[item] - last[item],
                "movement_direction": direction(now[item] - last[item], more_is_worse=worse),
            }
        )
    return pd.DataFrame(rows)


def _against(off: float) -> str:
    word = direction(off, more_is_worse=False)
    return "on profile" if word == "on budget" else word


def _account(forecast: Forecast, f: int) -> dict[str, float]:
    account = forecast.account
    funding = float(forecast.funding.by_year[0, f].sum())
    in_year = float(account.in_year[0, f])
    return {
        "funding": funding,
        "spend": funding - in_year,
        "in_year": in_year,
        "opening": float(account.opening[0, f]),
        "support": float(account.support[0, f].sum()),
        "closing": float(account.closing[0, f]),
        "gross_closing": float(account.gross_closing[0, f]),
    }


def _budget_account(picture: Picture) -> dict[str, float]:
    start = _account(picture.start.forecast, picture.f)
    spend = float(total(picture.budget.gbp.get(key, 0.0) for key in picture.keys("dsg")))
    in_year = start["funding"] - spend
    change = in_year - start["in_year"]
    return {
        **start,
        "spend": spend,
        "in_year": in_year,
        "closing": start["closing"] + change,
        "gross_closing": start["gross_closing"] + change,
    }


def ledger_table(actuals: Actuals) -> pd.DataFrame:
    """The ledger as read, months as 2025-04: what a return freezes, so that a closed month cannot change unseen."""
    ledger = actuals.table("ledger")[["month", "s251_line", "placement", "gbp"]].copy()
    ledger["month"] = ledger["month"].map(lambda value: show_month(int(value)))
    return ledger.reset_index(drop=True)
