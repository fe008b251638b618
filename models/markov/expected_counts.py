"""How often a text is expected to have each word in each state of a hidden Markov model."""

from __future__ import annotations

import itertools
from typing import Any, Self

import numpy as np
from scipy.sparse import coo_array, csr_array, vstack

from bench.corpus import Int64Array, Ragged

from ..id_arrays import CountMatrix
from .forward_backward import HMMs, posteriors

TOKENS_AT_ONCE = 2**20
"""Of the texts that are counted together, unless a single one has more."""


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

    def set_columns(self, columns: Int64Array) -> Self:
        """Count these words in these states alone: numbers ``state * n_ids + id``, rising."""
        self.columns = columns
        self._places = np.full(self.hmm.emissions.size, -1, np.int32)
        self._places[columns] = np.arange(len(columns), dtype=np.int32)
        return self

    def learn(self, words: Ragged, max_columns: int) -> CountMatrix:
        """Learn the columns, at most so many, those of the largest sums; and count, shape (n_texts, n_columns)."""
        counts = self.set_columns(np.arange(self.hmm.emissions.size)).count(words)
        sums = np.asarray(counts.sum(axis=0))
        largest = np.argsort(-sums, kind="stable")[: min(max_columns, np.count_nonzero(sums))]
        self.set_columns(np.sort(largest))
        return csr_array(counts[:, self.columns])

    def count(self, words: Ragged) -> CountMatrix:
        """Count what has a column, shape (n_texts, n_columns)."""
        begins = np.searchsorted(words.offsets, np.arange(0, len(words.values), TOKENS_AT_ONCE), side="right") - 1
        ends = [*np.unique(begins)[1:], len(words)]
        counts: Any = vstack([self._count_some(words.slice(i, j)) for i, j in itertools.pairwise([0, *ends])])
        return csr_array(counts)

    def _count_some(self, words: Ragged) -> Any:
        n_ids = self.hmm.emissions.shape[1]
        (of_state,) = posteriors(self.hmm, words)
        token, state = np.nonzero(of_state >= self.min_probability)
        place = self._places[state * n_ids + words.values[token]]
        token, state, place = token[place >= 0], state[place >= 0], place[place >= 0]
        row = np.repeat(np.arange(len(words), dtype=np.int32), words.lengths)[token]
        shape = (len(words), len(self.columns))
        counts: Any = coo_array((of_state[token, state], (row, place)), shape=shape).tocsr()
        counts.data = np.sqrt(np.minimum(counts.data, 1))
        return counts
