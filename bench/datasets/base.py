"""What a data source gives and how it is asked."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from bench.corpus import Int64Array
from bench.records import FileOptions


@dataclass(frozen=True)
class Part:
    """One side of the split: texts and their classes.

    Parameters
    ----------
    texts : sequence of str
    labels : int64 array, shape (n_rows,)
        Positions in the dataset's ``class_names``.
    """

    texts: Sequence[str]
    labels: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True)
class TextDataset:
    """Labelled texts, split into a training and a test part.

    Parameters
    ----------
    name : str
        The name that tables show.
    train, test : Part
    class_names : tuple of str
        Labels as they are written; their order is the order of classes in every table.
    origin : str
        Where the rows were read from, in words.
    notes : tuple of str
        What the user should know of how they were read.
    options : FileOptions or None
        How a file was read, with what was detected filled in; None: it is no file of the user's own.
    text_numbers : int64 array, shape (n_train + n_test,), or None
        Duplicates have equal numbers, training rows first; None: not counted yet.
    best_accuracy : float or None
        What the best prediction from the test texts can be expected to reach; None: nobody knows.
    """

    name: str
    train: Part
    test: Part
    class_names: tuple[str, ...]
    origin: str
    notes: tuple[str, ...] = ()
    options: FileOptions | None = None
    text_numbers: Int64Array | None = None
    best_accuracy: float | None = None

    @cached_property
    def digest(self) -> str:
        """sha256 over texts, labels, split and order, whatever the file that they came from."""
        digest = hashlib.sha256()
        for side, part in (("train", self.train), ("test", self.test)):
            digest.update(f"{side} {len(part)}\n".encode())
            for text, label in zip(part.texts, part.labels.tolist(), strict=True):
                for field in (self.class_names[label].encode(), text.encode()):
                    digest.update(len(field).to_bytes(8, "big"))
                    digest.update(field)
        return digest.hexdigest()


@runtime_checkable
class Source(Protocol):
    """A named source of one dataset: what an entry point of the group ``bench.datasets`` gives when it is called.

    A source may also offer ``fetch(url: str | None) -> Path`` (download), ``verify(data_dir: Path | None) -> str``
    (read it whole, again, and return a sentence that says what was checked),
    ``path(data_dir: Path | None) -> Path`` (the file or folder in use) and ``fingerprint() -> str`` (which changes when
    the data may have).
    """

    name: str
    summary: str
    """One line for ``bench list datasets``."""

    def is_at_hand(self, data_dir: Path | None) -> bool:
        """Whether ``load`` would find data here, without a network. Data that the user named count, damaged or not."""

    def load(self, data_dir: Path | None) -> TextDataset:
        """Return the dataset, verified.

        Parameters
        ----------
        data_dir : Path or None
            The folder or file that the user named, for sources that read one.

        Raises
        ------
        bench.errors.DataError
            The data are not there or fail verification; the text says what to do next.
        """


def check_range(name: str, value: int, low: int, high: int | None = None, why: str = "") -> None:
    """Refuse a parameter out of range.

    Raises
    ------
    ValueError
    """
    if value < low or (high is not None and value > high):
        expected = f"{low} or more" if high is None else f"{low} to {high}"
        raise ValueError(f"{name} is {value}, expected {expected}{why}")
