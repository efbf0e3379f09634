"""The rows of words in a return: cover, sign-off block, headlines and rating, what changed, notes on the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from hnforecast.base.errors import InputError, Place, Problems, show_path
from hnforecast.base.timeline import show_year
from hnforecast.base.yaml import load_yaml
from hnforecast.quarter.agreement.profile import direction_word
from hnforecast.quarter.period import ReturnPeriod
from hnforecast.quarter.returns.forms import Form, Rating, list_forms, load_form

NOT_KNOWN = "Not known"
NOT_WRITTEN = "Nothing was written for this period."
BASIS, ACTUAL, INVENTED = "basis", "actual", "illustrative: not published, not real"
LABEL = "Illustrative, not the council's words. "


def headline_plans(plans: pd.DataFrame | None, rating: Rating) -> pd.DataFrame:
    """The first headline test: EHC plans forecast for January against those agreed; fewer is favourable."""
    columns = ["test", "agreed", "now", "variance", "direction", "rag"]
    if plans is None or plans.empty or "agreed" not in plans or plans["agreed"].isna().all():
        return pd.DataFrame(columns=columns)
    agreed, now = float(plans["agreed"].sum()), float(plans["forecast_january"].sum())
    direction = direction_word(agreed - now)
    rag = _rag(100.0 * (now - agreed) / agreed if agreed else 0.0, rating)
    return pd.DataFrame([("EHC plans in January", agreed, now, now - agreed, direction, rag)], columns=columns)


def headline_position(profile: pd.DataFrame | None, financial_year: int, rating: Rating) -> pd.DataFrame:
    """The second: in-year and cumulative position of the year against the agreed profile, before contributions."""
    columns = ["test", "agreed", "now", "variance", "direction", "rag"]
    if profile is None or profile.empty:
        return pd.DataFrame(columns=columns)
    rows = profile[profile["financial_year"] == show_year(financial_year)].to_dict("records")
    records = []
    for row in rows:
        for test, agreed, now in (
            ("In-year position", row["agreed_in_year"], row["forecast_in_year"]),
            ("Cumulative position, before contributions", row["agreed_gross"], row["forecast_gross"]),
        ):
            if agreed is None or pd.isna(agreed):
                continue
            variance = float(now) - float(agreed)
            adverse = 100.0 * -variance / abs(float(agreed)) if agreed else (100.0 if variance < 0 else 0.0)
            records.append((test, float(agreed), float(now), variance, direction_word(variance), _rag(adverse, rating)))
    return pd.DataFrame(records, columns=columns)


def _rag(adverse_pct: float, rating: Rating) -> str:
    """The rating of a headline by how far it is adverse, in percent of what was agreed."""
    if adverse_pct <= rating.green_pct:
        return "Green"
    return "Amber" if adverse_pct <= rating.amber_pct else "Red"


def overall(headlines: Sequence[pd.DataFrame], rating: Rating) -> str:
    """The overall rating and its rule: the worst of the headline tests."""
    found = [str(word) for table in headlines for word in table.get("rag", ())]
    rule = (
        f"the worst of the headline tests; a test is green up to {rating.green_pct:g}% adverse, amber up to "
        f"{rating.amber_pct:g}%, else red"
    )
    worst = next((word for word in ("Red", "Amber", "Green") if word in found), NOT_KNOWN)
    return f"{worst} ({rule})"


def movement(now: pd.DataFrame | None, last: Mapping[str, Any] | None, table: str = "outturn") -> pd.DataFrame:
    """Forecast outturn by line, the last return's and this one's."""
    columns = ["s251_line", "placement", "label", "last", "now", "change", "direction"]
    if now is None or now.empty or last is None or table not in last.get("tables", {}):
        return pd.DataFrame(columns=columns)
    document = last["tables"][table]
    keys = [column["key"] for column in document["columns"]]
    if "forecast_outturn" not in keys:
        return pd.DataFrame(columns=columns)
    position = keys.index("forecast_outturn")
    before = {row["key"]: row["cells"][position] for row in document["rows"] if row["kind"] == "row"}
    records = []
    for row in now.to_dict("records"):
        key = f"{row['s251_line']}|{row['placement']}"
        was, value = before.get(key), float(row["forecast_outturn"])
        change = None if was is None else value - float(was)
        word = "new line" if change is None else direction_word(-change)
        label = row.get("placement_label", row["placement"])
        records.append((row["s251_line"], label, row.get("label", ""), was, value, change, word))
    return pd.DataFrame(records, columns=columns)


def cover_rows(form: Form, period: ReturnPeriod, facts: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """What the return is, whose, of when, and what it rests on."""
    definition = form.definition
    rows = [
        ("Return", f"{definition.title}, form {form.name} version {definition.version}"),
        ("Standing of the form", definition.standing),
        ("ReturnPeriod", str(period)),
        *facts,
    ]
    return pd.DataFrame(rows, columns=["item", "detail"])


def sign_off_rows(form: Form) -> pd.DataFrame:
    """The sign-off block: a line for each officer, name and date left to be written."""
    rows = [(line.role, line.statement, None, None) for line in form.definition.sign_off]
    return pd.DataFrame(rows, columns=["role", "statement", "name", "date"])


def note_rows(form: Form, notices: Sequence[str], extra: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """Notes on the data: the form's own, what the readers noticed, what was estimated."""
    rows = [("Form", note) for note in form.definition.notes]
    rows += list(extra)
    rows += [("Data", notice) for notice in dict.fromkeys(notices)]
    numbered = [(str(number), topic, note) for number, (topic, note) in enumerate(rows, start=1)]
    return pd.DataFrame(numbered, columns=["number", "topic", "note"])


