"""Logistic regression on what a text has, weighted as naive Bayes weights it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from bench.corpus import Corpus

from ..base import Array
from ..id_arrays import CountMatrix
from ..log_count_regression import LogCountRegression
from .logistic_regression import LogisticRegressionClassifier
from .ngrams import NGrams
from .tfidf import words


class NBLogisticRegressionClassifier(LogisticRegressionClassifier):
    """Logistic regression on words and their sequences, each counted once a text and weighted with log-count ratios.

    The ratio says how much more frequent a word is in a class than in the others, as naive Bayes weights it.
    With three or more classes it is one-vs-rest, and the probabilities are scaled to sum to 1.

    It is deterministic, so it has no ``random_state``.

    Parameters
    ----------
    max_n, min_count : int
        See LogisticRegressionClassifier.
    C : float, optional
        Inverse strength of the L2 penalty. None: from 20,000 training texts on 4; below, the value of 0.25, 1, 4, 16,
        64 or 256 that cross-validation on them finds to have the least log loss.

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
    S. Wang and C. D. Manning, "Baselines and bigrams: simple, good sentiment and topic classification", ACL 2012: the
    log-count ratio (eq. 1), there before a support vector machine; with logistic regression and longer sequences
    G. Mesnil et al., "Ensemble of generative and discriminative techniques for sentiment analysis of movie reviews",
    2014.

    Examples
    --------
    >>> from bench.encoding import encode_split
    >>> _, train, test = encode_split(["good film", "bad film", "good", "bad"], ["a good one", "bad bad"], "closed")
    >>> NBLogisticRegressionClassifier().fit(train, [1, 0, 1, 0]).predict(test)
    array([1, 0])
    """

    C_PATH: ClassVar[Sequence[float]] = (0.25, 1.0, 4.0, 16.0, 64.0, 256.0)
    C_OF_MANY_TEXTS = 4.0

    def _learn_features(self, X: Corpus) -> CountMatrix:
        self.ngrams_ = NGrams(self.max_n, len(X.vocabulary), self.min_count)
        return _once(self.ngrams_.learn(words(X)))

    def _features(self, X: Corpus) -> CountMatrix:
        return _once(self.ngrams_.count(words(X)))

    def _new_functions(self, C: float) -> LogCountRegression:
        return LogCountRegression(C)

    def _arrays(self) -> dict[str, Array]:
        return {**self.ngrams_.arrays(), **self.functions_.arrays()}

    def _set_arrays(self, arrays: dict[str, Array]) -> None:
        self.ngrams_ = NGrams.from_arrays(self.max_n, arrays)
        self.functions_ = LogCountRegression(0).set_arrays(arrays)


def _once(counts: CountMatrix) -> CountMatrix:
    counts.data = np.ones_like(counts.data)
    return counts
