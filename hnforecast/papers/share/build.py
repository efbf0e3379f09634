"""Puts the page together: figures as JSON, words and tables as HTML, styles and script with their hashes."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hnforecast.base.timeline import show_year
from hnforecast.papers.sentences import day
from hnforecast.papers.share import listings, story
from hnforecast.papers.share import listings as sources
from hnforecast.papers.share.figures import focus, own_support, page_figures, supports
from hnforecast.papers.share.page import Page
from hnforecast.papers.share.words import GROWTH_NAMES, glossary, growth_words, settlement_words, support_words
from hnforecast.writing.style import sentence_case

if TYPE_CHECKING:
    pass

HERE = Path(__file__).parent
SCRIPTS = ("unpack.js", "model.js", "draw.js", "page.js")


def write_page(page: Page) -> bytes:
    """The page as UTF-8: the same bytes for the same run."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    script = "(() => {\n'use strict';\n" + "\n".join(_read(name) for name in SCRIPTS) + "})();\n"
    style = _read("page.css")
    context = {
        **_context(page),
        "style": Markup(style),
        "script": Markup(script),
        "style_hash": _hash(style),
        "script_hash": _hash(script),
        "figures": Markup(_json(_figures(page))),
    }
    return environment.get_template("page.html.j2").render(context).encode("utf-8")


def _read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _json(content: Any) -> str:
    """JSON that no text in it can turn into HTML."""
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def _figures(page: Page) -> dict[str, Any]:
    """What the page computes from, and the lines of its chart of scenarios: those that are the same are one line."""
    first = page.plan.clock.first_ahead
    lines: dict[tuple[float, ...], list[str]] = {}
    for forecast in page.forecasts:
        path = tuple(round(float(value), 2) for value in forecast.account.gross_closing[0, first:])
        lines.setdefault(path, []).append(sentence_case(forecast.scenario.name))
    return {
        **page_figures(page.plan, page.grid, page.chance),
        "scenarios": [{"label": " and ".join(names), "gross": list(path)} for path, names in lines.items()],
    }


def _context(page: Page) -> dict[str, Any]:
    plan, grid = page.plan, page.grid
    vintage, at = plan.scenario.vintage, focus(plan)
    agreement = vintage.support.agreement.gross_closing
    return {
        "council": vintage.manifest.authority.name,
        "vintage": vintage,
        "headline": story.headline(page, at),
        "lead": story.lead(page),
        "standing": story.standing(vintage),
        "cards": story.cards(page, at),
        "sentences": story.sentences(page),
        "expected_words": story.expected_words(plan),
        "exactness": story.exactness(page),
        "sure": story.sureness(page, at),
        "about": story.about(page),
        "years": [f"{show_year(year)} (to {day(year)})" for year in grid.years],
        "focus": at,
        "focus_count": f"January {grid.censuses[at]}",
        "base_count": f"January {vintage.manifest.base_census}",
        "groups": _groups(page),
        "measures": listings.measures(page),
        "chance": page.chance is not None,
        "profile": agreement is not None,
        "profile_words": "" if agreement is None else story.profile_words(agreement),
        "by_year": listings.by_year(page),
        "by_placement": listings.by_placement(page, at),
        "scenarios": [
            {"label": sentence_case(forecast.scenario.name), "title": forecast.scenario.title}
            for forecast in page.forecasts
        ],
        "scenario_tables": listings.scenario_tables(page),
        "accuracy": listings.accuracy(page.root),
        "compared": listings.compared(plan),
        "assumptions": sources.assumptions(page),
        "glossary": glossary(),
        "files": list(page.record.files.items()),
    }


def _groups(page: Page) -> list[dict[str, Any]]:
    """The choices beside the measures."""
    grid, vintage = page.grid, page.plan.scenario.vintage
    growths = [{"label": GROWTH_NAMES[choice.name], "words": growth_words(choice)} for choice in grid.growths]
    settlements = [
        {"label": choice.label or GROWTH_NAMES[choice.name], "words": settlement_words(choice)}
        for choice in grid.settlements
    ]
    kinds = supports(page.plan)
    return [
        _group("growth", "Growth of new plans", growths, [c.name for c in grid.growths].index("central")),
        _group("settlement", "Funding settlement", settlements, [c.name for c in grid.settlements].index("central")),
        _group(
            "support",
            "Support towards the deficit",
            [{"label": support_words(vintage, spec), "words": ""} for _, spec in kinds],
            own_support(page.plan),
        ),
    ]


def _group(name: str, title: str, options: list[dict[str, str]], chosen: int) -> dict[str, Any]:
    return {"name": name, "title": title, "options": options, "chosen": chosen}
