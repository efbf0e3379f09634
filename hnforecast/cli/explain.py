"""`hnforecast explain`: one value, who says so, what changes it and where it is used."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hnforecast.cli.project import common_options, find_project, known_name, vintage_option

if TYPE_CHECKING:
    from hnforecast.assumptions.explain import Explanation
    from hnforecast.assumptions.vintage import Vintage

MOST_VALUES = 40  # of a table; the file itself holds the rest


@click.command(
    epilog="Example: hnforecast explain prices.top_up.state_special",
)
@click.argument("path")
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
    if as_json:
        click.echo(json.dumps(_plain(explanation), indent=2, default=str, allow_nan=False))
    else:
        click.echo(_text(loaded, explanation))


def _list_group(vintage: Vintage, path: str, names: list[str], as_json: bool) -> None:
    from hnforecast.cli.listing import assumption_row
    from hnforecast.outputs.terminal import listing

    rows = [assumption_row(vintage.values[name]) for name in names]
    if as_json:
        click.echo(
            json.dumps([dict(zip(("path", "value", "mark", "source"), row, strict=True)) for row in rows], indent=2)
        )
        return
    click.echo(f"{path} is a group of {len(names)} values in vintage {vintage.name}.\n")
    click.echo(listing(("path", "value", "mark", "source"), rows), nl=False)


def _text(vintage: Vintage, explanation: Explanation) -> str:
    from hnforecast.assumptions.units import show_number
    from hnforecast.outputs.terminal import wrap

    lines = [f"{explanation.path}{'.' + explanation.cell if explanation.cell else ''}", f"vintage {vintage.name}", ""]
    shown = explanation.values[:MOST_VALUES]
    width = max(len(label) for label, _ in shown)
    for label, value in shown:
        lines.append(f"  {label:<{width}}  {show_number(value):>14}  {explanation.unit}".rstrip())
    if len(explanation.values) > len(shown):
        lines.append(f"  and {len(explanation.values) - len(shown):,} more")
    lines.append("")
    for label, text in _facts(explanation):
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


def _plain(explanation: Explanation) -> dict[str, Any]:
    """The explanation as plain values."""
    plain = {field.name: getattr(explanation, field.name) for field in fields(explanation)}
    interval = explanation.interval
    plain["values"] = [{"of": label, "value": value} for label, value in explanation.values]
    plain["interval"] = None if interval is None else interval.model_dump()
    plain["measures"] = [
        {"measure": measure.measure, "scenarios": measure.scenarios, "words": measure.words}
        for measure in explanation.measures
    ]
    return plain
