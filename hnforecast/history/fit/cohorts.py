"""What joined and what left each cohort of an authority between two January counts, estimated together.

Four published flows and two counts must agree at every age:

    after[c] = before[c-1] + new[c] - ceased[c] + moved_in[c] - moved_out[c] + missed[c]

What disagrees is shared: each flow takes in proportion to its own variance, and recording, as far as authorities'
cohorts differ by more than their flows can, keeps the rest. So a flow whose ages are off is mended by the counts, and a
fault of recording does not become a rate. Plans that move in from another authority are published nowhere as such:
their number is what the identity over all ages asks for beside plans moved out, their ages those of England's moves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hnforecast.base.axes import AGES, FloatArray
from hnforecast.history.fit.ages import AgeSteps, year_older

OPEN_AGES = 19  # from here ages of ceasing are one bucket, so the cohorts alone say where its plans ceased
# sd of what recording moves in a cohort, of its plans. Over 110 authorities, ages 5 to 17 of 2024, the typical gap is
# no larger than the chance of its flows up to 400 plans, and 1.1% above that
RECORDING = 0.005
LEAST = 1.0


@dataclass(frozen=True)
class Flows:
    """Flows of a year by age at the January count that ends it, each (age,).

    Args:
        before: plans of the opening count, a year older.
        new, ceased, moved_in, moved_out: of the year.
        missed: what recording keeps: the count less all of them.
    """

    before: FloatArray
    new: FloatArray
    ceased: FloatArray
    moved_in: FloatArray
    moved_out: FloatArray
    missed: FloatArray

    @property
    def ceasing(self) -> FloatArray:
        """Share of each cohort that ceased."""
        share = np.divide(self.ceased, self.before, out=np.zeros(AGES), where=self.before > 0)
        return np.clip(share, 0.0, 0.95)


@dataclass(frozen=True)
class Published:
    """What an authority, or England, published of a year, each (age,) at ages as published.

    Args:
        before, after: plans at the two counts, by age on 31 August.
        new: new plans; ceased: other than by transfer; moved_out: by transfer to another authority. The last two with
            20 and over at 20; None where they were not published.
    """

    before: FloatArray
    after: FloatArray
    new: FloatArray
    ceased: FloatArray
    moved_out: FloatArray


def estimate_flows(found: Published, steps: AgeSteps, moves: FloatArray, recording: float = RECORDING) -> Flows:
    """Flows that agree with the counts.

    Args:
        found: of the authority.
        steps: from ages published to ages of the count.
        moves: (age,) England's transfers at the ages of the count, the profile of who moves in.
        recording: sd of a cohort's fault of recording, as a share of its plans.
    """
    older = year_older(found.before)
    new, out = steps.new @ found.new, steps.moved @ spread_open_ages(found.moved_out, older)
    asked = found.after.sum() - found.before[: AGES - 1].sum() - found.new.sum() + found.ceased.sum() + out.sum()
    moved_in = max(0.0, float(asked)) * moves / max(float(moves.sum()), 1e-9)
    ceased = steps.ceased @ found.ceased
    ceased[OPEN_AGES:] = 0.0
    left = np.maximum(0.0, older + new + moved_in - out - found.after)
    left[:OPEN_AGES] = 0.0
    rest = max(0.0, float(found.ceased.sum() - ceased.sum()))
    if left.sum() > 0:
        ceased += left * min(1.0, rest / float(left.sum()))
    return _agree(Flows(older, new, ceased, moved_in, out, np.zeros(AGES)), found.after, recording)


def flows_by_identity(
    before: FloatArray, after: FloatArray, joined: FloatArray, curve: FloatArray, weight: float
) -> Flows:
    """Flows of a year whose plans ceased were not published: England's ages of ceasing, at the level the counts ask.

    Args:
        before, after: (age,) plans at the two counts; joined: new plans at the ages of the count.
        curve: England's share that ceases; weight: of England, in exits.
    """
    older, nothing = year_older(before), np.zeros(AGES)
    seen = max(0.0, float(before.sum() + joined.sum() - after.sum()))
    expected = curve * older
    ceased = expected * (weight + seen) / (weight + float(expected.sum()))
    return Flows(older, joined, ceased, nothing, nothing, after - older - joined + ceased)


def spread_open_ages(flow: FloatArray, stock: FloatArray) -> FloatArray:
    """A flow whose last age holds everybody older, spread over those ages as the plans are; (age,)."""
    spread = flow.copy()
    older = stock[20:]
    if older.sum() > 0:
        spread[20:] = flow[20:].sum() * older / older.sum()
    return spread


def _agree(flows: Flows, after: FloatArray, recording: float) -> Flows:
    """Share what disagrees at each age by variance: counts of events by their number, recording by the stock."""
    joined = flows.new + flows.moved_in
    left = flows.ceased + flows.moved_out
    gap = after - flows.before - joined + left
    by_chance = np.maximum(joined + left, LEAST)
    fault = (recording * (flows.before + after) / 2.0) ** 2 + LEAST
    taken = gap * by_chance / (by_chance + fault)

    def part(flow: FloatArray, sign: float) -> FloatArray:
        return np.maximum(0.0, flow + sign * taken * flow / by_chance)

    new, moved_in = part(flows.new, 1.0), part(flows.moved_in, 1.0)
    ceased, moved_out = part(flows.ceased, -1.0), part(flows.moved_out, -1.0)
    missed = after - flows.before - new - moved_in + ceased + moved_out
    return Flows(flows.before, new, ceased, moved_in, moved_out, missed)
