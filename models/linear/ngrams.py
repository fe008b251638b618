"""Sequences of neighbouring words as columns of a matrix. Vectorised: no Python loop over tokens."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any, Self

import joblib
import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array, vstack

from bench.corpus import Int64Array, Ragged

from ..arrays import Array
from ..id_arrays import CountMatrix

TOKENS_OF_A_PART = 1 << 19
"""About this many are counted by a thread in one go."""


class NGrams:
    """Columns for the n-grams of training texts, of one id up to ``max_n``. Unknown words and the start are ids too.

    Parameters
    ----------
    max_n : int
    n_ids : int
        Every id is below it.
    min_count : int
        Occurrences in the training texts that a sequence of two ids or more needs to have a column.

    Examples
    --------
    >>> ngrams = NGrams(max_n=2, n_ids=6)
    >>> ngrams.learn(Ragged.from_rows([[4, 5, 4]])).toarray().astype(int).tolist()  # ids 0 to 5; 4 5; 5 4
    [[0, 0, 0, 0, 2, 1, 1, 1]]
    >>> ngrams.count(Ragged.from_rows([[5, 5, 4]])).toarray().astype(int).tolist()
    [[0, 0, 0, 0, 1, 2, 0, 1]]
    """

    def __init__(self, max_n: int, n_ids: int, min_count: int = 1) -> None:
        self.max_n = max_n
        self.n_ids = n_ids
        self.min_count = min_count
        self.keys: list[Int64Array] = []
        """For each n from 2 on, what the columns mean: the column of the first n - 1 ids among those of n - 1 ids,
        times n_ids, plus the last id."""

    def learn(self, token_ids: Ragged) -> CountMatrix:
        """Learn the columns, and count, shape (n_texts, n_columns)."""
        self.keys = []

        def look_up(keys: Int64Array) -> Int64Array:
            columns, distinct = pd.factorize(keys)
            is_kept = np.bincount(columns, minlength=len(distinct)) >= self.min_count
            self.keys.append(distinct[is_kept])
            kept_column = np.where(is_kept, np.cumsum(is_kept) - 1, -1)
            return kept_column[columns]

        levels = list(self._columns(token_ids, [look_up] * (self.max_n - 1)))
        self._index()

        def count(first: int, last: int) -> CountMatrix:
            tokens = slice(token_ids.offsets[first], token_ids.offsets[last])
            return self._matrix(token_ids.slice(first, last), [level[tokens] for level in levels])

        return _in_parts(token_ids, count)

    def count(self, token_ids: Ragged) -> CountMatrix:
        """Count the n-grams that have a column, shape (n_texts, n_columns)."""

        def count(first: int, last: int) -> CountMatrix:
            part = token_ids.slice(first, last)
            return self._matrix(part, list(self._columns(part, self._look_up)))

        return _in_parts(token_ids, count)

    def arrays(self) -> dict[str, Array]:
        """Return what it has learnt."""
        keys: dict[str, Array] = {f"keys_of_{n}_grams": keys for n, keys in enumerate(self.keys, start=2)}
        return {"n_ids": np.array(self.n_ids), **keys}

    @classmethod
    def from_arrays(cls, max_n: int, arrays: dict[str, Array]) -> Self:
        """Return what was learnt before."""
        ngrams = cls(max_n, int(arrays["n_ids"]))
        ngrams.keys = [arrays[f"keys_of_{n}_grams"] for n in range(2, max_n + 1)]
        ngrams._index()
        return ngrams

    def _index(self) -> None:
        self._look_up: list[Any] = [pd.Index(keys).get_indexer for keys in self.keys]

    def _columns(self, token_ids: Ragged, look_up: list[Callable[[Int64Array], Int64Array]]) -> Iterator[Int64Array]:
        """For each n, the column of the n-gram that ends at each token, -1 where none does."""
        ids = token_ids.values.astype(np.int64)
        column = ids
        yield column
        begins_row = np.zeros(len(ids) + 1, bool)
        begins_row[token_ids.offsets[:-1]] = True
        for find in look_up:
            before = np.where(begins_row[1:-1], -1, column[:-1])
            has_one = np.flatnonzero(before >= 0)
            column = np.full(len(ids), -1)
            column[has_one + 1] = find(before[has_one] * self.n_ids + ids[has_one + 1])
            yield column

    def _matrix(self, token_ids: Ragged, levels: list[Int64Array]) -> CountMatrix:
        row_of_token = np.repeat(np.arange(len(token_ids), dtype=np.int32), token_ids.lengths)
        rows, columns, first = [], [], 0
        for level, size in zip(levels, [self.n_ids, *map(len, self.keys)], strict=True):
            known = level >= 0
            rows.append(row_of_token[known])
            columns.append((level[known] + first).astype(np.int32))
            first += size
        entries = np.concatenate(rows), np.concatenate(columns)
        counts: Any = coo_array((np.ones(len(entries[0]), np.float32), entries), shape=(len(token_ids), first))
        return csr_array(counts)


def _in_parts(token_ids: Ragged, count: Callable[[int, int], CountMatrix]) -> CountMatrix:
    """Return the counts of all texts, neighbouring rows together in one thread."""
    n_parts = min(len(token_ids), len(token_ids.values) // TOKENS_OF_A_PART)
    if n_parts < 2:
        return count(0, len(token_ids))
    bounds = np.linspace(0, len(token_ids), n_parts + 1).astype(int)
    threads = joblib.Parallel(min(int(joblib.cpu_count()), n_parts), backend="threading")
    parts = threads(joblib.delayed(count)(first, last) for first, last in itertools.pairwise(bounds))
    return csr_array(vstack(parts, format="csr"))
