"""Rules on time: the base years are there, nothing is dated after today, and hindsight is owned up to."""

from __future__ import annotations

from fnmatch import fnmatchcase

from hnforecast.assumptions.draft import Draft
from hnforecast.base.axes import AGES
from hnforecast.base.errors import Place, Problems
from hnforecast.base.timeline import month, show_month, show_year


def check_manifest(draft: Draft, problems: Problems) -> None:
    """The manifest is of the folder it lies in, and supersedes another vintage."""
    manifest = draft.groups["manifest"]
    if manifest.vintage != draft.text.name:
        place = draft.place("manifest", "vintage", key=False)
        what = "the manifest is of another vintage than its folder"
        problems.add("HN164", what, place, found=manifest.vintage, expected=draft.text.name)
    if manifest.supersedes == manifest.vintage:
        place = draft.place("manifest", "supersedes", key=False)
        problems.add("HN164", "a vintage cannot supersede itself", place, found=manifest.vintage)


def check_tables_declared(draft: Draft, problems: Problems) -> None:
    """Every CSV of the vintage is named by a parameter, which gives its unit and source."""
    named = {sourced.file for sourced in draft.values.values()}
    if not draft.whole:
        return  # a file that could not be read may well name the tables
    for name in draft.text.tables:
        if name not in named:
            do = "Name it with `file:` in a YAML, with unit and source; or delete it."
            what = "no parameter names this table"
            problems.add("HN131", what, Place(file=f"{draft.text.label}/{name}"), do=do)


def check_dates(draft: Draft, problems: Problems) -> None:
    """Nothing was published after today."""
    for path, sourced in draft.values.items():
        if sourced.published_on > draft.today:
            place = draft.place(*draft.keys[path], "published_on", key=False)
            found = sourced.published_on.isoformat()
            problems.add("HN148", "published in the future", place, found=found, expected="a day up to today")


def check_hindsight(draft: Draft, problems: Problems) -> None:
    """Whatever was published after the vintage's date is listed, with a reason; every listing stands for something."""
    manifest = draft.groups["manifest"]
    entries = manifest.hindsight
    for path, sourced in draft.values.items():
        later = manifest.as_at < sourced.published_on <= draft.today
        if later and not any(covers(entry.path, path) for entry in entries):
            place = draft.place(*draft.keys[path], "published_on", key=False)
            what = f"published after the vintage's date ({manifest.as_at.isoformat()}), and not listed as hindsight"
            do = f"Use what was known then, or add {path} to `hindsight` in manifest.yaml and say why."
            problems.add("HN149", what, place, found=sourced.published_on.isoformat(), do=do)
    if not draft.whole:
        return
    for number, entry in enumerate(entries):
        covered = [sourced for path, sourced in draft.values.items() if covers(entry.path, path)]
        place = draft.place("manifest", "hindsight", number, "path", key=False)
        if not covered:
            problems.add("HN150", "hindsight is listed for a value that does not exist", place, found=entry.path)
        elif all(sourced.published_on <= manifest.as_at for sourced in covered):
            what = "hindsight is listed for a value that was already known"
            do = "Delete the entry."
            problems.add("HN150", what, place, found=entry.path, do=do)


def covers(pattern: str, path: str) -> bool:
    """Whether a path, or a pattern with *, names a parameter."""
    return path == pattern or fnmatchcase(path, pattern)


def check_population_years(draft: Draft, problems: Problems) -> None:
    """Residents are known from the September before the first January count to the last forecast September."""
    manifest, table = draft.groups["manifest"], draft.groups["population"].children.table
    if table is None:
        return
    first = manifest.base_census - 2
    last = manifest.first_forecast_year + manifest.horizon_years - 1
    missing = [year for year in range(first, last + 1) if year not in {row["year"] for row in table.rows}]
    if missing:
        place = draft.place("population", "children")
        what = f"mid-years are missing for a forecast of {manifest.horizon_years} years"
        found = f"no {', '.join(map(str, missing[:5]))}{' ...' if len(missing) > 5 else ''}"
        problems.add("HN146", what, place, found=found, expected=f"{first} to {last}, ages 0 to {AGES - 1}")


def check_censuses(draft: Draft, problems: Problems) -> None:
    """Opening plans are known at the base January count and the one before, and at no other."""
    manifest, table = draft.groups["manifest"], draft.groups["flows"].opening_plans.table
    if table is None:
        return
    wanted = {manifest.base_census - 1, manifest.base_census}
    found = {row["census_year"] for row in table.rows}
    if found != wanted:
        what = "opening plans are needed for two January counts: the base one and the one before"
        said, expected = ", ".join(map(str, sorted(found))), ", ".join(map(str, sorted(wanted)))
        problems.add("HN146", what, draft.place("flows", "opening_plans"), found=said, expected=expected)


def check_balances(draft: Draft, problems: Problems) -> None:
    """The balance is known when the base outturn year closes; an unpublished opening is worked back."""
    base, balance = draft.groups["manifest"].base_outturn, draft.groups["support"].balance.by
    if balance is None or balance.kind != "month":
        return
    wanted = month(base + 1, 3)
    if wanted not in balance:
        what = f"no balance for the month in which the base outturn year {show_year(base)} closes"
        found = ", ".join(show_month(key) for key in balance)
        problems.add("HN146", what, draft.place("support", "balance"), found=found, expected=show_month(wanted))
