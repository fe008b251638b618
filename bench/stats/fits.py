"""Curves that are fitted to what was measured: power laws of cost, and of error against training rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bench.stats.intervals import Interval

FloatArray = npt.NDArray[np.float64]

N_RESAMPLES = 500
FEWEST_SUBSETS = 5
"""With fewer, drawing them again says nothing of how much they vary."""
FURTHEST = 10.0
"""Curves are followed to so many times the most rows that were measured."""


class Power(NamedTuple):
    """y = factor * x ** exponent.

    Parameters
    ----------
    factor, exponent : float
    interval : Interval or None
        95 %, of the exponent; None: with fewer than three points there is none.
    """

    factor: float
    exponent: float
    interval: Interval | None


def fit_power(x: FloatArray, y: FloatArray) -> Power:
    """Fit a power law by least squares of logarithms, with Student's t interval of the exponent.

    Parameters
    ----------
    x, y : float array, shape (n_points,)
        Above 0; two points or more.

    Examples
    --------
    >>> power = fit_power(np.array([1.0, 2.0, 4.0]), np.array([3.0, 6.0, 12.0]))
    >>> round(power.factor, 6), round(power.exponent, 6)
    (3.0, 1.0)
    """
    from scipy.stats import linregress, t

    line = linregress(np.log(x), np.log(y))
    interval = None
    if len(x) > 2:
        half = float(t.ppf(0.975, len(x) - 2) * line.stderr)
        interval = Interval(float(line.slope) - half, float(line.slope) + half)
    return Power(float(np.exp(line.intercept)), float(line.slope), interval)


@dataclass(frozen=True)
class LearningCurve:
    """error = floor + factor * rows ** -exponent, with curves of resampled measurements.

    Parameters
    ----------
    floor, factor, exponent : float
    resampled : tuple of tuple of float
        The same three of each resample.
    largest_miss : float
        The furthest that the curve is from a mean error that was measured. Where it is large, the error does not fall
        like a power law, and what the curve says beyond the rows that were measured is worth nothing.

    References
    ----------
    C. Cortes et al., "Learning curves: asymptotic values and rate of convergence", NIPS 1993. B. Gu, F. Hu and H. Liu,
    "Modelling classification performance for large data sets", WAIM 2001: power laws with an offset fit best.
    """

    floor: float
    factor: float
    exponent: float
    resampled: tuple[tuple[float, float, float], ...] = ()
    largest_miss: float = 0.0

    def error(self, rows: float | FloatArray) -> float | FloatArray:
        """Return the error with so many training rows."""
        return _power_law(rows, self.floor, self.factor, self.exponent)

    def floor_interval(self) -> Interval | None:
        """95 % interval of the error that no number of rows gets below; None: there are too few subsets for one."""
        if not self.resampled:
            return None
        low, high = np.quantile([floor for floor, _, _ in self.resampled], [0.025, 0.975])
        return Interval(float(low), float(high))


def fit_learning_curve(rows: FloatArray, errors: FloatArray) -> LearningCurve:
    """Fit a power law with an offset to errors; intervals come from drawing the subsets again (bootstrap).

    Parameters
    ----------
    rows : float array, shape (n_sizes,)
        Training rows, three numbers or more.
    errors : float array, shape (n_sizes, n_subsets)
        Shares of errors.
    """
    random = np.random.default_rng(0)
    n_subsets = errors.shape[1]
    means = errors.mean(axis=1)
    fitted = _fit(rows, means)
    miss = float(np.abs(_power_law(rows, *fitted) - means).max())
    draws = random.integers(n_subsets, size=(N_RESAMPLES if n_subsets >= FEWEST_SUBSETS else 0, n_subsets))
    resampled = tuple(_fit(rows, errors[:, draw].mean(axis=1)) for draw in draws)
    return LearningCurve(*fitted, resampled, miss)


@dataclass(frozen=True)
class Crossing:
    """Where a learning curve gets below another.

    Parameters
    ----------
    rows : float or None
        0: it is below from the fewest rows on. None: it is not within ten times the rows that were measured.
    interval : Interval or None
        95 %; its upper end is infinite where more than 2.5 % of the resampled curves do not cross. None: there is no
        crossing in more than half of them.
    share : float or None
        The share of resampled curves that get below within ten times the rows; None: there are too few subsets.
    """

    rows: float | None
    interval: Interval | None
    share: float | None


def crossing(curve: LearningCurve, other: LearningCurve, least_rows: float, most_rows: float) -> Crossing:
    """Return where a curve that begins above another gets below it, up to ten times the rows that were measured.

    Parameters
    ----------
    curve, other : LearningCurve
        Of subsets drawn alike: resample i of one goes with resample i of the other.
    least_rows, most_rows : float
        That were measured.
    """
    grid = np.geomspace(least_rows, FURTHEST * most_rows, 400)

    def first_below(a: tuple[float, float, float], b: tuple[float, float, float]) -> float:
        below = np.asarray(_power_law(grid, *a)) < np.asarray(_power_law(grid, *b))
        if below.all():
            return 0.0
        return float(grid[np.flatnonzero(~below)[-1] + 1]) if below[-1] else np.inf

    rows = first_below(*((c.floor, c.factor, c.exponent) for c in (curve, other)))
    found = np.array([first_below(a, b) for a, b in zip(curve.resampled, other.resampled, strict=True)])
    if len(found) == 0:
        return Crossing(rows if np.isfinite(rows) else None, None, None)
    share = float(np.isfinite(found).mean())
    low, high = np.quantile(found, [0.025, 0.975], method="inverted_cdf")
    interval = Interval(float(low), float(high)) if share > 0.5 else None
    return Crossing(rows if np.isfinite(rows) else None, interval, share)


def _fit(rows: FloatArray, errors: FloatArray) -> tuple[float, float, float]:
    """Least squares over a grid of exponents, each with the best floor (0 or more) and factor."""
    from scipy.optimize import nnls

    best: tuple[float, tuple[float, float, float]] = (np.inf, (0.0, 0.0, 1.0))
    for exponent in np.linspace(0.05, 2.0, 79):
        columns = np.stack([np.ones(len(rows)), rows**-exponent], axis=1)
        (floor, factor), residual = nnls(columns / np.maximum(errors, 1e-6)[:, None], np.ones(len(rows)))
        if residual < best[0]:
            best = (residual, (float(floor), float(factor), float(exponent)))
    return best[1]


def _power_law(rows: float | FloatArray, floor: float, factor: float, exponent: float) -> float | FloatArray:
    return floor + factor * rows**-exponent
