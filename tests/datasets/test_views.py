"""Datasets made of other datasets."""

from __future__ import annotations

import re

import numpy as np
import pytest

from bench.datasets import load_dataset
from bench.datasets.views.characters import spell
from bench.errors import DataError, UsageError
from bench.tokenizer import tokenize

pytestmark = pytest.mark.usefixtures("toys")


def test_the_last_words_are_left() -> None:
    whole, cut = load_dataset("toy"), load_dataset("last-words[of=toy,n=3]")
    assert cut.train.texts == [" ".join(tokenize(text)[-3:]) for text in whole.train.texts]
    assert (cut.test.labels == whole.test.labels).all()
    assert (cut.name, cut.class_names) == ("last-words[n=3,of=toy]", whole.class_names)


def test_shuffled_texts_have_the_same_words_in_another_order_the_same_each_time() -> None:
    whole, mixed = load_dataset("toy"), load_dataset("shuffled-words[of=toy]")
    for before, after in zip(whole.test.texts, mixed.test.texts, strict=True):
        assert sorted(tokenize(before)) == sorted(after.split())
    assert [" ".join(tokenize(text)) for text in whole.test.texts] != mixed.test.texts
    assert mixed.digest == load_dataset("shuffled-words[of=toy]").digest
    assert mixed.digest != load_dataset("shuffled-words[of=toy,seed=1]").digest


def test_padded_texts_are_equally_long_and_end_as_before() -> None:
    whole, padded = load_dataset("toy"), load_dataset("padded[of=toy,length=10]")
    assert {len(text.split()) for text in padded.train.texts} == {10}
    for before, after in zip(whole.train.texts, padded.train.texts, strict=True):
        words = tokenize(before)[-10:]
        assert after.split() == ["padding"] * (10 - len(words)) + words


def test_each_character_is_a_word_that_the_tokenizer_leaves_whole() -> None:
    text = "Déjà vu: 100 %, <b>it's</b>\n\u200b\u3000ﬁ 好"
    spelt = spell(text)
    assert tokenize(spelt) == spelt.split()
    assert len(spelt.split()) == len(text.lower())
    assert spelt.startswith("d é j à space v u colon space 1 0 0 space percentsign comma space lessthansign b")
    assert spell("") == ""
    dataset = load_dataset("characters[of=toy]")
    assert dataset.train.texts == [spell(text) for text in load_dataset("toy").train.texts]


def test_training_texts_are_chosen_by_length_and_test_texts_stay() -> None:
    whole, some = load_dataset("toy"), load_dataset("by-length[of=toy,shortest=5,longest=9]")
    lengths = [len(tokenize(text)) for text in whole.train.texts]
    chosen = [i for i, length in enumerate(lengths) if 5 <= length <= 9]
    assert some.train.texts == [whole.train.texts[i] for i in chosen]
    assert (some.train.labels == whole.train.labels[chosen]).all()
    assert some.test.texts == whole.test.texts
    long = load_dataset("by-length[of=toy,shortest=10,longest=None]")
    assert len(long.train) == sum(length >= 10 for length in lengths)


def test_the_rows_of_fewer_classes_are_those_of_more() -> None:
    whole, few = load_dataset("topics[classes=9,n_train=900,n_test=90]"), {}
    for n in (2, 5):
        few[n] = load_dataset(f"few-classes[n={n},of=topics[classes=9,n_train=900,n_test=90]]")
        assert len(few[n].class_names) == n
        kept = np.isin(whole.train.labels, [whole.class_names.index(name) for name in few[n].class_names])
        assert few[n].train.texts == [text for text, keep in zip(whole.train.texts, kept, strict=True) if keep]
        names = [few[n].class_names[label] for label in few[n].train.labels]
        assert names == [whole.class_names[label] for label in whole.train.labels[kept]]
    assert set(few[2].class_names) < set(few[5].class_names)


def test_views_can_be_made_of_views() -> None:
    spelt = load_dataset("characters[of=last-words[n=1,of=toy]]")
    assert spelt.name == "characters[of=last-words[n=1,of=toy]]"
    assert spelt.train.texts[0] == spell(tokenize(load_dataset("toy").train.texts[0])[-1])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("last-words[of=imbd]", "unknown dataset 'imbd': did you mean imdb?"),
        ("last-words[n=0]", "n is 0, expected 1 or more"),
        ("by-length[of=toy,shortest=9,longest=5]", "longest is 5, expected 9 or more (shortest)"),
        ("by-length[of=toy,shortest=2000,longest=None]", "has training texts of 0 of 3 classes"),
        ("last-words[of=auto]", "a view is of a dataset that bench list datasets shows, not of 'auto'"),
        ("last-words[of=reviews.csv]", "not of 'reviews.csv'"),
        ("few-classes[of=toy,n=1]", "n is 1, expected 2 or more"),
        ("few-classes[of=toy,n=4]", "toy has 3 classes, and few-classes[n=4,of=toy] asks for 4"),
    ],
)
def test_what_cannot_be_made_is_refused(name: str, said: str) -> None:
    with pytest.raises((UsageError, DataError), match=re.escape(said)):
        load_dataset(name)


def test_nothing_is_known_of_the_best_accuracy_of_a_view() -> None:
    assert load_dataset("xor[n_train=20,n_test=9]").best_accuracy == 1
    assert load_dataset("last-words[of=xor[n_train=20,n_test=9],n=5]").best_accuracy is None
