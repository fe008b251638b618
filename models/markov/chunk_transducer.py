"""What the transducers have in common that divide a target into chunks, one for each symbol of the source."""

from __future__ import annotations

import time
from typing import Any, NamedTuple, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from bench.ragged import Ragged
from bench.symbols import Symbols

from ..arrays import FloatArray, IntArray
from ..chunk_alignment import Alignment, align, choose_max_chunk, is_alignable
from ..symbol_ids import SymbolIds, check_pairs
from .best_paths import BestPaths
from .chunk_ngrams import Automaton, learn_ngrams


class Readings(NamedTuple):
    """Tokens of an automaton, and the source symbols that each reads."""

    tokens: IntArray
    """Of the training rows, flat, as the sources' values are."""
    chunk: IntArray
    """The chunk that each token writes."""
    token: IntArray
    """A token and a symbol that it reads, each pair once, sorted by token."""
    symbol: IntArray
    log_probability: FloatArray
    """Of the symbol given the token."""


class ChunkTransducer(BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """Aligns the training pairs, learns n-grams of tokens that write chunks, and searches for the best ones.

    Parameters, attributes and errors are those of
    :class:`bench.models.markov.joint_ngrams.JointNgramTransducer`.
    """

    order: int
    max_chunk: int | None
    n_iter: int
    beam: int
    random_state: int
    history_: list[dict[str, Any]]

    def _read(self, sources: Ragged, alignment: Alignment) -> Readings:
        raise NotImplementedError

    def fit(self, X: Symbols, y: Symbols) -> Self:
        """Learn from sources and their targets."""
        self._check(X, y)
        started = time.perf_counter()
        self.history_ = []
        self.source_ids_, self.target_ids_ = SymbolIds(X), SymbolIds(y)
        sources, targets = self.source_ids_.encode(X), self.target_ids_.encode(y)
        self.max_chunk_ = self.max_chunk or choose_max_chunk(sources.lengths, targets.lengths)
        rows = is_alignable(sources.lengths, targets.lengths, self.max_chunk_)
        if not len(rows):
            raise ValueError(f"every target has more than {self.max_chunk_} symbols for each of its source")
        self.n_rows_left_out_ = len(X) - len(rows)
        sources, targets = sources.take(rows), targets.take(rows)

        def note(step: int, log_likelihood: float) -> None:
            seconds = time.perf_counter() - started
            figures = {"step": step, "steps": self.n_iter, "seconds": seconds}
            self.history_.append({**figures, "log_likelihood": log_likelihood})

        random = np.random.default_rng(self.random_state)
        alignment = align(sources, targets, self.max_chunk_, self.n_iter, random, note)
        readings = self._read(sources, alignment)
        self.automaton_ = learn_ngrams(Ragged(readings.tokens, sources.offsets), self.order)
        symbols = self.target_ids_.symbols
        self._writes = [tuple(symbols[i] for i in alignment.chunks[chunk]) for chunk in readings.chunk.tolist()]
        self._paths = self._make_paths(self.automaton_, readings)
        self.n_rows_seen_ = self.n_iter * len(rows)
        self.n_parameters_ = (
            len(self.automaton_.token) + len(self.automaton_.backoff) + len(readings.token) * self._has_emissions()
        )
        return self

    def predict(self, X: Symbols) -> list[tuple[str, ...]]:
        """Return the target of each source; symbols that training lacks are passed over."""
        check_is_fitted(self, "automaton_")
        end = len(self.source_ids_)
        known = self.source_ids_.encode(X)
        rows = np.flatnonzero(known.lengths)
        predicted: list[tuple[str, ...]] = [()] * len(X)
        if len(rows):
            paths = self._paths.search(Ragged.from_rows([np.append(known[i], end) for i in rows.tolist()]))
            for i, row in enumerate(rows.tolist()):
                predicted[row] = tuple(s for token in paths[i][:-1].tolist() for s in self._writes[token])
        return predicted

    def _check(self, X: Symbols, y: Symbols) -> None:
        check_pairs(X, y)
        for name in ("order", "max_chunk", "n_iter", "beam"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name} is {value}, expected 1 or more")

    def _has_emissions(self) -> bool:
        """Whether the symbols that a token reads have probabilities of their own."""
        return False

    def _make_paths(self, automaton: Automaton, readings: Readings) -> BestPaths:
        """Return the search, in which the end of a row reads one symbol above those of the sources."""
        end, end_symbol = int(readings.tokens.max()) + 1, len(self.source_ids_)
        token = np.append(readings.token, end)
        n = np.bincount(token)
        first = np.cumsum(n) - n
        of_arc = n[automaton.token]
        arc = np.repeat(np.arange(len(of_arc)), of_arc)
        reading = np.repeat(first[automaton.token] - np.cumsum(of_arc) + of_arc, of_arc) + np.arange(len(arc))
        symbol = np.append(readings.symbol, end_symbol)[reading]
        weight = np.append(readings.log_probability, 0.0)[reading]
        return BestPaths(automaton, arc, symbol, weight, end_symbol + 1, self.beam)
