"""Whether a model's probabilities mean what they say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench.stats.resampling import FloatArray
from bench.tasks.classification import Predictions

N_BINS = 15


@dataclass(frozen=True)
class Reliability:
    """Answers in bins of equal width by the probability of the class that was answered; empty bins are left out.

    Parameters
    ----------
    confidence, accuracy : float array, shape (n_bins,)
        Mean confidence of the predictions in a bin, and their accuracy.
    counts : float array, shape (n_bins,)
        Predictions in a bin.
    """

    confidence: FloatArray
    accuracy: FloatArray
    counts: FloatArray

    @property
    def expected_error(self) -> float:
        """Expected calibration error: the gap between confidence and accuracy, averaged over the predictions."""
        return float(np.average(np.abs(self.confidence - self.accuracy), weights=self.counts))


def reliability(predictions: Predictions, n_bins: int = N_BINS) -> Reliability | None:
    """How right a model is where it is so and so sure; None where its scores are no probabilities.

    References
    ----------
    Guo, C. et al. (2017). On Calibration of Modern Neural Networks. ICML, equation 5.
    Naeini, M. P. et al. (2015). Obtaining Well Calibrated Probabilities Using Bayesian Binning. AAAI.
    """
    if not predictions.are_probabilities:
        return None
    confidence = predictions.scores.max(axis=1).astype(np.float64)
    correct = predictions.predicted == predictions.labels
    bins = np.minimum((confidence * n_bins).astype(int), n_bins - 1)
    counts = np.bincount(bins, minlength=n_bins).astype(np.float64)
    filled = counts > 0
    means = [np.bincount(bins, values, n_bins)[filled] / counts[filled] for values in (confidence, correct)]
    return Reliability(means[0], means[1], counts[filled])
