"""Fitted rates: margins exact, published counts kept, known rates recovered, the signed-off tables reproduced."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hnforecast.assumptions import load_vintage
from hnforecast.base.errors import InputError, ReconciliationError
from hnforecast.engine.drivers import tables
from hnforecast.history.fit.exits import to_academic_age
from hnforecast.history.fit.moves import fit_bands, fit_margins, move_matrices
from hnforecast.history.fit.proposal import propose
from hnforecast.history.fit.rates import fit_rates
from hnforecast.history.fit.spread import academic_step
from tests.fixtures_fit import (
    CODES,
    EMPTY,
    KENT,
    NATIONAL_FOLDER,
    PLACEMENTS,
    ROOT,
    england,
    history_of,
    kent,
    kent_history,
    published,
    true_new,
    true_stock,
)


def test_margins_are_met() -> None:
    prior = np.array([[5.0, 1.0, 0.5], [1.0, 4.0, 2.0]])
    found = fit_margins(prior, np.array([10.0, 20.0]), np.array([9.0, 12.0, 9.0]))
    assert found.sum(axis=1) == pytest.approx([10, 20], abs=1e-8)
    assert found.sum(axis=0) == pytest.approx([9, 12, 9], abs=1e-8)
    cross = prior[0, 0] * prior[1, 1] / (prior[0, 1] * prior[1, 0])
    assert found[0, 0] * found[1, 1] / (found[0, 1] * found[1, 0]) == pytest.approx(cross)  # the odds are the prior's


def test_a_total_where_the_prior_has_nothing_is_refused() -> None:
    with pytest.raises(ReconciliationError, match="cannot be met"):
        fit_margins(np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([5.0, 5.0]), np.array([5.0, 5.0]), rounds=50)


def test_single_ages_keep_the_published_bands() -> None:
    prior = np.arange(1.0, 7.0).reshape(6, 1) * np.array([[1.0, 2.0]])
    found = fit_bands(prior, [(0, 2), (3, 5)], np.array([30.0, 60.0]), np.array([40.0, 50.0]))
    assert found[:3].sum() == pytest.approx(30)
    assert found[3:].sum() == pytest.approx(60)
    assert found.sum(axis=0) == pytest.approx([40, 50])
    assert found[1, 0] / found[0, 0] == pytest.approx(2.0)  # the prior's shape inside a band


@pytest.mark.slow
@pytest.mark.parametrize("census", [2021, 2022])
def test_bands_and_placements_of_inferred_stocks_are_the_published_counts(census: int) -> None:
    history, fitted = kent_history(2022), kent(2022).rates
    stock = fitted.opening[census]
    for name, low, high in CODES.age_bands:
        assert stock[low : high + 1].sum() == pytest.approx(history.band_stock[census][name], abs=1e-5)
    total = history.group_stock[census].sum()
    bands = sum(history.band_stock[census].values())
    assert stock.sum(axis=0) == pytest.approx(history.group_stock[census] * bands / total, abs=1e-3)
    assert fitted.inferred


def test_published_single_ages_are_used_as_they_are() -> None:
    fitted = kent(2025).rates
    assert not fitted.inferred
    assert not fitted.shape.hindsight
    assert fitted.opening[2025].sum() == 20635  # SEN2, January 2025
    assert np.array_equal(fitted.opening[2025], np.round(fitted.opening[2025]))
    assert fitted.counts.sum() == 2890  # new plans of 2024


def test_events_move_to_academic_ages_without_loss() -> None:
    events = np.zeros(26)
    events[3:20] = np.arange(17.0) + 1
    assert to_academic_age(events.copy()).sum() == events.sum()
    assert academic_step(events) @ events == pytest.approx(to_academic_age(events.copy()))


def test_moves_link_the_two_counts() -> None:
    before, hazard = true_stock(0.02), np.zeros((26, PLACEMENTS))
    after = np.zeros_like(before)
    after[1:] = before[:-1][:, ::-1]  # placements turned round, so that many must move
    found = move_matrices(before, after, hazard, np.zeros_like(before))
    for age in range(5, 26):
        assert found[age].sum(axis=1) == pytest.approx(np.ones(PLACEMENTS))
        assert before[age - 1] @ found[age] == pytest.approx(after[age], rel=1e-5)


def test_known_rates_are_recovered() -> None:
    """An authority that is a fiftieth of England, with half its exits and twice its new plans, is told so."""
    start, new = true_stock(), true_new()
    hazard = np.where(np.arange(26) >= 16, 0.2, 0.004)
    end = np.zeros_like(start)
    end[1:] = start[:-1] * ((1 - hazard[:-1]) ** (7 / 12) * (1 - hazard[1:]) ** (5 / 12))[:, None]
    flows = hazard * start.sum(axis=1)
    exits = 0.5 * (flows + np.concatenate([[0.0], flows[:-1]]))  # birthdays fall through the year
    nation = history_of({2024: start, 2025: end}, new, exits, 2024)
    local = history_of({2024: start / 50, 2025: end / 50}, new / 25, 0.5 * exits / 50, 2024)
    residents = np.full(26, 1e5)
    fitted = fit_rates(local, nation, 2025, residents, CODES)
    assert fitted.exit_factor[0] == pytest.approx(0.5, abs=0.03)
    assert fitted.exit_factor[1] == pytest.approx(0.5**0.5, abs=0.05)  # from 20 by the square root
    joined = to_academic_age(new.copy()).sum(axis=1) / 25
    assert fitted.new == pytest.approx(1000 * joined / (residents - end.sum(axis=1) / 50), rel=1e-9)
    assert fitted.share[10] == pytest.approx(new[10] / new[10].sum())
    assert fitted.hazard[3:15].max() == pytest.approx(0.004, rel=0.15)  # birthdays move half of it


@pytest.mark.parametrize("name", ["2022-12", "2026-03"])
def test_tables_of_the_signed_off_vintages_are_reproduced(name: str) -> None:
    vintage = load_vintage(ROOT, name)
    census, places = vintage.manifest.base_census, CODES.placements
    years = range(census - 1, census + 1)
    residents = tables.children(vintage.population.children, tuple(years))
    fitted = propose(NATIONAL_FOLDER, KENT, census, CODES, residents=residents, years=years, panel=published()).rates
    new = tables.by_age(vintage.demand.new_plans.rate)
    assert fitted.new == pytest.approx(new, abs=1e-5)  # per 1,000: residents of the table are rounded
    shares = tables.by_age_placement(vintage.demand.new_plans.placement_share, places)
    assert fitted.share == pytest.approx(shares, abs=1e-6)
    assert fitted.hazard == pytest.approx(tables.by_age_placement(vintage.flows.cease.hazard, places), abs=1e-9)
    assert fitted.moves == pytest.approx(tables.moves(vintage.flows.moves, places), abs=1e-6)
    assert fitted.net_other == pytest.approx(tables.by_age(vintage.flows.net_other), abs=1e-9)
    for year, table in fitted.opening.items():
        held = tables.opening_counts(vintage.flows.opening_plans, year, places)[0, :, 0]
        assert table == pytest.approx(held, abs=1e-8)


def test_thin_history_is_refused_in_words() -> None:
    with pytest.raises(InputError) as caught:
        fit_rates(EMPTY, england(), 2025, np.full(26, 1e4), CODES)
    assert "plans by age and placement at January 2025" in str(caught.value.problems[0])


def test_placements_that_nobody_recorded_are_refused() -> None:
    with pytest.raises(InputError, match="placements were not recorded"):
        propose(NATIONAL_FOLDER, "873", 2025, CODES, panel=published())


@pytest.mark.parametrize(
    ("code", "census", "words"), [("000", None, "does not hold"), (KENT, 2031, "no January count")]
)
def test_what_the_panel_does_not_hold_is_refused(code: str, census: int | None, words: str) -> None:
    with pytest.raises(InputError, match=words):
        propose(NATIONAL_FOLDER, code, census, CODES, panel=published())


@pytest.mark.slow
def test_every_authority_is_fitted_or_refused_in_words() -> None:
    fitted, refused = [], []
    for code in published().codes:
        try:
            found = propose(NATIONAL_FOLDER, code, 2025, CODES, panel=published())
        except InputError as error:
            refused.append((code, error.problems[0]))
            continue
        fitted.append(code)
        for table in (found.rates.new, found.rates.share, found.rates.hazard, found.rates.moves):
            assert np.isfinite(table).all()
            assert (table >= 0).all()
        assert found.rates.moves.sum(axis=2) == pytest.approx(np.ones((26, PLACEMENTS)))
        for error_table in (found.errors.new, found.errors.share, found.errors.hazard, found.errors.moves):
            assert np.isfinite(error_table).all()
            assert (error_table >= 0).all()
    assert all(problem.do and problem.code.startswith("HN37") for _, problem in refused)
    named = {code for code, problem in refused if problem.code == "HN372"}
    assert named == {"812", "873"}  # their placements of January 2025 were not recorded
    known = [code for code in published().codes if 2025 in set(published().one("ehcp_by_la", code)["year"])]
    assert len(fitted) == len(known) - len(named)


def test_a_folder_without_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ehcp_by_la.csv").write_text(
        "old_la_code,la_name,year,plans\n123,Somewhere,2025,900\n", encoding="utf-8"
    )
    with pytest.raises(InputError, match=r"too thin|No residents"):
        propose(tmp_path, "123", 2025, CODES)
