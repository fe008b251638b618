"""Token ids as counts and as padded arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

from bench.corpus import Corpus, Ragged
from bench.models.id_arrays import choose, count_words, pad

Array = np.ndarray
Invent = Callable[..., tuple[Corpus, Array, Corpus, Array]]


def test_counts_are_those_of_a_counter(invent: Invent) -> None:
    train, _, _, _ = invent(3)
    counts = count_words(train).toarray()
    assert counts.shape == (72, len(train.vocabulary) - 4)
    for row, text in zip(counts, train, strict=True):
        expected = Counter(text.split())
        assert all(row[k] == expected[word] for k, word in enumerate(train.vocabulary[4:]))


def test_counting_leaves_the_corpus_as_it_was(invent: Invent) -> None:
    train, _, _, _ = invent(3)
    values, offsets = train.token_ids.values.copy(), train.token_ids.offsets.copy()
    count_words(train)
    np.testing.assert_array_equal(train.token_ids.values, values)
    np.testing.assert_array_equal(train.token_ids.offsets, offsets)


def test_choosing_keeps_rows_that_become_empty() -> None:
    ragged = Ragged.from_rows([[1, 4], [1], [], [5, 1, 6]])
    chosen = choose(ragged, ragged.values != 1)
    assert [row.tolist() for row in map(chosen.__getitem__, range(4))] == [[4], [], [], [5, 6]]


@pytest.mark.parametrize("width", [None, 6])
def test_padding_keeps_the_last_ids_of_each_row(width: int | None) -> None:
    rows = [[1, 4, 5], [], [1, 6, 7, 8, 9, 10], [1]]
    padded = pad(Ragged.from_rows(rows), np.array([2, 1, 0, 3]), 4, width=width)
    assert padded.shape == (4, width or 4)
    assert padded.dtype == np.int32
    for row, expected in zip(padded.tolist(), ([7, 8, 9, 10], [], [1, 4, 5], [1]), strict=True):
        zeros = [0] * (len(row) - len(expected))
        assert row == (expected + zeros if width is None else zeros + expected)


def test_rows_without_ids_still_have_a_column() -> None:
    assert pad(Ragged.from_rows([[], []]), np.array([0, 1]), 500).tolist() == [[0], [0]]
