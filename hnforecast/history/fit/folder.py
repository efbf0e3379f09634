"""A draft vintage on disk: built and checked beside its place, scaled to the pooled forecast, then renamed into it.

Nothing that is there already is ever changed: not a vintage, signed off or draft, and not the measures of one.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hnforecast.assumptions import Vintage, load_vintage
from hnforecast.base.errors import InputError, Place, Problem, UsageError
from hnforecast.history.fit.fitted import DemandPath
from hnforecast.history.fit.proposal import Proposal
from hnforecast.history.fit.vintage import Carried, draft_texts

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
CLOSE = 1e-3  # plans may lie this far from the pooled forecast, as a share
GROWTH_BOUND = 0.5  # yearly growth of new-plan rates an assumption may hold

Written = tuple[Mapping[str, str], tuple[str, ...]]  # texts by file, and what a reader must know

# (vintage, plans wanted) -> (plans, multiplier on new plans that meets those wanted), each by January count.
# The cohort flow lies above this module, so the command hands it in.
Follow = Callable[[Vintage, Mapping[int, float]], tuple[Mapping[int, float], Mapping[int, float]]]


@dataclass(frozen=True)
class Targets:
    """What the pooled forecast says: total plans by January count, and the spread of yearly growth of new plans."""

    plans: Mapping[int, float]
    growth_sd: float | None


@dataclass(frozen=True)
class Settled:
    """A draft whose demand meets its targets.

    Args:
        vintage: loaded.
        path: how its demand was scaled.
        plans: January count -> plans of its cohort flow.
        notes: what a reader must know.
    """

    vintage: Vintage
    path: DemandPath
    plans: Mapping[int, float]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Draft:
    """A draft written.

    Args:
        folder: of the vintage.
        path: how its demand was scaled.
        plans: January count -> plans of the cohort flow of the draft.
        notes: what a reader must know, in sentences.
    """

    folder: Path
    path: DemandPath
    plans: Mapping[int, float]
    notes: tuple[str, ...]

    def at(self, census: int) -> dict[str, float]:
        """How one January was scaled."""
        path = self.path
        return {
            "rates_held_level": path.before[census],
            "pooled_forecast": path.targets[census],
            "growth": path.growth[census],
            "plans": self.plans[census],
        }


def check_name(root: Path, name: str) -> None:
    """Refuse a name that is not one, or that is taken.

    Raises:
        UsageError: with what to do.
    """
    place = Place(file="assumptions", path=name)
    if not NAME.fullmatch(name) or name == "measures":
        expected = "letters, digits, - and _, such as 2026-11"
        raise UsageError(Problem("HN378", "This cannot be the name of a vintage", place, name, expected))
    for folder in (root / "assumptions" / name, root / "assumptions" / "measures" / name):
        if folder.exists() or folder.is_symlink():
            do = "Give the draft another name with --vintage; nothing that is there is ever overwritten."
            found = folder.relative_to(root).as_posix()
            what = "There is such a vintage already, so nothing was written"
            raise UsageError(Problem("HN378", what, place, found, do=do))


def write_draft(
    root: Path, proposal: Proposal, carried: Carried, name: str, targets: Targets, follow: Follow, *, keep: bool = True
) -> Draft:
    """Write a draft vintage to assumptions/NAME, whole or not at all.

    Args:
        root: the project.
        proposal: fitted rates.
        carried: the vintage the rest is taken from, and today.
        name: of the draft.
        targets: the pooled forecast.
        follow: the cohort flow.
        keep: False builds, checks and scales the draft, and leaves nothing behind.

    Raises:
        UsageError: the name is taken.
        AssumptionError: the draft would not be sound, and why.
        InputError: new plans alone cannot follow the pooled forecast.
    """
    check_name(root, name)
    assumptions = root / "assumptions"
    stage = Path(tempfile.mkdtemp(prefix=".draft-", dir=assumptions if keep else None))
    try:
        settled = settle_demand(
            lambda path: draft_texts(proposal, carried, name, path),
            lambda texts: _build(stage, root, texts, name, carried),
            proposal.census,
            targets,
            follow,
        )
        if keep:
            check_name(root, name)  # again: another program may have taken it meanwhile
            _publish(stage, assumptions, name)
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    return Draft(assumptions / name, settled.path, settled.plans, settled.notes)


def settle_demand(
    make: Callable[[DemandPath], Written],
    build: Callable[[Mapping[str, str]], Vintage],
    census: int,
    targets: Targets,
    follow: Follow,
) -> Settled:
    """Write a draft twice: with new-plan rates held level, then with the growth that makes plans meet the targets.

    Args:
        make: a demand path -> texts of the draft, and what a reader must know.
        build: texts -> the draft loaded as any vintage is.
        census: the base January count.
        targets: the pooled forecast.
        follow: the cohort flow.

    Raises:
        AssumptionError: the draft would not be sound, and why.
        InputError: new plans alone cannot follow the pooled forecast.
    """
    vintage = build(make(DemandPath(targets.plans, {}, {}, targets.growth_sd))[0])
    before, factor = follow(vintage, targets.plans)
    growth, rate_factor = _growth(factor, census)
    path = DemandPath(targets.plans, before, growth, targets.growth_sd, rate_factor)
    texts, notes = make(path)
    vintage = build(texts)
    plans, _ = follow(vintage, {})
    _check_follows(plans, targets.plans)
    return Settled(vintage, path, plans, notes)


def _build(stage: Path, root: Path, texts: Mapping[str, str], name: str, carried: Carried) -> Vintage:
    """Write the files below a folder that looks like a project, and load them as any vintage is loaded."""
    for relative, text in texts.items():
        file = stage / "assumptions" / name / relative
        if relative.startswith("../"):
            file = stage / "assumptions" / relative.removeprefix("../")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
    shutil.copyfile(root / "assumptions" / "scenarios.yaml", stage / "assumptions" / "scenarios.yaml")
    return load_vintage(stage, name, codes=carried.vintage.codes, today=carried.today)


def _growth(factor: Mapping[int, float], census: int) -> tuple[dict[int, float], float]:
    """Multipliers on the rate of the base year as yearly growth, and what the rate itself must be multiplied by first.

    Where a year's new plans and exits do not explain its stock, the first year may need more growth than an assumption
    may hold: the rest then goes into the level of the rate, and is told.
    """
    first = factor[min(factor)]
    level = first / min(max(first, 1.0 - GROWTH_BOUND), 1.0 + GROWTH_BOUND)
    growth, before = {}, level
    for year in sorted(factor):
        growth[year] = factor[year] / before - 1.0
        before = factor[year]
    beyond = {year: value for year, value in growth.items() if abs(value) > GROWTH_BOUND + 1e-9}
    if beyond:
        raise InputError(
            Problem(
                "HN377",
                "New plans alone cannot follow the pooled forecast",
                Place(path=f"January {census}"),
                found="; ".join(f"January {year}: {value:+.0%} new plans" for year, value in beyond.items()),
                expected=f"at most {GROWTH_BOUND:.0%} either way in a year",
                do="Look for a change in exits or in recording in the last two years, or choose another --census.",
            )
        )
    return growth, level


def _check_follows(plans: Mapping[int, float], targets: Mapping[int, float]) -> None:
    worst = max((abs(plans[year] / target - 1.0), year) for year, target in targets.items())
    if worst[0] > CLOSE:
        raise InputError(
            Problem(
                "HN377",
                "New plans alone cannot follow the pooled forecast",
                Place(path=f"January {worst[1]}"),
                found=f"{plans[worst[1]]:,.0f} plans",
                expected=f"{targets[worst[1]]:,.0f}, within {CLOSE:.1%}",
                do="Choose another count with --census.",
            )
        )


def _publish(stage: Path, assumptions: Path, name: str) -> None:
    """Measures first: a vintage is seen once its manifest is there, and then it is whole."""
    measures = stage / "assumptions" / "measures" / name
    moved = measures.is_dir()
    if moved:
        (assumptions / "measures").mkdir(exist_ok=True)
        measures.rename(assumptions / "measures" / name)
    try:
        (stage / "assumptions" / name).rename(assumptions / name)
    except OSError:
        if moved:  # ours: whoever else had put measures there, ours would not have moved
            shutil.rmtree(assumptions / "measures" / name, ignore_errors=True)
        raise
