"""Equal texts, and a cut into training and test rows that keeps them on one side."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from bench.corpus import Int64Array
from bench.datasets.labels import in_order
from bench.errors import DataError
from bench.sampling import draw_rows


def fold(text: str) -> str:
    """A text trimmed, each white space in it as one space: what is equal after that counts as equal.

    >>> fold("  a\\tgood \\n film")
    'a good film'
    """
    if text.isprintable() and "  " not in text and text[:1] != " " and text[-1:] != " ":
        return text  # no other white space is printable
    return " ".join(text.split())


def number_texts(texts: Iterable[str]) -> Int64Array:
    """Equal texts have equal numbers, from 0 in order of first appearance. Shape (n_rows,)."""
    numbers: dict[bytes, int] = {}
    return np.fromiter((numbers.setdefault(_digest(text), len(numbers)) for text in texts), dtype=np.int64)


def find_seen(train_texts: Sequence[str], test_texts: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Which test texts are equal to a training text, shape (n_test,)."""
    known = {_digest(text) for text in train_texts}
    return np.fromiter((_digest(text) in known for text in test_texts), np.bool_, len(test_texts))


def cut_rows(
    labels: Int64Array, text_numbers: Int64Array, class_names: Sequence[str], fraction: float, seed: int
) -> npt.NDArray[np.bool_]:
    """Which rows are to test on: a fraction of the distinct texts, each class in its proportion.

    A text counts as of the class of its first row. Each class has a text on either side.

    Parameters
    ----------
    labels : int64 array, shape (n_rows,)
        Positions in ``class_names``.
    text_numbers : int64 array, shape (n_rows,)
        As :func:`number_texts` gives them.

    Raises
    ------
    DataError
        A class has fewer than two distinct texts.
    """
    # The order of classes is the file's in some kinds of files: it must not change the cut.
    places = {name: place for place, name in enumerate(in_order(class_names))}
    rank = np.array([places[name] for name in class_names])
    _, first_rows = np.unique(text_numbers, return_index=True)
    of_text = rank[labels[first_rows]]
    n_texts = np.bincount(of_text, minlength=len(class_names))
    if (small := np.flatnonzero(n_texts[rank] < 2)).size:
        raise DataError(_too_small(small, labels, class_names))
    size = int(np.clip(round(fraction * len(of_text)), len(class_names), len(of_text) - len(class_names)))
    is_test_text = np.zeros(len(of_text), bool)
    is_test_text[draw_rows(of_text, size, seed, leave=1)] = True
    return np.asarray(is_test_text[text_numbers])


def _too_small(small: Int64Array, labels: Int64Array, class_names: Sequence[str]) -> str:
    first = int(small[0])
    n_rows = int(np.sum(labels == first))
    name = class_names[first]
    others = f", and {len(small) - 1:,} more of {len(class_names):,} classes" if len(small) > 1 else ""
    hint = "; is the label column the right one?" if len(small) > len(class_names) / 2 else "."
    return (
        f"the class {name[:40]!r} is too small to be cut ({n_rows} row{'s' * (n_rows != 1)}{others}): a cut needs two "
        f"texts that differ in each class{hint} Add rows, leave the class out, or give test rows of your own "
        "with --test-file"
    )


def _digest(text: str) -> bytes:
    return hashlib.blake2b(fold(text).encode(), digest_size=16).digest()
