"""The committee report of a run as a Word document: the headings councils use, every figure tied to the run."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hnforecast.papers.report.implications import appendices, financial, legal, others, papers
from hnforecast.papers.report.ledger import Ledger
from hnforecast.papers.report.material import Change, Material, choose_scenarios, choose_year, end_of
from hnforecast.papers.report.opening import background, day_of, recommendations, summary
from hnforecast.papers.report.position import current_position, forecast
from hnforecast.papers.report.risks import options, risks, what_changed
from hnforecast.papers.report.styles import (
    LANGUAGE,
    add_footer,
    add_missing_styles,
    open_base,
    plain_document,
    set_language,
)
from hnforecast.papers.report.writer import Writer
from hnforecast.papers.run_reading import FinishedRun

if TYPE_CHECKING:
    from hnforecast.history.backtest import AccuracyRow

__all__ = ["Change", "Ledger", "choose_scenarios", "choose_year", "write_report"]

SECTIONS = (
    summary, recommendations, background, current_position, what_changed, forecast, risks, options, financial, legal,
    others, papers, appendices,
)  # fmt: skip
EPOCH = (1980, 1, 1, 0, 0, 0)


def write_report(
    run: FinishedRun,
    *,
    base: Path | None = None,
    scenario: str | None = None,
    change: Change | None = None,
    accuracy: Sequence[AccuracyRow] = (),
) -> tuple[bytes, Ledger]:
    """The document and the ledger of its figures; the same run gives the same bytes.

    Args:
        run: read and proven unchanged.
        base: the council's own .docx, whose styles, headers and footers are kept.
        scenario: the one the report is about; the first with measures by default.
        change: since an earlier run.
        accuracy: measured errors of the method.

    Raises:
        InputError: the base cannot be used, or the run lacks a figure.
        UsageError: the run has no such scenario.
    """
    plan, against = choose_scenarios(run, scenario)
    ledger = Ledger(run)
    focus = change.bridge.year if change is not None else choose_year(run)
    material = Material(run, ledger, plan, against, focus, change, accuracy)
    document = plain_document() if base is None else open_base(base)
    if base is None:
        add_footer(document, f"hnforecast {run.manifest['version']}, run {run.run_id}")
        set_language(document)
    else:
        add_missing_styles(document)
    title = f"{run.council}: high needs account, forecast to {end_of(material.last)}"
    writer = Writer(document, ledger)
    writer.title(title, _particulars(material))
    for section in SECTIONS:
        writer.write(section(material))
    _describe(document, title, run)
    return _finish(document), ledger


def _particulars(material: Material) -> list[tuple[str, str]]:
    run, about = material.run, material.run.vintage.manifest
    return [
        ("Report to", "[Officer to complete: committee]"),
        ("Date of meeting", "[Officer to complete: date]"),
        ("Report of", f"[Officer to complete: name]; commissioned by: {about.commissioner}"),
        ("Wards", "[Officer to complete: all wards, or those affected]"),
        ("Public or exempt", "[Officer to complete]"),
        ("Forecast", f"Run {run.run_id}, assumptions as at {day_of(about.as_at)}, cash prices"),
    ]


def _describe(document: Any, title: str, run: FinishedRun) -> None:
    about = document.core_properties
    about.title, about.author, about.last_modified_by = title, run.council, run.council
    about.subject, about.language, about.revision = "High needs forecast", LANGUAGE, 1
    about.created = about.modified = run.created
    about.comments = about.keywords = ""


def _finish(document: Any) -> bytes:
    """The bytes, with times that come from nowhere but the run."""
    stream, out = io.BytesIO(), io.BytesIO()
    document.save(stream)
    with zipfile.ZipFile(stream) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(name))
    return out.getvalue()
