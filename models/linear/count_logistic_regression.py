"""Logistic regression on plain counts of words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from bench.corpus import Corpus

from ..base import Array
from ..id_arrays import CountMatrix
from ..one_vs_rest import OneVsRest
from .logistic_regression import LogisticRegressionClassifier
from .ngrams import NGrams
from .tfidf import words


class CountLogisticRegressionClassifier(LogisticRegressionClassifier):
    """Logistic regression on how often each word occurs in a text: the simplest features that there are.

    It is what LogisticRegressionClassifier is without TF-IDF. It is deterministic, so it has no ``random_state``.

    Parameters
    ----------
    max_n, min_count : int
        See LogisticRegressionClassifier; here 1 word is the default.
    C : float, optional
        Inverse strength of the L2 penalty. None: from 20,000 training texts on 0.03; below, the value of 0.003, 0.01,
        0.03, 0.1, 0.3, 1 or 3 that cross-validation on them finds to have the least log loss.

    Attributes
    ----------
    classes_, C_, history_, n_rows_seen_, n_parameters_
        See LogisticRegressionClassifier.

    Raises
    ------
    ValueError
        No training text has a word, or a parameter is out of range.

    References
    ----------
    Z. Harris, "Distributional structure", Word 10, 1954: the bag of words.

    Examples
    --------
    >>> from bench.encoding import encode_split
    >>> _, train, test = encode_split(["good film", "bad film", "good", "bad"], ["a good one", "bad bad"], "closed")
    >>> CountLogisticRegressionClassifier().fit(train, [1, 0, 1, 0]).predict(test)
    array([1, 0])
    """

    C_PATH: ClassVar[Sequence[float]] = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
    C_OF_MANY_TEXTS = 0.03

    def __init__(self, max_n: int = 1, min_count: int = 2, C: float | None = None) -> None:
        super().__init__(max_n, min_count, C)

    def _learn_features(self, X: Corpus) -> CountMatrix:
        self.ngrams_ = NGrams(self.max_n, len(X.vocabulary), self.min_count)
        return self.ngrams_.learn(words(X))

    def _features(self, X: Corpus) -> CountMatrix:
        return self.ngrams_.count(words(X))

    def _arrays(self) -> dict[str, Array]:
        return {**self.ngrams_.arrays(), **self.functions_.arrays()}

    def _set_arrays(self, arrays: dict[str, Array]) -> None:
        self.ngrams_ = NGrams.from_arrays(self.max_n, arrays)
        self.functions_ = OneVsRest(None).set_arrays(arrays)
