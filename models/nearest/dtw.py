"""The nearest neighbour by dynamic time warping."""

from __future__ import annotations

from itertools import product
from math import ceil
from typing import Self

import numpy as np
import numpy.typing as npt
from dtaidistance import dtw_ndim
from sklearn.utils.validation import check_is_fitted

from bench.ragged import RaggedArray
from bench.series import Series

from ..arrays import FloatArray, IntArray
from ..frames import SeriesClassifier, learn_whitening, part_means
from ..search import draw_rows

MIN_FRAMES = 4
"""Shorter series are stretched to so many frames, since up to two may be left out."""
BANDS, CENTRINGS, FREE_ENDS = (0.5, 0.2), (0.0, 0.25, 0.5), (0, 1)
CHUNK_ROWS = 100
"""Series that are compared at once."""
N_CHOOSING = 400
"""Training rows that values are chosen on, at most."""


class DTWClassifier(SeriesClassifier):
    """The class of the nearest training series by dynamic time warping.

    Channels are made uncorrelated within the classes of the training rows. The distance of two series is the least sum
    of squared distances of frames over all ways to align them in order, divided by the sum of their lengths. It gives
    scores, not probabilities: the distance to the nearest series of each class, negative. Its time grows with the
    number of training rows and with the square of the series' length.

    It is deterministic, so it has no ``random_state``. What is None is chosen among at most 400 training rows, each
    left out in turn, for the fewest errors.

    Parameters
    ----------
    band : float, optional
        How far frames that are aligned may be from the diagonal (Sakoe and Chiba), as a share of the training series'
        median length; the difference of two lengths comes on top. None: 0.2 or 0.5.
    centring : float, optional
        Share of its own mean that is taken from each series, 0 to 1: 1 removes what is constant, such as a microphone
        or a voice. None: 0, 0.25 or 0.5.
    free_ends : int, optional
        Frames at either end that an alignment may leave out, 0 or 1. None: one of them.
    max_frames : int
        A longer series is averaged down to so many frames.

    Attributes
    ----------
    classes_ : array, shape (n_classes,)
    band_, centring_, free_ends_ : float, float, int
        What was given or chosen.
    n_parameters_ : int
        Numbers in the training series.

    Raises
    ------
    ValueError
        There is one class, or a parameter is out of range.

    References
    ----------
    H. Sakoe and S. Chiba, "Dynamic programming algorithm optimization for spoken word recognition", IEEE Transactions
    on Acoustics, Speech, and Signal Processing 26(1), 1978. The library is dtaidistance.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> rows = [random.normal(i % 2 * 2, 1, (9, 2)).astype(np.float32) for i in range(40)]
    >>> X, y = Series(RaggedArray.from_rows(rows)), np.arange(40) % 2
    >>> DTWClassifier().fit(X[:30], y[:30]).score(X[30:], y[30:])
    1.0
    """

    def __init__(
        self,
        band: float | None = None,
        centring: float | None = None,
        free_ends: int | None = None,
        max_frames: int = 100,
    ) -> None:
        self.band = band
        self.centring = centring
        self.free_ends = free_ends
        self.max_frames = max_frames

    def fit(self, X: Series, y: npt.ArrayLike) -> Self:
        """Learn from series and their labels."""
        self._check_parameters()
        self.codes_ = self._learn_classes(X, y)
        self.scaling_ = learn_whitening(X, self.codes_)
        self.median_length_ = float(np.median(X.lengths))
        self.centring_, self.band_, self.free_ends_ = self._choose(X)
        self.rows_ = self._rows(X, self.centring_)
        self.n_parameters_ = sum(row.size for row in self.rows_)
        return self

    def _check_parameters(self) -> None:
        self._check_over_0("band")
        if self.centring is not None and not 0 <= self.centring <= 1:
            raise ValueError(f"centring is {self.centring}, expected 0 to 1")
        if self.free_ends not in (None, 0, 1):
            raise ValueError(f"free_ends is {self.free_ends}, expected 0 or 1")
        if self.max_frames < MIN_FRAMES:
            raise ValueError(f"max_frames is {self.max_frames}, expected {MIN_FRAMES} or more")

    def _choose(self, X: Series) -> tuple[float, float, int]:
        choices = [
            list(values if given is None else [given])
            for given, values in ((self.centring, CENTRINGS), (self.band, BANDS), (self.free_ends, FREE_ENDS))
        ]
        all_choices = [(float(c), float(b), int(f)) for c, b, f in product(*choices)]
        if len(all_choices) == 1:
            return all_choices[0]
        chosen_on = draw_rows(self.codes_, N_CHOOSING)
        few, codes = X.take(chosen_on), self.codes_[chosen_on]
        rows_of = {centring: self._rows(few, centring) for centring in choices[0]}

        def n_errors(choice: tuple[float, float, int]) -> int:
            centring, band, free_ends = choice
            distances = self._distances_within(rows_of[centring], band, free_ends)
            return int(np.sum(codes[distances.argmin(axis=1)] != codes))

        return min(all_choices, key=n_errors)

    def decision_function(self, X: Series) -> FloatArray:
        """Return the distance to the nearest series of each class, negative, shape (n_rows, n_classes)."""
        check_is_fitted(self, "rows_")
        scores = np.empty((len(X), len(self.classes_)))
        order = np.argsort(self.codes_, kind="stable")
        starts = np.searchsorted(self.codes_[order], np.arange(len(self.classes_)))
        rows = self._rows(X, self.centring_)
        for first in range(0, len(rows), CHUNK_ROWS):
            distances = self._distances_to_all(rows[first : first + CHUNK_ROWS])
            scores[first : first + CHUNK_ROWS] = -np.minimum.reduceat(distances[:, order], starts, axis=1)
        return scores

    def _scores(self, X: Series) -> FloatArray:
        return self.decision_function(X)

    def _rows(self, X: Series, centring: float) -> list[FloatArray]:
        """Frames of each series, as they are compared."""
        frames = self.scaling_.apply(X)
        return [self._row(frames[row], centring) for row in range(len(frames))]

    def _row(self, frames: FloatArray, centring: float) -> FloatArray:
        n_frames = min(max(len(frames), MIN_FRAMES), self.max_frames)
        if n_frames != len(frames):
            frames = part_means(RaggedArray.from_rows([frames]), n_frames)[0]
        return np.ascontiguousarray(frames - centring * frames.mean(axis=0))

    def _distances_to_all(self, rows: list[FloatArray]) -> FloatArray:
        """Distances of some series to the training series, shape (n_rows, n_training_rows)."""
        n, both = len(rows), [*rows, *self.rows_]
        return self._compare(both, self.band_, self.free_ends_, ((0, n), (n, len(both))))

    def _distances_within(self, rows: list[FloatArray], band: float, free_ends: int) -> FloatArray:
        """Distances of each series to the others, and infinity to itself, shape (n_rows, n_rows)."""
        n = len(rows)
        found = self._compare([*rows, *rows], band, free_ends, ((0, n), (n, 2 * n)))
        np.fill_diagonal(found, np.inf)
        return found

    def _compare(
        self, rows: list[FloatArray], band: float, free_ends: int, block: tuple[tuple[int, int], tuple[int, int]]
    ) -> FloatArray:
        """Distances of a first block of the rows to the rest, shape (n_first, n_rest)."""
        found = dtw_ndim.distance_matrix_fast(
            rows,
            ndim=rows[0].shape[1],
            window=ceil(band * self.median_length_) + 1,
            psi=free_ends,
            block=block,
            compact=True,  # a full matrix would be of all rows by all rows
            parallel=False,
        )
        lengths: IntArray = np.array([len(row) for row in rows])
        n_first = block[0][1]
        sums = lengths[:n_first, None] + lengths[n_first:]
        normalised: FloatArray = np.asarray(found).reshape(sums.shape) ** 2 / sums
        return normalised
