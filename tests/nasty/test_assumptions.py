"""Damaged vintages, and the exact message each earns: corpus/values.txt, tables.txt and links.txt, and some by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures_vintage import NastyCase, copy_example, read_cases

CASES = [case for name in ("values.txt", "tables.txt", "links.txt") for case in read_cases(name)]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_message(case: NastyCase, tmp_path: Path) -> None:
    council = copy_example(tmp_path)
    for file, old, new in case.edits:
        council.edit(file, old, new)
    assert "\n".join(council.messages()) == case.expected


def test_the_undamaged_council_has_no_problem(tmp_path: Path) -> None:
    assert copy_example(tmp_path).messages() == []


def test_every_problem_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    council = copy_example(tmp_path)
    council.edit("demand.yaml", "value: 0.7", "value: 70")
    council.edit("prices.yaml", "uplift_month: 9", "uplft_month: 9")
    council.edit("prices.yaml", "value: 12000", "value: -1")
    council.edit("manifest.yaml", "horizon_years: 10", "horizon_years: 0")
    council.edit("rates/net_other.csv", "\n3,0.005", "\n3,x")
    council.edit("measures/annual-reviews.yaml", "ramp_months: 12", "ramp_months: soon")
    council.edit("scenarios.yaml", "measures: none", "measures: some")
    council.edit("funding.yaml", "unit: gbp_year", "unit: gbp_years")
    found = council.messages()
    assert [message.split(" ")[0].split(":")[0].split("/")[-1] for message in found] == [
        "manifest.yaml",
        "demand.yaml",
        "prices.yaml",
        "prices.yaml",
        "funding.yaml",
        "annual-reviews.yaml",
        "scenarios.yaml",
        "net_other.csv",
    ]


def test_a_file_that_cannot_be_read_hides_no_other_problem(tmp_path: Path) -> None:
    council = copy_example(tmp_path)
    council.write("support.yaml", "balance: [")
    council.edit("demand.yaml", "value: 0.7", "value: 70")
    council.edit("prices.yaml", "uprate_by: school_costs", "uprate_by: school_cost")
    files = {message.split(":")[0].rsplit("/", 1)[-1] for message in council.messages()}
    assert files == {"support.yaml", "demand.yaml", "prices.yaml"}


def test_messages_are_the_same_on_windows_line_ends(tmp_path: Path) -> None:
    council = copy_example(tmp_path)
    council.edit("demand.yaml", "value: 0.7", "value: 70")
    before = council.messages()
    path = council.path("demand.yaml")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert council.messages() == before


def test_a_table_is_missing_and_another_is_not_named(tmp_path: Path) -> None:
    council = copy_example(tmp_path)
    council.path("rates/cease.csv").rename(council.path("rates/ceases.csv"))
    assert council.messages() == [
        "assumptions/2026-03/flows.yaml:12:3  flows.cease.hazard: the file named here is missing [HN130]\n"
        "  found: rates/cease.csv\n"
        "  Put it at assumptions/2026-03/rates/cease.csv, or mend the name.",
        "assumptions/2026-03/rates/ceases.csv: no parameter names this table [HN131]\n"
        "  Name it with `file:` in a YAML, with unit and source; or delete it.",
    ]


def test_an_empty_table(tmp_path: Path) -> None:
    assert copy_example(tmp_path).write("rates/net_other.csv", "").messages() == [
        "assumptions/2026-03/rates/net_other.csv: The table is empty [HN132]\n  expected: age,value"
    ]


def test_a_table_with_a_header_alone(tmp_path: Path) -> None:
    assert copy_example(tmp_path).write("rates/net_other.csv", "age,value\n").messages() == [
        "assumptions/2026-03/rates/net_other.csv:1: The table has a header and no rows [HN132]"
    ]


def test_a_table_that_is_not_utf_8(tmp_path: Path) -> None:
    assert copy_example(tmp_path).write("rates/net_other.csv", b"# caf\xe9\nage,value\n").messages() == [
        "assumptions/2026-03/rates/net_other.csv:1: The file is not UTF-8 text [HN101]\n"
        "  expected: UTF-8 text\n"
        "  Save it as UTF-8 (in Excel: CSV UTF-8)."
    ]


def test_a_table_that_is_far_too_large(tmp_path: Path) -> None:
    assert copy_example(tmp_path).write("rates/net_other.csv", b"0,0\n" * 1_300_000).messages() == [
        "assumptions/2026-03/rates/net_other.csv: The table is too large [HN105]\n"
        "  found: 5,200,000 bytes\n"
        "  expected: at most 5,000,000 bytes"
    ]


def test_a_quotation_mark_that_never_closes(tmp_path: Path) -> None:
    message = copy_example(tmp_path).edit("rates/net_other.csv", "\n3,0.005", '\n3,"0.005').messages()[0]
    assert message.startswith("assumptions/2026-03/rates/net_other.csv:")
    assert "Not a comma-separated table" in message
    assert message.endswith("[HN133]")


def test_a_year_is_missing_from_the_population(tmp_path: Path) -> None:
    council = copy_example(tmp_path)
    path = council.path("rates/children.csv")
    rows = [row for row in path.read_text(encoding="utf-8").splitlines() if not row.startswith("2030")]
    path.write_text("\n".join(rows), encoding="utf-8")
    assert council.messages() == [
        "assumptions/2026-03/population.yaml:2:1  population.children: "
        "mid-years are missing for a forecast of 10 years [HN146]\n"
        "  found: no 2030\n"
        "  expected: 2023 to 2034, ages 0 to 25"
    ]


def test_opening_plans_of_a_later_january(tmp_path: Path) -> None:
    council = copy_example(tmp_path)
    path = council.path("rates/opening_plans.csv")
    path.write_text(path.read_text(encoding="utf-8").replace("\n2025,", "\n2026,"), encoding="utf-8")
    assert council.messages() == [
        "assumptions/2026-03/flows.yaml:2:1  flows.opening_plans: opening plans are needed for two January counts: "
        "the base one and the one before [HN146]\n"
        "  found: 2024, 2026\n"
        "  expected: 2024, 2025"
    ]


@pytest.mark.parametrize("cell", ["1e400", "-inf", "nan", "1_000", "0x10", "½", "1.2.3", "TRUE", "=1+1", "'5"])
def test_no_cell_is_guessed_at(cell: str, tmp_path: Path) -> None:
    council = copy_example(tmp_path).edit("rates/net_other.csv", "\n3,0.005", f"\n3,{cell}")
    (message,) = council.messages()
    assert "net_other.csv:6" in message
    assert f"found: {cell}" in message


def test_a_file_nobody_knows(tmp_path: Path) -> None:
    (message,) = copy_example(tmp_path).write("price.yaml", "a: 1\n").messages()
    assert message == (
        "assumptions/2026-03/price.yaml: not a file of a vintage [HN131]\n"
        "  expected: demand.yaml, flows.yaml, funding.yaml, manifest.yaml, population.yaml, prices.yaml, "
        "services.yaml, support.yaml, uncertainty.yaml\n"
        "  Did you mean 'prices.yaml'?"
    )


def test_a_file_is_missing(tmp_path: Path) -> None:
    council = copy_example(tmp_path)
    council.path("support.yaml").unlink()
    assert council.messages() == ["assumptions/2026-03/support.yaml: The file is missing [HN130]"]
