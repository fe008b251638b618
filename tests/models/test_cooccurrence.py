"""Word vectors from neighbours: like words get like vectors, and too little to count is no error."""

from __future__ import annotations

import numpy as np
import pytest

from bench.corpus import Ragged
from bench.models.recurrent.word_vectors import WINDOW, _cooccurrence_counts, word_vectors


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def test_words_with_like_neighbours_in_their_texts_get_like_vectors() -> None:
    random = np.random.default_rng(0)
    cats, dogs, purr, bark = [4, 5], [6, 7], [8, 9, 10], [11, 12, 13]
    rows = [
        [random.choice(animal), *random.choice(sounds, 3)]
        for _ in range(100)
        for animal, sounds in [(cats, purr), (dogs, bark)]
    ]
    vectors = word_vectors(Ragged.from_rows(rows), n_ids=14, size=2)
    assert cosine(vectors[4], vectors[5]) > 0.9
    assert cosine(vectors[6], vectors[7]) > 0.9
    assert cosine(vectors[4], vectors[6]) < 0.3
    assert vectors.std() == pytest.approx(1)
    assert not vectors[:4].any()


def test_words_of_the_next_text_are_not_near() -> None:
    alone = [[word] for word in range(4, 30)]
    assert not word_vectors(Ragged.from_rows(alone), n_ids=30, size=4).any()
    assert word_vectors(Ragged.from_rows([range(4, 30)]), n_ids=30, size=4).any()


def test_a_pair_is_counted_once_in_each_order_up_to_the_window() -> None:
    between = [2] * (WINDOW - 1)
    rows = Ragged.from_rows([[4, *between, 5], [4, *between, 2, 6]])
    counts = _cooccurrence_counts(rows, n_ids=7).toarray()
    assert (counts[4, 5], counts[5, 4]) == (1, 1)
    assert (counts[4, 6], counts[6, 4]) == (0, 0)
    assert counts[4, 2] == 2 * WINDOW - 1


def test_dimensions_beyond_the_rank_are_zero() -> None:
    vectors = word_vectors(Ragged.from_rows([[4, 5], [6, 7], [5, 8]] * 9), n_ids=9, size=40)
    n_found = np.flatnonzero(vectors.any(axis=0)).max() + 1
    assert 0 < n_found <= 5
    assert vectors[:, :n_found].std() == pytest.approx(1)


@pytest.mark.parametrize("rows", [[[4]], [[4], [5]], [[1, 2], [2, 2, 2]], [[4, 4, 4, 4]], [[], [4, 5]]])
def test_few_words_leave_finite_vectors(rows: list[list[int]]) -> None:
    vectors = word_vectors(Ragged.from_rows(rows), n_ids=6, size=8)
    assert vectors.shape == (6, 8)
    assert np.isfinite(vectors).all()
