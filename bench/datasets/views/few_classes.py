"""Some of the classes of a dataset."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bench.corpus import Int64Array
from bench.datasets.base import Part, TextDataset, check_range
from bench.datasets.views.base import View
from bench.errors import DataError


class FewClasses(View):
    """The rows of some classes, which a seed draws. Fewer classes of a seed are among more of it.

    Parameters
    ----------
    of : str
        See View.
    n : int
        Classes, 2 or more.
    seed : int
        What the classes are drawn from; it is no model's seed.
    """

    name = "few-classes"
    summary = "view: some of the classes of another dataset"

    def __init__(self, of: str = "imdb-dev", n: int = 2, seed: int = 0) -> None:
        super().__init__(of)
        check_range("n", n, 2)
        check_range("seed", seed, 0)
        self.n = n
        self.seed = seed

    def _change(self, whole: TextDataset) -> TextDataset:
        chosen = self._choose(len(whole.class_names))
        train, test = (_rows_of(part, chosen) for part in (whole.train, whole.test))
        return replace(whole, train=train, test=test, class_names=tuple(whole.class_names[i] for i in chosen.tolist()))

    def _choose(self, n_classes: int) -> Int64Array:
        if self.n > n_classes:
            raise DataError(f"{self.of} has {n_classes} classes, and {self.name} asks for {self.n}; expected 2 to that")
        return np.sort(np.random.default_rng(self.seed).permutation(n_classes)[: self.n])


def _rows_of(part: Part, chosen: Int64Array) -> Part:
    rows = np.flatnonzero(np.isin(part.labels, chosen))
    return Part([part.texts[i] for i in rows.tolist()], np.searchsorted(chosen, part.labels[rows]))
