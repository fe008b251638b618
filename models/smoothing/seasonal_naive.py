"""The baseline of forecasting: what was a season ago comes again."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..arrays import FloatArray
from ..forecaster import Forecaster, error_bounds, with_bounds


class Naive(NamedTuple):
    """What is learnt of a series: the season to repeat, and the bounds of the errors at each step."""

    season_length: int
    bounds: FloatArray
    """Shape (2, horizon)."""


class SeasonalNaive(Forecaster[Naive]):
    """The seasonal naive forecast: the last season, repeated; without a season, the last value.

    Its interval holds 95 % of the errors that the same forecast makes in training. A series that is shorter than two
    seasons is taken to have none.

    Attributes
    ----------
    learnt_ : dict
        The season and the bounds of the errors of each series, by its number.
    history_ : list of dict
        One per series: ``step``, ``steps``, ``seconds``, ``series``, ``choice``.

    References
    ----------
    R. J. Hyndman and G. Athanasopoulos, Forecasting: Principles and Practice, 3rd edition, OTexts 2021, section 5.2.

    Examples
    --------
    >>> from bench.histories import Histories
    >>> from bench.ragged import RaggedArray
    >>> quarters = np.tile([3.0, 5.0, 4.0, 1.0], 5)
    >>> past = Histories(RaggedArray.from_rows([quarters]), [0], horizon=4, season_length=4)
    >>> float(np.abs(SeasonalNaive().fit(past).predict(past)[0] - [3.0, 5.0, 4.0, 1.0]).mean())
    0.0
    """

    def _learn(self, past: FloatArray, horizon: int, season_length: int) -> Naive:
        return learn_naive(past, horizon, season_length)

    def _forecast(self, learnt: Naive, past: FloatArray) -> FloatArray:
        return forecast_naive(learnt, past)

    def _describe(self, learnt: Naive) -> str:
        return f"season of {learnt.season_length}"


def learn_naive(past: FloatArray, horizon: int, season_length: int) -> Naive:
    """Learn the errors that repeating the season makes at each step ahead."""
    season = season_length if len(past) >= 2 * season_length else 1
    n_seasons = -(-np.arange(1, horizon + 1) // season)
    most = max((len(past) - 1) // season, 1)  # a longer difference cannot be seen in this past
    errors = {k: past[k * season :] - past[: -k * season] for k in set(np.minimum(n_seasons, most).tolist())}
    columns = [
        error_bounds(errors[min(k, most)][:, None]) * np.sqrt(max(k / most, 1)) if len(past) > 1 else np.zeros((2, 1))
        for k in n_seasons.tolist()
    ]
    return Naive(season, np.hstack(columns))


def forecast_naive(naive: Naive, past: FloatArray) -> FloatArray:
    """Repeat the last season, shape (horizon, 3)."""
    horizon = naive.bounds.shape[1]
    season = past[-naive.season_length :]
    return with_bounds(season[np.arange(horizon) % len(season)], naive.bounds)
