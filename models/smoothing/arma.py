"""Seasonal ARMA processes: conditional least squares and forecasts, both by linear filters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.optimize import least_squares
from scipy.signal import lfilter
from statsmodels.tsa.statespace.tools import constrain_stationary_univariate

from ..arrays import FloatArray

NEAREST_ROOT = 1.01
"""A process with a root nearer to the unit circle is not chosen."""


class Orders(NamedTuple):
    """Orders of autoregression and moving average, from step to step and from season to season."""

    p: int
    q: int
    seasonal_p: int
    seasonal_q: int


@dataclass(frozen=True)
class Process:
    """ar(B) (w - mean) = ma(B) e, where B takes a value to the one before and e are independent errors.

    Parameters
    ----------
    ar, ma : float64 arrays
        Coefficients of the powers of B from 0 on, the seasonal ones multiplied in; the first is 1.
    mean : float
    variance : float
        Of the errors.
    """

    ar: FloatArray
    ma: FloatArray
    mean: float
    variance: float

    def forecast(self, values: FloatArray, horizon: int) -> FloatArray:
        """Forecast with all errors to come at 0, shape (horizon,)."""
        errors = lfilter(self.ar, self.ma, values - self.mean)
        continued: FloatArray = lfilter(self.ma, self.ar, np.concatenate([errors, np.zeros(horizon)]))
        return continued[len(values) :] + self.mean

    def deviations(self, horizon: int, differences: tuple[int, ...]) -> FloatArray:
        """Return standard deviations of the errors of forecasts, once differences over these lags are undone.

        References
        ----------
        G. E. P. Box, G. M. Jenkins, G. C. Reinsel and G. M. Ljung, Time Series Analysis, 5th edition, Wiley 2015,
        section 5.1.1: psi weights.
        """
        ar = self.ar
        for lag in differences:
            ar = np.convolve(ar, [1.0, *np.zeros(lag - 1), -1.0])
        weights = lfilter(self.ma, ar, np.concatenate([[1.0], np.zeros(horizon - 1)]))
        return np.sqrt(self.variance * np.cumsum(weights**2))


def fit(values: FloatArray, orders: Orders, season_length: int, with_mean: bool) -> tuple[Process, float]:
    """Fit a stationary and invertible process by conditional least squares: values before the first are at the mean.

    Returns
    -------
    Process
    float
        AICc, to compare processes of the same values; infinite: not to be chosen.
    """
    mean = float(values.mean()) if with_mean else 0.0
    centred = values - mean
    scale = float(np.sqrt(np.mean(centred**2))) or 1.0
    n_coefficients = sum(orders)
    free = np.zeros(0)

    def errors(free: FloatArray) -> FloatArray:
        filtered: FloatArray = lfilter(*_filters(free, orders, season_length), centred / scale)
        return filtered

    if n_coefficients:
        n_autoregressive = orders.p + orders.seasonal_p
        start = np.where(np.arange(n_coefficients) < n_autoregressive, 0.2, -0.2)
        free = least_squares(errors, start, max_nfev=60).x
    ar, ma = _filters(free, orders, season_length)
    variance = float(np.mean(errors(free) ** 2)) * scale**2
    process = Process(ar, ma, mean, variance)
    n, k = len(values), n_coefficients + 1 + with_mean
    if n <= k + 1 or any(_near_the_circle(factor) for factor in _factors(free, orders)):
        return process, np.inf
    return process, n * float(np.log(max(variance, np.finfo(float).tiny))) + 2 * k * n / (n - k - 1)


def _factors(free: FloatArray, orders: Orders) -> list[FloatArray]:
    """Coefficients of four polynomials with no root in the unit circle, from any numbers: autoregressive ones first."""
    parts = np.split(free, np.cumsum([orders.p, orders.seasonal_p, orders.q]))
    return [-constrain_stationary_univariate(part) if len(part) else part for part in parts]


def _filters(free: FloatArray, orders: Orders, season_length: int) -> tuple[FloatArray, FloatArray]:
    """Multiply the seasonal polynomials in."""
    p, seasonal_p, q, seasonal_q = _factors(free, orders)
    ar = np.convolve(_polynomial(p, 1), _polynomial(seasonal_p, season_length))
    return ar, np.convolve(_polynomial(q, 1), _polynomial(seasonal_q, season_length))


def _polynomial(coefficients: FloatArray, step: int) -> FloatArray:
    polynomial = np.zeros(len(coefficients) * step + 1)
    polynomial[0] = 1.0
    polynomial[step::step] = coefficients
    return polynomial


def _near_the_circle(coefficients: FloatArray) -> bool:
    """Whether a root is so near the unit circle that the process is overfitted (Hyndman and Khandakar 2008)."""
    inverse_roots = np.roots(np.concatenate([[1.0], coefficients]))
    return bool((np.abs(inverse_roots) > 1 / NEAREST_ROOT).any())
