"""Recurrent forecasters: windows, forecasts of waves, several series, what is not looked at."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bench.histories import Histories
from bench.models.recurrent.forecaster import GRUForecaster, LSTMForecaster, RecurrentForecaster
from bench.models.recurrent.windows import cut_windows, seasonal_scale
from bench.ragged import RaggedArray

Array = np.ndarray
SMALL: dict[str, Any] = {"units": 8, "hidden": 16, "length": 12, "n_networks": 2, "batch_size": 16, "max_epochs": 20}
HORIZON = 4
N_TRAINING = 120


def invent_waves(n_values: int) -> list[Array]:
    """Two noisy waves of period 11, the second a thousand times as large."""
    random = np.random.default_rng(0)
    at = np.arange(n_values)
    wave = np.sin(2 * np.pi * at / 11) + random.normal(scale=0.05, size=n_values)
    return [wave, 1000 * (5 - wave)]


def pasts(rows: list[Array], series: list[int], season_length: int = 1) -> Histories:
    return Histories(RaggedArray.from_rows(rows), series, HORIZON, season_length)


WAVES = invent_waves(200)
TRAINING = pasts([wave[:N_TRAINING] for wave in WAVES], [0, 1])
LATER = pasts([wave[:n] for n in range(N_TRAINING, 190, 7) for wave in WAVES], [0, 1] * 10)
ACTUAL = np.stack([wave[n : n + HORIZON] for n in range(N_TRAINING, 190, 7) for wave in WAVES])


@pytest.fixture(scope="module")
def fitted() -> GRUForecaster:
    """A small forecaster of both waves; not to be changed."""
    return GRUForecaster(**SMALL).fit(TRAINING)


def scaled_error(model: RecurrentForecaster) -> float:
    scales = np.array([model.scales_[int(series)] for series in LATER.series])
    return float((np.abs(model.predict_interval(LATER)[..., 1] - ACTUAL) / scales[:, None]).mean())


def test_a_gru_forecasts_waves_of_any_size(fitted: GRUForecaster) -> None:
    assert scaled_error(fitted) < 0.4  # the last value repeated: 1.7


def test_an_lstm_does_so_too() -> None:
    assert scaled_error(LSTMForecaster(**SMALL).fit(TRAINING)) < 0.5


def test_intervals_are_in_order_and_hold_most_of_the_future(fitted: GRUForecaster) -> None:
    low, middle, high = np.moveaxis(fitted.predict_interval(LATER), 2, 0)
    assert (low <= middle).all()
    assert (middle <= high).all()
    assert np.mean((low <= ACTUAL) & (high >= ACTUAL)) > 0.8


def test_a_forecast_depends_on_its_own_past_only(fitted: GRUForecaster) -> None:
    together = fitted.predict_interval(LATER)
    alone = np.concatenate([fitted.predict_interval(LATER[i : i + 1]) for i in range(len(LATER))])
    np.testing.assert_array_equal(together, alone)
    assert fitted.predict_interval(LATER[:0]).shape == (0, HORIZON, 3)


def test_the_same_seed_gives_the_same_forecasts(fitted: GRUForecaster) -> None:
    again = GRUForecaster(**SMALL).fit(TRAINING)
    np.testing.assert_array_equal(again.predict_interval(LATER), fitted.predict_interval(LATER))
    first, second = fitted.networks_
    assert not np.array_equal(first.get_weights()[0], second.get_weights()[0])


def test_history_has_the_epochs_of_every_network(fitted: GRUForecaster) -> None:
    begins = [i for i, entry in enumerate(fitted.history_) if entry["step"] == 1]
    assert len(begins) == 3  # one that chooses the epochs, two that forecast
    assert "validation_loss" in fitted.history_[0]
    assert "validation_loss" not in fitted.history_[-1]
    assert fitted.n_rows_seen_ > 0


def test_a_short_yearly_series_is_forecast() -> None:
    model = GRUForecaster(units=4, n_networks=1, max_epochs=3).fit(pasts([WAVES[0][:60]], [7]))
    assert model.length_ in (8, 24)
    assert np.isfinite(model.predict_interval(pasts([WAVES[0][:70]], [7]))).all()


def test_windows_hold_what_was_known_and_targets_what_came() -> None:
    values = np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0])
    windows = cut_windows(values, np.array([4, 6]), length=2, horizon=3, season_length=2, scale=2.0)
    assert windows.steps.tolist() == [[[-2.0, 1.5], [0.0, 3.0]], [[-8.0, 6.0], [0.0, 12.0]]]
    naive, mean = np.split(windows.seasons, 2, axis=1)
    assert naive.tolist() == [[-2.0, 0.0, -2.0], [-8.0, 0.0, -8.0]]
    assert mean.tolist() == [[-2.75, -1.5, -2.75], [-12.5, -9.0, -12.5]]
    np.testing.assert_array_equal(windows.targets, [[6.0, 12.0, np.nan], [np.nan] * 3])
    assert seasonal_scale(values, 2) == (3 + 6 + 12 + 24) / 4
    assert seasonal_scale(np.ones(5), 1) == 1.0


def test_what_cannot_be_forecast_is_refused(fitted: GRUForecaster) -> None:
    with pytest.raises(ValueError, match="there was no series 2 to learn from, only 0, 1"):
        fitted.predict_interval(pasts([WAVES[0]], [2]))
    with pytest.raises(ValueError, match="a past of series 0 has 5 values, expected 13 or more"):
        fitted.predict_interval(pasts([WAVES[0][:5]], [0]))
    with pytest.raises(ValueError, match="the longest past has 9 values: too few for windows of 12"):
        GRUForecaster(length=12).fit(pasts([WAVES[0][:9]], [0]))
    with pytest.raises(ValueError, match="n_networks is 0, expected 1 or more"):
        GRUForecaster(n_networks=0).fit(TRAINING)
