"""One time series, with the moments from which forecasts of it are tested."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.ragged import Int64Array, read_only

Float64Array = npt.NDArray[np.float64]

MIN_TRAINING_SHARE = 0.7
"""Of the values, at least so many come before the first forecast that is tested."""


@dataclass(frozen=True, eq=False)
class TimeSeries:
    """Values at equal steps of time, and a rolling-origin evaluation at their end.

    An origin is the position of the first value to forecast: a model is given ``values[:origin]`` and is judged by
    ``values[origin:origin + horizon]``. The last origin's horizon ends with the series.

    Parameters
    ----------
    name : str
    values : float64 array, shape (n_values,)
        The oldest first. It cannot be written to.
    horizon : int
        Steps to forecast from each origin.
    season_length : int
        Steps per season; 1: there is none.
    n_origins : int
        Forecasts that are tested.
    origin_step : int
        Steps from one origin to the next; ``horizon`` or more: no value is tested twice.
    unit : str
        Of the values.
    origin : str
        Where the values were read from.
    notes : tuple of str
        What a reader has to know: gaps, choices, licence.

    Raises
    ------
    ValueError
        A value is not finite, a number is below 1, or less than 70 % of the values are left to train on.

    References
    ----------
    L. J. Tashman, "Out-of-sample tests of forecasting accuracy: an analysis and review", International Journal of
    Forecasting 16(4), 2000: rolling origins.

    Examples
    --------
    >>> series = TimeSeries("tide", np.arange(10.0), 1, 1, n_origins=3, origin_step=1, unit="m", origin="made up")
    >>> series.origins.tolist(), len(series.training)
    ([7, 8, 9], 7)
    """

    name: str
    values: Float64Array
    horizon: int
    season_length: int
    n_origins: int
    origin_step: int
    unit: str
    origin: str
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", read_only(np.asarray(self.values, np.float64)))
        for field in ("horizon", "season_length", "n_origins", "origin_step"):
            if getattr(self, field) < 1:
                raise ValueError(f"{self.name}: {field} is {getattr(self, field)}, expected 1 or more")
        if self.values.ndim != 1 or not np.isfinite(self.values).all():
            raise ValueError(f"{self.name}: expected finite values of one dimension, found shape {self.values.shape}")
        if self.origins[0] < MIN_TRAINING_SHARE * len(self.values):
            raise ValueError(
                f"{self.name}: the first origin is {self.origins[0]} of {len(self.values)} values, expected "
                f"{MIN_TRAINING_SHARE:.0%} of them or more before it; test fewer origins"
            )

    @property
    def origins(self) -> Int64Array:
        """Positions of the first value of each test forecast, in ascending order, shape (n_origins,)."""
        last = len(self.values) - self.horizon
        origins: Int64Array = last - self.origin_step * np.arange(self.n_origins - 1, -1, -1, dtype=np.int64)
        return origins

    @property
    def training(self) -> Float64Array:
        """The values before the first test origin: all that a model may learn from."""
        return self.values[: self.origins[0]]
