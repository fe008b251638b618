"""What is checked of models that classify series."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from bench.ragged import Int64Array, RaggedArray
from bench.series import Series
from bench.tasks.base import Task
from bench.tasks.sequence import SequenceClassification
from bench.testing.classification import ClassificationKit
from bench.testing.kit import Problem

N_TEST = 9
LONG = 40
"""Frames of the longest test series; training series have 12 at most."""


class SequenceKit(ClassificationKit):
    """The checks of sequence classification."""

    task: ClassVar[Task] = SequenceClassification()

    def problems(self) -> Iterator[Problem]:
        """Series of two and of three classes."""
        odd_rows = {"a series of a single frame": 0, "a series longer than those in training": 1}
        for n_classes in (2, 3):
            X, y, X_test = invent(n_classes)
            yield Problem(X, y, X_test, n_classes, odd_rows)


def invent(n_classes: int, n_train: int = 36) -> tuple[Series, Int64Array, Series]:
    """Small invented data: each class is a path of its own through a plane, with noise."""
    random = np.random.default_rng(n_classes)
    labels = np.arange(n_train + N_TEST) % n_classes
    lengths = random.integers(2, 13, size=len(labels))
    lengths[[0, n_train, n_train + 1]] = 1, 1, LONG
    directions = 2 * np.pi * labels / n_classes
    rows = [
        np.linspace(1, 2, length)[:, None] * [np.cos(angle), np.sin(angle)] + random.normal(scale=0.5, size=(length, 2))
        for length, angle in zip(lengths, directions, strict=True)
    ]
    series = Series(RaggedArray.from_rows([row.astype(np.float32) for row in rows]))
    return series[:n_train], labels[:n_train], series[n_train:]
