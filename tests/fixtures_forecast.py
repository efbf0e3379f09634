"""A small, invented, self-consistent forecast with the shape of the real one, for tests of the outputs.

Every identity the outputs rely on holds in it exactly: plans roll month by month, spend adds up, the account rolls.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from hnforecast.assumptions.manifest import Manifest
from hnforecast.assumptions.sourced import Sourced
from hnforecast.codes import Codes, load_codes
from hnforecast.errors import Place
from hnforecast.model.state import Clock, DsgAccount, Funding, Plans, Population, Spend, SpendRow
from hnforecast.timeline import financial_year, month, month_of_academic_year, quarter

ROOT = Path(__file__).resolve().parent.parent
FIRST_CENSUS, BASE_YEAR = 2024, 2024


def make_codes() -> Codes:
    """The real code lists: outputs must cope with every placement and line."""
    return load_codes(ROOT / "inputs" / "codes")


def make_clock(horizon: int = 3) -> Clock:
    """Base outturn year 2024-25, then `horizon` forecast years."""
    last = BASE_YEAR + horizon
    return Clock(
        months=tuple(range(month(FIRST_CENSUS, 2), month(last + 1, 9))),
        academic_years=tuple(range(FIRST_CENSUS - 1, last + 1)),
        censuses=tuple(range(FIRST_CENSUS, last + 2)),
        financial_years=tuple(range(BASE_YEAR, last + 1)),
        first_forecast=BASE_YEAR + 1,
    )


def make_plans(codes: Codes, clock: Clock, growth: float = 1.0) -> Plans:
    """Plans of one draw, one need: closed-form small flows, exact month by month."""
    p = len(codes.placements)
    ages = np.arange(26)
    stock = 12.0 * np.exp(-((ages[:, None] - 4.0 - np.arange(p)[None, :]) ** 2) / 40.0)
    stock[:3] = 0.0
    names = ("open", "new", "ceased", "net_other")
    by_age: dict[str, list[np.ndarray]] = {name: [] for name in names}
    moved, aged_out, means = [], [], []
    january = [stock.copy()]
    for absolute in clock.months:
        change = np.zeros(p)
        left = np.zeros(p)
        if month_of_academic_year(absolute) == 0:
            left = stock[25].copy()
            older = np.zeros_like(stock)
            older[1:] = stock[:-1]
            shift = 0.02 * older[:, 0]
            stock = older.copy()
            stock[:, 0] -= shift
            stock[:, 1] += shift
            change = stock.sum(axis=0) - older.sum(axis=0)
        new = growth * 0.02 * np.exp(-((ages[:, None] - 6.0) ** 2) / 30.0) * (1.0 + 0.1 * np.arange(p)[None, :])
        ceased = 0.006 * stock
        net_other = 0.001 * stock
        start = stock.sum(axis=0)
        stock = stock - ceased + new + net_other
        means.append(0.5 * (start + stock.sum(axis=0)))
        for name, array in zip(names, (stock, new, ceased, net_other), strict=True):
            by_age[name].append(array.copy())
        moved.append(change)
        aged_out.append(left)
        if absolute % 12 == 0:
            january.append(stock.copy())
    detail = {name: np.array(arrays)[None, :, :, None, :] for name, arrays in by_age.items()}
    margins = {name: array.sum(axis=(2, 3)) for name, array in detail.items()}
    return Plans(
        plan_months=np.array(means)[None],
        moved=np.array(moved)[None],
        aged_out=np.array(aged_out)[None],
        january=np.array(january[: len(clock.censuses)])[None],
        by_age=detail,
        spilled=np.zeros((1, len(clock.academic_years), 1)),
        unfilled=np.zeros((1, len(clock.academic_years), 1)),
        **margins,
    )


def make_spend(codes: Codes, clock: Clock, plans: Plans, price: float = 1.0) -> Spend:
    """Top-up for each placement, two services, an income row, a recoupment row, a memo row."""
    rows = [SpendRow(codes.top_up_lines[name], name, "gross") for name in codes.placements]
    monthly = [plans.plan_months[0, :, i] * price * (8000.0 + 4000.0 * i) / 12.0 for i in range(len(rows))]
    months = len(clock.months)
    flat = np.ones(months) / 12.0
    extra: list[tuple[SpendRow, np.ndarray]] = [
        (SpendRow("1.0.2", codes.placements[2], "gross"), 500_000.0 * flat),
        (SpendRow("1.2.5", "services", "gross", label="SEN support service"), 900_000.0 * flat),
        (SpendRow("1.2.3", codes.placements[3], "income", label="Contributions"), -40_000.0 * flat),
        (SpendRow("1.0.2", codes.placements[2], "recoupment"), 300_000.0 * flat),
        (SpendRow("2.1.2", "services", "gross", account="council", label="Casework"), 700_000.0 * flat),
    ]
    rows += [row for row, _ in extra]
    matrix = np.stack(monthly + [values for _, values in extra], axis=-1)[None]
    years = clock.financial_years
    by_quarter = np.zeros((1, len(years), 4, len(rows)))
    for t, absolute in enumerate(clock.months):
        if financial_year(absolute) in years:
            by_quarter[0, years.index(financial_year(absolute)), quarter(absolute) - 1] += matrix[0, t]
    return Spend(tuple(rows), matrix, by_quarter, by_quarter.sum(axis=2))


def make_account(clock: Clock, funding: Funding, spend: Spend, paid: float = 2e6, scale: float = 1.0) -> DsgAccount:
    """An account with a balance brought forward, one instrument, one outturn year's other movement."""
    counted = [r for r, row in enumerate(spend.rows) if row.account == "dsg" and row.kind != "recoupment"]
    in_year = funding.by_year.sum(axis=-1) - spend.by_year[..., counted].sum(axis=-1)
    years = len(clock.financial_years)
    support = np.full((1, years, 1), paid)
    other = np.zeros((1, years))
    other[0, 0] = -123_456.78
    opening, closing, gross = np.zeros((1, years)), np.zeros((1, years)), np.zeros((1, years))
    balance, gross_balance = -9.5e6 * scale, -14.25e6 * scale
    for f in range(years):
        opening[0, f] = balance
        balance = balance + in_year[0, f] + support[0, f].sum() + other[0, f]
        gross_balance = gross_balance + in_year[0, f] + other[0, f]
        closing[0, f], gross[0, f] = balance, gross_balance
    agreed = np.full(years, np.nan)
    agreed[1:3] = (-18e6 * scale, -19e6 * scale)
    met = np.full((1, years), np.nan)
    met[0, 1:3] = gross[0, 1:3] >= agreed[1:3]
    return DsgAccount(
        ("safety_valve",), opening, in_year, support, other, closing, gross, agreed, np.full(years, np.nan), met
    )


