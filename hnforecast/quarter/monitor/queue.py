"""The path to a plan as a queue of monthly cohorts: request -> decision -> assessment -> plan; annual reviews beside.

A cohort is the cases requested in one month; its age is whole months since. Nothing enters or leaves but by the
flows named:

    waiting + requests             = decided + waiting after
    assessed so far + agreed       = completed + still in assessment
    refused                        = reconsidered later + closed

Decisions are oldest first. Assessments are oldest first but for a share of capacity kept for cases still in time,
without which a council with any backlog would issue no plan in time at all, which is not what councils do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from hnforecast.base.axes import FloatArray

OLDEST = 36  # months; a case older than that stays in the last cohort
RECONSIDERED_AFTER = 4  # months from a refusal to mediation or a tribunal undoing it
WORK_MONTHS = 3  # advice and drafting: no assessment ends sooner after the request
ADVICE_MONTHS = 9  # from this age on all advice has come
WEEKS_A_MONTH = 365.25 / 12 / 7
SIX_WEEKS, TWENTY_WEEKS = 6 / WEEKS_A_MONTH, 20 / WEEKS_A_MONTH  # in months


@dataclass(frozen=True)
class QueueState:
    """Cases in the system at a month's end.

    Args:
        waiting: (age,) requests without a decision.
        assessing: (age,) agreed and not completed, age since the request.
        refused: (RECONSIDERED_AFTER,) refusals that will be undone, by months since the refusal.
        reviews: annual reviews overdue.
    """

    waiting: FloatArray
    assessing: FloatArray
    refused: FloatArray
    reviews: float

    @classmethod
    def empty(cls) -> QueueState:
        """Nobody waits."""
        return cls(np.zeros(OLDEST + 1), np.zeros(OLDEST + 1), np.zeros(RECONSIDERED_AFTER), 0.0)

    @property
    def overdue(self) -> float:
        """Assessments older than 20 weeks: the assessment backlog."""
        return float((self.assessing * _over(TWENTY_WEEKS)).sum())

    @property
    def oldest_weeks(self) -> float:
        """Age of the oldest case in assessment of which there is at least one half."""
        ages = np.nonzero(self.assessing >= 0.5)[0]
        return float(WEEKS_A_MONTH * (ages[-1] + 1)) if len(ages) else 0.0

    @property
    def cases(self) -> float:
        """Everybody in the system, reviews aside."""
        return float(self.waiting.sum() + self.assessing.sum() + self.refused.sum())

    def with_overdue(self, recorded: float) -> QueueState:
        """The same queue with its overdue cases as recorded; where it has none they are put at the age just overdue."""
        over = _over(TWENTY_WEEKS)
        assessing = self.assessing.copy()
        if self.overdue > 0:
            assessing = assessing * (1.0 - over) + assessing * over * (recorded / self.overdue)
        else:
            assessing[int(TWENTY_WEEKS) + 1] += recorded
        return replace(self, assessing=assessing)


@dataclass(frozen=True)
class MonthRules:
    """What governs one month.

    Args:
        requests: arriving.
        decisions: most that can be decided.
        same_month: share of a month's requests that can be decided in it.
        agreed_share: of those decided.
        reconsidered_share: of those refused, agreed later after mediation or appeal.
        withdrawn_share: of those agreed, leaving before an assessment ends.
        ready_share: of cases aged WORK_MONTHS to ADVICE_MONTHS, those whose advice is in and which can be completed.
        capacity: most assessments that can be completed.
        in_time_share: share of capacity kept for cases still within 20 weeks.
        issued_share: of assessments completed, plans issued.
        reviews_due: annual reviews falling due; reviews_held: most that can be held.
        ceased_share: of overdue reviews cleared, plans ceased.
    """

    requests: float
    decisions: float
    same_month: float
    agreed_share: float
    reconsidered_share: float
    withdrawn_share: float
    ready_share: float
    capacity: float
    in_time_share: float
    issued_share: float
    reviews_due: float
    reviews_held: float
    ceased_share: float


@dataclass(frozen=True)
class MonthFlows:
    """What happened in a month, in cases; the two shares are None where nothing was decided or issued."""

    requests: float
    agreed: float
    refused: float
    reconsidered: float
    withdrawn: float
    closed: float
    completed: float
    issued: float
    decided_in_time: float | None
    issued_in_time: float | None
    reviews_cleared: float
    ceased: float


def step_queue(state: QueueState, rules: MonthRules) -> tuple[QueueState, MonthFlows]:
    """One month of the queue."""
    waiting = _older(state.waiting)
    waiting[0] += rules.requests
    ready = waiting.copy()
    ready[0] *= rules.same_month
    decided = _oldest_first(ready, rules.decisions)
    waiting = waiting - decided
    agreed, refused = decided * rules.agreed_share, float(decided.sum() * (1.0 - rules.agreed_share))
    assessing = _older(state.assessing) + agreed * (1.0 - rules.withdrawn_share)
    reconsidered = float(state.refused[-1])
    assessing[0] += reconsidered * (1.0 - rules.withdrawn_share)
    undone = refused * rules.reconsidered_share
    pending = np.concatenate([[undone], state.refused[:-1]])
    completed = _complete(assessing, rules)
    reviews = state.reviews + rules.reviews_due
    held = min(reviews, rules.reviews_held)
    cleared = max(0.0, held - rules.reviews_due)
    after = QueueState(waiting, assessing - completed, pending, reviews - held)
    issued = completed * rules.issued_share
    flows = MonthFlows(
        requests=rules.requests,
        agreed=float(agreed.sum()),
        refused=refused,
        reconsidered=reconsidered,
        withdrawn=(float(agreed.sum()) + reconsidered) * rules.withdrawn_share,
        closed=refused - undone,
        completed=float(completed.sum()),
        issued=float(issued.sum()),
        decided_in_time=_in_time(decided, SIX_WEEKS),
        issued_in_time=_in_time(issued, TWENTY_WEEKS),
        reviews_cleared=cleared,
        ceased=cleared * rules.ceased_share,
    )
    return after, flows


def _complete(assessing: FloatArray, rules: MonthRules) -> FloatArray:
    """(age,) completed: the share kept for cases in time, then the rest oldest first, then whatever is ready."""
    ready = assessing.copy()
    ready[:WORK_MONTHS] = 0.0
    ready[WORK_MONTHS:ADVICE_MONTHS] *= rules.ready_share
    kept = ready.copy()
    kept[int(TWENTY_WEEKS) + 1 :] = 0.0
    in_time = _oldest_first(kept, rules.capacity * rules.in_time_share)
    rest = _oldest_first(ready - in_time, rules.capacity - float(in_time.sum()))
    return in_time + rest


def _oldest_first(ready: FloatArray, most: float) -> FloatArray:
    """(age,) taken from the oldest on, at most so many in all."""
    after = np.cumsum(ready[::-1])[::-1]
    older = after - ready  # those who come before this age
    taken: FloatArray = np.clip(most - older, 0.0, ready)
    return taken


def _older(cohorts: FloatArray) -> FloatArray:
    moved = np.zeros_like(cohorts)
    moved[1:] = cohorts[:-1]
    moved[-1] += cohorts[-1]
    return moved


def _over(limit: float) -> FloatArray:
    """(age,) share of a cohort older than a limit at a month's end: requests arrive evenly over their month."""
    ages = np.arange(OLDEST + 1)
    over: FloatArray = np.clip(ages + 1 - limit, 0.0, 1.0)
    return over


def _within(limit: float) -> FloatArray:
    """(age,) share done within a limit of those done so many months after: both days are even over their months.

    The time between is the age plus the difference of two even days, so triangular from age - 1 to age + 1; done in the
    month of the request it is under a month.
    """
    x = np.clip(limit - np.arange(OLDEST + 1), -1.0, 1.0)
    share: FloatArray = np.where(x <= 0, 0.5 * (1.0 + x) ** 2, 1.0 - 0.5 * (1.0 - x) ** 2)
    share[0] = 1.0 if limit >= 1 else share[0]
    return share


def _in_time(done: FloatArray, limit: float) -> float | None:
    total = float(done.sum())
    return float((done * _within(limit)).sum()) / total if total > 1e-9 else None
