"""The front of the workbook: Cover, Contents and Notes, so that a reader knows what it is before reading a number."""

from __future__ import annotations

from collections.abc import Sequence

from hnforecast.base.timeline import show_year
from hnforecast.engine.assumption_lines import MARKS, used_assumptions
from hnforecast.engine.notes import outturn_note
from hnforecast.papers.workbook.checks import MASTER
from hnforecast.papers.workbook.content import NOT_APPLICABLE, NOT_AVAILABLE, PASSES, Content
from hnforecast.writing.xlsx.book import FIRST_TABLE_ROW, Sheet

WIDE = 110.0

NOTES: tuple[tuple[str, str], ...] = (
    (
        "Sign",
        "(Deficit) or surplus: a figure in brackets is a deficit. In-year position = funding - spend; closing "
        "balance = opening + in-year + support + other movement. A word beside each balance says the same. On the "
        "Spend sheet brackets are income, on the Funding sheet they are deductions.",
    ),
    (
        "Units",
        "Money is cash (not adjusted for inflation) and shown in £000s; cells hold pounds and pence. Plans are people. "
        "Financial years run from April to March; counts of plans are those of January.",
    ),
    (
        "Rounding",
        "Nothing is rounded before it is shown, so figures may not add to the totals shown.",
    ),
    (
        "Words for figures",
        "Outturn: it happened and was recorded. Forecast: the model's figure. Confirmed: read in the source named. "
        "Inferred: worked out from published figures. Unverified: not seen in a published source; treat with care. "
        "A total carries the weakest mark of what it stands on.",
    ),
    (NOT_AVAILABLE, "Not available: the figure exists or may exist, but is not public."),
    (NOT_APPLICABLE, "Not applicable: the cell has no meaning for this row."),
    (
        "Colours",
        "Blue on pale yellow: an input, to be changed by hand. Black: worked out on the sheet. Green: taken from "
        "another sheet. Grey text: a figure of the program, fixed in this workbook. Grey fill: a total. No meaning "
        "rests on colour alone: Inputs holds every input of the model, and headings say what is as run.",
    ),
    (
        "How it was made",
        "By hnforecast, from the vintage of assumptions on the Cover: children by age, EHC plans month by month, "
        "prices, spend by section 251 line, funding, account. Formulas in this workbook are live and checked against "
        "the program's own figures on the Checks sheet. Run again with the same fingerprint to get the same figures.",
    ),
    (
        "The model in this workbook",
        "Inputs -> Prices, Measure effects and Plan-years -> Spend by line and Funding -> Account -> What-if and "
        "Summary, all by formula. Changing a price, an uplift, a share, a service, funding, support or a balance gives "
        "what the program gives with the same change, to the penny. Plans are the program's: Plan-years by combination "
        "holds them with each combination of measures in place, and the switches weigh the combinations.",
    ),
    (
        "Switches of measures",
        "100% is the measure as planned, 0% without it. All on and all off are the program's runs to the penny. In the "
        "first set of combinations so is any choice of on and off, but for price effects in the months in which they "
        "grow, within thousandths of a per cent of the balance. Between 0% and 100%, and in sets that hold only none, "
        "one, all but one and all measures, the result lies between runs of the program and is a first estimate: run "
        "the program for a figure to be relied on.",
    ),
    (
        "What stays as run",
        "Commissioned places move place funding, not plans. "
        "The sentences on Summary, plans at the January counts, the range around the forecast, the likelihood of "
        "meeting the agreement, Savings, Bridge, Calibration and the register of measures are the run's and do not "
        "follow changed inputs. While any input differs from the run, the master check says so.",
    ),
    (
        "What is not in it",
        "School transport, casework and assessment are the council's own budget: shown as a memo, never charged to "
        "the account. Early years, schools and central blocks of the grant, capital, and the effect of any policy not "
        "named in the Assumptions sheet are left out.",
    ),
    (
        "Places paid direct",
        "Places at academies that the Department for Education pays direct are taken off funding as deductions and are "
        "not in spend. Section 251 budget returns include them, outturn returns do not.",
    ),
    (
        "Balance before contributions",
        "The balance as it would be had no contribution ever been paid, by the Department or the council. Agreements "
        "state their profile this way.",
    ),
)


