"""The conformance kit finds what a model gets wrong, and says what to do about it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from bench.corpus import Corpus
from bench.testing import check_model


class Good(ClassifierMixin, BaseEstimator):
    """Counts token ids a class."""

    def __init__(self, smoothing: float = 1.0, random_state: int = 0) -> None:
        self.smoothing = smoothing
        self.random_state = random_state

    def fit(self, X: Corpus, y: Any) -> Good:
        self.classes_ = np.unique(y)
        self.history_ = [{"step": 1, "seconds": 0.1}]
        self.table_ = np.array([self._count(X, y == label) for label in self.classes_])
        return self

    def _count(self, X: Corpus, rows: Any) -> Any:
        part = X.take(np.flatnonzero(rows))
        counts = np.bincount(part.token_ids.values, minlength=len(X.vocabulary)) + self.smoothing
        return np.log(counts / counts.sum())

    def predict_proba(self, X: Corpus) -> Any:
        scores = np.array([self.table_[:, X.token_ids[i]].sum(axis=1) for i in range(len(X))])
        scores = np.exp(scores.reshape(len(X), -1 if len(X) else len(self.classes_)))
        return scores / scores.sum(axis=1, keepdims=True)

    def save(self, path: Path) -> None:
        path.write_text(json.dumps([self.classes_.tolist(), self.table_.tolist()]))

    @classmethod
    def load(cls, path: Path) -> Good:
        model = cls()
        classes, table = json.loads(path.read_text())
        model.classes_, model.table_ = np.array(classes), np.array(table)
        return model


@pytest.mark.parametrize(
    "model",
    [
        Good(),
        make_pipeline(TfidfVectorizer(), LinearSVC()),
        make_pipeline(TfidfVectorizer(token_pattern=r"\S+"), MultinomialNB()),
    ],
    ids=["own", "svm", "naive-bayes"],
)
def test_a_model_that_keeps_the_contract_passes(model: Any) -> None:
    check_model(model)


class NoScores(Good):
    def __getattribute__(self, name: str) -> Any:
        if name == "predict_proba":
            raise AttributeError(name)
        return super().__getattribute__(name)


class ChangesParameters(Good):
    def set_params(self, **parameters: Any) -> Any:
        super().set_params(**parameters)
        self.smoothing += 1
        return self


class ChangesLabels(Good):
    def fit(self, X: Corpus, y: Any) -> Any:
        super().fit(X, y)
        y[0] = 1 - y[0]
        return self


class WrongClasses(Good):
    def fit(self, X: Corpus, y: Any) -> Any:
        super().fit(X, y)
        self.classes_ = self.classes_[::-1]
        return self


class Fails(Good):
    def fit(self, X: Corpus, y: Any) -> Any:
        raise KeyError("no such thing")


class NoSum(Good):
    def predict_proba(self, X: Corpus) -> Any:
        return super().predict_proba(X) * 0.5


class SeesNeighbours(Good):
    def predict_proba(self, X: Corpus) -> Any:
        answer = super().predict_proba(X)
        mean = answer.mean(axis=0, keepdims=True) if len(X) else answer
        return (answer + mean) / 2


class NoSeed(Good):
    def fit(self, X: Corpus, y: Any) -> Any:
        super().fit(X, y)
        self.table_ = self.table_ + np.random.default_rng().normal(size=self.table_.shape)
        return self


class OddHistory(Good):
    def fit(self, X: Corpus, y: Any) -> Any:
        super().fit(X, y)
        self.history_ = [{"seconds": 2.0}, {"seconds": 1.0}]
        return self


class OddParameters(Good):
    n_parameters_ = "many"


class ForgetsOnLoad(Good):
    @classmethod
    def load(cls, path: Path) -> Any:
        model = super().load(path)
        model.table_ = model.table_[::-1]
        return model


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (object(), "object has no fit; derive it from sklearn.base.BaseEstimator"),
        (NoScores(), "neither predict_proba nor decision_function"),
        (ChangesParameters(), "let __init__ only store its arguments"),
        (ChangesLabels(), "fit changes y; copy it"),
        (WrongClasses(), "set it with numpy.unique"),
        (Fails(), r"fit\(X, y\) fails: KeyError: 'no such thing'"),
        (NoSum(), "add up to 0.5, expected probabilities"),
        (NoSum, "NoSum'> is a class; give an instance, such as NoSum"),
        (SeesNeighbours(), "answered differently alone"),
        (NoSeed(), "seed everything from a parameter random_state"),
        (OddHistory(), "count them from the beginning of fit"),
        (OddParameters(), "n_parameters_ is 'many', expected a whole number"),
        (ForgetsOnLoad(), "the loaded model answers differently"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_a_model_that_does_not_is_told_why(model: Any, words: str) -> None:
    with pytest.raises(AssertionError, match=words):
        check_model(model)
