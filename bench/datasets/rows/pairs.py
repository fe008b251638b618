"""Datasets of pairs: sources, and the targets that are right for each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.datasets.base import RowsDataset
from bench.records import FileOptions
from bench.symbols import Symbols
from bench.tasks.base import BoolArray
from bench.tasks.transduction import Targets


def make_pair_dataset(
    name: str,
    sources: Sequence[tuple[str, ...]],
    targets: Targets,
    is_test: BoolArray,
    *,
    origin: str,
    notes: Sequence[str] = (),
    options: FileOptions | None = None,
) -> RowsDataset:
    """Return a dataset of the task ``transduction``.

    Parameters
    ----------
    name : str
    sources : sequence of tuple of str
    targets : sequence of tuple of tuple of str
        Of each source the targets that are right, at least one. Models learn the first.
    is_test : bool array, shape (n_rows,)
    origin : str
        Where the pairs were read from, in words.
    notes : sequence of str
    options : FileOptions, optional

    Examples
    --------
    >>> sources, targets = [("a",), ("b",)], [(("1",), ("2",)), (("3",),)]
    >>> made = make_pair_dataset("a", sources, targets, np.array([False, True]), origin="made up")
    >>> made.y_train[0], made.y_test
    (('1',), ((('3',),),))
    """
    X = Symbols(sources)
    train, test = np.flatnonzero(~is_test), np.flatnonzero(is_test)
    return RowsDataset(
        name,
        "transduction",
        X_train=X.take(train),
        y_train=Symbols([targets[row][0] for row in train.tolist()]),
        X_test=X.take(test),
        y_test=tuple(targets[row] for row in test.tolist()),
        origin=origin,
        notes=tuple(notes),
        options=options,
    )
