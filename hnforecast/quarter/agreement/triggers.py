"""Review triggers of an agreement, each evaluated by rule where there is a figure and by record where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from hnforecast.base.timeline import show_year
from hnforecast.quarter.agreement.file import Agreement, Trigger

if TYPE_CHECKING:
    from hnforecast.engine.forecast import Forecast

FIRED, NOT_FIRED, UNKNOWN = "Yes", "No", "Not known"
TRIGGER_COLUMNS = ["trigger", "clause", "assumed", "now", "state", "detail", "mark", "source"]
NAMES = {
    "grant": "Grant differs from that assumed",
    "progress": "Insufficient progress to in-year balance",
    "policy": "Significant policy change",
    "capital": "Extra capital awarded",
    "spend_profile": "Spend profile differs from that assumed",
}


def triggers_table(
    agreement: Agreement, forecast: Forecast, financial_year: int, profile: pd.DataFrame
) -> pd.DataFrame:
    """One row a trigger: the clause, what was assumed, what is, and whether it is set off."""
    evaluate = {"grant": _grant, "progress": _progress}
    records = []
    for trigger in agreement.content.triggers:
        if trigger.key in evaluate:
            found = evaluate[trigger.key](agreement, trigger, forecast, financial_year, profile)
        else:
            state = UNKNOWN if trigger.fired is None else FIRED if trigger.fired else NOT_FIRED
            found = {"assumed": None, "now": None, "state": state, "detail": trigger.known or "Nothing recorded"}
        mark, clause = trigger.mark, trigger.clause
        records.append(
            {"trigger": NAMES[trigger.key], "clause": clause, **found, "mark": mark, "source": trigger.source}
        )
    return pd.DataFrame(records, columns=TRIGGER_COLUMNS)


def _grant(
    agreement: Agreement, trigger: Trigger, forecast: Forecast, financial_year: int, profile: pd.DataFrame
) -> dict[str, Any]:
    """The block of the year against the one assumed, where that is public."""
    years = forecast.clock.financial_years
    now = float(forecast.funding.by_year[0, years.index(financial_year), 0]) if financial_year in years else None
    assumed = agreement.content.assumed_grant
    if assumed is None or assumed.value is None or assumed.year != financial_year or now is None:
        return {
            "assumed": None,
            "now": now,
            "state": UNKNOWN,
            "detail": "The grant the agreement assumed is not public",
        }
    tolerance = trigger.tolerance.value if trigger.tolerance else 0.0
    change = now / assumed.value - 1.0
    state = FIRED if abs(change) > tolerance else NOT_FIRED
    detail = f"{change:+.1%} against a tolerance of {tolerance:.1%}"
    return {"assumed": assumed.value, "now": now, "state": state, "detail": detail}


def _progress(
    agreement: Agreement, trigger: Trigger, forecast: Forecast, financial_year: int, profile: pd.DataFrame
) -> dict[str, Any]:
    """The in-year position of the year against the agreed one."""
    rows = profile[profile["financial_year"] == show_year(financial_year)]
    if rows.empty or rows["agreed_in_year"].isna().all():
        detail = f"No agreed in-year position is known for {show_year(financial_year)}"
        return {"assumed": None, "now": None, "state": UNKNOWN, "detail": detail}
    row = rows.to_dict("records")[0]
    agreed, now = float(row["agreed_in_year"]), float(row["forecast_in_year"])
    tolerance = trigger.tolerance.value if trigger.tolerance else 0.0
    state = FIRED if now < agreed - tolerance else NOT_FIRED
    gap = abs(now - agreed)
    word = "worse" if now < agreed else "better"
    detail = f"£{gap / 1e6:,.1f}m {word} than agreed; tolerance £{tolerance / 1e6:,.1f}m; the profile is {row['mark']}"
    return {"assumed": agreed, "now": now, "state": state, "detail": detail}
