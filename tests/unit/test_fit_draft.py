"""A draft vintage: complete, valid, following the pooled forecast, and nothing that was there changed."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import pytest

from hnforecast.assumptions import Vintage, load_vintage
from hnforecast.base.errors import InputError
from hnforecast.cli import application
from hnforecast.cli.faults import run_safely
from hnforecast.engine.demand import authority_path, read_panel
from hnforecast.engine.forecast import load_project, run_forecast
from hnforecast.history.fit.folder import _growth
from tests.fixtures_fit import KENT, NATIONAL_FOLDER, ROOT, copy_council

NEW = "2026-11-draft"


def hashes(root: Path) -> dict[str, str]:
    """Every file of assumptions/ that is not the draft's."""
    files = [path for path in (root / "assumptions").rglob("*") if path.is_file() and NEW not in path.parts]
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def council(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A council folder in which a draft has been written."""
    root = copy_council(tmp_path_factory.mktemp("fit"))
    before = hashes(root)
    out = root / "fitted"
    assert (
        run_safely(
            application, ["fit", "--project", str(root), "--census", "2025", "--vintage", NEW, "--out", str(out)]
        )
        == 0
    )
    assert hashes(root) == before
    return root


@pytest.fixture(scope="module")
def draft(council: Path) -> Vintage:
    """The draft, loaded as any vintage is."""
    return load_vintage(council, NEW)


def test_it_is_a_draft_of_the_council(draft: Vintage) -> None:
    manifest = draft.manifest
    assert manifest.state == "draft"
    assert manifest.signed_off is None
    assert manifest.supersedes == "2026-03"
    assert (manifest.authority.old_la_code, manifest.base_census, manifest.base_outturn) == (KENT, 2025, 2024)
    assert manifest.analyst != manifest.approver


def test_money_is_taken_word_for_word(council: Path, draft: Vintage) -> None:
    for name in ("prices", "services", "funding", "support", "population"):
        held = council / "assumptions" / "2026-03" / f"{name}.yaml"
        assert (draft.folder / f"{name}.yaml").read_bytes() == held.read_bytes()
    assert set(draft.measures) == set(load_vintage(council, "2026-03").measures)


def test_plans_follow_the_pooled_forecast(council: Path, draft: Vintage) -> None:
    path = authority_path(read_panel(NATIONAL_FOLDER).panel, KENT, 2025, 5)
    forecast = run_forecast(load_project(council, NEW), "unmitigated", horizon=5)
    january = forecast.plans.january[0].sum(axis=(1, 2))
    found = dict(zip(forecast.clock.censuses, january, strict=True))
    for year, target in enumerate(path.central, start=2026):
        assert found[year] == pytest.approx(target, rel=1e-3)
    growth = draft.demand.new_plans.growth
    assert growth.by is not None
    assert list(growth.by) == [2026, 2027, 2028, 2029, 2030]
    assert growth.calibrated_to is not None
    assert all(check.passed for check in forecast.checks)


def test_the_scaling_is_shown(council: Path, draft: Vintage) -> None:
    page = (draft.folder / "CHANGES.md").read_text(encoding="utf-8")
    rows = list(csv.reader((council / "fitted" / "scaling.csv").open(encoding="utf-8")))
    assert [row[0] for row in rows[1:]] == ["2026", "2027", "2028", "2029", "2030"]
    for row in rows[1:]:
        assert f"| {' | '.join(row)} |" in page


def test_intervals_come_from_standard_errors_and_columns_are_appended(council: Path, draft: Vintage) -> None:
    old = load_vintage(council, "2026-03").uncertainty
    new = draft.uncertainty
    assert {name: new.columns[name] for name in old.columns} == old.columns
    added = {name: column for name, column in new.columns.items() if name not in old.columns}
    assert sorted(added.values()) == list(
        range(max(old.columns.values()) + 1, max(old.columns.values()) + 1 + len(added))
    )
    assert {"new_plan_rate", "net_other", "demand.pipeline.agreed_share"} <= set(added)
    assert new.drivers["cease"].interval != old.drivers["cease"].interval
    assert new.drivers["provider_fees"] == old.drivers["provider_fees"]
    assert not [notice for notice in draft.notices if "no column" in notice]
    agreed = draft.demand.pipeline.agreed_share
    assert agreed.value == pytest.approx(1602 / 4001, abs=0.005)  # Kent's return of 2024
    assert agreed.interval is not None
    assert agreed.interval.low < 1602 / 4001 < agreed.interval.high


def test_every_rate_is_listed_with_its_standard_error(council: Path) -> None:
    rows = list(csv.DictReader((council / "fitted" / "fitted_rates.csv").open(encoding="utf-8")))
    kinds = {row["parameter"] for row in rows}
    assert {"new_plans.rate", "new_plans.placement_share", "cease.hazard", "moves", "net_other"} < kinds
    assert all(float(row["standard_error"]) >= 0 for row in rows)
    at_ten = next(row for row in rows if row["parameter"] == "new_plans.rate" and row["age"] == "10")
    assert 0 < float(at_ten["standard_error"]) < 0.2 * float(at_ten["proposed"])


@pytest.mark.slow
def test_checks_pass_on_the_draft(council: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_safely(application, ["check", "--project", str(council), "--vintage", NEW]) == 0
    assert "fails" not in capsys.readouterr().out


@pytest.mark.parametrize("name", [NEW, "2026-03", "2022-12"])
def test_nothing_there_is_overwritten(council: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = hashes(council)
    assert run_safely(application, ["fit", "--project", str(council), "--vintage", name]) == 2
    assert "nothing was written" in capsys.readouterr().err
    assert hashes(council) == before


@pytest.mark.slow
def test_a_dry_run_writes_nothing(council: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(str(path) for path in council.rglob("*"))
    told = ["fit", "--project", str(council), "--census", "2025", "--vintage", "x", "--dry-run", "--json"]
    assert run_safely(application, told) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["folder"] is None
    assert [row["january"] for row in printed["scaling"]] == [2026, 2027, 2028, 2029, 2030]
    assert sorted(str(path) for path in council.rglob("*")) == before


@pytest.mark.slow
def test_own_counts_of_moves_replace_the_inferred_ones(council: Path, tmp_path: Path, draft: Vintage) -> None:
    counted = tmp_path / "moves.csv"
    counted.write_text(
        "age,from_placement,to_placement,count\n9,mainstream,mainstream,300\n9,mainstream,state_special,20\n", "utf-8"
    )
    told = ["fit", "--project", str(council), "--census", "2025", "--vintage", "counted", "--moves", str(counted)]
    assert run_safely(application, told) == 0
    rows = {
        (row["age"], row["from_placement"], row["to_placement"]): row["value"]
        for row in load_vintage(council, "counted").flows.moves.rows
    }
    inferred = {
        (row["age"], row["from_placement"], row["to_placement"]): row["value"] for row in draft.flows.moves.rows
    }
    cell = (9, "mainstream", "state_special")
    assert rows[cell] == pytest.approx((20 + 20 * inferred[cell]) / (320 + 20), abs=1e-6)
    assert rows[10, "mainstream", "state_special"] == inferred[10, "mainstream", "state_special"]
    assert load_vintage(council, "counted").flows.moves.quality == "green"


@pytest.mark.slow
def test_another_authority_is_drafted_with_its_own_rates_and_money_marked(council: Path) -> None:
    assert run_safely(application, ["fit", "--project", str(council), "--vintage", "other", "--authority", "919"]) == 0
    other = load_vintage(council, "other")
    assert (other.manifest.authority.name, other.manifest.authority.old_la_code) == ("Hertfordshire", "919")
    assert all(price.mark == "unverified" for price in other.prices.top_up.values())
    assert "to be replaced" in (other.folder / "CHANGES.md").read_text(encoding="utf-8")
    assert all(check.passed for check in run_forecast(load_project(council, "other"), "unmitigated", horizon=3).checks)


@pytest.mark.slow
def test_an_earlier_count_is_drafted_from_a_vintage_that_reaches_back(council: Path) -> None:
    root = ["fit", "--project", str(council), "--vintage", "early", "--census", "2022"]
    assert run_safely(application, root) == 2
    assert run_safely(application, [*root, "--from", "2022-12"]) == 0
    assert load_vintage(council, "early").manifest.base_census == 2022


def test_growth_is_that_between_multipliers() -> None:
    growth, level = _growth({2026: 1.1, 2027: 1.32, 2028: 1.32}, 2025)
    assert growth == pytest.approx({2026: 0.1, 2027: 0.2, 2028: 0.0})
    assert level == 1.0


def test_a_leap_goes_into_the_level_of_the_rate() -> None:
    growth, level = _growth({2026: 1.8, 2027: 1.8}, 2025)
    assert level == pytest.approx(1.2)
    assert growth == pytest.approx({2026: 0.5, 2027: 0.0})
    with pytest.raises(InputError, match="cannot follow"):
        _growth({2026: 1.0, 2027: 1.8}, 2025)


def test_the_template_is_read() -> None:
    rows = list(csv.DictReader((ROOT / "inputs" / "templates" / "moves-two-snapshots.csv").open(encoding="utf-8")))
    assert list(rows[0]) == ["age", "from_placement", "to_placement", "count"]
