"""Logistic regression on weighted counts of words and of their sequences."""

from __future__ import annotations

from typing import get_args

import numpy as np
import numpy.typing as npt
from sklearn.utils.validation import check_is_fitted

from bench.corpus import START_ID, Corpus, Ragged

from ..base import Array, FloatArray, TextClassifier
from ..id_arrays import CountMatrix, choose
from ..weighted_logistic import WeightedLogisticRegression, Weighting
from .ngrams import NGrams


class LogisticRegressionClassifier(TextClassifier):
    """Logistic regression on weighted words and sequences of words, each text's weights scaled to a length of 1.

    With three or more classes it is one-vs-rest, and the probabilities are scaled to sum to 1.

    It is deterministic, so it has no ``random_state``.

    Parameters
    ----------
    max_n : int
        Words of the longest sequences that are counted (n-grams); 1 counts single words only.
    min_count : int
        Occurrences in the training texts below which a sequence of two words or more is not counted.
    weighting : {"nb", "tfidf"}
        "nb": what a text has counts once, weighted with the logarithm of how much more frequent it is in a class than
        in the others, as naive Bayes weights it. "tfidf": 1 + log(count), times the inverse document frequency.
    C : float
        Inverse strength of the L2 penalty.

    Attributes
    ----------
    classes_ : array, shape (n_classes,)
    n_parameters_ : int
        Weights and intercepts.

    Raises
    ------
    ValueError
        No training text has a word, or a parameter is out of range.

    References
    ----------
    S. Wang and C. D. Manning, "Baselines and bigrams: simple, good sentiment and topic classification", ACL 2012: the
    log-count ratio (eq. 1), there before a support vector machine; with logistic regression and longer sequences
    G. Mesnil et al., "Ensemble of generative and discriminative techniques for sentiment analysis of movie reviews",
    2014. G. Salton and C. Buckley, "Term-weighting approaches in automatic text retrieval", Information Processing &
    Management 24(5), 1988: TF-IDF.

    Examples
    --------
    >>> from bench.encoding import encode_split
    >>> _, train, test = encode_split(["good film", "bad film", "good", "bad"], ["a good one", "bad bad"], "closed")
    >>> LogisticRegressionClassifier().fit(train, [1, 0, 1, 0]).predict(test)
    array([1, 0])
    """

    def __init__(self, max_n: int = 2, min_count: int = 2, weighting: Weighting = "nb", C: float = 4.0) -> None:
        self.max_n = max_n
        self.min_count = min_count
        self.weighting = weighting
        self.C = C

    def fit(self, X: Corpus, y: npt.ArrayLike) -> LogisticRegressionClassifier:
        """Learn from texts and their labels."""
        self._check_at_least_one("max_n", "min_count")
        if self.weighting not in get_args(Weighting):
            raise ValueError(f"weighting is {self.weighting!r}, expected 'nb' or 'tfidf'")
        codes = self._learn_classes(X, y)
        self.ngrams_ = NGrams(self.max_n, len(X.vocabulary), self.min_count)
        counts = self._damp(self.ngrams_.learn(_without_start(X)))
        self.model_ = WeightedLogisticRegression(self.weighting, self.C).fit(counts, codes)
        self.n_parameters_ = self.model_.n_parameters
        return self

    def predict_proba(self, X: Corpus) -> FloatArray:
        """Probability of each class, shape (n_texts, n_classes)."""
        check_is_fitted(self, "model_")
        return self.model_.predict_proba(self._damp(self.ngrams_.count(_without_start(X))))

    def _damp(self, counts: CountMatrix) -> CountMatrix:
        counts.data = 1 + np.log(counts.data) if self.weighting == "tfidf" else np.ones_like(counts.data)
        return counts

    def _arrays(self) -> dict[str, Array]:
        keys = {f"keys_of_{n}_grams": keys for n, keys in enumerate(self.ngrams_.keys, start=2)}
        return {"n_ids": np.array(self.ngrams_.n_ids), **keys, **self.model_.arrays()}

    def _set_arrays(self, arrays: dict[str, Array]) -> None:
        keys = [arrays[f"keys_of_{n}_grams"] for n in range(2, self.max_n + 1)]
        self.ngrams_ = NGrams.from_keys(int(arrays["n_ids"]), keys)
        self.model_ = WeightedLogisticRegression(self.weighting, self.C).set_arrays(arrays)


def _without_start(X: Corpus) -> Ragged:
    return choose(X.token_ids, X.token_ids.values != START_ID)
