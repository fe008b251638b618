"""Scores on many resamples of the test rows at once: sums of the rows' parts, weighted by how often each is drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bench.metrics import Predictions, clip_probabilities
from bench.stats.resampling import FloatArray

Float32Array = npt.NDArray[np.float32]


class ResampledScores:
    """Macro F1, ROC AUC and log loss of one model, means over its seeds.

    Parameters
    ----------
    predictions : sequence of Predictions
        One a seed, of the same test rows.
    """

    def __init__(self, predictions: Sequence[Predictions]) -> None:
        self._labels = predictions[0].labels
        self._classes = np.unique(self._labels)
        self._predicted = [p.predicted for p in predictions]
        self._losses = _row_losses(predictions) if predictions[0].are_probabilities else None
        self._placements = _mean_placements(predictions, self._classes) if len(self._classes) > 1 else None

    def of(self, weights: Float32Array) -> dict[str, FloatArray]:
        """Scores of resamples, each of shape (n_resamples,); one that is not defined is left out.

        Parameters
        ----------
        weights : float32 array, shape (n_resamples, n_rows)
            How often each row is drawn.
        """
        found = {"f1_macro": self._f1_macro(weights)}
        if self._placements is not None:
            found["roc_auc"] = self._roc_auc(weights, self._placements)
        if self._losses is not None:
            found["log_loss"] = (weights @ self._losses).astype(np.float64) / len(self._labels)
        return found

    def _f1_macro(self, weights: Float32Array) -> FloatArray:
        by_seed = [_f1_macro(self._labels, predicted, weights) for predicted in self._predicted]
        means: FloatArray = np.mean(by_seed, axis=0)
        return means

    def _roc_auc(self, weights: Float32Array, placements: Float32Array) -> FloatArray:
        """By the means of placements: exact on the test rows as they are, without terms of 1 / n_rows on a resample."""
        areas = []
        for k, values in zip(self._classes, placements, strict=True):
            is_class = (self._labels == k).astype(np.float32)
            area = float(values @ is_class) / float(is_class.sum())
            sides = [(weights @ (side * values)) / np.maximum(weights @ side, 1) for side in (is_class, 1 - is_class)]
            areas.append(sides[0] + sides[1] - area)
        means: FloatArray = np.clip(np.mean(areas, axis=0, dtype=np.float64), 0, 1)
        return means


def _f1_macro(labels: npt.NDArray[np.int64], predicted: npt.NDArray[np.int64], weights: Float32Array) -> FloatArray:
    """Macro F1 of each resample, over the classes that occur in the rows or the answers."""
    scores = []
    for k in np.union1d(labels, predicted):
        is_true, is_said = labels == k, predicted == k
        cells = np.stack([is_true & is_said, is_true, is_said], axis=1).astype(np.float32)
        hits, true, said = (weights @ cells).T
        scores.append(2 * hits / np.maximum(true + said, 1))
    means: FloatArray = np.mean(scores, axis=0, dtype=np.float64)
    return means


def _row_losses(predictions: Sequence[Predictions]) -> Float32Array:
    rows = np.arange(len(predictions[0].labels))
    losses = [-np.log(clip_probabilities(p.scores)[rows, p.labels]) for p in predictions]
    means: Float32Array = np.mean(losses, axis=0).astype(np.float32)
    return means


def _mean_placements(predictions: Sequence[Predictions], classes: npt.NDArray[np.int64]) -> Float32Array:
    """The share of the other side's rows that each row is ordered rightly with, ties counted half.

    For each class against the rest, the mean over seeds; shape (n_classes, n_rows). The mean over either side is the
    area under the ROC curve.

    References
    ----------
    DeLong, E. R., DeLong, D. M. & Clarke-Pearson, D. L. (1988). Comparing the areas under two or more correlated
    receiver operating characteristic curves. Biometrics 44, 837-845 (there called structural components).
    """
    means = [[_placements(p.scores[:, k], p.labels == k) for p in predictions] for k in classes]
    placements: Float32Array = np.mean(means, axis=1).astype(np.float32)
    return placements


def _placements(scores: Float32Array, is_class: npt.NDArray[np.bool_]) -> FloatArray:
    of_class, others = np.sort(scores[is_class]), np.sort(scores[~is_class])
    shares = np.empty(len(scores))
    shares[is_class] = _share_below(scores[is_class], others)
    shares[~is_class] = 1 - _share_below(scores[~is_class], of_class)
    return shares


def _share_below(scores: Float32Array, ordered: Float32Array) -> FloatArray:
    below, up_to = (np.searchsorted(ordered, scores, side) for side in ("left", "right"))
    shares: FloatArray = (below + up_to) / (2 * len(ordered))
    return shares
