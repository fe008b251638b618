"""The conformance kit finds what a model that forecasts gets wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator

from bench.histories import Histories
from bench.testing import check_model


class SeasonalNaive(BaseEstimator):
    """Repeats the last season; its interval is as wide as differences in training were."""

    def __init__(self, width: float = 1.96, random_state: int = 0) -> None:
        self.width = width
        self.random_state = random_state

    def fit(self, X: Histories, y: Any = None) -> SeasonalNaive:
        season = X.season_length
        self.spreads_ = {
            number: float(np.std(past[season:] - past[:-season]))
            for number, past in zip(X.series.tolist(), X, strict=True)
        }
        return self

    def _middle(self, X: Histories) -> Any:
        places = np.arange(X.horizon) % X.season_length
        return np.array([past[-X.season_length :][places] for past in X])

    def predict_interval(self, X: Histories) -> Any:
        middle = self._middle(X)
        margins = self.width * np.array([self.spreads_[number] for number in X.series.tolist()])[:, None]
        return np.stack([middle - margins, middle, middle + margins], axis=2)

    def save(self, path: Path) -> None:
        path.write_text(json.dumps([[*item] for item in self.spreads_.items()]))

    @classmethod
    def load(cls, path: Path) -> Any:
        model = cls()
        model.spreads_ = dict(json.loads(path.read_text()))
        return model


class WithoutIntervals(BaseEstimator):
    def fit(self, X: Histories, y: Any = None) -> WithoutIntervals:
        return self

    def predict(self, X: Histories) -> Any:
        return np.array([np.full(X.horizon, past.mean()) for past in X])


@pytest.mark.parametrize("model", [SeasonalNaive(), WithoutIntervals()])
def test_a_model_that_keeps_the_contract_passes(model: Any) -> None:
    check_model(model, "forecast")


class FitsOneArgument(SeasonalNaive):
    def fit(self, X: Histories) -> Any:  # type: ignore[override]
        return super().fit(X)


class SeasonLong(SeasonalNaive):
    def _middle(self, X: Histories) -> Any:
        return np.array([past[-X.season_length :] for past in X])


class EndsBeside(SeasonalNaive):
    def predict_interval(self, X: Histories) -> Any:
        return super().predict_interval(X)[..., [1, 0, 2]]


class NotFinite(SeasonalNaive):
    def predict_interval(self, X: Histories) -> Any:
        return np.nan * super().predict_interval(X)


class CountsSeries(SeasonalNaive):
    def predict_interval(self, X: Histories) -> Any:
        spreads = np.array([*self.spreads_.values()])[X.series]
        return self._middle(X)[..., None] + spreads[:, None, None] * [-1.0, 0.0, 1.0]


class LearnsFromNeighbours(SeasonalNaive):
    def _middle(self, X: Histories) -> Any:
        middle = super()._middle(X)
        return 0.9 * middle + 0.1 * middle.mean()


class LearnsWhilePredicting(SeasonalNaive):
    def predict_interval(self, X: Histories) -> Any:
        found = super().predict_interval(X)
        for number, past in zip(X.series.tolist(), X, strict=True):
            self.spreads_[number] += 0.01 * float(past.std())
        return found


class NoSeed(SeasonalNaive):
    def fit(self, X: Histories, y: Any = None) -> Any:
        super().fit(X)
        noise = np.random.default_rng().uniform(1, 2)
        self.spreads_ = {number: spread * noise for number, spread in self.spreads_.items()}
        return self


class DrawsWhilePredicting(SeasonalNaive):
    def _middle(self, X: Histories) -> Any:
        return super()._middle(X) + np.random.default_rng().normal(size=(len(X), X.horizon))


class LosesOnLoad(SeasonalNaive):
    @classmethod
    def load(cls, path: Path) -> Any:
        model = super().load(path)
        model.spreads_ = dict.fromkeys(model.spreads_, 1.0)
        return model


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (FitsOneArgument(), r"fit\(X, y\) fails: TypeError"),
        (SeasonLong(), r"predict_interval returns shape \(\d+, 4, 3\), expected \(\d+, 6, 3\)"),
        (EndsBeside(), "ends that do not enclose the forecast"),
        (NotFinite(), "a number that is not finite"),
        (CountsSeries(), "predict fails: IndexError"),
        (LearnsFromNeighbours(), "the same origin is answered differently alone than among others"),
        (LearnsWhilePredicting(), "the same origin is answered differently when it is asked for again"),
        (DrawsWhilePredicting(), "let predict neither change the model nor draw without a seed"),
        (NoSeed(), "seed everything from a parameter random_state"),
        (LosesOnLoad(), "the loaded model answers differently"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_a_model_that_does_not_is_told_why(model: Any, words: str) -> None:
    with pytest.raises(AssertionError, match=words):
        check_model(model, "forecast")