def narrative_path(root: Path, period: ReturnPeriod, monitored: ReturnPeriod) -> Path:
    """Where officers' words for a period lie."""
    name = f"narrative-{period.kind}{period.number}.yaml"
    return root / "inputs" / "monitoring" / show_year(monitored.year) / name


def read_narrative(path: Path, root: Path, form: Form) -> pd.DataFrame:
    """Officers' words by heading; a heading without words says so, and invented words say what they are.

    One file holds the words of every form of the period: headings of other forms are left to them.

    Raises:
        InputError: a heading no form has, or words longer than the form gives room for.
    """
    allowed = form.definition.narrative
    content: Mapping[str, Any] = {}
    problems = Problems(InputError)
    if path.is_file():
        yaml, faults = load_yaml(path.read_bytes(), show_path(path, root))
        if yaml is None or faults:
            raise InputError(*faults)
        content = yaml.content
        elsewhere = {key for key in content if key not in allowed and key != BASIS}
        if elsewhere:
            elsewhere &= _headings(root)
        for key, text in content.items():
            place = yaml.place((key,), key=True)
            place = Place(file=place.file, line=place.line, column=place.column, path=key)
            if key == BASIS:
                if text not in (ACTUAL, INVENTED):
                    problems.add("HN706", "The words are not of this kind", place, found=repr(text)[:60],
                                 expected=f"{ACTUAL}, or {INVENTED}")  # fmt: skip
            elif key not in allowed and key not in elsewhere:
                problems.add(
                    "HN706", "The form has no such heading for words", place, found=key, expected=", ".join(allowed)
                )
            elif not isinstance(text, str) or not text.strip():
                problems.add("HN706", "Words are needed here", place, found=repr(text)[:60], do="Write them in quotes.")
            elif key in allowed and len(text) > allowed[key]:
                problems.add(
                    "HN715", "A text is too long for the form", place, found=f"{len(text):,} characters",
                    expected=f"at most {allowed[key]:,}", do="Shorten it: the form gives no more room.",
                )  # fmt: skip
    problems.raise_any()
    before = LABEL if content.get(BASIS) == INVENTED else ""
    rows = [
        (key, key.replace("_", " ").capitalize(), before + str(content[key]).strip() if key in content else NOT_WRITTEN)
        for key in allowed
    ]
    return pd.DataFrame(rows, columns=["key", "heading", "text"])


def _headings(root: Path) -> set[str]:
    """Every heading for words of every form there is."""
    return {key for name in list_forms(root) for key in load_form(root, name).definition.narrative}
