"""95 % intervals of a model's accuracy and of its other scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bench.stats.resampled_scores import ResampledScores
from bench.stats.resampling import FloatArray, ScoreArray, resampled_means, row_weights
from bench.tasks.classification import Predictions, score

BoolArray = npt.NDArray[np.bool_]

N_SCORE_RESAMPLES = 1_000
SCORES = ("f1_macro", "roc_auc", "log_loss")


class Interval(NamedTuple):
    """Both ends of a 95 % interval."""

    low: float
    high: float


def wilson_interval(n_correct: int, n_rows: int) -> Interval:
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
    return Interval(float(interval.low), float(interval.high))


def accuracy_interval(correct: BoolArray) -> Interval:
    """95 % interval of a model's mean accuracy.

    Wilson's for one seed. For several, the bootstrap's over rows and seeds, widened where Student's t over the seeds'
    accuracies is wider: resampling few seeds understates how much they vary.

    Parameters
    ----------
    correct : bool array, shape (n_seeds, n_rows)
    """
    if len(correct) == 1:
        return wilson_interval(int(correct.sum()), correct.shape[1])
    return interval_of_means(resampled_means(correct), correct.mean(axis=1), limits=(0.0, 1.0))


def mean_interval(values: ScoreArray, limits: tuple[float, float] = (0.0, 1.0)) -> Interval:
    """95 % interval of a model's mean score.

    That of an accuracy for scores that are right or wrong. For numbers the bootstrap's over rows and seeds, widened
    where Student's t over the rows or over the seeds is wider.

    Parameters
    ----------
    values : bool or float64 array, shape (n_seeds, n_rows)
    limits : pair of float
        What a score cannot pass.
    """
    if values.dtype == np.bool_:
        return accuracy_interval(values.astype(np.bool_))
    return interval_of_means(resampled_means(values), values.mean(axis=1), limits, by_row=values.mean(axis=0))


def interval_of_means(
    means: FloatArray, by_seed: FloatArray, limits: tuple[float, float], by_row: FloatArray | None = None
) -> Interval:
    """95 % percentile interval of a mean over rows and seeds, widened as that of an accuracy.

    Parameters
    ----------
    means : float array, shape (n_resamples,)
        Of resamples; not a number where one has no mean.
    by_seed : float array, shape (n_seeds,)
        The mean of each seed.
    limits : pair of float
        What the mean cannot pass.
    by_row : float array, shape (n_rows,), optional
        The mean of each row, of scores that are numbers: few rows understate how much they vary, as few seeds do.
    """
    from scipy.stats import t

    low, high = np.nanquantile(means, [0.025, 0.975])
    for parts in (by_seed, by_row):
        if parts is not None and len(parts) > 1:
            half = t.ppf(0.975, len(parts) - 1) * parts.std(ddof=1) / np.sqrt(len(parts))
            low, high = min(low, parts.mean() - half), max(high, parts.mean() + half)
    if by_row is not None and len(by_row) == 1:
        return Interval(*limits)  # one row does not say how much rows vary
    return Interval(float(max(limits[0], low)), float(min(limits[1], high)))


def ratio_interval(after: FloatArray, before: FloatArray) -> tuple[float, Interval | None]:
    """How many times as large a cost has become: geometric mean over paired measurements, with its 95 % interval.

    Student's t over the logarithms of the ratios; None instead of an interval where there is one pair only.

    Parameters
    ----------
    after, before : float array, shape (n_pairs,)
        Above 0.

    References
    ----------
    Fleming, P. J. & Wallace, J. J. (1986). How not to lie with statistics. Communications of the ACM 29, 218-221.

    Examples
    --------
    >>> ratio, interval = ratio_interval(np.array([2.0, 2.2, 1.8]), np.array([1.0, 1.0, 1.0]))
    >>> round(ratio, 2), [round(end, 2) for end in interval]
    (1.99, [1.55, 2.56])
    """
    from scipy.stats import t

    logs = np.log(after) - np.log(before)
    mean, n = logs.mean(), len(logs)
    if n < 2:
        return float(np.exp(mean)), None
    half = t.ppf(0.975, n - 1) * logs.std(ddof=1) / np.sqrt(n)
    return float(np.exp(mean)), Interval(float(np.exp(mean - half)), float(np.exp(mean + half)))


def score_intervals(models: Mapping[str, Sequence[Predictions]]) -> dict[str, dict[str, Interval | None]]:
    """95 % intervals of each model's ``f1_macro``, ``roc_auc`` and ``log_loss``, means over seeds.

    The percentile bootstrap over test rows and seeds, the same rows for all, widened by Student's t over seeds as that
    of an accuracy is. None where a score is not defined.

    Parameters
    ----------
    models : mapping of name to predictions, one per seed
        All of the same test rows.

    References
    ----------
    Efron, B. & Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman & Hall, section 13.3.
    """
    scorers = {name: [ResampledScores(p) for p in predictions] for name, predictions in models.items()}
    draws: dict[str, list[dict[str, FloatArray]]] = {name: [] for name in models}
    n_rows = len(next(iter(models.values()))[0].labels) if models else 0
    for weights in row_weights(n_rows, N_SCORE_RESAMPLES) if models else ():
        for name, of_seeds in scorers.items():
            scored = [scorer.of(weights) for scorer in of_seeds]
            draws[name].append({field: np.stack([found[field] for found in scored]) for field in scored[0]})
    return {
        name: {field: _score_interval(field, draws[name], predictions) for field in SCORES}
        for name, predictions in models.items()
    }


def _score_interval(
    field: str, draws: Sequence[Mapping[str, FloatArray]], predictions: Sequence[Predictions]
) -> Interval | None:
    by_seed = [score(p)[field] for p in predictions]
    if None in by_seed or not all(field in found for found in draws):
        return None
    of_seeds = np.concatenate([found[field] for found in draws], axis=1)
    n_seeds, n_resamples = of_seeds.shape
    seeds = np.random.default_rng(0).integers(n_seeds, size=(n_seeds, n_resamples))
    means = np.take_along_axis(of_seeds, seeds, axis=0).mean(axis=0)
    limits = (0.0, np.inf) if field == "log_loss" else (0.0, 1.0)
    return interval_of_means(means, np.array(by_seed, np.float64), limits)
