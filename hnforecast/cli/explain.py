"""`hnforecast explain`: one value, who says so, what changes it and where it is used."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hnforecast.cli.project import (
    assumption_row,
    common_options,
    complete_values,
    find_project,
    known_name,
    vintage_before,
    vintage_option,
)
from hnforecast.cli.screen import print_json

if TYPE_CHECKING:
    from hnforecast.assumptions.explain import Change, Explanation
    from hnforecast.assumptions.vintage import Vintage

SCHEMA = "hnforecast/explain/1"
MOST_CHANGES = 4  # old -> new, on the screen
MOST_VALUES = 40  # of a table; the file itself holds the rest


@click.command(
    epilog="""\b
Examples:
  hnforecast explain prices.top_up                   the values of a group
  hnforecast explain prices.top_up.state_special     one value
  hnforecast explain prices.top_up.state_special --vintage 2022-12 --json
"""
)
@click.argument("path", shell_complete=complete_values)
@vintage_option
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@common_options
def explain(path: str, vintage: str | None, as_json: bool, project: Path | None, debug: bool) -> None:
    """Explain the value at PATH: unit, source, owner, what changes it, where it is used.

    The path of a group, such as prices.top_up, lists the values in it.
    """
    from hnforecast.assumptions import list_vintages, load_vintage
    from hnforecast.assumptions.explain import explain_value

    root = find_project(project)
    if vintage is not None:
        known_name("such vintage", vintage, [summary.name for summary in list_vintages(root)])
    loaded = load_vintage(root, vintage)
    within = [name for name in loaded.values if name.startswith(f"{path}.")]
    if within and path not in loaded.values:
        _list_group(loaded, path, within, as_json)
        return
    explanation = explain_value(loaded, path)
    before, changes = _changes(root, loaded, explanation)
    if as_json:
        plain = _plain(explanation, loaded.name, before, changes)
        click.echo(json.dumps(plain, indent=2, default=str, allow_nan=False))
    else:
        click.echo(_text(loaded, explanation, [("changed since", _changed_words(before, changes))] if changes else []))


def _changes(root: Path, vintage: Vintage, explanation: Explanation) -> tuple[str, list[Change]]:
    """The vintage before, and what of the value differs from it."""
    from hnforecast.assumptions.explain import changes_of

    before = vintage_before(root, vintage)
    if before is None:
        return "", []
    shown = {label for label, _ in explanation.values}
    return before.name, [one for one in changes_of(before, vintage, explanation.path) if one.label in shown]


def _changed_words(before: str, changes: list[Change]) -> str:
    told = "; ".join(f"{change.label}: {change}" if change.label else str(change) for change in changes[:MOST_CHANGES])
    more = f"; and {len(changes) - MOST_CHANGES:,} more" if len(changes) > MOST_CHANGES else ""
    return f"{before}: {told}{more}"


def _list_group(vintage: Vintage, path: str, names: list[str], as_json: bool) -> None:
    from hnforecast.writing.terminal import listing

    rows = [assumption_row(vintage.values[name]) for name in names]
    if as_json:
        listed = [dict(zip(("path", "value", "mark", "source"), row, strict=True)) for row in rows]
        print_json({"schema": SCHEMA, "vintage": vintage.name, "group": path, "rows": listed})
        return
    click.echo(f"{path} is a group of {len(names)} values in vintage {vintage.name}.\n")
    click.echo(listing(("path", "value", "mark", "source"), rows), nl=False)


def _text(vintage: Vintage, explanation: Explanation, changed: list[tuple[str, str]]) -> str:
    from hnforecast.assumptions.shapes import show_number
    from hnforecast.writing.terminal import wrap

    lines = [f"{explanation.path}{'.' + explanation.cell if explanation.cell else ''}", f"vintage {vintage.name}", ""]
    shown = explanation.values[:MOST_VALUES]
    width = max(len(label) for label, _ in shown)
    for label, value in shown:
        lines.append(f"  {label:<{width}}  {show_number(value):>14}  {explanation.unit}".rstrip())
    if len(explanation.values) > len(shown):
        lines.append(f"  and {len(explanation.values) - len(shown):,} more")
    lines.append("")
    for label, text in [*changed, *_facts(explanation)]:
        wrapped = wrap(text, indent=16).lstrip()
        lines.append(f"{label:<16}{wrapped}")
    return "\n".join(lines)


def _facts(explanation: Explanation) -> list[tuple[str, str]]:
    """What is said about the value, in the order a reader asks; what is not said is left out."""
    interval = explanation.interval
    span = f"{interval.low:,.10g} to {interval.high:,.10g} with probability {interval.level:g}" if interval else ""
    uplift = {4: "in April", 9: "in September"}.get(explanation.uplift_month or 0, "")
    drawn = f"column {explanation.column} of the draws" if explanation.column is not None else ""
    measures = [
        f"{measure.measure}: {measure.words} (in {', '.join(measure.scenarios) or 'no scenario'}; {measure.place.file})"
        for measure in explanation.measures
    ]
    facts = [
        ("source", explanation.source),
        ("published", f"{explanation.published_on}, as at {explanation.as_at}"),
        ("status", f"{explanation.status}, {explanation.mark}"),
        ("holds from", explanation.holds_from),
        ("owner", explanation.owner),
        ("review by", str(explanation.review_by or "")),
        ("prices of", explanation.price_base),
        ("uprated by", f"{explanation.uprate_by} {uplift}".strip()),
        ("uprates", ", ".join(explanation.uprates)),
        ("range", span),
        ("quality", explanation.quality),
        ("impact", explanation.impact),
        ("calibrated to", explanation.calibrated_to),
        ("hindsight", explanation.hindsight),
        ("note", explanation.note),
        ("used by", explanation.used_by),
        ("changed by", "; ".join(measures)),
        ("uncertainty", ", ".join([*explanation.drivers, *([drawn] if drawn else [])])),
        ("written at", str(explanation.place).split("  ", maxsplit=1)[0]),
    ]
    return [(label, text) for label, text in facts if text]


def _plain(explanation: Explanation, vintage: str, before: str, changes: list[Change]) -> dict[str, Any]:
    """The explanation as plain values."""
    plain: dict[str, Any] = {"schema": SCHEMA, "vintage": vintage}
    plain |= {field.name: getattr(explanation, field.name) for field in fields(explanation)}
    interval = explanation.interval
    plain["values"] = [{"of": label, "value": value} for label, value in explanation.values]
    plain["interval"] = None if interval is None else interval.model_dump()
    plain["measures"] = [
        {"measure": measure.measure, "scenarios": measure.scenarios, "words": measure.words}
        for measure in explanation.measures
    ]
    plain["changed_since"] = {
        "vintage": before or None,
        "values": [{"of": change.label, "old": change.old, "new": change.new} for change in changes],
    }
    return plain
