"""Histories: what models of forecasting are given, the past of one or several series."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, SupportsIndex, overload

import numpy as np
import numpy.typing as npt

from bench.ragged import Int64Array, RaggedArray, row_range

Float64Array = npt.NDArray[np.float64]


class Histories(Sequence[Float64Array]):
    """A read-only sequence of pasts: row i holds the values of one series up to the moment from which to forecast.

    Parameters
    ----------
    values : RaggedArray
        ``values`` of shape (n_values,), float64, at equal steps of time, the oldest first.
    series : int64 array, shape (n_rows,)
        Which series each row is of: what is learnt of series k in ``fit`` serves the rows of series k in ``predict``.
    horizon : int
        Steps to forecast.
    season_length : int
        Steps per season; 1: there is none.

    Examples
    --------
    >>> pasts = Histories(RaggedArray([1.0, 2.0, 3.0, 1.0, 2.0], [0, 3, 5]), [0, 1], horizon=2, season_length=1)
    >>> len(pasts), pasts[1].tolist(), pasts[:1].series.tolist()
    (2, [1.0, 2.0], [0])
    """

    def __init__(self, values: RaggedArray, series: npt.ArrayLike, horizon: int, season_length: int) -> None:
        self._values = values
        self.series: Int64Array = np.asarray(series, np.int64)
        self.horizon = horizon
        self.season_length = season_length
        if len(self.series) != len(values):
            raise ValueError(f"{len(values)} rows of values, but {len(self.series)} numbers of series")

    @property
    def values(self) -> RaggedArray:
        """All values: ``values`` (float64) and ``offsets`` (int64)."""
        return self._values

    @property
    def lengths(self) -> Int64Array:
        """Values of each row, shape (n_rows,)."""
        return self._values.lengths

    def __len__(self) -> int:
        return len(self._values)

    @overload
    def __getitem__(self, item: SupportsIndex) -> Float64Array: ...
    @overload
    def __getitem__(self, item: slice) -> Histories: ...
    def __getitem__(self, item: Any) -> Float64Array | Histories:
        if not isinstance(item, slice):
            return self._values[operator.index(item)]
        return self.take(row_range(item, len(self)))

    def take(self, indices: npt.ArrayLike) -> Histories:
        """Return the rows at these indices, in this order."""
        rows = np.asarray(indices, np.int64)
        return Histories(self._values.take(rows), self.series[rows], self.horizon, self.season_length)
