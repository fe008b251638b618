"""What generated datasets share: rows made in blocks from a seed, the best accuracy, checked parameters."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from bench.corpus import Int64Array
from bench.datasets.base import Part, TextDataset, check_range
from bench.encoding import CLOSED_LENGTH

FloatArray = npt.NDArray[np.float64]

BLOCK_ROWS = 1_000
"""Rows that are made together: more rows of a seed begin with the rows that fewer have."""
DISTRACTORS = tuple("abcdefgh")
"""Words that mean nothing."""


class Rows(NamedTuple):
    """Rows as they are made.

    Parameters
    ----------
    texts : list of str
    labels : int64 array, shape (n_rows,)
    best : float array, shape (n_rows,)
        The probability that the best prediction from the text is right.
    """

    texts: list[str]
    labels: Int64Array
    best: FloatArray


class GeneratedSource(ABC):
    """A dataset that is made from a seed, the same on every machine.

    Parameters
    ----------
    n_train, n_test : int
        Rows.
    seed : int
        What the rows are drawn from; it is no model's seed.
    """

    name: str
    summary: ClassVar[str]
    version: ClassVar[int] = 1
    """To be raised when the same parameters give other rows."""

    def __init__(self, n_train: int = 10_000, n_test: int = 5_000, seed: int = 0) -> None:
        check_range("n_train", n_train, 2)
        check_range("n_test", n_test, 1)
        check_range("seed", seed, 0)
        self.n_train = n_train
        self.n_test = n_test
        self.seed = seed

    @property
    @abstractmethod
    def class_names(self) -> tuple[str, ...]:
        """Labels as they are written."""

    @abstractmethod
    def make(self, n_rows: int, random: np.random.Generator) -> Rows:
        """Return so many rows."""

    @abstractmethod
    def best_classes(self, texts: Sequence[str]) -> Int64Array:
        """Return the most probable class of each text, found by one who knows how they are made (the Bayes rule)."""

    def is_at_hand(self, data_dir: Path | None) -> bool:
        """Whether it can be made: always."""
        return True

    def load(self, data_dir: Path | None) -> TextDataset:
        """Make it; ``data_dir`` is not used."""
        train, test = self._rows(0, self.n_train), self._rows(1, self.n_test)
        best_accuracy = float(test.best.mean())
        return TextDataset(
            self.name,
            Part(train.texts, train.labels),
            Part(test.texts, test.labels),
            self.class_names,
            f"made from seed {self.seed}, version {self.version}",
            (f"the best possible accuracy is {best_accuracy:.4f}", *_cut_note(train.texts, test.texts)),
            best_accuracy=best_accuracy,
        )

    def fingerprint(self) -> str:
        """Return what changes when the rows do."""
        return f"{self.name} {self.version}"

    def _rows(self, side: int, n_rows: int) -> Rows:
        blocks = list(itertools.islice(self._blocks(side), -(-n_rows // BLOCK_ROWS)))
        texts = [text for block in blocks for text in block.texts][:n_rows]
        labels, best = (np.concatenate([block[i] for block in blocks])[:n_rows] for i in (1, 2))
        return Rows(texts, labels.astype(np.int64), best)

    def _blocks(self, side: int) -> Iterator[Rows]:
        for number in itertools.count():
            yield self.make(BLOCK_ROWS, np.random.default_rng([self.seed, self.version, side, number]))


def _cut_note(*sides: Sequence[str]) -> list[str]:
    """Say if the closed division leaves something out."""
    if not any(text.count(" ") >= CLOSED_LENGTH - 1 for texts in sides for text in texts):
        return []
    return [
        f"the closed division cuts texts of {CLOSED_LENGTH} words and more; the best accuracy is that of whole texts"
    ]


def certain(texts: list[str], labels: Int64Array) -> Rows:
    """Rows whose class follows from the text."""
    return Rows(texts, labels, np.ones(len(texts)))


def balanced(n_rows: int, n_classes: int, random: np.random.Generator) -> Int64Array:
    """Classes in equal shares, in random order."""
    labels: Int64Array = random.permutation(np.arange(n_rows, dtype=np.int64) % n_classes)
    return labels


def distract(n_rows: int, n_columns: int, random: np.random.Generator) -> npt.NDArray[np.object_]:
    """Random meaningless words, shape (n_rows, n_columns)."""
    words: npt.NDArray[np.object_] = np.array(DISTRACTORS, object)[
        random.integers(len(DISTRACTORS), size=(n_rows, n_columns))
    ]
    return words


def join(words: npt.NDArray[np.object_]) -> list[str]:
    """Words, shape (n_rows, n_columns), as texts; an empty word is left out."""
    return [" ".join(filter(None, row)) for row in words.tolist()]
