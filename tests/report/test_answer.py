"""The three sentences, for every kind of run: made from the tests, and true of the numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bench.report.content import gather
from bench.results import Run

MakeRun = Callable[..., Run]

CHEAP = {"fit_seconds": 2.0, "latency_ms": 0.5}
DEAR = {"fit_seconds": 200.0, "latency_ms": 3.0}


@pytest.fixture
def sentences(make_run: MakeRun) -> Callable[..., list[str]]:
    """The answer of an invented run."""

    def answer(models: dict[str, dict[str, Any]], **options: Any) -> list[str]:
        content = gather([make_run(models, **options)], None)
        assert len(content.answer) == 3
        return list(content.answer)

    return answer


def test_a_clear_winner_that_is_cheaper_too(sentences: Callable[..., list[str]]) -> None:
    first, second, third = sentences(
        {
            "gru": {"accuracy": 0.8, **DEAR},
            "logreg": {"accuracy": 0.9, **CHEAP, "varies": False},
            "hmm": {"accuracy": 0.7},
        },
        seeds=3,
    )
    assert first == (
        "logreg is the most accurate, with 0.900 (95 % interval 0.886 to 0.912) of 2,000 test texts right; its lead "
        "over each of the 2 others is shown, and the nearest, gru, is 10.0 points behind (95 % interval 8.1 to 11.9)."
    )
    assert second == (
        "It costs less as well: 2.00 s to train, where gru takes 200 s (100 times as long); one text takes it 0.50 ms, "
        "and gru 3.00 ms."
    )
    assert third == (
        "So for texts like these take logreg: it is more accurate than every other model here, and costs less to train "
        "than the nearest."
    )


def test_a_winner_that_costs_a_hundred_times_more_leaves_the_choice_to_the_reader(
    sentences: Callable[..., list[str]],
) -> None:
    first, second, third = sentences(
        {
            "gru": {"accuracy": 0.93, **DEAR},
            "logreg": {"accuracy": 0.85, **CHEAP},
            "nb": {"accuracy": 0.7, "fit_seconds": 0.1},
        },
        seeds=3,
    )
    assert first.startswith("gru is the most accurate, with 0.930")
    assert second == (
        "That has its price: 200 s to train, where logreg takes 2.00 s (100 times as long); one text takes it 3.00 ms, "
        "and logreg 0.50 ms; cheapest is nb, 0.10 s at 23.0 points less."
    )
    assert third == ("So take gru if 8.0 points are worth 100 times the training time of logreg, and logreg if not.")


def test_a_winner_that_costs_somewhat_more_is_recommended(sentences: Callable[..., list[str]]) -> None:
    _, second, third = sentences({"a": {"accuracy": 0.93, "fit_seconds": 4.0}, "b": {"accuracy": 0.85}}, seeds=2)
    assert second.startswith("That has its price: 4.00 s to train, where b takes 1.00 s (4.0 times as long)")
    assert third == "So for texts like these take a: it is more accurate than every other model here."


def test_no_difference_shown_recommends_the_cheapest(sentences: Callable[..., list[str]]) -> None:
    first, second, third = sentences(
        {
            "gru": {"accuracy": 0.851, **DEAR},
            "a": {"accuracy": 0.852, "fit_seconds": 40.0},
            "b": {"accuracy": 0.849, **CHEAP},
        },
        seeds=3,
    )
    assert first.startswith("No difference in accuracy is shown between a, gru and b: the highest, a, gets 0.852")
    assert "0.3 points to b, is one that chance alone may make (p = 1.00, Holm over 3 pairs)" in first
    assert second == (
        "Of these 3, b costs least to train, 2.00 s, where gru takes 200 s (100 times as long); one text takes it "
        "0.50 ms, and gru 3.00 ms."
    )
    assert third.startswith("So for texts like these take b: no other model here is shown to be more accurate")


def test_equal_answers_are_no_difference(sentences: Callable[..., list[str]]) -> None:
    same = {"accuracy": 0.85, "is_copy": True}
    first, second, _ = sentences({"gru": same, "lstm": {**same, "fit_seconds": 1.2}}, seeds=3)
    assert first.startswith("No difference in accuracy is shown between gru and lstm")
    assert first.endswith("and all get equally many right.")
    assert second == "Training costs about the same with the two, 1.00 s to 1.20 s."


def test_models_that_cannot_be_told_from_the_best_are_named_apart_from_those_behind(
    sentences: Callable[..., list[str]],
) -> None:
    first, second, _ = sentences(
        {
            "gru": {"accuracy": 0.9},
            "lstm": {"accuracy": 0.899, "fit_seconds": 1.1},
            "nb": {"accuracy": 0.7, "fit_seconds": 0.01},
        },
        seeds=3,
    )
    assert first.endswith("but cannot be told from lstm; nb is behind it.")
    assert second.endswith("cheapest is nb, 0.01 s at 20.0 points less.")


def test_a_single_model_has_nothing_to_be_compared_with(sentences: Callable[..., list[str]]) -> None:
    first, second, third = sentences({"gru": {"accuracy": 0.85, **DEAR}})
    assert first == "gru answers 0.850 (95 % interval 0.834 to 0.865) of 2,000 test texts rightly."
    assert second == "It needs 200 s to learn and 3.00 ms for one text (median), and 500 MB of memory at most."
    assert third.startswith("There is no other model to compare it with")
    assert "one seed of gru: what chance in training does is not measured" in third


def test_only_failures_give_no_answer_but_their_reasons(sentences: Callable[..., list[str]]) -> None:
    first, second, third = sentences(
        {"gru": {"fails": "timed out: over the time limit of 3 s"}, "lstm": {"fails": "crashed: signal 11 (SIGSEGV)"}}
    )
    assert first == "Nothing was measured: none of 2 models finished a trial."
    assert second == "What failed: gru (timed out: over the time limit of 3 s), lstm (crashed: signal 11 (SIGSEGV))."
    assert "bench show --errors" in third


def test_what_is_missing_limits_the_answer(sentences: Callable[..., list[str]]) -> None:
    models = {
        "gru": {"accuracy": 0.85, "failing_seeds": [1]},
        "logreg": {"accuracy": 0.9, "varies": False},
        "hmm": {"fails": "out of memory: over the memory limit of 900 MB"},
    }
    *_, third = sentences(models, seeds=3, skip=[2])
    assert third.endswith(
        "(one seed of gru: what chance in training does is not measured; not measured: hmm (out of memory: over the "
        "memory limit of 900 MB); some seeds of gru failed; 2 trials have not run yet)."
    )
    first, second, third = sentences(models, seeds=3, skip=[0, 1, 2], name="nothing")
    assert first == "Nothing was measured yet: no trial has ended."
    assert second == "7 trials are planned."
    assert "bench run --resume" in third


def test_the_answer_is_about_the_most_training_rows(sentences: Callable[..., list[str]]) -> None:
    sizes = {"train_sizes": [100, 500]}
    first, *_ = sentences({"a": {"accuracy": 0.9, **sizes}, "b": {"accuracy": 0.8, "varies": False, **sizes}}, seeds=2)
    assert first.startswith("a is more accurate than b, with 0.900")
