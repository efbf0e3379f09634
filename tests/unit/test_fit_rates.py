"""Fitted rates: margins exact, published counts kept, known rates recovered, the signed-off tables reproduced."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hnforecast.base.errors import InputError, ReconciliationError
from hnforecast.history.fit.ages import Between, estimate_steps, step_matrix, year_older
from hnforecast.history.fit.history import History
from hnforecast.history.fit.moves import fit_bands, fit_margins, move_matrices
from hnforecast.history.fit.proposal import propose
from hnforecast.history.fit.rates import fit_rates
from hnforecast.history.fit.recoded import as_recoded_later
from tests.fixtures_fit import (
    CODES,
    EMPTY,
    KENT,
    NATIONAL_FOLDER,
    PLACEMENTS,
    england,
    history_of,
    kent,
    kent_history,
    published,
    replayed,
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


@pytest.mark.parametrize("census", [2025, 2026])
def test_new_plans_move_to_the_ages_of_the_count_without_loss(census: int) -> None:
    fitted = kent(census).rates
    for steps in fitted.shape.steps.values():
        for matrix in (steps.new, steps.ceased, steps.moved):
            assert matrix.sum(axis=0) == pytest.approx(np.ones(26))
            assert matrix.min() >= -1e-12
    assert fitted.joined.sum() == pytest.approx(fitted.counts.sum())


def test_the_share_shifted_by_age_is_recovered() -> None:
    """Where a third of the new plans of age 3 and a tenth of the others stand a year older, the counts say so."""
    before, new = true_stock().sum(axis=1), true_new().sum(axis=1)
    up = np.full(26, 0.1)
    up[:4] = 1 / 3
    ceased = 0.004 * year_older(before)
    after = year_older(before) + step_matrix(up, np.zeros(26)) @ new - ceased
    steps = estimate_steps([Between(before, after, new, ceased)])
    assert steps.shares["older"][0] == pytest.approx(1 / 3, abs=0.05)
    joined = step_matrix(up, np.zeros(26)) @ new
    assert (steps.new @ new)[4:19] == pytest.approx(joined[4:19], rel=0.02)
    assert abs(new - joined)[3:19].max() > 5 * abs(steps.new @ new - joined)[3:19].max()


def test_units_recorded_anew_are_fitted_with_mainstream() -> None:
    before, after = kent_history(2026).stock[2025], kent_history(2026).stock[2026]
    put, changed = as_recoded_later(before, after, CODES)
    assert changed
    assert kent(2026).rates.recoded
    first, second = CODES.placements[:2]  # mainstream, and units at mainstream schools
    assert (put - before)[:, 2:] == pytest.approx(0)
    assert put.sum(axis=1) == pytest.approx(before.sum(axis=1))
    grown = dict(zip(CODES.placements, after.sum(axis=0) / put.sum(axis=0), strict=True))
    assert grown[first] == pytest.approx(grown[second], abs=0.02)
    assert as_recoded_later(kent_history(2025).stock[2024], kent_history(2025).stock[2025], CODES)[1] is False


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
    ceasing = np.where(np.arange(26) >= 16, 0.2, 0.004)
    older = year_older(start)

    def history(scale: float, exits: float, joiners: float) -> History:
        left = exits * ceasing[:, None] * older * scale
        joined = joiners * new * scale
        published = left.sum(axis=1)
        published[20], published[21:] = published[20:].sum(), 0.0  # the oldest are one bucket
        return history_of({2024: scale * start, 2025: scale * older - left + joined}, joined, published, 2024)

    nation, local = history(1.0, 1.0, 1.0), history(1 / 50, 0.5, 2.0)
    residents = np.full(26, 1e5)
    fitted = fit_rates(local, nation, 2025, residents, CODES)
    assert fitted.exit_factor == pytest.approx((0.5, 0.5), abs=0.03)
    ceased = (fitted.hazard * older).sum(axis=1)[16:25] / older.sum(axis=1)[16:25]
    assert ceased == pytest.approx(np.full(9, 0.1), abs=0.01)
    assert (fitted.new / 1000 * 1e5).sum() == pytest.approx(new.sum() / 25, rel=0.02)
    assert fitted.share[10] == pytest.approx(new[10] / new[10].sum())
    assert 0.002 < fitted.hazard[5:15].max() < 0.003  # half of England's, drawn towards it


@pytest.mark.parametrize(("census", "most", "at_an_age"), [(2026, 100, 60), (2025, 200, 60)])
def test_the_year_before_the_count_is_replayed(census: int, most: float, at_an_age: float) -> None:
    """Run from the count before at the rates proposed, the flow meets the count within 60 plans at every age."""
    missed = replayed(kent(census)) - kent(census).rates.opening[census]
    assert abs(missed.sum()) <= most
    assert abs(missed.sum(axis=1)).max() <= at_an_age


def test_movers_in_are_a_flow_of_their_own() -> None:
    fitted = kent(2026)
    movers = float((fitted.rates.movers_in * fitted.residents).sum()) / 1000.0
    assert 400 <= movers <= 500
    out = float((fitted.rates.net_other * fitted.rates.opening[2025].sum(axis=1)).sum())
    assert out == pytest.approx(-369, abs=25)  # transfers to other authorities published for 2025


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
