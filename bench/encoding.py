"""Texts to token ids, as each division lets models see them, and how long the texts are then.

The harness encodes, the same way for every model.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np

from bench.corpus import INDEX_FROM, START_ID, UNKNOWN_ID, Corpus, Int32Array, Int64Array, Ragged, Vocabulary
from bench.records import Division
from bench.tokenizer import WhiteSpace, split_all, tokenize

Part = TypeVar("Part")
Result = TypeVar("Result")

CLOSED_IDS = 10_000
CLOSED_LENGTH = 500

CHUNK_SIZE = 1 << 22
"""Characters or ids per unit of work of a thread."""


@dataclass(frozen=True)
class Encoder:
    """Turns texts into a division's Corpus, with a vocabulary that came from training texts.

    Parameters
    ----------
    vocabulary : Vocabulary
    division : "closed" or "open"
        Closed keeps the last 500 ids of a text, the start id counted, and writes the texts anew from them, so that a
        model that reads text sees what a model that reads ids sees. Open keeps texts and ids whole.
    white_space : "keras" or "unicode"
        At which white space words end.
    """

    vocabulary: Vocabulary
    division: Division
    white_space: WhiteSpace = "keras"

    def encode(self, texts: Sequence[str]) -> Corpus:
        """Texts as a Corpus; words that the vocabulary lacks get the unknown id, 2."""
        known = self.vocabulary.ids
        rows = [
            [START_ID, *(known.get(word, UNKNOWN_ID) for word in tokenize(text, self.white_space))] for text in texts
        ]
        return self._corpus(texts, Ragged.from_rows(rows))

    def _corpus(self, texts: Sequence[str], token_ids: Ragged) -> Corpus:
        if self.division == "open":
            return Corpus(texts, token_ids, self.vocabulary)
        token_ids = keep_last(token_ids, CLOSED_LENGTH)
        return Corpus(write_texts(token_ids, self.vocabulary), token_ids, self.vocabulary)


def learn_encoder(texts: Sequence[str], division: Division) -> Encoder:
    """Return the encoder whose vocabulary is these texts' words, most frequent first, ties in alphabetical order.

    The closed division keeps the 10,000 smallest ids, 9,996 words.
    """
    return encode_split(texts, [], division)[0]


def encode_split(
    train_texts: Sequence[str], test_texts: Sequence[str], division: Division, white_space: WhiteSpace = "keras"
) -> tuple[Encoder, Corpus, Corpus]:
    """Training and test texts as Corpora, with the vocabulary of the training texts. Each text is tokenised once.

    Returns
    -------
    encoder, train, test
    """
    number: defaultdict[str, int] = defaultdict(itertools.count().__next__)
    number[""]  # 0: the gap between two separators, dropped below
    train = _number_words(train_texts, number, white_space)
    n_train_words = len(number)
    test = _number_words(test_texts, number, white_space)

    words = list(number)
    counts = np.bincount(train.values, minlength=n_train_words)
    ranked = sorted(range(1, n_train_words), key=lambda i: (-counts[i], words[i]))
    if division == "closed":
        ranked = ranked[: CLOSED_IDS - INDEX_FROM - 1]
    ids = np.full(len(words), UNKNOWN_ID, np.int32)
    ids[np.asarray(ranked, np.int64)] = np.arange(len(ranked)) + INDEX_FROM + 1

    encoder = Encoder(Vocabulary([words[i] for i in ranked]), division, white_space)
    return (
        encoder,
        encoder._corpus(train_texts, _with_start(train, ids)),
        encoder._corpus(test_texts, _with_start(test, ids)),
    )


def keep_last(token_ids: Ragged, length: int) -> Ragged:
    """Return the last ``length`` ids of each row."""
    lengths = np.minimum(token_ids.lengths, length)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    within = np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths)
    return Ragged(token_ids.values[np.repeat(token_ids.offsets[1:] - lengths, lengths) + within], offsets)


def write_texts(token_ids: Ragged, vocabulary: Vocabulary) -> list[str]:
    """Each row's ids written as words, special ids as their placeholder words."""
    import pyarrow as pa

    words = pa.array([f"{word} ".encode() for word in vocabulary], pa.large_binary())

    def write(rows: Ragged) -> list[str]:
        _, ends, content = words.take(pa.array(rows.values)).buffers()
        no_bounds = np.zeros(len(rows.values) + 1, np.int64)
        bounds = (np.frombuffer(ends, np.int64, len(no_bounds)) if ends else no_bounds)[rows.offsets].tolist()
        joined = content.to_pybytes() if content else b""
        return [joined[start : max(start, stop - 1)].decode() for start, stop in itertools.pairwise(bounds)]

    parts = [token_ids.slice(first, last) for first, last in _chunks(token_ids.lengths)]
    return list(itertools.chain.from_iterable(_in_threads(write, parts)))


def _number_words(texts: Sequence[str], number: defaultdict[str, int], white_space: WhiteSpace) -> Ragged:
    """Words as running numbers in order of first appearance, gaps (number 0) left out."""
    numbers, lengths = [np.empty(0, np.int32)], [np.empty(0, np.int64)]
    chunks = _chunks(np.fromiter(map(len, texts), np.int64, len(texts)))
    parts = [texts[first:last] for first, last in chunks]
    for codes, words, n_words in _in_threads(partial(split_all, white_space=white_space), parts):
        of_word = np.fromiter((number[word] for word in words), np.int32, len(words))
        in_chunk = of_word[codes]
        text = np.repeat(np.arange(len(n_words)), n_words)
        numbers.append(in_chunk[in_chunk != 0])
        lengths.append(np.bincount(text[in_chunk != 0], minlength=len(n_words)))
    return Ragged(np.concatenate(numbers), np.concatenate([[0], np.cumsum(np.concatenate(lengths))]))


def _in_threads(work: Callable[[Part], Result], parts: Sequence[Part]) -> Iterable[Result]:
    """Map over parts in threads, one per processor; the order is kept."""
    import joblib

    n_threads = max(1, min(joblib.cpu_count(), len(parts)))
    threads = joblib.Parallel(n_threads, backend="threading", return_as="generator")
    in_order: Iterable[Result] = threads(joblib.delayed(work)(part) for part in parts)
    return in_order


def _chunks(sizes: Int64Array) -> Iterator[tuple[int, int]]:
    """First and last of neighbouring rows that are not more than CHUNK_SIZE together, or are one row."""
    first, total = 0, 0
    for row, size in enumerate(sizes.tolist()):
        if total and total + size > CHUNK_SIZE:
            yield first, row
            first, total = row, 0
        total += size
    if first < len(sizes):
        yield first, len(sizes)


def _with_start(numbers: Ragged, ids: Int32Array) -> Ragged:
    """Word numbers to ids, each row with the start id in front."""
    values = np.insert(ids[numbers.values], numbers.offsets[:-1], START_ID)
    return Ragged(values, numbers.offsets + np.arange(len(numbers) + 1))
