"""How far authorities differ, so how many plans' worth England's rate counts for one of them: empirical Bayes.

Counts whose authorities' factors are Gamma(k, k) are negative binomial with dispersion 1 / k, which statsmodels fits;
shares that differ as a Beta are overdispersed binomials, whose dispersion a binomial model gives.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hnforecast.base.axes import AGES, FloatArray
from hnforecast.history.fit.ages import AgeSteps, year_older
from hnforecast.history.fit.cohorts import OPEN_AGES
from hnforecast.history.fit.exits import SHRINKAGE

CEASED = "ceased_plans_by_la_age_tenure_placement_2023_2024"
SINGLE = "ehcp_by_la_single_age_placement_2024_2025"
BANDS = "ehcp_by_la_age_band_2010_2025"
LEAST_EXPECTED = 5.0  # exits expected of an authority, below which it says nothing of how authorities differ
LEAST_AUTHORITIES = 12
HEAVIEST = 10_000.0  # authorities that do not differ at all
EXIT_BANDS = {"16_19": (16, 20), "20_25": (20, AGES)}


@dataclass(frozen=True)
class Weights:
    """Weights of England, in counts, and how exits change from year to year.

    Args:
        exits: at least the default; as estimated in `exits_seen` (None where the panel cannot say).
        yearly_exits: sd of the log of an authority's exits against England's between two years, chance taken off; None
            where two years are not known.
    """

    exits: float
    exits_seen: float | None
    yearly_exits: float | None

    @property
    def lasting_exits(self) -> float | None:
        """Relative sd of an authority's lasting factor on exits after one year is seen; None where it cannot be told.

        Authorities differ in a year by 1 / k, of which yearly_exits^2 does not last; one year seen tells that much.
        """
        if self.exits_seen is None or self.yearly_exits is None:
            return None
        passing = self.yearly_exits**2
        lasting = max(1.0 / self.exits_seen - passing, 0.25 * passing)  # two years tell little: never nearly nil
        return float(np.sqrt(lasting * passing / (lasting + passing))) if passing > 0 else None


def exit_weights(frames: Mapping[str, pd.DataFrame], steps: AgeSteps, census: int) -> Weights:
    """Estimate from every authority of a panel cut at a January count, in the last year published for all of them.

    Args:
        frames: as `history.known_frames` gives them.
        steps: takes plans ceased to the ages of the count that follows.
        census: the base January count.
    """
    ceased, single = frames.get(CEASED), frames.get(SINGLE)
    yearly = _yearly_exits(ceased, frames.get(BANDS))
    if ceased is None or single is None:
        return Weights(SHRINKAGE, None, yearly)
    years = sorted(set(ceased["year"]) & {year for year in single["year"] if year < census})
    if not years:
        return Weights(SHRINKAGE, None, yearly)
    stock = _by_authority(single[single["year"] == years[-1]], "ehcplans")
    exits = _exits(ceased[ceased["year"] == years[-1]])
    both = sorted(stock.keys() & exits.keys())
    if not both:
        return Weights(SHRINKAGE, None, yearly)
    ages = slice(16, OPEN_AGES)  # older ages are one bucket
    left = np.stack([(steps.ceased @ exits[code])[ages] for code in both])
    there = np.stack([year_older(stock[code])[ages] for code in both])
    rate = left.sum(axis=0) / np.maximum(1.0, there.sum(axis=0))
    seen, expected = left.sum(axis=1), there @ rate
    found = factor_weight(seen, expected)
    return Weights(max(SHRINKAGE, found or 0.0), found, yearly)


def factor_weight(seen: FloatArray, expected: FloatArray) -> float | None:
    """The k at which the counts are likeliest: seen ~ Poisson(factor x m x expected), factor ~ Gamma(k, k).

    Args:
        seen: (authority,) counts; expected: (authority,) at England's rate.

    Returns:
        None where there are too few authorities to say.
    """
    enough = expected >= LEAST_EXPECTED
    if int(enough.sum()) < LEAST_AUTHORITIES:
        return None
    from statsmodels.discrete.discrete_model import NegativeBinomial

    ones = np.ones((int(enough.sum()), 1))
    model = NegativeBinomial(np.round(seen[enough]), ones, offset=np.log(expected[enough]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a dispersion at its bound warns, and is what is asked for
        fitted = model.fit(disp=0, start_params=np.array([0.0, 0.1]))
    dispersion = float(fitted.params[-1])
    return HEAVIEST if not dispersion > 1.0 / HEAVIEST else 1.0 / dispersion


def share_weight(agreed: FloatArray, asked: FloatArray) -> float | None:
    """The weight w of a Beta(w p, w (1 - p)) between authorities, from the dispersion of a binomial model.

    Args:
        agreed: (authority,) successes; asked: (authority,) trials.

    Returns:
        None where there are too few authorities to say.
    """
    enough = (asked >= LEAST_EXPECTED) & (agreed >= 0) & (agreed <= asked)
    agreed, asked = agreed[enough], asked[enough]
    if len(asked) < LEAST_AUTHORITIES or not 0 < agreed.sum() < asked.sum():
        return None
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    fitted = GLM(np.column_stack([agreed, asked - agreed]), np.ones((len(asked), 1)), family=Binomial()).fit()
    dispersion = float(fitted.pearson_chi2) / float(fitted.df_resid)
    typical = (asked.sum() - (asked**2).sum() / asked.sum()) / (len(asked) - 1.0)
    correlation = (dispersion - 1.0) / (typical - 1.0)
    return HEAVIEST if correlation <= 1.0 / HEAVIEST else float(max(1.0, 1.0 / correlation - 1.0))


def _by_authority(frame: pd.DataFrame, column: str) -> dict[str, FloatArray]:
    found: dict[str, FloatArray] = {}
    for code, age, value in zip(frame["old_la_code"], frame["age"], frame[column], strict=True):
        if code and not pd.isna(value):
            found.setdefault(str(code), np.zeros(AGES))[min(int(age), AGES - 1)] += float(value)
    return found


def _exits(frame: pd.DataFrame) -> dict[str, FloatArray]:
    """(age,) plans ceased other than by transfer, by authority."""
    ages = frame[(frame["breakdown_topic"] == "Age plan ceased") & (frame["old_la_code"].fillna("") != "")]
    first = ages["breakdown"].astype(str).str.extract(r"(\d+)", expand=False)
    known = ages.assign(age=first, exits=ages["total_ceased"].fillna(0.0) - ages["transfer"].fillna(0.0))
    known = known[first.notna()]
    return _by_authority(known.assign(age=known["age"].astype(int)), "exits")


def _yearly_exits(ceased: pd.DataFrame | None, bands: pd.DataFrame | None) -> float | None:
    """How far the exits of an authority from 16 move against England's from one year to the next, beyond chance."""
    if ceased is None or bands is None:
        return None
    years = sorted(set(ceased["year"]))[-2:]
    if len(years) < 2:
        return None
    logs: list[dict[str, tuple[float, float]]] = []
    for year in years:
        exits = _exits(ceased[ceased["year"] == year])
        named = bands[bands["old_la_code"].fillna("") != ""]
        stock = named[(named["year"] == year) & named["age_band"].isin(EXIT_BANDS)]
        open_plans = stock.groupby("old_la_code")["plans_total"].sum()
        rows = {
            code: (float(ages[16:].sum()), float(open_plans.get(code, 0.0)))
            for code, ages in exits.items()
            if ages[16:].sum() >= LEAST_EXPECTED and open_plans.get(code, 0.0) > 0
        }
        logs.append(rows)
    both = sorted(logs[0].keys() & logs[1].keys())
    if len(both) < LEAST_AUTHORITIES:
        return None
    change = np.array([np.log(_ratio(logs[1][code]) / _ratio(logs[0][code])) for code in both])
    chance = float(np.mean([1.0 / logs[0][code][0] + 1.0 / logs[1][code][0] for code in both]))
    # by quantiles: a few authorities cleared old plans. A normal holds 80% within 2.563 sd
    spread = float(np.subtract(*np.quantile(change, [0.9, 0.1]))) / 2.563
    # a change is the difference of two years, each with half of its variance
    return float(np.sqrt(max(0.0, spread**2 - chance) / 2.0))


def _ratio(pair: tuple[float, float]) -> float:
    return pair[0] / pair[1]