def make_funding(codes: Codes, clock: Clock, scale: float = 1.0) -> Funding:
    """Streams of the code list: a block that grows, a transfer, deductions, adjustment, nothing else."""
    years = np.arange(len(clock.financial_years))
    values = {
        "high_needs_block": 3.5e7 * 1.04**years,
        "block_transfer": np.where(years < 2, 2.5e5, 0.0),
        "deductions": -9e5 * 1.02**years,
        "import_export": np.full(years.shape, -1.5e5),
    }
    columns = [scale * values.get(stream, np.zeros(years.shape)) for stream in codes.streams]
    return Funding(codes.streams, np.stack(columns, axis=-1)[None])


def make_sourced(path: str, **given: Any) -> Sourced:
    """A value with provenance, made as the loader makes it; `given` replaces or adds settings as in the YAML."""
    plain: dict[str, Any] = {
        "from": "2024-04",
        "source": "Invented for tests",
        "published_on": "2025-11-30",
        "as_at": "2026-03-31",
        "status": "published",
        "mark": "confirmed",
    }
    sourced = Sourced.model_validate(plain | given)
    sourced._path = path
    sourced._place = Place(file=f"assumptions/2026-03/{path.split('.', maxsplit=1)[0]}.yaml", line=3, path=path)
    return sourced


