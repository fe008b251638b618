"""The points that figures are drawn through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.stats.calibration import Reliability, reliability
from bench.stats.intervals import wilson_interval
from bench.stats.resampling import FloatArray
from bench.tasks.classification import Predictions

ROC_POINTS = 101
LENGTH_GROUPS = 6


def pareto_front(costs: FloatArray, gains: FloatArray) -> list[int]:
    """Which points no other beats or equals in both, from the cheapest on.

    >>> pareto_front(np.array([1.0, 2.0, 3.0]), np.array([0.8, 0.7, 0.9]))
    [0, 2]
    """
    front: list[int] = []
    for i in np.lexsort([-gains, costs]).tolist():
        if not front or gains[i] > gains[front[-1]]:
            front.append(i)
    return front


def mean_roc(predictions: Sequence[Predictions]) -> tuple[FloatArray, FloatArray] | None:
    """Average false and true positive rates over seeds (and classes, one-vs-rest, if there are several).

    None where only one class occurs.
    """
    from sklearn.metrics import roc_curve

    labels = predictions[0].labels
    classes = np.unique(labels)
    if len(classes) < 2:
        return None
    grid = np.linspace(0, 1, ROC_POINTS) ** 2  # denser where curves bend
    curves = []
    for k in classes[-1:] if len(classes) == 2 else classes:
        for p in predictions:
            false_rates, true_rates, _ = roc_curve(labels == k, p.scores[:, k])
            curves.append(np.interp(grid, false_rates, true_rates))
    return np.concatenate([[0.0], grid]), np.concatenate([[0.0], np.mean(curves, axis=0)])


def mean_reliability(predictions: Sequence[Predictions]) -> Reliability | None:
    """All seeds' predictions together; None where scores are no probabilities."""
    if not predictions[0].are_probabilities:
        return None
    together = Predictions(
        np.concatenate([p.labels for p in predictions]), np.concatenate([p.scores for p in predictions]), True
    )
    return reliability(together)


@dataclass(frozen=True)
class ByLength:
    """A share of test rows, such as those answered rightly, in groups by their length.

    Parameters
    ----------
    labels : list of str
        From how many tokens to how many.
    counts : int64 array, shape (n_groups,)
    share, low, high : float array, shape (n_groups,)
        With the ends of the 95 % interval.
    """

    labels: list[str]
    counts: npt.NDArray[np.int64]
    share: FloatArray
    low: FloatArray
    high: FloatArray


def share_by_length(by_row: npt.NDArray[Any], n_tokens: npt.NDArray[np.int64]) -> ByLength:
    """Group rows into about equal parts by length; rows of equal length stay together.

    Parameters
    ----------
    by_row : bool array, shape (n_seeds, n_rows)
    n_tokens : int64 array, shape (n_rows,)
    """
    quantiles = np.quantile(n_tokens, np.linspace(0, 1, LENGTH_GROUPS + 1)[1:-1], method="lower")
    edges = np.unique(np.concatenate([quantiles, [n_tokens.max()]]))  # the last number of tokens of each group
    group = np.searchsorted(edges, n_tokens)
    counts = np.bincount(group, minlength=len(edges))
    starts = np.concatenate([[n_tokens.min()], edges[:-1] + 1])
    labels = [f"{a}" if a == b else f"{a} to {b}" for a, b in zip(starts.tolist(), edges.tolist(), strict=True)]
    share = np.bincount(group, by_row.mean(axis=0), len(edges)) / counts
    ends = [wilson_interval(round(a * n), n) for a, n in zip(share.tolist(), counts.tolist(), strict=True)]
    low, high = np.array(ends).T
    return ByLength(labels, counts, share, np.minimum(low, share), np.maximum(high, share))
