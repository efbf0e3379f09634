"""The figures the page works with: the grid, the draws, the account's rules, as plain values for JSON."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from hnforecast.assumptions import ScenarioSpec
from hnforecast.base.axes import FloatArray
from hnforecast.base.timeline import calendar, show_year
from hnforecast.engine.draws.drawn import Drawn
from hnforecast.engine.drivers.support import account_rules
from hnforecast.papers.sentences import day
from hnforecast.papers.share.grid import FULL, Chance, Grid

if TYPE_CHECKING:
    from hnforecast.engine.records import Forecast


# Large arrays as short text.


def pack(values: FloatArray, step: float, axes: Sequence[int]) -> dict[str, Any]:
    """An array as text and what is needed to read it.

    Args:
        values: any shape.
        step: the smallest difference kept; values are rounded to whole steps.
        axes: those along which differences are taken.
    """
    whole = np.rint(values / step).astype(np.int64)
    for axis in axes:
        whole = np.diff(whole, axis=axis, prepend=np.zeros_like(np.take(whole, [0], axis=axis)))
    text = base64.b64encode(zlib.compress(_varints(whole.ravel()), 9)).decode("ascii")
    return {"shape": list(values.shape), "axes": list(axes), "step": step, "text": text}


def unpack(packed: dict[str, Any]) -> FloatArray:
    """The array a text was packed from, to within half a step: what the page does, for tests to compare with."""
    content = zlib.decompress(base64.b64decode(packed["text"]))
    found, value, shift = [], 0, 0
    for byte in content:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            found.append((value >> 1) ^ -(value & 1))
            value = shift = 0
    whole = np.array(found, dtype=np.int64).reshape(packed["shape"])
    for axis in packed["axes"]:
        whole = np.cumsum(whole, axis=axis)
    steps: FloatArray = whole * float(packed["step"])
    return steps


def _varints(numbers: np.ndarray[Any, np.dtype[np.int64]]) -> bytes:
    """Each number in as few bytes as it needs: sign in the lowest bit, seven bits a byte, the highest says "more"."""
    folded = np.where(numbers < 0, -2 * numbers - 1, 2 * numbers).astype(np.uint64)
    most = max(1, -(-int(folded.max(initial=0)).bit_length() // 7))
    groups = np.stack([(folded >> np.uint64(7 * k)) & np.uint64(127) for k in range(most)], axis=1).astype(np.uint8)
    used = np.ones(len(folded), dtype=int)
    for k in range(1, most):
        used[folded >> np.uint64(7 * k) > 0] = k + 1
    kept = np.arange(most) < used[:, None]
    more = np.arange(most) < (used - 1)[:, None]
    return (groups + np.where(more, 128, 0).astype(np.uint8))[kept].tobytes()


POSITION_STEP, PLANS_STEP, DRAWS_STEP = 100.0, 0.1, 10_000.0


def page_figures(plan: Forecast, grid: Grid, chance: Chance | None) -> dict[str, Any]:
    """Everything the page computes from.

    Args:
        plan: the forecast whose measures the grid offers, all of them as the plan expects.
        grid: of that plan. chance: draws around it, or None for the central run alone.
    """
    vintage, layout = plan.scenario.vintage, grid.layout
    clock = plan.clock
    base = clock.first_ahead - 1
    january = clock.censuses.index(vintage.manifest.base_census)
    labels = vintage.codes.labels
    return {
        "council": vintage.manifest.authority.name,
        "years": [show_year(year) for year in grid.years],
        "ends": [day(year) for year in grid.years],
        "counts": [f"January {census}" for census in grid.censuses],
        "base": {
            "year": show_year(clock.financial_years[base]),
            "end": day(clock.financial_years[base]),
            "count": f"January {vintage.manifest.base_census}",
            "closing": round(float(plan.account.closing[0, base]), 2),
            "gross": round(float(plan.account.gross_closing[0, base]), 2),
            "inYear": round(float(plan.account.in_year[0, base]), 2),
            "plans": [round(float(value), 2) for value in plan.plans.january[0, january].sum(axis=0)],
        },
        "past": past_balances(plan, base),
        "agreed": [
            None if value != value else round(float(value), 2)
            for value in plan.account.agreed_gross_closing[base + 1 :]
        ],
        "placements": [labels[name] for name in vintage.codes.placements],
        "measures": [measure.title for measure in plan.scenario.measures],
        "offered": list(FULL),
        "levels": [list(layout.levels[name]) for name in layout.measures],
        "prices": [layout.measures.index(name) for name in layout.prices],
        "flow": [layout.measures.index(name) for name in layout.flow],
        "added": {
            str(layout.measures.index(name)): [[round(float(value), 2) for value in row] for row in table]
            for name, table in grid.added.items()
        },
        "growths": [choice.name for choice in grid.growths],
        "settlements": [choice.name for choice in grid.settlements],
        "settled": [[round(float(value), 2) for value in row] for row in grid.settled],
        "supports": [support_rules(plan, spec) for _, spec in supports(plan)],
        "ownSupport": own_support(plan),
        "focus": focus(plan),
        "packed": _packed(grid, chance),
    }


def _packed(grid: Grid, chance: Chance | None) -> dict[str, Any]:
    layout = grid.layout
    prices, flow = layout.shape(layout.prices), layout.shape(layout.flow)
    growths, years = len(grid.growths), len(grid.years)
    position = np.moveaxis(grid.in_year, -1, 1).reshape(growths, years, *prices, *flow)
    plans = np.moveaxis(grid.january, 1, -1)
    plans = plans.reshape(*plans.shape[:3], *flow)
    packed = {
        "inYear": pack(position, POSITION_STEP, range(2, position.ndim)),
        "plans": pack(plans, PLANS_STEP, range(3, plans.ndim)),
    }
    if chance is not None:
        packed["plain"] = pack(chance.plain, DRAWS_STEP, [2])
        packed["own"] = pack(chance.measures, DRAWS_STEP, [2])
    return packed


def past_balances(plan: Forecast, base: int) -> list[dict[str, Any]]:
    """Published balances at the end of each year from the first to the base one; None where none was published."""
    known = {}
    for key, value in (plan.scenario.vintage.support.balance.by or {}).items():
        year, month = calendar(key)
        if month == 3:
            known[year - 1] = float(value)
    known[plan.clock.financial_years[base]] = round(float(plan.account.closing[0, base]), 2)
    last = plan.clock.financial_years[base]
    first = min(year for year in known if year <= last)
    return [{"on": day(year), "balance": known.get(year)} for year in range(first, last + 1)]


def focus(plan: Forecast) -> int:
    """Position among the forecast years of the one to look at first: the last with an agreed balance, or the fourth."""
    base = plan.clock.first_ahead - 1
    agreed = np.nonzero(np.isfinite(plan.account.agreed_gross_closing[base + 1 :]))[0]
    last = len(plan.clock.financial_years) - base - 2
    return int(agreed[-1]) if len(agreed) else min(3, last)


def supports(plan: Forecast) -> list[tuple[str, ScenarioSpec]]:
    """The kinds of support of the vintage's scenarios, each once, by the scenario that first has it."""
    found: dict[tuple[object, ...], tuple[str, ScenarioSpec]] = {}
    for name, spec in plan.scenario.vintage.scenarios.items():
        found.setdefault(_support_key(spec), (name, spec))
    return list(found.values())


