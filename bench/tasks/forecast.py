"""Forecasting: the next values of a series from those before, from many origins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from bench.histories import Histories
from bench.ragged import Int64Array
from bench.tasks.base import AnyArray, BoolArray, Float64Array, Metric, Predictions, Task, TrialData, Words

COVERAGE = 0.95
"""Of the intervals that models give."""


@dataclass(frozen=True)
class Futures:
    """What came after each test origin.

    Parameters
    ----------
    values : float64 array, shape (n_origins, horizon)
    scale : float64 array, shape (n_origins,)
        Mean absolute difference of values one season apart in the training part of the origin's series.
    """

    values: Float64Array
    scale: Float64Array


@dataclass(frozen=True)
class Forecasts(Predictions):
    """Forecasts from test origins, and what came.

    Parameters
    ----------
    actual : float64 array, shape (n_origins, horizon)
    forecast : float64 array, shape (n_origins, horizon)
    scale : float64 array, shape (n_origins,)
    lower, upper : float64 array, shape (n_origins, horizon), or None
        Ends of 95 % intervals; None: the model gives none.
    n_past : int64 array, shape (n_origins,)
        Values before each origin.

    References
    ----------
    R. J. Hyndman and A. B. Koehler, "Another look at measures of forecast accuracy", International Journal of
    Forecasting 22, 2006: the scaled error. S. Makridakis, E. Spiliotis and V. Assimakopoulos, "The M4 competition",
    International Journal of Forecasting 36, 2020: the scaled interval score.
    """

    actual: Float64Array
    forecast: Float64Array
    scale: Float64Array
    lower: Float64Array | None
    upper: Float64Array | None
    n_past: Int64Array

    @property
    def by_row(self) -> Float64Array:
        """Mean absolute scaled error of each origin, shape (n_origins,)."""
        errors: Float64Array = np.abs(self.forecast - self.actual).mean(axis=1) / self.scale
        return errors

    @property
    def answers(self) -> AnyArray:
        """Forecasts and intervals."""
        return np.stack([part for part in (self.forecast, self.lower, self.upper) if part is not None])

    def measure(self, is_leaked: BoolArray) -> dict[str, float | None]:
        """Scaled errors, the interval score, and the share of values inside the intervals."""
        squares = np.sqrt(((self.forecast - self.actual) ** 2).mean(axis=1)) / self.scale
        found: dict[str, float | None] = {"mase": float(self.by_row.mean()), "rmsse": float(squares.mean())}
        if self.lower is None or self.upper is None:
            return {**found, "interval_score": None, "coverage": None}
        below, above = np.maximum(self.lower - self.actual, 0), np.maximum(self.actual - self.upper, 0)
        widths = self.upper - self.lower + 2 / (1 - COVERAGE) * (below + above)
        inside = (self.lower <= self.actual) & (self.actual <= self.upper)
        interval_score = (widths.mean(axis=1) / self.scale).mean()
        return {**found, "interval_score": float(interval_score), "coverage": float(inside.mean())}

    def arrays(self) -> dict[str, AnyArray]:
        """As Predictions'."""
        intervals = {} if self.lower is None or self.upper is None else {"lower": self.lower, "upper": self.upper}
        return {
            "n_past": self.n_past,
            "scale": self.scale,
            "actual": self.actual,
            "forecast": self.forecast,
            **intervals,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, AnyArray]) -> Self:
        """As Predictions'."""
        return cls(
            actual=arrays["actual"],
            forecast=arrays["forecast"],
            scale=arrays["scale"],
            lower=arrays.get("lower"),
            upper=arrays.get("upper"),
            n_past=arrays["n_past"].astype(np.int64),
        )

    def has_truth_of(self, other: Self) -> bool:
        """As Predictions'."""
        return np.array_equal(self.actual, other.actual)


class Forecasting(Task):
    """The next ``horizon`` values: X is a :class:`bench.histories.Histories`; there is no y."""

    name = "forecast"
    summary = "the next values of a series, from rolling origins"
    words = Words(
        "origin",
        "origins",
        "value before",
        "values before",
        "more accurate",
        "less accurate",
        "most accurate",
        "repeating the last season",
        "series",
    )
    metric = Metric("mase", "MASE", "min", (0.0, np.inf))
    others = (
        Metric("rmsse", "RMSSE", "min", (0.0, np.inf)),
        Metric("interval_score", "interval score", "min", (0.0, np.inf)),
        Metric("coverage", "coverage of 95 %", marks_best=False),
    )
    has_sizes = False
    methods = ("predict_interval", "predict")
    predictions = Forecasts

    def count_rows(self, X: Histories) -> int:
        """Return the values of all series."""
        return int(X.lengths.sum())

    def predict(self, model: Any, data: TrialData) -> Forecasts:
        """Forecast from each origin by itself, the oldest first.

        The model gets a copy of the values before that origin and nothing else, so that it cannot look ahead.
        """
        parts = [forecast(model, data.X_test[row : row + 1]) for row in range(len(data.X_test))]
        middle = np.concatenate([part[..., 1] if part.ndim == 3 else part for part in parts])
        has_intervals = all(part.ndim == 3 for part in parts)
        truth: Futures = data.y_test
        return Forecasts(
            actual=truth.values,
            forecast=middle,
            scale=truth.scale,
            lower=np.concatenate([part[..., 0] for part in parts]) if has_intervals else None,
            upper=np.concatenate([part[..., 2] for part in parts]) if has_intervals else None,
            n_past=data.X_test.lengths,
        )

    def predict_row(self, model: Any, data: TrialData, row: int) -> None:
        """As Task's."""
        forecast(model, data.X_test[row : row + 1])


def forecast(model: Any, X: Histories) -> Float64Array:
    """Return a fitted model's forecasts, of shape (n_rows, horizon, 3) with intervals or (n_rows, horizon) without.

    Raises
    ------
    ValueError
        The shape is another one, a number is not finite, or an interval is upside down or beside its forecast.
    """
    has_intervals = hasattr(model, "predict_interval")
    method = "predict_interval" if has_intervals else "predict"
    found: Float64Array = np.asarray(getattr(model, method)(X), np.float64)
    expected = (len(X), X.horizon, 3) if has_intervals else (len(X), X.horizon)
    if found.shape != expected:
        raise ValueError(f"{method} returns shape {found.shape}, expected {expected}")
    if not np.isfinite(found).all():
        raise ValueError(f"{method} returns a number that is not finite")
    if has_intervals and (np.diff(found, axis=2) < 0).any():
        raise ValueError(
            "predict_interval returns ends that do not enclose the forecast; expected lower, middle, upper"
        )
    return found
