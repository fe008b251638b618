"""A row is right if its answer is an accepted target; symbol errors are edits to the nearest one."""

from __future__ import annotations

import sys

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


def test_a_perfect_answer_scores_a_hundred_and_an_empty_one_nothing() -> None:
    pytest.importorskip("sacrebleu")
    targets = [(("the", "cat", "sat", "down"), ("a", "cat", "sat", "down"))] * 2
    perfect = Transductions(targets, [of_row[1] for of_row in targets], np.array([4, 4]))
    silent = Transductions(targets, [(), ()], np.array([4, 4]))
    assert _translation_scores(perfect) == pytest.approx([100, 100])
    assert _translation_scores(silent) == [0, 0]


def test_bleu_counts_up_to_four_symbols_in_a_row_and_the_length() -> None:
    pytest.importorskip("sacrebleu")
    one_wrong = Transductions([(tuple("abcdefgh"),)], [tuple("abcdefgx")], np.array([8]))
    expected = 100 * (7 / 8 * 6 / 7 * 5 / 6 * 4 / 5) ** (1 / 4)
    assert one_wrong.measure(np.zeros(1, bool))["bleu"] == pytest.approx(expected)


def test_without_sacrebleu_there_are_no_scores_of_translation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sacrebleu.metrics.bleu", None)
    scores = ANSWERS.measure(np.zeros(3, bool))
    assert (scores["bleu"], scores["chrf"]) == (None, None)
    assert scores["error_rate"] == pytest.approx(1 / 3)


def _translation_scores(predictions: Transductions) -> list[float | None]:
    scores = predictions.measure(np.zeros(len(predictions), bool))
    return [scores["bleu"], scores["chrf"]]


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
