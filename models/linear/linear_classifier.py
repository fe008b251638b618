"""What the linear models share: TF-IDF of words and of their sequences, and learning."""

from __future__ import annotations

from typing import Self

import numpy.typing as npt
from sklearn.utils.validation import check_is_fitted

from bench.corpus import Corpus

from ..arrays import Array, FloatArray
from ..id_arrays import CountMatrix
from ..one_vs_rest import OneVsRest
from ..regularised import RegularisedClassifier
from .ngrams import NGrams
from .tfidf import Tfidf


class LinearTextClassifier(RegularisedClassifier):
    """Features of words and of their sequences, TF-IDF if not overridden, and a linear function for each class."""

    def __init__(self, max_n: int = 2, min_count: int = 2, C: float | None = None) -> None:
        self.max_n = max_n
        self.min_count = min_count
        self.C = C

    def fit(self, X: Corpus, y: npt.ArrayLike) -> Self:
        """Learn from texts and their labels."""
        self._check_at_least_one("max_n", "min_count")
        self._check_penalty()
        codes = self._learn_classes(X, y)
        self.history_, self.n_rows_seen_ = [], 0
        self._learn_functions(self._learn_features(X), codes)
        self.n_parameters_ = self.functions_.n_parameters
        return self

    def _decision(self, X: Corpus) -> FloatArray:
        check_is_fitted(self, "functions_")
        return self.functions_.decision(self._features(X))

    def _learn_features(self, X: Corpus) -> CountMatrix:
        """Learn the columns, and return the rows of the texts."""
        self.tfidf_ = Tfidf(NGrams(self.max_n, len(X.vocabulary), self.min_count))
        return self.tfidf_.learn(X)

    def _features(self, X: Corpus) -> CountMatrix:
        return self.tfidf_.transform(X)

    def _arrays(self) -> dict[str, Array]:
        return {**self.tfidf_.arrays(), **self.functions_.arrays()}

    def _set_arrays(self, arrays: dict[str, Array]) -> None:
        self.tfidf_ = Tfidf.from_arrays(self.max_n, arrays)
        self.functions_ = OneVsRest(None).set_arrays(arrays)
