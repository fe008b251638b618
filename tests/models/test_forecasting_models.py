"""Forecasters: known answers, coverage, and nothing learnt from what comes after a past."""

from __future__ import annotations

import pickle
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from sklearn.base import clone
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.forecasting.theta import ThetaModel
from statsmodels.tsa.statespace.sarimax import SARIMAX

from bench.histories import Histories
from bench.models.forecaster import Forecaster
from bench.models.linear.autoregression import RidgeAutoregression
from bench.models.smoothing.arima import ARIMA
from bench.models.smoothing.arma import Orders, fit
from bench.models.smoothing.ets import ETS, forms
from bench.models.smoothing.seasonal_naive import SeasonalNaive
from bench.models.smoothing.theta import Theta
from bench.ragged import RaggedArray

Values = npt.NDArray[np.float64]

MODELS: list[Forecaster[object]] = [SeasonalNaive(), ETS(n_paths=200), Theta(), ARIMA(), RidgeAutoregression()]


@pytest.fixture(params=MODELS, ids=lambda model: type(model).__name__)
def model(request: pytest.FixtureRequest) -> Forecaster[object]:
    fresh: Forecaster[object] = clone(request.param)
    return fresh


def _pasts(rows: Sequence[Values], horizon: int, season: int = 1, series: Sequence[int] | None = None) -> Histories:
    numbers = [0] * len(rows) if series is None else series
    return Histories(RaggedArray.from_rows(rows), numbers, horizon, season)


def _quarterly(n_values: int, seed: int = 0, level: float = 0.0) -> Values:
    """Trend, season of 4 steps and autocorrelated noise."""
    steps, noise = np.arange(n_values), np.random.default_rng(seed).normal(size=n_values)
    noise[1:] += 0.5 * noise[:-1]
    return np.asarray(level + 0.1 * steps + 8 * np.sin(2 * np.pi * steps / 4) + noise)


def _autoregressive(n_values: int, seed: int) -> Values:
    """A stationary AR(1) with coefficient 0.7 and errors of variance 1."""
    values = np.random.default_rng(seed).normal(size=n_values + 50)
    for step in range(1, len(values)):
        values[step] += 0.7 * values[step - 1]
    return values[50:]


def test_the_seasonal_naive_forecast_repeats_the_last_season() -> None:
    values = np.arange(10.0)
    past = _pasts([values], horizon=6, season=4)
    assert SeasonalNaive().fit(past).predict(past).tolist() == [[6, 7, 8, 9, 6, 7]]


def test_the_naive_interval_holds_the_middle_of_the_training_errors() -> None:
    values = np.random.default_rng(0).normal(size=400)
    past = _pasts([values], horizon=2)
    low, middle, high = SeasonalNaive().fit(past).predict_interval(past)[0, 1]
    assert [low - middle, high - middle] == pytest.approx(np.quantile(values[2:] - values[:-2], [0.025, 0.975]))


def test_ridge_recovers_an_autoregression_without_noise() -> None:
    values = np.ones(120)
    for step in range(2, len(values)):
        values[step] = 1.6 * values[step - 1] - 0.99 * values[step - 2]
    model = RidgeAutoregression().fit(_pasts([values[:90]], horizon=10))
    assert model.predict(_pasts([values[:110]], horizon=10))[0] == pytest.approx(values[110:], abs=1e-3)


def test_ridge_recovers_a_sum_of_sinusoids() -> None:
    steps = np.arange(260)
    values = 5 + np.sin(2 * np.pi * steps / 24) + 0.5 * np.cos(2 * np.pi * steps / 7)
    model = RidgeAutoregression().fit(_pasts([values[:200]], horizon=20, season=24))
    assert model.predict(_pasts([values[:240]], horizon=20, season=24))[0] == pytest.approx(values[240:], abs=1e-3)


def test_ridge_uses_long_lags_where_they_help() -> None:
    rng = np.random.default_rng(0)
    values = np.tile(rng.normal(size=60), 10) + 0.1 * rng.normal(size=600)  # repeats, but no season is declared
    model = RidgeAutoregression().fit(_pasts([values[:500]], horizon=5))
    assert np.abs(model.predict(_pasts([values[:595]], horizon=5))[0] - values[595:]).mean() < 0.3
    short = RidgeAutoregression(max_lag=8).fit(_pasts([values[:500]], horizon=5))
    assert np.abs(short.predict(_pasts([values[:595]], horizon=5))[0] - values[595:]).mean() > 0.3


