"""Hidden Markov models of token sequences, one per class."""

from __future__ import annotations

import copy
import time
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from hmmlearn.hmm import CategoricalHMM
from scipy.special import softmax
from sklearn.utils.validation import check_is_fitted

from bench.corpus import START_ID, Corpus, Ragged

from ..base import Array, FloatArray, TextClassifier
from ..id_arrays import choose
from .em import Monitor, learn
from .forward_backward import HMMs, log_likelihood

STAY_AT_START = 0.9
"""Probability that a state follows itself, before learning."""


class HMMClassifier(TextClassifier):
    """One hidden Markov model a class over the token ids, and Bayes' rule with the classes' frequencies.

    A model of all texts is learnt first, from a random start, by expectation-maximisation (hmmlearn's). Each class's
    model goes on from it with the texts of that class alone: so state k means the same in every class, and the
    likelihoods differ by what the classes are like, not by where learning happened to end. Start ids are left out, and
    so is a word that no training text has: it moves no decision.

    Parameters
    ----------
    n_states : int
        Hidden states of each class.
    n_iter : int
        Limit of EM iterations with all texts.
    n_class_iter : int
        Limit of EM iterations with the texts of a class, after those.
    tol : float
        EM has converged when an iteration gains less than this, in nats a token.
    smoothing : float
        Pseudo-counts of each word in each state, of each transition and of each first state (Dirichlet priors of
        1 + smoothing). More than 0, so that every text has a likelihood.
    n_restarts : int
        Random starts; the one whose model of all texts has the best likelihood is used.
    random_state : int
        Seed of the starts.

    Attributes
    ----------
    classes_ : array, shape (n_classes,)
    models_ : list of hmmlearn.hmm.CategoricalHMM, length n_classes
    stopped_ : dict
        For each class, and for None, the model of all texts: "converged" or "stopped at the limit".
    history_ : list of dict
        One per iteration: ``step`` and ``steps`` over all of them, ``seconds``, ``class`` (None: all texts),
        ``restart``, ``iteration``, ``log_likelihood`` (nats, of the texts, before the iteration's update), ``ended``
        (None while it goes on, else "converged" or "stopped at the limit").
    n_rows_seen_ : int
        Texts times iterations, restarts counted.
    n_parameters_ : int
        Probabilities of all classes.

    Raises
    ------
    FloatingPointError
        The likelihood is not a finite number.
    ValueError
        No training text has a word, or a parameter is out of range.

    References
    ----------
    L. R. Rabiner, "A tutorial on hidden Markov models and selected applications in speech recognition", Proceedings
    of the IEEE 77(2), 1989: EM (eqs. 37 to 40c).

    Examples
    --------
    >>> from bench.encoding import encode_split
    >>> _, train, test = encode_split(["good film", "bad film", "good", "bad"], ["a good one", "bad bad"], "closed")
    >>> HMMClassifier(n_states=2).fit(train, [1, 0, 1, 0]).predict(test)
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
        random_state: int = 0,
    ) -> None:
        self.n_states = n_states
        self.n_iter = n_iter
        self.n_class_iter = n_class_iter
        self.tol = tol
        self.smoothing = smoothing
        self.n_restarts = n_restarts
        self.random_state = random_state

    def fit(self, X: Corpus, y: npt.ArrayLike) -> HMMClassifier:
        """Learn from texts and their labels."""
        self.history_: list[dict[str, Any]] = []
        self.n_rows_seen_ = 0
        self._started = time.perf_counter()
        self._check_at_least_one("n_states", "n_iter", "n_class_iter", "n_restarts")
        if not 0 < self.smoothing < np.inf:
            raise ValueError(f"smoothing is {self.smoothing}, expected a number over 0")
        codes = self._learn_classes(X, y)
        words = self._words(X)
        n_ids, labels = len(X.vocabulary), self.classes_.tolist()
        self.is_seen_ = np.bincount(words.values, minlength=n_ids) > 0
        self.class_log_prior_ = np.log(np.bincount(codes) / len(codes))

        starts = [self._start_model(restart, words, n_ids) for restart in range(self.n_restarts)]
        learn(starts, [words] * self.n_restarts, self.n_iter, self.tol, partial(self._note_common, len(words)))
        common = max(starts, key=lambda model: model.monitor_.log_likelihood)
        self.models_ = [copy.deepcopy(common) for _ in labels]
        words_of = [words.take(np.flatnonzero(codes == code)) for code in range(len(labels))]
        learn(self.models_, words_of, self.n_class_iter, self.tol, partial(self._note_class, words_of))
        self.stopped_ = {
            label: model.monitor_.ended for label, model in zip([None, *labels], [common, *self.models_], strict=True)
        }
        self.hmms_ = HMMs.of(self.models_)
        self.n_parameters_ = sum(a.size for a in (*self.hmms_, self.class_log_prior_))
        return self

    def predict_proba(self, X: Corpus) -> FloatArray:
        """Probability of each class, shape (n_texts, n_classes). A text without a seen word gets the class priors."""
        probabilities: FloatArray = softmax(self.log_likelihood(X) + self.class_log_prior_, axis=1)
        return probabilities

    def log_likelihood(self, X: Corpus) -> FloatArray:
        """Log-likelihood of each text under each class's model in nats, shape (n_texts, n_classes)."""
        check_is_fitted(self, "hmms_")
        return log_likelihood(self.hmms_, self._seen_words(X))

    def _seen_words(self, X: Corpus) -> Ragged:
        words = self._words(X)
        return choose(words, self.is_seen_[words.values])

    def _words(self, X: Corpus) -> Ragged:
        return choose(X.token_ids, X.token_ids.values != START_ID)

    def _arrays(self) -> dict[str, Array]:
        return {"is_seen": self.is_seen_, "class_log_prior": self.class_log_prior_, **self.hmms_._asdict()}

    def _set_arrays(self, arrays: dict[str, Array]) -> None:
        self.is_seen_, self.class_log_prior_ = arrays["is_seen"], arrays["class_log_prior"]
        self.hmms_ = HMMs(arrays["start"], arrays["transitions"], arrays["emissions"])

    def _note_common(self, n_texts: int, restart: int, monitor: Monitor) -> None:
        step = (monitor.iter - 1) * self.n_restarts + restart + 1
        self._note(step, n_texts, {"class": None, "restart": restart}, monitor)

    def _note_class(self, words_of: list[Ragged], code: int, monitor: Monitor) -> None:
        step = self.n_iter * self.n_restarts + (monitor.iter - 1) * len(words_of) + code + 1
        self._note(step, len(words_of[code]), {"class": self.classes_.tolist()[code], "restart": None}, monitor)

    def _note(self, step: int, n_texts: int, whose: dict[str, Any], monitor: Monitor) -> None:
        self.n_rows_seen_ += n_texts
        self.history_.append(
            {
                "step": step,
                "steps": self.n_iter * self.n_restarts + self.n_class_iter * len(self.classes_),
                "seconds": time.perf_counter() - self._started,
                **whose,
                "iteration": monitor.iter,
                "log_likelihood": monitor.log_likelihood,
                "ended": monitor.ended,
            }
        )

    def _start_model(self, restart: int, words: Ragged, n_ids: int) -> CategoricalHMM:
        """Return a model to start EM from: states that last some words, with the words' frequencies distorted."""
        model = CategoricalHMM(
            self.n_states,
            startprob_prior=1 + self.smoothing,
            transmat_prior=1 + self.smoothing,
            emissionprob_prior=1 + self.smoothing,
            n_features=n_ids,
            implementation="scaling",
        )
        random = np.random.default_rng([self.random_state, restart])
        frequency = np.bincount(words.values, minlength=n_ids) + self.smoothing
        model.startprob_ = np.full(self.n_states, 1 / self.n_states)
        others = _rows_to_one(random.exponential(size=(self.n_states, self.n_states)))
        model.transmat_ = STAY_AT_START * np.eye(self.n_states) + (1 - STAY_AT_START) * others
        model.emissionprob_ = _rows_to_one(frequency * random.exponential(size=(self.n_states, n_ids)))
        return model


def _rows_to_one(array: FloatArray) -> FloatArray:
    rows: FloatArray = array / array.sum(axis=1, keepdims=True)
    return rows
