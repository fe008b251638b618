"""The conformance kit finds what a model that transduces gets wrong."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator

from bench.symbols import Symbols
from bench.testing import check_model


class LetterByLetter(BaseEstimator):
    """Answers each letter with the sound that stands most often at its place."""

    def __init__(self, random_state: int = 0) -> None:
        self.random_state = random_state

    def fit(self, X: Symbols, y: Symbols) -> LetterByLetter:
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for letters, sounds in zip(X, y, strict=True):
            for letter, sound in zip(letters, sounds, strict=False):
                counts[letter][sound] += 1
        self.sounds_ = {letter: found.most_common(1)[0][0] for letter, found in counts.items()}
        return self

    def _answer(self, letters: tuple[str, ...]) -> Any:
        return tuple(self.sounds_[letter] for letter in letters if letter in self.sounds_)

    def predict(self, X: Symbols) -> Any:
        return [self._answer(letters) for letters in X]


def test_a_model_that_keeps_the_contract_passes() -> None:
    check_model(LetterByLetter(), "transduction")


class KnowsAllLetters(LetterByLetter):
    def _answer(self, letters: tuple[str, ...]) -> Any:
        return tuple(self.sounds_[letter] for letter in letters)


class NeedsALetter(LetterByLetter):
    def _answer(self, letters: tuple[str, ...]) -> Any:
        return super()._answer((letters[0], *letters[1:]))


class Joins(LetterByLetter):
    def _answer(self, letters: tuple[str, ...]) -> Any:
        return " ".join(super()._answer(letters))


class AnswersNumbers(LetterByLetter):
    def _answer(self, letters: tuple[str, ...]) -> Any:
        return tuple(range(len(letters)))


class SkipsEmptyOnes(LetterByLetter):
    def predict(self, X: Symbols) -> Any:
        return [self._answer(letters) for letters in X if letters]


class PadsAnswers(LetterByLetter):
    def predict(self, X: Symbols) -> Any:
        longest = X.lengths.max()
        return [(*answer, *["_"] * (longest - len(answer))) for answer in super().predict(X)]


class LearnsWhilePredicting(LetterByLetter):
    def predict(self, X: Symbols) -> Any:
        answers = super().predict(X)
        self.sounds_["a"] += "H"
        return answers


class NoSeed(LetterByLetter):
    def fit(self, X: Symbols, y: Symbols) -> Any:
        super().fit(X, y)
        self.sounds_["b"] += str(np.random.default_rng().integers(2**40))
        return self


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (KnowsAllLetters(), "predicting a source with symbols that are not in training fails: KeyError: 'q'"),
        (NeedsALetter(), "predicting an empty source fails: IndexError.*need an answer of some kind"),
        (Joins(), "expected a tuple of symbols"),
        (AnswersNumbers(), "expected a tuple of symbols"),
        (SkipsEmptyOnes(), "predicting an empty source fails: ValueError: predict returns 0 answers, expected 1"),
        (PadsAnswers(), "the same source is answered differently alone than among others .*_"),
        (LearnsWhilePredicting(), "the same source is answered differently when it is asked for again"),
        (NoSeed(), "seed everything from a parameter random_state"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_a_model_that_does_not_is_told_why(model: Any, words: str) -> None:
    with pytest.raises(AssertionError, match=words):
        check_model(model, "transduction")
