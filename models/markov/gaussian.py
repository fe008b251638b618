"""Hidden Markov models of series of frames, one per class: the traditional recogniser of speech."""

from __future__ import annotations

from typing import Self

import numpy as np
import numpy.typing as npt
from hmmlearn.hmm import GaussianHMM
from scipy.special import log_softmax, softmax
from sklearn.utils.validation import check_is_fitted

from bench.ragged import RaggedArray
from bench.series import Series

from ..arrays import FloatArray, IntArray
from ..folds import Fold
from ..frames import Scaling, SeriesClassifier, learn_whitening
from ..search import draw_rows, folds_of, log_loss
from .left_right import learn_left_right, variances_within

CHOICES = ((8, 1), (8, 2), (8, 4), (4, 1))
"""States and chains to choose from."""
N_CHOOSING = 900
"""Training rows that states, chains and the scale are chosen on, at most: two thirds learn, one third judges."""
SCALES: tuple[float, ...] = tuple(2.0**-power for power in range(9))


class GaussianHMMClassifier(SeriesClassifier):
    """One left-right hidden Markov model a class over frames and their differences, and Bayes' rule.

    Channels are made uncorrelated within the classes of the training rows; differences of the frames before and after
    are appended. A class's model has one or more left-right chains side by side, each for another way of speaking,
    with a Gaussian of diagonal covariance in each state. Frames are not independent given the state, so the
    log-likelihoods are multiplied by a scale before probabilities are made of them.

    What is None is chosen on at most 900 training rows, a third of them held back.

    Parameters
    ----------
    n_states : int, optional
        States of a chain. None, here or for chains: both are chosen, 4 or 8 states with one chain, or 8 with 2 or 4,
        for the fewest errors, and of those for the least log loss.
    n_chains : int, optional
        Chains of a class, at most; a chain has five rows on average at least.
    n_iter : int
        Iterations of expectation-maximisation (hmmlearn's).
    scale : float, optional
        What log-likelihoods are multiplied by. None: the power of 2 with the least log loss.
    random_state : int
        Seed of k-means, which shares rows out to chains at the start.

    Attributes
    ----------
    classes_ : array, shape (n_classes,)
    n_states_, n_chains_, scale_ : int, int, float
        What was given or chosen.
    models_ : list of hmmlearn.hmm.GaussianHMM, length n_classes
    n_parameters_ : int
        Means, variances and probabilities that are not 0.

    Raises
    ------
    ValueError
        There is one class, or a parameter is out of range.

    References
    ----------
    L. R. Rabiner, "A tutorial on hidden Markov models and selected applications in speech recognition", Proceedings
    of the IEEE 77(2), 1989. S. Furui, "Speaker-independent isolated word recognition using dynamic features of speech
    spectrum", IEEE Transactions on Acoustics, Speech, and Signal Processing 34(1), 1986: differences.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> rows = [random.normal(i % 2 * 2, 1, (9, 2)).astype(np.float32) for i in range(40)]
    >>> X, y = Series(RaggedArray.from_rows(rows)), np.arange(40) % 2
    >>> GaussianHMMClassifier(n_states=2, n_chains=1).fit(X[:30], y[:30]).score(X[30:], y[30:])
    1.0
    """

    def __init__(
        self,
        n_states: int | None = None,
        n_chains: int | None = None,
        n_iter: int = 5,
        scale: float | None = None,
        random_state: int = 0,
    ) -> None:
        self.n_states = n_states
        self.n_chains = n_chains
        self.n_iter = n_iter
        self.scale = scale
        self.random_state = random_state

    def fit(self, X: Series, y: npt.ArrayLike) -> Self:
        """Learn from series and their labels."""
        self._check_over_0("n_states", "n_chains", "n_iter", "scale")
        codes = self._learn_classes(X, y)
        self.scaling_ = learn_whitening(X, codes)
        frames = _with_differences(self.scaling_, X)
        self._choose(frames, codes)
        self.models_ = self._learn_models(frames, codes, self.n_states_, self.n_chains_)
        self.class_log_prior_ = np.log(np.bincount(codes) / len(codes))
        self.n_parameters_ = sum(
            model.means_.size * 2 + np.count_nonzero(model.transmat_) + np.count_nonzero(model.startprob_)
            for model in self.models_
        )
        return self

    def _choose(self, frames: RaggedArray, codes: IntArray) -> None:
        """Set ``n_states_``, ``n_chains_`` and ``scale_``."""
        choices = [
            (self.n_states or n_states, self.n_chains or n_chains)
            for n_states, n_chains in (CHOICES if self.n_states is None or self.n_chains is None else CHOICES[:1])
        ]
        chosen_on = draw_rows(codes, N_CHOOSING)
        folds = folds_of(codes[chosen_on])[:1]
        if not folds or (len(set(choices)) == 1 and self.scale is not None):
            (self.n_states_, self.n_chains_), self.scale_ = choices[0], self.scale or 1.0
            return
        few, fold = frames.take(chosen_on), folds[0]
        judged = [(self._judge(few, fold, choice), choice) for choice in dict.fromkeys(choices)]
        (_, _, self.scale_), (self.n_states_, self.n_chains_) = min(judged, key=lambda pair: pair[0])

    def _judge(self, frames: RaggedArray, fold: Fold, choice: tuple[int, int]) -> tuple[int, float, float]:
        """Return the errors on the rows held back, the least log loss, and the scale that it takes."""
        models = self._learn_models(frames.take(fold.rows), fold.codes, *choice)
        likelihoods = _log_likelihoods(models, frames.take(fold.held_back))
        right = fold.held_back_codes
        losses = {
            scale: log_loss(log_softmax(scale * likelihoods, axis=1), right)
            for scale in ([self.scale] if self.scale else SCALES)
        }
        scale = min(losses, key=losses.__getitem__)
        return int(np.sum(likelihoods.argmax(axis=1) != right)), losses[scale], scale

    def _learn_models(self, frames: RaggedArray, codes: IntArray, n_states: int, n_chains: int) -> list[GaussianHMM]:
        variances = variances_within(frames, codes, n_states)
        return [
            learn_left_right(
                frames.take(np.flatnonzero(codes == code)),
                n_states,
                n_chains,
                self.n_iter,
                variances,
                self.random_state,
            )
            for code in range(codes.max() + 1)
        ]

    def predict_proba(self, X: Series) -> FloatArray:
        """Probability of each class, shape (n_rows, n_classes)."""
        check_is_fitted(self, "models_")
        likelihoods = _log_likelihoods(self.models_, _with_differences(self.scaling_, X))
        probabilities: FloatArray = softmax(self.scale_ * likelihoods + self.class_log_prior_, axis=1)
        return probabilities

    def _scores(self, X: Series) -> FloatArray:
        return self.predict_proba(X)


def _with_differences(scaling: Scaling, X: Series) -> RaggedArray:
    """Return scaled frames with half the difference of their neighbours beside them; the first and last repeat."""
    frames = scaling.apply(X)
    places = np.arange(len(frames.values))
    lengths = frames.lengths
    before = np.maximum(places - 1, np.repeat(frames.offsets[:-1], lengths))
    after = np.minimum(places + 1, np.repeat(frames.offsets[1:] - 1, lengths))
    differences = (frames.values[after] - frames.values[before]) / 2
    return RaggedArray(np.hstack([frames.values, differences]), frames.offsets)


def _log_likelihoods(models: list[GaussianHMM], frames: RaggedArray) -> FloatArray:
    """Log-likelihood of each row under each model in nats, shape (n_rows, n_models)."""
    return np.array([[model.score(frames[row]) for model in models] for row in range(len(frames))]).reshape(
        len(frames), len(models)
    )
