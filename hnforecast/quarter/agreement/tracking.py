"""Where the agreement stands at a period: conditions rated by rule, payments, review triggers, profile, way back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from hnforecast.base.timeline import show_year
from hnforecast.quarter.agreement.file import Agreement, Condition, Kpi, Reading, Trigger
from hnforecast.quarter.agreement.profile import profile_table, recovery_table

if TYPE_CHECKING:
    from hnforecast.engine.records import Forecast


# Review triggers of an agreement, each evaluated by rule where there is a figure and by record where there is none.

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


NOT_KNOWN = "Not known"
POUND = 1.0
PAYMENT_COLUMNS = [
    "financial_year", "instrument", "payer", "due", "received", "expected", "at_risk", "why", "mark", "past",
    "counted",
]  # fmt: skip
CONDITION_COLUMNS = [
    "number", "heading", "wording", "wording_mark", "owner", "evidence", "action", "kpi", "unit", "value", "rag",
    "rule", "risk", "next_step",
]  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """The state of an agreement, one tidy table a subject.

    Args:
        conditions: number, heading, wording, wording_mark, owner, evidence, action, kpi, unit, value, rag, rule, risk,
            next_step.
        payments: financial_year, instrument, payer, due, received, expected, at_risk, why, mark, past, counted (in the
            balance forecast).
        triggers: trigger, clause, assumed, now, state, detail, mark.
        profile: financial_year, status, agreed_in_year, forecast_in_year, agreed_gross, forecast_gross, variance,
            direction, probability_met, probability_note, mark.
        recovery: item, value, unit, meaning.
        notes: what a reader must know of the agreement itself, in sentences.
    """

    conditions: pd.DataFrame
    payments: pd.DataFrame
    triggers: pd.DataFrame
    profile: pd.DataFrame
    recovery: pd.DataFrame
    notes: tuple[str, ...] = ()


def track_agreement(
    agreement: Agreement, tables: Mapping[str, pd.DataFrame], forecast: Forecast, financial_year: int
) -> Standing:
    """Evaluate an agreement.

    Args:
        agreement: as loaded.
        tables: of the monitoring, by name.
        forecast: re-anchored on the latest actual month.
        financial_year: of the period, its first calendar year.
    """
    profile = profile_table(forecast)
    return Standing(
        conditions=pd.DataFrame([_condition(condition, tables) for condition in agreement.content.conditions]),
        payments=_payments(agreement, forecast, financial_year, profile),
        triggers=triggers_table(agreement, forecast, financial_year, profile),
        profile=profile,
        recovery=recovery_table(forecast, agreement.content.ends, financial_year),
        notes=_notes(agreement, forecast, financial_year),
    )


def _notes(agreement: Agreement, forecast: Forecast, financial_year: int) -> tuple[str, ...]:
    """Whether the agreement still binds, and whether the assumptions know more than the period did."""
    content = agreement.content
    if content.closed_on is None:
        return ()
    after = f" What follows it: {content.regime_after}." if content.regime_after else ""
    closed = f"The agreement was closed on {content.closed_on}"
    if content.closed_on <= date(financial_year, 4, 1):
        return (f"{closed}: its conditions and profile are shown for comparison and bind nobody.{after}",)
    known = forecast.scenario.vintage.manifest.as_at
    if known < content.closed_on:
        return ()
    return (f"{closed}, after this period; the assumptions are as at {known} and know it.{after}",)


def without_agreement(forecast: Forecast) -> Standing:
    """The standing of a council that has no agreement.yaml: nothing but the vintage's profile, where it has one."""
    return Standing(
        conditions=pd.DataFrame(columns=CONDITION_COLUMNS),
        payments=pd.DataFrame(columns=PAYMENT_COLUMNS),
        triggers=pd.DataFrame(columns=TRIGGER_COLUMNS),
        profile=profile_table(forecast),
        recovery=pd.DataFrame(columns=["item", "value", "unit", "meaning"]),
    )


