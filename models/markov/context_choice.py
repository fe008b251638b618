"""The choice of contexts: they grow by the token that most raises the likelihood of pieces that are held out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from bench.events import Events

from ..arrays import FloatArray, IntArray
from ..events import Places, every_token, of_voice
from .contexts import ROOT, ContextCounts, Level

Plan: TypeAlias = tuple[tuple[int, float], ...]
"""The lag by which each length of context is longer than the one before, and its strength; the first is ROOT."""

STRENGTHS = (0.5, 2.0, 5.0, 12.0)
LEAST_GAIN = 1e-3
"""In nats per token: what gains less is not worth a longer context or another model."""


class Voice(NamedTuple):
    """The tokens of one voice."""

    X: Events
    places: Places
    tokens: IntArray

    @classmethod
    def of(cls, X: Events, voice: int) -> Voice:
        """Those of a voice in all pieces."""
        places = of_voice(every_token(X), voice, X.width)
        return cls(X, places, X.tokens.values[places.flat].astype(np.int64))


class Grown(NamedTuple):
    """Contexts of one length, and how well they predict."""

    plan: Plan
    loss: float
    """Of the average with other models, nats per token held out."""
    probabilities: FloatArray
    """Of the tokens held out, shape (n_tokens, 1)."""
    numbers: tuple[IntArray, IntArray]
    """Of the contexts of the tokens learnt from and of those held out."""


def choose_paths(learnt: Voice, judged: Voice, lags: Sequence[int], max_order: int, n_paths: int) -> Iterator[Grown]:
    """Yield models to average, each grown to help those before it, as long as it does.

    Parameters
    ----------
    learnt, judged : Voice
        Tokens to learn from and tokens held out, at least one of each.
    lags : sequence of int
        Of tokens that may be in a context.
    max_order : int
        Tokens of the longest context.
    n_paths : int
        Models at most.
    """
    together = np.zeros((len(judged.tokens), 1))
    least = np.inf
    for n_before in range(n_paths):
        grown = _grow(learnt, judged, lags, max_order, together, n_before)
        if grown.loss > least - LEAST_GAIN:
            return
        yield grown
        together, least = together + grown.probabilities, grown.loss


def learn_path(voice: Voice, plan: Plan) -> list[Level]:
    """Count the tokens of a voice by the contexts that were chosen. Without tokens there are none to count."""
    if not len(voice.tokens):
        return []
    numbers = np.zeros(len(voice.tokens), np.int64)
    levels = []
    for lag, strength in plan:
        contexts, numbers = ContextCounts.learn(voice.X, voice.places, numbers, lag)
        levels.append(Level(contexts, strength))
    return levels


def _grow(
    learnt: Voice, judged: Voice, lags: Sequence[int], max_order: int, others: FloatArray, n_others: int
) -> Grown:
    nothing = np.full((len(judged.tokens), 1), 1 / judged.X.n_symbols)
    best = Grown((), np.inf, nothing, (np.zeros(len(learnt.tokens), np.int64), np.zeros(len(judged.tokens), np.int64)))
    while len(best.plan) <= max_order:
        taken = {lag for lag, _ in best.plan}
        longer = [lag for lag in lags if lag not in taken] if best.plan else [ROOT]
        grown = [found for lag in longer for found in _extend(learnt, judged, best, lag, others, n_others)]
        next_best = min(grown, key=lambda found: found.loss, default=best)
        if next_best.loss > best.loss - LEAST_GAIN:
            break
        best = next_best
    return best


def _extend(
    learnt: Voice, judged: Voice, shorter: Grown, lag: int, others: FloatArray, n_others: int
) -> Iterator[Grown]:
    """Yield contexts that are longer by one token, with each strength."""
    contexts, of_learnt = ContextCounts.learn(learnt.X, learnt.places, shorter.numbers[0], lag)
    of_judged = contexts.find(judged.X, judged.places, shorter.numbers[1])
    seen = contexts.count_after(of_judged, judged.tokens)
    for strength in STRENGTHS:
        probabilities = contexts.interpolate(of_judged, seen, strength, shorter.probabilities)
        loss = -float(np.log((others + probabilities) / (n_others + 1)).mean())
        yield Grown((*shorter.plan, (lag, strength)), loss, probabilities, (of_learnt, of_judged))
