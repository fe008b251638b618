"""Scores on many resamples of the test rows: sums over rows, weighted by how often each row is drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bench.stats.resampling import FloatArray
from bench.tasks.classification import Predictions, clip_probabilities

Float32Array = npt.NDArray[np.float32]


class ResampledScores:
    """Macro F1, ROC AUC and log loss of one trial. A macro mean is over the classes that a resample holds.

    Parameters
    ----------
    predictions : Predictions
    """

    def __init__(self, predictions: Predictions) -> None:
        labels, scores = predictions.labels, predictions.scores
        self._labels, self._predicted = labels, predictions.predicted
        self._losses = _row_losses(predictions) if predictions.are_probabilities else None
        classes = np.unique(labels)
        self._placements = {
            k: _placements(scores[:, k], labels == k).astype(np.float32) for k in classes if len(classes) > 1
        }

    def of(self, weights: Float32Array) -> dict[str, FloatArray]:
        """Scores of resamples, each of shape (n_resamples,); one that is not defined is left out.

        Parameters
        ----------
        weights : float32 array, shape (n_resamples, n_rows)
            How often each row is drawn.
        """
        found = {"f1_macro": self._f1_macro(weights)}
        if self._placements:
            found["roc_auc"] = self._roc_auc(weights)
        if self._losses is not None:
            found["log_loss"] = (weights @ self._losses).astype(np.float64) / len(self._labels)
        return found

    def _f1_macro(self, weights: Float32Array) -> FloatArray:
        scores = []
        for k in np.union1d(self._labels, self._predicted):
            is_true, is_said = self._labels == k, self._predicted == k
            cells = np.stack([is_true & is_said, is_true, is_said], axis=1).astype(np.float32)
            hits, true, said = (weights @ cells).T.astype(np.float64)
            scores.append(_ratio(2 * hits, true + said))
        return _mean_of_defined(scores)

    def _roc_auc(self, weights: Float32Array) -> FloatArray:
        """By the means of placements: exact on the test rows as they are, without terms of 1 / n_rows on a resample."""
        areas = []
        for k, values in self._placements.items():
            is_class = (self._labels == k).astype(np.float32)
            area = float(values @ is_class) / float(is_class.sum())
            sides = [_ratio(weights @ (side * values), weights @ side) for side in (is_class, 1 - is_class)]
            areas.append(sides[0] + sides[1] - area)
        return np.clip(_mean_of_defined(areas), 0, 1)


def _ratio(part: npt.NDArray[np.floating], whole: npt.NDArray[np.floating]) -> FloatArray:
    """Not a number where the whole is 0."""
    shares: FloatArray = np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0, dtype=np.float64)
    return shares


def _mean_of_defined(values: Sequence[FloatArray]) -> FloatArray:
    """Return the mean over arrays of what is a number, place by place; not a number where none is."""
    stacked = np.stack(values)
    is_defined = np.isfinite(stacked)
    return _ratio(np.where(is_defined, stacked, 0).sum(axis=0), is_defined.sum(axis=0).astype(np.float64))


def _row_losses(predictions: Predictions) -> Float32Array:
    rows = np.arange(len(predictions.labels))
    losses: Float32Array = -np.log(clip_probabilities(predictions.scores)[rows, predictions.labels]).astype(np.float32)
    return losses


def _placements(scores: Float32Array, is_class: npt.NDArray[np.bool_]) -> FloatArray:
    """Return, per row, the share of the other side's rows that it is ordered correctly with; ties count half.

    The mean over either side is the area under the ROC curve.

    References
    ----------
    DeLong, E. R., DeLong, D. M. & Clarke-Pearson, D. L. (1988). Comparing the areas under two or more correlated
    receiver operating characteristic curves. Biometrics 44, 837-845 (there called structural components).
    """
    of_class, others = np.sort(scores[is_class]), np.sort(scores[~is_class])
    shares = np.empty(len(scores))
    shares[is_class] = _share_below(scores[is_class], others)
    shares[~is_class] = 1 - _share_below(scores[~is_class], of_class)
    return shares


def _share_below(scores: Float32Array, ordered: Float32Array) -> FloatArray:
    below, up_to = (np.searchsorted(ordered, scores, side) for side in ("left", "right"))
    shares: FloatArray = (below + up_to) / (2 * len(ordered))
    return shares
