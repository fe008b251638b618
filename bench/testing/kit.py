"""What is checked in every task, on its own data."""

from __future__ import annotations

import copy
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from bench.registry import is_seed
from bench.tasks.base import AnyArray, BoolArray, Task
from bench.testing.interface import check_attributes, check_interface, copy_unfitted, expect, trying

Answers = AnyArray | Sequence[Any]
"""One per test row: an array of numbers, or a tuple of symbols."""


@dataclass(frozen=True)
class Problem:
    """Small invented data of a task, in the form of a trial's.

    Parameters
    ----------
    X_train, y_train, X_test
        As the task has them; ``X_test`` has ``take``.
    n_classes : int
    odd_rows : mapping of str to int
        Test rows that models are prone to forget, by their descriptions: "a text without words".
    """

    X_train: Any
    y_train: Any
    X_test: Any
    n_classes: int = 0
    odd_rows: Mapping[str, int] = field(default_factory=dict)
    y_test: None = None

    @property
    def is_leaked(self) -> BoolArray:
        """No test row."""
        return np.zeros(len(self.X_test), np.bool_)

    def take(self, rows: npt.ArrayLike) -> Problem:
        """Return the problem with these test rows alone, in this order."""
        return replace(self, X_test=self.X_test.take(rows), odd_rows={})


class Kit(ABC):
    """The checks of a task: a subclass has the data, and what this task asks beside what all ask."""

    task: ClassVar[Task]

    @abstractmethod
    def problems(self) -> Iterator[Problem]:
        """Return invented data, from which a model learns in a moment."""

    @abstractmethod
    def answer(self, model: Any, problem: Problem) -> Answers:
        """Return a fitted model's answer to each test row.

        Raises
        ------
        ValueError
            What the model returns is not what the task expects.
        """

    def check_unfitted(self, model: Any) -> None:
        """Check what can be known before the model is fitted."""
        check_interface(model, self.task)

    def check_fitted(self, model: Any, problem: Problem) -> None:  # noqa: B027 - most tasks have nothing to add
        """Check what the task alone asks of a fitted model whose answers have passed."""

    def check(self, model: Any) -> None:
        """Check everything.

        Raises
        ------
        AssertionError
        """
        self.check_unfitted(model)
        for problem in self.problems():
            fitted = _fit(model, problem)
            self._check_odd_rows(fitted, problem)
            answers = self._answer(fitted, problem)
            self._check_independence(fitted, problem, answers)
            self.check_fitted(fitted, problem)
            check_attributes(fitted)
            again = self._answer(_fit(model, problem), problem)
            expect(
                all(map(np.array_equal, answers, again)),
                "two fits with the same seed give different answers; seed everything from a parameter random_state",
            )
        self._check_saving(fitted, problem, answers)

    def _answer(self, fitted: Any, problem: Problem) -> Answers:
        answers: Answers = trying("predict", partial(self.answer, fitted, problem))
        return answers

    def _check_odd_rows(self, fitted: Any, problem: Problem) -> None:
        """Ask for the odd rows after all others and one by one, so that a message can name them."""
        self._answer(fitted, problem.take(np.delete(np.arange(len(problem.X_test)), [*problem.odd_rows.values()])))
        hint = "; such rows occur in data, and need an answer of some kind"
        for description, row in problem.odd_rows.items():
            trying(f"predicting {description}", partial(self.answer, fitted, problem.take([row])), hint)

    def _check_independence(self, fitted: Any, problem: Problem, answers: Answers) -> None:
        the_same = f"the same {self.task.words.row} is answered differently"
        different = _difference(answers, self._answer(fitted, problem), 1e-5)
        expect(
            not different,
            f"{the_same} when it is asked for again ({different}); let predict neither change the model nor draw "
            "without a seed",
        )
        rows = range(len(problem.X_test))
        alone = [answer for row in rows for answer in self._answer(fitted, problem.take([row]))]
        backwards = self._answer(fitted, problem.take(rows[::-1]))[::-1]
        for others, how in ((alone, "alone"), (backwards, "in another order")):
            different = _difference(answers, others, 1e-5)
            expect(
                not different,
                f"{the_same} {how} than among others ({different}); padding, batch statistics or what was learnt of "
                "other test rows reaches the answer",
            )

    def _check_saving(self, fitted: Any, problem: Problem, answers: Answers) -> None:
        if not hasattr(fitted, "save") or not hasattr(type(fitted), "load"):
            return
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model"
            trying("save(path)", partial(fitted.save, path))
            loaded = trying("load(path)", partial(type(fitted).load, path))
        different = _difference(answers, self._answer(loaded, problem), 1e-6)
        expect(not different, f"the loaded model answers differently from the saved one ({different})")


def _fit(model: Any, problem: Problem) -> Any:
    fresh = copy_unfitted(model)
    seeds = list(filter(is_seed, fresh.get_params(deep=True)))
    fresh.set_params(**dict.fromkeys(seeds, 0))
    y = copy.deepcopy(problem.y_train)
    trying("fit(X, y)", lambda: fresh.fit(problem.X_train, y))
    expect(y is None or list(y) == list(problem.y_train), "fit changes y; copy it before you change it")
    return fresh


def _difference(first: Answers, second: Answers, tolerance: float) -> str:
    """Describe the first row that is answered differently; empty where none is."""
    for row, (a, b) in enumerate(zip(first, second, strict=True)):
        if isinstance(a, tuple):
            if a != b:
                return f"row {row}: {a} and {b}"
        elif not np.allclose(a, b, atol=tolerance):
            return f"row {row}, by up to {np.abs(a - b).max():.2g}"
    return ""
