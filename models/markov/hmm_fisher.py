"""Logistic regression on what hidden Markov models find in a text."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array, vstack
from sklearn.utils.validation import check_is_fitted

from bench.corpus import Corpus, Ragged

from ..base import Array, FloatArray
from ..id_arrays import CountMatrix
from ..weighted_logistic import WeightedLogisticRegression
from .forward_backward import posteriors
from .hmm import HMMClassifier

TEXTS_AT_ONCE = 4096


class HMMFisherClassifier(HMMClassifier):
    """A discriminative HMM: the hidden Markov models of all classes read a text, logistic regression judges by that.

    A column is a word in a state of a class's model: how often the text is expected to have that (at most once counts),
    weighted with its log-count ratio as naive Bayes weights it. Up to the weights these are the derivatives of the
    text's likelihood after the emission probabilities, its Fisher scores.

    Parameters
    ----------
    n_states, n_iter, n_class_iter, tol, smoothing, n_restarts, random_state
        Of the hidden Markov models: see HMMClassifier.
    C : float
        Inverse strength of the logistic regression's L2 penalty.
    min_probability : float
        A state that is less likely than this at a word is left out.

    Attributes
    ----------
    classes_, models_, stopped_, history_, n_rows_seen_
        See HMMClassifier.
    n_parameters_ : int
        Probabilities of the hidden Markov models, and the regression's weights and intercepts.

    Raises
    ------
    FloatingPointError
        The likelihood is not a finite number.
    ValueError
        No training text has a word, or a parameter is out of range.

    References
    ----------
    T. Jaakkola and D. Haussler, "Exploiting generative models in discriminative classifiers", NIPS 1998: Fisher scores.
    S. Wang and C. D. Manning, "Baselines and bigrams", ACL 2012: the log-count ratio.

    Examples
    --------
    >>> from bench.encoding import encode_split
    >>> _, train, test = encode_split(["good film", "bad film", "good", "bad"], ["a good one", "bad bad"], "closed")
    >>> HMMFisherClassifier(n_states=2).fit(train, [1, 0, 1, 0]).predict(test)
    array([1, 0])
    """

    def __init__(
        self,
        n_states: int = 16,
        n_iter: int = 10,
        n_class_iter: int = 2,
        tol: float = 1e-5,
        smoothing: float = 4.0,
        n_restarts: int = 1,
        C: float = 3.0,
        min_probability: float = 0.05,
        random_state: int = 0,
    ) -> None:
        super().__init__(n_states, n_iter, n_class_iter, tol, smoothing, n_restarts, random_state)
        self.C = C
        self.min_probability = min_probability

    def fit(self, X: Corpus, y: npt.ArrayLike) -> HMMFisherClassifier:
        """Learn from texts and their labels."""
        super().fit(X, y)
        codes = np.searchsorted(self.classes_, np.asarray(y))
        self.regression_ = WeightedLogisticRegression("nb", self.C).fit(self.expected_counts(X), codes)
        self.n_parameters_ += self.regression_.n_parameters
        return self

    def predict_proba(self, X: Corpus) -> FloatArray:
        """Probability of each class, shape (n_texts, n_classes)."""
        check_is_fitted(self, "regression_")
        return self.regression_.predict_proba(self.expected_counts(X))

    def expected_counts(self, X: Corpus) -> CountMatrix:
        """How often each word is expected in each state of each model, at most 1, shape (n_texts, n_columns)."""
        words = self._seen_words(X)
        starts = range(0, max(len(words), 1), TEXTS_AT_ONCE)
        counts: Any = vstack([self._count(words.slice(i, min(i + TEXTS_AT_ONCE, len(words)))) for i in starts])
        return csr_array(counts)

    def _count(self, words: Ragged) -> Any:
        n_models, n_ids, n_states = self.hmms_.emissions.shape
        if self.hmms_.emissions.size > np.iinfo(np.int32).max:  # scikit-learn's solvers count columns in 32 bits
            raise ValueError(
                f"{n_models} classes, {n_states} states and {n_ids} ids make too many columns; lower n_states"
            )
        probabilities = posteriors(self.hmms_, words)
        model, token, state = np.nonzero(probabilities >= self.min_probability)
        row = np.repeat(np.arange(len(words), dtype=np.int32), words.lengths)[token]
        column = ((model * n_states + state) * n_ids + words.values[token]).astype(np.int32)
        shape = (len(words), n_models * n_states * n_ids)
        counts: Any = csr_array(coo_array((probabilities[model, token, state], (row, column)), shape=shape))
        counts.data = np.minimum(counts.data, 1)
        return counts

    def _arrays(self) -> dict[str, Array]:
        return {**super()._arrays(), **self.regression_.arrays()}

    def _set_arrays(self, arrays: dict[str, Array]) -> None:
        super()._set_arrays(arrays)
        self.regression_ = WeightedLogisticRegression("nb", self.C).set_arrays(arrays)
