"""Ranking groups, and the probability that one model outperforms another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.stats.intervals import Interval
from bench.stats.paired import Comparison
from bench.stats.resampling import FloatArray

SEEDS_TO_OUTPERFORM = 10
"""With fewer the interval of the probability says too little."""
MEANINGFUL = 0.75
"""A probability that its interval reaches or passes is one that matters (Bouthillier et al. 2021)."""


def ranking_groups(names: Sequence[str], comparisons: Sequence[Comparison]) -> dict[str, int]:
    """Return the group of each model, from 1: no model is shown to be more accurate than one of group 1.

    Without the models of group 1, none is shown to be more accurate than one of group 2, and so on. Pairs without a
    test count as not different.

    Parameters
    ----------
    names : sequence of str
    comparisons : sequence of Comparison
    """
    beats = {(c.first, c.second) if c.difference > 0 else (c.second, c.first) for c in comparisons if c.is_significant}
    left, number = list(names), 0
    groups: dict[str, int] = {}
    while left:
        number += 1
        unbeaten = [name for name in left if not any((other, name) in beats for other in left)]
        members = unbeaten or left  # a circle of verdicts, if there ever is one, is one group
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
        95 %, over seeds; it says nothing of the choice of test rows.
    """

    probability: float
    interval: Interval

    @property
    def is_meaningful(self) -> bool:
        """Whether it is shown to be above one half, and may be 0.75 or more."""
        return self.interval.low > 0.5 and self.interval.high >= MEANINGFUL


def probability_of_outperforming(first: FloatArray, second: FloatArray) -> Outperformance | None:
    """Return the probability that the first model is more accurate; None with fewer than 10 paired seeds.

    The interval is Wilson's: the percentile bootstrap of the paper has no width where one model always wins.

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
    from statsmodels.stats.proportion import proportion_confint

    wins = float(((first > second) + 0.5 * (first == second)).sum())
    low, high = proportion_confint(wins, len(first), method="wilson")
    return Outperformance(wins / len(first), Interval(float(low), float(high)))
