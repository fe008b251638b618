"""What a data source gives and how it is asked."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from bench.corpus import Int64Array
from bench.datasets.row_keys import contents, number_rows
from bench.datasets.sampling import draw_rows
from bench.records import FileOptions, TaskName
from bench.tasks.base import BoolArray


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
    task: ClassVar[TaskName] = "classification"

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


@dataclass(frozen=True)
class RowsDataset:
    """Rows of a task other than the classification of texts, split into a training and a test part.

    Parameters
    ----------
    name : str
        The name that tables show.
    task : str
    X_train, X_test : Series, Histories, Events or Symbols
    y_train, y_test : object
        What the task calls so: class codes, futures, targets.
    origin : str
        Where the rows were read from, in words.
    class_names : tuple of str
        None where the task has no classes.
    notes : tuple of str
    options : FileOptions or None
        How a file was read; None: it is no file of the user's own.
    groups : int64 array, shape (n_train_rows,), or None
        Training rows with one number are copies of one row, such as transpositions, and are drawn together.
    baseline : float or None
        The task's score without a model, where it has to be measured.
    symbol_names : tuple of str
        Of events: what each token stands for, such as a MIDI number.
    """

    name: str
    task: TaskName
    X_train: Any
    y_train: Any
    X_test: Any
    y_test: Any
    origin: str
    class_names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    options: FileOptions | None = None
    groups: Int64Array | None = None
    baseline: float | None = None
    symbol_names: tuple[str, ...] = ()

    @cached_property
    def digest(self) -> str:
        """sha256 over the rows, the truth, the split and their order."""
        digest = hashlib.sha256(self.task.encode())
        for part in (self.X_train, self.y_train, self.X_test, self.y_test, self.class_names):
            for content in contents(part):
                digest.update(len(content).to_bytes(8, "big"))
                digest.update(content)
        return digest.hexdigest()

    @property
    def n_train(self) -> int:
        """Training rows, copies not counted; of forecasting, values to learn from."""
        if self.task == "forecast":
            return int(self.X_train.lengths.sum())
        return len(self.X_train) if self.groups is None else len(np.unique(self.groups))

    @cached_property
    def row_numbers(self) -> Int64Array:
        """Rows that are equal have equal numbers, training rows first, shape (n_train_rows + n_test,)."""
        return number_rows(X[i] for X in (self.X_train, self.X_test) for i in range(len(X)))

    def draw(self, train_size: int | None, seed: int) -> DrawnRows:
        """Draw training rows: each class in its proportion, copies of one row together.

        Parameters
        ----------
        train_size : int or None
            None: all.
        seed : int
        """
        if train_size is None:
            return DrawnRows(self, np.arange(len(self.X_train)))
        if self.class_names:
            return DrawnRows(self, draw_rows(self.y_train, train_size, seed))
        drawn = draw_rows(np.zeros(self.n_train, np.int64), train_size, seed)
        if self.groups is None:
            return DrawnRows(self, drawn)
        _, codes = np.unique(self.groups, return_inverse=True)
        return DrawnRows(self, np.flatnonzero(np.isin(codes, drawn)))


@dataclass(frozen=True)
class DrawnRows:
    """The rows of one trial: :class:`bench.tasks.base.TrialData`.

    Parameters
    ----------
    dataset : RowsDataset
    rows : int64 array
        Positions of the training rows.
    """

    dataset: RowsDataset
    rows: Int64Array
    encoder: None = None
    encode_seconds: float = 0.0

    @cached_property
    def X_train(self) -> Any:
        """The training rows."""
        return self.dataset.X_train.take(self.rows)

    @cached_property
    def y_train(self) -> Any:
        """What is to be learnt of them."""
        y = self.dataset.y_train
        return None if y is None else y.take(self.rows)

    @property
    def X_test(self) -> Any:
        """All test rows."""
        return self.dataset.X_test

    @property
    def y_test(self) -> Any:
        """Their truth."""
        return self.dataset.y_test

    @property
    def n_classes(self) -> int:
        """Classes of the dataset."""
        return len(self.dataset.class_names)

    @cached_property
    def is_leaked(self) -> BoolArray:
        """Which test rows also occur among these training rows, shape (n_test,).

        In forecasting none: the past of an origin is a part of that of the next, as it should be.
        """
        numbers, n_train = self.dataset.row_numbers, len(self.dataset.X_train)
        known = numbers[:0] if self.dataset.task == "forecast" else numbers[:n_train][self.rows]
        return np.isin(numbers[n_train:], known)


Dataset = TextDataset | RowsDataset


@runtime_checkable
class Source(Protocol):
    """A named source of one dataset: what an entry point of the group ``bench.datasets`` gives when it is called.

    A source of another task than the classification of texts has a ``task``. A source may also offer
    ``fetch(url: str | None) -> Path`` (download), ``verify(data_dir: Path | None) -> str`` (read it whole, again, and
    return a sentence that says what was checked), ``path(data_dir: Path | None) -> Path`` (the file or folder in use)
    and ``fingerprint() -> str`` (which changes when the data may have).
    """

    name: str
    summary: str
    """One line for ``bench list datasets``."""

    def is_at_hand(self, data_dir: Path | None) -> bool:
        """Whether ``load`` would find data here, without a network. Data that the user named count, damaged or not."""

    def load(self, data_dir: Path | None) -> Dataset:
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
