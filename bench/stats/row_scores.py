"""What a model scored on each test row: right or wrong, or a number such as an error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.stats.resampling import ScoreArray


@dataclass(frozen=True)
class RowScores:
    """A model's score on each test row, by seed.

    Statistics are in the scores' own unit: a difference is that of the first model less the second. Where it matters
    which of the two is better, gains are taken instead.

    Parameters
    ----------
    values : bool or float64 array, shape (n_seeds, n_rows)
        Bool: whether a row is answered rightly, with tests of their own.
    seeds : sequence of int, length n_seeds
    varies : bool or None
        Whether training again can give other predictions; if not, the first row of ``values`` holds for every seed.
        None: no seed is known that it depends on, and it was fitted once.
    larger_is_better : bool
        False for errors and losses.
    limits : pair of float
        What a score cannot pass: (0, inf) for an error.

    Raises
    ------
    ValueError
        Values are neither bool nor float64, not finite, or pass the limits.
    """

    values: ScoreArray
    seeds: Sequence[int]
    varies: bool | None
    larger_is_better: bool = True
    limits: tuple[float, float] = (0.0, 1.0)

    def __post_init__(self) -> None:
        if self.values.dtype == np.bool_:
            return
        low, high = self.limits
        if self.values.dtype != np.float64:
            raise ValueError(f"row scores are bool or float64, not {self.values.dtype}")
        if not (np.isfinite(self.values) & (self.values >= low) & (self.values <= high)).all():
            raise ValueError(f"row scores are finite and from {low:g} to {high:g}, which some are not")

    def at(self, seeds: Sequence[int]) -> ScoreArray:
        """Its scores at these seeds, shape (len(seeds), n_rows)."""
        if not self.varies:
            return np.broadcast_to(self.values[:1], (len(seeds), self.values.shape[1]))
        places = {seed: i for i, seed in enumerate(self.seeds)}
        return self.values[[places[seed] for seed in seeds]]

    def gains_at(self, seeds: Sequence[int]) -> ScoreArray:
        """Its scores at these seeds, turned where smaller is better: the larger, the better."""
        found = self.at(seeds)
        if self.larger_is_better:
            return found
        return np.logical_not(found) if found.dtype == np.bool_ else np.negative(found)

    @property
    def limits_of_differences(self) -> tuple[float, float]:
        """What a difference of two scores cannot pass."""
        low, high = self.limits
        return low - high, high - low
