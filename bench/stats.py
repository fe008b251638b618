"""How sure a number is: intervals, and paired tests of two models on the same test rows."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]

N_RESAMPLES = 10_000
EXACT_BELOW = 25
"""McNemar's test is exact below this many disagreements."""


@dataclass(frozen=True)
class Comparison:
    """Two models on the same test rows.

    Parameters
    ----------
    first, second : str
        The models' names.
    difference : float
        Accuracy of the first minus that of the second.
    p_value : float
        Of no difference, adjusted for the number of pairs.
    test : str
        ``"McNemar"`` or ``"paired bootstrap and t-test"``.
    """

    first: str
    second: str
    difference: float
    p_value: float
    test: str

    @property
    def is_significant(self) -> bool:
        """Whether the difference is shown at 5 %, all pairs together."""
        return self.p_value < 0.05


def wilson_interval(n_correct: int, n_rows: int) -> tuple[float, float]:
    """95 % interval of an accuracy from one set of test rows.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. JASA 22, 209-212.

    Examples
    --------
    >>> [round(bound, 4) for bound in wilson_interval(81, 263)]
    [0.2553, 0.3662]
    """
    from scipy.stats import binomtest

    interval = binomtest(n_correct, n_rows).proportion_ci(confidence_level=0.95, method="wilson")
    return float(interval.low), float(interval.high)


def mcnemar_p(first: BoolArray, second: BoolArray) -> float:
    """p-value of equal accuracy on the same rows: exact below 25 disagreements, else chi-square, continuity corrected.

    Parameters
    ----------
    first, second : bool array, shape (n_rows,)
        Whether each model is right about each row.

    References
    ----------
    McNemar, Q. (1947). Note on the sampling error of the difference between correlated proportions. Psychometrika 12.
    Edwards, A. L. (1948). Note on the correction for continuity. Psychometrika 13.
    """
    from statsmodels.stats.contingency_tables import mcnemar

    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    if only_first == only_second:
        return 1.0
    exact = only_first + only_second < EXACT_BELOW
    return float(mcnemar([[0, only_first], [only_second, 0]], exact=exact, correction=True).pvalue)


def accuracy_interval(correct: BoolArray) -> tuple[float, float]:
    """95 % interval of a model's mean accuracy.

    Wilson's for one seed. For several, the bootstrap's over rows and seeds, widened where Student's t over the seeds'
    accuracies is wider: resampling few seeds understates how much they vary.

    Parameters
    ----------
    correct : bool array, shape (n_seeds, n_rows)
    """
    if len(correct) == 1:
        return wilson_interval(int(correct.sum()), correct.shape[1])
    from scipy.stats import t

    low, high = np.quantile(_resampled_differences(correct, np.zeros_like(correct)), [0.025, 0.975])
    accuracies = correct.mean(axis=1)
    half = t.ppf(0.975, len(correct) - 1) * accuracies.std(ddof=1) / np.sqrt(len(correct))
    return float(max(0.0, min(low, accuracies.mean() - half))), float(min(1.0, max(high, accuracies.mean() + half)))


def bootstrap_p(first: BoolArray, second: BoolArray) -> float:
    """p-value of equal mean accuracy, test rows and (paired) seeds resampled.

    Parameters
    ----------
    first, second : bool array, shape (n_seeds, n_rows)
        Whether each model is right, seed by seed; a deterministic model has its one row of results repeated.

    References
    ----------
    Efron, B. & Tibshirani, R. J. (1993). An Introduction to the Bootstrap, section 16.4 (resampling under the null).
    """
    observed = first.mean() - second.mean()
    centred = _resampled_differences(first, second) - observed
    at_least = np.count_nonzero(np.abs(centred) >= abs(observed) - 1e-12)
    return float((at_least + 1) / (N_RESAMPLES + 1))


def several_seeds_p(first: BoolArray, second: BoolArray) -> float:
    """p-value of equal mean accuracy: the paired bootstrap's, or that of a t-test over the seeds if it is larger.

    Resampling few seeds understates how much they vary: of two models that are equally good, with 3 seeds it calls 12
    to 20 % different (simulated). Student's t allows for the number of seeds, but not for the choice of test rows.

    Parameters
    ----------
    first, second : bool array, shape (n_seeds, n_rows)

    References
    ----------
    Student (1908). The probable error of a mean. Biometrika 6, 1-25.
    """
    from scipy.stats import ttest_1samp

    by_rows_and_seeds = bootstrap_p(first, second)
    differences = first.mean(axis=1) - second.mean(axis=1)
    if np.ptp(differences) < 1e-12:
        return by_rows_and_seeds
    return max(by_rows_and_seeds, float(ttest_1samp(differences, 0.0).pvalue))


def compare_all(correct: Mapping[str, BoolArray]) -> list[Comparison]:
    """Every pair of models, p-values adjusted by Holm's method.

    Parameters
    ----------
    correct : mapping of name to bool array, shape (n_seeds, n_rows)
        Rows are the same test rows for all.

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scand. J. Statist. 6, 65-70.
    """
    from statsmodels.stats.multitest import multipletests

    pairs = list(itertools.combinations(correct, 2))
    if not pairs:
        return []
    raw = [_raw_comparison(correct[a], correct[b]) for a, b in pairs]
    adjusted: Sequence[float] = multipletests([p for p, _ in raw], method="holm")[1]
    return [
        Comparison(a, b, float(correct[a].mean() - correct[b].mean()), float(p), test)
        for (a, b), (_, test), p in zip(pairs, raw, adjusted, strict=True)
    ]


def _raw_comparison(first: BoolArray, second: BoolArray) -> tuple[float, str]:
    n_seeds = max(len(first), len(second))
    if n_seeds == 1:
        return mcnemar_p(first[0], second[0]), "McNemar"
    shape = (n_seeds, first.shape[1])
    p_value = several_seeds_p(np.broadcast_to(first, shape), np.broadcast_to(second, shape))
    return p_value, "paired bootstrap and t-test"


def _resampled_differences(first: BoolArray, second: BoolArray) -> FloatArray:
    """Mean accuracy differences of resampled rows and seeds, shape (N_RESAMPLES,).

    Rows with the same pattern over seeds are interchangeable: drawing rows is drawing how often each pattern occurs.
    """
    generator = np.random.default_rng(0)
    n_seeds, n_rows = first.shape
    difference = first.astype(np.int8) - second.astype(np.int8)
    patterns, counts = np.unique(difference, axis=1, return_counts=True)
    rows = generator.multinomial(n_rows, counts / n_rows, size=N_RESAMPLES)
    seeds = generator.multinomial(n_seeds, np.full(n_seeds, 1 / n_seeds), size=N_RESAMPLES)
    means: FloatArray = np.einsum("bp,bp->b", rows, seeds @ patterns) / (n_rows * n_seeds)
    return means
