"""The order of marked symbols among distractors: what a bag of words cannot see and n-grams cannot span."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from bench.corpus import Int64Array
from bench.datasets.base import check_range
from bench.datasets.generated.base import GeneratedSource, Rows, balanced, certain, distract, join

MARKED = tuple("wxyz")
ROOM = 20
"""Words beside the marked symbols and what is between them, where no length is given."""
EDGE = 4
"""Distractors at either end, at least, where there is room: or n-grams would tell who stands at an end."""


class TemporalOrder(GeneratedSource):
    """Each text has the same two to four marked symbols among distractors; the class is their order.

    So each word is as frequent in one class as in the others, and a bag of words is at chance.

    Parameters
    ----------
    lag : int
        Distractors between one marked symbol and the next.
    markers : int
        Marked symbols, 2 to 4: 2, 6 or 24 classes.
    length : int, optional
        Words of a text; None: 20 more than the marked symbols and what is between them.
    n_train, n_test, seed : int
        See GeneratedSource.

    References
    ----------
    S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation 9(8), 1997: experiment 6, where the
    marked symbols of a text may also be equal, which a bag of words sees.

    Examples
    --------
    >>> data = TemporalOrder(lag=2, length=6, n_train=2, n_test=1).load(None)
    >>> data.train.texts, [data.class_names[label] for label in data.train.labels]
    (['e w h e x g', 'b x h a w b'], ['wx', 'xw'])
    """

    name = "temporal-order"
    summary = "generated: the order of marked symbols, far apart among distractors; best accuracy 1"

    def __init__(
        self,
        lag: int = 50,
        markers: int = 2,
        length: int | None = None,
        n_train: int = 10_000,
        n_test: int = 5_000,
        seed: int = 0,
    ) -> None:
        super().__init__(n_train, n_test, seed)
        check_range("markers", markers, 2, len(MARKED))
        check_range("lag", lag, 0)
        self.span = (markers - 1) * (lag + 1) + 1
        self.length = self.span + ROOM if length is None else length
        if self.length < self.span:
            raise ValueError(
                f"lag is {lag}, which a text of length {length} cannot hold: expected a length of {self.span} or more"
            )
        self.lag = lag
        self.orders = list(itertools.permutations(MARKED[:markers]))

    @property
    def class_names(self) -> tuple[str, ...]:
        """The orders."""
        return tuple("".join(order) for order in self.orders)

    def make(self, n_rows: int, random: np.random.Generator) -> Rows:
        """Return so many rows."""
        words = distract(n_rows, self.length, random)
        labels = balanced(n_rows, len(self.orders), random)
        room = self.length - self.span
        edge = min(EDGE, room // 2)
        first = random.integers(edge, room - edge + 1, size=n_rows)
        for place in range(len(self.orders[0])):
            symbols = np.array([order[place] for order in self.orders], object)
            words[np.arange(n_rows), first + place * (self.lag + 1)] = symbols[labels]
        return certain(join(words), labels)

    def best_classes(self, texts: Sequence[str]) -> Int64Array:
        """Read the marked symbols in their order."""
        found = [tuple(word for word in text.split() if word in MARKED) for text in texts]
        return np.array([self.orders.index(order) for order in found], np.int64)
