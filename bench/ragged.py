"""Rows of unequal length in one flat array: what the data of every task are held in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self, SupportsIndex

import numpy as np
import numpy.typing as npt

Int32Array = npt.NDArray[np.int32]
Int64Array = npt.NDArray[np.int64]


class RaggedArray:
    """Rows of unequal length, one after the other in one array. Neither array can be written to.

    Parameters
    ----------
    values : array, shape (offsets[-1], ...)
        All rows, one after the other.
    offsets : int64 array, shape (n_rows + 1,)
        Row i is ``values[offsets[i]:offsets[i + 1]]``.

    Examples
    --------
    >>> rows = RaggedArray([1.0, 2.0, 3.0], [0, 2, 3])
    >>> len(rows), rows.lengths.tolist(), rows[0].tolist(), rows.take([1, 0]).values.tolist()
    (2, [2, 1], [1.0, 2.0], [3.0, 1.0, 2.0])
    """

    def __init__(self, values: npt.ArrayLike, offsets: npt.ArrayLike) -> None:
        self.values: npt.NDArray[Any] = read_only(np.asarray(values))
        self.offsets: Int64Array = read_only(np.asarray(offsets, np.int64))

    @classmethod
    def from_rows(cls, rows: Sequence[npt.ArrayLike]) -> Self:
        """Join rows, at least one."""
        arrays = [np.asarray(row) for row in rows]
        offsets = np.cumsum([0, *(len(row) for row in arrays)], dtype=np.int64)
        return cls(np.concatenate(arrays), offsets)

    @property
    def lengths(self) -> Int64Array:
        """Length of each row, shape (n_rows,)."""
        return np.diff(self.offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, row: SupportsIndex) -> npt.NDArray[Any]:
        row = range(len(self))[row]
        return self.values[self.offsets[row] : self.offsets[row + 1]]

    def slice(self, start: int, stop: int) -> Self:
        """Rows start to stop - 1, sharing memory with this one."""
        offsets = self.offsets[start : stop + 1]
        return type(self)(self.values[offsets[0] : offsets[-1]], offsets - offsets[0])

    def take(self, indices: npt.ArrayLike) -> Self:
        """Return the rows at these indices, in this order."""
        rows = np.asarray(indices, np.int64)
        lengths = self.lengths[rows]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        within = np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths)
        return type(self)(self.values[np.repeat(self.offsets[rows], lengths) + within], offsets)


class Ragged(RaggedArray):
    """Rows of int32 ids: a :class:`RaggedArray` of one dimension."""

    values: Int32Array

    def __init__(self, values: npt.ArrayLike, offsets: npt.ArrayLike) -> None:
        super().__init__(np.asarray(values, np.int32), offsets)

    @classmethod
    def from_rows(cls, rows: Sequence[npt.ArrayLike]) -> Self:
        """Join rows, each a sequence of ids."""
        arrays = [np.asarray(row, np.int32) for row in rows]
        offsets = np.cumsum([0, *(len(row) for row in arrays)], dtype=np.int64)
        return cls(np.concatenate([np.empty(0, np.int32), *arrays]), offsets)


def read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a view of an array that cannot be written to."""
    view = array.view()
    view.flags.writeable = False
    return view


def row_range(item: slice, n_rows: int) -> range:
    """Return the rows that a slice names."""
    return range(*item.indices(n_rows))
