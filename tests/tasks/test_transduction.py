"""A row is right if its answer is an accepted target; symbol errors are edits to the nearest one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.symbols import Symbols
from bench.tasks.transduction import Transductions, edit_distance, transduce

ANSWERS = Transductions(
    targets=[(("K", "AE", "T"),), (("AH",), ("EY",)), (("D", "AO", "G"),)],
    predicted=[("K", "AE", "T"), ("EY",), ("D", "G")],
    n_symbols=np.array([3, 1, 3]),
)

WORDS = st.text("abc", max_size=6)


def test_any_accepted_target_is_right() -> None:
    assert ANSWERS.by_row.tolist() == [False, False, True]
    scores = ANSWERS.measure(np.zeros(3, bool))
    assert scores["error_rate"] == pytest.approx(1 / 3)
    assert scores["symbol_error_rate"] == pytest.approx(1 / (3 + 1 + 3))


def test_predictions_survive_being_written_as_arrays() -> None:
    again = Transductions.from_arrays(ANSWERS.arrays())
    assert again.has_truth_of(ANSWERS)
    assert list(again.predicted) == list(ANSWERS.predicted)


def test_an_answer_without_symbols_can_be_stored() -> None:
    silent = Transductions([((),), (("a",),)], [(), ()], np.array([1, 1]))
    assert Transductions.from_arrays(silent.arrays()).by_row.tolist() == [False, True]


@given(WORDS, WORDS, WORDS)
def test_edit_distances_are_a_metric(a: str, b: str, c: str) -> None:
    assert edit_distance(a, b) == edit_distance(b, a)
    assert (edit_distance(a, b) == 0) == (a == b)
    assert edit_distance(a, c) <= edit_distance(a, b) + edit_distance(b, c)


@given(WORDS, WORDS)
def test_an_edit_distance_is_within_its_bounds(a: str, b: str) -> None:
    assert abs(len(a) - len(b)) <= edit_distance(a, b) <= max(len(a), len(b))


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ([("a",)], "1 answers, expected 2"),
        (["a", ("b",)], "row 0"),
        ([("a",), ("b c",)], "row 1"),
        ([(1,), ()], "row 0"),
    ],
)
def test_wrong_answers_are_refused(answers: list[object], message: str) -> None:
    class Wrong:
        def predict(self, X: Symbols) -> list[object]:
            return answers

    with pytest.raises(ValueError, match=message):
        transduce(Wrong(), Symbols([("x",), ("y",)]))
