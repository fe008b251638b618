"""N-grams of events: counts of tokens after others, the contexts chosen for each voice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from bench.events import Events

from ..arrays import FloatArray, IntArray
from ..events import Places, check_events, every_token, hold_out, next_tokens
from .context_choice import Plan, Voice, choose_paths, learn_path
from .contexts import Level, path_probabilities


class EventNgrams(BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """N-grams of tokens with interpolated back-off, one model for each voice of the step.

    A plain n-gram forgets the oldest token first. Here each voice has its own order in which tokens are forgotten: its
    context grows token by token, each time by the one that most raises the likelihood of training pieces that are held
    out. For the alto, the soprano's note of the same step may count most, and its own of the step before. Several such
    models are grown, each to help those before it, and their probabilities are averaged.

    It is deterministic, so it has no ``random_state``.

    Parameters
    ----------
    n_paths : int
        Models to average for each voice, at most: one that does not help is left out, and none follows it.
    max_order : int
        Tokens of the longest context.
    n_steps_back : int
        Steps before the present one whose tokens may be in a context.

    Attributes
    ----------
    lags_ : list of list of list of int
        Of each voice, for each of its models: how many tokens back each token of the context is, the most important
        first.
    history_ : list of dict
        One per voice and model: ``step``, ``steps`` (at most), ``seconds``, ``voice``, ``lags``, ``validation_loss``
        (nats per token of the voice, of the average so far).
    n_rows_seen_ : int
        Pieces, those of the choice counted.
    n_parameters_ : int
        Counts over 0.

    Raises
    ------
    ValueError
        No piece has a token, or a parameter is out of range.

    References
    ----------
    I. H. Witten and T. C. Bell, "The zero-frequency problem", IEEE Transactions on Information Theory 37(4), 1991:
    method C, the share of unseen tokens multiplied by a strength. J. A. Bilmes and K. Kirchhoff, "Factored language
    models and generalized parallel backoff", HLT-NAACL 2003: the choice of what to forget first.

    Examples
    --------
    >>> from bench.ragged import Ragged
    >>> scales = Events(Ragged.from_rows([[1, 2, 3, 4] * 4, [4, 3, 2, 1] * 4, [2, 3, 4, 1] * 4]), width=1, n_symbols=5)
    >>> model = EventNgrams().fit(scales)
    >>> model.next_probabilities(scales).argmax(axis=1)
    array([1, 4, 2])
    """

    def __init__(self, n_paths: int = 5, max_order: int = 8, n_steps_back: int = 3) -> None:
        self.n_paths = n_paths
        self.max_order = max_order
        self.n_steps_back = n_steps_back

    def fit(self, X: Events, y: None = None) -> EventNgrams:
        """Learn from pieces."""
        for name in ("n_paths", "max_order", "n_steps_back"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}, expected 1 or more")
        if not len(X.tokens.values):
            raise ValueError("there is nothing to learn from: no piece has a token")
        self.width_, self.n_symbols_ = X.width, X.n_symbols
        self.history_: list[dict[str, Any]] = []
        started = time.perf_counter()
        rows, held_out = hold_out(X)
        learnt, judged = X.take(rows), X.take(held_out)
        self.paths_: list[list[list[Level]]] = []
        for voice in range(X.width):
            plans = list(self._choose(Voice.of(learnt, voice), Voice.of(judged, voice), voice, started))
            self.paths_.append([learn_path(Voice.of(X, voice), plan) for plan in plans])
        self.lags_ = [[[level.contexts.lag for level in path[1:]] for path in paths] for paths in self.paths_]
        self.n_rows_seen_ = len(rows) + len(X)
        levels = (level for paths in self.paths_ for path in paths for level in path)
        self.n_parameters_ = int(sum(level.contexts.counts.nnz for level in levels))
        return self

    def token_log_probabilities(self, X: Events) -> FloatArray:
        """Logarithm of the probability of each token given all earlier ones of its piece, nats, shape (n_tokens,)."""
        return np.log(self._probabilities(X, every_token(X), X.tokens.values.astype(np.int64))[:, 0])

    def next_probabilities(self, X: Events) -> FloatArray:
        """Probability of each token to follow each piece, shape (n_pieces, n_symbols)."""
        return self._probabilities(X, next_tokens(X), None)

    def _probabilities(self, X: Events, places: Places, tokens: IntArray | None) -> FloatArray:
        check_is_fitted(self, "paths_")
        check_events(X, self.width_, self.n_symbols_)
        found = np.empty((len(places.flat), X.n_symbols if tokens is None else 1))
        for voice, paths in enumerate(self.paths_):
            of_it = np.flatnonzero(places.n_before % X.width == voice)
            tokens_of_it = None if tokens is None else tokens[of_it]
            average = [path_probabilities(path, X, places.take(of_it), tokens_of_it) for path in paths]
            found[of_it] = np.mean(average, axis=0)
        return found

    def _choose(self, learnt: Voice, judged: Voice, voice: int, started: float) -> Iterator[Plan]:
        width = learnt.X.width
        if not (len(learnt.tokens) and len(judged.tokens)):  # nothing to judge by: the nearest tokens, as ever
            yield tuple((lag, 1.0) for lag in range(min(self.max_order, 2 * width) + 1))
            return
        lags = range(1, self.n_steps_back * width + voice + 1)
        for i, grown in enumerate(choose_paths(learnt, judged, lags, self.max_order, self.n_paths)):
            self.history_.append(
                {
                    "step": voice * self.n_paths + i + 1,
                    "steps": width * self.n_paths,
                    "seconds": time.perf_counter() - started,
                    "voice": voice,
                    "lags": [lag for lag, _ in grown.plan[1:]],
                    "validation_loss": grown.loss,
                }
            )
            yield grown.plan
