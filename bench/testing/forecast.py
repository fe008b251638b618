"""What is checked of models that forecast."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import numpy as np

from bench.histories import Histories
from bench.ragged import RaggedArray
from bench.tasks.base import Float64Array, Task
from bench.tasks.forecast import Forecasting, forecast
from bench.testing.kit import Kit, Problem

LENGTHS = (120, 96, 108)
"""Values of each series in training."""
LATER = (12, 1, 5)
"""Values after those, at the origins of the test rows."""


class ForecastKit(Kit):
    """The checks of forecasting."""

    task: ClassVar[Task] = Forecasting()

    def problems(self) -> Iterator[Problem]:
        """Series with and without a season, which is shorter than the horizon; their numbers may have gaps."""
        for series, horizon, season_length in (((0, 1, 2), 6, 4), ((7, 3), 3, 1)):
            X, X_test = invent(series, horizon, season_length)
            yield Problem(X, None, X_test)

    def answer(self, model: Any, problem: Problem) -> Float64Array:
        """Return forecasts, with their intervals where the model has any."""
        return forecast(model, problem.X_test)


def invent(series: Sequence[int], horizon: int, season_length: int) -> tuple[Histories, Histories]:
    """Small invented data: training pasts of series of these numbers, and longer ones of the same, mixed."""
    random = np.random.default_rng(season_length)
    times = np.arange(max(LENGTHS) + max(LATER))
    levels = 10 + 20 * np.arange(len(series))[:, None] + 0.02 * times
    wholes = levels + 3 * np.sin(2 * np.pi * times / season_length) + random.normal(scale=0.5, size=levels.shape)

    def cut(later: Sequence[int]) -> Histories:
        ends = [length + more for more in later for length in LENGTHS[: len(series)]]
        rows = [whole[:end] for whole, end in zip([*wholes] * len(later), ends, strict=True)]
        return Histories(RaggedArray.from_rows(rows), [*series] * len(later), horizon, season_length)

    return cut([0]), cut(LATER)
