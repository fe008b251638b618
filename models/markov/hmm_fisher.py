"""Logistic regression on what a hidden Markov model finds in a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from sklearn.utils.validation import check_is_fitted

from bench.corpus import Corpus

from ..base import Array, FloatArray
from ..log_count_regression import LogCountRegression
from ..one_vs_rest import positive_classes, probabilities
from ..regularised import RegularisedClassifier
from .common import STATES, MarkovClassifier
from .expected_counts import ExpectedCounts
from .forward_backward import HMMs

MAX_WEIGHTS = 1 << 25
"""Columns times functions of classes. With more the rarest columns are left out: a quarter of a gigabyte of weights."""


class HMMFisherClassifier(MarkovClassifier, RegularisedClassifier):
    """A discriminative HMM: a hidden Markov model of all texts reads a text, logistic regression judges by that.

    A column is a word in a state: the square root of how often the text is expected to have that (at most once counts),
    weighted with its log-count ratio as naive Bayes weights it. Up to the weights these are the derivatives of the
    text's likelihood after the emission probabilities, its Fisher scores. The model is one, so that time and memory
    hardly grow with the classes; there are at most 33,554,432 weights, for which the rarest columns are left out.

    Parameters
    ----------
    n_states : int, optional
        Hidden states. None: 1 below 10,000 words a class on average, else 16.
    n_iter, tol, smoothing, n_restarts, random_state
        Of the hidden Markov model: see HMMClassifier.
    C : float, optional
        Inverse strength of the logistic regression's L2 penalty. None: from 20,000 training texts on 3; below, the
        value of 0.3, 3, 30 or 300 that cross-validation on them finds to have the least log loss.
    min_probability : float
        A state that is less likely than this at a word is left out.

    Attributes
    ----------
    classes_ : array, shape (n_classes,)
    n_states_, C_
        What was given or chosen.
    stopped_ : str
        How EM ended: "converged" or "stopped at the limit".
    history_ : list of dict
        The iterations of EM as HMMClassifier has them, then one entry per value of C and fold of the cross-validation
        as LogisticRegressionClassifier has them.
    n_rows_seen_ : int
        Texts times iterations, and the texts that the regression learnt from, the cross-validation counted.
    n_parameters_ : int
        Probabilities of the hidden Markov model, and the regression's weights and intercepts.

    Raises
    ------
    FloatingPointError
        The likelihood is not a finite number.
    ValueError
        No training text has a word, or a parameter is out of range.

    References
    ----------
    T. Jaakkola and D. Haussler, "Exploiting generative models in discriminative classifiers", NIPS 1998: Fisher scores.
    F. Perronnin, J. Sanchez and T. Mensink, "Improving the Fisher kernel for large-scale image classification", ECCV
    2010: the square root. S. Wang and C. D. Manning, "Baselines and bigrams", ACL 2012: the log-count ratio.

    Examples
    --------
    >>> from bench.encoding import encode_split
    >>> _, train, test = encode_split(["good film", "bad film", "good", "bad"], ["a good one", "bad bad"], "closed")
    >>> HMMFisherClassifier(n_states=2).fit(train, [1, 0, 1, 0]).predict(test)
    array([1, 0])
    """

    C_PATH: ClassVar[Sequence[float]] = (0.3, 3.0, 30.0, 300.0)
    C_OF_MANY_TEXTS = 3.0

    def __init__(
        self,
        n_states: int | None = None,
        n_iter: int = 10,
        tol: float = 1e-5,
        smoothing: float = 4.0,
        n_restarts: int = 1,
        C: float | None = None,
        min_probability: float = 0.05,
        random_state: int = 0,
    ) -> None:
        self.n_states = n_states
        self.n_iter = n_iter
        self.tol = tol
        self.smoothing = smoothing
        self.n_restarts = n_restarts
        self.C = C
        self.min_probability = min_probability
        self.random_state = random_state

    def fit(self, X: Corpus, y: npt.ArrayLike) -> HMMFisherClassifier:
        """Learn from texts and their labels."""
        self._begin()
        self._check_n_states()
        self._check_penalty()
        codes = self._learn_classes(X, y)
        words = self._learn_words(X)
        self.n_states_ = self.n_states or STATES[not self._has_few_words(words)]
        common = self._learn_common(words, self.n_states_)
        self.stopped_ = common.monitor_.ended
        self.expected_ = ExpectedCounts(HMMs.of([common]), self.min_probability)
        max_columns = MAX_WEIGHTS // len(positive_classes(len(self.classes_)))
        self._learn_functions(self.expected_.learn(words, max_columns), codes, self._n_steps())
        self.n_parameters_ = sum(array.size for array in self.expected_.hmm) + self.functions_.n_parameters
        return self

    def predict_proba(self, X: Corpus) -> FloatArray:
        """Probability of each class, shape (n_texts, n_classes)."""
        check_is_fitted(self, "functions_")
        return probabilities(self.functions_.decision(self.expected_.count(self._seen_words(X))))

    def _new_functions(self, C: float) -> LogCountRegression:
        return LogCountRegression(C)

    def _arrays(self) -> dict[str, Array]:
        learnt = {"is_seen": self.is_seen_, "columns": self.expected_.columns}
        return {**learnt, **self.expected_.hmm._asdict(), **self.functions_.arrays()}

    def _set_arrays(self, arrays: dict[str, Array]) -> None:
        self.is_seen_ = arrays["is_seen"]
        hmm = HMMs(arrays["start"], arrays["transitions"], arrays["emissions"])
        self.expected_ = ExpectedCounts(hmm, self.min_probability).set_columns(np.asarray(arrays["columns"]))
        self.functions_ = LogCountRegression(1.0).set_arrays(arrays)