def make_vintage() -> SimpleNamespace:
    """A vintage with a value of each kind, a judgement by somebody whose name looks like a formula, and every mark."""
    block = {"2024-25": 3.5e7, "2025-26": 3.64e7}
    judged = {"status": "judgement", "owner": "=Head of SEND", "review_by": "2026-09-30", "mark": "unverified"}
    values = [
        make_sourced(
            "prices.top_up.state_special", value=14252.0, unit="gbp_per_plan_year", price_base="2024-25",
            uprate_by="special_costs", mark="inferred", interval={"low": 13800, "high": 14800, "level": 0.8},
        ),
        make_sourced("prices.indices.special_costs", by={"2025-26": 0.02, "2026-27": 0.025}, unit="share_per_year"),
        make_sourced("funding.high_needs_block.allocation", by=block, unit="gbp_year", mark="inferred"),
        make_sourced("funding.high_needs_block.growth", by={"2026-27": 0.04}, unit="share_per_year", **judged),
        make_sourced("demand.pipeline.agreed_share", value=0.61, unit="share", quality="amber", impact="red", **judged),
        make_sourced("flows.cease.hazard", file="rates/cease.csv", unit="share_per_year"),
    ]  # fmt: skip
    manifest = Manifest.model_validate(
        {
            "schema_version": 1, "vintage": "2026-03", "title": "Forecast of March 2026", "state": "signed_off",
            "authority": {"name": "Exampleshire", "old_la_code": "999", "gss_code": "E99999999"},
            "purpose": "Shows the committee where the high needs deficit is heading",
            "signed_off": {"by": "D Approver", "role": "Section 151 officer", "on": "2026-04-02"},
            "commissioner": "A Commissioner", "analyst": "B Analyst", "assurer": "C Assurer", "approver": "D Approver",
            "as_at": "2026-03-31", "base_census": BASE_YEAR + 1, "base_outturn": "2024-25",
            "first_forecast_year": "2025-26", "horizon_years": 3, "settlement_ends": "2026-27",
            "review_by": "2027-03-31",
        }
    )  # fmt: skip
    instrument = SimpleNamespace(kind="safety_valve", label="Safety Valve payments")
    return SimpleNamespace(
        name="2026-03", manifest=manifest, values={item.path: item for item in values}, measures={}, scenarios={},
        support=SimpleNamespace(instruments={"safety_valve": instrument}),
        files={"assumptions/2026-03/prices.yaml": "0" * 64},
    )  # fmt: skip


def make_forecast(
    name: str = "mitigated", *, draws: int = 1, growth: float = 1.0, scale: float = 1.0
) -> SimpleNamespace:
    """One scenario's forecast; `draws` above one adds an ensemble around the central run, `scale` makes money large."""
    codes, clock = make_codes(), make_clock()
    plans = make_plans(codes, clock, growth)
    spend = make_spend(codes, clock, plans, price=scale)
    funding = make_funding(codes, clock, scale)
    account = make_account(clock, funding, spend, scale=scale)
    vintage = make_vintage()
    scenario = SimpleNamespace(
        name=name, title=f"The {name} scenario", spec=SimpleNamespace(support=("safety_valve",)), measures=(),
        changes=(), vintage=vintage,
    )  # fmt: skip
    check = SimpleNamespace(
        name="account_rolls",
        passed=True,
        worst=0.0,
        tolerance=0.01,
        unit="pounds",
        detail="closing is the next opening",
    )
    return SimpleNamespace(
        scenario=scenario, clock=clock, codes=codes, population=Population(np.full((1, 5, 26), 1e4)), plans=plans,
        prices=None, spend=spend, funding=funding, account=account, checks=(check,),
        ensemble=make_ensemble(plans, spend, funding, account, draws) if draws > 1 else None,
        savings=(), notes=("Plans are predicted; nothing was tuned to them.",), calibration=(), window_factor=None,
    )  # fmt: skip


def make_ensemble(plans: Plans, spend: Spend, funding: Funding, account: DsgAccount, draws: int) -> SimpleNamespace:
    """Draws spread evenly from -10% to +10% around the central run, so that quantiles are known."""
    factor = np.linspace(0.9, 1.1, draws)
    spread = {
        name: getattr(account, name) * factor[:, None] for name in ("opening", "in_year", "closing", "gross_closing")
    }
    met = np.where(np.isnan(account.met), np.nan, (spread["gross_closing"] >= account.agreed_gross_closing) * 1.0)
    return SimpleNamespace(
        account=SimpleNamespace(
            **spread, support=account.support * np.ones((draws, 1, 1)), other_movement=account.other_movement, met=met,
            instruments=account.instruments,
        ),
        plans=SimpleNamespace(january=plans.january * factor[:, None, None, None]),
        spend=SimpleNamespace(rows=spend.rows, by_year=spend.by_year * factor[:, None, None]),
        funding=SimpleNamespace(streams=funding.streams, by_year=funding.by_year * np.ones((draws, 1, 1))),
    )  # fmt: skip
