"""How often a text is expected to have each word in each state of a hidden Markov model."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import coo_array, csr_array, vstack

from bench.corpus import Int64Array, Ragged

from ..id_arrays import CountMatrix
from .forward_backward import HMMs, posteriors

TEXTS_AT_ONCE = 4096


class ExpectedCounts:
    """Columns for the words in the states of a model, those that training texts are expected to have.

    Each count is at most 1, then its square root: else what is frequent in a text outweighs all the rest.

    Parameters
    ----------
    hmm : HMMs
        One model.
    min_probability : float
        A state that is less likely than this at a word is left out.

    References
    ----------
    F. Perronnin, J. Sanchez and T. Mensink, "Improving the Fisher kernel for large-scale image classification", ECCV
    2010: the square root (section 3.2).
    """

    def __init__(self, hmm: HMMs, min_probability: float) -> None:
        self.hmm = hmm
        self.min_probability = min_probability

    def learn(self, words: Ragged, max_columns: int) -> CountMatrix:
        """Learn the columns, at most so many, those of the largest sums; and count, shape (n_texts, n_columns)."""
        counts = self._count_all(words)
        sums = np.asarray(counts.sum(axis=0))
        largest = np.argsort(-sums, kind="stable")[: min(max_columns, np.count_nonzero(sums))]
        self.columns: Int64Array = np.sort(largest)
        return csr_array(counts[:, self.columns])

    def count(self, words: Ragged) -> CountMatrix:
        """Count what has a column, shape (n_texts, n_columns)."""
        return csr_array(self._count_all(words)[:, self.columns])

    def _count_all(self, words: Ragged) -> CountMatrix:
        """Count every word in every state, shape (n_texts, n_states * n_ids)."""
        starts = range(0, max(len(words), 1), TEXTS_AT_ONCE)
        counts: Any = vstack([self._count_some(words.slice(i, min(i + TEXTS_AT_ONCE, len(words)))) for i in starts])
        return csr_array(counts)

    def _count_some(self, words: Ragged) -> Any:
        _, n_ids, n_states = self.hmm.emissions.shape
        (of_state,) = posteriors(self.hmm, words)
        token, state = np.nonzero(of_state >= self.min_probability)
        row = np.repeat(np.arange(len(words), dtype=np.int32), words.lengths)[token]
        column = (state * n_ids + words.values[token]).astype(np.int32)
        counts: Any = coo_array((of_state[token, state], (row, column)), shape=(len(words), n_states * n_ids)).tocsr()
        counts.data = np.sqrt(np.minimum(counts.data, 1))
        return counts
