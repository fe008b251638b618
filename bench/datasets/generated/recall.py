"""Whether bits that are asked for are those that were shown: what must be remembered is set in bits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.corpus import Int64Array
from bench.datasets.base import check_range
from bench.datasets.generated.base import GeneratedSource, Rows, balanced, certain, distract, join

CLASSES = ("different", "same")


class Recall(GeneratedSource):
    """Bits are shown, distractors follow, and bits are asked for: the same ones, or one of them turned.

    A model that generates texts of the class "same" must carry every bit over the lag: with K states it carries at most
    log2 K. To tell the classes apart takes less, since the parity of all bits that are on, shown and asked for, is even
    if they are the same.

    Parameters
    ----------
    bits : int
        1 to 8. Each has words of its own.
    lag : int
        Distractors between the last bit that is shown and the first that is asked for.
    n_train, n_test, seed : int
        See GeneratedSource.

    Examples
    --------
    >>> data = Recall(bits=2, lag=3, n_train=2, n_test=1).load(None)
    >>> data.train.texts, data.train.labels.tolist()
    (['bit1off bit2off f a f ask1off ask2on', 'bit1off bit2on a a g ask1off ask2on'], [0, 1])
    """

    name = "recall"
    summary = "generated: whether bits asked for at the end are those shown at the beginning; best accuracy 1"

    def __init__(self, bits: int = 3, lag: int = 50, n_train: int = 10_000, n_test: int = 5_000, seed: int = 0) -> None:
        super().__init__(n_train, n_test, seed)
        check_range("bits", bits, 1, 8)
        check_range("lag", lag, 0)
        self.bits = bits
        self.lag = lag

    @property
    def class_names(self) -> tuple[str, ...]:
        """Whether the bits are the same."""
        return CLASSES

    def make(self, n_rows: int, random: np.random.Generator) -> Rows:
        """Return so many rows."""
        labels = balanced(n_rows, 2, random)
        shown = random.integers(2, size=(n_rows, self.bits))
        asked = shown.copy()
        turned = random.integers(self.bits, size=n_rows)
        asked[np.arange(n_rows), turned] ^= labels == CLASSES.index("different")
        words = [self._write("bit", shown), distract(n_rows, self.lag, random), self._write("ask", asked)]
        return certain(join(np.concatenate(words, axis=1)), labels)

    def best_classes(self, texts: Sequence[str]) -> Int64Array:
        """Compare the bits."""
        labels = []
        for text in texts:
            words = text.split()
            shown, asked = words[: self.bits], words[-self.bits :]
            labels.append([word[3:] for word in shown] == [word[3:] for word in asked])
        return np.array(labels, np.int64)

    def _write(self, kind: str, bits: Int64Array) -> np.ndarray[tuple[int, int], np.dtype[np.object_]]:
        words = np.array([[f"{kind}{i + 1}{value}" for value in ("off", "on")] for i in range(self.bits)], object)
        return words[np.arange(self.bits), bits]
