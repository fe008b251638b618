"""Naive Bayes: the baseline that every other model has to beat."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.naive_bayes import MultinomialNB
from sklearn.utils.validation import check_is_fitted

from bench.corpus import Corpus

from ..base import Array, FloatArray, ProbabilisticClassifier
from ..id_arrays import count_words


class NaiveBayesClassifier(ProbabilisticClassifier):
    """Multinomial naive Bayes: words of a class are drawn independently, Bayes' rule turns that round.

    It is deterministic, so it has no ``random_state``.

    Parameters
    ----------
    alpha : float
        Occurrences of each word that are added to those seen in a class.

    Attributes
    ----------
    classes_ : array, shape (n_classes,)
    n_parameters_ : int
        Word probabilities and class priors.

    Raises
    ------
    ValueError
        No training text has a word.

    References
    ----------
    A. McCallum and K. Nigam, "A comparison of event models for naive Bayes text classification", AAAI workshop on
    learning for text categorization, 1998: the multinomial event model.

    Examples
    --------
    >>> from bench.encoding import encode_split
    >>> _, train, test = encode_split(["good film", "bad film", "good", "bad"], ["a good one", "bad bad"], "closed")
    >>> NaiveBayesClassifier().fit(train, [1, 0, 1, 0]).predict_proba(test).round(2).tolist()
    [[0.25, 0.75], [0.9, 0.1]]
    """

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def fit(self, X: Corpus, y: npt.ArrayLike) -> NaiveBayesClassifier:
        """Learn from texts and their labels."""
        codes = self._learn_classes(X, y)
        self.model_ = MultinomialNB(alpha=self.alpha).fit(count_words(X), codes)
        self.n_parameters_ = self.model_.feature_log_prob_.size + self.model_.class_log_prior_.size
        return self

    def predict_proba(self, X: Corpus) -> FloatArray:
        """Probability of each class, shape (n_texts, n_classes)."""
        check_is_fitted(self, "model_")
        if len(X) == 0:
            return np.empty((0, len(self.classes_)))
        probabilities: FloatArray = self.model_.predict_proba(count_words(X))
        return probabilities

    def _arrays(self) -> dict[str, Array]:
        return {"feature_log_prob": self.model_.feature_log_prob_, "class_log_prior": self.model_.class_log_prior_}

    def _set_arrays(self, arrays: dict[str, Array]) -> None:
        self.model_ = MultinomialNB(alpha=self.alpha)
        self.model_.classes_ = np.arange(len(self.classes_))
        self.model_.feature_log_prob_ = arrays["feature_log_prob"]
        self.model_.class_log_prior_ = arrays["class_log_prior"]
        self.model_.n_features_in_ = self.model_.feature_log_prob_.shape[1]
