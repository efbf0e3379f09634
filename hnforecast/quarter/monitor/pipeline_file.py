"""Reads inputs/monitoring/pipeline.yaml: rules of the queue as sourced values, and published points to compare with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field

from hnforecast.assumptions.fields import Day, MonthNumber, Number, Strict, Text
from hnforecast.assumptions.settings import read_settings_file
from hnforecast.assumptions.sourced import Sourced
from hnforecast.base.errors import InputError, Place, Problems, show_path
from hnforecast.base.timeline import Month, show_month
from hnforecast.quarter.monitor.pipeline import RULES, Pipeline, PipelineRun, Steps, run_pipeline
from hnforecast.quarter.monitor.queue import QueueState

FILE = "pipeline.yaml"
FIRST_AGE, LAST_AGE = 1, 8  # opening cases are even over these months of age
COUNTS = {"overdue", "reviews", "outstanding"}


class Opening(Strict):
    """The queue before its first month."""

    month: MonthNumber
    assessing: Sourced
    waiting: Sourced
    reviews: Sourced


class Rules(Strict):
    """One sourced value for each field of MonthRules."""

    requests: Sourced
    decisions: Sourced
    same_month: Sourced
    agreed_share: Sourced
    reconsidered_share: Sourced
    withdrawn_share: Sourced
    ready_share: Sourced
    capacity: Sourced
    in_time_share: Sourced
    issued_share: Sourced
    reviews_due: Sourced
    reviews_held: Sourced
    ceased_share: Sourced


class Target(Strict):
    """A published point."""

    what: Text
    measure: Literal[
        "overdue", "reviews", "outstanding", "timeliness", "completed", "issued", "refused_share", "decided_in_time"
    ]
    start: MonthNumber = Field(alias="from")
    end: MonthNumber = Field(alias="to")
    value: Number
    tolerance: Number
    label: Literal["calibrated to", "predicted"]
    source: Text
    published_on: Day
    mark: Literal["confirmed", "inferred", "unverified"]
    note: Text | None = None


class PipelineText(Strict):
    """The file as written."""

    opening: Opening
    rules: Rules
    request_sources: dict[str, Sourced]
    targets: list[Target] = Field(default_factory=list)


@dataclass(frozen=True)
class PipelineFile:
    """The file as read.

    Args:
        pipeline: at its opening.
        request_sources: column of the pipeline file -> share of requests.
        targets: published points.
        marks: rule -> mark, for the outputs that use it.
    """

    pipeline: Pipeline
    request_sources: Mapping[str, float]
    targets: tuple[Target, ...]
    marks: Mapping[str, str]

    def at(self, month: Month) -> Pipeline:
        """The queue carried from its opening to the end of a month by the file's rules."""
        if month <= self.pipeline.month:
            return self.pipeline
        run = run_pipeline(self.pipeline, month)
        return Pipeline(run.states[-1], month, self.pipeline.rules)


def load_pipeline(root: Path) -> PipelineFile | None:
    """Read the pipeline of a council; None where it has none, and then nothing of the queue is forecast.

    Raises:
        InputError: every problem of the file at once.
    """
    path = root / "inputs" / "monitoring" / FILE
    if not path.is_file():
        return None
    name = show_path(path, root)
    text = read_settings_file(path.read_bytes(), name, PipelineText, "pipeline")[0]
    problems = Problems(InputError)
    _check(text, Place(file=name), problems)
    problems.raise_any()
    return _pipeline(text)


