"""Hidden Markov models of token sequences, one a class."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from hmmlearn.base import ConvergenceMonitor
from hmmlearn.hmm import CategoricalHMM
from scipy.special import softmax
from sklearn.utils.validation import check_is_fitted

from bench.corpus import START_ID, Corpus, Ragged

from .base import FloatArray, TextClassifier
from .tokens import choose

ROWS_AT_ONCE = 4096
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
    of the IEEE 77(2), 1989: EM (eqs. 37 to 40c), the scaled forward pass (eqs. 91 to 103).

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
        words = choose(X.token_ids, X.token_ids.values != START_ID)
        n_features = len(X.vocabulary)
        self.is_seen_ = np.bincount(words.values, minlength=n_features) > 0
        self.class_log_prior_ = np.log(np.bincount(codes) / len(codes))
        words_of = [words.take(np.flatnonzero(codes == code)) for code in range(len(self.classes_))]
        restarts = [self._fit_once(restart, words_of, n_features) for restart in range(self.n_restarts)]
        self.models_ = max(restarts, key=lambda models: sum(model.monitor_.log_likelihood for model in models))
        self.stopped_ = {
            label: "converged" if model.monitor_.converged else "stopped at the limit"
            for label, model in zip(self.classes_.tolist(), self.models_, strict=True)
        }
        self._start = np.stack([model.startprob_ for model in self.models_])[:, None]
        self._transitions = np.stack([model.transmat_ for model in self.models_])
        self._emissions = np.ascontiguousarray(np.stack([m.emissionprob_ for m in self.models_]).transpose(0, 2, 1))
        self.n_parameters_ = sum(
            a.size for a in (self._start, self._transitions, self._emissions, self.class_log_prior_)
        )
        return self

    def predict_proba(self, X: Corpus) -> FloatArray:
        """Probability of each class, shape (n_texts, n_classes). A text without a seen word gets the class priors."""
        probabilities: FloatArray = softmax(self.log_likelihood(X) + self.class_log_prior_, axis=1)
        return probabilities

    def log_likelihood(self, X: Corpus) -> FloatArray:
        """Log-likelihood of each text under each class's model in nats, shape (n_texts, n_classes).

        The forward pass, scaled to a sum of 1 at every step, over all texts and classes at once.
        """
        check_is_fitted(self, "models_")
        words = self._seen_words(X)
        lengths = words.lengths
        longest_first = np.argsort(-lengths, kind="stable")
        log_likelihood = np.zeros((len(X), len(self.classes_)))
        for i in range(0, len(X), ROWS_AT_ONCE):
            rows = longest_first[i : i + ROWS_AT_ONCE]
            log_likelihood[rows] = self._forward(words.values, words.offsets[rows], lengths[rows]).T
        return log_likelihood

    def _forward(self, values: npt.NDArray[np.int32], begins: Any, lengths: Any) -> FloatArray:
        """Log-likelihoods, shape (n_classes, n_rows), of rows in order of falling length."""
        log_likelihood = np.zeros((len(self.classes_), len(lengths)))
        n_longer = len(lengths) - np.cumsum(np.bincount(lengths))
        state = self._start
        for t, n in enumerate(n_longer[:-1]):  # texts with more than t words stand first
            predicted = state[:, :n] @ self._transitions if t else state
            state = predicted * self._emissions.take(values[begins[:n] + t], axis=1)
            scale = state.sum(axis=2, keepdims=True)
            state /= scale
            log_likelihood[:, :n] += np.log(scale[..., 0])
        return log_likelihood

    def _seen_words(self, X: Corpus) -> Ragged:
        ids = X.token_ids.values
        return choose(X.token_ids, self.is_seen_[ids] & (ids != START_ID))

    def _fit_once(self, restart: int, words_of: list[Ragged], n_features: int) -> list[CategoricalHMM]:
        """A model of each class, learnt from one random start."""
        models = []
        for code, words in enumerate(words_of):
            model = self._start_model(restart, words, n_features)
            note = partial(self._note_iteration, restart, code, len(words))
            model.monitor_ = _Monitor(model, self.tol * len(words.values), note)
            lengths = words.lengths[words.lengths > 0]
            with _quiet("hmmlearn"):
                if len(lengths):
                    model.fit(words.values[:, None], lengths)
            models.append(model)
        return models

    def _note_iteration(self, restart: int, code: int, n_rows: int, iteration: int, log_likelihood: float) -> None:
        self.n_rows_seen_ += n_rows
        self.history_.append(
            {
                "step": (restart * len(self.classes_) + code) * self.n_iter + iteration,
                "steps": len(self.classes_) * self.n_restarts * self.n_iter,
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


class _Monitor(ConvergenceMonitor):  # type: ignore[misc] # hmmlearn has no types
    """Notes each iteration, and judges by the last gain alone (hmmlearn's own calls the limit converged too).

    With priors EM raises the likelihood times the priors' density, so that is what is judged.
    """

    def __init__(self, model: CategoricalHMM, tol: float, note: Callable[[int, float], None]) -> None:
        super().__init__(tol, model.n_iter, verbose=False)
        self._model = model
        self._note = note
        self._log_prior = _log_prior(model)
        self.log_likelihood = 0.0

    def report(self, log_prob: float) -> None:
        if not np.isfinite(log_prob):
            raise FloatingPointError(f"the likelihood is not a finite number in iteration {self.iter + 1}")
        self.log_likelihood = float(log_prob)
        self.history.append(self.log_likelihood + self._log_prior)
        self._log_prior = _log_prior(self._model)  # of the updated parameters, which the next report is about
        self.iter += 1
        if self._gain() < -1e-8 * abs(self.history[-1]):
            warnings.warn(f"the likelihood fell by {-self._gain():.3g} in iteration {self.iter}", stacklevel=2)
        self._note(self.iter, self.log_likelihood)

    @property
    def converged(self) -> bool:
        return self._gain() < float(self.tol)

    def _gain(self) -> float:
        if not self.history:  # a class without words has nothing to gain
            return 0.0
        return float(self.history[-1] - self.history[-2]) if len(self.history) > 1 else np.inf


def _log_prior(model: CategoricalHMM) -> float:
    """Log density of the Dirichlet priors at the model's parameters, up to a constant."""
    return float(
        (model.startprob_prior - 1) * np.log(model.startprob_).sum()
        + (model.transmat_prior - 1) * np.log(model.transmat_).sum()
        + (model.emissionprob_prior - 1) * np.log(model.emissionprob_).sum()
    )


def _rows_to_one(array: FloatArray) -> FloatArray:
    rows: FloatArray = array / array.sum(axis=1, keepdims=True)
    return rows


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Without a logger's warnings: what they say here is judged by ``_Monitor`` or holds for every short text."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
