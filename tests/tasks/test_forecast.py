"""Forecasts are scaled by what a season changes, and no model sees beyond its origin."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bench.datasets.rows.forecasts import make_forecast_dataset
from bench.histories import Histories
from bench.tasks.forecast import Forecasting, Forecasts, forecast

TASK = Forecasting()
SQUARES = make_forecast_dataset("a", [np.arange(20.0) ** 2], [np.array([10, 12, 14])], 3, 1, origin="made up")
DATA = SQUARES.draw(None, 0)
FORECASTS = Forecasts(
    actual=np.array([[1.0, 2.0], [3.0, 4.0]]),
    forecast=np.array([[1.0, 4.0], [3.0, 3.0]]),
    scale=np.array([2.0, 0.5]),
    lower=np.array([[0.0, 3.0], [2.0, 2.0]]),
    upper=np.array([[2.0, 5.0], [4.0, 5.0]]),
    n_past=np.array([5, 6]),
)


class Last:
    """Repeats the last value, and remembers what it was given."""

    def __init__(self) -> None:
        self.given: list[np.ndarray[tuple[int, ...], np.dtype[np.float64]]] = []

    def predict(self, X: Histories) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        self.given += [X[row].copy() for row in range(len(X))]
        return np.stack([np.full(X.horizon, past[-1]) for past in X])


def test_errors_are_scaled_by_each_origin_s_series() -> None:
    np.testing.assert_allclose(FORECASTS.by_row, [(0 + 2) / 2 / 2.0, (0 + 1) / 2 / 0.5])
    scores = FORECASTS.measure(np.zeros(2, bool))
    assert scores["mase"] == pytest.approx((0.5 + 1.0) / 2)
    assert scores["rmsse"] == pytest.approx((np.sqrt(2.0) / 2.0 + np.sqrt(0.5) / 0.5) / 2)


def test_the_interval_score_adds_40_times_what_lies_outside_to_the_width() -> None:
    scores = FORECASTS.measure(np.zeros(2, bool))
    # widths 2, 2 and 2, 3; one value, 2.0, is 1.0 below its interval of 3.0 to 5.0
    assert scores["interval_score"] == pytest.approx(((2 + 2 + 40 * 1.0) / 2 / 2.0 + (2 + 3) / 2 / 0.5) / 2)
    assert scores["coverage"] == 3 / 4


def test_a_model_without_intervals_has_no_interval_score() -> None:
    scores = replace(FORECASTS, lower=None, upper=None).measure(np.zeros(2, bool))
    assert scores["interval_score"] is scores["coverage"] is None


def test_predictions_survive_being_written_as_arrays() -> None:
    again = Forecasts.from_arrays(FORECASTS.arrays())
    assert again.has_truth_of(FORECASTS)
    np.testing.assert_array_equal(again.by_row, FORECASTS.by_row)


def test_a_model_is_given_one_past_at_a_time_and_no_value_after_it() -> None:
    model = Last()
    predictions = TASK.predict(model, DATA)
    assert [len(past) for past in model.given] == [10, 12, 14]
    assert all(past.base is None and past[-1] == (len(past) - 1) ** 2 for past in model.given)
    np.testing.assert_array_equal(predictions.actual[0], [100, 121, 144])


def test_what_a_model_is_given_does_not_lead_to_later_values() -> None:
    class Peeking(Last):
        def predict(self, X: Histories) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
            base = X.values.values.base
            assert base is None or base.size == len(X[0])
            return super().predict(X)

    TASK.predict(Peeking(), DATA)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (np.zeros((1, 2)), r"shape \(1, 2\), expected \(1, 3\)"),
        (np.full((1, 3), np.nan), "not finite"),
    ],
)
def test_wrong_forecasts_are_refused(answer: np.ndarray[tuple[int, ...], np.dtype[np.float64]], message: str) -> None:
    class Wrong:
        def predict(self, X: Histories) -> object:
            return answer

    with pytest.raises(ValueError, match=message):
        forecast(Wrong(), DATA.X_test[:1])


def test_an_interval_that_is_upside_down_is_refused() -> None:
    class Turned:
        def predict_interval(self, X: Histories) -> object:
            return np.tile([2.0, 1.0, 3.0], (len(X), X.horizon, 1))

    with pytest.raises(ValueError, match="do not enclose"):
        forecast(Turned(), DATA.X_test[:1])


def test_the_baseline_is_the_seasonal_naive_forecast_s_own_error() -> None:
    predictions = TASK.predict(Last(), DATA)
    assert DATA.dataset.baseline == pytest.approx(predictions.measure(np.zeros(3, bool))["mase"])
