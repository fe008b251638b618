"""The Corpus: texts and ids of the same rows, whichever way they are cut."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench import encoding
from bench.corpus import Corpus, Ragged, Vocabulary
from bench.datasets.base import Part, TextDataset
from bench.datasets.encoded import encode_dataset, white_space
from bench.encoding import encode_split, learn_encoder
from bench.models.linear.naive_bayes import NaiveBayesClassifier
from bench.records import Division, FileOptions, ModelInfo
from bench.results.saved_models import load_model, save_model
from bench.tokenizer import split_all, tokenize

TEXTS = ["a b c", "", "c c b", "d", "b a"]


@pytest.fixture
def corpus() -> Corpus:
    return encode_split(TEXTS, [], "open")[1]


def test_a_corpus_is_a_sequence_of_its_texts(corpus: Corpus) -> None:
    assert list(corpus) == TEXTS
    assert len(corpus) == 5
    assert corpus[-1] == corpus[np.int64(4)] == "b a"
    with pytest.raises(IndexError):
        corpus[5]


@pytest.mark.parametrize("cut", [slice(1, 4), slice(0, 0), slice(4, 1), slice(None, None, -2), slice(-2, None)])
def test_a_slice_holds_the_same_rows_as_text_and_as_ids(corpus: Corpus, cut: slice) -> None:
    part = corpus[cut]
    assert list(part) == TEXTS[cut]
    assert [part.token_ids[i].tolist() for i in range(len(part))] == [
        corpus.token_ids[i].tolist() for i in range(5)[cut]
    ]


def test_rows_are_taken_in_the_order_that_is_asked_for(corpus: Corpus) -> None:
    part = corpus.take([3, 0, 3])
    assert list(part) == ["d", "a b c", "d"]
    assert part.token_ids[1].tolist() == corpus.token_ids[0].tolist()
    assert part.token_ids.lengths.tolist() == [2, 4, 2]


def test_nobody_can_write_into_a_corpus(corpus: Corpus) -> None:
    with pytest.raises(ValueError, match="read-only"):
        corpus.token_ids.values[0] = 7
    with pytest.raises(ValueError, match="read-only"):
        corpus[1:3].token_ids.offsets[0] = 7


def test_texts_and_ids_of_unequal_number_are_refused() -> None:
    with pytest.raises(ValueError, match="1 texts, but 2 rows"):
        Corpus(["a"], Ragged.from_rows([[1], [1]]), Vocabulary([]))


def test_ids_follow_frequency_then_the_alphabet() -> None:
    encoder = learn_encoder(TEXTS, "open")
    assert list(encoder.vocabulary[4:]) == ["b", "c", "a", "d"]
    assert encoder.vocabulary.ids["b"] == 4


def test_new_texts_are_encoded_as_the_test_side_of_the_cut_is() -> None:
    texts = ["b zebra A", "", "d,d"]
    for division in ("closed", "open"):
        encoder, _, test = encode_split(TEXTS, texts, division)
        later = encoder.encode(texts)
        assert list(later) == list(test)
        np.testing.assert_array_equal(later.token_ids.values, test.token_ids.values)
        np.testing.assert_array_equal(later.token_ids.offsets, test.token_ids.offsets)


def test_the_closed_division_writes_what_its_ids_say() -> None:
    _, train, test = encode_split(["good film " * 300, "bad film"], ["an unheard film"], "closed")
    assert len(train.token_ids[0]) == 500
    assert train.token_ids[0][0] != 1, "a cut text has lost its start"
    assert train[1] == "_start_ bad film"
    assert test[0] == "_start_ _unknown_ _unknown_ film"
    assert test.token_ids[0].tolist()[:3] == [1, 2, 2]


def test_the_closed_division_knows_9996_words_and_the_open_one_all() -> None:
    texts = [f"w{i:05d} w{i:05d} once{i:05d}" for i in range(9_998)]
    closed, train, _ = encode_split(texts, [], "closed")
    assert len(closed.vocabulary) == 10_000
    assert train.token_ids.values.max() == 9_999
    assert train[9_997] == "_start_ _unknown_ _unknown_ _unknown_"
    opened, _, _ = encode_split(texts, [], "open")
    assert len(opened.vocabulary) == 4 + 2 * 9_998


def test_the_vocabulary_comes_from_training_rows_alone() -> None:
    encoder, _, test = encode_split(["a"], ["b b b"], "closed")
    assert list(encoder.vocabulary[4:]) == ["a"]
    assert test.token_ids[0].tolist() == [1, 2, 2, 2]


def test_no_rows_at_all_are_a_corpus_too() -> None:
    encoder, train, test = encode_split([], [], "closed")
    assert len(train) == len(test) == 0
    assert len(encoder.vocabulary) == 4
    assert len(train[0:0].take([])) == 0


def test_words_are_split_as_keras_splits_them() -> None:
    legacy = pytest.importorskip("keras.src.legacy.preprocessing.text")
    for text, words in {
        "It's a GREAT film!": ["it's", "a", "great", "film"],
        "one\ttwo\nthree": ["one", "two", "three"],
        "one\rtwo\u2028three\u00a0four": ["one\rtwo\u2028three\u00a0four"],
        r"one\ntwo": ["one", "ntwo"],
        "_start_": ["start"],
        "...": [],
        "\uff15/\uff15 \u597d\u770b": ["\uff15", "\uff15", "\u597d\u770b"],
    }.items():
        assert tokenize(text) == words == legacy.text_to_word_sequence(text)


@pytest.mark.parametrize("division", ["closed", "open"])
def test_texts_that_are_encoded_in_many_parts_are_the_same_corpora(
    division: Division, monkeypatch: pytest.MonkeyPatch
) -> None:
    train = ["a b", "", "a much longer text than the others", "b, a!", "", "c"]
    test = ["c d a", "", "b" * 50]
    encoder, *corpora = encode_split(train, test, division)
    monkeypatch.setattr(encoding, "CHUNK_SIZE", 8)
    again, *others = encode_split(train, test, division)
    assert list(again.vocabulary) == list(encoder.vocabulary)
    for whole, in_parts in zip(corpora, others, strict=True):
        assert list(in_parts) == list(whole)
        assert in_parts.token_ids.values.tolist() == whole.token_ids.values.tolist()
        assert in_parts.token_ids.offsets.tolist() == whole.token_ids.offsets.tolist()


SPACED = "a lovely{0}film"
SPACES = ["\r\n", "\r", "\xa0", "\u3000", "\u2028", "\v", "\x85", " \u200b", "\ufeff "]


@pytest.mark.parametrize("space", SPACES)
def test_every_white_space_of_unicode_ends_a_word_and_marks_of_no_width_are_dropped(space: str) -> None:
    text = SPACED.format(space)
    assert tokenize(text, "unicode") == ["a", "lovely", "film"]
    assert split_all([text, "x"], "unicode")[2].tolist()[1] == 1
    codes, words, _ = split_all([text], "unicode")
    assert [words[code] for code in codes if words[code]] == ["a", "lovely", "film"]


def test_the_imdb_setup_keeps_keras_s_rule_and_own_texts_and_the_open_division_do_not() -> None:
    part = Part([SPACED.format("\xa0"), "dull"], np.array([0, 1]))
    own = TextDataset("own.csv", part, part, ("a", "b"), "made up", options=FileOptions())
    known = TextDataset("known", part, part, ("a", "b"), "made up")
    assert white_space(known, "closed") == "keras"
    assert white_space(known, "open") == white_space(own, "open") == white_space(own, "closed") == "unicode"
    assert "lovely\xa0film" in encode_dataset(known, "closed", None, 0).encoder.vocabulary
    assert "lovely" in encode_dataset(own, "closed", None, 0).encoder.vocabulary


def test_a_saved_model_keeps_the_rule_of_white_space(tmp_path: Path) -> None:
    texts, labels = ["a lovely film", "a dull film"] * 10, [1, 0] * 10
    encoder, train, _ = encode_split(texts, [], "closed", "unicode")
    save_model(tmp_path / "m", NaiveBayesClassifier().fit(train, labels), encoder)
    info = ModelInfo(name="naive-bayes", target="naive-bayes")
    model, loaded = load_model(tmp_path / "m", info)
    assert loaded is not None
    assert loaded.white_space == "unicode"
    variants = [SPACED.format(space) for space in SPACES]
    expected = model.predict_proba(loaded.encode(["a lovely film"]))
    np.testing.assert_allclose(model.predict_proba(loaded.encode(variants)), np.repeat(expected, len(SPACES), axis=0))
