"""The whole model made again at past January counts: drafted, run, set beside the plans, spend and balances that came.

For every authority and origin a council folder is drafted from what was known then, as `hnforecast new` would, and run
in every draw. What it says of plans, of plans by placement, of spend on lines 1.2 and of the in-year position is kept
with what came and with what three plain methods say: nothing changes (naive), all grow as the country last grew
(pooled), and spend grows as its own block was announced to (budget).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from hnforecast.assumptions import Vintage
from hnforecast.base.axes import FloatArray
from hnforecast.base.codes import Codes, load_codes
from hnforecast.base.shipped import shipped_folder
from hnforecast.base.timeline import parse_year, show_year
from hnforecast.engine.demand import Panel as DemandPanel
from hnforecast.engine.demand.unit_cost import expected_prices
from hnforecast.engine.ensemble import cost_rows
from hnforecast.engine.forecast import run_forecast
from hnforecast.engine.measured import national_panel, panel_folder
from hnforecast.engine.published import lines_total
from hnforecast.engine.records import Forecast, Project, Shared
from hnforecast.history.backtest.scores import scored
from hnforecast.history.fit.history import known_frames
from hnforecast.history.new.authority import Authority, read_authorities
from hnforecast.history.new.draft import Known, draft_council
from hnforecast.history.new.published import BLOCKS, HIGH_NEEDS, PLACED
from hnforecast.inputs import Panel, load_panel

# What could be known at a January count for a whole draft.

YEARS_AHEAD = 12
BLOCK = f"{HIGH_NEEDS}_before_recoupment"
DEFLATOR = "gdp_deflator_growth_pct"


def known_at(panel: Panel, census: int) -> Known:
    """What a draft made after a January count may use.

    Args:
        panel: the national pack, every year.
        census: the count; the outturn of the financial year that holds it counts as known.
    """
    frames = known_frames(panel, census)
    frames["price_indices"] = _with_expected(frames["price_indices"], census)
    return Known(census, frames, _block_growth(frames[BLOCKS]))


def _with_expected(prices: pd.DataFrame, census: int) -> pd.DataFrame:
    """Published growth of prices to the origin, then what was to be expected."""
    seen = prices.dropna(subset=[DEFLATOR]).sort_values("financial_year")
    growth = np.log1p(seen[DEFLATOR].to_numpy(dtype=float) / 100.0)
    ahead = 100.0 * np.expm1(expected_prices(growth, YEARS_AHEAD))
    years = [show_year(year) for year in range(census, census + YEARS_AHEAD)]
    return pd.concat([seen, pd.DataFrame({"financial_year": years, DEFLATOR: ahead})], ignore_index=True)


def _block_growth(allocations: pd.DataFrame) -> Mapping[int, float]:
    """Growth of the block after the last year announced: the mean so far, over authorities with every year."""
    rows = allocations[allocations["old_la_code"] != ""]
    wide = rows.pivot_table(index="old_la_code", columns="financial_year", values=BLOCK).dropna().sum()
    totals = wide.to_numpy(dtype=float)
    growth = float((totals[-1] / totals[0]) ** (1.0 / (len(totals) - 1)) - 1.0) if len(totals) > 1 else 0.0
    last = parse_year(str(wide.index[-1]))
    return dict.fromkeys(range(last + 1, last + 1 + YEARS_AHEAD), growth)


# Before 2022 no unit cost by sector was out, so nothing could be drafted.
ORIGINS = (2022, 2023, 2024)
HORIZON = 3
DRAWS = 256
INTERVAL = (0.1, 0.9)
SCENARIOS = ("history", "unmitigated")
LEAST_PLANS, LEAST_PLACED = 100.0, 20.0
BALANCES = ("dsg_deficit_pct_by_la_2019_2021", "dsg_deficit_by_la_2023_24")
BALANCE = {BALANCES[0]: "approx_deficit_gbp", BALANCES[1]: "dsg_carried_forward_deficit_gbp"}
TOTAL, SPEND, IN_YEAR = "total_plans", "spend", "in_year"
DAY = date(2026, 4, 1)  # a draft is dated; what it may know is settled by its origin


@dataclass(frozen=True)
class Outcome:
    """One figure of one draft, and what came.

    Args:
        code, origin, scenario: which draft.
        series: total_plans, plans_<placement>, spend, or in_year (the sum of in-year positions over `horizon` years).
        horizon: years ahead.
        scale: what an error is a share of: what came, or the block of the same years for in_year.
        came, central, low, high: the outcome, the forecast and the ends of its 80 % interval.
        naive, pooled, budget: what the plain methods say; NaN where one says nothing of the series.
    """

    code: str
    origin: int
    scenario: str
    series: str
    horizon: int
    scale: float
    came: float
    central: float
    low: float
    high: float
    naive: float
    pooled: float
    budget: float


@dataclass(frozen=True)
class Work:
    """What every draft of a test shares.

    Args:
        root: the project's folder, whose panel is used. panel: its published files; demand: the same as yearly series.
        known: origin -> what could be known then.
        placed: (code, January count) -> (placement,) plans. placements: in axis order.
        balances: code -> March of a year -> balance, negative a deficit. blocks: code -> financial year -> pounds.
        scored: codes whose spend is scored.
    """

    root: Path
    panel: Panel
    demand: DemandPanel
    authorities: Mapping[str, Authority]
    known: Mapping[int, Known]
    placed: Mapping[tuple[str, int], FloatArray]
    placements: tuple[str, ...]
    balances: Mapping[str, Mapping[int, float]]
    blocks: Mapping[str, Mapping[int, float]]
    scored: frozenset[str]

    def steps(self) -> list[tuple[str, int]]:
        """Every authority and origin with a count then and one after it."""
        plans, years = self.demand.series(TOTAL), self.demand.years
        return [
            (code, origin)
            for origin in self.known
            for row, code in enumerate(self.demand.authorities)
            if code in self.authorities and np.isfinite(plans[row, years.index(origin) : years.index(origin) + 2]).all()
        ]

    def value(self, series: str, code: str, year: int) -> float:
        """A published yearly figure; NaN where there is none."""
        if year not in self.demand.years:
            return float("nan")
        values = self.demand.series(series)
        return float(values[self.demand.authorities.index(code), self.demand.years.index(year)])


def read_work(root: Path, origins: Sequence[int] = ORIGINS) -> Work:
    """Read the project's panel for a test of the whole model.

    Raises:
        InputError: a file of the panel has a fault.
    """
    folder = panel_folder(root)
    panel, demand = load_panel(folder), national_panel(folder)
    codes = load_codes(shipped_folder("codes"))
    rows = scored(demand, SPEND).rows
    return Work(
        root,
        panel,
        demand,
        {authority.code: authority for authority in read_authorities(panel["la_lookup"])},
        {origin: known_at(panel, origin) for origin in origins if origin in demand.years[:-1]},
        _placed(panel, codes),
        codes.placements,
        _balances(panel),
        _blocks(panel),
        frozenset(code for code, kept in zip(demand.authorities, rows.tolist(), strict=True) if kept),
    )


def draft_and_run(work: Work, code: str, origin: int) -> list[Outcome]:
    """Draft one authority at one origin, run its scenarios, and set what they say beside what came.

    Raises:
        InputError, AssumptionError: nothing sound could be drafted from what was known.
    """
    draft = draft_council(work.panel, work.authorities[code], DAY, work.known[origin])
    vintage: Vintage = draft.settled.vintage
    shared = Shared()
    found: list[Outcome] = []
    for name in SCENARIOS:
        forecast = run_forecast(
            Project(work.root, vintage), name, horizon=HORIZON, draws=DRAWS, shared=shared, savings=False
        )
        found += [*_plans(work, code, origin, forecast), *_money(work, code, origin, forecast)]
    return found


def _plans(work: Work, code: str, origin: int, forecast: Forecast) -> Iterator[Outcome]:
    """Total plans and plans by placement at the January counts ahead."""
    ensemble = forecast.ensemble
    if ensemble is None:
        return
    central, drawn = forecast.plans.january[0].sum(axis=1), ensemble.bands.sum(axis=2, dtype=float)
    base = forecast.clock.censuses.index(origin)
    now = work.placed.get((code, origin))
    for h in range(1, HORIZON + 1):
        came = work.value(TOTAL, code, origin + h)
        last = work.value(TOTAL, code, origin)
        if came >= LEAST_PLANS and last >= LEAST_PLANS:
            total, spread = float(central[base + h].sum()), drawn[:, base + h].sum(axis=1)
            yield _outcome(code, origin, forecast, TOTAL, h, came, total, spread, last, last * _pooled(work, origin, h))
        then = work.placed.get((code, origin + h))
        if now is None or then is None:
            continue
        growth = _pooled_placed(work, origin, h)
        for p, placement in enumerate(work.placements):
            if now[p] >= LEAST_PLACED and then[p] >= LEAST_PLACED:
                one, spread = float(central[base + h, p]), drawn[:, base + h, p]
                series, start = f"plans_{placement}", float(now[p])
                yield _outcome(
                    code, origin, forecast, series, h, float(then[p]), one, spread, start, start * float(growth[p])
                )


def _money(work: Work, code: str, origin: int, forecast: Forecast) -> Iterator[Outcome]:
    """Spend on lines 1.2, and the in-year position over the years between two published balances."""
    ensemble, years = forecast.ensemble, forecast.clock.financial_years
    last = work.value(SPEND, code, origin)
    if ensemble is None or not last > 0:
        return
    base, rows = years.index(origin - 1), cost_rows(ensemble.spend)
    drawn = ensemble.spend.by_year[:, :, rows].sum(axis=2)
    lines = np.array([lines_total(forecast.spend, base + h) for h in range(HORIZON + 1)])
    ahead = np.arange(1, HORIZON + 1)
    growth, block = _pooled_spend(work, origin), _announced(work, code, origin)
    pooled, budget = last * growth**ahead, last * block**ahead
    for h in ahead:
        came = work.value(SPEND, code, origin + int(h))
        if code in work.scored and came > 0:
            yield _outcome(
                code, origin, forecast, SPEND, int(h), came, float(lines[h]), drawn[:, base + h], last,
                float(pooled[h - 1]), float(budget[h - 1]),
            )  # fmt: skip
    balances, blocks = work.balances.get(code, {}), work.blocks.get(code, {})
    for h in ahead:
        over = [origin - 1 + int(k) for k in range(1, int(h) + 1)]
        if not {origin, origin + int(h)} <= set(balances) or not set(over) <= set(blocks):
            continue
        steps = slice(base + 1, base + 1 + int(h))
        central = float(forecast.account.in_year[0, steps].sum())
        # all but spend on lines 1.2 as the draft has it
        rest = central + float(lines[1 : h + 1].sum())
        before = balances[origin] - balances[origin - 1] if origin - 1 in balances else float("nan")
        yield _outcome(
            code, origin, forecast, IN_YEAR, int(h), balances[origin + int(h)] - balances[origin], central,
            ensemble.account.in_year[:, steps].sum(axis=1), before * int(h), rest - float(pooled[:h].sum()),
            rest - float(budget[:h].sum()), scale=sum(blocks[year] for year in over),
        )  # fmt: skip


def _outcome(
    code: str, origin: int, forecast: Forecast, series: str, horizon: int, came: float, central: float,
    drawn: FloatArray, naive: float, pooled: float, budget: float = float("nan"), scale: float | None = None,
) -> Outcome:  # fmt: skip
    low, high = (float(value) for value in np.quantile(drawn, INTERVAL))
    return Outcome(
        code, origin, forecast.scenario.name, series, horizon, came if scale is None else scale, came, central, low,
        high, naive, pooled, budget,
    )  # fmt: skip


def _growth(values: FloatArray, now: int) -> float:
    """Growth over the last year of the authorities with both, as a factor."""
    before, after = values[:, now - 1], values[:, now]
    both = np.isfinite(before) & np.isfinite(after)
    return float(after[both].sum() / before[both].sum())


def _pooled(work: Work, origin: int, horizon: int) -> float:
    return _growth(work.demand.series(TOTAL), work.demand.years.index(origin)) ** horizon


def _pooled_spend(work: Work, origin: int) -> float:
    return _growth(work.demand.series(SPEND), work.demand.years.index(origin))


def _pooled_placed(work: Work, origin: int, horizon: int) -> FloatArray:
    """(placement,) growth of each placement over authorities counted in both of the last two Januaries, as a factor."""
    both = [code for code, year in work.placed if year == origin and (code, origin - 1) in work.placed]
    now = np.sum([work.placed[code, origin] for code in both], axis=0)
    before = np.sum([work.placed[code, origin - 1] for code in both], axis=0)
    growth: FloatArray = np.where(before > 0, now / np.maximum(before, 1.0), 1.0) ** horizon
    return growth


def _announced(work: Work, code: str, origin: int) -> float:
    """Growth of the block as announced for the year after the base one; one where it is not in the pack."""
    blocks = work.blocks.get(code, {})
    return blocks[origin] / blocks[origin - 1] if {origin, origin - 1} <= set(blocks) else float("nan")


def _placed(panel: Panel, codes: Codes) -> dict[tuple[str, int], FloatArray]:
    frame = panel[PLACED]
    rows = frame[frame["old_la_code"] != ""]
    counts = codes.place_columns(rows, "ehcplans", strict=False)[list(codes.placements)].to_numpy(dtype=float)
    keys = zip(rows["old_la_code"], rows["year"].astype(int), strict=True)
    return {key: counts[i] for i, key in enumerate(keys) if np.nansum(counts[i]) > 0}


def _balances(panel: Panel) -> dict[str, dict[int, float]]:
    """Code -> March of a year -> balance of the grant, negative a deficit."""
    found: dict[str, dict[int, float]] = {}
    for stem in BALANCES:
        if stem in panel:
            rows = panel[stem].dropna(subset=[BALANCE[stem]])
            for row in rows[rows["old_la_code"] != ""].to_dict("records"):
                march = int(str(row["financial_year"])[:4]) + 1
                found.setdefault(str(row["old_la_code"]), {})[march] = -float(row[BALANCE[stem]])
    return found


def _blocks(panel: Panel) -> dict[str, dict[int, float]]:
    """Code -> financial year -> the block before recoupment."""
    frame: pd.DataFrame = panel[BLOCKS].dropna(subset=[f"{HIGH_NEEDS}_before_recoupment"])
    found: dict[str, dict[int, float]] = {}
    for row in frame[frame["old_la_code"] != ""].to_dict("records"):
        year = int(str(row["financial_year"])[:4])
        found.setdefault(str(row["old_la_code"]), {})[year] = float(row[f"{HIGH_NEEDS}_before_recoupment"])
    return found
