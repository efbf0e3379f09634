"""Rules on measures, scenarios and the ledger of draws: every name leads somewhere, and never in a circle."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from graphlib import CycleError, TopologicalSorter

from hnforecast.assumptions.draft import Draft
from hnforecast.assumptions.measures import ScenarioSpec
from hnforecast.assumptions.rules_money import near
from hnforecast.assumptions.schema import Driver
from hnforecast.base.errors import Problems

NAME = re.compile(r"^[a-z0-9][a-z0-9_-]{0,63}$")
RESERVED = frozenset(
    {"con", "prn", "aux", "nul", *(f"com{digit}" for digit in range(1, 10)), *(f"lpt{digit}" for digit in range(1, 10))}
)
# What a driver of uncertainty may act on besides a value: parts of the model no single value stands for.
# Where a driver of each kind is drawn, whole paths or the part before the name. What values carry an interval of their
# own is drawn with them.
DRAWN = {
    "factor": ("demand.new_plans.rate", "flows.cease.hazard", "population.children", "prices.indices.", "services.",
               "flows.places."),
    "shift": ("demand.new_plans.growth", "flows.net_other", "prices.indices.", "funding.high_needs_block.growth"),
}  # fmt: skip


def is_name(name: str) -> bool:
    """Whether a name may become a file or a folder on every system."""
    return bool(NAME.fullmatch(name)) and name not in RESERVED


_NAME_WORDS = "small letters, digits, - and _, at most 64, and no name Windows keeps for itself"


def check_measure_names(draft: Draft, problems: Problems) -> None:
    """A measure is named as its file; what it depends on exists, and not in a circle."""
    known = list(draft.text.measures)
    for stem, measure in draft.measures.items():
        place = draft.place("measures", stem, "name", key=False)
        if not is_name(stem):
            problems.add("HN409", "not a name a measure may have", place, found=stem, expected=_NAME_WORDS)
        if measure.name != stem:
            problems.add("HN409", "the measure is not named as its file", place, found=measure.name, expected=stem)
        for setting, names in (("depends_on", measure.needed), ("combines_with", measure.combines_with)):
            for position, name in enumerate(names):
                if name not in known or name == stem:
                    at = draft.place("measures", stem, setting, position, key=False)
                    what = "a measure cannot name itself" if name == stem else "no such measure"
                    do = "" if name == stem else near(name, known)
                    problems.add("HN402", what, at, found=name, expected=", ".join(known), do=do)
    graph = {stem: [name for name in measure.needed if name != stem] for stem, measure in draft.measures.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle = [str(name) for name in error.args[1]]
        place = draft.place("measures", circle[0], "depends_on")
        problems.add("HN411", "measures depend on each other in a circle", place, found=" -> ".join(circle))


def check_measure_targets(draft: Draft, problems: Problems) -> None:
    """What an effect acts on is there: service lines, needs, and placements whose places are counted or paid for."""
    services, places = draft.groups["services"], draft.groups["flows"].places
    targets = {
        "service_budget": (list(services.lines), "lines", "no such service"),
        "council_cost": (list(services.council), "lines", "no such cost on the council's own budget"),
        "commissioned_places": (list(places), "placements", "places are not counted at this placement"),
        "place_price": (list(draft.groups["prices"].place), "placements", "no place funding is paid at this placement"),
    }
    for stem, measure in draft.measures.items():
        for number, effect in enumerate(measure.effects):
            keys = ("measures", stem, "effects", number)
            known, setting, what = targets.get(effect.driver, ([], "", ""))
            for position, name in enumerate(getattr(effect, setting) or () if setting else ()):
                if name not in known:
                    at = draft.place(*keys, setting, position, key=False)
                    problems.add("HN410", what, at, found=name, expected=", ".join(known), do=near(name, known))
            for position, need in enumerate(effect.needs or ()):
                if need not in draft.codes.needs:
                    at = draft.place(*keys, "needs", position, key=False)
                    known_needs, do = ", ".join(draft.codes.needs), near(need, draft.codes.needs)
                    problems.add("HN410", "no such need", at, found=need, expected=known_needs, do=do)


def check_scenarios(draft: Draft, problems: Problems) -> None:
    """A scenario of this vintage names measures and instruments that exist, and every measure with what it needs."""
    for name, spec in draft.scenarios.items():
        if not is_name(name):
            place = draft.place("scenarios", name)
            problems.add("HN409", "not a name a scenario may have", place, found=name, expected=_NAME_WORDS)
        if spec.covers(draft.text.name):
            _check_measures_of(name, spec, draft, problems)
            _check_support_of(name, spec, draft, problems)


def _check_measures_of(name: str, spec: ScenarioSpec, draft: Draft, problems: Problems) -> None:
    known = list(draft.text.measures)
    chosen = known if spec.measures is None else list(spec.measures)
    for position, measure in enumerate(spec.measures or ()):
        at = draft.place("scenarios", name, "measures", position, key=False)
        if measure not in known:
            do = near(measure, known)
            problems.add("HN402", "no such measure", at, found=measure, expected=", ".join(known), do=do)
        elif measure in chosen[:position]:
            problems.add("HN402", "the measure is listed twice", at, found=measure)
    for measure in chosen:
        for needed in draft.measures[measure].needed if measure in draft.measures else ():
            if needed not in chosen:
                at = draft.place("scenarios", name, "measures")
                do = f"Add {needed!r}, or leave out {measure!r}."
                problems.add("HN405", f"{measure!r} depends on {needed!r}, which is not in the scenario", at, do=do)


def _check_support_of(name: str, spec: ScenarioSpec, draft: Draft, problems: Problems) -> None:
    instruments = list(draft.groups["support"].instruments)
    known = ", ".join(instruments)
    for setting in ("support", "suspend_when_missed"):
        for position, instrument in enumerate(getattr(spec, setting)):
            at = draft.place("scenarios", name, setting, position, key=False)
            if instrument not in instruments:
                do = near(instrument, instruments) or "Add it to support.yaml, or list `vintages` for the scenario."
                problems.add("HN403", "no such instrument", at, found=instrument, expected=known, do=do)
            elif setting == "suspend_when_missed" and instrument not in spec.support:
                do = f"Add {instrument!r} to `support`."
                problems.add("HN403", "suspends what the scenario does not pay", at, found=instrument, do=do)
    for instrument in spec.support_ends:
        if instrument not in spec.support:
            at = draft.place("scenarios", name, "support_ends", instrument)
            problems.add(
                "HN403", "ends what the scenario does not pay", at, found=instrument, do=near(instrument, spec.support)
            )


def check_uncertainty(draft: Draft, problems: Problems) -> None:
    """A driver acts on something; a correlation is between drivers; no column of the ledger is used twice."""
    ledger = draft.groups["uncertainty"]
    for name, driver in ledger.drivers.items():
        _check_driver(name, driver, draft, problems)
        if name not in ledger.columns:
            following = max(ledger.columns.values(), default=-1) + 1
            at = draft.place("uncertainty", "drivers", name)
            do = f"Add `{name}: {following}` at the end of `columns`; never reuse a number."
            problems.add("HN152", "the driver has no column in the ledger, so nothing draws it", at, do=do)
    drawn = [*ledger.drivers, *draft.values]
    for number, correlation in enumerate(ledger.correlations):
        keys = ("uncertainty", "correlations", number)
        for position, name in enumerate(correlation.between):
            if draft.whole and name not in drawn:
                at = draft.place(*keys, "between", position, key=False)
                problems.add("HN151", "no such driver", at, found=name, do=near(name, drawn))
        if correlation.between[0] == correlation.between[1]:
            problems.add("HN151", "a driver cannot correlate with itself", draft.place(*keys, "between"))
        if not -1 < correlation.value < 1:
            at = draft.place(*keys, "value", key=False)
            what = "must be a correlation"
            problems.add("HN114", what, at, found=f"{correlation.value:g}", expected="above -1 and below 1")
        if correlation.status == "judgement" and None in (correlation.owner, correlation.review_by):
            do = "Add both."
            problems.add("HN118", "a judgement needs `owner` and `review_by`", draft.place(*keys), do=do)
    seen: dict[int, str] = {}
    for path, column in ledger.columns.items():
        if column in seen:
            at = draft.place("uncertainty", "columns", path, key=False)
            what = f"column {column} is used twice: {seen[column]} and {path}"
            problems.add("HN152", what, at, do=f"Give {path} the next free number, {max(ledger.columns.values()) + 1}.")
        seen.setdefault(column, path)


def _check_driver(name: str, driver: Driver, draft: Draft, problems: Problems) -> None:
    """A driver acts on a value of the vintage, and is of a kind that is drawn there."""
    at = draft.place("uncertainty", "drivers", name, "acts_on", key=False)
    if draft.whole and not _leads_somewhere(driver.acts_on, draft):
        do = near(driver.acts_on, list(draft.values))
        problems.add("HN151", "acts on nothing in the vintage", at, found=driver.acts_on, do=do)
    elif not driver.acts_on.startswith(DRAWN[driver.kind]):
        other = next((kind for kind in DRAWN if driver.acts_on.startswith(DRAWN[kind])), None)
        do = f"Use kind {other}." if other else "Give the value an interval of its own instead."
        what = f"no {driver.kind} is drawn there, so the forecast would be too sure"
        problems.add("HN151", what, at, found=driver.acts_on, do=do)


def _leads_somewhere(path: str, draft: Draft) -> bool:
    return any(name == path or name.startswith(f"{path}.") or fnmatchcase(name, path) for name in draft.values)
