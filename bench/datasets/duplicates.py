"""Duplicates: texts that are equal once trimmed, without marks of no width and with white space folded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from bench.corpus import Int64Array
from bench.tokenizer import NO_WIDTH


def fold(text: str) -> str:
    r"""Return a text trimmed and with its white space folded: texts that are equal then are duplicates.

    >>> fold("  a\tgood \n film"), fold("good\u200b film")
    ('a good film', 'good film')
    """
    if text.isprintable() and "  " not in text and text[:1] != " " and text[-1:] != " ":
        return text  # no other white space and no mark is printable
    return " ".join(NO_WIDTH.sub("", text).split())


def number_texts(texts: Iterable[str]) -> Int64Array:
    """Return a number per text, from 0 in order of first appearance; duplicates have the same. Shape (n_rows,)."""
    numbers: dict[bytes, int] = {}
    return np.fromiter((numbers.setdefault(_digest(text), len(numbers)) for text in texts), dtype=np.int64)


def find_leaked(train_texts: Sequence[str], test_texts: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Which test texts are duplicates of a training text, shape (n_test,)."""
    known = {_digest(text) for text in train_texts}
    return np.fromiter((_digest(text) in known for text in test_texts), np.bool_, len(test_texts))


def _digest(text: str) -> bytes:
    return hashlib.blake2b(fold(text).encode(), digest_size=16).digest()
