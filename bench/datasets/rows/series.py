"""Datasets of series that have a class each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.corpus import Int64Array
from bench.datasets.base import RowsDataset
from bench.records import FileOptions
from bench.series import Series
from bench.tasks.base import BoolArray


def make_series_dataset(
    name: str,
    series: Series,
    labels: Int64Array,
    class_names: Sequence[str],
    is_test: BoolArray,
    *,
    origin: str,
    notes: Sequence[str] = (),
    options: FileOptions | None = None,
) -> RowsDataset:
    """Return a dataset of the task ``sequence``.

    Parameters
    ----------
    name : str
    series : Series
    labels : int64 array, shape (n_rows,)
        Positions in ``class_names``.
    class_names : sequence of str
    is_test : bool array, shape (n_rows,)
    origin : str
        Where the series were read from, in words.
    notes : sequence of str
    options : FileOptions, optional

    Examples
    --------
    >>> from bench.ragged import RaggedArray
    >>> series = Series(RaggedArray.from_rows([np.full((n, 1), n, np.float32) for n in (2, 3, 4)]))
    >>> made = make_series_dataset("a", series, np.array([0, 1, 1]), "xy", np.array([0, 0, 1], bool), origin="made up")
    >>> len(made.X_train), made.X_test[0].shape, made.y_test.tolist()
    (2, (4, 1), [1])
    """
    train, test = np.flatnonzero(~is_test), np.flatnonzero(is_test)
    return RowsDataset(
        name,
        "sequence",
        X_train=series.take(train),
        y_train=labels[train],
        X_test=series.take(test),
        y_test=labels[test],
        origin=origin,
        class_names=tuple(class_names),
        notes=tuple(notes),
        options=options,
    )
