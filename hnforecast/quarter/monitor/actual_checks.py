"""What must hold between and inside the files of a year: control totals, counts that nest, plausible sizes, words."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise

import pandas as pd

from hnforecast.base.errors import Place, Problems
from hnforecast.base.timeline import show_month
from hnforecast.quarter.monitor.files import WHOLE
from hnforecast.quarter.monitor.reconcile import pence, pounds
from hnforecast.quarter.period import Period

LONGEST_NARRATIVE = 500
LARGEST_STEP = 0.15  # a month in which all open plans move by more than this is a slip, not a month
OUT_OF_PROPORTION = 50.0  # a line this many times its budget is in the wrong unit


def check_actuals(
    tables: Mapping[str, pd.DataFrame],
    places: Mapping[str, Place],
    period: Period,
    problems: Problems,
    notices: Problems,
) -> None:
    """Every check of one year's files; faults to `problems`, oddities to `notices`."""
    _check_whole(tables, places, problems, notices)
    _check_control(tables, places, problems)
    _check_flows(tables["pipeline"], places["pipeline"], problems)
    _check_plans(tables["plans"], places["plans"], problems)
    _check_units(tables, places, period, problems)
    _check_paid(tables, places, problems)
    _check_transport(tables, places, problems)
    _check_words(tables, places, problems, notices)


def _check_whole(
    tables: Mapping[str, pd.DataFrame], places: Mapping[str, Place], problems: Problems, notices: Problems
) -> None:
    """A line is given whole or by placement, not both; whole lines are named, because they are shared out."""
    for name, by in (("ledger", ["month", "s251_line"]), ("budget", ["s251_line"])):
        table = tables[name]
        whole = table[table["placement"] == WHOLE]
        split = {tuple(key) for key in table.loc[table["placement"] != WHOLE, by].itertuples(index=False)}
        for key in sorted({tuple(key) for key in whole[by].itertuples(index=False)} & split):
            where = f"line {key[-1]}" + (f" in {show_month(int(key[0]))}" if len(key) > 1 else "")
            do = "Give the placement of every row of the line, or of none."
            problems.add("HN627", f"The same line whole and by placement: {where}", places[name], do=do)
        if name == "budget":
            for line in whole.loc[whole["plan_years"].notna(), "s251_line"]:
                what = f"Plan-years of a whole line cannot be told apart: line {line}"
                problems.add("HN627", what, places[name], do="Leave plan_years blank there, or give the placements.")
        elif len(whole):
            lines = ", ".join(sorted(set(whole["s251_line"])))
            what = f"Lines posted whole are shared by what the recorded plans cost: {lines}"
            notices.add("HN628", what, places[name])


def _check_control(tables: Mapping[str, pd.DataFrame], places: Mapping[str, Place], problems: Problems) -> None:
    """The ledger equals its trial balance, line by line and month by month, to the penny."""
    ledger, control = _sums(tables["ledger"]), _sums(tables["ledger_control"])
    for month, line in sorted({*ledger, *control}):
        ours, theirs = ledger.get((month, line), Decimal(0)), control.get((month, line), Decimal(0))
        if ours != theirs:
            what = f"Line {line} in {show_month(month)} differs from the trial balance by {pounds(ours - theirs)}"
            do = "Correct the line, or export ledger and trial balance again on the same day."
            problems.add("HN609", what, places["ledger"], found=pounds(ours), expected=pounds(theirs), do=do)


def _sums(frame: pd.DataFrame) -> dict[tuple[int, str], Decimal]:
    found: dict[tuple[int, str], Decimal] = {}
    for month, line, gbp in zip(frame["month"], frame["s251_line"], frame["gbp"], strict=True):
        key = (int(month), str(line))
        found[key] = found.get(key, Decimal(0)) + pence(float(gbp))
    return found


_PARTS = (
    ("decided_within_6_weeks", ("agreed", "refused")),
    ("plans_within_20_weeks", ("plans_issued",)),
    ("no_plan_issued", ("assessments_completed",)),
)


def _check_flows(flows: pd.DataFrame, place: Place, problems: Problems) -> None:
    """A part is no greater than its whole."""
    for row in flows.to_dict("records"):
        for part, whole in _PARTS:
            most = sum(int(row[name]) for name in whole)
            if int(row[part]) > most:
                where = f"{show_month(int(row['month']))}: {part}"
                words = " + ".join(whole)
                problems.add(
                    "HN610",
                    f"{where} is greater than {words}",
                    place,
                    found=str(row[part]),
                    expected=f"{most} or fewer",
                )


def _check_plans(plans: pd.DataFrame, place: Place, problems: Problems) -> None:
    """Open plans move by flows of their own size: a jump is a file of another quarter or a lost placement."""
    months = sorted({int(value) for value in plans["month"]})
    total = plans.groupby("month")["open"].sum()
    for earlier, later in pairwise(months):
        before, after = int(total[earlier]), int(total[later])
        if before and abs(after - before) > LARGEST_STEP * before:
            what = f"Open plans go from {before:,} to {after:,} between {show_month(earlier)} and {show_month(later)}"
            do = "Check that every placement is there in both months."
            problems.add("HN611", what, place, expected=f"within {LARGEST_STEP:.0%}", do=do)
    for later in months:
        rows = set(plans.loc[plans["month"] == later, "placement"])
        lost = sorted(set(plans["placement"]) - rows)
        if lost:
            what = f"{show_month(later)} lacks placements that other months have"
            problems.add("HN612", what, place, found=", ".join(lost), do="Write 0 where there are no plans.")


