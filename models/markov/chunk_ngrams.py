"""N-grams of tokens with interpolated, modified Kneser-Ney smoothing, as a weighted automaton.

A state is a context: the last tokens, as many as there are n-grams for. From a state each token that followed the
context in training has an arc; other tokens are reached from the context that is shorter by its first token, at the
price of the state's back-off weight. A path through the automaton has the probability that the n-grams give its tokens,
or less if it backs off where it need not, so that the best path is exact.

References
----------
S. F. Chen and J. Goodman, "An empirical study of smoothing techniques for language modeling", Computer Speech and
Language 13(4), 1999: section 3, with three discounts for each order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bench.ragged import Ragged

from ..arrays import FloatArray, IntArray

FEW = 3
"""N-grams that occur so often or more share a discount."""


class Automaton(NamedTuple):
    """States from 0 (the empty context) on, and arcs between them; all weights are natural logarithms."""

    start: int
    backoff: IntArray
    """The state with the context that is shorter by its first token, shape (n_states,); of state 0 itself."""
    backoff_weight: FloatArray
    source: IntArray
    """The state that each arc leaves, shape (n_arcs,)."""
    token: IntArray
    target: IntArray
    weight: FloatArray


class _Grams(NamedTuple):
    """The different n-grams of one order."""

    prefix: IntArray
    """Number among those of the order below, without the last token."""
    suffix: IntArray
    """The same without the first token."""
    token: IntArray
    """The last token."""
    n: FloatArray
    begins: IntArray
    """Whether it begins a row: then nothing is before it, and it keeps its count."""


def learn_ngrams(rows: Ragged, order: int) -> Automaton:
    """Learn from rows of tokens; the end of a row is a token too.

    Parameters
    ----------
    rows : Ragged
        Tokens, numbers from 0.
    order : int
        Tokens of an n-gram, at least 1.

    Returns
    -------
    Automaton
        Its tokens are those of the rows, and one above for the end of a row.
    """
    n_tokens = int(rows.values.max(initial=-1)) + 1
    end, begin = n_tokens, n_tokens + 1
    grams = _count(rows, order, end, begin)
    order = len(grams)
    offsets = np.cumsum([1] + [len(of_order.token) for of_order in grams[:-1]])
    first = np.concatenate([[0], offsets])
    """The state of the first n-gram of each order, 0 for the order 0."""
    n_states = int(first[-1])
    backoff, backoff_weight = np.zeros(n_states, np.int64), np.zeros(n_states)
    for n in range(2, order):
        backoff[first[n] : first[n + 1]] = first[n - 1] + grams[n - 1].suffix
    arcs, lower = [], np.full(1, 1 / (n_tokens + 1))
    for n, of_order in enumerate(grams, start=1):
        probability, escape = _smooth(of_order, _kept_counts(grams, n), lower, begin if n == 1 else None)
        states = slice(first[n - 1], first[n - 1] + len(escape))
        backoff_weight[states] = np.log(escape)
        is_arc = of_order.token != begin
        own = first[n] + np.arange(len(of_order.token)) if n < order else first[n - 1] + of_order.suffix
        target = np.where(of_order.token == end, 0, own)
        arcs.append(
            [values[is_arc] for values in (first[n - 1] + of_order.prefix, of_order.token, target, probability)]
        )
        lower = probability
    source, token, target, probability = (np.concatenate(values) for values in zip(*arcs, strict=True))
    start = int(first[1] + np.flatnonzero(grams[0].token == begin)[0]) if order > 1 else 0
    return Automaton(start, backoff, backoff_weight, source, token, target, np.log(probability))


def _count(rows: Ragged, order: int, end: int, begin: int) -> list[_Grams]:
    """Count the n-grams of each order from 1 on that there are, each row between ``begin`` and ``end``."""
    lengths = rows.lengths + 2
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    tokens = np.full(int(lengths.sum()), begin, np.int64)
    within = np.arange(len(rows.values)) - np.repeat(rows.offsets[:-1], rows.lengths)
    tokens[np.repeat(starts + 1, rows.lengths) + within] = rows.values
    tokens[starts + lengths - 1] = end
    place = np.arange(len(tokens)) - np.repeat(starts, lengths)
    grams = []
    ids = np.zeros(len(tokens) + 1, np.int64)
    ends = np.arange(len(tokens))
    for n in range(1, order + 1):
        ends = ends[place[ends] >= n - 1]
        if not len(ends):
            break
        # An n-gram is the one without its last token, which ends one place before, and that token.
        keys = (ids[ends - 1] if n > 1 else np.zeros(len(ends), np.int64)) * (begin + 1) + tokens[ends]
        different, first, inverse, count = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
        at = ends[first]
        suffix = ids[at] if n > 1 else np.zeros(len(at), np.int64)
        prefix, token = np.divmod(different, begin + 1)
        grams.append(_Grams(prefix, suffix, token, count.astype(np.float64), (place[at] == n - 1).astype(np.int64)))
        ids = np.zeros(len(tokens) + 1, np.int64)
        ids[ends] = inverse
    return grams


def _kept_counts(grams: list[_Grams], n: int) -> FloatArray:
    """Return what the order n counts: below the highest one, how many different tokens come before."""
    of_order = grams[n - 1]
    if n == len(grams):
        return of_order.n
    n_before = np.bincount(grams[n].suffix, minlength=len(of_order.token)).astype(np.float64)
    return np.where(of_order.begins, of_order.n, n_before)


def _smooth(
    grams: _Grams, counts: FloatArray, lower: FloatArray, left_out: int | None
) -> tuple[FloatArray, FloatArray]:
    """Return the probability of each n-gram's last token, and of each context the weight of the order below."""
    counts = np.where(grams.token == left_out, 0, counts) if left_out is not None else counts
    discounts = _discounts(counts)
    kind = np.minimum(counts, FEW).astype(np.int64)
    n_contexts = int(grams.prefix.max()) + 1
    total = np.bincount(grams.prefix, counts, n_contexts)
    discounted = np.bincount(grams.prefix, discounts[kind], n_contexts)
    has_tokens = total > 0
    escape = np.where(has_tokens, discounted / np.where(has_tokens, total, 1), 1.0)
    probability = (counts - discounts[kind]) / np.maximum(total[grams.prefix], 1) + escape[grams.prefix] * lower[
        grams.suffix
    ]
    return np.maximum(probability, np.finfo(float).tiny), escape


def _discounts(counts: FloatArray) -> FloatArray:
    """Return the discount of n-grams that occur 0, 1, 2 and at least 3 times (Chen and Goodman, eq. 26)."""
    n = np.bincount(np.minimum(counts, 5).astype(np.int64), minlength=6)[1:5]
    discounts = np.array([0.0, 0.5, 0.75, 0.9])
    if n.all():
        ratio = n[0] / (n[0] + 2 * n[1])
        estimated = [k - (k + 1) * ratio * n[k] / n[k - 1] for k in (1, 2, 3)]
        if all(0.05 < discount < k for k, discount in enumerate(estimated, start=1)):
            discounts[1:] = estimated
    return discounts
