"""Seasonal ARIMA with orders chosen by AICc."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from statsmodels.tsa.seasonal import STL
from statsmodels.tsa.stattools import kpss

from ..arrays import FloatArray
from ..forecaster import NORMAL_QUANTILE, Forecaster
from .arma import Orders, Process, fit
from .ets import MIN_VALUES
from .quiet import quiet
from .seasonal_figure import adjust, choose_width
from .seasonal_naive import Naive, forecast_naive, learn_naive

LONG_SEASON = 24
"""A season of more steps is taken off first: there are seldom enough of them to estimate how one follows another."""

STRONG_SEASON = 0.64
"""From this strength on, differences from season to season are taken."""


@dataclass(frozen=True)
class Integrated:
    """What is learnt of a series."""

    horizon: int
    season_length: int
    width: int | None
    """Over which the figure of a long season is averaged; None: no figure is taken off."""
    differences: tuple[int, ...]
    """Lags over which differences are taken, one after the other."""
    orders: Orders
    process: Process


class ARIMA(Forecaster[Integrated | Naive]):
    """Seasonal autoregressive integrated moving average, its orders chosen by AICc in a stepwise search.

    Differences from season to season are taken where the season is strong, and from step to step for as long as the
    KPSS test denies a constant level. Of at most one difference the mean is kept. From four starts the search goes to
    the best neighbour, one order more or less, until none is better. Parameters have the least conditional sum of
    squares, which takes a hundredth of the time of the exact likelihood and hardly differs from it in long series.

    A season of more than 24 steps is not modelled but taken off before, as a smooth figure (:mod:`.seasonal_figure`),
    and added again. A past of fewer than 10 values or without any change is forecast as by :class:`SeasonalNaive`; one
    of fewer than three seasons is taken to have no season. It is deterministic, so it has no ``random_state``.

    Attributes
    ----------
    learnt_ : dict
        Orders and parameters of each series, by its number.
    history_ : list of dict
        One per series: ``step``, ``steps``, ``seconds``, ``series``, ``choice``.

    References
    ----------
    R. J. Hyndman and Y. Khandakar, "Automatic time series forecasting: the forecast package for R", Journal of
    Statistical Software 27(3), 2008: the search, its starts and the test.

    R. J. Hyndman and G. Athanasopoulos, Forecasting: Principles and Practice, 3rd edition, OTexts 2021, section 4.3:
    the strength of a season.

    Examples
    --------
    >>> from bench.histories import Histories
    >>> from bench.ragged import RaggedArray
    >>> noise = np.random.default_rng(0).normal(size=60)
    >>> past = Histories(RaggedArray.from_rows([100 + noise]), [0], horizon=2, season_length=1)
    >>> ARIMA().fit(past).predict(past)[0].round(0).tolist()
    [100.0, 100.0]
    """

    STARTS: ClassVar[tuple[Orders, ...]] = (
        Orders(2, 2, 1, 1),
        Orders(0, 0, 0, 0),
        Orders(1, 0, 1, 0),
        Orders(0, 1, 0, 1),
    )
    MOST: ClassVar[Orders] = Orders(5, 5, 2, 2)

    def _learn(self, past: FloatArray, horizon: int, season_length: int) -> Integrated | Naive:
        if len(past) < MIN_VALUES or np.ptp(past) == 0:
            return learn_naive(past, horizon, season_length)
        width = None
        if season_length > LONG_SEASON:
            width = choose_width(past, season_length)
            past = adjust(past, season_length, width, horizon).values
        season = season_length if season_length <= LONG_SEASON and len(past) >= 3 * season_length else 1
        lags = choose_differences(past, season)
        with quiet():
            orders, process = self._search(_differenced(past, lags)[-1], season, with_mean=len(lags) < 2)
        return Integrated(horizon, season_length, width, lags, orders, process)

    def _search(self, values: FloatArray, season: int, with_mean: bool) -> tuple[Orders, Process]:
        """Go from the best start to the best neighbour until none is better."""
        tried: dict[Orders, tuple[Process, float]] = {}
        most = self.MOST if season > 1 else self.MOST._replace(seasonal_p=0, seasonal_q=0)
        candidates = [Orders(*np.minimum(start, most).tolist()) for start in self.STARTS]
        best = None
        while True:
            for orders in candidates:
                if orders not in tried:
                    tried[orders] = fit(values, orders, season, with_mean)
            leader = min(tried, key=lambda orders: tried[orders][1])
            if leader == best:
                return leader, tried[leader][0]
            best, candidates = leader, list(_neighbours(leader, most))

    def _forecast(self, learnt: Integrated | Naive, past: FloatArray) -> FloatArray:
        if isinstance(learnt, Naive):
            return forecast_naive(learnt, past)
        season = np.zeros(learnt.horizon)
        if learnt.width is not None:
            past, season = adjust(past, learnt.season_length, learnt.width, learnt.horizon)
        stages = _differenced(past, learnt.differences)
        forecast = learnt.process.forecast(stages[-1], learnt.horizon)
        for lag, values in zip(learnt.differences[::-1], stages[-2::-1], strict=True):
            forecast = _summed(forecast, values[-lag:])
        deviations = learnt.process.deviations(learnt.horizon, learnt.differences)
        return (forecast + season)[:, None] + np.outer(deviations, [-NORMAL_QUANTILE, 0, NORMAL_QUANTILE])

    def _describe(self, learnt: Integrated | Naive) -> str:
        if isinstance(learnt, Naive):
            return f"seasonal naive, season of {learnt.season_length}"
        p, q, seasonal_p, seasonal_q = learnt.orders
        d = learnt.differences.count(1)
        text = f"ARIMA({p},{d},{q})({seasonal_p},{len(learnt.differences) - d},{seasonal_q})"
        if learnt.width is not None:
            text += f" and a figure of {learnt.season_length} steps, averaged over {learnt.width}"
        return text


def choose_differences(past: FloatArray, season: int) -> tuple[int, ...]:
    """Lags over which differences are to be taken: first from season to season, then up to two in all.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=120)
    >>> choose_differences(noise, 12), choose_differences(noise.cumsum(), 12)
    ((), (1,))
    >>> choose_differences(noise + 9 * np.sin(2 * np.pi * np.arange(120) / 12), 12)
    (12,)
    """
    lags: list[int] = []
    with quiet():
        if season > 1:
            parts = STL(past, period=season).fit()
            strength = 1 - np.var(parts.resid) / max(np.var(parts.resid + parts.seasonal), np.finfo(float).tiny)
            lags += [season] if strength >= STRONG_SEASON else []
        while len(lags) < 2:
            values = _differenced(past, tuple(lags))[-1]
            if np.ptp(values) == 0 or kpss(values, regression="c")[1] > 0.05:
                break
            lags.append(1)
    return tuple(lags)


def _neighbours(orders: Orders, most: Orders) -> Iterator[Orders]:
    """Yield orders that differ by one in one place, or in both p and q or both seasonal ones."""
    moves = [{place: step} for place in range(4) for step in (-1, 1)]
    moves += [{first: step, first + 1: step} for first in (0, 2) for step in (-1, 1)]
    for move in moves:
        moved = [order + move.get(place, 0) for place, order in enumerate(orders)]
        if all(0 <= order <= limit for order, limit in zip(moved, most, strict=True)):
            yield Orders(*moved)


def _differenced(values: FloatArray, lags: tuple[int, ...]) -> list[FloatArray]:
    """Return the values, and their differences after each of the lags."""
    stages = [values]
    for lag in lags:
        stages.append(stages[-1][lag:] - stages[-1][:-lag])
    return stages


def _summed(differences: FloatArray, last: FloatArray) -> FloatArray:
    """Undo differences over as many steps as there are last values."""
    joined = np.concatenate([last, differences])
    for step in range(len(differences)):
        joined[len(last) + step] += joined[step]
    return joined[len(last) :]
