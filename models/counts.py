"""How often each word occurs in each text, as a sparse matrix."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_array

from bench.corpus import INDEX_FROM, Corpus


def count_words(X: Corpus) -> csr_array[Any, tuple[int, int]]:
    """Counts of the known words of each text, shape (n_texts, n_words), float64; column k is the word of rank k + 1.

    Examples
    --------
    >>> from bench.divisions import learn_encoder
    >>> corpus = learn_encoder(["good good film"], "closed").encode(["a good film", "good, good, good"])
    >>> count_words(corpus).toarray().astype(int).tolist()
    [[1, 1], [3, 0]]
    """
    ids, offsets = X.token_ids.values, X.token_ids.offsets
    is_word = ids > INDEX_FROM
    words_before = np.concatenate([[0], np.cumsum(is_word)])
    columns = ids[is_word] - (INDEX_FROM + 1)
    shape = (len(X), len(X.vocabulary) - (INDEX_FROM + 1))
    counts = csr_array((np.ones(len(columns)), columns, words_before[offsets]), shape=shape)
    counts.sum_duplicates()
    return counts
