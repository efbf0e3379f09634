"""Gathers what a return is made from: monitoring, forecasts, agreement, needs, words; hashes every file read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from hnforecast.base.codes import codes_folder
from hnforecast.base.errors import Problem
from hnforecast.base.record import describe_scenario, file_sha256, files_read, make_record, relative_to
from hnforecast.base.shipped import shipped_folder
from hnforecast.base.timeline import month, show_year
from hnforecast.engine.published import council_folder
from hnforecast.quarter.agreement import Standing, load_agreement, track_agreement, without_agreement
from hnforecast.quarter.monitor.words import at_risk_point, quarter_points
from hnforecast.quarter.period import ReturnPeriod
from hnforecast.quarter.returns import words
from hnforecast.quarter.returns.needs import need_shares
from hnforecast.quarter.returns.sources import (
    MITIGATED,
    UNMITIGATED,
    Material,
    assumption_rows,
    run_total,
    source_tables,
    with_derived,
)
from hnforecast.quarter.returns.tidy import Authority

if TYPE_CHECKING:
    from hnforecast.engine.records import Forecast, Project
    from hnforecast.quarter.returns.forms import Form

ILLUSTRATIVE = "The actuals are invented to show the form. They are not published and not real. This is not to be sent."
NOT_PUBLIC = "z"
BEFORE_ACTUALS = "Forecast before the actuals of the year"  # its balances are not those of the return
REGIONS = "regions.csv"
LEDGER_COLUMNS = ("month", "s251_line", "placement", "gbp")


@dataclass(frozen=True)
class Watched:
    """What the monitoring of a period gave, whichever way it was made.

    Args:
        forecast: re-anchored on the latest actual month.
        tables: tidy, by name.
        notices: what a reader must know.
        ledger: month, s251_line, placement, gbp of every month to the cut-off; empty for a form without actuals.
        files: relative name -> sha256 of the files of actuals.
        illustrative: whether any figure recorded is invented.
    """

    forecast: Forecast
    tables: Mapping[str, pd.DataFrame]
    notices: tuple[str, ...]
    ledger: pd.DataFrame
    files: Mapping[str, str]
    illustrative: bool = False


@dataclass(frozen=True)
class Gathered:
    """Everything a form is filled from."""

    sources: Mapping[str, pd.DataFrame]
    ledger: Sequence[Sequence[Any]]
    files: Mapping[str, str]
    identity: Mapping[str, Any]
    authority: Authority
    run_id: str
    notices: tuple[str, ...]
    closed_changes: tuple[Problem, ...] = ()


def gather(
    project: Project,
    form: Form,
    period: ReturnPeriod,
    monitored: ReturnPeriod,
    watched: Watched,
    unmitigated: Forecast | None,
    last: Mapping[str, Any] | None,
    last_words: str,
    closed_changes: tuple[Problem, ...] = (),
) -> Gathered:
    """Turn what was read into the tables forms name.

    Args:
        project: the council's.
        form: to be filled.
        period: of the return; monitored: the quarter of its actuals.
        watched: the monitoring of that quarter.
        unmitigated: the forecast without the plan, where the form needs it.
        last: return.json of the return before; last_words: what the cover says of it.
        closed_changes: months closed by the last return that the ledger no longer has as they were.
    """
    vintage, root = project.vintage, project.root
    monitoring = with_derived(watched.tables, vintage.codes, monitored.number / 4.0)
    if "measure" in monitoring.get("measures", pd.DataFrame()).columns:
        titles = {measure.name: measure.title for measure in vintage.measures.values()}
        monitoring["measures"]["title"] = [
            titles.get(str(name), str(name)) for name in monitoring["measures"]["measure"]
        ]
    tracked, files = _agreement(project, monitoring, watched.forecast, monitored.year)
    standing = tracked or without_agreement(watched.forecast)
    files = {**files, **watched.files}
    shares = _shares(project, files)
    cases = {MITIGATED: watched.forecast, **({UNMITIGATED: unmitigated} if unmitigated is not None else {})}
    material = Material(
        cases, monitoring, standing, shares[1] if shares else None, shares[0] if shares else None, monitored.year
    )
    scenarios = {forecast.scenario.name: describe_scenario(forecast.scenario) for forecast in cases.values()}
    own = council_folder(root, vintage.manifest.authority.name)
    read = [codes_folder(root), own]
    files |= files_read(root, vintage.folder, vintage.files, read)
    files[f"form {form.file}"] = form.sha256
    narrative = words.narrative_path(root, period, monitored)
    if narrative.is_file():
        files[relative_to(narrative, root)] = file_sha256(narrative)
    record = make_record(vintage.name, scenarios, files, seed=0, draws=1, horizon=0)
    sources = source_tables(material)
    plans = monitoring.get("plans_by_placement")
    rating = form.definition.rating
    headlines = [
        words.headline_plans(plans, rating),
        words.headline_position(standing.profile, monitored.year, rating),
    ]
    points = quarter_points(monitoring, vintage.codes)
    points[2:2] = at_risk_point(standing.payments, show_year(monitored.year))
    facts = _facts(project, watched.forecast, record.run_id, record.fingerprint, last_words, monitored)
    if watched.illustrative:
        facts.insert(0, ("Illustrative", ILLUSTRATIVE))
    facts += [("Agreement", note) for note in standing.notes[:1]]
    facts.append(("Overall rating", words.overall(headlines, rating)))
    sources |= {
        "points": pd.DataFrame(points, columns=["topic", "point"]),
        "headline_plans": headlines[0],
        "headline_position": headlines[1],
        "cover": words.cover_rows(form, period, facts),
        "sign_off": words.sign_off_rows(form),
        "movement": words.movement(monitoring.get("outturn_by_line"), last),
        "narrative": words.read_narrative(narrative, root, form),
        "notes": words.note_rows(form, watched.notices, _extra(material, tracked is not None, monitored)),
        "assumptions": assumption_rows(watched.forecast),
        "ledger": watched.ledger.assign(
            account=[vintage.codes.line_accounts.get(str(line), "") for line in watched.ledger["s251_line"]]
        ),
        **own_checks(watched, monitored.year),
    }
    identity = {
        "council": vintage.manifest.authority.name,
        "old_la_code": vintage.manifest.authority.old_la_code,
        "scenario": watched.forecast.scenario.name,
        "vintage": vintage.name,
        "run_id": record.run_id,
        "fingerprint": record.fingerprint,
        "illustrative": watched.illustrative,
        "files": [{"path": name, "sha256": files[name]} for name in sorted(files)],
        "notices": list(watched.notices),
    }
    ledger = [[*map(str, row[:3]), round(float(row[3]), 2)] for row in _ledger_rows(watched.ledger)]
    authority = authority_of(project)
    sealed_sources = {name: digest for name, digest in files.items() if not name.startswith("form ")}
    return Gathered(
        sources, ledger, sealed_sources, identity, authority, record.run_id, watched.notices, closed_changes
    )


def own_checks(watched: Watched, year: int) -> dict[str, pd.DataFrame]:
    """Figures worked out a second way, for the ties of a form: the spend of the run."""
    return {"run": pd.DataFrame([{"item": "spend", "value": run_total(watched.forecast, year)}])}


def _ledger_rows(ledger: pd.DataFrame) -> list[tuple[Any, ...]]:
    if ledger.empty:
        return []
    return [tuple(row) for row in ledger[list(LEDGER_COLUMNS)].itertuples(index=False)]


def _agreement(
    project: Project, monitoring: Mapping[str, pd.DataFrame], forecast: Forecast, year: int
) -> tuple[Standing | None, dict[str, str]]:
    folder = council_folder(project.root, project.vintage.manifest.authority.name)
    agreement = load_agreement(project.root, folder)
    if agreement is None:
        return None, {}
    return track_agreement(agreement, monitoring, forecast, year), {agreement.file: agreement.sha256}


def _shares(project: Project, files: dict[str, str]) -> Any:
    """Shares of need by age, from the council's own file; None where it has none."""
    from hnforecast.inputs import Column, read_table

    codes = project.vintage.codes
    path = council_folder(project.root, project.vintage.manifest.authority.name) / "needs_by_age.csv"
    if not path.is_file():
        return None
    columns = (
        Column("census_year", "year"),
        Column("age", "whole", low=0, high=25),
        Column("need", "code", choices=codes.needs),
        Column("plans", "whole", low=0, high=500_000),
    )
    table = read_table(path, columns, root=project.root, key=("census_year", "age", "need"))
    files[relative_to(path, project.root)] = file_sha256(path)
    return need_shares(table, codes)