def test_ets_equals_the_forecast_and_the_interval_of_statsmodels() -> None:
    values = _quarterly(96)  # not all positive, so that all forms are additive and have exact intervals
    past = _pasts([values], horizon=12, season=4)
    model = ETS(n_paths=20_000).fit(past)
    chosen = next(form for form in forms(positive=False, with_season=True) if str(form) == model.history_[0]["choice"])
    expected = ETSModel(
        pd.Series(values / values.std()),
        chosen.error,
        chosen.trend,
        chosen.damped,
        chosen.season,
        seasonal_periods=4 if chosen.season else None,
    ).fit(disp=False)
    interval = model.predict_interval(past)[0]
    assert interval[:, 1] == pytest.approx(values.std() * expected.forecast(12))
    bounds = expected.get_prediction(start=96, end=107).pred_int()
    assert interval[:, [0, 2]] == pytest.approx(values.std() * np.asarray(bounds), abs=0.25)


def test_ets_follows_a_longer_past_with_parameters_of_training() -> None:
    values = _quarterly(120)
    model = ETS().fit(_pasts([values[:84]], horizon=6, season=4))
    shifted = np.concatenate([values[:84], values[84:114] + 50])
    before, after = model.predict(_pasts([values[:114], shifted], horizon=6, season=4))
    assert after - before == pytest.approx(50, abs=10), "the level has moved"


@pytest.mark.parametrize("level", [0.0, 100.0])
def test_theta_equals_the_forecast_of_statsmodels(level: float) -> None:
    values = _quarterly(96, level=level)
    past = _pasts([values], horizon=12, season=4)
    expected = ThetaModel(values, period=4).fit().forecast(12)
    assert Theta().fit(past).predict(past)[0] == pytest.approx(np.asarray(expected))


def test_arima_comes_near_the_exact_likelihood() -> None:
    values = _quarterly(300)
    differences = values[4:] - values[:-4]
    process, _ = fit(differences, Orders(1, 0, 0, 1), 4, with_mean=True)
    exact = SARIMAX(differences, order=(1, 0, 0), seasonal_order=(0, 0, 1, 4), trend="c").fit(disp=False)
    assert process.ar[1] == pytest.approx(-exact.params[1], abs=0.03)
    assert process.ma[4] == pytest.approx(exact.params[2], abs=0.1)
    assert process.forecast(differences, 6) == pytest.approx(exact.forecast(6), abs=0.3)


def test_arima_undoes_its_differences() -> None:
    values = np.arange(80.0) ** 2
    past = _pasts([values[:70]], horizon=10)
    model = ARIMA().fit(past)
    assert model.predict(past)[0] == pytest.approx(values[70:], rel=0.02)


def test_a_season_helps_where_there_is_one(model: Forecaster[object]) -> None:
    values = _quarterly(144)
    model.fit(_pasts([values[:120]], horizon=12, season=4))
    errors = model.predict(_pasts([values[:132]], horizon=12, season=4))[0] - values[132:]
    assert np.abs(errors).mean() < 3, "the season alone moves values by 5 on average"


@pytest.mark.parametrize("shape", ["step by step", "flat"])
def test_a_long_season_is_taken_off(model: Forecaster[object], shape: str) -> None:
    rng = np.random.default_rng(0)
    season = 20 * rng.normal(size=96) if shape == "step by step" else 20 * np.sin(2 * np.pi * np.arange(96) / 96)
    values = np.tile(season, 6) + rng.normal(size=6 * 96)
    model.fit(_pasts([values[: 5 * 96]], horizon=24, season=96))
    errors = model.predict(_pasts([values[:-24]], horizon=24, season=96))[0] - values[-24:]
    assert np.abs(errors).mean() < 2


def test_intervals_hold_about_95_percent(model: Forecaster[object]) -> None:
    held = []
    for seed in range(6):
        values = _autoregressive(500, seed)
        model.fit(_pasts([values[:300]], horizon=3))
        origins = range(300, 497, 3)
        low, _, high = np.moveaxis(model.predict_interval(_pasts([values[:o] for o in origins], horizon=3)), 2, 0)
        truth = np.stack([values[o : o + 3] for o in origins])
        held.append(((low <= truth) & (truth <= high)).mean())
    assert 0.92 <= np.mean(held) <= 0.98


def test_bounds_hold_the_forecast_and_widen_with_the_horizon(model: Forecaster[object]) -> None:
    values = np.random.default_rng(0).normal(size=300).cumsum()
    past = _pasts([values], horizon=8)
    low, middle, high = model.fit(past).predict_interval(past)[0].T
    assert (low <= middle).all()
    assert (middle <= high).all()
    assert high[-1] - low[-1] > 1.5 * (high[0] - low[0])


def test_what_comes_after_a_past_cannot_change_its_forecast(model: Forecaster[object]) -> None:
    values = _quarterly(100)
    model.fit(_pasts([values[:80]], horizon=4, season=4))
    changed = values.copy()
    changed[90:] = 1e6
    known = model.predict_interval(_pasts([values[:90], values], horizon=4, season=4))
    other = model.predict_interval(_pasts([changed[:90], changed], horizon=4, season=4))
    assert (known[0] == other[0]).all()
    assert (known[1] != other[1]).any()


