"""A hidden Markov model of the steps of pieces."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from bench.events import Events

from ..arrays import FloatArray
from ..events import check_events, hold_out, some_keys
from .event_em import Learner, Probabilities, Steps, walk


class EventHMM(BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """A hidden Markov model over steps: a state emits the voices of a step in turn, each given the one before it.

    The first voice's token depends on the state alone, every other's on the state and on the token of the voice before
    it in the step. It is learnt by expectation-maximisation, from states that are each like a step drawn at random. The
    tokens of a step are predicted from the filtered states: those before them sharpen the states' probabilities.

    Parameters
    ----------
    n_states : int, optional
        None: the one of 16, 64 and 256, at most one per ten steps, with which training pieces that are held out
        have the greatest likelihood.
    n_iter : int
        Limit of EM iterations.
    tol : float
        EM has converged when an iteration gains no more than this, in nats per step.
    smoothing : float
        Pseudo-counts of each voice in each state after each token of the voice before it, spread as the voice follows
        that token in any state. More than 0, so that every token has a probability.
    random_state : int
        Seed of the start.

    Attributes
    ----------
    n_states_ : int
        What was given or chosen.
    history_ : list of dict
        One per iteration, those of the choice of ``n_states`` first: ``step``, ``steps`` (at most), ``seconds``,
        ``n_states``, ``iteration``, ``log_likelihood`` (nats, before the iteration's update), ``log_posterior`` (with
        the priors' density, up to a constant) and ``ended`` (None while it goes on, else "converged" or "stopped at
        the limit").
    n_rows_seen_ : int
        Pieces times iterations, those of the choice counted.
    n_parameters_ : int
        Probabilities.

    Raises
    ------
    ValueError
        No piece has a token, or a parameter is out of range.

    References
    ----------
    L. R. Rabiner, "A tutorial on hidden Markov models and selected applications in speech recognition", Proceedings
    of the IEEE 77(2), 1989.

    Examples
    --------
    >>> from bench.ragged import Ragged
    >>> pieces = Events(Ragged.from_rows([[1, 2, 3, 4] * 8, [3, 4, 1, 2] * 8, [1, 2]]), width=2, n_symbols=5)
    >>> model = EventHMM(n_states=2).fit(pieces)
    >>> model.next_probabilities(pieces).argmax(axis=1)
    array([1, 3, 3])
    """

    STATES = (16, 64, 256)
    STEPS_PER_STATE = 10
    """A state that has fewer steps to learn from is one too many."""
    KEYS_TO_CHOOSE_BY = 3
    """Of each piece, to choose the number of states: all would take long."""

    def __init__(
        self,
        n_states: int | None = None,
        n_iter: int = 30,
        tol: float = 1e-3,
        smoothing: float = 5.0,
        random_state: int = 0,
    ) -> None:
        self.n_states = n_states
        self.n_iter = n_iter
        self.tol = tol
        self.smoothing = smoothing
        self.random_state = random_state

    def fit(self, X: Events, y: None = None) -> EventHMM:
        """Learn from pieces."""
        self._check_parameters()
        if not len(X.tokens.values):
            raise ValueError("there is nothing to learn from: no piece has a token")
        self.width_, self.n_symbols_ = X.width, X.n_symbols
        self.history_: list[dict[str, Any]] = []
        self.n_rows_seen_ = 0
        self._started = time.perf_counter()
        self._n_noted, self._n_learnt, self._n_to_learn = 0, 0, 1
        self.n_states_ = self.n_states or self._choose_n_states(X)
        self.model_ = self._learn(X, self.n_states_)
        self.n_parameters_ = sum(part.size for part in (self.model_.start, self.model_.transitions))
        self.n_parameters_ += sum(emissions[:-1].size for emissions in self.model_.emissions)
        return self

    def token_log_probabilities(self, X: Events) -> FloatArray:
        """Logarithm of the probability of each token given all earlier ones of its piece, nats, shape (n_tokens,)."""
        check_is_fitted(self, "model_")
        check_events(X, self.width_, self.n_symbols_)
        steps = Steps.of(X)
        of_step = np.empty((steps.n_steps, X.width))
        for at, _, scales in walk(self.model_, steps):
            of_step[at] = np.log(scales).T
        found: FloatArray = of_step[steps.is_there]
        return found

    def next_probabilities(self, X: Events) -> FloatArray:
        """Probability of each token to follow each piece, shape (n_pieces, n_symbols)."""
        check_is_fitted(self, "model_")
        check_events(X, self.width_, self.n_symbols_)
        states = self._states_after(X)
        found = np.empty((len(X), X.n_symbols))
        for voice in range(X.width):
            rows = np.flatnonzero(X.lengths % X.width == voice)
            ends = X.tokens.offsets[1:][rows]
            before = X.tokens.values[ends - 1] if voice else np.full(len(rows), X.n_symbols)
            table = self.model_.emissions[voice][:-1].reshape(X.n_symbols + 1, X.n_symbols, -1)
            found[rows] = np.einsum("rk,rsk->rs", states[rows], table[before], dtype=np.float64)
        found /= found.sum(axis=1, keepdims=True)
        return found

    def _states_after(self, X: Events) -> FloatArray:
        """Probability of each state of the step that each piece's next token is in, shape (n_pieces, n_states)."""
        steps = Steps.of(X)
        filtered = np.empty((steps.n_steps, len(self.model_.start)))
        for at, states, _ in walk(self.model_, steps):
            filtered[at] = states
        n_steps = -(-X.lengths // X.width)
        last = np.cumsum(n_steps) - 1
        found = np.tile(self.model_.start.astype(np.float64), (len(X), 1))
        is_whole = (n_steps > 0) & (X.lengths % X.width == 0)
        found[is_whole] = filtered[last[is_whole]] @ self.model_.transitions
        found[X.lengths % X.width > 0] = filtered[last[X.lengths % X.width > 0]]
        return found

    def _check_parameters(self) -> None:
        for name in ("n_states", "n_iter"):
            if (value := getattr(self, name)) is not None and value < 1:
                raise ValueError(f"{name} is {value}, expected 1 or more")
        if not 0 < self.smoothing < np.inf:
            raise ValueError(f"smoothing is {self.smoothing}, expected a number over 0")

    def _choose_n_states(self, X: Events) -> int:
        rows, held_out = hold_out(X)
        learnt, judged = X.take(some_keys(X, rows, self.KEYS_TO_CHOOSE_BY)), X.take(held_out)
        n_steps = int(learnt.n_steps.sum())
        choices = [n_states for n_states in self.STATES if n_states * self.STEPS_PER_STATE <= n_steps]
        if len(choices) < 2 or not len(judged.tokens.values):
            return self.STATES[0]
        self._n_to_learn = len(choices) + 1
        losses = []
        for n_states in choices:
            model, steps = self._learn(learnt, n_states), Steps.of(judged)
            losses.append(-sum(float(np.log(scales).sum()) for _, _, scales in walk(model, steps)))
        return choices[int(np.argmin(losses))]

    def _learn(self, X: Events, n_states: int) -> Probabilities:
        learner = Learner(X, n_states, self.smoothing, self.random_state)
        model, before, ended = learner.maximize(), -np.inf, None
        while ended is None:
            log_likelihood = learner.expect(model)
            log_posterior = log_likelihood + learner.log_prior(model)
            iteration = len(self.history_) - self._n_noted + 1
            if log_posterior - before <= self.tol * learner.steps.n_steps:
                ended = "converged"
            elif iteration == self.n_iter:
                ended = "stopped at the limit"
            self.history_.append(
                {
                    "step": self._n_learnt * self.n_iter + iteration,
                    "steps": self._n_to_learn * self.n_iter,
                    "seconds": time.perf_counter() - self._started,
                    "n_states": n_states,
                    "iteration": iteration,
                    "log_likelihood": log_likelihood,
                    "log_posterior": log_posterior,
                    "ended": ended,
                }
            )
            model, before = learner.maximize(), log_posterior
        self.n_rows_seen_ += len(X) * iteration
        self._n_noted, self._n_learnt = len(self.history_), self._n_learnt + 1
        return model
