"""The tokeniser: words as Keras's ``text_to_word_sequence`` finds them, by one of two rules of white space.

Keras splits at the space, the tab and the line feed alone, so that a no-break space or the carriage return of a mail
glues two words together. The IMDB setup keeps that; in the open division and for files of one's own every white space
of Unicode splits words, and marks of no width, which no reader sees, are dropped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

WhiteSpace = Literal["keras", "unicode"]
"""At which white space words end."""

_SEPARATORS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
_OTHER_ASCII_SPACE = "\r\v\f\x1c\x1d\x1e\x1f"
_TO_SPACE = {
    rule: bytes(ord(" ") if chr(code) in separators else code for code in range(256))
    for rule, separators in (("keras", _SEPARATORS), ("unicode", _SEPARATORS + _OTHER_ASCII_SPACE))
}
_OTHER_SPACE = re.compile(r"[^\S\x00-\x7f]")
NO_WIDTH = re.compile("[\u200b-\u200d\u2060\ufeff]")
"""Marks of no width, which no reader sees."""


def tokenize(text: str, white_space: WhiteSpace = "keras") -> list[str]:
    r"""Return the words of a text.

    >>> tokenize("Don't miss it:<br />a GREAT film")
    ["don't", 'miss', 'it', 'br', 'a', 'great', 'film']
    >>> tokenize("a\r\nlovely\xa0film"), tokenize("a\r\nlovely\xa0film", "unicode")
    (['a\r', 'lovely\xa0film'], ['a', 'lovely', 'film'])
    """
    content = _lowered(text, white_space).encode().translate(_TO_SPACE[white_space])
    return [word for word in content.decode().split(" ") if word]


def split_all(
    texts: Sequence[str], white_space: WhiteSpace = "keras"
) -> tuple[npt.NDArray[np.int32], list[str], npt.NDArray[np.int64]]:
    """Return each word's position among the distinct words, these words, and the number of words per text.

    As ``tokenize``, for many texts at once: two separators in a row have the word "" between them.
    """
    import pyarrow as pa

    encoded = [_lowered(text, white_space).encode() for text in texts]
    content = b" ".join([*encoded, b""]).translate(_TO_SPACE[white_space])
    ends = np.flatnonzero(np.frombuffer(content, np.uint8) == ord(" ")) + 1  # a word's space belongs to it
    offsets = pa.py_buffer(np.concatenate([[0], ends]))
    words = pa.Array.from_buffers(pa.large_binary(), len(ends), [None, offsets, pa.py_buffer(content)])
    distinct = words.dictionary_encode()
    text_ends = np.cumsum(np.fromiter(map(len, encoded), np.int64, len(encoded)) + 1)
    n_words = np.diff(np.searchsorted(ends, text_ends, side="right"), prepend=0)
    return distinct.indices.to_numpy(), [word[:-1].decode() for word in distinct.dictionary.to_pylist()], n_words


def _lowered(text: str, white_space: WhiteSpace) -> str:
    if white_space == "unicode" and not text.isascii():
        text = _OTHER_SPACE.sub(" ", NO_WIDTH.sub("", text))
    return text.lower()
