"""Whether a difference is one that matters: tests against a margin that was declared before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from bench.stats.intervals import Interval
from bench.stats.paired import differences, variance_of_rows
from bench.stats.resampling import DifferenceArray
from bench.stats.row_scores import RowScores
from bench.stats.verdicts import shared_seeds

Outcome = Literal["better", "no better", "worse", "open"]
"""What is shown of a difference: above 0, and measured as the margin at least; below the margin; below 0; nothing."""

MOST_SEEDS = 100
MOST_ROWS = 1_000_000
LEVEL = 0.05


class Estimate(NamedTuple):
    """A mean difference, and how much of its variance comes from where.

    Parameters
    ----------
    mean : float
    seeds_variance, rows_variance : float
        Parts of the variance of the mean.
    n_seeds, n_rows : int
        ``n_seeds`` is 1 where neither model varies.
    """

    mean: float
    seeds_variance: float
    rows_variance: float
    n_seeds: int
    n_rows: int

    def above(self, bound: float) -> float:
        """p-value, two-sided, of a true difference of ``bound`` or less."""
        return max(min(1.0, 2 * _upper_tail((self.mean - bound) / error, freedom)) for error, freedom in self._errors)

    def below(self, bound: float) -> float:
        """p-value, two-sided, of a true difference of ``bound`` or more."""
        return max(min(1.0, 2 * _upper_tail((bound - self.mean) / error, freedom)) for error, freedom in self._errors)

    def end(self, alpha: float) -> float:
        """Half the width of the two-sided interval that misses the true difference with probability ``alpha``."""
        from scipy.stats import t

        return max(float(t.ppf(1 - alpha / 2, freedom)) * error for error, freedom in self._errors)

    @property
    def _errors(self) -> list[tuple[float, float]]:
        """Standard errors of the mean with their degrees of freedom, of which the more cautious one counts.

        That of both variances with Satterthwaite's degrees of freedom; and that of the seeds, and of rows as far as
        they vary no more, with the seeds' own: a few seeds that agree by chance would else pass for no variance.

        References
        ----------
        F. E. Satterthwaite, "An approximate distribution of estimates of variance components", Biometrics Bulletin 2,
        1946, eq. 17.
        """
        a, b = self.seeds_variance, self.rows_variance
        of_seeds = a**2 / (self.n_seeds - 1) if self.n_seeds > 1 else 0.0
        both = (float(np.sqrt(a + b)), (a + b) ** 2 / (of_seeds + b**2 / (self.n_rows - 1)))
        return [both, (float(np.sqrt(a + min(a, b))), self.n_seeds - 1.0)] if a > 0 else [both]

    def with_more(self, n_seeds: int, n_rows: int) -> Estimate:
        """Return what could be expected of so many seeds and rows, if the mean and its spread are what they seem."""
        return Estimate(
            self.mean,
            self.seeds_variance * self.n_seeds / n_seeds,
            self.rows_variance * self.n_rows / n_rows,
            n_seeds,
            n_rows,
        )


def estimate(values: DifferenceArray) -> Estimate:
    """Estimate a mean difference of scores, whose variance over rows is that of ``fitted_interval``.

    Parameters
    ----------
    values : int8 or float64 array, shape (n_seeds, n_rows)
        Differences, from :func:`bench.stats.paired.differences`.
    """
    n_seeds, n_rows = values.shape
    of_seeds = float(values.mean(axis=1).var(ddof=1)) / n_seeds if n_seeds > 1 else 0.0
    return Estimate(float(values.mean()), of_seeds, variance_of_rows(values), n_seeds, n_rows)


@dataclass(frozen=True)
class Advantage:
    """How much better a model is than the best of its rivals, in the unit of the scores, whichever end is better.

    The best rival is not chosen first and tested then, which would favour it. Better than the best is better than each:
    so the largest of their p-values counts. Not better than the best is not better than one of them: so the smallest
    counts, times their number (Bonferroni).

    Parameters
    ----------
    best_rival : str
        The rival with the best mean score.
    estimates : tuple of Estimate
        One per rival, the best first.
    is_complete : bool
        Whether every rival was measured: better than the others is not better than all.
    limits : pair of float
        What a difference cannot pass.
    """

    best_rival: str
    estimates: tuple[Estimate, ...]
    is_complete: bool = True
    limits: tuple[float, float] = (-1.0, 1.0)

    @property
    def mean(self) -> float:
        """The difference to the best rival."""
        return self.estimates[0].mean

    @property
    def interval(self) -> Interval:
        """95 % interval of the difference to whichever rival is truly the best, this contrast alone."""
        low = min(found.mean - found.end(LEVEL) for found in self.estimates)
        high = min(found.mean + found.end(LEVEL / len(self.estimates)) for found in self.estimates)
        return Interval(max(self.limits[0], low), min(self.limits[1], high))

    def p_better(self) -> float:
        """p-value of being no better than the best rival."""
        return max(found.above(0.0) for found in self.estimates) if self.is_complete else 1.0

    def p_below(self, bound: float) -> float:
        """p-value of being better than every rival by ``bound`` or more."""
        return min(1.0, len(self.estimates) * min(found.below(bound) for found in self.estimates))

    def seeds_needed(self, margin: float, n_tests: int) -> int | None:
        """Return with about how many seeds the outcome would not be open; None: not with up to 100."""
        most = max(found.n_seeds for found in self.estimates)
        if most == 1:
            return None
        tried = (
            (n_seeds, [found.with_more(n_seeds if found.n_seeds > 1 else 1, found.n_rows) for found in self.estimates])
            for n_seeds in range(most + 1, MOST_SEEDS + 1)
        )
        return next((n for n, estimates in tried if self._would_be_decided(estimates, margin, n_tests)), None)

    def rows_needed(self, margin: float, n_tests: int) -> int | None:
        """Return with about how many test rows the outcome would not be open; None: not with up to a million."""
        n_rows = self.estimates[0].n_rows
        while n_rows < MOST_ROWS:
            n_rows = int(n_rows * 1.1) + 1
            estimates = [found.with_more(found.n_seeds, n_rows) for found in self.estimates]
            if self._would_be_decided(estimates, margin, n_tests):
                return n_rows
        return None

    def _would_be_decided(self, estimates: list[Estimate], margin: float, n_tests: int) -> bool:
        more = Advantage(self.best_rival, tuple(estimates))
        is_better = self.mean >= margin and n_tests * more.p_better() < LEVEL
        return is_better or n_tests * more.p_below(margin) < LEVEL


def advantage(model: RowScores, rivals: Mapping[str, RowScores], *, is_complete: bool = True) -> Advantage | None:
    """Compare a model with the best of its rivals on the same test rows.

    Parameters
    ----------
    model : RowScores
    rivals : mapping of name to RowScores
        At least one.
    is_complete : bool
        Whether these are all rivals.

    Returns
    -------
    Advantage or None
        None: there are fewer than two test rows, or no rival is left. A rival is left out, and the advantage is
        incomplete, if one of the two varies, or may vary, and they share fewer than two seeds, so that it is not known
        how much.
    """
    estimates: list[tuple[str, Estimate]] = []
    if model.values.shape[1] < 2:
        return None
    for name, rival in rivals.items():
        seeds = shared_seeds(model, rival)
        is_fixed = model.varies is False and rival.varies is False
        if is_fixed or len(seeds) >= 2:
            estimates.append((name, estimate(differences(model.gains_at(seeds), rival.gains_at(seeds)))))
    if not estimates:
        return None
    estimates.sort(key=lambda item: item[1].mean)
    is_complete = is_complete and len(estimates) == len(rivals)
    return Advantage(estimates[0][0], tuple(found for _, found in estimates), is_complete, model.limits_of_differences)


class Decided(NamedTuple):
    """An outcome, and with how many tests the p-value that came next to deciding it was multiplied."""

    outcome: Outcome
    n_tests: int


def decide(advantages: Sequence[Advantage | None], margins: Sequence[float]) -> list[Decided]:
    """Decide many contrasts together.

    Three questions are asked of each contrast: is it above 0, below the margin, below 0? Each is a family of its own,
    corrected by Holm's method at 2.5 % (5 % two-sided). The first can err where there is no difference, the second
    where it is the margin or more: so one outcome among all is wrong in 5 % of cases at most. The third tells "worse"
    from "no better". What was not measured counts as tested.

    Parameters
    ----------
    advantages : sequence of Advantage or None
    margins : sequence of float
        The smallest difference that matters, of each, in the unit of its scores.

    References
    ----------
    S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6, 1979.
    """
    pairs = list(zip(advantages, margins, strict=True))
    better = _holm([1.0 if found is None else found.p_better() for found, _ in pairs])
    no_better = _holm([1.0 if found is None else found.p_below(margin) for found, margin in pairs])
    worse = _holm([1.0 if found is None else found.p_below(0.0) for found, _ in pairs])
    decided: list[Decided] = []
    for i, (found, margin) in enumerate(pairs):
        is_close = found is not None and found.mean < margin
        outcome: Outcome = "open"
        if no_better[i].p_value < LEVEL:
            outcome = "worse" if worse[i].p_value < LEVEL else "no better"
        elif better[i].p_value < LEVEL and not is_close:
            outcome = "better"
        decided.append(Decided(outcome, (no_better if is_close else better)[i].n_tests))
    return decided


class _Adjusted(NamedTuple):
    p_value: float
    n_tests: int


def _holm(p_values: Sequence[float]) -> list[_Adjusted]:
    adjusted = [_Adjusted(1.0, 1)] * len(p_values)
    largest = 0.0
    for rank, i in enumerate(np.argsort(p_values, kind="stable").tolist()):
        n_tests = len(p_values) - rank
        largest = max(largest, min(1.0, n_tests * p_values[i]))
        adjusted[i] = _Adjusted(largest, n_tests)
    return adjusted


def _upper_tail(value: float, freedom: float) -> float:
    """Return the probability that Student's t is above a value."""
    from scipy.special import stdtr

    return float(stdtr(freedom, -value))
