"""Placements that were recorded anew between two counts: the earlier count put as the later one has it.

Units and resourced provision stand at mainstream schools, and a council that codes its units properly moves hundreds of
plans between two columns without moving a child. Read as moves they would be repeated every September. So where the two
placements together change little and one of them changes much, they are fitted together: the earlier count keeps their
sum at every age, shared as the same children are recorded a year later.
"""

from __future__ import annotations

import numpy as np

from hnforecast.base.axes import FloatArray
from hnforecast.base.codes import Codes

# Groups of the DfE whose columns are apart although the children sit in the same schools.
TOGETHER = (1, 2)  # order of the DfE's groups: mainstream, and resourced provision or units at mainstream schools
ALONE = 0.25  # change of one of them, in logs, above which...
SUM = 0.10  # ...a change of their sum below this is recording


def as_recoded_later(before: FloatArray, after: FloatArray, codes: Codes) -> tuple[FloatArray, bool]:
    """The earlier count as the later one records it, and whether anything was changed.

    Args:
        before, after: (age, placement) two January counts a year apart.
    """
    groups = [codes.group_order.index(codes.groups[name]) + 1 for name in codes.placements]
    positions = [position for position, group in enumerate(groups) if group in TOGETHER]
    was, now = before[:, positions], after[:, positions]
    if not _recoded(was, now):
        return before, False
    size = now.sum(axis=1, keepdims=True)
    share = np.where(size > 0, now / np.maximum(size, 1e-9), now.sum(axis=0) / now.sum())
    share[:-1] = share[1:]  # the same children, a year older
    put = before.copy()
    put[:, positions] = was.sum(axis=1, keepdims=True) * share
    return put, True


def _recoded(was: FloatArray, now: FloatArray) -> bool:
    if min(was.sum(axis=0).min(), now.sum(axis=0).min()) <= 0:
        return False
    alone = np.abs(np.log(now.sum(axis=0) / was.sum(axis=0))).max()
    return bool(alone > ALONE and abs(float(np.log(now.sum() / was.sum()))) < SUM)
