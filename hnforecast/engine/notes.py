"""What a reader must know of a forecast, in sentences built from its numbers and the marks of its assumptions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hnforecast.assumptions.statutory import flag_summary, flags_of
from hnforecast.base.timeline import financial_year, show_year
from hnforecast.engine.occupancy import misfits

if TYPE_CHECKING:
    from hnforecast.assumptions.vintage import Vintage
    from hnforecast.engine.records import Forecast
    from hnforecast.engine.scenarios import Scenario

MILLION = 1e6
TESTED_YEARS = 5  # no backtest reaches further
LABEL = re.compile(r"^[A-Z]\d+, ")  # the short name of a published figure, which a reader does not know


def notes_on(forecast: Forecast) -> tuple[str, ...]:
    """Sentences in the order a Section 151 officer would ask for them."""
    return (
        *_tuned(forecast),
        *_agreement(forecast),
        *_pooled(forecast),
        *_beyond(forecast),
        *_unverified(forecast),
        *_suspended(forecast),
        *_override(forecast),
        *_places(forecast),
        *misfits(forecast),
        *_settlement(forecast),
        *_duties(forecast),
    )


def outturn_note(forecasts: Sequence[Forecast]) -> str | None:
    """Why the in-year position of the last outturn year differs between scenarios; None where it does not."""
    first = forecasts[0].clock.first_forecast
    base = forecasts[0].clock.at(first - 1)
    found = [float(forecast.account.in_year[0, base]) for forecast in forecasts]
    apart = max(found) - min(found)
    if len({round(value, -5) for value in found}) == 1:  # nothing that shows in millions to one decimal
        return None
    return (
        f"February and March of {first} come after the January count, so they follow each scenario: in-year positions "
        f"of {show_year(first - 1)} differ by up to £{apart:,.0f}. The balance is the published one in all."
    )


def _money(value: float) -> str:
    return f"£{abs(value) / MILLION:,.1f}m {'deficit' if value < 0 else 'surplus'}"


def _tuned(forecast: Forecast) -> list[str]:
    """What the path was calibrated to; a path tuned to nothing says so."""
    vintage = forecast.scenario.vintage
    name = forecast.scenario.name
    if forecast.scenario.spec.demand == "history":
        base = vintage.manifest.base_census
        return [f"{name}: plans and prices are predicted from history up to January {base}; tuned to no later figure."]
    targets = calibration_targets(forecast.scenario)
    if not targets:
        return [f"{name}: tuned to history only; nothing in it was set to reach a published forecast."]
    return [
        f"{name}: calibrated to {target}; it is the council's planning path, not a prediction." for target in targets
    ]


def calibration_targets(scenario: Scenario) -> tuple[str, ...]:
    """The published figures that a scenario's growth, uplifts and measures were set to reach."""
    vintage = scenario.vintage
    used = [vintage.demand.new_plans.growth, *vintage.prices.indices.values()]
    used += [effect.change for measure in scenario.measures for effect in measure.effects]
    return tuple(dict.fromkeys(LABEL.sub("", one.calibrated_to) for one in used if one.calibrated_to))


def _agreement(forecast: Forecast) -> list[str]:
    """Where the forecast starts against where the agreement allowed it to end, before contributions."""
    account, clock = forecast.account, forecast.clock
    known = [
        f
        for f in range(len(clock.financial_years))
        if account.agreed_gross_closing[f] == account.agreed_gross_closing[f]
    ]
    base = clock.first_ahead - 1
    if not known or known[-1] <= base:
        return []
    opening, allowed = float(account.gross_closing[0, base]), float(account.agreed_gross_closing[known[-1]])
    if opening > 0.9 * allowed:
        return []
    profile = forecast.scenario.vintage.support.agreement.gross_closing
    mark = profile.mark if profile is not None else "inferred"
    return [
        f"The balance before contributions was already {_money(opening)} on 31 March {clock.first_forecast}, about "
        f"what the agreement allowed at its end ({_money(allowed)} at March {clock.financial_years[known[-1]] + 1}, "
        f"{mark})."
    ]


def _pooled(forecast: Forecast) -> list[str]:
    if not forecast.window_factor:
        return []
    tested = [(year, value) for year, value in forecast.window_factor.items() if year in forecast.demand_path]
    shown = ", ".join(f"January {year} x{value:.2f}" for year, value in tested)
    last = max(forecast.demand_path)
    return [
        f"New plans of the twelve months to each January are scaled so that plans follow the pooled forecast: {shown}. "
        f"After January {last} the last factor holds: those years are illustrative, as nothing was tested beyond "
        "five years."
    ]


