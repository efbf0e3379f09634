"""The causes of a rise in spend: exact for every authority of the panel, and honest about what was not published."""

from __future__ import annotations

import json
from functools import lru_cache

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from hnforecast.base.errors import HnForecastError, InputError
from hnforecast.cli import application
from hnforecast.questions.causes import FACTORS, Causes, PanelFrames, explain_causes, explain_neighbours, read_frames
from hnforecast.questions.causes.answer import causes_tables
from hnforecast.questions.causes.history import GROUPS, LOOKUP, PLANS, PRICES, RESIDENTS, SPEND
from hnforecast.questions.causes.page import causes_page
from hnforecast.writing.blocks import as_markdown, as_text
from tests.fixtures_forecast import ROOT

KENT, SPAN = "886", (2018, 2024)


@lru_cache
def panel() -> PanelFrames:
    return read_frames(ROOT / "inputs" / "national")


@lru_cache
def kent() -> Causes:
    return explain_causes(panel(), KENT, *SPAN)


def test_kent_adds_up_to_the_published_spend() -> None:
    causes = kent()
    assert causes.history.spend[0] == 146_836_810  # section 251 outturn, lines 1.2, 2018-19
    assert causes.change == pytest.approx(161_532_581, abs=1)
    assert sum(causes.totals.values()) == pytest.approx(causes.change, abs=0.005)
    np.testing.assert_allclose(causes.parts.sum(axis=0), np.diff(causes.history.spend), atol=0.005)
    np.testing.assert_allclose(causes.levels.prod(axis=0), causes.history.spend, rtol=1e-12)


def test_plans_for_each_child_are_the_largest_cause_in_kent() -> None:
    totals = kent().totals
    assert max(totals, key=lambda factor: totals[factor]) == "prevalence"
    assert kent().growth["prevalence"] == pytest.approx(20635 / 11763 / (333370 / 323043) - 1, abs=1e-6)


def test_the_years_published_by_kind_of_school_add_up_both_ways() -> None:
    placements = kent().placements
    assert placements is not None
    assert placements.years == (2018, 2021)
    change = kent().history.spend[3] - kent().history.spend[0]
    assert placements.volume + placements.mix + placements.price == pytest.approx(change, abs=0.01)
    assert sum(kind.by_plans + kind.by_price for kind in placements.kinds) == pytest.approx(change, abs=0.01)
    assert placements.kinds[1].spend == (36_501_660, 62_722_986)  # top-up, independent and non-maintained special


@pytest.mark.slow
def test_every_authority_of_the_panel_adds_up_or_says_what_is_missing() -> None:
    exact, told = 0, dict[str, str]()
    for code in sorted(panel()[SPEND]["old_la_code"].dropna().unique()):
        try:
            causes = explain_causes(panel(), code, *SPAN)
        except InputError as error:
            told[code] = str(error)
            continue
        assert sum(causes.totals.values()) == pytest.approx(causes.change, abs=0.005), code
        exact += 1
    assert exact >= 100
    assert all("HN523" in text for text in told.values())


def test_the_way_back_is_the_way_there_reversed() -> None:
    from hnforecast.questions.causes import chain_factors

    np.testing.assert_allclose(chain_factors(kent().levels[:, ::-1])[:, ::-1], -kent().parts, atol=1e-4)


def invented(plans: dict[int, dict[str, float]]) -> dict[str, pd.DataFrame]:
    """A panel of one authority: plans by January and group, 10,000 pounds each, 50,000 children, no inflation."""
    years = sorted(plans)
    groups = [
        {"old_la_code": "999", "year": year, "placement_group": group, "plans": count}
        for year in years
        for group, count in plans[year].items()
    ]
    label = {year: f"{year - 1}-{year % 100:02d}" for year in years}
    return {
        LOOKUP: pd.DataFrame([{"old_la_code": "999", "la_name": "Newtown", "region_name": "North"}]),
        GROUPS: pd.DataFrame(groups),
        PLANS: pd.DataFrame([{"old_la_code": "999", "year": y, "plans": sum(plans[y].values())} for y in years]),
        SPEND: pd.DataFrame(
            [{"old_la_code": "999", "financial_year": label[y], "high_needs_lines_1_2": 1e4 * sum(plans[y].values())}
             for y in years]
        ),
        RESIDENTS: pd.DataFrame([{"old_la_code": "999", "year": 2023, "age": 10, "population": 50_000.0}]),
        PRICES: pd.DataFrame([{"financial_year": label[y], "gdp_deflator_index_2025_26": 100.0} for y in years]),
    }  # fmt: skip


def test_without_costs_by_sector_the_mix_is_not_invented() -> None:
    frames = invented({2024: {"special_state": 50.0, "mainstream_state": 50.0}, 2025: {"special_state": 120.0}})
    causes = explain_causes(frames, "999", 2023, 2024)
    assert not causes.mix_known
    assert causes.placements is None
    assert causes.totals["prevalence"] == pytest.approx(200_000.0)
    assert [causes.totals[name] for name in FACTORS if name != "prevalence"] == pytest.approx([0.0] * 4)
    assert "mix cannot be told apart" in as_text(causes_page(causes, (), 0))


def test_a_year_without_plans_is_refused_by_name() -> None:
    frames = invented({2024: {"special_state": 0.0}, 2025: {"special_state": 120.0}})
    with pytest.raises(InputError, match="HN523") as caught:
        explain_causes(frames, "999", 2023, 2024)
    assert "Newtown" in str(caught.value)
    assert "2023-24" in str(caught.value)


def test_an_authority_nobody_knows_is_refused() -> None:
    with pytest.raises(InputError, match="HN522"):
        explain_causes(panel(), "001", *SPAN)


def test_the_page_says_what_it_cannot() -> None:
    neighbours, without = explain_neighbours(panel(), KENT, *SPAN)
    page = causes_page(kent(), neighbours, len(without))
    text = as_text(page)
    assert max(map(len, text.splitlines())) <= 80
    words = " ".join(text.split())
    for said in ("161.5m or 110% more", "Place funding", "child by child", "rebased", "to the penny", "GDP deflator"):
        assert said in words
    assert "| Cause | £m |" in as_markdown(page)
    table = causes_tables([kent()])[0]
    assert len(table.rows) == 6 * (len(FACTORS) + 1)


def test_command() -> None:
    arguments = ["causes", "--project", str(ROOT), "--from", "2019-20", "--to", "2021-22", "--json"]
    found = CliRunner().invoke(application, arguments)
    shown = json.loads(found.stdout)
    assert sum(shown["parts_gbp"].values()) == pytest.approx(shown["change_gbp"], abs=0.05)
    wrong = CliRunner().invoke(application, ["causes", "--project", str(ROOT), "--from", "2024-25", "--to", "2019-20"])
    assert isinstance(wrong.exception, HnForecastError)
    assert "HN524" in str(wrong.exception)


def test_the_page_on_kent_in_the_documents_is_what_the_command_writes() -> None:
    neighbours, without = explain_neighbours(panel(), KENT, *SPAN)
    written = (ROOT / "docs" / "kent-2018-2024.md").read_text(encoding="utf-8")
    assert written == as_markdown(causes_page(kent(), neighbours, len(without)))  # hnforecast causes --out DIR
