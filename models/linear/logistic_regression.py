"""Logistic regression on TF-IDF of words and of their sequences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from bench.corpus import Corpus

from ..base import FloatArray, ProbabilisticClassifier
from ..one_vs_rest import OneVsRest, logistic_regression, probabilities
from .linear_classifier import LinearTextClassifier


class LogisticRegressionClassifier(LinearTextClassifier, ProbabilisticClassifier):
    """Logistic regression on TF-IDF: sublinear counts of words and of their sequences, texts scaled to a length of 1.

    With three or more classes it is one-vs-rest, and the probabilities are scaled to sum to 1.

    It is deterministic, so it has no ``random_state``.

    Parameters
    ----------
    max_n : int
        Words of the longest sequences that are counted (n-grams); 1 counts single words only.
    min_count : int
        Occurrences in the training texts below which a sequence of two words or more is not counted.
    C : float, optional
        Inverse strength of the L2 penalty. None: from 20,000 training texts on 30, or 3 where single words only are
        counted; below, the value of 1, 3, 10, 30 or 100 that cross-validation on them finds to have the least log loss.

    Attributes
    ----------
    classes_ : array, shape (n_classes,)
    C_ : float
        What was given or chosen.
    history_ : list of dict
        One per value of C and fold of the cross-validation: ``step``, ``steps`` (at most), ``seconds``, ``C``,
        ``validation_loss`` (log loss, nats a text).
    n_rows_seen_ : int
        Texts, those of the cross-validation counted.
    n_parameters_ : int
        Weights and intercepts.

    Raises
    ------
    ValueError
        No training text has a word, or a parameter is out of range.

    References
    ----------
    G. Salton and C. Buckley, "Term-weighting approaches in automatic text retrieval", Information Processing &
    Management 24(5), 1988: TF-IDF.

    Examples
    --------
    >>> from bench.encoding import encode_split
    >>> _, train, test = encode_split(["good film", "bad film", "good", "bad"], ["a good one", "bad bad"], "closed")
    >>> LogisticRegressionClassifier().fit(train, [1, 0, 1, 0]).predict(test)
    array([1, 0])
    """

    C_PATH: ClassVar[Sequence[float]] = (1.0, 3.0, 10.0, 30.0, 100.0)
    C_OF_MANY_TEXTS = 30.0
    C_OF_MANY_TEXTS_AND_WORDS_ALONE = 3.0

    def predict_proba(self, X: Corpus) -> FloatArray:
        """Probability of each class, shape (n_texts, n_classes)."""
        return probabilities(self._decision(X))

    def _penalty_of_many_texts(self) -> float:
        return self.C_OF_MANY_TEXTS_AND_WORDS_ALONE if self.max_n == 1 else self.C_OF_MANY_TEXTS

    def _new_functions(self, C: float) -> OneVsRest:
        return OneVsRest(logistic_regression(C))
