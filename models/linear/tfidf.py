"""TF-IDF of words and of their sequences."""

from __future__ import annotations

from typing import Self

import numpy as np
from sklearn.preprocessing import normalize

from bench.corpus import START_ID, Corpus, Ragged

from ..arrays import Array
from ..id_arrays import CountMatrix, choose
from .ngrams import NGrams


class Tfidf:
    """1 + log(count), times the inverse document frequency, each text scaled to a length of 1.

    Parameters
    ----------
    ngrams : NGrams
        The columns.

    References
    ----------
    G. Salton and C. Buckley, "Term-weighting approaches in automatic text retrieval", Information Processing &
    Management 24(5), 1988.
    """

    def __init__(self, ngrams: NGrams) -> None:
        self.ngrams = ngrams

    def learn(self, X: Corpus) -> CountMatrix:
        """Learn columns and frequencies, and weigh, shape (n_texts, n_columns), float32."""
        counts = self.ngrams.learn(words(X))
        self.idf = inverse_document_frequency(counts)
        return self._weigh(counts)

    def transform(self, X: Corpus) -> CountMatrix:
        """Weigh texts by what was learnt, shape (n_texts, n_columns), float32."""
        return self._weigh(self.ngrams.count(words(X)))

    def _weigh(self, counts: CountMatrix) -> CountMatrix:
        if counts.shape[0] == 0:  # scikit-learn refuses to normalise nothing
            return counts
        counts.data = (1 + np.log(counts.data)) * self.idf[counts.indices]
        weighed: CountMatrix = normalize(counts, copy=False)
        return weighed

    def arrays(self) -> dict[str, Array]:
        """Return what it has learnt."""
        return {"idf": self.idf, **self.ngrams.arrays()}

    @classmethod
    def from_arrays(cls, max_n: int, arrays: dict[str, Array]) -> Self:
        """Return what was learnt before."""
        tfidf = cls(NGrams.from_arrays(max_n, arrays))
        tfidf.idf = arrays["idf"]
        return tfidf


def words(X: Corpus) -> Ragged:
    """Token ids of each text without the start id."""
    return choose(X.token_ids, X.token_ids.values != START_ID)


def inverse_document_frequency(counts: CountMatrix) -> Array:
    """log((1 + n_texts) / (1 + texts with the column)) + 1, as scikit-learn's. Shape (n_columns,), float32."""
    n_with = np.bincount(counts.indices, minlength=counts.shape[1])
    return (np.log((1 + counts.shape[0]) / (1 + n_with)) + 1).astype(np.float32)
