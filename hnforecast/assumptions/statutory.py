"""The legal floor: measures that look like refusing a statutory duty are flagged, with the answer the measure gives.

A flag is a question, not a verdict: whether a measure is lawful is for the council's lawyers. Duties are those of the
Children and Families Act 2014, named as its section headings name them, with its explanatory notes (paragraphs 215 to
217, 234 and 244 to 247) for what each asks. A measure that would end a duty altogether is refused, whatever it answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hnforecast.assumptions.draft import Draft
from hnforecast.assumptions.measures import Effect, Measure
from hnforecast.base.errors import Problems

ACT = "Children and Families Act 2014"
SECTIONS: Mapping[str, str] = {
    "36": "assessment of education, health and care needs",
    "37": "education, health and care plans",
    "42": "duty to secure special educational provision in accordance with the plan",
    "44": "reviews and re-assessments",
    "45": "ceasing to maintain a plan",
}
# what each asks of a measure that seems to work against it
ASKS: Mapping[str, str] = {
    "36": "an assessment is owed wherever the test is met; say what meets the need earlier instead",
    "37": "a plan is owed wherever an assessment finds one necessary; say what meets the need instead",
    "42": "what a plan specifies is secured in full, whatever is paid for it; say how",
    "44": "a plan changes at review alone; say how reviews are held",
    "45": "a plan ends only where the council is no longer responsible or it is not needed; say how that is found",
}
NEED_MET_ELSEWHERE = ("36", "37")  # sections whose answer must name what meets the need instead
OF_AGE = 16
RISES, FALLS = "raises", "lowers"
ALL_OF_IT = -1.0


@dataclass(frozen=True)
class Flag:
    """One thing in a measure that looks like refusing a duty.

    Args:
        measure: its name.
        section: of the Act.
        why: what in the measure looks so, in words.
        answer: what the measure says to it; its general note where it says nothing else.
        answered: whether the answer is a statutory basis for this section, with whose view it is.
    """

    measure: str
    section: str
    why: str
    answer: str
    answered: bool

    @property
    def duty(self) -> str:
        """The section and its heading."""
        return f"section {self.section} ({SECTIONS[self.section]})"

    def __str__(self) -> str:
        state = "Answered" if self.answered else "Not answered by a `statutory_basis`; its note says"
        return f"{self.measure} {self.why}: {ACT}, {self.duty}; {ASKS[self.section]}. {state}: {self.answer}"


def flags_of(measure: Measure, priced: Iterable[str]) -> tuple[Flag, ...]:
    """Every flag of a measure, one for each section and reason.

    Args:
        measure: as written.
        priced: placements that cost the council something, so that a move out of them is not flagged.
    """
    found: dict[tuple[str, str], None] = {}
    for effect in measure.effects:
        for section, why in _looks_like(effect, tuple(priced)):
            found[section, why] = None
    return tuple(Flag(measure.name, section, why, *_answer(measure, section)) for section, why in found)


def flag_summary(flags: Iterable[Flag], measures: int) -> list[str]:
    """One sentence for a run; nothing where no measure is flagged."""
    found = list(flags)
    named = list(dict.fromkeys(flag.measure for flag in found))
    if not named:
        return []
    unanswered = list(dict.fromkeys(flag.measure for flag in found if not flag.answered))
    told = f"no `statutory_basis` answers {', '.join(unanswered)}" if unanswered else "each gives its statutory basis"
    duties = ", ".join(sorted({flag.section for flag in found}))
    return [
        f"{len(named)} of {measures} measures look like working against a duty ({ACT}, sections {duties}); {told}. "
        "`hnforecast check` shows each flag with what the measure says."
    ]


def flag_lines(flags: Iterable[Flag]) -> list[str]:
    """One line a measure: the sections, why, and whether each is answered."""
    by_measure: dict[str, list[Flag]] = {}
    for flag in flags:
        by_measure.setdefault(flag.measure, []).append(flag)
    return [
        f"{name}: "
        + "; ".join(f"section {flag.section}, {flag.why}{'' if flag.answered else ' (not answered)'}" for flag in found)
        for name, found in by_measure.items()
    ]


def check_floor(draft: Draft, problems: Problems) -> None:
    """No measure ends a duty altogether."""
    for name, measure in draft.measures.items():
        for number, effect in enumerate(measure.effects):
            if effect.driver in ENDS and _lowest(effect) <= ALL_OF_IT and not effect.named_part:
                place = draft.place("measures", name, "effects", number, "change")
                what = f"a measure may not assume that {ENDS[effect.driver]}"
                found = f"{effect.driver} {_lowest(effect):+.0%}"
                do = "Savings rest on needs met in another way, never on a duty refused."
                problems.add("HN413", what, place, found=found, expected="more than -1", do=do)


ENDS = {
    "new_plan_rate": "no plan is issued at all",
    "agreement_rate": "no request leads to an assessment",
    "issue_rate": "no assessment leads to a plan",
    "unit_price": "nothing is paid for provision in plans",
    "place_price": "nothing is paid for places",
}


def _looks_like(effect: Effect, priced: tuple[str, ...]) -> list[tuple[str, str]]:
    """(section, why) for whatever in an effect seems to work against a duty."""
    driver, low, high = effect.driver, _lowest(effect), _highest(effect)
    first, last = effect.age_range
    ages = f" at ages {first} to {last}" if effect.ages else ""
    if driver == "agreement_rate" and low < 0:
        return [("36", f"{FALLS} the share of requests that lead to an assessment{ages}")]
    if driver == "issue_rate" and low < 0:
        return [("37", f"{FALLS} the share of assessments that lead to a plan{ages}")]
    if driver == "new_plan_rate" and low < 0:
        return [("37", f"{FALLS} new plans{ages} without saying at which step")]
    if driver == "cease_rate" and high > 0:
        young = ", children under 16 among them" if first < OF_AGE else ""
        return [("45", f"{RISES} the share of plans that cease{ages}{young}")]
    if driver in ("unit_price", "place_price") and low < 0:
        return [("42", f"{FALLS} what is paid for provision in plans{_where(effect)}")]
    if driver == "service_budget" and low < 0:
        return [("42", f"{FALLS} budgets of services that plans may name ({', '.join(effect.lines or ())})")]
    if driver == "commissioned_places" and low < 0:
        return [("42", f"{FALLS} the places commissioned{_where(effect)}, which plans may name")]
    if effect.to_placement is not None and effect.to_placement not in priced:
        section = "44" if driver == "move" else "42"
        return [(section, f"moves plans to {effect.to_placement}, where nothing is paid for")]
    return []


def _where(effect: Effect) -> str:
    return f" at {' and '.join(effect.sources)}" if effect.sources else ""


def _answer(measure: Measure, section: str) -> tuple[str, bool]:
    basis = measure.statutory_basis
    if basis is None or section not in basis.sections:
        return measure.statutory_note, False
    if section in NEED_MET_ELSEWHERE and basis.need_met_by is None:
        return f"{basis.text} (it does not say in `need_met_by` what meets the need instead)", False
    met = f" Need met by: {basis.need_met_by}." if basis.need_met_by else ""
    return f"{basis.text}{met} ({basis.status.replace('_', ' ')}, {basis.by}, {basis.on.isoformat()})", True


def _lowest(effect: Effect) -> float:
    return min(_sizes(effect))


def _highest(effect: Effect) -> float:
    return max(_sizes(effect))


def _sizes(effect: Effect) -> list[float]:
    """Every change it makes."""
    change = effect.change
    return list(change.by.values()) if change.by is not None else [change.value or 0.0]