def test_a_forecast_does_not_depend_on_the_rows_beside_it(model: Forecaster[object]) -> None:
    values = _quarterly(100)
    model.fit(_pasts([values[:80]], horizon=4, season=4))
    together = model.predict_interval(_pasts([values[:95], values[:85]], horizon=4, season=4))
    alone = model.predict_interval(_pasts([values[:85]], horizon=4, season=4))
    assert (together[1] == alone[0]).all()


def test_each_series_has_its_own_parameters(model: Forecaster[object]) -> None:
    first, second = 100 + _quarterly(80), -5 * _quarterly(70, seed=1)
    both = model.fit(_pasts([first, second], 4, 4, series=[7, 3])).predict(_pasts([second, first], 4, 4, series=[3, 7]))
    alone = clone(model).fit(_pasts([second], 4, 4, series=[3])).predict(_pasts([second], 4, 4, series=[3]))
    assert (both[0] == alone[0]).all()
    assert (both[1] > 50).all()
    assert [entry["series"] for entry in model.history_] == [7, 3]


@pytest.mark.parametrize("season", [1, 4, 40])
@pytest.mark.parametrize("n_values", [1, 2, 5, 12, 30])
def test_short_series_are_forecast(model: Forecaster[object], n_values: int, season: int) -> None:
    past = _pasts([_quarterly(n_values)], horizon=12, season=season)
    assert np.isfinite(model.fit(past).predict_interval(past)).all()


def test_a_constant_series_stays_constant(model: Forecaster[object]) -> None:
    past = _pasts([np.full(60, 3.5)], horizon=5, season=4)
    assert model.fit(past).predict_interval(past) == pytest.approx(np.full((1, 5, 3), 3.5))


def test_a_straight_line_goes_on(model: Forecaster[object]) -> None:
    past = _pasts([np.arange(60.0)], horizon=3)
    interval = model.fit(past).predict_interval(past)
    assert np.isfinite(interval).all()
    assert interval[0, :, 1] == pytest.approx([60, 61, 62], abs=3.5)


def test_values_below_zero_that_training_did_not_have_are_forecast(model: Forecaster[object]) -> None:
    values = _quarterly(90, level=100)
    model.fit(_pasts([values[:72]], horizon=4, season=4))
    values[80:] -= 150
    assert np.isfinite(model.predict_interval(_pasts([values], horizon=4, season=4))).all()


def test_the_scale_of_the_values_does_not_matter(model: Forecaster[object]) -> None:
    values = _quarterly(90)
    past, scaled = _pasts([values], 4, 4), _pasts([1e6 * values], 4, 4)
    forecast = clone(model).fit(past).predict(past)
    assert model.fit(scaled).predict(scaled) == pytest.approx(1e6 * forecast, rel=0.02)


def test_a_fitted_model_forecasts_the_same_in_another_process(model: Forecaster[object]) -> None:
    past = _pasts([_quarterly(60)], horizon=4, season=4)
    intervals = model.fit(past).predict_interval(past)
    assert (pickle.loads(pickle.dumps(model)).predict_interval(past) == intervals).all()
    assert (clone(model).fit(past).predict_interval(past) == intervals).all(), "the same seed, the same forecast"


def test_series_and_settings_that_training_did_not_have_are_refused(model: Forecaster[object]) -> None:
    values = _quarterly(60)
    model.fit(_pasts([values], 4, 4, series=[2]))
    with pytest.raises(ValueError, match=r"series 5 was not in training, which had \[2\]"):
        model.predict_interval(_pasts([values], 4, 4, series=[5]))
    with pytest.raises(ValueError, match=r"horizon and season length are \(6, 4\), but those of training"):
        model.predict_interval(_pasts([values], 6, 4, series=[2]))


def test_bad_pasts_are_refused(model: Forecaster[object]) -> None:
    with pytest.raises(ValueError, match="expected one training past per series, found 2"):
        model.fit(_pasts([np.ones(9), np.ones(9)], 2))
    with pytest.raises(ValueError, match="all of them finite"):
        model.fit(_pasts([np.array([1.0, np.nan, 2.0])], 2))


def test_parameters_out_of_range_are_refused() -> None:
    past = _pasts([_quarterly(40)], 4)
    with pytest.raises(ValueError, match="n_paths is 0, expected 1 or more"):
        ETS(n_paths=0).fit(past)
    with pytest.raises(ValueError, match="max_lag is 0, expected 1 or more"):
        RidgeAutoregression(max_lag=0).fit(past)
