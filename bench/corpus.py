"""Corpus: what every model is given, as texts and as token ids."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, SupportsIndex, overload

import numpy as np
import numpy.typing as npt

from bench.ragged import Int32Array, Int64Array, Ragged, read_only

__all__ = ["Corpus", "Int32Array", "Int64Array", "Ragged", "TextArray", "Vocabulary"]

PAD_ID = 0
START_ID = 1
UNKNOWN_ID = 2
INDEX_FROM = 3
"""The word of frequency rank r (1 is the most frequent) has id r + 3, as in Keras's IMDB setup; id 3 is never used."""

SPECIAL_WORDS = ("_pad_", "_start_", "_unknown_", "_unused_")
"""How ids 0 to 3 are written. The tokeniser splits at underscores, so no word of a text equals one of these."""


class Vocabulary(Sequence[str]):
    """The word of every token id, ids 0 to 3 among them: ``vocabulary[4]`` is the most frequent word.

    Parameters
    ----------
    words : sequence of str
        Known words, most frequent first.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._words = (*SPECIAL_WORDS, *words)

    @overload
    def __getitem__(self, item: SupportsIndex) -> str: ...
    @overload
    def __getitem__(self, item: slice) -> Sequence[str]: ...
    def __getitem__(self, item: Any) -> str | Sequence[str]:
        word: str | tuple[str, ...] = self._words[item]
        return word

    def __len__(self) -> int:
        """Return the number of ids: every token id is below it."""
        return len(self._words)

    @cached_property
    def ids(self) -> dict[str, int]:
        """The id of each known word."""
        return {word: i for i, word in enumerate(self._words) if i > INDEX_FROM}


class TextArray(Sequence[str]):
    """Texts in one array of bytes, which may lie on disk: each is decoded when it is asked for.

    Parameters
    ----------
    content : uint8 array, shape (n_bytes,)
        All texts in UTF-8, one after the other.
    offsets : int64 array, shape (n_texts + 1,)
        Text i is ``content[offsets[i]:offsets[i + 1]]``.

    Examples
    --------
    >>> texts = TextArray.from_texts(["good film", "", "\u00e9"])
    >>> texts[0], list(texts[1:])
    ('good film', ['', 'é'])
    """

    def __init__(self, content: npt.NDArray[np.uint8], offsets: Int64Array) -> None:
        self.content = read_only(content)
        self.offsets: Int64Array = read_only(offsets)
        self._view = self.content.data

    @classmethod
    def from_texts(cls, texts: Sequence[str]) -> TextArray:
        """Encode texts."""
        encoded = [text.encode() for text in texts]
        offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
        return cls(np.frombuffer(b"".join(encoded), np.uint8), offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, item: SupportsIndex) -> str: ...
    @overload
    def __getitem__(self, item: slice) -> Sequence[str]: ...
    def __getitem__(self, item: Any) -> str | Sequence[str]:
        rows = range(len(self))[item]
        if isinstance(rows, int):
            return str(self._view[self.offsets[rows] : self.offsets[rows + 1]], "utf-8")
        if rows.step != 1:
            return [self[row] for row in rows]
        return TextArray(self.content, self.offsets[rows.start : max(rows.start, rows.stop) + 1])

    def __iter__(self) -> Iterator[str]:
        bounds = self.offsets.tolist()
        return (str(self._view[start:stop], "utf-8") for start, stop in itertools.pairwise(bounds))


class Corpus(Sequence[str]):
    """A read-only sequence of texts, with the same texts as token ids. It holds no labels.

    Parameters
    ----------
    texts : sequence of str, length n_rows
    token_ids : Ragged, n_rows rows
        Each row begins with the start id, 1, unless it was truncated; every id is below ``len(vocabulary)``.
    vocabulary : Vocabulary

    Examples
    --------
    >>> corpus = Corpus(["_start_ good film"], Ragged.from_rows([[1, 5, 4]]), Vocabulary(["film", "good"]))
    >>> corpus[0], corpus.token_ids[0].tolist(), corpus.vocabulary[4]
    ('_start_ good film', [1, 5, 4], 'film')
    """

    def __init__(self, texts: Sequence[str], token_ids: Ragged, vocabulary: Vocabulary) -> None:
        if len(texts) != len(token_ids):
            raise ValueError(f"{len(texts)} texts, but {len(token_ids)} rows of token ids")
        self._texts = texts
        self._token_ids = token_ids
        self._vocabulary = vocabulary

    @property
    def token_ids(self) -> Ragged:
        """The texts as ids: ``values`` (int32) and ``offsets`` (int64)."""
        return self._token_ids

    @property
    def lengths(self) -> Int64Array:
        """Ids of each text, the start id counted, shape (n_rows,)."""
        return self._token_ids.lengths

    @property
    def vocabulary(self) -> Vocabulary:
        """The word of each id. It comes from the training rows, on the test side too."""
        return self._vocabulary

    def __len__(self) -> int:
        return len(self._texts)

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    @overload
    def __getitem__(self, item: SupportsIndex) -> str: ...
    @overload
    def __getitem__(self, item: slice) -> Corpus: ...
    def __getitem__(self, item: Any) -> str | Corpus:
        if not isinstance(item, slice):
            return self._texts[operator.index(item)]
        start, stop, step = item.indices(len(self))
        if step != 1:
            return self.take(range(start, stop, step))
        stop = max(start, stop)
        return Corpus(self._texts[start:stop], self._token_ids.slice(start, stop), self._vocabulary)

    def take(self, indices: npt.ArrayLike) -> Corpus:
        """Return the rows at these indices, in this order."""
        rows = np.asarray(indices, np.int64)
        return Corpus([self._texts[i] for i in rows.tolist()], self._token_ids.take(rows), self._vocabulary)


def count_tokens(token_ids: Ragged) -> Int64Array:
    """Tokens of each row without the start id, shape (n_rows,)."""
    lengths = token_ids.lengths
    starts = token_ids.offsets[:-1][lengths > 0]
    counts: Int64Array = lengths.copy()
    counts[lengths > 0] -= token_ids.values[starts] == START_ID
    return counts