def write_cover(content: Content, sheet: Sheet) -> None:
    """What the workbook is, whose, as at when, whether it checks, and how far to trust it."""
    facts = _facts(content)
    header = FIRST_TABLE_ROW
    sheet.table(header, ["Item", "Detail"], len(facts) + 1, "cover")
    for r, (item, detail) in enumerate(facts, start=header + 2):
        sheet.text(r, 0, item)
        sheet.text(r, 1, detail, "wrapped")
    row = header + 1
    passed = all(check.passed for forecast in content.forecasts for check in forecast.checks)
    sheet.text(row, 0, "Master check", "total")
    value = content.master_value
    sheet.formula(row, 1, f"={MASTER}", value, role="pass" if passed else "fail", align="left")
    sheet.warn_unless(row, 1, PASSES)
    sheet.set_width(1, WIDE)


def write_contents(content: Content, sheet: Sheet, purposes: Sequence[tuple[str, str]]) -> None:
    """Every sheet as a link, with what it holds."""
    header = FIRST_TABLE_ROW
    sheet.table(header, ["Sheet", "What it holds"], len(purposes), "contents")
    for r, (name, purpose) in enumerate(purposes, start=header + 1):
        sheet.link(r, 0, name)
        sheet.text(r, 1, purpose, "wrapped")
    sheet.set_width(1, WIDE)


def write_notes(content: Content, sheet: Sheet) -> None:
    """Symbols, sign, units, method, limits."""
    manifest = content.forecasts[0].scenario.vintage.manifest
    settlement = (
        "How far ahead",
        f"The published national settlement ends with {show_year(manifest.settlement_ends)}; Summary says to which "
        "year the council's own block is known. Later years rest on assumed growth and are illustrative.",
    )
    differs = outturn_note(content.forecasts)
    notes = [*NOTES, settlement, *([("The last outturn year", differs)] if differs is not None else [])]
    header = FIRST_TABLE_ROW
    sheet.table(header, ["Topic", "Note"], len(notes), "notes")
    for r, (topic, note) in enumerate(notes, start=header + 1):
        sheet.text(r, 0, topic)
        sheet.text(r, 1, note, "wrapped")
    sheet.set_width(1, WIDE)


def _facts(content: Content) -> list[tuple[str, str]]:
    vintage, record = content.forecasts[0].scenario.vintage, content.record
    manifest = vintage.manifest
    signed = manifest.signed_off
    state = (
        f"signed off by {signed.by}, {signed.role}, on {signed.on}" if signed is not None else "draft: not signed off"
    )
    counts = {mark: sum(sourced.mark == mark for sourced in used_assumptions(content.forecasts)) for mark in MARKS}
    first, last = content.years[0], content.years[-1]
    return [
        ("Council", manifest.authority.name),
        ("Title", manifest.title),
        ("Purpose", manifest.purpose),
        ("Commissioner", manifest.commissioner),
        ("Analyst", manifest.analyst),
        ("Assurer", manifest.assurer),
        ("Approver", manifest.approver),
        ("Vintage of assumptions", f"{vintage.name}, {state}"),
        ("As at", str(manifest.as_at)),
        ("Not to be used after", f"{manifest.review_by} without review"),
        (
            "Years",
            f"{show_year(first)} to {show_year(last)}, forecast from {show_year(content.clock.first_forecast)}",
        ),
        (
            "Scenarios",
            "; ".join(f"{forecast.scenario.name}: {forecast.scenario.title}" for forecast in content.forecasts),
        ),
        ("Draws", "1 (the central run)" if record.draws == 1 else f"{record.draws:,}, seed {record.seed}"),
        ("Calibrated", _calibrated(content)),
        ("Marks", f"{', '.join(f'{count} {mark}' for mark, count in counts.items())} (see Assumptions)"),
        ("Program", f"hnforecast {record.version}"),
        ("Run", record.run_id),
        ("Fingerprint", record.fingerprint),
    ]


def _calibrated(content: Content) -> str:
    """What was tuned and to what, in one cell; the rest is predicted."""
    targets = dict.fromkeys(
        sourced.calibrated_to for sourced in used_assumptions(content.forecasts) if sourced.calibrated_to
    )
    measures = dict.fromkeys(
        measure.calibrated_to
        for forecast in content.forecasts
        for measure in forecast.scenario.measures
        if measure.calibrated_to
    )
    tuned = list(dict.fromkeys([*targets, *measures]))
    if not tuned:
        return "Nothing was tuned to a published total; everything after the base year is predicted."
    return f"Calibrated to: {'; '.join(tuned)}. Everything else after the base year is predicted (see Calibration)."
