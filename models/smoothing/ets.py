"""Exponential smoothing in state-space form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

from ..arrays import FloatArray
from ..forecaster import LEVEL, Forecaster
from .quiet import quiet
from .seasonal_figure import adjust, choose_width
from .seasonal_naive import Naive, forecast_naive, learn_naive

LONG_SEASON = 60
"""Beyond so many steps a season is taken off before smoothing: its states would be too many to estimate."""

MIN_VALUES = 10
"""A shorter past is forecast as by the seasonal naive model."""


class Form(NamedTuple):
    """Kinds of error, trend and season, as statsmodels names them; None: there is none."""

    error: str
    trend: str | None
    damped: bool
    season: str | None

    @property
    def multiplies(self) -> bool:
        """Whether all values have to be positive."""
        return "mul" in (self.error, self.season)

    def __str__(self) -> str:
        kinds = (self.error, self.trend, self.season)
        error, trend, season = ("N" if kind is None else kind[0].upper() for kind in kinds)
        return f"ETS({error},{trend}{'d' if self.damped else ''},{season})"


@dataclass(frozen=True)
class Smoothing:
    """What is learnt of a series."""

    form: Form
    season_length: int
    width: int | None
    """Over which the figure of a long season is averaged; None: the season, if any, is a state."""
    scale: float
    """Values are divided by it: the optimiser's steps and tolerances suit values about 1."""
    parameters: FloatArray
    """Smoothing parameters and first states."""
    errors: FloatArray
    """To simulate the future, shape (horizon, n_paths): they differ between series, not between rows."""
    additive: Smoothing | None
    """Instead of a multiplicative form where a later value is not positive."""


class ETS(Forecaster[Smoothing | Naive]):
    """Exponential smoothing: level, trend and season follow the past, the older the less.

    The form (error and season additive or multiplicative, trend none, additive or damped) and its parameters have the
    least AICc of the training past; forecasts take the states at the end of the longer past, parameters fixed.
    Multiplicative forms are tried where all training values are positive; where a later one
    is not, the best additive form takes over. Of a season of more than 60 steps a smooth
    figure is taken off first, and added to the forecast again: mean values of each of its steps, averaged over
    neighbouring steps (:mod:`.seasonal_figure`); the rest is smoothed without a season. Intervals are quantiles of
    simulated futures.

    A past of fewer than 10 values or without any change is forecast as by :class:`SeasonalNaive`; one of fewer than
    two seasons is taken to have no season.

    Parameters
    ----------
    n_paths : int
        Simulated futures per forecast.
    random_state : int
        Seed of their errors.

    Attributes
    ----------
    learnt_ : dict
        Form, parameters and errors of each series, by its number.
    history_ : list of dict
        One per series: ``step``, ``steps``, ``seconds``, ``series``, ``choice``.

    Raises
    ------
    ValueError
        ``n_paths`` is below 1.

    References
    ----------
    R. J. Hyndman, A. B. Koehler, J. K. Ord and R. D. Snyder, Forecasting with Exponential Smoothing: The State Space
    Approach, Springer 2008.

    Examples
    --------
    >>> from bench.histories import Histories
    >>> from bench.ragged import RaggedArray
    >>> rising = np.arange(44) + np.tile([3.0, 5.0, 4.0, 1.0], 11)
    >>> past = Histories(RaggedArray.from_rows([rising[:40]]), [0], horizon=4, season_length=4)
    >>> float(np.abs(ETS().fit(past).predict(past)[0] - rising[40:]).mean().round(3))
    0.0
    """

    def __init__(self, n_paths: int = 1000, random_state: int = 0) -> None:
        self.n_paths = n_paths
        self.random_state = random_state

    def _learn(self, past: FloatArray, horizon: int, season_length: int) -> Smoothing | Naive:
        if self.n_paths < 1:
            raise ValueError(f"n_paths is {self.n_paths}, expected 1 or more")
        if len(past) < MIN_VALUES or np.ptp(past) == 0:
            return learn_naive(past, horizon, season_length)
        width = None
        if season_length > LONG_SEASON:
            width = choose_width(past, season_length)
            past = adjust(past, season_length, width, horizon).values
        scale = float(past.std()) or 1.0
        past = past / scale
        with_season = 1 < season_length <= LONG_SEASON and len(past) >= 2 * season_length
        fits = {form: _fit(past, form, season_length) for form in forms(bool(past.min() > 0), with_season)}
        normal = np.random.default_rng(self.random_state).standard_normal((horizon, self.n_paths))

        def smoothing(form: Form, additive: Smoothing | None) -> Smoothing:
            errors = normal * np.sqrt(fits[form].scale)
            parameters = np.asarray(fits[form].params)
            return Smoothing(form, season_length, width, scale, parameters, errors, additive)

        best = min(fits, key=lambda form: _aicc(fits[form]))
        if not best.multiplies:
            return smoothing(best, None)
        additive = min((form for form in fits if not form.multiplies), key=lambda form: _aicc(fits[form]))
        return smoothing(best, smoothing(additive, None))

    def _forecast(self, learnt: Smoothing | Naive, past: FloatArray) -> FloatArray:
        if isinstance(learnt, Naive):
            return forecast_naive(learnt, past)
        horizon, n_paths = learnt.errors.shape
        season = np.zeros(horizon)
        if learnt.width is not None:
            past, season = adjust(past, learnt.season_length, learnt.width, horizon)
        if learnt.additive and past.min() <= 0:
            learnt = learnt.additive
        with quiet():
            smoothed = _model(past / learnt.scale, learnt.form, learnt.season_length).smooth(learnt.parameters)
            forecast = np.asarray(smoothed.forecast(horizon))
            paths = smoothed.simulate(horizon, anchor="end", repetitions=n_paths, random_errors=learnt.errors)
        tail = (1 - LEVEL) / 2
        low, high = np.quantile(np.asarray(paths).reshape(horizon, n_paths), [tail, 1 - tail], axis=1)
        bounds = np.minimum(low, forecast), forecast, np.maximum(high, forecast)
        return np.stack(bounds, axis=1) * learnt.scale + season[:, None]

    def _describe(self, learnt: Smoothing | Naive) -> str:
        if isinstance(learnt, Naive):
            return f"seasonal naive, season of {learnt.season_length}"
        figure = f" and a figure of {learnt.season_length} steps, averaged over {learnt.width}"
        return str(learnt.form) + (figure if learnt.width is not None else "")


def forms(positive: bool, with_season: bool) -> Iterator[Form]:
    """Forms to choose from: those whose variances are finite (Hyndman et al. 2008, chapter 15).

    Examples
    --------
    >>> [str(form) for form in forms(positive=False, with_season=True)][::2]
    ['ETS(A,N,N)', 'ETS(A,A,N)', 'ETS(A,Ad,N)']
    """
    for error in ("add", "mul") if positive else ("add",):
        seasons = [None, "add", "mul"] if error == "mul" else [None, "add"]
        for trend, damped in ((None, False), ("add", False), ("add", True)):
            for season in seasons if with_season else [None]:
                yield Form(error, trend, damped, season)


def _model(past: FloatArray, form: Form, season_length: int) -> Any:
    return ETSModel(
        past,
        error=form.error,
        trend=form.trend,
        damped_trend=form.damped,
        seasonal=form.season,
        seasonal_periods=season_length if form.season else None,
    )


def _fit(past: FloatArray, form: Form, season_length: int) -> Any:
    with quiet():
        return _model(past, form, season_length).fit(disp=False)


def _aicc(fitted: Any) -> float:
    return float(fitted.aicc) if np.isfinite(fitted.aicc) else np.inf
