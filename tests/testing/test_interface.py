"""What the conformance kit asks of a model of any task before it is fitted."""

from __future__ import annotations

from typing import Any

import pytest
from sklearn.base import BaseEstimator

from bench.errors import UsageError
from bench.records import TaskName
from bench.testing import check_model


class Empty(BaseEstimator):
    def fit(self, X: Any, y: Any) -> Empty:
        return self


class SetsMore(Empty):
    def __init__(self, size: int = 3) -> None:
        self.size = size
        self.table = [0] * size

    def predict(self, X: Any) -> Any:
        return []


class ChangesArgument(Empty):
    def __init__(self, sizes: Any = (3, 4)) -> None:
        self.sizes = list(sizes)

    def predict(self, X: Any) -> Any:
        return []


@pytest.mark.parametrize(
    ("task", "words"),
    [
        ("sequence", "Empty has neither predict_proba nor decision_function; the harness needs one of them"),
        ("forecast", "Empty has neither predict_interval nor predict; the harness needs one of them"),
        ("next-event", "Empty has no token_log_probabilities; the harness needs it"),
        ("transduction", "Empty has no predict; the harness needs it"),
    ],
)
def test_a_model_without_its_tasks_method_is_refused(task: TaskName, words: str) -> None:
    with pytest.raises(AssertionError, match=words):
        check_model(Empty(), task)


def test_a_model_that_sets_more_than_its_arguments_is_told_to_do_it_in_fit() -> None:
    with pytest.raises(AssertionError, match="__init__ sets table beside its parameters; set in fit"):
        check_model(SetsMore(), "forecast")


def test_a_model_that_changes_its_arguments_is_told_to_store_them() -> None:
    with pytest.raises(AssertionError, match="let __init__ only store its arguments"):
        check_model(ChangesArgument(), "transduction")


def test_a_task_that_is_not_there_is_refused_with_a_suggestion() -> None:
    with pytest.raises(UsageError, match="did you mean forecast"):
        check_model(Empty(), "forecasts")  # type: ignore[arg-type]
