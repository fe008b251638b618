"""The hidden Markov model of all texts, whatever their classes: what the models of this family begin with."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import numpy.typing as npt
from hmmlearn.hmm import CategoricalHMM

from bench.corpus import START_ID, Corpus, Ragged

from ..base import FloatArray, ProbabilisticClassifier
from ..id_arrays import choose
from .em import Monitor, learn

STATES = (1, 16)
"""Numbers of hidden states to choose from."""
FEW_WORDS = 10_000
"""With fewer words a class, on average, there is one state: more could not be told apart."""
STAY_AT_START = 0.9
"""Probability that a state follows itself, before learning."""


class MarkovClassifier(ProbabilisticClassifier):
    """A classifier that learns a hidden Markov model of all training texts by expectation-maximisation.

    Start ids are left out, and so is a word that no training text has: it moves no decision.
    """

    n_states: int | None
    n_iter: int
    tol: float
    smoothing: float
    n_restarts: int
    random_state: int
    is_seen_: npt.NDArray[np.bool_]

    def _begin(self) -> None:
        self.history_: list[dict[str, Any]] = []
        self.n_rows_seen_ = 0
        self._started = time.perf_counter()
        self._check_at_least_one("n_iter", "n_restarts")
        self._check_over_0("smoothing")

    def _check_over_0(self, *names: str) -> None:
        for name in names:
            if not 0 < getattr(self, name) < np.inf:
                raise ValueError(f"{name} is {getattr(self, name)}, expected a number over 0")

    def _check_n_states(self) -> None:
        if self.n_states is not None:
            self._check_at_least_one("n_states")

    def _has_few_words(self, words: Ragged) -> bool:
        return len(words.values) < FEW_WORDS * len(self.classes_)

    def _words(self, X: Corpus) -> Ragged:
        return choose(X.token_ids, X.token_ids.values != START_ID)

    def _learn_words(self, X: Corpus) -> Ragged:
        """Return the words of the training texts, and note which there are."""
        words = self._words(X)
        self.is_seen_ = np.bincount(words.values, minlength=len(X.vocabulary)) > 0
        return words

    def _seen_words(self, X: Corpus) -> Ragged:
        words = self._words(X)
        return choose(words, self.is_seen_[words.values])

    def _learn_common(self, words: Ragged, n_states: int) -> CategoricalHMM:
        """Return the model of these texts; of several random starts the one with the best likelihood."""
        starts = [self._start_model(restart, words, n_states) for restart in range(self.n_restarts)]

        def note(restart: int, monitor: Monitor) -> None:
            step = (monitor.iter - 1) * self.n_restarts + restart + 1
            self._note(step, len(words), {"n_states": n_states, "class": None, "restart": restart}, monitor)

        learn(starts, [words] * self.n_restarts, self.n_iter, self.tol, note)
        return max(starts, key=lambda model: model.monitor_.log_likelihood)

    def _note(self, step: int, n_texts: int, whose: dict[str, Any], monitor: Monitor) -> None:
        """Write an iteration into ``history_``."""
        self.n_rows_seen_ += n_texts
        self.history_.append(
            {
                "step": step,
                "steps": self._n_steps(),
                "seconds": time.perf_counter() - self._started,
                **whose,
                "iteration": monitor.iter,
                "log_likelihood": monitor.log_likelihood,
                "ended": monitor.ended,
            }
        )

    def _n_steps(self) -> int:
        """Return how many entries ``history_`` has in the end, at most."""
        return self.n_iter * self.n_restarts

    def _start_model(self, restart: int, words: Ragged, n_states: int) -> CategoricalHMM:
        """Return a model to start EM from: states that last some words, with the words' frequencies distorted."""
        n_ids = len(self.is_seen_)
        model = CategoricalHMM(
            n_states,
            startprob_prior=1 + self.smoothing,
            transmat_prior=1 + self.smoothing,
            emissionprob_prior=1 + self.smoothing,
            n_features=n_ids,
            implementation="scaling",
        )
        random = np.random.default_rng([self.random_state, restart])
        frequency = np.bincount(words.values, minlength=n_ids) + self.smoothing
        model.startprob_ = np.full(n_states, 1 / n_states)
        others = _rows_to_one(random.exponential(size=(n_states, n_states)))
        model.transmat_ = STAY_AT_START * np.eye(n_states) + (1 - STAY_AT_START) * others
        model.emissionprob_ = _rows_to_one(frequency * random.exponential(size=(n_states, n_ids)))
        return model


def _rows_to_one(array: FloatArray) -> FloatArray:
    rows: FloatArray = array / array.sum(axis=1, keepdims=True)
    return rows
