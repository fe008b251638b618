"""Events: what models of next-event prediction are given, such as pieces of music."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, SupportsIndex, overload

import numpy as np
import numpy.typing as npt

from bench.ragged import Int32Array, Int64Array, Ragged, row_range


class Events(Sequence[Int32Array]):
    """A read-only sequence of pieces, each a sequence of tokens, ``width`` of them per step.

    Parameters
    ----------
    tokens : Ragged
        Of each piece, step after step; within a step, voice after voice. Each is from 0 to ``n_symbols - 1``. A piece
        may end within a step.
    width : int
        Tokens per step.
    n_symbols : int

    Examples
    --------
    >>> pieces = Events(Ragged.from_rows([[3, 0, 2, 0], [1, 1]]), width=2, n_symbols=4)
    >>> len(pieces), pieces[0].tolist(), pieces.n_steps.tolist()
    (2, [3, 0, 2, 0], [2, 1])
    """

    def __init__(self, tokens: Ragged, width: int, n_symbols: int) -> None:
        self._tokens = tokens
        self.width = width
        self.n_symbols = n_symbols

    @property
    def tokens(self) -> Ragged:
        """All tokens: ``values`` (int32) and ``offsets`` (int64)."""
        return self._tokens

    @property
    def lengths(self) -> Int64Array:
        """Tokens of each piece, shape (n_rows,)."""
        return self._tokens.lengths

    @property
    def n_steps(self) -> Int64Array:
        """Whole steps of each piece, shape (n_rows,)."""
        return self._tokens.lengths // self.width

    def __len__(self) -> int:
        return len(self._tokens)

    @overload
    def __getitem__(self, item: SupportsIndex) -> Int32Array: ...
    @overload
    def __getitem__(self, item: slice) -> Events: ...
    def __getitem__(self, item: Any) -> Int32Array | Events:
        if not isinstance(item, slice):
            return self._tokens[operator.index(item)]
        return self.take(row_range(item, len(self)))

    def take(self, indices: npt.ArrayLike) -> Events:
        """Return the pieces at these indices, in this order."""
        return Events(self._tokens.take(indices), self.width, self.n_symbols)

    def beginnings(self, n_tokens: npt.ArrayLike) -> Events:
        """Return the first tokens of each piece, so many of each; shape (n_rows,)."""
        counts = np.asarray(n_tokens, np.int64)
        rows = [self[row][:count] for row, count in enumerate(counts.tolist())]
        return Events(Ragged.from_rows(rows), self.width, self.n_symbols)
