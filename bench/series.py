"""Series: what models of sequence classification are given, such as the frames of recordings."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, SupportsIndex, overload

import numpy as np
import numpy.typing as npt

from bench.ragged import Int64Array, RaggedArray, row_range

Float32Array = npt.NDArray[np.float32]


class Series(Sequence[Float32Array]):
    """A read-only sequence of series, each a matrix of frames and channels. It holds no labels.

    Parameters
    ----------
    frames : RaggedArray
        ``values`` of shape (n_frames, n_channels), float32; every row has at least one frame.

    Examples
    --------
    >>> series = Series(RaggedArray(np.zeros((5, 2), np.float32), [0, 2, 5]))
    >>> len(series), series.n_channels, series[1].shape, series[:1].lengths.tolist()
    (2, 2, (3, 2), [2])
    """

    def __init__(self, frames: RaggedArray) -> None:
        if frames.values.ndim != 2 or frames.values.dtype != np.float32:
            raise ValueError(
                f"frames are {frames.values.dtype} of shape {frames.values.shape}, expected float32 of shape "
                "(n_frames, n_channels)"
            )
        self._frames = frames

    @property
    def frames(self) -> RaggedArray:
        """All frames: ``values`` (float32, shape (n_frames, n_channels)) and ``offsets`` (int64)."""
        return self._frames

    @property
    def n_channels(self) -> int:
        """Numbers per frame."""
        return int(self._frames.values.shape[1])

    @property
    def lengths(self) -> Int64Array:
        """Frames of each series, shape (n_rows,)."""
        return self._frames.lengths

    def __len__(self) -> int:
        return len(self._frames)

    @overload
    def __getitem__(self, item: SupportsIndex) -> Float32Array: ...
    @overload
    def __getitem__(self, item: slice) -> Series: ...
    def __getitem__(self, item: Any) -> Float32Array | Series:
        if not isinstance(item, slice):
            return self._frames[operator.index(item)]
        rows = row_range(item, len(self))
        if rows.step != 1:
            return self.take(rows)
        return Series(self._frames.slice(rows.start, max(rows.start, rows.stop)))

    def take(self, indices: npt.ArrayLike) -> Series:
        """Return the series at these indices, in this order."""
        return Series(self._frames.take(indices))
