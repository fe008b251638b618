"""What is checked of models that predict the next event."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

import numpy as np

from bench.events import Events
from bench.ragged import Ragged
from bench.tasks.base import Task
from bench.tasks.next_event import NextEvent, log_probabilities
from bench.testing.interface import expect, trying
from bench.testing.kit import Answers, Kit, Problem

N_SYMBOLS = 6
"""The last one is not in training."""


class NextEventKit(Kit):
    """The checks of next-event prediction."""

    task: ClassVar[Task] = NextEvent()

    def problems(self) -> Iterator[Problem]:
        """Pieces of one and of four tokens a step."""
        for width in (1, 4):
            X, X_test = invent(width)
            odd_rows = {"a piece with a symbol that is not in training": 0, "a piece that ends within a step": 1}
            yield Problem(X, None, X_test, odd_rows=odd_rows)

    def answer(self, model: Any, problem: Problem) -> Answers:
        """Return of each piece the probabilities of its tokens, and of what would follow it."""
        X: Events = problem.X_test
        tokens = np.exp(log_probabilities(model, X))
        following = np.asarray(model.next_probabilities(X), np.float64)
        if following.shape != (len(X), X.n_symbols):
            raise ValueError(f"next_probabilities returns shape {following.shape}, expected {(len(X), X.n_symbols)}")
        return [*map(np.append, np.split(tokens, X.tokens.offsets[1:-1]), following)]

    def check_unfitted(self, model: Any) -> None:
        """Check that there is ``next_probabilities`` too."""
        super().check_unfitted(model)
        expect(
            callable(getattr(model, "next_probabilities", None)),
            f"{type(model).__name__} has no next_probabilities; the harness needs it to check that nothing looks ahead",
        )

    def check_fitted(self, model: Any, problem: Problem) -> None:
        """Check that probabilities add up to 1, and that they do not depend on what comes later."""
        X: Events = problem.X_test
        first_tokens = replace(problem, X_test=X.beginnings(np.ones(len(X), np.int64)))
        for which, data in (("the first token of a piece", first_tokens), ("any token", problem)):
            trying(f"predicting {which}", partial(self.task.check_fitted, model, data))


def invent(width: int, n_train: int = 16) -> tuple[Events, Events]:
    """Small invented data: in each voice a scale goes round and round, with a few other tokens."""
    random = np.random.default_rng(width)
    n_known = N_SYMBOLS - 1

    def piece(n_tokens: int) -> list[int]:
        steps, voices = np.divmod(np.arange(n_tokens), width)
        tokens = (random.integers(n_known) + steps + 2 * voices) % n_known
        strays = random.random(n_tokens) < 0.1
        tokens[strays] = random.integers(n_known, size=strays.sum())
        return [*tokens]

    train = [piece(width * n_steps) for n_steps in random.integers(8, 17, size=n_train)]
    test = [[*piece(width), N_SYMBOLS - 1, *piece(2 * width - 1)], piece(5 * width + width // 2), piece(width)]
    test += [piece(width * n_steps) for n_steps in (6, 20)]
    return Events(Ragged.from_rows(train), width, N_SYMBOLS), Events(Ragged.from_rows(test), width, N_SYMBOLS)
