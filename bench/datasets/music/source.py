"""Bach's chorales as a dataset, by the name that ``--dataset`` takes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bench.datasets.base import RowsDataset
from bench.datasets.music.chorales import WHEEL, corpus_folder, load_chorales, transpositions
from bench.datasets.package_source import PackageSource
from bench.datasets.rows.events import make_event_dataset
from bench.records import TaskName


class BachChorales(PackageSource):
    """Chorales in four parts, a step per quarter: see :func:`bench.datasets.music.chorales.load_chorales`.

    Parameters
    ----------
    transposed : bool
        Whether each training piece is given in all keys that keep every voice within its range. Test pieces are in
        their own key.
    """

    name = "bach-chorales"
    summary = "Bach's chorales in four parts, cut by tune; training pieces in all keys (from music21's corpus)"
    task: TaskName = "next-event"

    def __init__(self, transposed: bool = True) -> None:
        self._is_transposed = transposed

    def find(self) -> Path:
        """As PackageSource's."""
        return corpus_folder()

    def read(self) -> RowsDataset:
        """As PackageSource's."""
        chorales = load_chorales()
        train = [piece for piece, is_test in zip(chorales.pieces, chorales.is_test, strict=True) if not is_test]
        test = [piece for piece, is_test in zip(chorales.pieces, chorales.is_test, strict=True) if is_test]
        keys = transpositions(train) if self._is_transposed else [[piece] for piece in train]
        return make_event_dataset(
            self.name,
            [piece for of_piece in keys for piece in of_piece],
            test,
            chorales.n_symbols,
            groups=np.repeat(np.arange(len(train)), [len(of_piece) for of_piece in keys]),
            symbol_names=("rest", *(str(chorales.lowest_pitch + k) for k in range(chorales.n_symbols - 1))),
            origin=f"the wheel {WHEEL}",
            notes=(
                f"Token 0 is a rest, token k the MIDI number {chorales.lowest_pitch - 1} + k; voices are soprano, "
                "alto, tenor and bass.",
                "Chorales of one tune are on one side of the split.",
                "Pieces of the wheel's corpus are licensed one by one, some with restrictions on commercial use.",
            ),
        )
