"""Who cannot be told from the best, and how often one model beats another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bench.stats.intervals import Interval
from bench.stats.paired import Comparison
from bench.stats.resampling import N_RESAMPLES, FloatArray

SEEDS_TO_OUTPERFORM = 10
"""With fewer the percentile interval is too narrow: with 3, a quarter of equal models are called different."""
MEANINGFUL = 0.75
"""From this probability on, a difference is called meaningful (Bouthillier et al. 2021, section 4)."""


def ranking_groups(accuracies: Mapping[str, float], comparisons: Sequence[Comparison]) -> dict[str, int]:
    """The group of each model, from 1: those that cannot be told from the most accurate model of their group.

    The most accurate model leads group 1; the most accurate of those that differ from it leads group 2, and so on.
    Two models of one group may still differ, and two of neighbouring groups may not: the pairs' own tests say.

    Parameters
    ----------
    accuracies : mapping of name to mean accuracy
    comparisons : sequence of Comparison
        Pairs that are not in it count as not told apart.
    """
    differ = {frozenset((c.first, c.second)) for c in comparisons if c.is_significant}
    left = sorted(accuracies, key=lambda name: -accuracies[name])
    groups: dict[str, int] = {}
    number = 0
    while left:
        number += 1
        members = [name for name in left if frozenset((left[0], name)) not in differ]
        groups.update(dict.fromkeys(members, number))
        left = [name for name in left if name not in groups]
    return groups


@dataclass(frozen=True)
class Outperformance:
    """How often one model is more accurate than another when both are trained anew.

    Parameters
    ----------
    probability : float
        Share of the paired seeds in which the first is more accurate, ties counted half.
    interval : Interval
        95 % percentile interval over seeds.
    """

    probability: float
    interval: Interval

    @property
    def is_meaningful(self) -> bool:
        """Whether it is shown to be above one half, and is at least 0.75."""
        return self.interval.low > 0.5 and self.probability >= MEANINGFUL


def probability_of_outperforming(first: FloatArray, second: FloatArray) -> Outperformance | None:
    """The probability that the first model is more accurate; None with fewer than 10 paired seeds.

    Parameters
    ----------
    first, second : float array, shape (n_seeds,)
        Accuracies, seed by seed.

    References
    ----------
    Bouthillier, X. et al. (2021). Accounting for Variance in Machine Learning Benchmarks. MLSys 3, 747-769.
    """
    if len(first) < SEEDS_TO_OUTPERFORM:
        return None
    wins = (first > second) + 0.5 * (first == second)
    drawn = np.random.default_rng(0).integers(len(wins), size=(N_RESAMPLES, len(wins)))
    low, high = np.quantile(wins[drawn].mean(axis=1), [0.025, 0.975])
    return Outperformance(float(wins.mean()), Interval(float(low), float(high)))
