"""A linear support vector machine on TF-IDF of words and of their sequences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from sklearn.svm import LinearSVC

from bench.corpus import Corpus

from ..base import FloatArray
from ..one_vs_rest import OneVsRest
from .linear_classifier import LinearTextClassifier


class LinearSVMClassifier(LinearTextClassifier):
    """Support vector machine (squared hinge loss, one-vs-rest) on the features of LogisticRegressionClassifier.

    It gives scores, not probabilities. It is deterministic, so it has no ``random_state``.

    Parameters
    ----------
    max_n, min_count : int
        See LogisticRegressionClassifier.
    C : float, optional
        Inverse strength of the L2 penalty. None: from 20,000 training texts on 0.3; below, the value of 0.03, 0.1, 0.3,
        1, 3 or 10 that cross-validation on them finds to make the fewest errors.

    Attributes
    ----------
    classes_, C_, n_rows_seen_, n_parameters_
        See LogisticRegressionClassifier.
    history_ : list of dict
        As there; ``validation_loss`` is the share of errors.

    Raises
    ------
    ValueError
        No training text has a word, or a parameter is out of range.

    References
    ----------
    C. Cortes and V. Vapnik, "Support-vector networks", Machine Learning 20, 1995. T. Joachims, "Text categorization
    with support vector machines: learning with many relevant features", ECML 1998.

    Examples
    --------
    >>> from bench.encoding import encode_split
    >>> _, train, test = encode_split(["good film", "bad film", "good", "bad"], ["a good one", "bad bad"], "closed")
    >>> LinearSVMClassifier().fit(train, [1, 0, 1, 0]).decision_function(test).round(2).tolist()
    [0.28, -0.85]
    """

    C_PATH: ClassVar[Sequence[float]] = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
    C_OF_MANY_TEXTS = 0.3

    def decision_function(self, X: Corpus) -> FloatArray:
        """Return scores: of the second class, shape (n_texts,), or of each of several, shape (n_texts, n_classes)."""
        decision = self._decision(X)
        return decision[:, 0] if decision.shape[1] == 1 else decision

    def _choose(self, X: Corpus) -> npt.NDArray[np.int64]:
        return _chosen(self._decision(X))

    def _new_functions(self, C: float) -> OneVsRest:
        return OneVsRest(LinearSVC(C=C, tol=1e-2, max_iter=1000, random_state=0))

    def _loss(self, decision: FloatArray, codes: npt.NDArray[np.int64]) -> float:
        return float(np.mean(_chosen(decision) != codes))


def _chosen(decision: FloatArray) -> npt.NDArray[np.int64]:
    chosen: npt.NDArray[np.int64] = decision.argmax(axis=1) if decision.shape[1] > 1 else (decision[:, 0] > 0) * 1
    return chosen
