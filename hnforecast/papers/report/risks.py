"""Risks and options: what could go otherwise, what can be chosen, and what each would come to."""

from __future__ import annotations

from hnforecast.base.timeline import show_year
from hnforecast.engine.notes import block_known_to
from hnforecast.papers.report.ledger import Term
from hnforecast.papers.report.material import Material, bracketed, end_of
from hnforecast.papers.report.opening import agreement_sentences
from hnforecast.papers.report.parts import DataTable, Numbered, Officer, Part, Picture
from hnforecast.writing.blocks import Heading


def risks(material: Material) -> list[Part]:
    """What the run shows of each risk."""
    m, say = material, material.ledger
    gross, day = m.account("gross_closing", m.focus), end_of(m.focus)
    found: list[str] = []
    if m.drawn:
        worse = m.account("gross_closing", m.focus, column="p10")
        found.append(
            f"Uncertain demand and prices. One forecast in ten puts the balance before contributions on {day} at "
            f"{say.position(worse)} or worse."
        )
    about = m.run.manifest["scenarios"]
    for name in m.run.scenarios:
        settings = about[name]["settings"]
        other = m.account("gross_closing", m.focus, name)
        if name not in (m.plan, m.base) and settings.get("demand") == "history":
            moved = say.better(other, -gross)
            found.append(f"Demand follows history instead of the plan ({m.named(name)}): {moved} on {day}.")
        elif name != m.plan and settings.get("delivery") == "low":
            moved = say.better(other, -gross)
            faster = " and demand grows faster" if settings.get("growth") == "high" else ""
            found.append(f"The plan delivers less{faster} ({m.named(name)}): {moved} on {day}.")
    if len(agreement_sentences(m)) > 1:
        found.append(f"The agreement is not met. {agreement_sentences(m)[-1]}")
    found += _unverified(m)
    known = block_known_to(m.run.vintage)
    if known < m.focus:
        found.append(f"The high needs block after {show_year(known)} is not known; the forecast judges its growth.")
    overdue = [measure.title for measure in m.run.vintage.measures.values() if measure.rag == "red"]
    if m.run.manifest["scenarios"][m.plan]["measures"] and overdue:
        found.append(f"Measures rated red by their owners: {'; '.join(_lower(title) for title in overdue)}.")
    return [
        Heading("Risks"),
        *(Numbered(text) for text in found),
        Officer(
            "add risks to services and to children and young people, each with its owner and what is done about it."
        ),
    ]


def options(material: Material) -> list[Part]:
    """Every scenario beside the one the report is about, and what each measure brings."""
    m, say = material, material.ledger
    year, day = show_year(m.focus), end_of(m.focus)
    rows = []
    for name in m.run.scenarios:
        terms = [m.account(item, m.focus, name) for item in ("in_year", "closing", "gross_closing")]
        gap = say.value(terms[-1], -m.account("gross_closing", m.focus, m.base))
        rows.append([name, *map(m.thousands, terms), bracketed(gap) if name != m.base else "not applicable"])
    pounds = "\N{POUND SIGN}000s, (deficit) or surplus"
    parts: list[Part] = [
        Heading("Options"),
        Numbered(
            f"The options put to the Committee are the scenarios of the forecast, compared below.{_not_chosen(m)}"
            if len(rows) > 1
            else "The run holds one scenario, so that this report compares no options."
        ),
        DataTable(
            f"The scenarios compared, {pounds}",
            ["Scenario", f"{year} in-year position", f"Closing balance, {day}", f"Before contributions, {day}",
             f"Better or (worse) than {m.base}"],
            rows, "tables/account.csv of the run", shares=(0.22, 0.18, 0.2, 0.2, 0.2),
        ),
    ]  # fmt: skip
    parts += _measures(m)
    parts.append(
        Officer("say which option is recommended and why the others are not, and what each means for children.")
    )
    return parts


def _not_chosen(m: Material) -> str:
    """Which scenarios are shown for risk and are nobody's choice."""
    about = m.run.manifest["scenarios"]
    tests = ("history", "low", "high")
    shown = [
        m.named(name)
        for name in m.run.scenarios
        if name != m.plan and any(about[name]["settings"].get(key) in tests for key in ("demand", "delivery", "growth"))
    ]
    if not shown:
        return ""
    return f" Not a choice but shown for risk, as another view of demand or a test of the plan: {' and '.join(shown)}."


def _measures(m: Material) -> list[Part]:
    """What the measures of the plan bring in the year looked at."""
    say, year = m.ledger, show_year(m.focus)
    rows = []
    found = list(m.run.rows("measures", scenario=m.plan, financial_year=year))
    for row in found:
        measure = m.run.vintage.measures.get(row["measure"])
        central = bracketed(float(row["central"])) if row["central"] else "not made"
        owner, rating = (measure.owner, measure.rag) if measure else ("not stated", "not rated")
        rows.append([measure.title if measure else row["measure"], owner, rating, central])
    if not rows:
        return []
    whole = Term("measures", "central", (("scenario", m.plan), ("financial_year", year)))
    word = "improve" if say.value(whole) >= 0 else "worsen"
    alone = "The measure of the plan is" if len(rows) == 1 else "Together the measures of the plan are"
    table = DataTable(
        f"What each measure brings in {year}, \N{POUND SIGN}000s, saving or (cost)",
        ["Measure", "Owner", "Rating", "Central"], rows, "tables/measures.csv of the run", words=3,
        shares=(0.45, 0.28, 0.12, 0.15),
    )  # fmt: skip
    text = f"{alone} forecast to {word} the in-year position of {year} by {say.money(whole)}."
    at = {"scenario": m.plan, "against": m.base, "financial_year": year, "item": "in_year"}
    if m.drawn and m.has("differences", "p10", **at) and m.has("differences", "p90", **at):
        low, high = (Term("differences", column, tuple(at.items())) for column in ("p10", "p90"))
        text += (
            f" Eight times in ten it should be between {_gain(m, low)} and {_gain(m, high)}. The table shares the "
            "central figure among the measures; no range was made of one measure alone."
        )
    return [Numbered(text), table]


