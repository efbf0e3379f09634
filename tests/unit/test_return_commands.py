"""`hnforecast return` and `hnforecast verify` from the command line: four quarters, then a new year."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from hnforecast.cli import application
from hnforecast.cli.faults import run_safely
from tests.fixtures_template import MAP, official_template, write_map

ROOT = Path(__file__).resolve().parents[2]
FORM = "safety-valve-quarterly"


def council(folder: Path) -> Path:
    """A copy of the council folder of this repository."""
    for name in ("assumptions", "inputs"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


def run(*arguments: str) -> int:
    return run_safely(application, [*arguments])


@pytest.mark.slow
def test_four_quarters_and_a_new_year_in_sequence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = council(tmp_path)
    project = ("--project", str(root))
    for quarter in (1, 2, 3, 4):
        assert run("return", f"2025-26-Q{quarter}", "--seal", *project) == 0
    assert run("return", "2026-27-Q1", "--scenario", "reform_2026", "--seal", "--json", *project) == 0
    made = json.loads(capsys.readouterr().out.rpartition("\n{\n")[2].join(("{\n", "")))
    assert made["seal_sha256"]
    folder = root / "outputs" / "returns" / "2026-27-Q1" / FORM
    assert run("verify", str(folder), *project) == 0
    assert "2025-26-Q4, safety-valve-quarterly 2025-26-Q3" in capsys.readouterr().out
    documents = [
        json.loads((root / "outputs" / "returns" / period / FORM / "return.json").read_bytes())
        for period in ("2025-26-Q4", "2026-27-Q1")
    ]
    rows = [{row["key"]: row["cells"] for row in one["tables"]["position"]["rows"]} for one in documents]
    assert rows[1]["opening"][2] == pytest.approx(rows[0]["closing"][2], abs=0.01)
    assert run("return", "2025-26-Q4", "--seal", *project) == 1
    assert "never overwritten" in capsys.readouterr().err


@pytest.mark.slow
def test_a_changed_closed_month_is_refused_by_line_and_month(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = council(tmp_path)
    assert run("return", "2025-26-Q1", "--seal", "--project", str(root)) == 0
    year = root / "inputs" / "monitoring" / "2025-26"
    rows = (year / "ledger.csv").read_text(encoding="utf-8").splitlines()
    month, line, placement, gbp, *rest = rows[1].split(",")
    rows[1] = ",".join([month, line, placement, f"{float(gbp) + 1000:.2f}", *rest])
    (year / "ledger.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    control = (year / "ledger_control.csv").read_text(encoding="utf-8").splitlines()
    for position, row in enumerate(control):
        cells = row.split(",")
        if cells[:2] == [month, line]:
            control[position] = ",".join([*cells[:2], f"{float(cells[2]) + 1000:.2f}", *cells[3:]])
    (year / "ledger_control.csv").write_text("\n".join(control) + "\n", encoding="utf-8")
    capsys.readouterr()
    assert run("return", "2025-26-Q2", "--project", str(root)) == 1
    said = capsys.readouterr().err
    assert f"A closed month has changed: line {line}, {placement}, {month}, by £1,000.00" in said
    assert not (root / "outputs" / "returns" / "2025-26-Q2").exists()


@pytest.mark.slow
def test_an_official_workbook_is_filled_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = council(tmp_path / "council")
    template = official_template(tmp_path / "official.xlsx")
    mapping = write_map(tmp_path / "map.yaml", MAP)
    command = ("return", "2025-26-Q1", "--form", "dsg-management-plan", "--template", str(template))
    assert run(*command, "--map", str(mapping), "--seal", "--project", str(root)) == 0
    assert "8 cells filled on 2 sheets" in capsys.readouterr().out
    folder = root / "outputs" / "returns" / "2025-26-Q1" / "dsg-management-plan"
    assert (folder / "filled-official.xlsx").is_file()
    assert run("verify", str(folder / "filled-official.xlsx")) == 0


@pytest.mark.slow
def test_the_example_council_has_a_year_to_learn_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "exampleshire"
    assert run("new", "--example", str(root)) == 0
    project = ("--project", str(root))
    for quarter in (1, 2, 3, 4):
        assert run("monitor", f"2025-26-Q{quarter}", *project) == 0
        assert run("return", f"2025-26-Q{quarter}", "--seal", *project) == 0
    for form in ("dsg-management-plan", "local-send-reform-plan"):
        assert run("return", "2025-26-Q2", "--form", form, *project) == 0
    assert run("return", "2025-26-T2", "--form", "safety-valve-termly", *project) == 0
    assert run("verify", str(root / "outputs" / "returns" / "2025-26-Q4" / FORM), *project) == 0
    assert "2025-26-Q3, safety-valve-quarterly 2025-26-Q2" in capsys.readouterr().out


def test_mistakes_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = council(tmp_path)
    assert run("return", "2025-26-Q9", "--project", str(root)) == 2
    assert run("return", "2025-26-Q1", "--form", "safety-valve-quartely", "--project", str(root)) == 2
    assert run("verify", str(tmp_path / "nothing"), "--project", str(root)) == 2
    said = capsys.readouterr().err
    assert "[HN701]" in said
    assert "Did you mean 'safety-valve-quarterly'?" in said
    assert "[HN741]" in said
