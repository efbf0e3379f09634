"""From normals to values: intervals through a two-piece normal around their centre, drivers through a copula."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from hnforecast.assumptions import Interval, Sourced, Vintage
from hnforecast.base.axes import FloatArray
from hnforecast.engine.draws.drawn import Drawn

SHARE_UNITS = {"share": (0.0, 1.2)}  # delivery may run a little over 1; no share below 0


@dataclass(frozen=True)
class Repaired:
    """A correlation matrix and how far it was moved to be one: largest change of a cell."""

    matrix: FloatArray
    moved: float


def draw_values(
    vintage: Vintage, normals: FloatArray, pinned: Mapping[str, float], skip: tuple[str, ...] = ()
) -> Drawn:
    """Every uncertain value of a vintage.

    Args:
        vintage: intervals, drivers, correlations and the ledger from path to column.
        normals: (draws, 64) standard normals.
        pinned: paths a scenario sets for every draw alike.
        skip: paths whose drivers another part of the run draws (the demand path).
    """
    block = _correlate(vintage, normals)
    columns = vintage.uncertainty.columns
    values = {
        path: _spread(sourced, block[:, columns[path]])
        for path, sourced in vintage.values.items()
        if sourced.interval is not None and sourced.value is not None and path in columns and path not in pinned
    }
    factors: dict[str, FloatArray] = {}
    shifts: dict[str, FloatArray] = {}
    for name, driver in vintage.uncertainty.drivers.items():
        if driver.acts_on in skip or driver.acts_on in pinned or name not in columns:
            continue
        z = block[:, columns[name]]
        if driver.kind == "factor":
            factors[driver.acts_on] = np.exp(two_piece(0.0, _logged(driver.interval), z))
        else:
            shifts[driver.acts_on] = two_piece(0.0, driver.interval, z)
    return Drawn(normals.shape[0], values, factors, shifts, dict(pinned))


def two_piece(centre: float, interval: Interval, z: FloatArray) -> FloatArray:
    """Values whose median is the centre and whose interval holds the stated share, each side with its own spread."""
    reach = NormalDist().inv_cdf(0.5 + interval.level / 2.0)
    return centre + np.where(z < 0, (centre - interval.low) * z / reach, (interval.high - centre) * z / reach)


def _spread(sourced: Sourced, z: FloatArray) -> FloatArray:
    interval = sourced.interval
    if interval is None or sourced.value is None:
        return np.array([sourced.at(0)])
    low, high = SHARE_UNITS.get(sourced.unit, (0.0, np.inf))
    return np.clip(two_piece(sourced.value, interval, z), low, high)


def _logged(interval: Interval) -> Interval:
    return Interval(low=float(np.log(interval.low)), high=float(np.log(interval.high)), level=interval.level)


def _correlate(vintage: Vintage, normals: FloatArray) -> FloatArray:
    """The block with the named drivers correlated, in ledger order so that a later parameter moves no earlier one."""
    pairs = vintage.uncertainty.correlations
    columns = vintage.uncertainty.columns
    names = sorted({name for pair in pairs for name in pair.between if name in columns}, key=lambda name: columns[name])
    if not names:
        return normals
    wanted = np.eye(len(names))
    for pair in pairs:
        if all(name in names for name in pair.between):
            first, second = (names.index(name) for name in pair.between)
            wanted[first, second] = wanted[second, first] = pair.value
    chosen = [columns[name] for name in names]
    block = normals.copy()
    block[:, chosen] = normals[:, chosen] @ np.linalg.cholesky(nearest_correlation(wanted).matrix).T
    return block


def nearest_correlation(wanted: FloatArray) -> Repaired:
    """The wanted matrix if positive definite, else the nearest by clipping its spectrum, with the change reported."""
    spectrum, vectors = np.linalg.eigh(wanted)
    if spectrum.min() > 1e-10:
        return Repaired(wanted, 0.0)
    clipped = vectors @ np.diag(np.maximum(spectrum, 1e-8)) @ vectors.T
    scale = np.sqrt(np.diag(clipped))
    matrix = clipped / np.outer(scale, scale)
    return Repaired(matrix, float(np.abs(matrix - wanted).max()))


def path_normals(normals: FloatArray, first: int, columns: int, covariance: FloatArray) -> FloatArray:
    """(draws, horizon) joint normal path with a covariance, carried by its leading components.

    Args:
        normals: (draws, 64).
        first, columns: the columns of the block set aside for the path.
        covariance: (horizon, horizon); each horizon keeps its variance exactly, whatever the components left out.
    """
    spectrum, vectors = np.linalg.eigh(covariance)
    order = np.argsort(spectrum)[::-1][:columns]
    root = vectors[:, order] * np.sqrt(np.maximum(spectrum[order], 0.0))
    carried = np.sqrt(np.sum(root**2, axis=1))
    wanted = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    root = root * np.divide(wanted, carried, out=np.zeros_like(wanted), where=carried > 0)[:, None]
    path: FloatArray = normals[:, first : first + len(order)] @ root.T
    return path
