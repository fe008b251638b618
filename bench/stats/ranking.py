"""The ranks that models may have, and the probability that one model outperforms another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bench.stats.intervals import Interval
from bench.stats.resampling import FloatArray
from bench.stats.verdicts import Comparison, Question

SEEDS_TO_OUTPERFORM = 10
"""With fewer the interval of the probability says too little."""
MEANINGFUL = 0.75
"""A probability that its interval reaches or passes is one that matters (Bouthillier et al. 2021)."""


class RankRange(NamedTuple):
    """The best and the worst rank that a model may have among the compared ones."""

    best: int
    worst: int

    def __str__(self) -> str:
        return str(self.best) if self.best == self.worst else f"{self.best}-{self.worst}"


def rank_ranges(
    names: Sequence[str], comparisons: Sequence[Comparison], question: Question
) -> dict[str, RankRange | None]:
    """Return the ranks that each model may have: below those significantly better, above those significantly worse.

    None where no pair of a model has an answer to the question. Pairs without one count as not different.

    Parameters
    ----------
    names : sequence of str
    comparisons : sequence of Comparison
    question : {"fitted", "again"}

    References
    ----------
    M. Mogstad, J. P. Romano, A. M. Shaikh and D. Wilhelm, "Inference for ranks with applications to mobility across
    neighbourhoods and academic achievement across countries", Review of Economic Studies 91(1), 2024.
    """
    tested: set[str] = set()
    better, worse = Counter[str](), Counter[str]()
    for comparison in comparisons:
        verdict = comparison.verdict(question)
        if verdict is None:
            continue
        tested |= {comparison.first, comparison.second}
        if verdict.is_significant:
            ahead = comparison if comparison.gain > 0 else comparison.reversed
            better[ahead.second] += 1
            worse[ahead.first] += 1
    ranges = {name: RankRange(1 + better[name], len(names) - worse[name]) for name in names}
    return {name: ranges[name] if name in tested or len(names) == 1 else None for name in names}


@dataclass(frozen=True)
class Outperformance:
    """How often one model scores better than another when both are trained anew.

    Parameters
    ----------
    probability : float
        Share of the paired seeds in which the first is better, ties counted half.
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
    """Return the probability that the first model is better; None with fewer than 10 paired seeds.

    The interval is Wilson's: the percentile bootstrap of the paper has no width where one model always wins.

    Parameters
    ----------
    first, second : float array, shape (n_seeds,)
        Mean gains, seed by seed: accuracies, or scores of which the larger is the better.

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
