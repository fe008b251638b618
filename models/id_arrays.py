"""Token ids in the forms that models work on: chosen ids, counts, padded arrays. No Python loop over tokens."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from bench.corpus import INDEX_FROM, PAD_ID, Corpus, Int32Array, Int64Array, Ragged

CountMatrix: TypeAlias = "csr_array[Any, tuple[int, int]]"  # SciPy 1.14 cannot subscript it when it runs


def choose(token_ids: Ragged, chosen: npt.NDArray[np.bool_]) -> Ragged:
    """Return the rows with only those tokens for which ``chosen``, shape (n_tokens,), is true."""
    chosen_before = np.concatenate([[0], np.cumsum(chosen)])
    return Ragged(token_ids.values[chosen], chosen_before[token_ids.offsets])


def count_words(X: Corpus) -> CountMatrix:
    """Count the known words of each text: shape (n_texts, n_words), float64; column k is the word of rank k + 1.

    Examples
    --------
    >>> from bench.encoding import learn_encoder
    >>> corpus = learn_encoder(["good good film"], "closed").encode(["a good film", "good, good, good"])
    >>> count_words(corpus).toarray().astype(int).tolist()
    [[1, 1], [3, 0]]
    """
    words = choose(X.token_ids, X.token_ids.values > INDEX_FROM)
    columns = words.values - (INDEX_FROM + 1)
    shape = (len(X), len(X.vocabulary) - (INDEX_FROM + 1))
    counts = csr_array((np.ones(len(columns)), columns, words.offsets.copy()), shape=shape)
    counts.sum_duplicates()  # in place, so the offsets must be its own
    return counts


def pad(token_ids: Ragged, rows: Int64Array, max_length: int, *, width: int | None = None) -> Int32Array:
    """Return the last ids of some rows as one array, right-padded with 0, or left-padded to a given ``width``.

    Parameters
    ----------
    token_ids : Ragged
    rows : int64 array, shape (n_rows,)
    max_length : int
        How many ids of a row are used.
    width : int, optional
        Columns of the array, enough for what is used of each row. Without it the longest row decides.

    Examples
    --------
    >>> ragged = Ragged.from_rows([[1, 4], [1, 5, 6, 7]])
    >>> pad(ragged, np.array([1, 0]), 3).tolist()
    [[5, 6, 7], [1, 4, 0]]
    >>> pad(ragged, np.array([0, 1]), 3, width=4).tolist()
    [[0, 0, 1, 4], [0, 5, 6, 7]]
    """
    ends = token_ids.offsets[rows + 1]
    lengths = np.minimum(ends - token_ids.offsets[rows], max_length)
    columns = np.arange(max(1, lengths.max(initial=0)) if width is None else width)
    first = np.zeros_like(lengths) if width is None else width - lengths
    column = columns - first[:, None]
    is_real = (column >= 0) & (column < lengths[:, None])
    padded = np.full(is_real.shape, PAD_ID, np.int32)
    padded[is_real] = token_ids.values[((ends - lengths)[:, None] + column)[is_real]]
    return padded
