"""What the linear models on words and their sequences share."""

from __future__ import annotations

from typing import Self

import numpy.typing as npt
from sklearn.utils.validation import check_is_fitted

from bench.corpus import Corpus

from ..arrays import FloatArray
from ..id_arrays import CountMatrix
from ..regularised import RegularisedClassifier


class LinearTextClassifier(RegularisedClassifier):
    """Features of words and of their sequences, and a linear function for each class."""

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
        raise NotImplementedError

    def _features(self, X: Corpus) -> CountMatrix:
        raise NotImplementedError
