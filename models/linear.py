"""Linear models on weighted word counts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import check_is_fitted

from bench.corpus import Corpus

from .base import FloatArray, TextClassifier
from .tokens import count_words


class LogisticRegressionClassifier(TextClassifier):
    """Logistic regression on TF-IDF weights of words, their counts damped to 1 + log(count).

    It is deterministic, so it has no ``random_state``.

    Parameters
    ----------
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
        No training text has a word.

    References
    ----------
    G. Salton and C. Buckley, "Term-weighting approaches in automatic text retrieval", Information Processing &
    Management 24(5), 1988: term frequency times inverse document frequency, cosine-normalised.

    Examples
    --------
    >>> from bench.divisions import encode_split
    >>> _, train, test = encode_split(["good film", "bad film", "good", "bad"], ["a good one", "bad bad"], "closed")
    >>> LogisticRegressionClassifier().fit(train, [1, 0, 1, 0]).predict(test)
    array([1, 0])
    """

    def __init__(self, C: float = 2.0) -> None:
        self.C = C

    def fit(self, X: Corpus, y: npt.ArrayLike) -> LogisticRegressionClassifier:
        """Learn from texts and their labels."""
        codes = self._learn_classes(X, y)
        self.tfidf_ = TfidfTransformer(sublinear_tf=True)
        weights = self.tfidf_.fit_transform(count_words(X))
        self.model_ = LogisticRegression(C=self.C, max_iter=1000).fit(weights, codes)
        self.n_parameters_ = self.model_.coef_.size + self.model_.intercept_.size
        return self

    def predict_proba(self, X: Corpus) -> FloatArray:
        """Probability of each class, shape (n_texts, n_classes)."""
        check_is_fitted(self, "model_")
        if len(X) == 0:
            return np.empty((0, len(self.classes_)))
        probabilities: FloatArray = self.model_.predict_proba(self.tfidf_.transform(count_words(X)))
        return probabilities
