"""What the causes of a rise in spend cannot say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hnforecast.base.timeline import show_year
from hnforecast.writing.blocks import Points
from hnforecast.writing.figures import percent
from hnforecast.writing.style import millions

if TYPE_CHECKING:
    from hnforecast.questions.causes import Causes


def limits(causes: Causes) -> Points:
    """What a sceptical reader must be told, with the size of it where it can be given."""
    points = [
        "Place funding (line 1.0.2) is not in this spend, because it was not published by authority and year. Where a "
        "council opened places, part of the cost of special schools is missing here. Transport and casework are on the "
        "council's own budget and are not here either.",
        "What a placement costs is published by sector for 2021-22 only. The mix is weighed with those costs "
        "throughout: "
        "a change of one placement's price against another's counts as unit cost, not as mix.",
        "Cost of a like plan holds fees, rates, the needs of children within a placement, services that no plan drives "
        "(about the same for every plan here), late or early charging, and changes of recording. It is what is left "
        "when the rest is taken out, and not a price list.",
        "Plans were counted council by council to January 2022 and child by child from January 2023: the step between "
        "those two Januaries may be recording rather than children. Where a council moved plans between further "
        "education and not placed, the mix moves in that year and back in another.",
        f"Children are those aged 2 to 18: {_bases(causes)}.",
        "General inflation is the GDP deflator. It jumped in 2020-21 and stood still in 2021-22 because of how public "
        "services were measured in the pandemic: read those two years together.",
    ]
    if causes.weights is not None:
        points.append(
            f"{percent(causes.weights.unpriced)} of plans in January 2022 were in placements without a published cost "
            "(home, not placed, alternative provision, early years); they are weighed as the mean plan."
        )
    if not causes.mix_known:
        points.append(
            "The mix cannot be told apart for this authority: its lines or its placements were not published."
        )
    step = causes.rebasing
    if np.isfinite(step):
        money = abs(step) * float(causes.history.spend.mean())
        points.append(
            "Population estimates were rebased after the census of 2021: the first one after it lies "
            f"{percent(abs(step))} {'below' if step < 0 else 'above'} where growth before it was leading. As much as "
            f"£{millions(money)}m could move between more children and more plans for each child, and nothing else."
        )
    return Points(points)


def _bases(causes: Causes) -> str:
    spans: dict[str, list[str]] = {}
    for year, basis in zip(causes.history.years, causes.history.children.basis, strict=True):
        spans.setdefault(basis, []).append(show_year(year))
    return "; ".join(f"{', '.join(years)} {basis}" for basis, years in spans.items())