def own_support(plan: Forecast) -> int:
    """Position of the plan's own support among those offered."""
    return [_support_key(spec) for _, spec in supports(plan)].index(_support_key(plan.scenario.spec))


def _support_key(spec: ScenarioSpec) -> tuple[object, ...]:
    return (
        tuple(sorted(spec.support)),
        tuple(sorted(spec.suspend_when_missed)),
        tuple(sorted((name, year) for name, year in spec.support_ends.items())),
    )


def support_rules(plan: Forecast, spec: ScenarioSpec) -> list[dict[str, Any]]:
    """Each instrument that may pay: pounds by forecast year, or a share of the deficit at a date."""
    clock = plan.clock
    rules = account_rules(plan.scenario.vintage, clock.financial_years, spec, plan.account.in_year, Drawn())
    first = clock.first_ahead
    found = []
    for instrument in rules.instruments:
        share = float(instrument.share[0])
        pays = [round(float(value), 2) for value in instrument.payments[0, first:]]
        if any(pays) or (share and instrument.paid_year >= first):
            found.append(
                {
                    "label": plan.scenario.vintage.support.instruments[instrument.name].label,
                    "pays": pays,
                    "share": share if instrument.paid_year >= first and instrument.balance_year >= 0 else 0.0,
                    "balanceYear": instrument.balance_year - first,  # -1 is the outturn year before the forecast
                    "paidYear": instrument.paid_year - first,
                    "stops": instrument.suspended_when_missed,
                }
            )
    return found
