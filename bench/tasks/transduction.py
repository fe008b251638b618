"""Transduction: from one sequence of symbols to another, such as from letters to sounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from bench.ragged import Int64Array
from bench.records import DatasetInfo
from bench.tasks.base import AnyArray, BoolArray, Metric, Predictions, Task, TrialData, Words
from bench.tasks.corpus_scores import measure_corpus

SEPARATOR = " "
"""Between the symbols of an answer where it is stored."""
ALTERNATIVES = "\n"
"""Between the accepted targets of a row where they are stored."""

Targets = Sequence[tuple[tuple[str, ...], ...]]
"""Of each row the targets that are right."""


@dataclass(frozen=True)
class Transductions(Predictions):
    """Answers, and the targets that are right.

    Parameters
    ----------
    targets : sequence of tuple of tuple of str, length n_test
    predicted : sequence of tuple of str, length n_test
    n_symbols : int64 array, shape (n_test,)
        Symbols of each source.
    """

    targets: Targets
    predicted: Sequence[tuple[str, ...]]
    n_symbols: Int64Array

    @property
    def by_row(self) -> BoolArray:
        """Whether each row is wrong, shape (n_test,)."""
        pairs = zip(self.predicted, self.targets, strict=True)
        return np.array([answer not in targets for answer, targets in pairs], np.bool_)

    @property
    def answers(self) -> AnyArray:
        """The answers, as they are stored."""
        return np.array([SEPARATOR.join(answer) for answer in self.predicted], np.str_)

    @property
    def row_lengths(self) -> Int64Array:
        """Symbols of each source."""
        return self.n_symbols

    def measure(self, is_leaked: BoolArray) -> dict[str, float | None]:
        """Share of rows that are wrong, edits per symbol to the nearest right target, and scores of translation."""
        nearest = [
            min(((edit_distance(answer, target), len(target)) for target in targets), key=lambda edits: edits[0])
            for answer, targets in zip(self.predicted, self.targets, strict=True)
        ]
        edits, lengths = np.array(nearest).sum(axis=0)
        return {
            "error_rate": float(self.by_row.mean()),
            "symbol_error_rate": float(edits / lengths),
            **measure_corpus(self.answers.tolist(), self._joined_targets),
        }

    @property
    def _joined_targets(self) -> list[list[str]]:
        return [[SEPARATOR.join(target) for target in targets] for targets in self.targets]

    def arrays(self) -> dict[str, AnyArray]:
        """As Predictions'."""
        joined = [ALTERNATIVES.join(targets) for targets in self._joined_targets]
        return {"n_symbols": self.n_symbols, "target": np.array(joined, np.str_), "predicted": self.answers}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, AnyArray]) -> Self:
        """As Predictions'."""
        targets = [tuple(map(_symbols, joined.split(ALTERNATIVES))) for joined in arrays["target"].tolist()]
        answers = [_symbols(joined) for joined in arrays["predicted"].tolist()]
        return cls(targets, answers, arrays["n_symbols"].astype(np.int64))

    def has_truth_of(self, other: Self) -> bool:
        """As Predictions'."""
        return list(self.targets) == list(other.targets)


class Transduction(Task):
    """Another sequence of symbols: X and y are :class:`bench.symbols.Symbols`."""

    name = "transduction"
    summary = "another sequence of symbols, such as the sounds of a word from its letters"
    words = Words(
        "source",
        "sources",
        "symbol",
        "symbols",
        "more accurate",
        "less accurate",
        "most accurate",
        "no answer",
        "pairs",
    )
    metric = Metric("error_rate", "error rate", "min", unit="points")
    others = (
        Metric("symbol_error_rate", "symbol error rate", "min", (0.0, np.inf)),
        Metric("chrf", "chrF", limits=(0.0, 100.0)),
        Metric("bleu", "BLEU", limits=(0.0, 100.0)),
    )
    methods = ("predict",)
    predictions = Transductions

    def predict(self, model: Any, data: TrialData) -> Transductions:
        """As Task's."""
        return Transductions(data.y_test, transduce(model, data.X_test), data.X_test.lengths)

    def predict_row(self, model: Any, data: TrialData, row: int) -> None:
        """As Task's."""
        transduce(model, data.X_test[row : row + 1])

    def write_score(self, score: float, rows: str) -> str:
        """As Task's."""
        return f"{100 * score:.1f} % of {rows} wrong"

    def write_ends(self, low: float, high: float) -> str:
        """As Task's."""
        return f"{100 * low:.1f} to {100 * high:.1f}"

    def baseline(self, dataset: DatasetInfo) -> float | None:
        """No answer is right."""
        return 1.0


def transduce(model: Any, X: Any) -> list[tuple[str, ...]]:
    """Return a fitted model's answers.

    Raises
    ------
    ValueError
        They are not one sequence of symbols per row, or a symbol is no text or holds white space.
    """
    found = list(model.predict(X))
    if len(found) != len(X):
        raise ValueError(f"predict returns {len(found)} answers, expected {len(X)}")
    for row, answer in enumerate(found):
        if isinstance(answer, str) or any(
            not isinstance(symbol, str) or symbol.split() != [symbol] for symbol in answer
        ):
            raise ValueError(f"the answer of row {row} is {answer!r}, expected a tuple of symbols without white space")
    return [tuple(answer) for answer in found]


def edit_distance(a: Sequence[str], b: Sequence[str]) -> int:
    """Return the fewest insertions, deletions and substitutions that make b of a (Levenshtein 1966).

    >>> edit_distance("kitten", "sitting")
    3
    """
    if tuple(a) == tuple(b):
        return 0
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, start=1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return row[-1]


def _symbols(joined: str) -> tuple[str, ...]:
    return tuple(joined.split(SEPARATOR)) if joined else ()
