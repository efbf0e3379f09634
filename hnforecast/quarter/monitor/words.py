"""The quarter in a few sentences: position, cause, movement, plans, places, queue, and what the ledger ties to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hnforecast.base.timeline import show_month
from hnforecast.quarter.monitor.reconcile import pounds, total
from hnforecast.writing.style import fixed
from hnforecast.writing.terminal import text_table, wrap

if TYPE_CHECKING:
    import pandas as pd

    from hnforecast.base.codes import Codes
    from hnforecast.quarter.monitor import Monitoring


MILLION = 1e6
PARTS = ("price", "volume", "mix", "timing")
SERVICES = "services"
WORDS = {"adverse": "worse than", "favourable": "better than"}


def quarter_points(tables: Mapping[str, pd.DataFrame], codes: Codes) -> list[tuple[str, str]]:
    """What a reader short of time must know, each with its topic; what was not recorded is left out.

    Args:
        tables: of the monitoring, by name.
        codes: for the names of placements.
    """
    position: dict[str, Mapping[Any, Any]] = {str(row["item"]): row for row in tables["position"].to_dict("records")}
    found = [("In-year position", _in_year(position["in_year"])), ("Balance", _balance(position))]
    found += [("Why", _cause(tables["outturn_by_line"], codes)), ("Since the last return", _movement(tables, codes))]
    found += [("Plans", _plans(tables["plans_by_placement"]))]
    found += [("Places", text) for text in _places(tables["places"])]
    found += [("Plans paid for", text) for text in _paid(tables["reconciliation"])]
    found += [("Queue", text) for text in _queue(tables)]
    posted = total(tables["ledger"]["gbp"]) if len(tables["ledger"]) else None
    if posted is not None:
        found.append(
            ("Ledger", f"{pounds(posted)} is posted to date, on every account; the lines add up to it exactly.")
        )
    return found


def at_risk_point(payments: pd.DataFrame, financial_year: str) -> list[tuple[str, str]]:
    """What the balance counts on and may not come: payments of the year that are at risk in the scenario forecast."""
    if not len(payments):
        return []
    rows = payments[(payments["financial_year"] == financial_year) & (payments["at_risk"] > 0) & payments["counted"]]
    return [
        ("At risk", f"The balance counts {_m(row['at_risk'])} of {row['instrument']} that may not come: {row['why']}.")
        for row in rows.to_dict("records")
    ]


def _m(value: float) -> str:
    return f"£{fixed(abs(value) / MILLION, 1)}m"


def _state(value: float) -> str:
    return f"{'deficit' if value < 0 else 'surplus'} of {_m(value)}"


def _against(value: float, word: str, what: str) -> str:
    return f"{_m(value)} {WORDS[word]} {what}" if word in WORDS and round(abs(value) / MILLION, 1) else f"as {what}"


def _in_year(row: Mapping[Any, Any]) -> str:
    low, high = sorted((float(row["p10"]), float(row["p90"])))
    span = f" (80% range: {_state(low)} to {_state(high)})" if high - low > 0.05 * MILLION else ""
    said = [_against(float(row["variance"]), str(row["direction"]), "budget")]
    if row["direction_to_agreed"]:
        said.append(_against(float(row["variance_to_agreed"]), str(row["direction_to_agreed"]), "agreed"))
    return f"A {_state(float(row['forecast']))} is forecast{span}: {', '.join(said)}."


def _balance(position: Mapping[str, Mapping[Any, Any]]) -> str:
    closing, gross = position["closing"], position["gross_closing"]
    text = f"Carried forward: a {_state(float(closing['forecast']))}; before contributions a "
    text += _state(float(gross["forecast"]))
    if gross["direction_to_agreed"]:
        off = _against(float(gross["variance_to_agreed"]), str(gross["direction_to_agreed"]), "the agreed profile")
        text += f", {off}"
    return text + "."


def _cause(lines: pd.DataFrame, codes: Codes) -> str:
    sums = {part: float(lines[part].sum()) for part in PARTS}
    parts = ", ".join(f"{part} {_signed(value)}" for part, value in sums.items())
    row = max(lines.to_dict("records"), key=lambda one: abs(float(one["variance"])))
    name = _name(row, codes)
    return (
        f"Spend less budget by cause, plus is more: {parts}. Largest: line {name}, {_signed(float(row['variance']))}."
    )


def _movement(tables: Mapping[str, pd.DataFrame], codes: Codes) -> str:
    moved = tables["movement"]
    change = float(moved["movement"].sum())
    if abs(change) < 0.5:
        return "The forecast has not moved."
    parts = ", ".join(f"{part} {_signed(float(moved[part].sum()))}" for part in PARTS)
    row = max(moved.to_dict("records"), key=lambda one: abs(float(one["movement"])))
    largest = f"{_name(row, codes)}, {_signed(float(row['movement']))}"
    return f"Forecast spend moved by {_signed(change)} ({parts}). Largest: line {largest}."


def _signed(value: float) -> str:
    return f"{'-' if value < 0 else '+'}£{fixed(abs(value) / MILLION, 2)}m"


def _name(row: Mapping[Any, Any], codes: Codes) -> str:
    placement = str(row["placement"])
    return f"{row['s251_line']} ({codes.labels.get(placement, placement).lower()})"


def _plans(plans: pd.DataFrame) -> str:
    now, ahead = float(plans["actual"].sum()), float(plans["forecast_january"].sum())
    return f"{now:,.0f} at the cut-off; {ahead:,.0f} forecast for the next January count of the year."


def _places(places: pd.DataFrame) -> list[str]:
    commissioned, filled = float(places["commissioned"].sum()), float(places["filled"].sum())
    if not commissioned:
        return []
    share = f"{100 * filled / commissioned:.0f}%"
    return [
        f"{filled:,.0f} of {commissioned:,.0f} commissioned are filled ({share}); {commissioned - filled:,.0f} empty."
    ]


def _paid(paid: pd.DataFrame) -> list[str]:
    if not len(paid):
        return []
    listed, ledger = int(paid["plans_sen2"].sum()), int(paid["plans_ledger"].sum())
    apart = int((paid["difference"] != 0).sum())
    net = f"{listed:,} on the SEN2 list, {ledger:,} paid for"
    return [f"{net}; {apart} placements differ, each explained." if apart else f"{net}; no placement differs."]


def _queue(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    flow, timely, backlog = tables["flow" if "flow" in tables else "flows"], tables["timeliness"], tables["backlog"]
    recorded = timely[timely["status"] == "actual"]
    waiting = backlog[backlog["status"] == "actual"]
    if not len(recorded) or not len(waiting):
        return []
    month = str(recorded["month"].iloc[-1])
    rows = {str(row["flow"]).lower(): row["actual"] for row in flow[flow["month"] == month].to_dict("records")}
    cases = {
        str(row["kind"]).lower().replace(" ", "_"): row["cases"]
        for row in waiting[waiting["month"] == month].to_dict("records")
    }
    share = float(recorded["within_20_weeks_pct"].iloc[-1])
    text = f"In {month} {rows['requests']:,.0f} requests; {share:.0f}% of plans in 20 weeks; over 20 weeks "
    return [f"{text}{cases['assessment']:,.0f} assessments, overdue {cases['annual_review']:,.0f} annual reviews."]


# What `hnforecast monitor` prints.

MOST_LINES = 10
ITEMS = {
    "funding": "Funding",
    "spend": "Spend",
    "in_year": "In-year position",
    "closing": "Closing balance",
    "gross_closing": "Before contributions",
}


def monitor_text(found: Monitoring) -> str:
    """The result of a quarter, in £m."""
    council = found.forecast.scenario.vintage.manifest.authority.name
    head = f"{council}, {found.period.words}; {found.scenario} after {show_month(found.period.cut_off)}. £m, cash."
    if found.illustrative:
        head += " The actuals are ILLUSTRATIVE: not published, not real."
    points = quarter_points(found.tables, found.forecast.scenario.vintage.codes)
    told = "\n".join(wrap(f"{topic}: {text}") for topic, text in points)
    parts = [wrap(head), told, _position(found.tables["position"]), _lines(found.tables["outturn_by_line"])]
    return "\n\n".join(parts) + "\n"


def _millions(value: float) -> str:
    return "" if value != value else fixed(value / MILLION, 1)


def _position(position: pd.DataFrame) -> str:
    rows = [row for row in position.to_dict("records") if row["item"] in ITEMS]
    columns = [["", *(ITEMS[row["item"]] for row in rows)]]
    for title, name in (("budget", "budget"), ("forecast", "forecast"), ("agreed", "agreed"), ("moved", "movement")):
        columns.append([title, *(_millions(row[name]) for row in rows)])
    said = ["to budget", *(f"{_millions(row['variance'])} {row['direction']}" for row in rows)]
    title = "Position of the year (a negative position is a deficit; moved: since the last return)"
    return f"{title}\n{text_table([*columns, said])}"


def _lines(lines: pd.DataFrame) -> str:
    order = lines["variance"].abs().sort_values(ascending=False).index
    rows = lines.loc[order].head(MOST_LINES).to_dict("records")
    columns = [["line", *(f"{row['s251_line']} {row['placement']}"[:25] for row in rows)]]
    for name in ("budget", "forecast_outturn", "variance", "price", "volume", "mix", "timing"):
        columns.append([name.replace("forecast_", ""), *(_millions(row[name]) for row in rows)])
    return f"Lines with the largest variance; parts of it\n{text_table(columns)}"
