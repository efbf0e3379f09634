"""The first sections of a report: summary, recommendations, background."""

from __future__ import annotations

from hnforecast.base.timeline import show_year
from hnforecast.papers.report.ledger import Term
from hnforecast.papers.report.material import Material, end_of
from hnforecast.papers.report.parts import DataTable, Lettered, Numbered, Officer, Part
from hnforecast.writing.blocks import Heading


def summary(material: Material) -> list[Part]:
    """Where the account stands, where it goes, how sure that is."""
    m, say = material, material.ledger
    day = end_of(m.focus)
    first = m.run.first_forecast
    parts: list[Part] = [
        Heading("Summary"),
        Numbered(
            f"This report sets out the forecast of the council's high needs account to {end_of(m.last)}, how sure it "
            f"is, "
            "what has changed since the last forecast, the risks and the options."
        ),
        Numbered(
            f"On {end_of(m.outturn)} the account stood at {say.position(m.account('closing', m.outturn))}. In the "
            f"scenario "
            f"{m.named(m.plan)} the in-year position of {show_year(first)} is forecast at "
            f"{say.position(m.account('in_year', first))}. The balance on {day} is forecast at "
            f"{say.position(m.account('closing', m.focus))} after contributions, and at "
            f"{say.position(m.account('gross_closing', m.focus))} before them."
        ),
    ]
    parts += [Numbered(text) for text in _standing(m)]
    if m.plan != m.base:
        change = say.better(m.account("gross_closing", m.focus), -m.account("gross_closing", m.focus, m.base))
        parts.append(
            Numbered(
                f"Without the measures, in the scenario {m.named(m.base)}, the balance before contributions on {day} "
                f"would be {say.position(m.account('gross_closing', m.focus, m.base))}: with them it is {change}."
            )
        )
    return [*parts, Numbered(range_sentence(m)), *(Numbered(text) for text in agreement_sentences(m)[-1:])]


def _standing(m: Material) -> list[str]:
    """What stops a reader from relying on the figures above: a draft, a balance nobody has checked."""
    said = []
    if m.run.vintage.manifest.signed_off is None:
        said.append("The assumptions are a draft that nobody has signed off. This report is not fit for a decision.")
    if m.run.vintage.support.balance.mark == "unverified":
        said.append(
            f"The balance on {end_of(m.outturn)} is unverified and not a published figure. Every balance in this "
            "report starts from it: replace it with the council's own before any is quoted."
        )
    return said


def range_sentence(material: Material) -> str:
    """Between which balances the year looked at should end."""
    m, say = material, material.ledger
    if not m.drawn:
        return (
            "Only the central forecast was made, so this report gives no range. A run with draws, which is the usual "
            "one, shows how far the balance may lie from it."
        )
    low, high = (m.account("gross_closing", m.focus, column=column) for column in ("p10", "p90"))
    return (
        f"Eight times in ten the balance before contributions on {end_of(m.focus)} should lie between "
        f"{say.position(low)} and {say.position(high)}."
    )


def recommendations(material: Material) -> list[Part]:
    """What the committee is asked to do, and why."""
    m, say = material, material.ledger
    closing = m.account("closing", m.focus)
    deficit = say.value(closing) < 0
    why = (
        "The forecast is a deficit that the council needs a plan for."
        if deficit
        else "The forecast is not a deficit; the risks in this report say what could make it one."
    )
    return [
        Heading("Recommendations"),
        Numbered("The Committee is recommended to:"),
        Lettered(
            [
                f"note the forecast balance of the high needs account on {end_of(m.focus)}: {say.position(closing)} "
                f"after "
                f"contributions, in the scenario {m.named(m.plan)};",
                "note how sure the forecast is, and the risks to it;",
                "consider the options, and say which of them officers are to work up;",
                "ask for a further report when the next January count and outturn are known.",
            ]
        ),
        Numbered(f"Reasons. {why}"),
        Officer("confirm or amend the recommendations, and name the committee and the date of the further report."),
    ]


