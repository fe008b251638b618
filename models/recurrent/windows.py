"""Windows of a time series as the recurrent forecasters read them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..base import Array, FloatArray, IntArray

N_SEASONS = 8


class Windows(NamedTuple):
    """Inputs and targets of some moments from which to forecast, all divided by the scale of their series."""

    steps: Array
    """Shape (n_rows, length, 2), float32: each value less the last one, and less the value one season before it."""
    seasons: Array
    """Shape (n_rows, 2 * horizon), float32: for each step to forecast its value of the last season, and the mean over
    the last ``N_SEASONS`` seasons, or as many as are known; both less the last value of the window. Without a season
    the mean is left out: shape (n_rows, horizon)."""
    targets: Array
    """Shape (n_rows, horizon), float32: the values to forecast less the seasonal naive forecast; NaN if unknown."""


def cut_windows(
    values: FloatArray, ends: IntArray, length: int, horizon: int, season_length: int, scale: float
) -> Windows:
    """Cut windows out of a series.

    Parameters
    ----------
    values : float64 array, shape (n_values,)
    ends : int64 array, shape (n_rows,)
        How many values precede each moment, at least ``length + season_length``.
    length : int
        Values of a window.
    horizon, season_length : int
    scale : float
    """
    last = values[ends - 1][:, None]
    at = ends[:, None] + np.arange(-length, 0)
    steps = np.stack([values[at] - last, values[at] - values[at - season_length]], axis=2)
    naive = seasonal_naive(values, ends, horizon, season_length)
    if season_length > 1:
        mean = _mean_of_seasons(values, ends, horizon, season_length)
        seasons = np.concatenate([naive, mean], axis=1) - last
    else:
        seasons = naive - last
    later = np.append(values, np.full(horizon, np.nan))[ends[:, None] + np.arange(horizon)]
    return Windows(*((part / scale).astype(np.float32) for part in (steps, seasons, later - naive)))


def seasonal_naive(values: FloatArray, ends: IntArray, horizon: int, season_length: int) -> FloatArray:
    """Return the values of the last season, repeated up to the horizon; shape (n_rows, horizon).

    >>> seasonal_naive(np.arange(5.0), np.array([4, 5]), 3, 2).tolist()
    [[2.0, 3.0, 2.0], [3.0, 4.0, 3.0]]
    """
    repeated: FloatArray = values[ends[:, None] - season_length + np.arange(horizon) % season_length]
    return repeated


def _mean_of_seasons(values: FloatArray, ends: IntArray, horizon: int, season_length: int) -> FloatArray:
    n_seasons = np.minimum(ends // season_length, N_SEASONS)
    total = np.zeros((len(ends), horizon))
    for k in range(N_SEASONS):
        end = np.maximum(ends - k * season_length, season_length)
        total += np.where(k < n_seasons[:, None], seasonal_naive(values, end, horizon, season_length), 0)
    mean: FloatArray = total / n_seasons[:, None]
    return mean


def seasonal_scale(values: FloatArray, season_length: int) -> float:
    """Return the mean absolute difference from the value one season before, or 1 where it is 0."""
    return float(np.abs(values[season_length:] - values[:-season_length]).mean()) or 1.0
