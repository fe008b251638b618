"""Datasets of time series whose next values are to be forecast."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.corpus import Int64Array
from bench.datasets.base import RowsDataset
from bench.errors import DataError
from bench.histories import Histories
from bench.ragged import RaggedArray
from bench.records import FileOptions
from bench.tasks.base import Float64Array
from bench.tasks.forecast import Futures


def make_forecast_dataset(
    name: str,
    series: Sequence[Float64Array],
    origins: Sequence[Int64Array],
    horizon: int,
    season_length: int,
    *,
    series_names: Sequence[str] = (),
    origin: str,
    notes: Sequence[str] = (),
    options: FileOptions | None = None,
) -> RowsDataset:
    """Return a dataset of the task ``forecast``.

    The training part of a series are the values before its first origin. The baseline is the mean scaled error of
    repeating the last season.

    Parameters
    ----------
    name : str
    series : sequence of float64 array
        The values of each series at equal steps of time, the oldest first.
    origins : sequence of int64 array
        Of each series the positions of the first values to forecast, in ascending order. Each is followed by at least
        ``horizon`` values, and the first comes after more than ``season_length``.
    horizon : int
    season_length : int
        1: there is no season.
    series_names : sequence of str
        What errors call the series; by default their numbers from 1.
    origin : str
        Where the values were read from, in words.
    notes : sequence of str
    options : FileOptions, optional

    Raises
    ------
    DataError
        The training part of a series repeats one season exactly, so that no error can be scaled.

    Examples
    --------
    >>> made = make_forecast_dataset("a", [np.arange(9.0)], [np.array([5, 7])], 2, 1, origin="made up")
    >>> made.X_train[0].tolist(), made.X_test.lengths.tolist(), made.y_test.values.tolist(), made.baseline
    ([0.0, 1.0, 2.0, 3.0, 4.0], [5, 7], [[5.0, 6.0], [7.0, 8.0]], 1.5)
    """
    pasts = [values[: places[0]] for values, places in zip(series, origins, strict=True)]
    names = series_names or [str(number) for number in range(1, len(series) + 1)]
    scales = [_scale(past, season_length, which) for past, which in zip(pasts, names, strict=True)]
    tests = [(row, int(place)) for row, places in enumerate(origins) for place in places]
    futures = np.array([series[row][place : place + horizon] for row, place in tests])
    scale = np.array([scales[row] for row, _ in tests])
    X_test = Histories(
        RaggedArray.from_rows([series[row][:place] for row, place in tests]),
        [row for row, _ in tests],
        horizon,
        season_length,
    )
    errors = np.abs(futures - np.stack([repeat_season(past, horizon, season_length) for past in X_test]))
    return RowsDataset(
        name,
        "forecast",
        X_train=Histories(RaggedArray.from_rows(pasts), np.arange(len(pasts)), horizon, season_length),
        y_train=None,
        X_test=X_test,
        y_test=Futures(futures, scale),
        origin=origin,
        notes=tuple(notes),
        options=options,
        baseline=float((errors.mean(axis=1) / scale).mean()),
    )


def repeat_season(past: Float64Array, horizon: int, season_length: int) -> Float64Array:
    """Return the last season, repeated: the forecast that needs no model. Shape (horizon,).

    >>> repeat_season(np.array([1.0, 2.0, 3.0]), horizon=3, season_length=2).tolist()
    [2.0, 3.0, 2.0]
    """
    return np.resize(past[-season_length:], horizon)


def _scale(past: Float64Array, season_length: int, series_name: str) -> float:
    scale = float(np.abs(past[season_length:] - past[:-season_length]).mean())
    if scale == 0:
        what = "is constant" if (past == past[0]).all() else f"repeats itself every {season_length} steps"
        raise DataError(
            f"series {series_name} {what} in its training part of {len(past):,} values, so that no error can be "
            "scaled by its changes; leave the series out"
        )
    return scale
