"""The conformance kit finds what a model of series gets wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin

from bench.series import Series
from bench.testing import check_model


class NearestMean(ClassifierMixin, BaseEstimator):
    """The class whose mean frame is the nearest."""

    def fit(self, X: Series, y: Any) -> NearestMean:
        self.classes_ = np.unique(y)
        means = self._means(X)
        self.centres_ = np.array([means[y == label].mean(axis=0) for label in self.classes_])
        return self

    def _means(self, X: Series) -> Any:
        return np.array([frames.mean(axis=0) for frames in X])

    def decision_function(self, X: Series) -> Any:
        distances = np.linalg.norm(self._means(X)[:, None] - self.centres_, axis=2)
        return -distances if len(self.classes_) > 2 else distances[:, 0] - distances[:, 1]


class WithProbabilities(NearestMean):
    def predict_proba(self, X: Series) -> Any:
        scores = np.exp(-np.linalg.norm(self._means(X)[:, None] - self.centres_, axis=2))
        return scores / scores.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("model", [NearestMean(), WithProbabilities()])
def test_a_model_that_keeps_the_contract_passes(model: Any) -> None:
    check_model(model, "sequence")


class NeedsEqualLengths(NearestMean):
    def _means(self, X: Series) -> Any:
        return np.stack(list(X)).mean(axis=1)


class NeedsTwoFrames(NearestMean):
    def decision_function(self, X: Series) -> Any:
        return super().decision_function(X) + 0 * sum(float(frames[1, 0]) for frames in X)


class PadsToTheLongest(NearestMean):
    def _means(self, X: Series) -> Any:
        return np.array([frames.sum(axis=0) for frames in X]) / X.lengths.max()


class OneColumn(NearestMean):
    def decision_function(self, X: Series) -> Any:
        return super().decision_function(X).reshape(len(X), -1)[:, 0]


class NoProbabilities(NearestMean):
    def predict_proba(self, X: Series) -> Any:
        return np.ones((len(X), len(self.classes_)))


class WrongClasses(NearestMean):
    def fit(self, X: Series, y: Any) -> Any:
        super().fit(X, y)
        self.classes_ = self.classes_.astype(str)
        return self


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (NeedsEqualLengths(), r"fit\(X, y\) fails: ValueError: all input arrays must have the same shape"),
        (NeedsTwoFrames(), "predicting a series of a single frame fails: IndexError.*need an answer"),
        (PadsToTheLongest(), "the same series is answered differently alone than among others .*padding"),
        (OneColumn(), r"predictions have shape \(\d+, 2\), expected \(\d+, 3\)"),
        (NoProbabilities(), "add up to 2, expected probabilities"),
        (WrongClasses(), "set it with numpy.unique"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_a_model_that_does_not_is_told_why(model: Any, words: str) -> None:
    with pytest.raises(AssertionError, match=words):
        check_model(model, "sequence")