def _beyond(forecast: Forecast) -> list[str]:
    """What the pooled forecast of spend has that plans and prices do not explain, in the years tested."""
    beyond, first = forecast.scenario.beyond, forecast.clock.first_forecast
    shown = [
        f"{show_year(year)} {'-' if beyond[year] < 0 else ''}£{abs(beyond[year]) / MILLION:,.1f}m"
        for year in forecast.clock.financial_years
        if year in beyond and first <= year < first + TESTED_YEARS
    ]
    if not shown:
        return []
    return [
        "Lines 1.2 follow the pooled forecast of spend. Every price grows as spend per plan does in it; what that and "
        f"the mix of placements leave stands as a row of its own: {', '.join(shown)}."
    ]


def _unverified(forecast: Forecast) -> list[str]:
    """A balance that was not published, and instruments that pay in this scenario and are not confirmed."""
    support = forecast.scenario.vintage.support
    names, said = [], []
    if support.balance.mark == "unverified":
        said.append(
            f"The balance on 31 March {forecast.clock.first_forecast} is unverified, and so is every balance after "
            "it: put the council's own figure in its place."
        )
    for i, name in enumerate(forecast.account.instruments):
        instrument = support.instruments[name]
        if (
            instrument.payments is not None
            and instrument.payments.mark == "unverified"
            and forecast.account.support[0, :, i].any()
        ):
            names.append(instrument.label)
    if not names:
        return said
    return [
        *said,
        f"The yearly split of {' and of '.join(names)} is unverified; only the totals are confirmed. "
        "Balances after support carry that mark.",
    ]


def _suspended(forecast: Forecast) -> list[str]:
    spec = forecast.scenario.spec
    if not spec.suspend_when_missed:
        return []
    account, clock = forecast.account, forecast.clock
    first = clock.first_ahead
    missed = [f for f in range(first, len(clock.financial_years)) if account.met[0, f] == 0.0]
    if not missed:
        return []
    labels = " and ".join(
        forecast.scenario.vintage.support.instruments[name].label for name in spec.suspend_when_missed
    )
    year = show_year(clock.financial_years[missed[0]])
    return [f"{forecast.scenario.name}: the agreed profile is missed in {year}, so {labels} stop from that year."]


def _override(forecast: Forecast) -> list[str]:
    """What would fall on the council when the statutory override ends."""
    ends = forecast.scenario.vintage.support.override_ends
    if ends is None:
        return []
    year = financial_year(12 * ends.on.year + ends.on.month - 1)
    if year not in forecast.clock.financial_years:
        return []
    closing = float(forecast.account.closing[0, forecast.clock.at(year)])
    if closing >= 0:
        return []
    return [
        f"{forecast.scenario.name}: the statutory override ends on {ends.on.day} {ends.on:%B %Y}; the balance then is "
        f"a {_money(closing)}, which would count against the council's reserves unless the law by then says otherwise."
    ]


def _places(forecast: Forecast) -> list[str]:
    spilled = forecast.plans.spilled[0].sum(axis=0)
    names = list(forecast.scenario.vintage.flows.places)
    labels = forecast.scenario.vintage.codes.labels
    return [
        f"{forecast.scenario.name}: {count:,.0f} plans over the horizon find no place at {_lower(labels[name])} and "
        "are placed elsewhere."
        for name, count in zip(names, spilled, strict=True)
        if count >= 1
    ]


def _settlement(forecast: Forecast) -> list[str]:
    vintage = forecast.scenario.vintage
    known, ends = block_known_to(vintage), vintage.manifest.settlement_ends
    if known >= forecast.clock.financial_years[-1]:
        return []
    return [
        f"The high needs block is known to {show_year(known)}; from {show_year(known + 1)} on it rests on a judged "
        f"growth{national_settlement(vintage)}. Years after {show_year(max(ends, known))} are illustrative."
    ]


def national_settlement(vintage: Vintage) -> str:
    """Where a national settlement runs further than the council's own block is known, the end of a sentence."""
    ends = vintage.manifest.settlement_ends
    if ends <= max(block_known_to(vintage), vintage.manifest.base_outturn):
        return ""
    return f", although a national settlement runs to {show_year(ends)}"


def block_known_to(vintage: Vintage) -> int:
    """The last financial year whose block is an allocation and not a growth rate."""
    allocation = vintage.funding.high_needs_block.allocation
    return max(allocation.by) if allocation.by is not None else financial_year(allocation.holds_from)


def _duties(forecast: Forecast) -> list[str]:
    """Measures that look like working against a statutory duty."""
    scenario = forecast.scenario
    priced = tuple(scenario.vintage.prices.top_up)
    flags = [flag for measure in scenario.measures for flag in flags_of(measure, priced)]
    return [f"{scenario.name}: {sentence}" for sentence in flag_summary(flags, len(scenario.measures))]


def _lower(label: str) -> str:
    """A label inside a sentence: its first letter small, initials kept."""
    return label[0].lower() + label[1:]
