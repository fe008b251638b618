"""What is checked of models that transduce."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, ClassVar

from bench.symbols import Symbols
from bench.tasks.base import Task
from bench.tasks.transduction import Transduction, transduce
from bench.testing.kit import Answers, Kit, Problem

SOUNDS = {"a": ("AH",), "b": ("B",), "o": ("OW",), "t": ("T",), "x": ("K", "S"), "e": ()}
"""Of letters: one, two, or none."""


class TransductionKit(Kit):
    """The checks of transduction."""

    task: ClassVar[Task] = Transduction()

    def problems(self) -> Iterator[Problem]:
        """Words of invented spelling."""
        X, y, X_test = invent()
        odd_rows = {"an empty source": 0, "a source with symbols that are not in training": 1}
        yield Problem(X, y, X_test, odd_rows=odd_rows)

    def answer(self, model: Any, problem: Problem) -> Answers:
        """Return tuples of symbols."""
        return transduce(model, problem.X_test)


def invent(n_train: int = 60) -> tuple[Symbols, Symbols, Symbols]:
    """Small invented data: training words, their sounds, and test words, of which the first two are odd."""
    generator = random.Random(0)
    *voiced, silent = SOUNDS
    words = [(*generator.choices(voiced, k=1 + i % 5), *(silent * (i % 3 == 0))) for i in range(n_train + 6)]
    sounds = [tuple(sound for letter in word for sound in SOUNDS[letter]) for word in words]
    test = [(), ("q", "a", "?"), *words[n_train:], (*voiced * 4, silent)]
    return Symbols(words[:n_train]), Symbols(sounds[:n_train]), Symbols(test)