def _check_units(
    tables: Mapping[str, pd.DataFrame], places: Mapping[str, Place], period: Period, problems: Problems
) -> None:
    """Signs and thousands, by line, against the approved budget where there is one."""
    budget = tables["budget"]
    if not len(budget):
        return
    whole = {str(line) for name in ("budget", "ledger") for line in _whole_lines(tables[name])}
    yearly, to_date = _by_line(budget, whole), _by_line(tables["ledger"], whole)
    part = len(period.months) / 12.0
    for (line, placement), planned in yearly.items():
        posted = to_date.get((line, placement), 0.0)
        where = f"Line {line}, {placement}" if placement else f"Line {line}"
        expected = f"about {planned * part:,.0f} of a budget of {planned:,.0f}"
        if abs(planned) < 50_000 or posted == 0:
            continue
        if posted * planned < 0:
            do = "Spend is positive and income negative: turn the sign round."
            problems.add("HN613", f"{where}: the sign is the other way round", places["ledger"],
                         found=f"{posted:,.2f} to date", expected=expected, do=do)  # fmt: skip
        ratio = posted / (planned * part)
        if ratio > OUT_OF_PROPORTION or 0 < ratio < 1.0 / OUT_OF_PROPORTION:
            do = "Money is in pounds, not thousands: export again in pounds."
            problems.add("HN614", f"{where}: out of proportion to its budget", places["ledger"],
                         found=f"{posted:,.2f} to date", expected=expected, do=do)  # fmt: skip


def _whole_lines(table: pd.DataFrame) -> list[str]:
    return list(table.loc[table["placement"] == WHOLE, "s251_line"])


def _by_line(frame: pd.DataFrame, whole: set[str]) -> dict[tuple[str, str], float]:
    """Sums by line and placement; by line alone where it is among the whole ones."""
    found: dict[tuple[str, str], float] = {}
    for line, placement, gbp in zip(frame["s251_line"], frame["placement"], frame["gbp"], strict=True):
        key = (str(line), WHOLE if line in whole else str(placement))
        found[key] = found.get(key, 0.0) + float(gbp)
    return found


def _check_paid(tables: Mapping[str, pd.DataFrame], places: Mapping[str, Place], problems: Problems) -> None:
    """The SEN2 list is that of the plans file, and a difference to the ledger is explained."""
    open_plans = {(int(m), str(p)): int(n) for m, p, n in tables["plans"][["month", "placement", "open"]].values}
    for row in tables["plans_paid"].to_dict("records"):
        where = f"{row['placement']} in {show_month(int(row['month']))}"
        listed, paid = int(row["plans_sen2"]), int(row["plans_ledger"])
        recorded = open_plans.get((int(row["month"]), str(row["placement"])))
        if recorded is not None and recorded != listed:
            do = "Both come from one list: run both exports on the same day."
            problems.add("HN615", f"The SEN2 list has another number of plans than the plans file: {where}",
                         places["plans_paid"], found=f"{listed:,}", expected=f"{recorded:,}", do=do)  # fmt: skip
        if listed != paid and not str(row["explanation"]).strip():
            do = "Say why in the column explanation."
            problems.add("HN616", f"A difference without an explanation: {where}", places["plans_paid"],
                         found=f"{listed:,} on the list, {paid:,} paid for", do=do)  # fmt: skip


def _check_transport(tables: Mapping[str, pd.DataFrame], places: Mapping[str, Place], problems: Problems) -> None:
    """Where the ledger holds a transport line too, both agree."""
    ledger, transport = _sums(tables["ledger"]), _sums(tables["transport"])
    for key in sorted(set(ledger) & set(transport)):
        if ledger[key] != transport[key]:
            what = f"Transport on line {key[1]} in {show_month(key[0])} differs from the ledger"
            found, expected = pounds(transport[key]), pounds(ledger[key])
            problems.add("HN617", what, places["transport"], found=found, expected=expected)


def _check_words(
    tables: Mapping[str, pd.DataFrame], places: Mapping[str, Place], problems: Problems, notices: Problems
) -> None:
    for row in tables["measures"].to_dict("records"):
        length = len(str(row["narrative"]))
        if length > LONGEST_NARRATIVE:
            what = f"The account of {row['measure']} is too long"
            expected = f"at most {LONGEST_NARRATIVE} characters"
            problems.add("HN618", what, places["measures"], found=f"{length} characters", expected=expected)
        if row["rag"] != "green" and not str(row["narrative"]).strip():
            what = f"{row['measure']} is {row['rag']} and says nothing"
            problems.add("HN619", what, places["measures"], do="Say what is wrong and what is done about it.")
    for row in tables["risks"].to_dict("records"):
        if float(row["low_gbp"]) > float(row["high_gbp"]):
            found = f"{row['low_gbp']:,.0f} to {row['high_gbp']:,.0f}"
            problems.add("HN620", f"The range of a risk is reversed: {row['risk']}", places["risks"], found=found)
    for row in tables["places"].to_dict("records"):
        if int(row["filled"]) > int(row["commissioned"]):
            where = f"{row['placement']} in {show_month(int(row['month']))}"
            found = f"{row['filled']} filled, {row['commissioned']} commissioned"
            notices.add("HN621", f"More places filled than commissioned: {where}", places["places"], found=found)
    for row in tables["capital"].to_dict("records"):
        if float(row["spend_to_date"]) > float(row["budget"]):
            found = f"{row['spend_to_date']:,.0f} of {row['budget']:,.0f}"
            notices.add("HN622", f"Spent more than its budget: {row['scheme']}", places["capital"], found=found)
