"""The adding problem: a sum of two numbers that are marked among many."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from bench.corpus import Int64Array
from bench.datasets.base import check_range
from bench.datasets.generated.base import GeneratedSource, Rows, balanced, certain

MARK = "mark"
HIGHEST = 9


class Adding(GeneratedSource):
    """Texts of numbers from 0 to 9, two of them marked; the class is whether their sum is high.

    The word ``mark`` stands in front of these two. The sum, which is the target of the original, is in two bins here,
    below 9 and above, since tasks have classes; a sum of 9 does not occur. One mark is in the first half, the other in
    the second.

    Parameters
    ----------
    length : int
        Numbers of a text, 4 or more.
    n_train, n_test, seed : int
        See GeneratedSource.

    References
    ----------
    S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation 9(8), 1997: experiment 4.

    Examples
    --------
    >>> data = Adding(length=4, n_train=2, n_test=1).load(None)
    >>> data.train.texts, [data.class_names[label] for label in data.train.labels]
    (['n4 mark n0 n2 mark n2', 'mark n6 n7 n6 mark n7'], ['low', 'high'])
    """

    name = "adding"
    summary = "generated: whether the sum of two marked numbers among many is low or high; best accuracy 1"

    def __init__(self, length: int = 100, n_train: int = 10_000, n_test: int = 5_000, seed: int = 0) -> None:
        super().__init__(n_train, n_test, seed)
        check_range("length", length, 4)
        self.length = length

    @property
    def class_names(self) -> tuple[str, ...]:
        """The bins of the sum."""
        return ("low", "high")

    def make(self, n_rows: int, random: np.random.Generator) -> Rows:
        """Return so many rows."""
        labels = balanced(n_rows, 2, random)
        numbers = random.integers(HIGHEST + 1, size=(n_rows, self.length))
        pairs = [(i, j) for i in range(HIGHEST + 1) for j in range(HIGHEST + 1)]
        low = np.array([pair for pair in pairs if sum(pair) < HIGHEST])
        chosen = low[random.integers(len(low), size=n_rows)]
        chosen = np.where(labels[:, None] == 1, HIGHEST - chosen, chosen)
        half = self.length // 2
        places = np.stack([random.integers(half, size=n_rows), random.integers(half, self.length, size=n_rows)], axis=1)
        numbers[np.arange(n_rows)[:, None], places] = chosen
        texts = []
        for row, marked in zip(numbers.tolist(), places.tolist(), strict=True):
            texts.append(" ".join(f"{MARK} n{n}" if i in marked else f"n{n}" for i, n in enumerate(row)))
        return certain(texts, labels)

    def best_classes(self, texts: Sequence[str]) -> Int64Array:
        """Add what is marked."""
        sums = []
        for text in texts:
            words = text.split()
            sums.append(sum(int(after[1:]) for word, after in itertools.pairwise(words) if word == MARK))
        return (np.array(sums) > HIGHEST).astype(np.int64)
