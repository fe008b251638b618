"""Many classes by words alone: what a bag of words is made for, at any number of classes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.corpus import Int64Array
from bench.datasets.base import check_range
from bench.datasets.generated.base import FloatArray, GeneratedSource, Rows

N_OWN = 6
"""Words of each class."""
N_SHARED = 200
OWN_SHARE = 0.15
"""The share of a text's words that are drawn from those of its class."""
OTHER_SHARE = 0.15
"""The share that is drawn from those of all classes."""


class Topics(GeneratedSource):
    """Each class has a few words of its own, which texts of other classes have at times; the rest means nothing.

    Words are drawn independently, so that naive Bayes with the true probabilities is the Bayes rule.

    Parameters
    ----------
    classes : int
        2 or more.
    length : int
        Words of a text.
    n_train, n_test, seed : int
        See GeneratedSource.

    Examples
    --------
    >>> data = Topics(classes=3, length=5, n_train=2, n_test=1).load(None)
    >>> data.class_names, len(data.train.texts[0].split())
    (('topic1', 'topic2', 'topic3'), 5)
    """

    name = "topics"
    summary = "generated: any number of classes, told by words alone; best accuracy 0.7 to 0.95"

    def __init__(
        self, classes: int = 20, length: int = 15, n_train: int = 10_000, n_test: int = 5_000, seed: int = 0
    ) -> None:
        super().__init__(n_train, n_test, seed)
        check_range("classes", classes, 2, 1_000)
        check_range("length", length, 1)
        self.classes = classes
        self.length = length
        shared = 1 / np.arange(1, N_SHARED + 1)
        own = np.kron(np.eye(classes), np.full(N_OWN, 1 / N_OWN))
        everyone = np.full(own.shape, 1 / own.shape[1])
        mixed = OWN_SHARE * own + OTHER_SHARE * everyone
        rest = np.tile((1 - OWN_SHARE - OTHER_SHARE) * shared / shared.sum(), (classes, 1))
        self.shares: FloatArray = np.concatenate([mixed, rest], axis=1)
        """Probability of each word in each class, shape (n_classes, n_words)."""
        self.words = [f"k{i}" for i in range(own.shape[1])] + [f"s{i}" for i in range(N_SHARED)]

    @property
    def class_names(self) -> tuple[str, ...]:
        """The topics."""
        return tuple(f"topic{i + 1}" for i in range(self.classes))

    def make(self, n_rows: int, random: np.random.Generator) -> Rows:
        """Return so many rows."""
        labels = random.integers(self.classes, size=n_rows)
        bounds = self.shares.cumsum(axis=1)
        numbers = random.random((n_rows, self.length)) * bounds[0, -1]
        codes = np.stack([np.searchsorted(bounds[label], row) for label, row in zip(labels, numbers, strict=True)])
        codes = np.minimum(codes, len(self.words) - 1)
        texts = [" ".join(self.words[code] for code in row) for row in codes.tolist()]
        return Rows(texts, labels, self._probabilities(codes).max(axis=1))

    def best_classes(self, texts: Sequence[str]) -> Int64Array:
        """Multiply the probabilities of the words."""
        places = {word: i for i, word in enumerate(self.words)}
        codes = np.array([[places[word] for word in text.split()] for text in texts])
        found: Int64Array = self._probabilities(codes).argmax(axis=1)
        return found

    def _probabilities(self, codes: Int64Array) -> FloatArray:
        """Probability of each class, shape (n_rows, n_classes)."""
        logarithms = np.log(self.shares).T[codes].sum(axis=1)
        unscaled = np.exp(logarithms - logarithms.max(axis=1, keepdims=True))
        scaled: FloatArray = unscaled / unscaled.sum(axis=1, keepdims=True)
        return scaled
