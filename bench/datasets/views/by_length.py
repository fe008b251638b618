"""Training texts of some lengths only; the test texts stay."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bench.datasets.base import Part, TextDataset, check_range
from bench.datasets.views.base import View
from bench.errors import DataError
from bench.tokenizer import tokenize


class ByLength(View):
    """Training texts of at least and of at most so many words. All test texts stay, whatever their length.

    Parameters
    ----------
    of : str
        See View.
    shortest : int
        Words of a training text, at least.
    longest : int, optional
        Words of a training text, at most; None: no limit.
    """

    name = "by-length"
    summary = "view: of another dataset, the training texts of some lengths and all test texts"

    def __init__(self, of: str = "imdb-dev", shortest: int = 0, longest: int | None = 100) -> None:
        super().__init__(of)
        check_range("shortest", shortest, 0)
        if longest is not None:
            check_range("longest", longest, shortest, why=" (shortest)")
        self.shortest = shortest
        self.longest = longest

    def _change(self, whole: TextDataset) -> TextDataset:
        lengths = np.array([len(tokenize(text)) for text in whole.train.texts])
        most = np.inf if self.longest is None else self.longest
        rows = np.flatnonzero((lengths >= self.shortest) & (lengths <= most))
        n_left, n_classes = len(np.unique(whole.train.labels[rows])), len(np.unique(whole.train.labels))
        if n_left < n_classes:
            raise DataError(
                f"{self.name} has training texts of {n_left} of {n_classes} classes; expected other lengths, of which "
                f"every class has some: they are from {lengths.min()} to {lengths.max()} words long"
            )
        train = Part([whole.train.texts[i] for i in rows.tolist()], whole.train.labels[rows])
        return replace(whole, train=train)