def background(material: Material) -> list[Part]:
    """What the account is, what the forecast starts from, and what each scenario assumes."""
    m, run = material, material.run
    about = run.vintage.manifest
    parts: list[Part] = [
        Heading("Background"),
        Numbered(
            "The high needs block is the part of the Dedicated Schools Grant that pays for children and young people "
            "with "
            "special educational needs and disabilities, and for alternative provision. The high needs account gathers "
            "what it receives and what is spent from it. An EHC plan is an education, health and care plan."
        ),
        Numbered(
            f"The forecast starts from the plans counted in January {about.base_census} and the outturn of "
            f"{show_year(m.outturn)}, and goes month by month to {end_of(m.last)}. Its assumptions are those of the "
            f"set "
            f"{run.vintage.name}, as at {day_of(about.as_at)}; they were prepared by {about.analyst}, checked by "
            f"{about.assurer} and approved by {about.approver}."
        ),
    ]
    parts += [Numbered(text) for text in agreement_sentences(m)[:-1]]
    titles = [
        [name, run.title(name), _measures(len(run.manifest["scenarios"][name]["measures"]))] for name in run.scenarios
    ]
    parts += [
        Numbered("Scenarios are what the forecast assumes together. They are compared below, and named as here."),
        DataTable(
            "What each scenario assumes", ["Scenario", "What it assumes", "Measures"], titles, "run.json of the run",
            words=3, shares=(0.22, 0.6, 0.18),
        ),
    ]  # fmt: skip
    return parts


def agreement_sentences(material: Material) -> list[str]:
    """The agreed profile, how sure it is, and how likely it is met; nothing where there is none."""
    m, say, run = material, material.ledger, material.run
    year = next((y for y in reversed(run.years()) if _agreed(m, y)), None)
    profile = run.vintage.support.agreement.gross_closing
    if year is None or profile is None or year < run.first_forecast:
        return []
    allowed, forecast = m.account("agreed_gross_closing", year), m.account("gross_closing", year)
    gap = say.value(forecast, -allowed)
    word = "adverse" if gap < 0 else "favourable"
    against = (
        f"The forecast is {say.money(forecast, -allowed)} {word} to it"
        if abs(gap) >= 50_000
        else "The forecast is in line with it"
    )
    sentences = [
        f"The agreement with the Department for Education allows a balance before contributions of "
        f"{say.position(allowed)} on {end_of(year)} (this figure is {profile.mark}). {against}, in the scenario "
        f"{m.named(m.plan)}."
    ]
    at = {"scenario": m.plan, "financial_year": show_year(year)}
    if m.has("agreement", "probability_met", **at):
        keys = tuple(at.items())
        met = say.chance(Term("agreement", "probability_met", keys))
        sentences.append(
            f"The chance that the balance allowed by the agreement with the Department for Education is met on "
            f"{end_of(year)} is {met}; {_every_year(m, year, keys)}."
        )
    return sentences


def _every_year(m: Material, year: int, keys: tuple[tuple[str, str], ...]) -> str:
    """Whether the profile can still be met in every year, and how likely that is."""
    say, before = m.ledger, m.outturn
    if _agreed(m, before) and say.value(m.account("gross_closing", before)) < say.value(
        m.account("agreed_gross_closing", before)
    ):
        off = say.money(m.account("gross_closing", before), -m.account("agreed_gross_closing", before))
        return f"the profile was already missed on {end_of(before)}, by {off}"
    return (
        "that the profile is met in every year up to then, "
        f"{say.chance(Term('agreement', 'probability_met_to_date', keys))}"
    )


def day_of(when: object) -> str:
    """A date in a sentence."""
    return f"{when.day} {when:%B %Y}"  # type: ignore[attr-defined]


def _agreed(m: Material, year: int) -> bool:
    at = {"scenario": m.plan, "financial_year": show_year(year), "item": "agreed_gross_closing"}
    return m.has("account", "central", **at)


def _measures(count: int) -> str:
    return "none" if count == 0 else "1 measure" if count == 1 else f"{count} measures"
