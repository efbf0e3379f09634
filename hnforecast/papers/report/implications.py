"""Implications, consultation, background papers and appendices: what the run can say, and gaps for officers."""

from __future__ import annotations

from collections.abc import Sequence

from hnforecast.base.timeline import financial_year, month, show_year
from hnforecast.papers.report.material import Material, end_of
from hnforecast.papers.report.opening import day_of
from hnforecast.papers.report.parts import Bullets, DataTable, FigureIndex, Numbered, Officer, Part
from hnforecast.writing.blocks import Heading

MOST_NAMED = 3


def financial(material: Material) -> list[Part]:
    """What the forecast means for the council's money."""
    m, say = material, material.ledger
    closing = m.account("closing", m.focus)
    parts: list[Part] = [
        Heading("Financial implications"),
        Numbered(
            f"The account is forecast at {say.position(closing)} on {end_of(m.focus)} after contributions. In "
            f"{show_year(m.focus)} its in-year position is {say.position(m.account('in_year', m.focus))}."
        ),
    ]
    years = [year for year in m.run.years() if m.run.first_forecast <= year <= m.focus]
    support = [m.account("support", year) for year in years]
    if abs(say.value(*support)) >= 50_000:
        parts.append(
            Numbered(
                f"The closing balance counts on support of {say.money(*support)} from {show_year(years[0])} to "
                f"{show_year(years[-1])} ({_instruments(m)})."
            )
        )
    parts += [Numbered(text) for text in _other_support(m, years)]
    if m.drawn:
        half, eight = (m.account("gross_closing", m.focus, column=column) for column in ("p50", "p20"))
        parts.append(
            Numbered(
                f"In five forecasts of ten the balance before contributions on {end_of(m.focus)} is "
                f"{say.position(half)} or better; in eight of ten {say.position(eight)} or better. To be covered in "
                f"eight cases instead of five takes {say.money(half, -eight)} more, of the whole balance and not of "
                "one year."
            )
        )
    parts.append(Officer("comments of the Section 151 officer, with name and date."))
    return parts


def _other_support(m: Material, years: Sequence[int]) -> list[str]:
    """Scenarios that differ from the plan in support alone: what the other support comes to, and what it changes."""
    say, found = m.ledger, []
    for name in m.run.scenarios:
        same = all(not round(say.value(m.account("in_year", y, name), -m.account("in_year", y))) for y in m.run.years())
        closing = m.account("closing", m.focus, name)
        if name == m.plan or not same or not round(say.value(closing, -m.account("closing", m.focus))):
            continue
        support = [m.account("support", year, name) for year in years]
        found.append(
            f"The scenario {m.named(name)} differs in support alone ({m.run.title(name).rstrip('.')}): "
            f"{say.money(*support)} over the same years. The balance after contributions on {end_of(m.focus)} would "
            f"be {say.position(closing)}, {say.better(closing, -m.account('closing', m.focus))}; the in-year position "
            "would be the same."
        )
    return found


def legal(material: Material) -> list[Part]:
    """The statutory override, from the inputs alone, and a gap for the Monitoring Officer."""
    m, say = material, material.ledger
    ends = m.run.vintage.support.override_ends
    parts: list[Part] = [Heading("Legal implications")]
    if ends is None:
        parts.append(Numbered("The assumptions of this forecast give no date on which the statutory override ends."))
    else:
        parts.append(
            Numbered(
                "A statutory override keeps a deficit of the Dedicated Schools Grant apart from the council's own "
                "reserves. "
                f"The assumptions of this forecast take it to end on {day_of(ends.on)}. Source: "
                f"{_sentence(ends.source)} "
                f"Published {day_of(ends.published_on)}; {ends.mark}."
            )
        )
        year = financial_year(month(ends.on.year, ends.on.month))
        if m.run.first_forecast <= year <= m.last:
            closing = m.account("closing", year)
            means = (
                "; that deficit would then count against the council's reserves, unless the law by then says otherwise."
                if say.value(closing) < 0
                else ", so that there would be no deficit to count against the council's reserves."
            )
            parts.append(Numbered(f"The balance on that day is forecast at {say.position(closing)}{means}"))
    parts.append(
        Officer(
            "legal advice, and confirm that the statement on the statutory override is still right on the day of the "
            "report."
        )
    )
    return parts


def others(material: Material) -> list[Part]:
    """Sections only an officer can write."""
    return [
        Heading("Equality implications"),
        Officer(
            "the equality impact assessment of each option. The forecast counts plans by age and placement; it holds "
            "nothing "
            "about other protected characteristics."
        ),
        Heading("Staffing, climate and other implications"),
        Officer("staffing, climate and other implications of the options."),
        Heading("Consultation"),
        Officer(
            "who was consulted (Schools Forum, SEND partnership board, parent carer forum), when, and what they said."
        ),
    ]


def papers(material: Material) -> list[Part]:
    """What the report rests on, by name and hash."""
    m, run = material, material.run
    about = run.vintage.manifest
    signed = about.signed_off
    state = f"signed off by {signed.by} on {day_of(signed.on)}" if signed is not None else "a draft, not signed off"
    items = [
        f"Run {run.run_id} of hnforecast {run.manifest['version']}, made on {day_of(run.created)}; fingerprint "
        f"{run.manifest['fingerprint']}",
        f"Assumptions {run.vintage.name}, {about.title} ({state})",
    ]
    if m.change is not None:
        items.append(f"Run {m.change.earlier}, the last forecast")
    items.append("Published data the run read, each with its source and hash: tables/sources.csv of the run")
    return [Heading("Background papers"), Bullets(items)]


def appendices(material: Material) -> list[Part]:
    """The assumptions that matter most and are least sure, and where every figure comes from."""
    run = material.run
    grouped: dict[tuple[str, str, str], list[str]] = {}
    for path, value in run.vintage.values.items():
        if "red" in (value.quality, value.impact) and value.status == "judgement":
            review = day_of(value.review_by) if value.review_by is not None else "not stated"
            grouped.setdefault((value.source, value.owner or "not stated", review), []).append(path)
    rows = [[_listed(paths), *about] for about, paths in grouped.items()]
    parts: list[Part] = []
    if rows:
        parts += [
            Heading("Appendix A: judgements that are little evidenced or weigh most"),
            DataTable(
                "Judgements rated red for quality or impact", ["Assumption", "Basis", "Owner", "To be reviewed by"],
                rows, "assumptions.yaml of the run", words=4, shares=(0.27, 0.41, 0.17, 0.15), small=True,
            ),
        ]  # fmt: skip
    letter = "B" if rows else "A"
    return [*parts, Heading(f"Appendix {letter}: where each figure comes from"), FigureIndex()]


def _listed(paths: list[str]) -> str:
    """The first of several assumptions with one basis, and how many more there are."""
    shown = ", ".join(paths[:MOST_NAMED])
    left = len(paths) - MOST_NAMED
    return shown if left <= 0 else f"{shown} and {left} more"


def _instruments(m: Material) -> str:
    support = m.run.vintage.support.instruments
    used = m.run.manifest["scenarios"][m.plan]["settings"].get("support", [])
    labels = [support[name].label for name in used if name in support]
    return "; ".join(labels) or "no instrument is named"


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."
