"""Identities that must hold in every run, each with a name that finishes the sentence "it is checked that ..."."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hnforecast.base.axes import AGES, FloatArray
from hnforecast.base.timeline import month_of_academic_year
from hnforecast.engine.model.state import Clock, DsgAccount, Funding, Plans, Population, Spend

PLANS = 1e-6  # plans: rounding of float64 over thousands of plans leaves far less
POUNDS = 0.01  # a penny


@dataclass(frozen=True)
class CheckResult:
    """One identity.

    Args:
        name: what is checked.
        passed: whether the worst difference is within tolerance.
        worst: largest absolute difference found.
        tolerance: what is allowed, in `unit`.
        unit: plans, pounds or draws.
        detail: where the worst lies, or what was compared.
    """

    name: str
    passed: bool
    worst: float
    tolerance: float
    unit: str
    detail: str = ""


def check_run(
    clock: Clock, population: Population, plans: Plans, spend: Spend, funding: Funding, account: DsgAccount
) -> tuple[CheckResult, ...]:
    """Every identity of a detailed run, in the order of the model's stages."""
    return (
        _result("plans are conserved every month", _ledger(plans), PLANS, "plans"),
        _result("moves between placements sum to nothing", plans.moved.sum(axis=2), PLANS, "plans"),
        _result("plans change age in September only", _september_only(clock, plans), PLANS, "plans"),
        _result("no cell of plans is negative", np.minimum(0.0, plans.by_age["open"]), PLANS, "plans"),
        _result("plans by age add up to plans by placement", _ages_add_up(plans), PLANS, "plans"),
        _result("the January count is the stock of that January", _january(clock, plans), PLANS, "plans"),
        _result("plans never exceed children", _room(clock, population, plans), PLANS, "plans"),
        _result("quarters add up to years", spend.by_quarter.sum(axis=2) - spend.by_year, POUNDS, "pounds"),
        _result("months add up to years", _months_add_up(clock, spend), POUNDS, "pounds"),
        _result("in-year position is funding less spend", _in_year(spend, funding, account), POUNDS, "pounds"),
        _result("opening + in-year + support + other = closing", _rolls(account), POUNDS, "pounds"),
        _result(
            "each opening is the closing before it", account.opening[:, 1:] - account.closing[:, :-1], POUNDS, "pounds"
        ),
        _result("gross closing moves by in-year position alone", _gross(account), POUNDS, "pounds"),
        _result("every figure is a number", _finite(plans, spend, funding, account), 0.0, "draws"),
    )


def _result(name: str, difference: FloatArray, tolerance: float, unit: str) -> CheckResult:
    worst = float(np.abs(difference).max()) if difference.size else 0.0
    return CheckResult(name, worst <= tolerance, worst, tolerance, unit)


def _ledger(plans: Plans) -> FloatArray:
    before = plans.open[:, :-1] - plans.aged_out[:, 1:] + plans.moved[:, 1:]
    flows = plans.new[:, 1:] - plans.ceased[:, 1:] + plans.net_other[:, 1:]
    ledger: FloatArray = plans.open[:, 1:] - before - flows
    return ledger


def _september_only(clock: Clock, plans: Plans) -> FloatArray:
    """Plans of an age, outside September, move by flows of that age alone."""
    by_age = {name: array.sum(axis=(3, 4)) for name, array in plans.by_age.items()}
    flows = by_age["new"] - by_age["ceased"] + by_age["net_other"]
    change = by_age["open"][:, 1:] - by_age["open"][:, :-1] - flows[:, 1:]
    other_months = [t for t, m in enumerate(clock.months[1:]) if month_of_academic_year(m) != 0]
    outside: FloatArray = change[:, other_months]
    return outside


def _ages_add_up(plans: Plans) -> FloatArray:
    parts: FloatArray = plans.by_age["open"].sum(axis=(2, 3))
    return parts - plans.open


def _january(clock: Clock, plans: Plans) -> FloatArray:
    positions = [clock.months.index(12 * year) for year in clock.censuses[1:] if 12 * year in clock.months]
    counts = plans.january[:, 1 : 1 + len(positions)].sum(axis=2)
    difference: FloatArray = counts - plans.open[:, positions]
    return difference


def _room(clock: Clock, population: Population, plans: Plans) -> FloatArray:
    """How far plans exceed children of an age, where they do."""
    counts = plans.january.sum(axis=3)
    children = population.children
    over = [
        np.maximum(0.0, counts[:, c] - children[:, clock.academic_years.index(year - 1)])
        for c, year in enumerate(clock.censuses)
        if year - 1 in clock.academic_years
    ]
    return np.stack(over) if over else np.zeros((1, AGES))


def _months_add_up(clock: Clock, spend: Spend) -> FloatArray:
    if not spend.monthly.shape[1]:
        return np.zeros(1)
    differences = []
    for f, year in enumerate(clock.financial_years):
        inside = [t for t, m in enumerate(clock.months) if 12 * year + 3 <= m < 12 * year + 15]
        differences.append(spend.monthly[:, inside].sum(axis=1) - spend.by_year[:, f])
    return np.stack(differences)


def _in_year(spend: Spend, funding: Funding, account: DsgAccount) -> FloatArray:
    """Funding is after deductions, so places paid direct are on neither side."""
    return funding.less(spend) - account.in_year


def _rolls(account: DsgAccount) -> FloatArray:
    parts = account.opening + account.in_year + account.support.sum(axis=2) + account.other_movement
    rolled: FloatArray = account.closing - parts
    return rolled


def _gross(account: DsgAccount) -> FloatArray:
    moved = np.diff(account.gross_closing, axis=1)
    unexplained: FloatArray = moved - account.in_year[:, 1:] - account.other_movement[:, 1:]
    return unexplained


def _finite(plans: Plans, spend: Spend, funding: Funding, account: DsgAccount) -> FloatArray:
    arrays = (plans.open, plans.plan_months, plans.january, spend.by_year, funding.by_year, account.closing)
    return np.array([float((~np.isfinite(array)).sum()) for array in arrays])
