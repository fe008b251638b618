"""What all forecasters share: one thing learnt per series, and 95 % prediction intervals."""

from __future__ import annotations

import time
from typing import Any, Generic, Self, TypeVar

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from bench.histories import Histories

from .arrays import FloatArray

Learnt = TypeVar("Learnt")

LEVEL = 0.95
"""Share of the values that a prediction interval is to hold."""

NORMAL_QUANTILE = 1.959963984540054
"""Half the width of that interval, in standard deviations of a normal distribution."""

MANY_ERRORS = 40
"""From so many errors on their own quantiles are used; one error of so many lies beyond a 2.5 % quantile."""


class Forecaster(BaseEstimator, Generic[Learnt]):  # type: ignore[misc] # scikit-learn has no types
    """A model that learns from the training past of each series and forecasts from longer pasts of the same series.

    Every row of ``predict`` begins where the training past of its series begins, and parameters stay as they were
    learnt: only states, such as the level, follow the longer past.

    Attributes
    ----------
    learnt_ : dict
        What was learnt of each series, by its number.
    history_ : list of dict
        One per series: ``step``, ``steps``, ``seconds``, ``series`` (its number), ``choice`` (in words).
    """

    learnt_: dict[int, Learnt]
    history_: list[dict[str, Any]]

    def fit(self, X: Histories, y: None = None) -> Self:
        """Learn from the training past of each series.

        Parameters
        ----------
        X : Histories
            One row per series.
        y : None
            Not used.

        Raises
        ------
        ValueError
            There is no row, two rows are of one series, or a value is missing or not finite.
        """
        if len(X) == 0 or len(np.unique(X.series)) < len(X):
            raise ValueError(f"expected one training past per series, found {len(X)} of the series {X.series.tolist()}")
        start = time.perf_counter()
        self.horizon_, self.season_length_ = X.horizon, X.season_length
        self.learnt_, self.history_ = {}, []
        for step, (number, past) in enumerate(zip(X.series.tolist(), X, strict=True), 1):
            learnt = self._learn(_checked(past), X.horizon, X.season_length)
            self.learnt_[number] = learnt
            seconds = time.perf_counter() - start
            choice = self._describe(learnt)
            self.history_.append(
                {"step": step, "steps": len(X), "seconds": seconds, "series": number, "choice": choice}
            )
        return self

    def predict_interval(self, X: Histories) -> FloatArray:
        """Return the lower end of the 95 % prediction interval, the forecast and the upper end, step by step.

        Returns
        -------
        float64 array, shape (n_rows, horizon, 3)

        Raises
        ------
        ValueError
            A series was not in training, or horizon or season differ from training.
        """
        check_is_fitted(self, "learnt_")
        asked, fitted = (X.horizon, X.season_length), (self.horizon_, self.season_length_)
        if asked != fitted:
            raise ValueError(f"horizon and season length are {asked}, but those of training were {fitted}")
        intervals = np.empty((len(X), X.horizon, 3))
        for row, (number, past) in enumerate(zip(X.series.tolist(), X, strict=True)):
            if number not in self.learnt_:
                raise ValueError(f"series {number} was not in training, which had {sorted(self.learnt_)}")
            intervals[row] = self._forecast(self.learnt_[number], _checked(past))
        return intervals

    def predict(self, X: Histories) -> FloatArray:
        """Return the forecasts, shape (n_rows, horizon)."""
        forecasts: FloatArray = self.predict_interval(X)[:, :, 1]
        return forecasts

    def _learn(self, past: FloatArray, horizon: int, season_length: int) -> Learnt:
        """Return what ``_forecast`` needs of one series."""
        raise NotImplementedError

    def _forecast(self, learnt: Learnt, past: FloatArray) -> FloatArray:
        """Lower end, forecast and upper end of each step, shape (horizon, 3)."""
        raise NotImplementedError

    def _describe(self, learnt: Learnt) -> str:
        """Say in a few words what was chosen."""
        raise NotImplementedError


def error_bounds(errors: FloatArray) -> FloatArray:
    """Bounds between which 95 % of the errors at each step lie.

    They are quantiles of at least 40 errors; of fewer, those of a normal distribution with mean 0. They always hold 0.

    Parameters
    ----------
    errors : float64 array, shape (n_errors, horizon)
        Truth less forecast.

    Returns
    -------
    float64 array, shape (2, horizon)

    Examples
    --------
    >>> error_bounds(np.array([[3.0], [-3.0]])).round(2).tolist()
    [[-5.88], [5.88]]
    """
    if len(errors) >= MANY_ERRORS:
        tail = (1 - LEVEL) / 2
        bounds = np.quantile(errors, [tail, 1 - tail], axis=0)
    else:
        bounds = np.outer([-NORMAL_QUANTILE, NORMAL_QUANTILE], np.sqrt(np.mean(errors**2, axis=0)))
    return np.stack([np.minimum(bounds[0], 0), np.maximum(bounds[1], 0)])


def with_bounds(forecast: FloatArray, bounds: FloatArray) -> FloatArray:
    """Return a forecast with the bounds of its errors, shape (horizon, 3)."""
    return np.stack([forecast + bounds[0], forecast, forecast + bounds[1]], axis=1)


def _checked(past: FloatArray) -> FloatArray:
    if len(past) == 0 or not np.isfinite(past).all():
        raise ValueError(f"a past has {len(past)} values, expected 1 or more, all of them finite")
    return past
