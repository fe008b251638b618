"""What experiments rest on: the GRU finds what is there to be found, and who cannot see it is at chance."""

from __future__ import annotations

import pytest

import bench

GRU = "gru[batch_size=128,learning_rate=0.005]"
BAGS_OF_WORDS = ("logreg[max_n=1]", "count-logreg", "linear-svm[max_n=1]", "naive-bayes")


def _accuracies(dataset: str, *models: str) -> dict[str, float]:
    run = bench.run(models, dataset=dataset, report=False)
    return dict(zip(run.summary["model"], run.summary["accuracy"], strict=True))


def test_in_temporal_order_the_gru_is_right_and_every_bag_of_words_is_at_chance() -> None:
    found = _accuracies("temporal-order[lag=5,n_train=4000,n_test=5000]", GRU, *BAGS_OF_WORDS)
    assert found.pop(GRU) >= 0.99
    for model, accuracy in found.items():
        assert accuracy == pytest.approx(0.5, abs=0.02), model


def test_of_an_exclusive_or_a_linear_model_knows_nothing_unless_it_is_given_the_interaction() -> None:
    rows = "n_train=4000,n_test=5000"
    found = _accuracies(f"xor[{rows}]", "logreg[max_n=1]", "rbf-svm")
    assert found["logreg[max_n=1]"] == pytest.approx(0.5, abs=0.02)
    assert found["rbf-svm"] >= 0.99
    for dataset in ("xor", "negation"):
        by_hand = _accuracies(f"{dataset}[{rows},has_interaction=true]", "logreg[max_n=1]")
        assert by_hand["logreg[max_n=1]"] >= 0.99, dataset


def test_shuffling_takes_from_pairs_of_words_and_not_from_words() -> None:
    words, pairs = "logreg[max_n=1,C=10]", "logreg[C=10]"
    plain, mixed = (
        _accuracies(name, words, pairs) for name in ("rotten-tomatoes", "shuffled-words[of=rotten-tomatoes]")
    )
    (name,) = [name for name in plain if "max_n" in name]
    assert mixed[name] == plain[name], "a bag of words does not notice"
    (other,) = [name for name in plain if "max_n" not in name]
    assert mixed[other] != plain[other]
