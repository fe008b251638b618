"""Linear autoregression by ridge regression on many lags."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..arrays import FloatArray
from ..forecaster import Forecaster, error_bounds, with_bounds
from ..smoothing.seasonal_figure import choose_width, repeated, season_figure
from ..smoothing.seasonal_naive import Naive, forecast_naive, learn_naive
from .lag_regression import LagModel, fit_ridge

MIN_ROWS = 10
"""A regression needs at least so many rows, and half as many as it has lags."""


class Design(NamedTuple):
    """A regression, but for its penalty."""

    width: int
    """Over which the figure of the season that is taken off is averaged; that of the season: it is not taken off."""
    difference: int
    lags: tuple[int, ...]
    n_targets: int


@dataclass(frozen=True)
class Autoregression:
    """What is learnt of a series: the season, the regression, and the bounds of its errors at each step."""

    figure: FloatArray
    """Of the season that is taken off, shape (season_length,)."""
    design: Design
    penalty: float
    model: LagModel
    bounds: FloatArray
    """Shape (2, horizon)."""


class RidgeAutoregression(Forecaster[Autoregression | Naive]):
    """Ridge regression of the next values on earlier ones: a linear autoregression.

    The past is regressed as it is, as differences from one step to the next or from season to season, or after a smooth
    figure of the season was taken off, which is added to the forecast again
    (:mod:`bench.models.smoothing.seasonal_figure`). The lags are the last 1, 2, 4, … values, or the last few and those
    about one to three seasons before the steps to forecast. Either each step has a regression of its own (direct), or
    that of the next step is iterated (recursive).

    All of this and the penalty are chosen in the training past: each choice is fitted to its first half and forecasts
    from every moment of the third quarter, then fitted to three quarters and forecasts in the last one. The choice with
    the least mean absolute error, relative to the best one of each quarter, is fitted to all of the training past. Its
    errors in those quarters give the intervals.

    A series too short for that is forecast as by :class:`SeasonalNaive`. It is deterministic, so it has no
    ``random_state``.

    Parameters
    ----------
    max_lag : int
        The earliest value that a forecast may use, counted back from the moment of forecasting.

    Attributes
    ----------
    learnt_ : dict
        The regression of each series, by its number.
    history_ : list of dict
        One per series: ``step``, ``steps``, ``seconds``, ``series``, ``choice``.

    Raises
    ------
    ValueError
        ``max_lag`` is below 1.

    References
    ----------
    S. Ben Taieb, G. Bontempi, A. F. Atiya and A. Sorjamaa, "A review and comparison of strategies for multi-step ahead
    time series forecasting", Expert Systems with Applications 39(8), 2012.

    Examples
    --------
    >>> from bench.histories import Histories
    >>> from bench.ragged import RaggedArray
    >>> wave = np.sin(0.7 * np.arange(104))
    >>> past = Histories(RaggedArray.from_rows([wave[:100]]), [0], horizon=4, season_length=1)
    >>> float(np.abs(RidgeAutoregression().fit(past).predict(past)[0] - wave[100:]).mean().round(3))
    0.0
    """

    PENALTIES: ClassVar[Sequence[float]] = (1e-9, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)

    def __init__(self, max_lag: int = 1024) -> None:
        self.max_lag = max_lag

    def _learn(self, past: FloatArray, horizon: int, season_length: int) -> Autoregression | Naive:
        if self.max_lag < 1:
            raise ValueError(f"max_lag is {self.max_lag}, expected 1 or more")
        n_tried = max(len(past) // 4, horizon)
        earlier = self._try(past[:-n_tried], len(past) - 2 * n_tried, horizon, season_length)
        later = self._try(past, len(past) - n_tried, horizon, season_length)
        if not later:
            return learn_naive(past, horizon, season_length)
        scores = _relative(earlier), _relative(later)
        best = min(later, key=lambda tried: np.mean([score[tried] for score in scores if tried in score]))
        errors = np.concatenate([trial[best] for trial in (earlier, later) if best in trial])
        design, penalty = best
        figure = season_figure(past, season_length, design.width)
        (model,) = _fit(past - repeated(figure, 0, len(past)), design, horizon, [penalty])
        return Autoregression(figure, design, penalty, model, error_bounds(errors))

    def _try(
        self, past: FloatArray, n_first: int, horizon: int, season_length: int
    ) -> dict[tuple[Design, float], FloatArray]:
        """Errors of every design and penalty, fitted to the first values, from every moment after them."""
        errors: dict[tuple[Design, float], FloatArray] = {}
        if n_first < MIN_ROWS:
            return errors
        for design in self._designs(past[:n_first], horizon, season_length):
            figure = season_figure(past[:n_first], season_length, design.width)
            adjusted = past - repeated(figure, 0, len(past))
            models = _fit(adjusted[:n_first], design, horizon, self.PENALTIES)
            for penalty, model in zip(self.PENALTIES, models, strict=True):
                ends = sliding_window_view(adjusted[n_first - model.span :], model.span + horizon)
                errors[design, penalty] = ends[:, model.span :] - model.forecast(ends[:, : model.span])
        return errors

    def _designs(self, past: FloatArray, horizon: int, season_length: int) -> Iterator[Design]:
        """Yield all designs for which the past has enough values."""
        width = choose_width(past, season_length)
        ways = [(season_length, 0), (season_length, 1), (season_length, season_length), (width, 0), (width, 1)]
        for way, difference in dict.fromkeys(ways):
            for lags in lag_sets(horizon, season_length, self.max_lag - difference):
                for n_targets in sorted({1, horizon}):
                    n_rows = len(past) - difference - lags[-1] - n_targets + 1
                    if n_rows >= max(MIN_ROWS, len(lags) / 2):
                        yield Design(way, difference, lags, n_targets)

    def _forecast(self, learnt: Autoregression | Naive, past: FloatArray) -> FloatArray:
        if isinstance(learnt, Naive):
            return forecast_naive(learnt, past)
        span = learnt.model.span
        if len(past) < span:
            raise ValueError(f"a past has {len(past)} values, but the regression needs the last {span}")
        season = repeated(learnt.figure, len(past) - span, span + learnt.model.horizon)
        forecast = learnt.model.forecast((past[-span:] - season[:span])[None])[0] + season[span:]
        return with_bounds(forecast, learnt.bounds)

    def _describe(self, learnt: Autoregression | Naive) -> str:
        if isinstance(learnt, Naive):
            return f"seasonal naive, season of {learnt.season_length}"
        design = learnt.design
        kind = "recursive" if design.n_targets == 1 else "direct"
        season = f"season averaged over {design.width}, " if learnt.figure.any() else ""
        return (
            f"{kind}, {len(design.lags)} lags up to {design.lags[-1]}, {season}difference {design.difference}, "
            f"penalty {learnt.penalty:g}"
        )


def lag_sets(horizon: int, season_length: int, max_lag: int) -> list[tuple[int, ...]]:
    """Return the sets of lags to choose from; lag 1 is the last value of the past.

    Examples
    --------
    >>> lag_sets(horizon=2, season_length=7, max_lag=9)
    [(1,), (1, 2), (1, 2, 3, 4), (1, 2, 3, 4, 5, 6, 7, 8), (1, 2, 6, 7, 8)]
    """
    sets = [np.arange(1, 2**k + 1) for k in range(10)]
    if season_length > 1:
        # The steps to forecast, one to three seasons before, and the value before them.
        about = np.arange(1 - min(horizon, season_length), 2)
        for n_seasons in (1, 2, 3):
            seasonal = np.add.outer(season_length * np.arange(1, n_seasons + 1), about).ravel()
            sets += [np.union1d(np.arange(1, n_last + 1), seasonal) for n_last in (2, 8, 48)]
    tuples = dict.fromkeys(tuple(int(lag) for lag in lags) for lags in sets)
    return [lags for lags in tuples if lags[-1] <= max_lag]


def _fit(past: FloatArray, design: Design, horizon: int, penalties: Sequence[float]) -> list[LagModel]:
    return fit_ridge(past, design.difference, np.array(design.lags), design.n_targets, horizon, penalties)


def _relative(errors: dict[tuple[Design, float], FloatArray]) -> dict[tuple[Design, float], float]:
    """Mean absolute error of each choice over that of the best one."""
    means = {tried: float(np.abs(found).mean()) for tried, found in errors.items()}
    if not means:
        return means
    least = max(min(means.values()), 1e-12 * max(means.values()), np.finfo(float).tiny)  # errors may all be rounding
    return {tried: mean / least for tried, mean in means.items()}
