"""Word vectors from co-occurrences in the training texts, as a start for an embedding."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array

from bench.corpus import INDEX_FROM, Ragged

from ..id_arrays import CountMatrix

Float32Array = npt.NDArray[np.float32]

WINDOW = 4
"""Tokens on each side of a word that are near it."""
N_CONTEXTS, FEWER_CONTEXTS = 2_000, 1_000
"""Only ids below it are counted near a word: those of the most frequent words."""
MANY_TOKENS = 1_000_000
"""With less to count, fewer contexts say as much, and take a second less."""
SMOOTHING = 0.75
"""Exponent of the contexts' frequencies, so that rare ones weigh less."""
NEGLIGIBLE = 1e-3
"""A direction whose singular value is below this part of the largest one is rounding noise."""


def word_vectors(token_ids: Ragged, n_ids: int, size: int) -> Float32Array:
    """Vectors that are alike for words with like neighbours, shape (n_ids, size), of variance 1.

    They are left singular vectors, unweighted, of the positive pointwise mutual information of words and contexts. The
    special ids are zero, and so are dimensions beyond the rank of that matrix.

    References
    ----------
    O. Levy, Y. Goldberg and I. Dagan, "Improving distributional similarity with lessons learned from word embeddings",
    TACL 3, 2015: the matrix, and why singular values need not weigh its vectors.
    """
    ppmi = _ppmi(_cooccurrence_counts(token_ids, n_ids))
    eigenvalues, eigenvectors = np.linalg.eigh((ppmi.T @ ppmi).toarray())
    largest = np.flatnonzero(eigenvalues > NEGLIGIBLE**2 * eigenvalues[-1])[::-1][:size]
    found = ppmi @ (eigenvectors[:, largest] / np.sqrt(eigenvalues[largest]))
    found[: INDEX_FROM + 1] = 0
    vectors = np.zeros((n_ids, size), np.float32)
    if found.any():
        vectors[:, : len(largest)] = found / found.std()
    return vectors


def _cooccurrence_counts(token_ids: Ragged, n_ids: int) -> CountMatrix:
    """Count how often each context occurs within the window of each id, shape (n_ids, contexts)."""
    ids = token_ids.values
    n_contexts = min(N_CONTEXTS if len(ids) >= MANY_TOKENS else FEWER_CONTEXTS, n_ids)
    row = np.repeat(np.arange(len(token_ids)), token_ids.lengths)
    counts: Any = csr_array((n_ids, n_contexts), dtype=np.float32)
    for distance in range(1, WINDOW + 1):
        is_same_row = row[distance:] == row[:-distance]
        before, after = ids[:-distance][is_same_row], ids[distance:][is_same_row]
        for word, context in ((before, after), (after, before)):
            is_counted = context < n_contexts
            ones = np.ones(np.count_nonzero(is_counted), np.float32)
            counts += _matrix(ones, (word[is_counted], context[is_counted]), counts.shape)
    return counts  # type: ignore[no-any-return]


def _ppmi(counts: CountMatrix) -> CountMatrix:
    """Positive pointwise mutual information of rows and columns."""
    pairs = counts.tocoo()
    words, contexts = pairs.coords
    of_word, of_context = counts.sum(axis=1), counts.sum(axis=0) ** SMOOTHING
    share = of_context / max(of_context.sum(), 1)
    information = np.log(pairs.data / (of_word[words] * share[contexts]))
    is_positive = information > 0
    return _matrix(information[is_positive], (words[is_positive], contexts[is_positive]), counts.shape)


def _matrix(values: Any, coordinates: Any, shape: tuple[int, int]) -> CountMatrix:
    entries: Any = coo_array((values, coordinates), shape=shape, dtype=np.float32)
    return csr_array(entries)
