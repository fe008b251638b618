"""The three sentences, for every kind of run: made from the tests, and true of the numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bench.report.content import gather
from bench.results.run import Run

MakeRun = Callable[..., Run]
Sentences = Callable[..., list[str]]

CHEAP = {"fit_seconds": 2.0, "latency_ms": 0.5}
DEAR = {"fit_seconds": 200.0, "latency_ms": 3.0}


@pytest.fixture
def sentences(make_run: MakeRun) -> Sentences:
    """What the answer of an invented run says of accuracy, costs and the choice."""

    def answer(models: dict[str, dict[str, Any]], **options: Any) -> list[str]:
        content = gather([make_run(models, **options)], None)
        accuracy, *again, cost, advice = content.answer
        assert len(again) <= 1
        return [accuracy, cost, advice]

    return answer


@pytest.fixture
def again(make_run: MakeRun) -> Callable[..., str]:
    """What the answer of an invented run says of such models trained again."""

    def again(models: dict[str, dict[str, Any]], **options: Any) -> str:
        _, sentence, *_ = gather([make_run(models, **options)], None).answer
        return sentence

    return again


def test_a_clear_winner_that_is_cheaper_too(sentences: Sentences) -> None:
    logreg = {"accuracy": 0.9, **CHEAP, "varies": False}
    first, second, third = sentences(
        {"gru": {"accuracy": 0.8, **DEAR}, "logreg": logreg, "hmm": {"accuracy": 0.7}}, seeds=3
    )
    assert first == (
        "logreg is the most accurate: it gets 90.0 % of 2,000 test texts right (95 % interval 88.6 to 91.2), and "
        "each of the 2 others is significantly less accurate; gru is 10.0 points behind (95 % interval 8.3 to 11.6)."
    )
    assert second == (
        "It costs less as well: logreg takes 2.00 s to train, 0.50 ms for one text and 500 MB of memory; gru 200 s, "
        "3.00 ms and 500 MB."
    )
    assert third == "So for texts like these take logreg: it is more accurate than every other model here."


def test_a_winner_that_costs_a_hundred_times_more_leaves_the_choice_to_the_reader(sentences: Sentences) -> None:
    models = {"gru": {"accuracy": 0.93, **DEAR}, "logreg": {"accuracy": 0.85, **CHEAP}}
    first, second, third = sentences(models, seeds=3)
    assert first.startswith("gru is more accurate than logreg: it gets 93.0 %")
    assert second.startswith("That has its price: gru takes 200 s to train, 3.00 ms for one text")
    assert third == (
        "So for texts like these take gru: it is more accurate than every other model here; where training time counts "
        "more, logreg takes a 100th of it and is 8.0 points less accurate."
    )


@pytest.mark.parametrize(
    ("cost", "name"), [({"latency_ms": 500.0}, "the time for one text"), ({"fit_seconds": 1000.0}, "training time")]
)
def test_any_cost_can_be_the_price(sentences: Sentences, cost: dict[str, float], name: str) -> None:
    _, second, third = sentences({"a": {"accuracy": 0.93, **cost}, "b": {"accuracy": 0.85}}, seeds=3)
    assert second.startswith("That has its price")
    assert f"where {name} counts more, b takes a " in third


def test_a_winner_that_is_cheaper_in_one_way_and_dearer_in_another(sentences: Sentences) -> None:
    a = {"accuracy": 0.93, "fit_seconds": 1.0, "latency_ms": 500.0}
    _, second, _ = sentences({"a": a, "b": {"accuracy": 0.85, "fit_seconds": 2.0}}, seeds=3)
    assert second.startswith("Each is cheaper in some way: a takes 1.00 s to train, 500 ms for one text")


def test_a_far_cheaper_model_is_named_though_it_is_not_the_nearest(sentences: Sentences) -> None:
    models = {
        "a": {"accuracy": 0.93, "fit_seconds": 100.0},
        "b": {"accuracy": 0.90, "fit_seconds": 90.0},
        "c": {"accuracy": 0.895, "fit_seconds": 0.1},
    }
    *_, third = sentences(models, seeds=3)
    assert third.endswith("where training time counts more, c takes a 1,000th of it and is 3.5 points less accurate.")


def test_no_difference_shown_recommends_the_cheapest(sentences: Sentences) -> None:
    models = {
        "gru": {"accuracy": 0.851, **DEAR},
        "a": {"accuracy": 0.852, "fit_seconds": 40.0},
        "b": {"accuracy": 0.849, **CHEAP},
    }
    first, second, third = sentences(models, seeds=3)
    assert first == (
        "The differences in accuracy between a, gru and b are not significant: a gets 85.2 % of 2,000 test texts right "
        "(95 % interval 84.0 to 86.3), and b is 0.3 points behind, p = 1.00."
    )
    assert second.startswith("Of these 3, b costs less than a: b takes 2.00 s to train, 0.50 ms for one text")
    assert third == (
        "So for texts like these take b: no other model here is significantly more accurate, and it costs less than a."
    )


def test_the_costs_that_are_named_are_those_of_the_model_that_is_recommended(sentences: Sentences) -> None:
    models = {
        "a": {"accuracy": 0.852, "fit_seconds": 40.0},
        "b": {"accuracy": 0.851, "fit_seconds": 8.0},
        "c": {"accuracy": 0.85, "fit_seconds": 6.0},
    }
    _, second, third = sentences(models, seeds=3)
    assert second.startswith("Of these 3, b costs less than a: b takes 8.00 s to train")
    assert "take b: no other model here is significantly more accurate, and it costs less than a." in third


def test_of_models_that_cost_less_than_the_best_the_cheapest_is_recommended(sentences: Sentences) -> None:
    models = {
        "a": {"accuracy": 0.852, "fit_seconds": 200.0},
        "b": {"accuracy": 0.851, "fit_seconds": 100.0},
        "c": {"accuracy": 0.85, "fit_seconds": 5.0},
    }
    *_, third = sentences(models, seeds=3)
    assert "take c: no other model here is significantly more accurate, and it costs less than a." in third


def test_a_leader_that_costs_more_than_others_is_not_recommended_beside_them(sentences: Sentences) -> None:
    models = {
        "a": {"accuracy": 0.852, "fit_seconds": 2.0},
        "b": {"accuracy": 0.851, "fit_seconds": 2.1},
        "gru": {"accuracy": 0.85, **DEAR},
    }
    _, second, third = sentences(models, seeds=3)
    assert second.startswith("Of these 3, a costs less than gru: a takes 2.00 s to train")
    assert third == (
        "So for texts like these take either of a and b: neither accuracy nor cost tells them clearly apart; gru costs "
        "more."
    )


def test_equal_answers_are_no_difference(sentences: Sentences) -> None:
    same = {"accuracy": 0.85, "is_copy": True}
    first, second, _ = sentences({"gru": same, "lstm": {**same, "fit_seconds": 1.2}}, seeds=3)
    assert "gru gets 85.0 % of 2,000 test texts" in first
    assert first.endswith("and lstm about as many.")
    assert second.startswith("Of the two, none costs clearly less: gru takes 1.00 s to train")
    assert "lstm 1.20 s" in second


def test_differences_of_milliseconds_decide_nothing(sentences: Sentences) -> None:
    a = {"accuracy": 0.851, "fit_seconds": 0.02, "latency_ms": 0.6}
    _, second, third = sentences({"a": a, "b": {"accuracy": 0.85, "fit_seconds": 0.7, "latency_ms": 0.3}}, seeds=3)
    assert second.startswith("Of the two, none costs clearly less")
    assert third == (
        "So for texts like these take either of a and b: neither accuracy nor cost tells them clearly apart."
    )


def test_models_that_cannot_be_told_from_the_best_are_named_with_their_gap(sentences: Sentences) -> None:
    models = {"gru": {"accuracy": 0.9}, "lstm": {"accuracy": 0.899}, "nb": {"accuracy": 0.7}, "x": {"accuracy": 0.6}}
    first, *_ = sentences(models, seeds=3)
    assert first.endswith(
        "but the difference to lstm (0.1 points behind, p = 0.86) is not significant; the other 2 are significantly "
        "less accurate than another model."
    )


def test_a_difference_that_holds_for_such_models_too(again: Callable[..., str]) -> None:
    models = {"a": {"accuracy": 0.9}, "b": {"accuracy": 0.85}, "c": {"accuracy": 0.7, "varies": False}}
    assert again(models, seeds=5) == "All of this most likely holds for such models trained again, too."


def test_a_difference_that_training_again_could_turn_round_says_how_many_seeds_would_settle_it(
    again: Callable[..., str], sentences: Sentences
) -> None:
    varying = {"accuracy": 0.86, "spread": 0.012}
    models = {"a": {"accuracy": 0.9}, "b": varying, "c": varying}
    assert again(models, seeds=3) == (
        "Trained again, b (p = 0.086) and c (p = 0.086) might do as well as a: about 4 seeds would settle that."
    )
    first, _, third = sentences(models, seeds=3, name="second")
    assert first.startswith("a is the most accurate"), "of these fitted models that is known"
    assert third == "So for texts like these take a: it is more accurate than every other model here."


def test_a_difference_that_is_too_small_for_the_test_texts_says_how_many_it_takes(again: Callable[..., str]) -> None:
    models = {"a": {"accuracy": 0.86}, "b": {"accuracy": 0.85}}
    assert again(models, seeds=3).startswith(
        "Trained again, any of them might come first. More seeds alone would not tell b from a: that takes about "
    )


def test_one_seed_says_nothing_of_training_again(again: Callable[..., str]) -> None:
    models = {"a": {"accuracy": 0.9}, "b": {"accuracy": 0.7, "varies": False}}
    assert again(models) == (
        "What training again would change is not known, since there is one fit of a; --seeds 5 tells."
    )


def test_models_that_take_no_seed_are_called_the_same_again_only_if_that_was_measured(
    again: Callable[..., str],
) -> None:
    models = {name: {"accuracy": share, "varies": False} for name, share in (("a", 0.9), ("b", 0.7))}
    same = "Trained again, these models predict the same, so that this holds for such models too."
    assert again(models, seeds=2) == same
    once = "What training a and b again would change was not measured (--seeds 2 does)."
    assert again(models, seeds=1, name="once") == once


def test_models_that_differ_among_themselves_are_not_called_equal(sentences: Sentences) -> None:
    models = {"a": {"accuracy": 0.8}, "b": {"accuracy": 0.79, "varies": False}, "c": {"accuracy": 0.6, "varies": False}}
    first, *_ = sentences(models, seeds=3)
    assert "but the difference to b" in first
    assert first.endswith("is not significant; c is significantly less accurate than another model.")


def test_seeds_that_failed_do_not_turn_the_answer_upside_down(sentences: Sentences) -> None:
    a = {"accuracy": 0.8, "spread": 0.02}
    first, *_ = sentences({"a": a, "b": {**a, "accuracy": 0.84, "failing_seeds": [2, 3, 4, 5]}}, seeds=6)
    assert first.startswith("b is more accurate than a"), "at the seeds that both have"
    assert "a is 4.0 points behind" in first


def test_models_without_a_common_seed_are_not_compared(sentences: Sentences) -> None:
    models = {"a": {"accuracy": 0.8, "failing_seeds": [1]}, "b": {"accuracy": 0.95, "failing_seeds": [0]}}
    first, _, third = sentences(models, seeds=2)
    assert first.startswith("b gets 95.0 %")
    assert third.startswith("It shares no seed with a and cannot be compared, so this says nothing")
    *_, third = sentences({**models, "c": {"accuracy": 0.7, "varies": False}}, seeds=2, name="three")
    assert "not compared, since no seed is shared: a" in third


def test_a_single_model_has_nothing_to_be_compared_with(sentences: Sentences) -> None:
    first, second, third = sentences({"gru": {"accuracy": 0.85, **DEAR}})
    assert first == "gru gets 85.0 % of 2,000 test texts right (95 % interval 83.4 to 86.5)."
    assert second == "It takes 200 s to train, 3.00 ms for one text and 500 MB of memory."
    assert third == (
        "There is no other model to compare it with, so this says nothing about what another would do (one seed of "
        "gru: what chance in training does is not measured)."
    )


@pytest.mark.parametrize("share", [0.5, 0.0])
def test_models_that_know_nothing_are_not_recommended(sentences: Sentences, share: float) -> None:
    *_, third = sentences({"a": {"accuracy": share}, "b": {"accuracy": share / 2}}, seeds=3)
    assert third == (
        "So take none of them: not even a is significantly better than predicting the commonest class always, which "
        "would reach 0.500."
    )


def test_a_handful_of_test_rows_shows_nothing(sentences: Sentences) -> None:
    first, *_ = sentences({"a": {"accuracy": 1.0}, "b": {"accuracy": 0.0}}, seeds=3, n_test=4)
    assert first.startswith("The differences in accuracy between a and b are not significant")
    assert "b is 100.0 points behind, p = 0.062" in first


def test_only_failures_give_no_answer_but_their_reasons(sentences: Sentences) -> None:
    failing = {"gru": {"fails": "timed out: over the time limit of 3 s"}, "lstm": {"fails": "crashed: signal 11"}}
    first, second, third = sentences(failing)
    assert first == "Nothing was measured: none of 2 models finished a trial."
    assert second == "What failed: gru (timed out: over the time limit of 3 s), lstm (crashed: signal 11)."
    assert "bench show made --errors prints what failed trials wrote last, and bench run --resume made runs" in third
    at_sizes = {name: {**fake, "train_sizes": [100, 500]} for name, fake in failing.items()}
    assert sentences(at_sizes, name="sizes")[0] == first


def test_what_is_missing_limits_the_answer(sentences: Sentences) -> None:
    models = {
        "gru": {"accuracy": 0.85, "failing_seeds": [1]},
        "logreg": {"accuracy": 0.9, "varies": False},
        "hmm": {"fails": "out of memory: over the memory limit of 900 MB"},
    }
    *_, third = sentences(models, seeds=3, skip=[2])
    assert third.endswith(
        "(not measured: hmm (out of memory: over the "
        "memory limit of 900 MB); some seeds of gru failed; 2 trials have not run yet)."
    )
    first, second, third = sentences(models, seeds=3, skip=[0, 1, 2], name="nothing")
    assert first == "Nothing was measured yet: no trial has ended."
    assert second == "8 trials are planned."
    assert "bench run --resume" in third


def test_the_answer_names_the_training_rows_that_it_is_about(sentences: Sentences) -> None:
    sizes = {"train_sizes": [100, 500]}
    first, *_ = sentences({"a": {"accuracy": 0.9, **sizes}, "b": {"accuracy": 0.8, **sizes}}, seeds=2)
    assert "(95 % interval 88.6 to 91.2, trained on 500 texts)" in first or "trained on 500 texts)" in first
    alone = {"a": {"train_sizes": [100]}, "b": {"train_sizes": [100], "accuracy": 0.7}, "c": {"train_sizes": [None]}}
    first, *_ = sentences(alone, seeds=2, name="alone")
    assert first.startswith("a is more accurate than b"), "where there are two to compare"


def test_seconds_of_different_machines_are_not_weighed(make_run: MakeRun) -> None:
    one = make_run({"a": {"accuracy": 0.9, "fit_seconds": 100.0}}, name="one")
    b = {"accuracy": 0.8, "cpu_model": "another"}
    two = make_run({"b": b}, name="two", manifest={"cpu_model": "another"}, spec={"threads": 1})
    content = gather([one, two], None)
    assert content.answer[-2] == (
        "What they cost was measured on different machines or numbers of processors, and is not compared."
    )
    assert "counts more" not in content.answer[-1]
    assert "one and two were made on other processors (a processor and another)" in content.notes[0]


def test_seconds_of_a_run_that_went_on_elsewhere_are_not_weighed(make_run: MakeRun) -> None:
    run = make_run({"a": {"accuracy": 0.9}, "b": {"accuracy": 0.8, "cpu_model": "another"}})
    content = gather([run], None)
    assert content.answer[-2].endswith("is not compared.")
    assert content.notes == [
        "b of made ran on another, which the run did not begin on (a processor): seconds of these and of others cannot "
        "be compared"
    ]


def test_costs_are_those_of_the_trials_where_the_run_began(make_run: MakeRun) -> None:
    models = {"a": {"accuracy": 0.9, "fit_seconds": 20.0, "later_cpu_model": "another"}, "b": {"accuracy": 0.8}}
    run = make_run(models, seeds=3)
    assert run.summary.set_index("model")["fit_seconds"]["a"] == 20.0
    content = gather([run], None)
    assert "20.0 s to train" in content.answer[-2]
    assert content.notes == [
        "some trials of made ran on another processor: costs are those of the trials on a processor (a 1 of 3), scores "
        "those of all"
    ]


def test_runs_of_one_name_from_two_folders_are_told_apart(make_run: MakeRun) -> None:
    one, two = make_run({"a": {"accuracy": 0.9}}, name="one"), make_run({"a": {"accuracy": 0.7}}, name="two")
    two.store.run = one.store.run
    content = gather([one, two], None)
    assert content.answer[0].startswith("a (one 1) is more accurate than a (one 2)")
