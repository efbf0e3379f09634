"""The invented council loads typed; sign-off, resolved files, the schema and explanations do what they say."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from hnforecast.assumptions import (
    Vintage,
    default_vintage,
    explain_value,
    hash_files,
    list_vintages,
    load_resolved,
    load_vintage,
    sign_off,
    write_json_schema,
    write_resolved,
)
from hnforecast.assumptions.shapes import SHAPES, UNITS, shape_of
from hnforecast.base.errors import AssumptionError, ScenarioError
from hnforecast.base.timeline import month
from tests.fixtures_vintage import CODES, EXAMPLE, ROOT, TODAY, VINTAGE, copy_example


@pytest.fixture(scope="module")
def vintage() -> Vintage:
    return load_vintage(EXAMPLE, codes=CODES, today=TODAY)


def test_settings_are_read_by_name(vintage: Vintage) -> None:
    assert vintage.name == VINTAGE
    assert vintage.manifest.authority.old_la_code == "999"
    assert (vintage.manifest.base_outturn, vintage.manifest.first_forecast_year) == (2024, 2025)
    assert vintage.prices.top_up["state_special"].value == 12000
    assert vintage.services.lines["health_income"].kind == "income"
    assert vintage.services.lines["sen_support"].placement == "services"
    assert list(vintage.flows.places) == ["state_special", "rp_unit"]  # the order in which they are filled
    assert vintage.support.instruments["stability_grant"].balance_at == month(2026, 3)
    assert vintage.support.override_ends is not None
    assert vintage.support.override_ends.on == date(2028, 3, 31)
    assert vintage.measures["local-places"].effects[0].change.unit == "places"
    assert list(vintage.scenarios) == ["unmitigated", "history", "mitigated", "adverse"]
    assert vintage.scenarios["mitigated"].measures is None
    assert vintage.scenarios["history"].measures == ()
    assert vintage.notices == ()


def test_every_value_has_a_path_a_place_and_a_shape(vintage: Vintage) -> None:
    assert len(vintage.values) > 75
    for path, sourced in vintage.values.items():
        assert sourced.path == path
        assert sourced.place.file.startswith("assumptions/")
        assert (sourced.place.line or 0) > 1
        assert shape_of(vintage.keys[path]) is not None
    assert vintage.values["prices.line_share.mainstream.1.2.1"].place.file == f"assumptions/{VINTAGE}/prices.yaml"
    assert vintage.values["prices.top_up.state_special"] is vintage.prices.top_up["state_special"]


def test_the_place_of_a_value_is_its_line(vintage: Vintage) -> None:
    place = vintage.prices.top_up["state_special"].place
    lines = (EXAMPLE / place.file).read_text(encoding="utf-8").splitlines()
    assert lines[(place.line or 0) - 1] == "  state_special:"


def test_values_by_year_month_and_census(vintage: Vintage) -> None:
    growth, fees = vintage.demand.new_plans.growth, vintage.prices.indices["independent_fees"]
    assert (growth.by_kind, growth.at(2026), growth.at(2040)) == ("census", 0.04, 0.0)
    assert (fees.by_kind, fees.at(2026), fees.at(2050)) == ("year", 0.045, 0.035)
    assert fees.at(2050, 0.0, hold=False) == 0.0
    places = vintage.flows.places["rp_unit"].commissioned
    assert (places.by_kind, places.at(month(2026, 8)), places.at(month(2026, 9))) == ("month", 64, 72)
    assert vintage.prices.top_up["fe"].at(2099) == 7000
    assert growth.at(2020, default=-1.0) == -1.0


def test_a_year_before_the_first_is_an_error_with_its_place(vintage: Vintage) -> None:
    with pytest.raises(AssumptionError) as caught:
        vintage.prices.indices["independent_fees"].at(2020)
    assert str(caught.value) == (
        "assumptions/2026-03/prices.yaml:14:3  prices.indices.independent_fees: "
        "prices.indices.independent_fees: no value for 2020-21 [HN170]\n"
        "  found: 2025-26, 2026-27, 2027-28, 2028-29\n"
        "  Add a line for 2020-21."
    )


def test_a_table_has_no_single_value(vintage: Vintage) -> None:
    with pytest.raises(AssumptionError, match="is a table, which has no single value"):
        vintage.flows.moves.at(2025)


def test_tables_are_typed(vintage: Vintage) -> None:
    table = vintage.flows.opening_plans.table
    assert table is not None
    assert table.columns == ("census_year", "age", "placement", "value")
    assert sum(row["value"] for row in table.rows if row["census_year"] == 2024) == 980
    assert table.lookup()[2025, 4, "mainstream"] == next(
        row["value"]
        for row in vintage.flows.opening_plans.rows
        if (row["census_year"], row["age"], row["placement"]) == (2025, 4, "mainstream")
    )
    rate = vintage.demand.new_plans.rate.table
    assert rate is not None
    assert set(rate.lookup("age")) == set(range(26))


def test_a_measure_grows_from_its_start_over_its_ramp(vintage: Vintage) -> None:
    measure = vintage.measures["annual-reviews"]
    assert (measure.start, measure.ramp_months) == (month(2025, 9), 12)
    assert [measure.ramp(month(2025, 8)), measure.ramp(month(2026, 3)), measure.ramp(month(2030, 1))] == [0, 0.5, 1]


def test_the_vintage_is_frozen(vintage: Vintage) -> None:
    with pytest.raises(ValueError, match="frozen"):
        vintage.prices.top_up["fe"].value = 1.0  # type: ignore[misc]
    with pytest.raises(TypeError):
        vintage.values["x"] = vintage.prices.top_up["fe"]  # type: ignore[index]


def test_every_file_read_is_hashed(vintage: Vintage) -> None:
    named = {name for name in vintage.files if name not in ("manifest.yaml", "../scenarios.yaml")}
    assert named == set(hash_files(EXAMPLE / "assumptions" / VINTAGE))


def test_loading_is_quick() -> None:
    began = time.perf_counter()
    load_vintage(EXAMPLE, today=TODAY)
    assert time.perf_counter() - began < 1.0  # a tenth of that on an idle machine


def test_reviews_overdue_are_notices_and_not_errors(tmp_path: Path) -> None:
    council = copy_example(tmp_path)
    council.edit("demand.yaml", "review_by: 2027-03-31", "review_by: 2026-05-31")
    council.edit("measures/local-places.yaml", "review_by: 2027-03-31", "review_by: 2026-05-31")
    council.edit("manifest.yaml", "review_by: 2027-03-31", "review_by: 2026-05-31")
    council.edit("uncertainty.yaml", "  prices.top_up.state_special: 4\n", "")
    assert council.load().notices == (
        "Vintage 2026-03 is a draft: nobody has signed it off.",
        "Vintage 2026-03 was to be reviewed by 2026-05-31.",
        "Review was due 2026-05-31 (owner: Head of SEND finance (invented)): demand.new_plans.growth.",
        "Review was due 2026-05-31 (owner: Assistant director, SEND (invented)): measures.local-places.",
        "These intervals have no column in uncertainty.columns, so no draw uses them: prices.top_up.state_special.",
    )


def test_vintages_are_listed_by_date_and_the_latest_signed_off_is_the_default(tmp_path: Path) -> None:
    council = copy_example(tmp_path, draft=False)
    folder = council.root / "assumptions"
    for name, as_at, state in (("2025-03", "2025-03-20", "signed_off"), ("2026-09", "2026-09-20", "draft")):
        text = f"vintage: {name}\nstate: {state}\nas_at: {as_at}\ntitle: T\n"
        (folder / name).mkdir()
        (folder / name / "manifest.yaml").write_text(text, encoding="utf-8")
    assert [summary.name for summary in list_vintages(council.root)] == ["2025-03", "2026-03", "2026-09"]
    assert default_vintage(council.root) == "2026-03"


def test_where_nothing_is_signed_off_the_latest_draft_is_the_default(tmp_path: Path) -> None:
    assert default_vintage(copy_example(tmp_path).root) == VINTAGE


def test_a_project_without_vintages_says_so(tmp_path: Path) -> None:
    with pytest.raises(AssumptionError) as caught:
        load_vintage(tmp_path)
    assert str(caught.value) == (
        "assumptions: There is no vintage in assumptions/ [HN160]\n"
        "  Start with `hnforecast new`, or say which folder with --project."
    )


def test_an_unknown_vintage_offers_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(AssumptionError) as caught:
        load_vintage(copy_example(tmp_path).root, "2026-30")
    assert str(caught.value) == (
        "assumptions: No such vintage [HN160]\n  found: 2026-30\n  expected: 2026-03\n  Did you mean '2026-03'?"
    )


def edited_after_sign_off(tmp_path: Path, file: str) -> str:
    council = copy_example(tmp_path, draft=False)
    path = council.path(file)
    path.write_bytes(path.read_bytes() + b"\n# changed\n" if path.suffix == ".yaml" else path.read_bytes() + b"\n")
    (message,) = council.messages()
    return message


@pytest.mark.parametrize("file", ["prices.yaml", "rates/cease.csv"])
def test_an_edited_file_of_a_signed_off_vintage_is_refused(file: str, tmp_path: Path) -> None:
    message = edited_after_sign_off(tmp_path, file)
    head = f"assumptions/{VINTAGE}/{file}: the file was changed after the vintage was signed off [HN161]\n"
    assert message.startswith(head)
    assert message.endswith("  Undo the edit, or make a new vintage: a signed-off one is never changed.")


def test_an_edited_measure_of_a_signed_off_vintage_is_refused(tmp_path: Path) -> None:
    message = edited_after_sign_off(tmp_path, "measures/local-places.yaml")
    assert message.startswith(f"assumptions/measures/{VINTAGE}/local-places.yaml: the file was changed after")


def test_scenarios_may_change_after_sign_off(tmp_path: Path) -> None:
    council = copy_example(tmp_path, draft=False).edit("scenarios.yaml", "If nothing more", "If nothing at all")
    assert council.messages() == []


def test_a_file_added_or_removed_after_sign_off_is_refused(tmp_path: Path) -> None:
    council = copy_example(tmp_path, draft=False)
    text = council.path("measures/local-places.yaml").read_text(encoding="utf-8")
    council.write("measures/more-places.yaml", text.replace("name: local-places", "name: more-places"))
    council.path("rates/block_components.csv").unlink()
    assert [message.split(" [")[0] for message in council.messages()][:2] == [
        f"assumptions/measures/{VINTAGE}/more-places.yaml: the file was added after the vintage was signed off",
        f"assumptions/{VINTAGE}/rates/block_components.csv: a file of the signed-off vintage is missing",
    ]


def test_signed_off_without_hashes_is_refused(tmp_path: Path) -> None:
    council = copy_example(tmp_path).edit("manifest.yaml", "state: draft", "state: signed_off")
    assert [message.split(" [")[0] for message in council.messages()] == [
        "assumptions/2026-03/manifest.yaml:10:8  manifest.state: signed off, but the hashes of its files are missing",
        "assumptions/2026-03/manifest.yaml:10:8  manifest.state: signed off, but not by whom",
    ]


def test_signing_off_keeps_comments_and_makes_edits_refused(tmp_path: Path) -> None:
    council = copy_example(tmp_path)
    folder = council.path("manifest.yaml").parent
    sign_off(folder, "S. Finance", "Section 151 officer", date(2026, 3, 27))
    text = council.path("manifest.yaml").read_text(encoding="utf-8")
    assert text.startswith("# Invented for the example council")
    signed = council.load().manifest.signed_off
    assert signed is not None
    assert (signed.by, signed.role, signed.on) == ("S. Finance", "Section 151 officer", date(2026, 3, 27))
    council.edit("rates/months.csv", "new_plans,1,0.08", "new_plans,1,0.080")
    assert "was changed after" in council.messages()[0]


def test_nobody_signs_off_twice_nor_their_own_work(tmp_path: Path) -> None:
    council = copy_example(tmp_path)
    folder = council.path("manifest.yaml").parent
    with pytest.raises(AssumptionError, match="the analyst may not sign off their own work"):
        sign_off(folder, "A. Analyst (invented)", "Analyst", date(2026, 3, 27))
    sign_off(folder, "S. Finance", "Section 151 officer", date(2026, 3, 27))
    with pytest.raises(AssumptionError, match="The vintage is signed off already"):
        sign_off(folder, "S. Finance", "Section 151 officer", date(2026, 3, 28))


def test_a_resolved_vintage_is_one_file_that_loads_again(vintage: Vintage, tmp_path: Path) -> None:
    file = tmp_path / "assumptions.yaml"
    write_resolved(vintage, file)
    again = load_resolved(file, codes=CODES, today=TODAY)
    assert again.values == vintage.values
    assert again.measures == vintage.measures
    assert again.scenarios == vintage.scenarios
    assert again.manifest == vintage.manifest
    assert again.uncertainty == vintage.uncertainty
    assert [sourced.rows for sourced in again.values.values()] == [sourced.rows for sourced in vintage.values.values()]
    second = tmp_path / "again.yaml"
    write_resolved(again, second)
    assert second.read_bytes() == file.read_bytes()


def test_a_damaged_resolved_file_says_where(vintage: Vintage, tmp_path: Path) -> None:
    file = tmp_path / "assumptions.yaml"
    write_resolved(vintage, file)
    text = file.read_text(encoding="utf-8").replace("value: 0.7\n", "value: 7\n", 1)
    file.write_text(text.replace("new_plans,1,0.08", "new_plans,1,0.8"), encoding="utf-8")
    with pytest.raises(AssumptionError) as caught:
        load_resolved(file, codes=CODES, today=TODAY)
    assert [str(problem).split("[")[0] for problem in caught.value.problems] == [
        f"assumptions.yaml:{text[: text.index('value: 7')].count(chr(10)) + 1}:14  demand.pipeline.agreed_share.value: "
        "must be a share such as 0.06 for 6% ",
        "rates/months.csv:3: the shares at flow new_plans do not sum to 1 ",
    ]


def test_a_resolved_file_without_parts_says_which(tmp_path: Path) -> None:
    file = tmp_path / "assumptions.yaml"
    file.write_text("manifest: {}\n", encoding="utf-8")
    with pytest.raises(AssumptionError) as caught:
        load_resolved(file, codes=CODES, today=TODAY)
    assert str(caught.value).count("is missing [HN130]") == 9


def test_the_schema_in_the_project_is_current(tmp_path: Path) -> None:
    file = tmp_path / "schema.json"
    write_json_schema(file)
    committed = ROOT / "assumptions" / "schema.json"
    assert committed.read_text(encoding="utf-8") == file.read_text(encoding="utf-8"), (
        'run python -c "from pathlib import Path; from hnforecast.assumptions import write_json_schema; '
        "write_json_schema(Path('assumptions/schema.json'))\""
    )


def test_the_schema_names_what_a_value_needs() -> None:
    schema = json.loads((ROOT / "assumptions" / "schema.json").read_text(encoding="utf-8"))
    sourced = schema["$defs"]["Sourced"]
    assert {"source", "published_on", "as_at", "status", "mark", "unit", "from"} == set(sourced["required"])
    assert sourced["properties"]["unit"]["enum"] == list(UNITS)
    assert sourced["additionalProperties"] is False


def test_every_shape_has_units_of_the_closed_list() -> None:
    for shape in SHAPES:
        assert set(shape.units) <= set(UNITS)
        assert shape.used_by
        assert set(shape.complete) | set(shape.sums_over) <= set(shape.columns)


def test_a_value_explained(vintage: Vintage) -> None:
    told = explain_value(vintage, "prices.top_up.independent_nmss")
    assert (told.values, told.unit, told.price_base) == ((("", 50000.0),), "gbp_per_plan_year", "2024-25")
    assert (told.uprate_by, told.uplift_month) == ("prices.indices.independent_fees", 9)
    assert (told.source, told.status, told.mark) == ("Invented for the example council", "outturn", "confirmed")
    assert told.interval is not None
    assert (told.interval.low, told.interval.high) == (47500, 52500)
    assert told.used_by == "prices: top-up or fee per plan"
    assert told.column == 5
    (effect,) = told.measures
    assert (effect.measure, effect.scenarios) == ("local-places", ("mitigated", "adverse"))
    assert effect.words == "fee_uplift -40%, independent_nmss, from 2027-09 over 36 months"


def test_an_index_explained_says_what_it_uprates_and_what_draws_it(vintage: Vintage) -> None:
    told = explain_value(vintage, "prices.indices.independent_fees")
    assert told.uprates == ("prices.top_up.independent_nmss", "prices.top_up.specialist_post_16")
    assert told.drivers == ("independent_fees",)
    assert [label for label, _ in told.values] == ["2025-26", "2026-27", "2027-28", "2028-29"]
    assert explain_value(vintage, "prices.indices.independent_fees.2026-27").values == (("2026-27", 0.045),)


def test_a_row_of_a_table_explained(vintage: Vintage) -> None:
    told = explain_value(vintage, "flows.cease.hazard.16.fe")
    assert (told.cell, told.values, told.drivers) == ("16.fe", (("16.fe", 0.15),), ("cease_hazard",))
    assert [on.words for on in told.measures] == ["cease_rate +30%, ages 18 to 24, from 2025-09 over 12 months"]
    assert len(explain_value(vintage, "flows.cease.hazard.16").values) == 11
    assert len(explain_value(vintage, "flows.cease.hazard.1").values) == 11  # age 1, not 10 to 19


@pytest.mark.parametrize("path", ["prices.top_up.state_speciel", "prices", "flows.cease.hazard.99", "demand.x"])
def test_a_path_that_leads_nowhere_is_not_explained(path: str, vintage: Vintage) -> None:
    with pytest.raises(ScenarioError, match="HN406"):
        explain_value(vintage, path)


def test_hindsight_is_explained_with_its_reason(tmp_path: Path) -> None:
    council = copy_example(tmp_path)
    council.edit("population.yaml", "published_on: 2026-02-27", "published_on: 2026-05-01")
    council.edit(
        "manifest.yaml",
        "hindsight: []",
        "hindsight:\n  - {path: population.*, published_on: 2026-05-01, why: the projection of March had an error}",
    )
    assert explain_value(council.load(), "population.children").hindsight == "the projection of March had an error"


def test_every_code_is_explained_and_every_code_explained_exists() -> None:
    sources = [ROOT / "hnforecast" / "engine" / "scenarios.py"]
    sources += [path for name in ("assumptions", "base/yaml") for path in (ROOT / "hnforecast" / name).glob("*.py")]
    used = {code for path in sources for code in re.findall(r'"(HN[14]\d\d)"', path.read_text(encoding="utf-8"))}
    page = (ROOT / "docs" / "problems.md").read_text(encoding="utf-8")
    assert used == set(re.findall(r"^\| (HN[14]\d\d) ", page, flags=re.MULTILINE))


def test_the_manifest_of_the_example_is_plain_yaml() -> None:
    text = (EXAMPLE / "assumptions" / VINTAGE / "manifest.yaml").read_text(encoding="utf-8")
    assert YAML(typ="safe", pure=True).load(text)["vintage"] == "2026-03"


@pytest.mark.parametrize("module", ["hnforecast.assumptions", "hnforecast.engine.scenarios"])
def test_importing_assumptions_needs_no_heavy_library(module: str) -> None:
    code = f"import sys, {module}; print(sorted({{'pandas', 'numpy.random', 'ruamel.yaml'}} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=dict(os.environ))
    assert "pandas" not in ran.stdout
    assert "ruamel" not in ran.stdout
