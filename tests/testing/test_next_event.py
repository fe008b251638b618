"""The conformance kit finds what a model of events gets wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator

from bench.events import Events
from bench.testing import check_model


class Bigrams(BaseEstimator):
    """Counts which token follows which; before the first there is the symbol of a beginning."""

    def fit(self, X: Events, y: Any = None) -> Bigrams:
        counts = np.ones((X.n_symbols + 1, X.n_symbols))
        np.add.at(counts, (self._before(X), X.tokens.values), 1)
        self.table_ = counts / counts.sum(axis=1, keepdims=True)
        return self

    def _before(self, X: Events) -> Any:
        before = np.roll(X.tokens.values, 1)
        before[X.tokens.offsets[:-1]] = X.n_symbols
        return before

    def token_log_probabilities(self, X: Events) -> Any:
        return np.log(self.table_[self._before(X), X.tokens.values])

    def next_probabilities(self, X: Events) -> Any:
        return self.table_[[piece[-1] if len(piece) else X.n_symbols for piece in X]]


def test_a_model_that_keeps_the_contract_passes() -> None:
    check_model(Bigrams(), "next-event")


class NoNext(Bigrams):
    def __getattribute__(self, name: str) -> Any:
        if name == "next_probabilities":
            raise AttributeError(name)
        return super().__getattribute__(name)


class NeedsAToken(Bigrams):
    def next_probabilities(self, X: Events) -> Any:
        return self.table_[[piece[-1] for piece in X]]


class NeedsWholeSteps(Bigrams):
    def next_probabilities(self, X: Events) -> Any:
        steps = [piece.reshape(-1, X.width) for piece in X]
        return self.table_[[step[-1, -1] if len(step) else X.n_symbols for step in steps]]


class OneAnswerForAll(Bigrams):
    def next_probabilities(self, X: Events) -> Any:
        return super().next_probabilities(X)[0]


class NoSum(Bigrams):
    def next_probabilities(self, X: Events) -> Any:
        return 2 * super().next_probabilities(X)


class LooksAhead(Bigrams):
    def token_log_probabilities(self, X: Events) -> Any:
        seen = np.zeros(len(X.tokens.values), bool)
        seen[X.tokens.offsets[1:] - 1] = True
        return np.where(seen, super().token_log_probabilities(X), np.log(0.99))


class FirstFromLast(Bigrams):
    """Takes the first token's probability from the last of the piece before it."""

    def token_log_probabilities(self, X: Events) -> Any:
        return np.log(self.table_[np.roll(X.tokens.values, 1), X.tokens.values])


class NeverSeenIsImpossible(Bigrams):
    def fit(self, X: Events, y: Any = None) -> Any:
        super().fit(X)
        self.table_[:, np.bincount(X.tokens.values, minlength=X.n_symbols) == 0] = 0
        self.table_ /= self.table_.sum(axis=1, keepdims=True)
        return self

    def token_log_probabilities(self, X: Events) -> Any:
        with np.errstate(divide="ignore"):
            return super().token_log_probabilities(X)


class OnePerStep(Bigrams):
    def token_log_probabilities(self, X: Events) -> Any:
        return super().token_log_probabilities(X)[:: X.width]


class MixesPieces(Bigrams):
    """Mixes what follows other pieces into what follows one."""

    def next_probabilities(self, X: Events) -> Any:
        found = super().next_probabilities(X)
        return (found + found.mean(axis=0)) / 2


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (NoNext(), "has no next_probabilities; the harness needs it to check that nothing looks ahead"),
        (NeedsAToken(), "predicting the first token of a piece fails: IndexError"),
        (NeedsWholeSteps(), "predicting a piece that ends within a step fails: ValueError: cannot reshape"),
        (OneAnswerForAll(), r"next_probabilities returns shape \(6,\), expected \(3, 6\)"),
        (NoSum(), "rows that are no probabilities, expected sums of 1"),
        (LooksAhead(), "the model looks ahead"),
        (FirstFromLast(), "the same piece is answered differently alone than among others"),
        (
            NeverSeenIsImpossible(),
            "a symbol that is not in training fails: .* expected logarithms of probabilities above 0",
        ),
        (OnePerStep(), r"token_log_probabilities returns shape \(\d+,\), expected \(\d+,\)"),
        (MixesPieces(), "the same piece is answered differently alone than among others"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_a_model_that_does_not_is_told_why(model: Any, words: str) -> None:
    with pytest.raises(AssertionError, match=words):
        check_model(model, "next-event")
