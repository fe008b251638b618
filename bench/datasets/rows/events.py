"""Datasets of pieces whose next event is to be predicted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.corpus import Int64Array
from bench.datasets.base import RowsDataset
from bench.events import Events
from bench.ragged import Int32Array, Ragged
from bench.records import FileOptions


def make_event_dataset(
    name: str,
    train: Sequence[Int32Array],
    test: Sequence[Int32Array],
    n_symbols: int,
    *,
    groups: Int64Array | None = None,
    symbol_names: Sequence[str] = (),
    origin: str,
    notes: Sequence[str] = (),
    options: FileOptions | None = None,
) -> RowsDataset:
    """Return a dataset of the task ``next-event``.

    The baseline gives each token its share in the training pieces, every token counted once more than it occurs.

    Parameters
    ----------
    name : str
    train, test : sequence of int32 array, each of shape (n_steps, width)
        Tokens from 0 to ``n_symbols - 1``. Every piece has a step at least, and all have the same width.
    n_symbols : int
    groups : int64 array, shape (n_train,), optional
        Training pieces with one number are copies of one piece, such as transpositions.
    symbol_names : sequence of str, optional
        What each token stands for; the last one has no name if it stands for all that training lacks.
    origin : str
        Where the pieces were read from, in words.
    notes : sequence of str
    options : FileOptions, optional

    Examples
    --------
    >>> pieces = [np.array([[0], [1]]), np.array([[0], [0]])]
    >>> made = make_event_dataset("a", pieces, pieces[:1], 2, origin="made up")
    >>> made.X_train.n_steps.tolist(), round(made.baseline, 3)
    ([2, 2], 0.752)
    """
    X_train, X_test = _events(train, n_symbols), _events(test, n_symbols)
    counts = np.bincount(X_train.tokens.values, minlength=n_symbols) + 1
    nats = -np.log(counts / counts.sum())
    per_step = [float(nats[piece].sum()) / len(piece) * X_test.width for piece in X_test]
    return RowsDataset(
        name,
        "next-event",
        X_train=X_train,
        y_train=None,
        X_test=X_test,
        y_test=None,
        origin=origin,
        notes=tuple(notes),
        options=options,
        groups=groups,
        symbol_names=tuple(symbol_names),
        baseline=float(np.mean(per_step)),
    )


def _events(pieces: Sequence[Int32Array], n_symbols: int) -> Events:
    return Events(Ragged.from_rows([piece.reshape(-1) for piece in pieces]), pieces[0].shape[1], n_symbols)
