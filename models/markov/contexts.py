"""Counts of tokens by their contexts, which grow token by token."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from bench.events import Events

from ..arrays import FloatArray, IntArray
from ..events import Places, earlier

ROOT = 0
"""In place of a lag: the context of no tokens."""


class ContextCounts(NamedTuple):
    """How often each token follows each context of one length; contexts have numbers, the last for those never seen."""

    lag: int
    """How far back the context's last token is: that by which it is longer than its parent."""
    keys: IntArray
    """Parents' numbers and tokens of the contexts, as one number each, rising."""
    counts: csr_array
    """Shape (n_contexts + 1, n_symbols)."""
    totals: FloatArray
    """Tokens after each context, shape (n_contexts + 1,)."""
    kinds: FloatArray
    """Different tokens after each context; 1 for contexts never seen, which back off wholly."""

    @classmethod
    def learn(cls, X: Events, places: Places, parents: IntArray, lag: int) -> tuple[ContextCounts, IntArray]:
        """Count the tokens at places whose shorter contexts have these numbers; also return the contexts' numbers."""
        keys, numbers = np.unique(_keys(X, places, parents, lag), return_inverse=True)
        tokens = X.tokens.values[places.flat]
        shape = len(keys) + 1, X.n_symbols
        counts = csr_array((np.ones(len(tokens)), (numbers, tokens)), shape=shape)
        kinds = np.diff(counts.indptr).astype(np.float64)
        kinds[-1] = 1
        return cls(lag, keys, counts, counts.sum(axis=1), kinds), numbers

    def find(self, X: Events, places: Places, parents: IntArray) -> IntArray:
        """Return the numbers of the contexts at places whose shorter contexts have these numbers."""
        keys = _keys(X, places, parents, self.lag)
        numbers = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[numbers] == keys, numbers, len(self.keys))

    def count_after(self, contexts: IntArray, tokens: IntArray | None) -> FloatArray:
        """Return how often a token followed each context, shape (n_places, 1); None: all, (n_places, n_symbols)."""
        if tokens is None:
            return np.asarray(self.counts[contexts].toarray())
        return np.asarray(self.counts[contexts, tokens]).reshape(-1, 1)

    def interpolate(self, contexts: IntArray, seen: FloatArray, strength: float, lower: FloatArray) -> FloatArray:
        """Return probabilities from counts and from those of the shorter contexts, each of shape (n_places, ...)."""
        to_share = strength * self.kinds[contexts, None]
        return (seen + to_share * lower) / (self.totals[contexts, None] + to_share)


def _keys(X: Events, places: Places, parents: IntArray, lag: int) -> IntArray:
    return parents * (X.n_symbols + 1) + earlier(X, places, lag) if lag != ROOT else parents


class Level(NamedTuple):
    """The contexts of one length in a model."""

    contexts: ContextCounts
    strength: float
    """Of the shorter contexts' probabilities."""


def path_probabilities(levels: list[Level], X: Events, places: Places, tokens: IntArray | None) -> FloatArray:
    """Probability of one token at each place, shape (n_places, 1); None: of all tokens, (n_places, n_symbols)."""
    numbers = np.zeros(len(places.flat), np.int64)
    n_columns = X.n_symbols if tokens is None else 1
    probabilities = np.full((len(numbers), n_columns), 1 / X.n_symbols)
    for contexts, strength in levels:
        numbers = contexts.find(X, places, numbers)
        probabilities = contexts.interpolate(numbers, contexts.count_after(numbers, tokens), strength, probabilities)
    return probabilities
