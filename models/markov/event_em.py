"""Hidden Markov models of steps of several voices: expectation-maximisation and the filter, all pieces at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from bench.events import Events

from ..arrays import FloatArray, IntArray
from ..events import Places, earlier, every_token, of_voice

Float32Array = npt.NDArray[np.float32]

GUESS_SHARPNESS = 1.0
"""Logarithm of how much likelier a state is at first for each voice that a step shares with it."""
TRANSITION_PSEUDO_COUNTS = 0.1
"""Of each transition and of each first state."""


class Steps(NamedTuple):
    """Pieces as steps, one after the other; the last step of a piece may lack voices."""

    pairs: list[IntArray]
    """Of each voice, for each step: which token follows which in the step before it, as one number.

    ``n_symbols * (n_symbols + 1)`` where the voice is lacking.
    """
    starts: IntArray
    """First step of each piece that has any, longest piece first."""
    n_going: list[int]
    """Of these, how many have a first, second, … step."""
    n_symbols: int

    @classmethod
    def of(cls, X: Events) -> Steps:
        """Those of all pieces."""
        n_steps = -(-X.lengths // X.width)
        offsets = np.concatenate([[0], np.cumsum(n_steps)])
        places = every_token(X)
        step = np.repeat(offsets[:-1], X.lengths) + places.n_before // X.width
        pairs = []
        for voice in range(X.width):
            of_it = of_voice(places, voice, X.width)
            numbers = np.full(offsets[-1], X.n_symbols * (X.n_symbols + 1), np.int64)
            numbers[step[of_it.flat]] = tokens_before(X, of_it, voice) * X.n_symbols + X.tokens.values[of_it.flat]
            pairs.append(numbers)
        longest_first = np.argsort(-n_steps, kind="stable")
        n_going = len(X) - np.cumsum(np.bincount(n_steps))
        rows = longest_first[: n_going[0]] if len(X) else longest_first
        return cls(pairs, offsets[rows], n_going[:-1].tolist(), X.n_symbols)

    @property
    def n_steps(self) -> int:
        """Steps of all pieces."""
        return len(self.pairs[0])

    @property
    def is_there(self) -> npt.NDArray[np.bool_]:
        """Whether each step has each voice, shape (n_steps, width)."""
        return np.stack(self.pairs, axis=1) < self.n_symbols * (self.n_symbols + 1)


def tokens_before(X: Events, places: Places, voice: int) -> IntArray:
    """Return the token of the voice before in the same step; n_symbols for the first voice."""
    return earlier(X, places, 1) if voice else np.full(len(places.flat), X.n_symbols, np.int64)


class Probabilities(NamedTuple):
    """Those of a hidden Markov model whose states emit a step's voices in turn, each given the one before."""

    start: Float32Array
    """Shape (n_states,)."""
    transitions: Float32Array
    """Shape (n_states, n_states)."""
    emissions: list[Float32Array]
    """Of each voice, of each pair, in each state; shape (n_pairs + 1, n_states). The last is of a voice that lacks."""

    def voices(self, steps: Steps, at: IntArray) -> Iterator[Float32Array]:
        """Yield the probability of each voice's token in each state, shape (len(at), n_states)."""
        for emissions, pairs in zip(self.emissions, steps.pairs, strict=True):
            yield emissions[pairs[at]]


def walk(model: Probabilities, steps: Steps) -> Iterator[tuple[IntArray, Float32Array, list[FloatArray]]]:
    """Filter the states of all pieces, step by step.

    Yields
    ------
    steps : int64 array, shape (n_going,)
    states : array, shape (n_going, n_states)
        Probability of each state given the piece so far.
    scales : list of array, each of shape (n_going,)
        Of each voice: the probability of its token given all before.
    """
    states = np.tile(model.start, (len(steps.starts), 1))
    for t, n in enumerate(steps.n_going):
        at = steps.starts[:n] + t
        states = states[:n] @ model.transitions if t else states
        scales = []
        for of_token in model.voices(steps, at):
            states = states * of_token
            scale = states.sum(axis=1, keepdims=True)
            states = states / scale
            scales.append(scale[:, 0].astype(np.float64))
        yield at, states, scales


