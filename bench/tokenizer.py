"""The tokeniser: the words of a text as Keras's ``text_to_word_sequence`` finds them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_SEPARATORS = str.maketrans(dict.fromkeys('!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n', " "))
_SEPARATOR_BYTES = bytes(ord(" ") if code in _SEPARATORS else code for code in range(256))


def tokenize(text: str) -> list[str]:
    """Return the words of a text as Keras's ``text_to_word_sequence`` finds them.

    >>> tokenize("Don't miss it:<br />a GREAT film")
    ["don't", 'miss', 'it', 'br', 'a', 'great', 'film']
    """
    return [word for word in _split(text) if word]


def _split(text: str) -> list[str]:
    return text.lower().translate(_SEPARATORS).split(" ")


def split_all(texts: Sequence[str]) -> tuple[npt.NDArray[np.int32], list[str], npt.NDArray[np.int64]]:
    """Return each word's position among the distinct words, these words, and the number of words per text.

    As ``_split``, for many texts at once: two separators in a row have the word "" between them.
    """
    import pyarrow as pa

    encoded = [text.lower().encode() for text in texts]
    content = b" ".join([*encoded, b""]).translate(_SEPARATOR_BYTES)
    ends = np.flatnonzero(np.frombuffer(content, np.uint8) == ord(" ")) + 1  # a word's space belongs to it
    offsets = pa.py_buffer(np.concatenate([[0], ends]))
    words = pa.Array.from_buffers(pa.large_binary(), len(ends), [None, offsets, pa.py_buffer(content)])
    distinct = words.dictionary_encode()
    text_ends = np.cumsum(np.fromiter(map(len, encoded), np.int64, len(encoded)) + 1)
    n_words = np.diff(np.searchsorted(ends, text_ends, side="right"), prepend=0)
    return distinct.indices.to_numpy(), [word[:-1].decode() for word in distinct.dictionary.to_pylist()], n_words
