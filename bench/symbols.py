"""Symbols: what models of transduction are given, such as the letters of words."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, SupportsIndex, overload

import numpy as np
import numpy.typing as npt

from bench.ragged import Int64Array


class Symbols(Sequence[tuple[str, ...]]):
    """A read-only sequence of rows, each a tuple of symbols.

    Parameters
    ----------
    rows : sequence of tuple of str

    Examples
    --------
    >>> words = Symbols([("c", "a", "t"), ("a",)])
    >>> len(words), words[1], words[:1].lengths.tolist()
    (2, ('a',), [3])
    """

    def __init__(self, rows: Sequence[tuple[str, ...]]) -> None:
        self._rows = tuple(rows)

    @property
    def lengths(self) -> Int64Array:
        """Symbols of each row, shape (n_rows,)."""
        return np.array([len(row) for row in self._rows], np.int64)

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, item: SupportsIndex) -> tuple[str, ...]: ...
    @overload
    def __getitem__(self, item: slice) -> Symbols: ...
    def __getitem__(self, item: Any) -> tuple[str, ...] | Symbols:
        return Symbols(self._rows[item]) if isinstance(item, slice) else self._rows[operator.index(item)]

    def take(self, indices: npt.ArrayLike) -> Symbols:
        """Return the rows at these indices, in this order."""
        return Symbols([self._rows[i] for i in np.asarray(indices, np.int64).tolist()])
