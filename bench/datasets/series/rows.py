"""Series with a class each, and which of them are for the test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.ragged import Int64Array
from bench.series import Series


@dataclass(frozen=True)
class LabelledSeries:
    """Series with their classes and the fixed split.

    Parameters
    ----------
    series : Series
        All rows, in the order of the files.
    labels : int64 array, shape (n_rows,)
        Positions in ``class_names``.
    class_names : tuple of str
        Their order is the order of classes in every table.
    is_test : bool array, shape (n_rows,)
        Whether a row is for the test rather than for training.
    notes : tuple of str
        What the reader of results should know of the data.

    Raises
    ------
    ValueError
        The arrays do not pair up, or a label has no name.
    """

    series: Series
    labels: Int64Array
    class_names: tuple[str, ...]
    is_test: npt.NDArray[np.bool_]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        expected = (len(self.series),)
        if self.labels.shape != expected or self.is_test.shape != expected:
            raise ValueError(
                f"there are {len(self.series)} series, but the labels have shape {self.labels.shape} and is_test has "
                f"shape {self.is_test.shape}"
            )
        if len(self.labels) and not 0 <= self.labels.min() <= self.labels.max() < len(self.class_names):
            raise ValueError(
                f"labels are {self.labels.min()} to {self.labels.max()}, expected 0 to {len(self.class_names) - 1}"
            )
