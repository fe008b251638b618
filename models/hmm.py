"""Hidden Markov models of token sequences, one a class."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from hmmlearn.hmm import CategoricalHMM
from scipy.special import softmax
from sklearn.utils.validation import check_is_fitted

from bench.corpus import START_ID, Corpus, Ragged

from .base import Array, FloatArray, TextClassifier
from .em import learn
from .passes import HMMs, log_likelihood
from .tokens import choose

STAY_AT_START = 0.9
"""Probability that a state follows itself, before learning."""


class HMMClassifier(TextClassifier):
    """One hidden Markov model a class over the token ids, and Bayes' rule with the classes' frequencies.

    Each model is learnt by expectation-maximisation (hmmlearn's) from a random start. Start ids are left out, and
    so is a word that no training text has: it moves no decision.

    Parameters
    ----------
    n_states : int
        Hidden states of each class.
    n_iter : int
        Limit of EM iterations.
    tol : float
        EM has converged when an iteration gains less than this, in nats a token.
    smoothing : float
        Pseudo-counts of each word in each state, of each transition and of each first state (Dirichlet priors of
        1 + smoothing). More than 0, so that every text has a likelihood.
    n_restarts : int
        Random starts, each of all classes together; the one with the best training likelihood is kept.
    random_state : int
        Seed of the starts.

    Attributes
    ----------
    classes_ : array, shape (n_classes,)
    models_ : list of hmmlearn.hmm.CategoricalHMM, length n_classes
    stopped_ : dict
        For each class, "converged" or "stopped at the limit".
    history_ : list of dict
        One an iteration: ``step`` and ``steps`` over all classes and restarts, ``seconds``, ``class``, ``restart``,
        ``iteration``, ``log_likelihood`` (nats, of the class's training texts, before the iteration's update).
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
    >>> from bench.divisions import encode_split
    >>> _, train, test = encode_split(["good film", "bad film", "good", "bad"], ["a good one", "bad bad"], "closed")
    >>> HMMClassifier(n_states=2).fit(train, [1, 0, 1, 0]).predict(test)
    array([1, 0])
    """

    def __init__(
        self,
        n_states: int = 8,
        n_iter: int = 10,
        tol: float = 1e-5,
        smoothing: float = 1.0,
        n_restarts: int = 1,
        random_state: int = 0,
    ) -> None:
        self.n_states = n_states
        self.n_iter = n_iter
        self.tol = tol
        self.smoothing = smoothing
        self.n_restarts = n_restarts
        self.random_state = random_state

    def fit(self, X: Corpus, y: npt.ArrayLike) -> HMMClassifier:
        """Learn from texts and their labels."""
        self.history_: list[dict[str, Any]] = []
        self.n_rows_seen_ = 0
        self._started = time.perf_counter()
        self._check_at_least_one("n_states", "n_iter", "n_restarts")
        if not 0 < self.smoothing < np.inf:
            raise ValueError(f"smoothing is {self.smoothing}, expected a number over 0")
        codes = self._learn_classes(X, y)
        words = self._words(X)
        n_features, n_classes = len(X.vocabulary), len(self.classes_)
        self.is_seen_ = np.bincount(words.values, minlength=n_features) > 0
        self.class_log_prior_ = np.log(np.bincount(codes) / len(codes))
        words_of = [words.take(np.flatnonzero(codes == code)) for code in range(n_classes)]
        models = [self._start_model(r, of_class, n_features) for r in range(self.n_restarts) for of_class in words_of]
        learn(models, words_of * self.n_restarts, self.tol, partial(self._note_iteration, words_of))
        restarts = [models[i : i + n_classes] for i in range(0, len(models), n_classes)]
        self.models_ = max(restarts, key=lambda models: sum(model.monitor_.log_likelihood for model in models))
        self.stopped_ = {
            label: "converged" if model.monitor_.converged else "stopped at the limit"
            for label, model in zip(self.classes_.tolist(), self.models_, strict=True)
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

    def _note_iteration(self, words_of: list[Ragged], model: int, iteration: int, log_likelihood: float) -> None:
        restart, code = divmod(model, len(words_of))
        self.n_rows_seen_ += len(words_of[code])
        n_models = len(words_of) * self.n_restarts
        self.history_.append(
            {
                "step": (iteration - 1) * n_models + model + 1,
                "steps": n_models * self.n_iter,
                "seconds": time.perf_counter() - self._started,
                "class": self.classes_.tolist()[code],
                "restart": restart,
                "iteration": iteration,
                "log_likelihood": log_likelihood,
            }
        )

    def _start_model(self, restart: int, words: Ragged, n_features: int) -> CategoricalHMM:
        """A model to begin EM with: states that last for some words and have the class's word frequencies, distorted.

        Each state's distortion is the same in every class, so that the states of all classes come apart in the same
        iterations; a class that is ahead of the others would draw all the texts to itself.
        """
        model = CategoricalHMM(
            self.n_states,
            startprob_prior=1 + self.smoothing,
            transmat_prior=1 + self.smoothing,
            emissionprob_prior=1 + self.smoothing,
            n_features=n_features,
            n_iter=self.n_iter,
            init_params="",
            implementation="scaling",
        )
        random = np.random.default_rng([self.random_state, restart])
        frequency = np.bincount(words.values, minlength=n_features) + self.smoothing
        model.startprob_ = np.full(self.n_states, 1 / self.n_states)
        others = _rows_to_one(random.exponential(size=(self.n_states, self.n_states)))
        model.transmat_ = STAY_AT_START * np.eye(self.n_states) + (1 - STAY_AT_START) * others
        model.emissionprob_ = _rows_to_one(frequency * random.exponential(size=(self.n_states, n_features)))
        return model


def _rows_to_one(array: FloatArray) -> FloatArray:
    rows: FloatArray = array / array.sum(axis=1, keepdims=True)
    return rows