def read_measure(reading: Reading, tables: Mapping[str, pd.DataFrame]) -> float | None:
    """The figure a measure reads; None where the monitoring has no such figure."""
    frame = tables.get(reading.table)
    if frame is None or frame.empty or reading.column not in frame.columns:
        return None
    whole_frame = frame
    for name, wanted in (reading.where or {}).items():
        if name not in frame.columns:
            return None
        frame = frame[frame[name].astype(str) == wanted]
    values = pd.to_numeric(frame[reading.column], errors="coerce").dropna()
    if values.empty:
        return None
    if reading.take == "share":
        if reading.of is None or reading.of not in whole_frame.columns:
            return None
        whole = float(pd.to_numeric(whole_frame[reading.of], errors="coerce").sum())
        return 100.0 * float(values.sum()) / whole if whole else None
    first, last = float(values.iloc[0]), float(values.iloc[-1])
    taken = {"last": last, "sum": float(values.sum()), "mean": float(values.mean()), "first_to_last": last - first}
    return taken[reading.take]


def rate(kpi: Kpi, value: float | None) -> str:
    """The rating by the measure's own rule, as a word."""
    if value is None or math.isnan(value):
        return NOT_KNOWN
    sign = 1.0 if kpi.better == "higher" else -1.0
    if sign * value >= sign * kpi.green.value:
        return "Green"
    return "Amber" if sign * value >= sign * kpi.amber.value else "Red"


def _condition(condition: Condition, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    kpi = condition.kpi
    value = None if kpi is None else read_measure(kpi.reading, tables)
    hand = condition.rag_set_by_hand
    rag = rate(kpi, value) if kpi is not None else hand.capitalize() if hand else NOT_KNOWN
    measure = kpi.name if kpi is not None else "Rated by the owner" if hand else "No numeric measure yet"
    marks = "" if kpi is None else f" (limits {kpi.green.mark})"
    return {
        "number": condition.number,
        "heading": condition.heading,
        "wording": condition.wording,
        "wording_mark": condition.wording_mark,
        "owner": condition.owner,
        "evidence": condition.evidence,
        "action": condition.action,
        "kpi": measure,
        "unit": "" if kpi is None else kpi.unit,
        "value": value,
        "rag": rag,
        "rule": kpi.rule + marks if kpi is not None else "Judgement of the owner" if hand else "None: not rated",
        "risk": condition.risk,
        "next_step": condition.next_step,
    }


def _payments(agreement: Agreement, forecast: Forecast, financial_year: int, profile: pd.DataFrame) -> pd.DataFrame:
    """Payments due from the vintage's instruments; received as recorded; the rest expected, or at risk and why."""
    support = forecast.scenario.vintage.support.instruments
    records = []
    missed = {row["financial_year"] for row in profile.to_dict("records") if row["direction"] == "adverse"}
    account = forecast.account
    for payment in agreement.content.payments:
        instrument = support.get(payment.instrument)
        if instrument is None or instrument.payments is None or instrument.payments.by is None:
            continue
        for year, due in instrument.payments.by.items():
            received = due if year <= payment.received.up_to else 0.0
            modelled = _modelled(account, forecast.clock.financial_years, payment.instrument, year)
            lapsed = payment.conditional and show_year(year) in missed
            closes = agreement.content.closed_on if payment.conditional else None
            why = _why_at_risk(closes, year, received, lapsed, modelled)
            records.append(
                {
                    "financial_year": show_year(year),
                    "instrument": instrument.label,
                    "payer": payment.payer,
                    "due": float(due),
                    "received": float(received),
                    "expected": float(due - received) if not why else 0.0,
                    "at_risk": float(due - received) if why else 0.0,
                    "why": why or ("Received" if received else "Expected"),
                    "mark": instrument.payments.mark,
                    "past": year < financial_year,
                    "counted": modelled is not None and modelled >= POUND,
                }
            )
    return pd.DataFrame(records, columns=PAYMENT_COLUMNS)


def _modelled(account: Any, years: tuple[int, ...], instrument: str, year: int) -> float | None:
    """What the forecast's scenario has for a payment; None in a year before the forecast."""
    if year not in years or instrument not in account.instruments:
        return None
    return float(account.support[0, years.index(year), account.instruments.index(instrument)])


def _why_at_risk(closed: date | None, year: int, received: float, missed: bool, modelled: float | None) -> str:
    if received:
        return ""
    if modelled is not None and modelled < POUND:
        return "Not paid in this scenario"
    if closed is not None and year >= closed.year:
        return f"Due after the agreement closed on {closed}"
    if missed:
        return "The agreed profile is missed, so payment rests on the Department being content"
    return ""
