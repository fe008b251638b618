"""The theta method: exponential smoothing with half the slope of the past as its drift."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.signal import lfilter
from statsmodels.tsa.forecasting.theta import ThetaModel
from statsmodels.tsa.seasonal import seasonal_decompose

from ..arrays import FloatArray
from ..forecaster import NORMAL_QUANTILE, Forecaster
from .ets import LONG_SEASON, MIN_VALUES
from .quiet import quiet
from .seasonal_figure import Adjusted, adjust, choose_width
from .seasonal_naive import Naive, forecast_naive, learn_naive


@dataclass(frozen=True)
class Drift:
    """What is learnt of a series: simple exponential smoothing with drift, and how the season is taken off."""

    horizon: int
    season_length: int
    season: str | None
    """``mul``, ``add`` or ``figure`` (of a long season); None: there is none."""
    width: int
    """Over which the figure of a long season is averaged."""
    slope: float
    """Of the line through the training past without its season, per step."""
    level_weight: float
    deviation: float
    """Standard deviation of the errors one step ahead."""


class Theta(Forecaster[Drift | Naive]):
    """The theta method: the mean of a line and of a smoothing of twice the past less that line.

    It equals simple exponential smoothing with half the line's slope as its drift. A season that the autocorrelation
    of the training past gives away is taken off first, by classical decomposition, as a factor where all training
    values are positive. Slope and smoothing weight are those of the training past; the season is that of the past from
    which the forecast is made. Of a season of more than 60 steps a smooth figure is taken off instead
    (:mod:`.seasonal_figure`).

    A past of fewer than 10 values or without any change is forecast as by :class:`SeasonalNaive`; one of fewer than
    two seasons is taken to have no season. It is deterministic, so it has no ``random_state``.

    Attributes
    ----------
    learnt_ : dict
        Slope, weight and season of each series, by its number.
    history_ : list of dict
        One per series: ``step``, ``steps``, ``seconds``, ``series``, ``choice``.

    References
    ----------
    V. Assimakopoulos and K. Nikolopoulos, "The theta model: a decomposition approach to forecasting", International
    Journal of Forecasting 16(4), 2000.

    R. J. Hyndman and B. Billah, "Unmasking the theta method", International Journal of Forecasting 19(2), 2003: the
    forecast, and the variance of its errors.

    Examples
    --------
    >>> from bench.histories import Histories
    >>> from bench.ragged import RaggedArray
    >>> quarters = np.tile([3.0, 5.0, 4.0, 1.0], 11)
    >>> past = Histories(RaggedArray.from_rows([quarters[:40]]), [0], horizon=4, season_length=4)
    >>> float(np.abs(Theta().fit(past).predict(past)[0] - quarters[40:]).mean().round(2))
    0.0
    """

    def _learn(self, past: FloatArray, horizon: int, season_length: int) -> Drift | Naive:
        if len(past) < MIN_VALUES or np.ptp(past) == 0:
            return learn_naive(past, horizon, season_length)
        season, width = None, 1
        if season_length > LONG_SEASON:
            season, width = "figure", choose_width(past, season_length)
            past = adjust(past, season_length, width, horizon).values
        seasonal = 1 < season_length <= LONG_SEASON and len(past) >= 2 * season_length
        with quiet():
            found = ThetaModel(past, period=season_length if seasonal else 1, deseasonalize=seasonal).fit()
            if seasonal and np.ptp(found.forecast_components(season_length).seasonal) > 0:
                season = found.model.method[:3]
        weight = float(found.params["alpha"])
        learnt = Drift(horizon, season_length, season, width, 0.0, weight, 0.0)
        adjusted = past if season == "figure" else _take_off(learnt, past).values
        steps = np.arange(len(past), dtype=np.float64)
        slope = float(np.polynomial.Polynomial.fit(steps, adjusted, 1).convert().coef[-1])
        errors = adjusted[1:] - _levels(adjusted, weight)[:-1] - _drift(slope, weight, steps[1:], 1)
        return replace(learnt, slope=slope, deviation=float(np.sqrt(np.mean(errors**2))))

    def _forecast(self, learnt: Drift | Naive, past: FloatArray) -> FloatArray:
        if isinstance(learnt, Naive):
            return forecast_naive(learnt, past)
        adjusted, season = _take_off(learnt, past)
        steps = np.arange(1.0, learnt.horizon + 1)
        forecast = _levels(adjusted, learnt.level_weight)[-1] + _drift(
            learnt.slope, learnt.level_weight, float(len(past)), steps
        )
        deviation = learnt.deviation * np.sqrt(1 + (steps - 1) * learnt.level_weight**2)
        bounds: FloatArray = forecast[:, None] + np.outer(deviation, [-NORMAL_QUANTILE, 0, NORMAL_QUANTILE])
        return bounds * season[:, None] if _is_factor(learnt, past) else bounds + season[:, None]

    def _describe(self, learnt: Drift | Naive) -> str:
        if isinstance(learnt, Naive):
            return f"seasonal naive, season of {learnt.season_length}"
        names = {None: "no season", "mul": "multiplicative season", "add": "additive season"}
        season = names.get(learnt.season, f"figure of {learnt.season_length} steps, averaged over {learnt.width}")
        return f"weight {learnt.level_weight:.3f}, slope {learnt.slope:.3g} per step, {season}"


def _take_off(learnt: Drift, past: FloatArray) -> Adjusted:
    """Take the season off a past; that of the steps to come is to be added, or to be multiplied by."""
    if learnt.season is None:
        return Adjusted(past, np.zeros(learnt.horizon))
    if learnt.season == "figure":
        return adjust(past, learnt.season_length, learnt.width, learnt.horizon)
    factor = _is_factor(learnt, past)
    season = seasonal_decompose(past, model="mul" if factor else "add", period=learnt.season_length).seasonal
    coming = season[(len(past) + np.arange(learnt.horizon)) % learnt.season_length]
    return Adjusted(past / season if factor else past - season, coming)


def _is_factor(learnt: Drift, past: FloatArray) -> bool:
    """Whether the season multiplies; a later value that is not positive makes it one that is added."""
    return learnt.season == "mul" and bool(past.min() > 0)


def _levels(values: FloatArray, weight: float) -> FloatArray:
    """Smooth from the first value on, shape (n_values,)."""
    levels, _ = lfilter([weight], [1, weight - 1], values, zi=[(1 - weight) * values[0]])
    smoothed: FloatArray = levels
    return smoothed


def _drift(slope: float, weight: float, n_values: FloatArray | float, steps: FloatArray | float) -> FloatArray:
    """Half the slope over the steps ahead and over those by which the smoothing lags behind (theta = 2)."""
    behind = (1 - (1 - weight) ** n_values) / weight if weight > 0 else n_values
    return np.asarray(slope / 2 * (steps - 1 + behind))
