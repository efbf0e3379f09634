"""The agreement tracked: ratings by rule, payments, triggers, the profile and the way back to it."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hnforecast.base.timeline import show_year
from hnforecast.engine.forecast import load_project, run_forecast
from hnforecast.engine.records import Forecast
from hnforecast.quarter.agreement import load_agreement, track_agreement, without_agreement
from hnforecast.quarter.agreement.file import Agreement, Reading
from hnforecast.quarter.agreement.profile import direction_word, profile_table, recovery_table
from hnforecast.quarter.agreement.tracking import rate, read_measure
from tests.fixtures_forecast import with_draws

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def agreement() -> Agreement:
    found = load_agreement(ROOT, ROOT / "inputs" / "kent")
    assert found is not None
    return found


@pytest.fixture(scope="module")
def forecast() -> Forecast:
    return run_forecast(load_project(ROOT, "2026-03"), "mitigated", horizon=4, savings=False)


TABLES = {
    "timeliness": pd.DataFrame({"month": ["2025-04", "2025-05"], "within_20_weeks_pct": [70.0, 44.0]}),
    "places": pd.DataFrame({"placement": ["a", "b"], "commissioned": [100, 100], "filled": [97, 83]}),
    "plans": pd.DataFrame({"group": ["x", "x", "y"], "actual": [10.0, 20.0, 70.0]}),
}


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        (Reading(table="timeliness", column="within_20_weeks_pct"), 44.0),
        (Reading(table="timeliness", column="within_20_weeks_pct", take="mean"), 57.0),
        (Reading(table="timeliness", column="within_20_weeks_pct", take="first_to_last"), -26.0),
        (Reading(table="places", column="filled", take="share", of="commissioned"), 90.0),
        (Reading(table="plans", column="actual", take="share", of="actual", where={"group": "x"}), 30.0),
        (Reading(table="plans", column="actual", take="sum", where={"group": "x"}), 30.0),
        (Reading(table="plans", column="actual", take="sum", where={"group": "none"}), None),
        (Reading(table="plans", column="nothing"), None),
        (Reading(table="nothing", column="actual"), None),
    ],
)
def test_a_measure_reads_its_figure(reading: Reading, expected: float | None) -> None:
    assert read_measure(reading, TABLES) == expected


@pytest.mark.parametrize(
    ("value", "rag"), [(60.0, "Green"), (59.9, "Amber"), (45.0, "Amber"), (44.9, "Red"), (None, "Not known")]
)
def test_ratings_follow_the_rule_at_its_limits(agreement: Agreement, value: float | None, rag: str) -> None:
    kpi = next(condition.kpi for condition in agreement.content.conditions if condition.number == "3.3")
    assert kpi is not None
    assert rate(kpi, value) == rag


@pytest.mark.parametrize(("value", "rag"), [(-5.0, "Green"), (0.0, "Green"), (50.0, "Amber"), (51.0, "Red")])
def test_lower_is_better_where_the_rule_says_so(agreement: Agreement, value: float, rag: str) -> None:
    kpi = next(condition.kpi for condition in agreement.content.conditions if condition.number == "3.4")
    assert kpi is not None
    assert rate(kpi, value) == rag


def test_every_condition_carries_the_mark_of_its_wording(agreement: Agreement, forecast: Forecast) -> None:
    found = track_agreement(agreement, TABLES, forecast, 2025).conditions
    assert list(found["number"]) == [f"3.{n}" for n in range(1, 10)]
    assert set(found["wording_mark"]) == {"unverified"}
    by_number = found.set_index("number")
    assert by_number.loc["3.3", "rag"] == "Red"
    assert by_number.loc["3.7", "rag"] == "Amber"
    assert by_number.loc["3.2", "rag"] == "Not known", "no rating without a figure"
    assert "no evidence" not in " ".join(found["evidence"])


def test_payments_are_received_expected_or_at_risk_and_add_up(agreement: Agreement, forecast: Forecast) -> None:
    found = track_agreement(agreement, TABLES, forecast, 2025).payments
    assert np.allclose(found["due"], found["received"] + found["expected"] + found["at_risk"])
    department = found[found["payer"] != "Council"].set_index("financial_year")
    assert department["due"].sum() == pytest.approx(142e6)
    assert department.loc["2024-25", "received"] == pytest.approx(14.2e6)
    assert department.loc["2025-26", "at_risk"] == pytest.approx(14.2e6)
    assert "missed" in department.loc["2025-26", "why"]
    assert "closed" in department.loc["2026-27", "why"]
    council = found[found["payer"] == "Council"]
    assert council["at_risk"].sum() == 0.0


def test_triggers_are_evaluated_or_say_that_nothing_is_known(agreement: Agreement, forecast: Forecast) -> None:
    found = track_agreement(agreement, TABLES, forecast, 2025).triggers.set_index("trigger")
    assert found.loc["Insufficient progress to in-year balance", "state"] == "Yes"
    assert found.loc["Significant policy change", "state"] == "Yes"
    assert found.loc["Grant differs from that assumed", "state"] == "Not known"
    assert found.loc["Spend profile differs from that assumed", "mark"] == "unverified"


def test_a_grant_that_differs_sets_the_trigger_off(agreement: Agreement, forecast: Forecast) -> None:
    block = float(forecast.funding.by_year[0, forecast.clock.financial_years.index(2025), 0])
    for value, state in ((block, "No"), (block * 0.995, "No"), (block * 0.98, "Yes"), (block * 1.02, "Yes")):
        assumed = agreement.content.assumed_grant
        assert assumed is not None
        known = assumed.model_copy(update={"value": value, "year": 2025})
        content = agreement.content.model_copy(update={"assumed_grant": known})
        changed = agreement.model_copy(update={"content": content})
        found = track_agreement(changed, TABLES, forecast, 2025).triggers.set_index("trigger")
        assert found.loc["Grant differs from that assumed", "state"] == state


def test_the_profile_says_direction_in_words_and_whose_probability(forecast: Forecast) -> None:
    central = profile_table(forecast)
    assert set(central["direction"]) <= {"adverse", "favourable", "on profile"}
    assert central["probability_met"].isna().all()
    assert central["probability_note"].str.contains("no probability|ended").all()
    drawn = profile_table(with_draws(forecast, 11))  # type: ignore[arg-type]
    later = drawn[drawn["status"] == "forecast"]
    assert later["probability_met"].between(0, 100).all()
    assert later["probability_note"].str.contains("inferred, not published").all()


def test_direction_is_nothing_within_a_pound() -> None:
    assert [direction_word(value) for value in (0.5, 2.0, -2.0)] == ["on profile", "favourable", "adverse"]


def test_the_way_back_is_what_would_close_the_gap(forecast: Forecast) -> None:
    found = recovery_table(forecast, 2027, 2025).set_index("item")
    f = forecast.clock.financial_years.index(2027)
    gap = float(forecast.account.agreed_gross_closing[f] - forecast.account.gross_closing[0, f])
    assert found.loc["Shortfall against the profile at its end", "value"] == pytest.approx(gap)
    yearly = found.loc["Improvement needed in every year", "value"]
    account = forecast.account
    better = np.cumsum([yearly, yearly])
    first = forecast.clock.financial_years.index(2026)
    assert account.gross_closing[0, first + 1] + better[-1] == pytest.approx(account.agreed_gross_closing[f])
    assert recovery_table(forecast, 2025, 2025).empty
    assert recovery_table(forecast, 2028, 2025).empty, "no profile is known for that year"


def test_on_the_profile_nothing_is_needed(forecast: Forecast) -> None:
    account = replace(forecast.account, gross_closing=forecast.account.gross_closing * 0.0)
    found = recovery_table(replace(forecast, account=account), 2027, 2025).set_index("item")
    assert found.loc["Improvement needed in every year", "value"] == 0.0


def test_a_council_without_an_agreement(forecast: Forecast, tmp_path: Path) -> None:
    assert load_agreement(tmp_path, tmp_path) is None
    standing = without_agreement(forecast)
    assert standing.conditions.empty
    assert not standing.profile.empty


def test_the_chance_of_the_profile_is_the_share_of_draws_that_meet_it(forecast: Forecast) -> None:
    made = with_draws(forecast, 11)
    found = profile_table(made).set_index("financial_year")  # type: ignore[arg-type]
    counted = []
    for f, year in enumerate(made.clock.financial_years):
        agreed = float(made.account.agreed_gross_closing[f])
        if year >= made.clock.first_forecast and not math.isnan(agreed):
            met = sum(float(balance) >= agreed for balance in made.ensemble.account.gross_closing[:, f])
            assert found.loc[show_year(year), "probability_met"] == pytest.approx(100.0 * met / 11)
            counted.append(met)
    assert any(met != 11 - met for met in counted)


@pytest.mark.parametrize(("pounds", "state"), [(-1.0, "No"), (50_000.0, "No"), (150_000.0, "Yes")])
def test_progress_is_missed_beyond_the_tolerance_alone(
    agreement: Agreement, forecast: Forecast, pounds: float, state: str
) -> None:
    (trigger,) = [one for one in agreement.content.triggers if one.key == "progress"]
    assert trigger.tolerance is not None
    tolerance = trigger.tolerance.model_copy(update={"value": 100_000.0})
    changes = {trigger.key: trigger.model_copy(update={"tolerance": tolerance})}
    triggers = [changes.get(one.key, one) for one in agreement.content.triggers]
    changed = agreement.model_copy(
        update={"content": agreement.content.model_copy(update={"triggers": tuple(triggers)})}
    )
    f = forecast.clock.financial_years.index(2025)
    agreed = forecast.account.agreed_in_year.copy()
    agreed[f] = forecast.account.in_year[0, f] + pounds
    gross = forecast.account.agreed_gross_closing.copy()
    gross[f] = 0.0
    account = replace(forecast.account, agreed_in_year=agreed, agreed_gross_closing=gross)
    found = track_agreement(changed, TABLES, replace(forecast, account=account), 2025).triggers.set_index("trigger")
    assert found.loc["Insufficient progress to in-year balance", "state"] == state
