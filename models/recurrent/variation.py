"""Training rows varied anew in every epoch, so that a network of few recordings does not memorise them."""

from __future__ import annotations

import numpy as np

from bench.ragged import RaggedArray

from ..base import Array


def vary(
    frames: RaggedArray, noise: float, offset: float, stretch: float, masked: float, random: np.random.Generator
) -> RaggedArray:
    """Return rows spoken faster or slower, by another voice, with noise, and with a few neighbouring frames hidden.

    Parameters
    ----------
    frames : RaggedArray
        Standardised: the mean of each channel is 0, its standard deviation 1.
    noise : float
        Standard deviation of what is added to each number.
    offset : float
        Standard deviation of what is added to all frames of a row, another number for each channel.
    stretch : float
        Each row becomes longer or shorter by up to this part of its length; new frames are interpolated.
    masked : float
        Up to this part of each row's frames, neighbours, are set to 0.
    random : numpy.random.Generator

    References
    ----------
    D. S. Park et al., "SpecAugment: a simple data augmentation method for automatic speech recognition", Interspeech
    2019: the masks in time.
    """
    varied = _stretch(frames, random.uniform(1 - stretch, 1 + stretch, len(frames)))
    lengths = varied.lengths
    of_row = offset * random.standard_normal((len(varied), varied.values.shape[1]))
    values = varied.values + noise * random.standard_normal(varied.values.shape) + np.repeat(of_row, lengths, axis=0)
    n_hidden = np.floor(random.uniform(0, masked, len(varied)) * lengths)
    first = np.floor(random.uniform(0, 1, len(varied)) * (lengths - n_hidden + 1))
    within = _within(lengths)
    hidden = (within >= np.repeat(first, lengths)) & (within < np.repeat(first + n_hidden, lengths))
    return RaggedArray(np.where(hidden[:, None], 0, values).astype(np.float32), varied.offsets)


def _stretch(frames: RaggedArray, factors: Array) -> RaggedArray:
    lengths = np.maximum(1, np.round(frames.lengths * factors)).astype(np.int64)
    step = (frames.lengths - 1) / np.maximum(lengths - 1, 1)
    position = _within(lengths) * np.repeat(step, lengths)
    last = np.repeat(frames.lengths - 1, lengths)
    before = np.minimum(position.astype(np.int64), last)
    after = np.minimum(before + 1, last)
    weight = (position - before)[:, None]
    start = np.repeat(frames.offsets[:-1], lengths)
    values = (1 - weight) * frames.values[start + before] + weight * frames.values[start + after]
    return RaggedArray(values, np.concatenate([[0], np.cumsum(lengths)]))


def _within(lengths: Array) -> Array:
    """Position of each frame in its row.

    >>> _within(np.array([2, 3])).tolist()
    [0, 1, 0, 1, 2]
    """
    ends = np.cumsum(lengths)
    within: Array = np.arange(ends[-1]) - np.repeat(ends - lengths, lengths)
    return within
