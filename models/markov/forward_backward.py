"""The forward-backward algorithm of hidden Markov models, over many texts together: no Python loop over texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from hmmlearn.hmm import CategoricalHMM

from bench.corpus import Int64Array, Ragged

from ..arrays import FloatArray

NUMBERS_AT_ONCE = 1 << 26
"""States of so many tokens and models are in memory at once: half a gigabyte."""


class HMMs(NamedTuple):
    """The probabilities of several models with as many states."""

    start: FloatArray
    """Shape (n_models, 1, n_states)."""
    transitions: FloatArray
    """Shape (n_models, n_states, n_states)."""
    emissions: FloatArray
    """Shape (n_models, n_ids, n_states)."""

    @classmethod
    def of(cls, models: list[CategoricalHMM]) -> HMMs:
        """Those of hmmlearn's models."""
        return cls(
            np.stack([model.startprob_ for model in models])[:, None],
            np.stack([model.transmat_ for model in models]),
            np.ascontiguousarray(np.stack([model.emissionprob_ for model in models]).transpose(0, 2, 1)),
        )


def log_likelihood(hmms: HMMs, words: Ragged) -> FloatArray:
    """Log-likelihood of each text under each model in nats, shape (n_texts, n_models).

    The forward pass, scaled to a sum of 1 at every step. L. R. Rabiner, "A tutorial on hidden Markov models and
    selected applications in speech recognition", Proceedings of the IEEE 77(2), 1989: eqs. 91 to 103.
    """
    logs = np.zeros((len(words), len(hmms.start)))
    for rows in _row_groups(words, hmms.start.size):
        for _, _, scale, n in _forward(hmms, words, rows):
            logs[rows[:n]] += np.log(scale[..., 0]).T
    return logs


def posteriors(hmms: HMMs, words: Ragged) -> npt.NDArray[np.float32]:
    """Probability of each state at each token given the whole text, shape (n_models, n_tokens, n_states).

    Rabiner 1989, eq. 27, with both passes scaled.
    """
    gamma = np.empty((len(hmms.start), len(words.values), hmms.start.shape[2]), np.float32)
    for rows in _row_groups(words, hmms.start.size):
        following = rows[:0]
        after = np.ones((len(hmms.start), 0, hmms.start.shape[2]))
        for tokens, state, _, _ in reversed(list(_forward(hmms, words, rows))):
            seen = after * hmms.emissions.take(words.values[following], axis=1)
            passed = seen @ hmms.transitions.transpose(0, 2, 1)
            after = np.ones_like(state)  # of the texts that end here
            after[:, : len(following)] = passed / passed.sum(axis=2, keepdims=True)
            both = state * after
            gamma[:, tokens] = both / both.sum(axis=2, keepdims=True)
            following = tokens
    return gamma


def _row_groups(words: Ragged, numbers_a_token: int) -> Iterator[Int64Array]:
    """Yield rows by decreasing length, as many together as fit into memory."""
    longest_first = np.argsort(-words.lengths, kind="stable")
    chunk = np.cumsum(words.lengths[longest_first]) * numbers_a_token // NUMBERS_AT_ONCE
    yield from np.split(longest_first, np.flatnonzero(np.diff(chunk)) + 1)


def _forward(hmms: HMMs, words: Ragged, rows: Int64Array) -> Iterator[tuple[Int64Array, FloatArray, FloatArray, int]]:
    """For each step: the texts' tokens, their states, what these were divided by, and how many texts go on till here.

    The rows come in order of falling length, so that those that go on come first.
    """
    begins, lengths = words.offsets[rows], words.lengths[rows]
    n_longer = len(rows) - np.cumsum(np.bincount(lengths))
    state = hmms.start
    for t, n in enumerate(n_longer[:-1]):
        tokens = begins[:n] + t
        predicted = state[:, :n] @ hmms.transitions if t else state
        state = predicted * hmms.emissions.take(words.values[tokens], axis=1)
        scale = state.sum(axis=2, keepdims=True)
        state = state / scale
        yield tokens, state, scale, n
