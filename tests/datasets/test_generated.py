"""Generated datasets: the best accuracy is what it is said to be, and rows come from the seed alone."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from bench.datasets import find_source, load_dataset
from bench.datasets.generated.base import GeneratedSource
from bench.datasets.generated.recall import Recall
from bench.datasets.generated.reviews import read
from bench.errors import UsageError
from bench.running.resolve import resolve_data
from bench.running.spec import make_spec

NAMES = (
    "adding",
    "adding[length=20]",
    "negation",
    "negation[distance=0]",
    "negation[has_interaction=true]",
    "recall[bits=1]",
    "recall[bits=8,lag=5]",
    "synthetic-reviews[n_train=2000,n_test=3000]",
    "tagging",
    "tagging[ambiguity=0.5,length=8]",
    "temporal-order",
    "temporal-order[lag=0,length=2]",
    "temporal-order[lag=20,markers=4]",
    "topics",
    "topics[classes=77,length=30]",
    "xor",
    "xor[markers=4,length=6]",
)
BALANCED = ("negation", "temporal-order[lag=5]", "temporal-order[markers=3]", "xor", "xor[markers=3]")

DIGESTS = {
    "adding": "d2fc890d5f8e9458",
    "negation": "e507b35d84daa9a7",
    "recall": "16cf0529f876231d",
    "synthetic-reviews": "127264bfd5fb0e4c",
    "tagging": "411c8765074559fe",
    "temporal-order": "d76350fe4acdc8a8",
    "topics": "0502ce8efa85b098",
    "xor": "8aad486c197d3d7a",
}
"""Beginnings of the digests of 500 training and 100 test rows; another digest is another version."""


def _source(name: str) -> GeneratedSource:
    source = find_source(name)
    assert isinstance(source, GeneratedSource)
    return source


@pytest.mark.parametrize("name", NAMES)
def test_the_bayes_rule_reaches_the_stated_best_accuracy(name: str) -> None:
    source = _source(name)
    data = source.load(None)
    best = data.best_accuracy
    assert best is not None
    reached = float(np.mean(source.best_classes(data.test.texts) == data.test.labels))
    error = np.sqrt(best * (1 - best) / len(data.test))
    assert abs(reached - best) <= 3 * error, f"{reached} is not {best} within 3 standard errors"


@pytest.mark.parametrize("name", DIGESTS)
def test_rows_are_the_same_on_every_machine(name: str) -> None:
    assert load_dataset(f"{name}[n_train=500,n_test=100]").digest[:16] == DIGESTS[name]


@pytest.mark.parametrize("name", DIGESTS)
def test_more_rows_of_a_seed_begin_with_fewer_and_another_seed_gives_others(name: str) -> None:
    few, more, other = (
        load_dataset(f"{name}[n_train={n},n_test=100,seed={seed}]") for n, seed in ((300, 0), (1_500, 0), (300, 1))
    )
    assert list(more.train.texts[:300]) == list(few.train.texts)
    assert (more.train.labels[:300] == few.train.labels).all()
    assert more.test.texts == few.test.texts, "the test rows never change"
    assert len(more.train) == 1_500
    assert other.train.texts != few.train.texts
    assert set(few.train.texts).isdisjoint(few.test.texts) or name == "topics", "no test text is in training"


@pytest.mark.parametrize("name", BALANCED)
def test_every_word_is_as_frequent_in_one_class_as_in_the_others(name: str) -> None:
    source = _source(name)
    data = source.load(None)
    counts = [
        Counter(word for text, label in zip(data.train.texts, data.train.labels, strict=True) if label == k
                for word in text.split())
        for k in range(len(data.class_names))
    ]  # fmt: skip
    for word in set().union(*counts):
        of_word = np.array([count[word] for count in counts], float)
        expected = of_word.sum() / len(counts)
        assert (np.abs(of_word - expected) <= 5 * np.sqrt(expected)).all(), (word, of_word)


def test_marked_symbols_are_as_far_apart_as_the_lag_says() -> None:
    for text in load_dataset("temporal-order[lag=7,markers=3,n_train=200,n_test=1]").train.texts:
        places = [i for i, word in enumerate(text.split()) if word in "wxyz"]
        assert [b - a for a, b in pairwise(places)] == [8, 8]


def test_one_bit_is_turned_in_the_class_different() -> None:
    data = load_dataset("recall[bits=5,lag=3,n_train=200,n_test=1]")
    for text, label in zip(data.train.texts, data.train.labels.tolist(), strict=True):
        words = text.split()
        n_turned = sum(a[3:] != b[3:] for a, b in zip(words[:5], words[-5:], strict=True))
        assert n_turned == (0 if data.class_names[label] == "same" else 1)


def test_synthetic_reviews_are_as_long_as_those_of_imdb() -> None:
    n_words = [len(text.split()) for text in load_dataset("synthetic-reviews[n_train=2000,n_test=1]").train.texts]
    assert np.median(n_words) == pytest.approx(177, rel=0.06)
    assert np.mean(n_words) == pytest.approx(238, rel=0.06)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("the plot was good", 2.0),
        ("the plot was not good", -1.4),
        ("the plot was not to be honest very good", -2.1),
        ("the plot was not good the cast was good", 0.6),
        ("the plot was good but the cast was bad", -1.5),
        ("the plot was superb nevertheless here is what i think of it in the end the cast was bad", -1.1),
        ("from here on read every word in reverse as my cousin would say it the plot was good", -2.0),
        ("in reverse the plot was good back to plain words of mine the cast was superb", 1.0),
    ],
)
def test_what_a_review_says_is_read_in_order(text: str, value: float) -> None:
    assert read(text) == pytest.approx(value)


def test_passages_of_synthetic_reviews_last_more_than_100_words_at_times() -> None:
    spans = []
    for text in load_dataset("synthetic-reviews[n_train=2000,n_test=1]").train.texts:
        words = text.split()
        if "reverse" in words and "plain" in words[words.index("reverse") :]:
            spans.append(words[words.index("reverse") :].index("plain"))
    assert np.mean(np.array(spans) > 100) > 0.3


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("temporal-order[lag=100,length=50]", "lag is 100, which a text of length 50 cannot hold"),
        ("temporal-order[lag=-1]", "lag is -1, expected 0 or more"),
        ("temporal-order[markers=5]", "markers is 5, expected 2 to 4"),
        ("recall[bits=0]", "bits is 0, expected 1 to 8"),
        ("recall[bits=9]", "bits is 9, expected 1 to 8"),
        ("recall[bits=two]", "parameter 'bits' of recall is 'two', expected int"),
        ("recall[bit=2]", "recall has no parameter 'bit': did you mean bits?"),
        ("adding[length=3]", "length is 3, expected 4 or more"),
        ("xor[length=1]", "length is 1, expected 2 or more (the number of markers)"),
        ("tagging[ambiguity=2]", "ambiguity is 2.0, expected 0 to 1"),
        ("topics[classes=1]", "classes is 1, expected 2 to 1000"),
        ("synthetic-reviews[n_train=1]", "n_train is 1, expected 2 or more"),
        ("xor[seed=-1]", "seed is -1, expected 0 or more"),
        ("imdb-dev[n=3]", "imdb-dev has no parameter 'n'"),
        ("xor[markers=2", "lacks its closing bracket"),
    ],
)
def test_a_parameter_out_of_range_is_refused(name: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        load_dataset(name)
    assert said in str(error.value)


def test_a_run_records_the_name_with_its_parameters_and_the_best_accuracy() -> None:
    resolved = resolve_data(make_spec({"dataset": "tagging[n_train=50,n_test=40]"}), lambda _: None)
    assert resolved.info.name == "tagging[n_test=40,n_train=50]"
    assert 0.5 < (resolved.info.best_accuracy or 0) < 1


def test_texts_that_the_closed_division_cuts_are_told() -> None:
    for lag, n_notes in ((400, 1), (600, 2)):
        notes = load_dataset(f"temporal-order[lag={lag},n_train=9,n_test=9]").notes
        assert len(notes) == n_notes
    assert "the closed division cuts texts of 500 words and more" in notes[-1]


class HandMadeHMM:
    """The model of one class of ``recall``, by hand: two paths, one per parity of the bits that have been on so far."""

    def __init__(self, is_same: bool) -> None:
        self.last_parity = 0 if is_same else 1

    def log_likelihood(self, words: list[str]) -> float:
        forward, total = np.array([1.0, 0.0]), 0.0
        for i, word in enumerate(words):
            is_bit = word.startswith(("bit", "ask"))
            share = 0.5 if is_bit else 1 / 8
            turns = is_bit and word.endswith("on")
            forward = (forward[::-1] if turns else forward) * share
            if i == len(words) - 1:
                forward = forward * (np.arange(2) == self.last_parity)
            scale = forward.sum()
            if scale == 0:
                return -np.inf
            forward, total = forward / scale, total + np.log(scale)
        return total


@pytest.mark.parametrize("bits", [1, 3, 8])
def test_hidden_markov_models_made_by_hand_recall_bits_at_lag_100_by_their_parity(bits: int) -> None:
    data = Recall(bits=bits, lag=100, n_train=2, n_test=200).load(None)
    models = [HandMadeHMM(name == "same") for name in data.class_names]
    found = [int(np.argmax([model.log_likelihood(text.split()) for model in models])) for text in data.test.texts]
    assert (np.array(found) == data.test.labels).all()