def _gain(m: Material, term: Term) -> str:
    """A saving, or the cost it turned out to be."""
    return f"{m.ledger.money(term)}{'' if m.ledger.value(term) >= 0 else ' of cost'}"


def _unverified(m: Material) -> list[str]:
    """What the forecast counts on and nobody has verified: assumptions, then support of the plan."""
    support = m.run.vintage.support
    used = m.run.manifest["scenarios"][m.plan]["settings"].get("support", [])
    others = [
        path
        for path, value in m.run.vintage.values.items()
        if value.mark == "unverified" and not path.startswith("support.instruments.")
    ]
    found = []
    if others:
        found.append(f"Unverified assumptions, used all the same: {', '.join(others)}.")
    names = [
        support.instruments[name].label
        for name in used
        if name in support.instruments
        and (payments := support.instruments[name].payments) is not None
        and payments.mark == "unverified"
    ]
    if not names:
        return found
    years = [year for year in m.run.years() if m.run.first_forecast <= year <= m.focus]
    terms = [m.account("support", year) for year in years]
    return [
        *found,
        f"Support not confirmed. From {show_year(years[0])} to {show_year(years[-1])} the forecast counts on "
        f"{m.ledger.money(*terms)} of support whose yearly amounts are unverified ({'; '.join(names)}).",
    ]


def _lower(title: str) -> str:
    return title[:1].lower() + title[1:]


# What changed since the last forecast and why.

ITEM, NAMED, SMALL = "gross_closing", 3, 50_000


def what_changed(material: Material) -> list[Part]:
    """The movements since the earlier run, largest first in words, all of them in the table."""
    m, say = material, material.ledger
    heading = Heading("What has changed since the last forecast, and why")
    if m.change is None:
        return [
            heading,
            Numbered("This report was made without an earlier forecast to compare with."),
            Officer(
                "say which forecast was last reported and what has changed since, or make this report again with the "
                "run of "
                "that forecast (option --against)."
            ),
        ]
    bridge, year = m.change.bridge, m.change.bridge.year
    f = bridge.years.index(year)
    where = f"bridge from {bridge.start_label} to {bridge.end_label}, {show_year(year)}"
    start = Term(where, "balance before contributions, earlier", given=float(bridge.start[ITEM][f]))
    end = Term(where, "balance before contributions, now", given=float(bridge.end[ITEM][f]))
    moved = [(mv, float(mv.of(ITEM)[f])) for mv in bridge.movements]
    told = sorted((pair for pair in moved if abs(pair[1]) >= SMALL), key=lambda pair: -abs(pair[1]))[:NAMED]
    parts: list[Part] = [
        heading,
        Numbered(
            f"The last forecast is run {m.change.earlier}. It put the balance before contributions on {end_of(year)} "
            f"at "
            f"{say.position(start)}. This forecast puts it at {say.position(end)}: {say.better(end, -start)}."
        ),
    ]
    if told:
        causes = [f"{_lower(mv.label)}, {say.better(Term(where, mv.label, given=amount))}" for mv, amount in told]
        lead = "The largest cause is" if len(causes) == 1 else "The largest causes are"
        parts.append(
            Numbered(
                f"{lead} {_joined(causes)}. The movements add up to the change exactly, in whatever order they are "
                f"told."
            )
        )
    rows = [
        [label, bracketed(amount), bracketed(in_year)]
        for (label, amount), (_, in_year) in zip(
            bridge.amounts(ITEM, year), bridge.amounts("in_year", year), strict=True
        )
    ]
    rows[0][0], rows[-1][0] = "Last forecast", "This forecast"
    header = ["\N{POUND SIGN}000s, (deficit or worse)", f"Balance before contributions, {end_of(year)}",
              f"In-year position, {show_year(year)}"]  # fmt: skip
    parts.append(DataTable("From the last forecast to this one", header, rows, where, shares=(0.46, 0.3, 0.24)))
    words = (
        f"Waterfall chart from the last forecast to this one of the balance before contributions on {end_of(year)}. "
        "Its figures are those of the table above."
    )
    parts.append(Picture("What moved the balance before contributions", m.change.chart, words))
    base = m.run.vintage.manifest.base_census
    if m.change.earlier_base != base:
        parts.append(
            Numbered(
                f"The last forecast starts from the plans counted in January {m.change.earlier_base}, this one from "
                f"January "
                f"{base}. What was counted and spent in between, where it was not as expected, is in the row "
                "\N{LEFT DOUBLE QUOTATION MARK}New counts and outturn\N{RIGHT DOUBLE QUOTATION MARK}."
            )
        )
    return parts


def _joined(items: list[str]) -> str:
    return items[0] if len(items) == 1 else f"{'; '.join(items[:-1])}; and {items[-1]}"