class Learner:
    """Expectation-maximisation of a model from pieces (Rabiner 1989, eqs. 37 to 40c), with Dirichlet priors.

    Parameters
    ----------
    X : Events
    n_states : int
    smoothing : float
        Pseudo-counts of each voice in each state after each token before it, spread as the voice follows that token
        in any state.
    random_state : int

    References
    ----------
    L. R. Rabiner, "A tutorial on hidden Markov models and selected applications in speech recognition", Proceedings
    of the IEEE 77(2), 1989.
    """

    def __init__(self, X: Events, n_states: int, smoothing: float, random_state: int) -> None:
        self.steps = Steps.of(X)
        self.smoothing = smoothing
        n_pairs = X.n_symbols * (X.n_symbols + 1)
        # Products with these add up what is expected of the steps with equal pairs.
        self._sums = [
            csr_array(
                (np.ones(len(pairs), np.float32), (pairs, np.arange(len(pairs)))), shape=(n_pairs + 1, len(pairs))
            )
            for pairs in self.steps.pairs
        ]
        self._prior = [_follow(sums.sum(axis=1)[:-1], X.n_symbols) for sums in self._sums]
        self._posterior = _first_guess(self.steps, n_states, np.random.default_rng(random_state))
        self._moves = np.zeros((n_states, n_states))
        self._begins = np.zeros(n_states)

    def maximize(self) -> Probabilities:
        """Return the model with the greatest expected likelihood times the priors' density."""
        emissions = []
        for sums, prior in zip(self._sums, self._prior, strict=True):
            counts = (sums @ self._posterior)[:-1].reshape(*prior.shape, -1) + self.smoothing * prior[..., None]
            rows = (counts / counts.sum(axis=1, keepdims=True)).reshape(prior.size, -1)
            emissions.append(np.concatenate([rows, np.ones_like(rows[:1])]).astype(np.float32))
        begins = self._begins + TRANSITION_PSEUDO_COUNTS
        moves = self._moves + TRANSITION_PSEUDO_COUNTS
        transitions = (moves / moves.sum(axis=1, keepdims=True)).astype(np.float32)
        return Probabilities((begins / begins.sum()).astype(np.float32), transitions, emissions)

    def expect(self, model: Probabilities) -> float:
        """Find what the model expects of the pieces, and return their log-likelihood in nats."""
        filtered = self._posterior  # each step's states are filtered before they are smoothed
        log_likelihood = 0.0
        for at, states, scales in walk(model, self.steps):
            filtered[at] = states
            log_likelihood += float(np.log(scales).sum())
        self._smooth(model, filtered)
        return log_likelihood

    def _smooth(self, model: Probabilities, filtered: Float32Array) -> None:
        """Put the posteriors in place of the filtered states, from the last steps to the first."""
        self._moves[:] = 0
        later = np.ones((len(self.steps.starts), filtered.shape[1]), np.float32)
        for t in range(len(self.steps.n_going) - 1, -1, -1):
            n = self.steps.n_going[t]
            at = self.steps.starts[:n] + t
            both = filtered[at] * later[:n]
            filtered[at] = both / both.sum(axis=1, keepdims=True)
            if t:
                seen = later[:n]
                for of_token in model.voices(self.steps, at):
                    seen = seen * of_token
                    seen = seen / seen.max(axis=1, keepdims=True)
                passed = seen @ model.transitions.T
                before = filtered[at - 1]
                self._moves += (before / (before * passed).sum(axis=1, keepdims=True)).T @ seen
                later[:n] = passed / passed.max(axis=1, keepdims=True)
        self._moves *= model.transitions
        self._begins = filtered[self.steps.starts].sum(axis=0, dtype=np.float64)

    def log_prior(self, model: Probabilities) -> float:
        """Log density of the priors at a model, up to a constant."""
        of_moves = np.log(model.transitions).sum() + np.log(model.start).sum()
        emissions = zip(self._prior, model.emissions, strict=True)
        of_tokens = sum(float((prior.reshape(-1, 1) * np.log(rows[:-1])).sum()) for prior, rows in emissions)
        return float(TRANSITION_PSEUDO_COUNTS * of_moves + self.smoothing * of_tokens)


def _follow(counts: FloatArray, n_symbols: int) -> FloatArray:
    """Probability of each token after each other, shape (n_symbols + 1, n_symbols).

    Interpolated with the tokens' frequencies after any, to which one of each is added (Witten and Bell 1991).
    """
    after = np.asarray(counts, np.float64).reshape(n_symbols + 1, n_symbols)
    anywhere = (after.sum(axis=0) + 1) / (after.sum() + n_symbols)
    kinds = np.maximum((after > 0).sum(axis=1, keepdims=True), 1)
    found: FloatArray = (after + kinds * anywhere) / (after.sum(axis=1, keepdims=True) + kinds)
    return found


def _first_guess(steps: Steps, n_states: int, rng: np.random.Generator) -> Float32Array:
    """Return states to begin with: each is like a step drawn at random, and has the steps that share voices with it."""
    like = rng.integers(steps.n_steps, size=n_states)
    shared = np.zeros((steps.n_steps, n_states), np.float32)
    for pairs in steps.pairs:
        tokens = pairs % steps.n_symbols
        shared += tokens[:, None] == tokens[like]
    shared += rng.random(shared.shape, np.float32)
    likeness = np.exp(GUESS_SHARPNESS * (shared - shared.max(axis=1, keepdims=True)))
    found: Float32Array = likeness / likeness.sum(axis=1, keepdims=True)
    return found
