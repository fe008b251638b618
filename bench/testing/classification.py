"""What is checked of models that classify texts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np

from bench.corpus import Corpus, Int64Array
from bench.encoding import encode_split
from bench.tasks.base import Float32Array, Task
from bench.tasks.classification import Classification, predict_scores
from bench.testing.interface import expect
from bench.testing.kit import Kit, Problem

TOPICS = ("sun warm beach swim sand", "snow cold ski ice frost", "rain wet cloud umbrella storm")


class ClassificationKit(Kit):
    """The checks of classification; those of texts and those of series differ in their data alone."""

    task: ClassVar[Task] = Classification()

    def problems(self) -> Iterator[Problem]:
        """Texts of two and of three topics."""
        for n_classes in (2, 3):
            X, y, X_test = invent(n_classes)
            yield Problem(X, y, X_test, n_classes, {"a text without a known word": 9, "a text without words": 10})

    def answer(self, model: Any, problem: Problem) -> Float32Array:
        """Return scores, one column a class."""
        return predict_scores(model, problem.X_test, problem.n_classes)[0]

    def check_fitted(self, model: Any, problem: Problem) -> None:
        """Check that ``classes_`` are those of y, in their order."""
        classes, expected = getattr(model, "classes_", ()), np.unique(problem.y_train)
        expect(
            np.array_equal(classes, expected),
            f"classes_ is {classes!r}, expected {expected!r}; set it with numpy.unique(y)",
        )


def invent(n_classes: int, n_train: int = 60) -> tuple[Corpus, Int64Array, Corpus]:
    """Small invented data: training texts, labels, and test texts, one without a known word and one without any."""
    generator = random.Random(n_classes)
    labels = [i % n_classes for i in range(n_train)]
    texts = [" ".join(generator.choices(TOPICS[label].split(), k=generator.randint(3, 12))) for label in labels]
    test_texts = [*texts[:9], "never seen before", "", " ".join(TOPICS) * 9]
    _, X, X_test = encode_split(texts, test_texts, "closed")
    return X, np.array(labels), X_test