def _facts(
    project: Project, forecast: Forecast, run_id: str, fingerprint: str, last_words: str, monitored: ReturnPeriod
) -> list[tuple[str, str]]:
    manifest = project.vintage.manifest
    authority = manifest.authority
    return [
        ("Authority", f"{authority.name} ({authority.old_la_code}, {authority.gss_code})"),
        ("Actuals to", f"the end of {monitored}, {_cut_off(monitored)}"),
        ("Scenario", f"{forecast.scenario.name}: {forecast.scenario.title}"),
        ("Assumptions", f"vintage {manifest.vintage}, as at {manifest.as_at}"),
        ("Sign", "Money is in pounds. Spend and income are positive; a position is negative where it is a deficit."),
        ("Run", run_id),
        ("Fingerprint", fingerprint),
        ("Return before", last_words),
    ]


def _cut_off(monitored: ReturnPeriod) -> str:
    ends = {1: "30 June", 2: "30 September", 3: "31 December", 4: "31 March"}
    return f"{ends[monitored.number]} {monitored.year + (monitored.number == 4)}"


def _extra(material: Material, agreed: bool, monitored: ReturnPeriod) -> list[tuple[str, str]]:
    notes = [("Agreement", note) for note in material.standing.notes]
    manifest = material.cases[MITIGATED].scenario.vintage.manifest
    ends = month(monitored.year, 4) + 3 * monitored.number - 1
    if month(manifest.as_at.year, manifest.as_at.month) > ends:
        known = f"The assumptions are as at {manifest.as_at}, after the cut-off of {_cut_off(monitored)}"
        notes.append(("Hindsight", f"{known}: this return knows what was not known then."))
    if material.shares_year is not None:
        notes.append(
            (
                "Estimate",
                "Plans by primary need are estimated: need is published by age for January "
                f"{material.shares_year} only, so each placement group has the needs of its ages, held in later years.",
            )
        )
    if not agreed:
        notes.append(
            ("Agreement", "No agreement.yaml lies in the council's folder, so nothing is tracked against one.")
        )
    notes += [(BEFORE_ACTUALS, note) for note in material.cases[MITIGATED].notes]
    return notes


def authority_of(project: Project) -> Authority:
    """The authority in the columns of tidy data; the region from the list of authorities where it is there."""
    import csv

    found = project.vintage.manifest.authority
    region = NOT_PUBLIC
    path = project.root / "inputs" / "national" / "la_lookup.csv"
    if path.is_file():
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = [row for row in csv.DictReader(stream) if row["old_la_code"] == found.old_la_code]
        region = rows[-1]["region_name"] if rows else NOT_PUBLIC
    return Authority(_region_code(project.root, region), region, found.old_la_code, found.gss_code, found.name)


def _region_code(root: Path, region: str) -> str:
    """The statistical code of a region by name, from inputs/codes/regions.csv; "z" where it is in none."""
    import csv

    own = root / "inputs" / "codes" / REGIONS
    path = own if own.is_file() else shipped_folder("codes") / REGIONS
    with path.open(encoding="utf-8-sig", newline="") as stream:
        codes = {row["region_name"]: row["region_code"] for row in csv.DictReader(stream)}
    return codes.get(region, NOT_PUBLIC)
