"""Verdicts on two models that answered the same test rows: of these models, and of such models trained again."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from bench.stats.intervals import Interval, interval_of_means
from bench.stats.paired import differences, fitted_interval, fitted_p, fitted_test, trained_again_p
from bench.stats.power import rows_needed, seeds_needed
from bench.stats.resampling import DifferenceArray, resampled_means
from bench.stats.row_scores import RowScores

LEVEL = 0.05

Question = Literal["fitted", "again"]
"""Do these fitted models differ, or would such models differ if they were trained again?"""
QUESTIONS: tuple[Question, ...] = get_args(Question)


@dataclass(frozen=True)
class Verdict:
    """The answer to one question.

    Parameters
    ----------
    interval : Interval
        95 % interval of the difference, this pair alone.
    p_value : float
        Of no difference, adjusted for the number of pairs.
    test : str
    """

    interval: Interval
    p_value: float
    test: str

    @property
    def is_significant(self) -> bool:
        """Whether the difference is significant at 5 %, all pairs together."""
        return self.p_value < LEVEL

    @property
    def reversed(self) -> Verdict:
        """The same, the second model against the first."""
        return replace(self, interval=Interval(-self.interval.high, -self.interval.low))


@dataclass(frozen=True)
class Comparison:
    """Two models on the same test rows.

    Parameters
    ----------
    first, second : str
        The models' names.
    difference : float
        Mean score of the first minus that of the second, in the scores' own unit.
    fitted : Verdict
        Of the models as they were fitted: what is left to chance is the choice of test rows.
    again : Verdict or None
        Of such models trained again: seeds are left to chance too. The same as ``fitted`` where neither model varies;
        None: one of them varies, or may vary, and there is one seed only.
    seeds_needed : int or None
        With about so many seeds ``again`` would be significant, if the difference and its spread are what they seem;
        None: it is, or not with up to 100 on this test set, or there is nothing to judge by.
    rows_needed : int or None
        With about so many test rows ``fitted`` would be significant; None: it is, or there is no difference.
    larger_is_better : bool
        Of the scores.
    """

    first: str
    second: str
    difference: float
    fitted: Verdict
    again: Verdict | None
    seeds_needed: int | None = None
    rows_needed: int | None = None
    larger_is_better: bool = True

    @property
    def gain(self) -> float:
        """How much better the first is: the difference, turned where smaller scores are better."""
        return self.difference if self.larger_is_better else -self.difference

    @property
    def reversed(self) -> Comparison:
        """The same, the second model against the first."""
        return replace(
            self,
            first=self.second,
            second=self.first,
            difference=-self.difference,
            fitted=self.fitted.reversed,
            again=self.again and self.again.reversed,
        )

    @property
    def broadest(self) -> Verdict:
        """Of such models trained again where that is known, else of these."""
        return self.again or self.fitted

    def verdict(self, question: Question) -> Verdict | None:
        """Return the answer to a question."""
        return self.fitted if question == "fitted" else self.again


def compare_all(models: Mapping[str, RowScores]) -> list[Comparison]:
    """Every pair of models that share a seed.

    Parameters
    ----------
    models : mapping of name to RowScores
        Rows are the same test rows for all.
    """
    compared = compare_pairs([(a, b, models[a], models[b]) for a, b in itertools.combinations(models, 2)])
    return [comparison for comparison in compared if comparison is not None]


def compare_pairs(pairs: Iterable[tuple[str, str, RowScores, RowScores]]) -> list[Comparison | None]:
    """Compare each pair over the seeds that both models have; None for a pair that shares none.

    The p-values of each question are adjusted by Holm's method over the pairs that are compared.

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scand. J. Statist. 6, 65-70.
    """
    given = list(pairs)
    compared = [_compare(*pair) for pair in given]
    adjusted = _adjust([comparison for comparison in compared if comparison is not None])
    found = iter([_with_evidence_needed(comparison, values, len(adjusted)) for comparison, values in adjusted])
    return [None if comparison is None else next(found) for comparison in compared]


def shared_seeds(first: RowScores, second: RowScores) -> list[int]:
    """Seeds that two models can be compared over; one that does not vary predicts the same with each."""
    varying = [set(model.seeds) for model in (first, second) if model.varies]
    return sorted(set.intersection(*varying)) if varying else [0]


_Compared = tuple[Comparison, DifferenceArray]


def _compare(first_name: str, second_name: str, first: RowScores, second: RowScores) -> _Compared | None:
    seeds = shared_seeds(first, second)
    if not seeds:
        return None
    a, b = first.at(seeds), second.at(seeds)
    values = differences(a, b)
    limits = first.limits_of_differences
    fitted = Verdict(fitted_interval(a, b, limits), fitted_p(a, b), fitted_test(a, b))
    again: Verdict | None = None
    vary = {first.varies, second.varies}
    if vary == {False}:
        again = fitted
    elif len(seeds) > 1 and None not in vary:
        means = resampled_means(values)
        by_row = values.mean(axis=0) if values.dtype == np.float64 else None
        interval = interval_of_means(means, values.mean(axis=1), limits, by_row)
        again = Verdict(interval, trained_again_p(a, b, means=means), "paired bootstrap and t-test over seeds")
    found = Comparison(first_name, second_name, float(values.mean()), fitted, again)
    return replace(found, larger_is_better=first.larger_is_better), values


def _adjust(compared: Sequence[_Compared]) -> list[_Compared]:
    """Correct the p-values of each question over all pairs, those that have no answer counted."""
    fitted = _holm([comparison.fitted.p_value for comparison, _ in compared])
    again = _holm([1.0 if comparison.again is None else comparison.again.p_value for comparison, _ in compared])
    adjusted = []
    for (comparison, values), fitted_p_value, again_p_value in zip(compared, fitted, again, strict=True):
        of_these = replace(comparison.fitted, p_value=fitted_p_value)
        of_such = comparison.again and replace(comparison.again, p_value=again_p_value)
        if comparison.again is comparison.fitted:
            of_such = of_these  # models that do not vary are such models
        adjusted.append((replace(comparison, fitted=of_these, again=of_such), values))
    return adjusted


def _holm(p_values: Sequence[float]) -> list[float]:
    from statsmodels.stats.multitest import multipletests

    return [float(p_value) for p_value in multipletests(p_values, method="holm")[1]] if p_values else []


def _with_evidence_needed(comparison: Comparison, values: DifferenceArray, n_pairs: int) -> Comparison:
    """Say what it would take, at the level that the strictest of so many pairs has to pass."""
    if not comparison.fitted.is_significant:
        return replace(comparison, rows_needed=rows_needed(values, LEVEL / n_pairs))
    if comparison.again is not None and not comparison.again.is_significant:
        return replace(comparison, seeds_needed=seeds_needed(values, LEVEL / n_pairs))
    return comparison