def _check(text: PipelineText, place: Place, problems: Problems) -> None:
    """What single values cannot show: shares are shares, cases are not negative, sources add up."""
    for rule in RULES:
        sourced: Sourced = getattr(text.rules, rule)
        wanted = "share" if rule.endswith("share") or rule == "same_month" else "count"
        if sourced.unit != wanted:
            at = Place(file=place.file, path=f"rules.{rule}")
            problems.add("HN630", "The wrong unit", at, found=sourced.unit, expected=wanted)
        if sourced.file is not None or (sourced.by is not None and sourced.by_kind != "month"):
            at = Place(file=place.file, path=f"rules.{rule}")
            problems.add("HN630", "Give one value, or values by month", at, found=sourced.form)
    problems.raise_any()  # from here on every rule has values
    rules = text.rules
    lost = {
        "issued_share": min(_steps(rules.issued_share).by.values()) <= 0,
        "withdrawn_share": max(_steps(rules.withdrawn_share).by.values()) >= 1,
        "agreed_share": min(_steps(rules.agreed_share).by.values()) <= 0
        and min(_steps(rules.reconsidered_share).by.values()) <= 0,
    }
    for rule in (rule for rule, true in lost.items() if true):
        at = Place(file=place.file, path=f"rules.{rule}")
        problems.add("HN630", "No request would ever end in a plan", at, expected="some of each share left")
    whole = sum(sourced.at(0) for sourced in text.request_sources.values())
    if abs(whole - 1.0) > 1e-6:
        at = Place(file=place.file, path="request_sources")
        problems.add("HN630", "The sources of requests do not add up", at, found=f"{whole:g}", expected="1")


def _pipeline(text: PipelineText) -> PipelineFile:
    opening = text.opening
    start = QueueState.empty()
    assessing, waiting = start.assessing.copy(), start.waiting.copy()
    assessing[FIRST_AGE:LAST_AGE] = opening.assessing.at(0) / (LAST_AGE - FIRST_AGE)
    waiting[0] = opening.waiting.at(0)
    state = QueueState(waiting, assessing, start.refused, opening.reviews.at(0))
    rules = {rule: _steps(getattr(text.rules, rule)) for rule in RULES}
    shares = {name: sourced.at(0) for name, sourced in text.request_sources.items()}
    marks = {rule: str(getattr(text.rules, rule).mark) for rule in RULES}
    return PipelineFile(Pipeline(state, int(opening.month), rules), shares, tuple(text.targets), marks)


def _steps(sourced: Sourced) -> Steps:
    return Steps({0: sourced.at(0)}) if sourced.by is None else Steps(dict(sourced.by))


@dataclass(frozen=True)
class TargetResult:
    """A published point and what the queue gives."""

    target: Target
    ours: float

    @property
    def met(self) -> bool:
        """Whether it lies within its tolerance."""
        return abs(self.ours - self.target.value) <= self.target.tolerance

    @property
    def words(self) -> str:
        """The gap and its reason, where the file gives one."""
        reason = self.target.note
        gap = f"{self.target.what}: published {self.target.value:,g}, the queue gives {self.ours:,.0f}"
        return f"{gap}. {reason}." if reason else f"{gap}."

    @property
    def period(self) -> str:
        """Its months in words."""
        first, last = show_month(self.target.start), show_month(self.target.end)
        return first if first == last else f"{first} to {last}"


def compare_targets(file: PipelineFile) -> tuple[TargetResult, ...]:
    """The queue run over history against every published point."""
    if not file.targets:
        return ()
    run = run_pipeline(file.pipeline, max(int(target.end) for target in file.targets))
    return tuple(TargetResult(target, _measured(run, target)) for target in file.targets)


def _measured(run: PipelineRun, target: Target) -> float:
    months = range(int(target.start), int(target.end) + 1)
    if target.measure in COUNTS:
        state = run.states[run.months.index(int(target.end))]
        outstanding = float(state.waiting.sum() + state.assessing.sum())
        return {"overdue": state.overdue, "reviews": state.reviews, "outstanding": outstanding}[target.measure]
    if target.measure == "timeliness":
        return run.share_in_time(months)
    if target.measure == "refused_share":
        return run.total("refused", months) / run.total("requests", months)
    if target.measure == "decided_in_time":
        inside = [t for t, month in enumerate(run.months) if month in months]
        return float(np.nanmean(run.flow("decided_in_time")[inside]))
    return run.total(target.measure, months)
