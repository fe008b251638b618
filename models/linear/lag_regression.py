"""Ridge regression of the next values on earlier ones, and its forecasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..arrays import FloatArray, IntArray


@dataclass(frozen=True)
class LagModel:
    """A linear forecast from the last values of a past.

    Parameters
    ----------
    difference : int
        The regression is of differences to the value so many steps before; 0: of the values.
    lags : int64 array, shape (n_lags,)
        1: the last value of the past, in ascending order.
    weights : float64 array, shape (n_lags, n_targets)
        ``n_targets`` is the horizon (direct: each step has its own weights) or 1 (recursive: the forecast of a step is
        an input to the next ones).
    intercepts : float64 array, shape (n_targets,)
    horizon : int
    """

    difference: int
    lags: IntArray
    weights: FloatArray
    intercepts: FloatArray
    horizon: int

    @property
    def span(self) -> int:
        """Values at the end of a past that the forecast is made from."""
        return int(self.lags[-1]) + self.difference

    def forecast(self, ends: FloatArray) -> FloatArray:
        """Forecast from the ends of pasts.

        Parameters
        ----------
        ends : float64 array, shape (n_pasts, span)

        Returns
        -------
        float64 array, shape (n_pasts, horizon)
        """
        steps = self._steps(differences(ends, self.difference))
        if self.difference == 0:
            return steps
        joined = np.hstack([ends[:, -self.difference :], steps])
        for step in range(self.horizon):  # from differences back to values
            joined[:, self.difference + step] += joined[:, step]
        return joined[:, self.difference :]

    def _steps(self, inputs: FloatArray) -> FloatArray:
        if self.weights.shape[1] == self.horizon:
            return inputs[:, -self.lags] @ self.weights + self.intercepts
        joined = np.hstack([inputs, np.empty((len(inputs), self.horizon))])
        for place in range(inputs.shape[1], joined.shape[1]):
            joined[:, place] = joined[:, place - self.lags] @ self.weights[:, 0] + self.intercepts[0]
        return joined[:, inputs.shape[1] :]


def fit_ridge(
    past: FloatArray, difference: int, lags: IntArray, n_targets: int, horizon: int, penalties: Sequence[float]
) -> list[LagModel]:
    """Fit one ridge regression per penalty; all share one decomposition of the Gram matrix.

    Parameters
    ----------
    penalties : sequence of float
        In units of the mean of the Gram matrix's diagonal, so that the scale of the values does not matter.

    References
    ----------
    T. Hastie, R. Tibshirani and J. Friedman, The Elements of Statistical Learning, 2nd edition, Springer 2009,
    equation 3.47.
    """
    span = int(lags[-1])
    windows = sliding_window_view(differences(past, difference), span + n_targets)
    inputs, targets = windows[:, span - lags], windows[:, span:]
    input_means, target_means = inputs.mean(axis=0), targets.mean(axis=0)
    centred = inputs - input_means
    eigenvalues, vectors = np.linalg.eigh(centred.T @ centred)
    projected = vectors.T @ (centred.T @ (targets - target_means))
    scale = max(eigenvalues.mean(), np.finfo(float).tiny)
    models = []
    for penalty in penalties:
        weights = vectors @ (projected / (np.maximum(eigenvalues, 0) + penalty * scale)[:, None])
        models.append(LagModel(difference, lags, weights, target_means - input_means @ weights, horizon))
    return models


def differences(values: FloatArray, lag: int) -> FloatArray:
    """Differences along the last axis to the value ``lag`` steps before; 0: the values themselves."""
    return values[..., lag:] - values[..., :-lag] if lag else values
