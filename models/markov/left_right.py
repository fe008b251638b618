"""Left-right hidden Markov models with Gaussian frames: how they start, and how they are learnt."""

from __future__ import annotations

import logging
import warnings

import numpy as np
from hmmlearn.hmm import GaussianHMM
from sklearn.cluster import KMeans

from bench.ragged import RaggedArray

from ..arrays import FloatArray, IntArray
from ..frames import part_means, parts_of, residuals_of

LEAST_ROWS_OF_CHAIN = 5
"""Rows that a chain has on average, at least."""
VARIANCE_FRAMES = 10.0
"""Frames that the variances within all states count as, in each state's own."""
STAY_SHARE, SKIP_SHARE = 0.9, 0.15
MEAN_FRAMES, TRANSITION_COUNTS = 1.0, 2.0
"""Frames that the first means count as, and transitions that the first probabilities count as."""

logging.getLogger("hmmlearn").setLevel(logging.ERROR)  # it warns that few rows meet many parameters; priors hold them


def learn_left_right(
    frames: RaggedArray, n_states: int, n_chains: int, n_iter: int, variances: FloatArray, random_state: int
) -> GaussianHMM:
    """Return a hidden Markov model of some rows: one or more left-right chains side by side.

    A row runs through one chain, from its first state on: it stays, goes on to the next state, or skips one. Rows are
    shared out to the chains by k-means, and each row's frames to the states in equal parts; expectation-maximisation
    goes on from there. Priors keep each state's mean and variances finite where few frames are in it.

    Parameters
    ----------
    frames : RaggedArray
        ``values`` of shape (n_frames, n_channels).
    n_states : int
        Of each chain.
    n_chains : int
        At most; there is one for every five rows at most.
    n_iter : int
        Iterations of expectation-maximisation.
    variances : float64 array, shape (n_channels,)
        Within states, over all classes.
    random_state : int
        Seed of k-means.
    """
    n_chains = max(1, min(n_chains, len(frames) // LEAST_ROWS_OF_CHAIN))
    chains = _share_out(frames, n_states, n_chains, random_state)
    start = np.zeros(n_chains * n_states)
    start[::n_states] = (np.bincount(chains, minlength=n_chains) + 1) / (len(chains) + n_chains)
    stay = STAY_SHARE * max(0.2, 1 - n_states / frames.lengths.mean())
    transitions = np.kron(np.eye(n_chains), _transitions(n_states, stay))
    states = np.repeat(chains, frames.lengths) * n_states + parts_of(frames, n_states)
    means, own_variances = _first_gaussians(frames.values, states, n_states, n_chains, variances)
    model = GaussianHMM(
        n_chains * n_states,
        n_iter=n_iter,
        tol=-np.inf,
        init_params="",
        means_prior=means,
        means_weight=MEAN_FRAMES,
        covars_prior=VARIANCE_FRAMES * variances,
        covars_weight=1 + VARIANCE_FRAMES,
        startprob_prior=1 + (start > 0),
        transmat_prior=1 + TRANSITION_COUNTS * transitions,
    )
    model.startprob_, model.transmat_, model.means_, model.covars_ = start, transitions, means.copy(), own_variances
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # hmmlearn 0.3.3 with NumPy 2.5
        return model.fit(frames.values, frames.lengths)


def variances_within(frames: RaggedArray, codes: IntArray, n_states: int) -> FloatArray:
    """Variance of each channel around the mean of its class and equal part of a row, shape (n_channels,)."""
    groups = np.repeat(codes, frames.lengths) * n_states + parts_of(frames, n_states)
    values: FloatArray = frames.values
    within = np.mean(residuals_of(values, groups) ** 2, axis=0)
    floored: FloatArray = np.maximum(within, 1e-3 * np.maximum(values.var(axis=0), 1e-3))
    return floored


def _share_out(frames: RaggedArray, n_states: int, n_chains: int, random_state: int) -> IntArray:
    """Chain of each row, shape (n_rows,)."""
    if n_chains == 1:
        return np.zeros(len(frames), np.int64)
    rows = part_means(frames, n_states).reshape(len(frames), -1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # there may be fewer different rows than chains
        chains: IntArray = KMeans(n_chains, n_init=3, random_state=random_state).fit_predict(rows).astype(np.int64)
    return chains


def _first_gaussians(
    values: FloatArray, states: IntArray, n_states: int, n_chains: int, variances: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Means and variances of each state, both of shape (n_chains * n_states, n_channels)."""
    shape = (n_chains * n_states, values.shape[1])
    means, own_variances = np.empty(shape), np.empty(shape)
    for state in range(shape[0]):
        place = values[states % n_states == state % n_states]
        common = (place if len(place) else values).mean(axis=0)
        own = values[states == state]
        means[state] = (own.sum(axis=0) + common) / (len(own) + 1)
        squares = ((own - means[state]) ** 2).sum(axis=0)
        own_variances[state] = (squares + VARIANCE_FRAMES * variances) / (len(own) + VARIANCE_FRAMES)
    return means, own_variances


def _transitions(n_states: int, stay: float) -> FloatArray:
    """Transitions of one chain, shape (n_states, n_states)."""
    skip = SKIP_SHARE * (1 - stay)
    matrix = stay * np.eye(n_states) + (1 - stay - skip) * np.eye(n_states, k=1) + skip * np.eye(n_states, k=2)
    matrix[-1, -1] = 1.0
    normalised: FloatArray = matrix / matrix.sum(axis=1, keepdims=True)
    return normalised
