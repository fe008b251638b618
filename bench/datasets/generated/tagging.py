"""Sequence labelling from a grammar: which part of speech the word in question is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.corpus import Int64Array
from bench.datasets.base import check_range
from bench.datasets.generated.base import FloatArray, GeneratedSource, Rows, join

TAGS = ("noun", "verb", "adjective", "adverb", "determiner", "preposition")
QUESTION = "this"
"""Stands in front of the word in question."""
N_WORDS = 60
FOLLOWS = np.array(
    [  # noun, verb, adjective, adverb, determiner, preposition
        [0.05, 0.50, 0.02, 0.13, 0.05, 0.25],
        [0.10, 0.02, 0.13, 0.25, 0.40, 0.10],
        [0.70, 0.02, 0.15, 0.05, 0.03, 0.05],
        [0.05, 0.40, 0.30, 0.10, 0.10, 0.05],
        [0.60, 0.00, 0.35, 0.05, 0.00, 0.00],
        [0.25, 0.00, 0.10, 0.00, 0.65, 0.00],
    ]
)
"""Probability of each tag after each tag."""
FIRST = np.array([0.2, 0.05, 0.1, 0.1, 0.5, 0.05])


class Tagging(GeneratedSource):
    """Words that are ambiguous between parts of speech; the class is that of one word, which is marked.

    Tags follow each other as a Markov chain, and a tag draws its word: the hidden Markov model that is the classic
    tagger. Its forward-backward pass is the Bayes rule.

    Parameters
    ----------
    length : int
        Words of a text, without the one that marks.
    ambiguity : float
        The share of a tag's words that are drawn from those of all tags, 0 to 1.
    n_train, n_test, seed : int
        See GeneratedSource.

    References
    ----------
    L. R. Rabiner, "A tutorial on hidden Markov models and selected applications in speech recognition", Proceedings of
    the IEEE 77(2), 1989: eq. 27, the probability of a state at a time.

    Examples
    --------
    >>> data = Tagging(length=5, n_train=2, n_test=1)
    >>> rows = data.load(None).train
    >>> rows.texts[0].split().count("this"), data.class_names[rows.labels[0]] in TAGS
    (1, True)
    """

    name = "tagging"
    summary = "generated: the part of speech of a marked word among ambiguous words; best accuracy about 0.9"

    def __init__(
        self, length: int = 20, ambiguity: float = 0.1, n_train: int = 10_000, n_test: int = 5_000, seed: int = 0
    ) -> None:
        super().__init__(n_train, n_test, seed)
        check_range("length", length, 1)
        if not 0 <= ambiguity <= 1:
            raise ValueError(f"ambiguity is {ambiguity}, expected 0 to 1")
        self.length = length
        random = np.random.default_rng([seed, self.version])
        shares = random.dirichlet(np.full(N_WORDS, 0.05), size=len(TAGS))
        self.words = [f"w{i}" for i in range(N_WORDS)]
        self.emissions = (1 - ambiguity) * shares + ambiguity * shares.mean(axis=0)
        self.follows = FOLLOWS / FOLLOWS.sum(axis=1, keepdims=True)

    @property
    def class_names(self) -> tuple[str, ...]:
        """The parts of speech."""
        return TAGS

    def make(self, n_rows: int, random: np.random.Generator) -> Rows:
        """Return so many rows."""
        tags = np.empty((n_rows, self.length), np.int64)
        tags[:, 0] = _draw(np.tile(FIRST, (n_rows, 1)), random)
        for i in range(1, self.length):
            tags[:, i] = _draw(self.follows[tags[:, i - 1]], random)
        codes = _draw(self.emissions[tags.ravel()], random).reshape(tags.shape)
        places = random.integers(self.length, size=n_rows)
        rows, columns = np.arange(n_rows), np.arange(self.length)
        words = np.full((n_rows, 2 * self.length), "", object)
        words[:, 1::2] = np.array(self.words, object)[codes]
        words[:, ::2] = np.where(columns == places[:, None], QUESTION, "")
        best = self._tag_probabilities(codes, places).max(axis=1)
        return Rows(join(words), tags[rows, places], best)

    def best_classes(self, texts: Sequence[str]) -> Int64Array:
        """Return the most probable tag of the word in question, given all words."""
        split = [text.split() for text in texts]
        places = np.array([words.index(QUESTION) for words in split])
        codes = np.array([[int(word[1:]) for word in words if word != QUESTION] for words in split])
        found: Int64Array = self._tag_probabilities(codes, places).argmax(axis=1)
        return found

    def _tag_probabilities(self, codes: Int64Array, places: Int64Array) -> FloatArray:
        """Probability of each tag at one place of each row, shape (n_rows, n_tags), by forward-backward."""
        emissions = self.emissions.T[codes]
        forward, backward = np.empty_like(emissions), np.ones_like(emissions)
        forward[:, 0] = _scaled(FIRST * emissions[:, 0])
        for i in range(1, self.length):
            forward[:, i] = _scaled(forward[:, i - 1] @ self.follows * emissions[:, i])
        for i in range(self.length - 2, -1, -1):
            backward[:, i] = _scaled((backward[:, i + 1] * emissions[:, i + 1]) @ self.follows.T)
        rows = np.arange(len(codes))
        return _scaled(forward[rows, places] * backward[rows, places])


def _draw(shares: FloatArray, random: np.random.Generator) -> Int64Array:
    """Draw a column for each row, with the probabilities that stand in it."""
    drawn: Int64Array = (random.random((len(shares), 1)) > shares.cumsum(axis=1)).sum(axis=1)
    within: Int64Array = np.minimum(drawn, shares.shape[1] - 1)
    return within


def _scaled(values: FloatArray) -> FloatArray:
    scaled: FloatArray = values / values.sum(axis=1, keepdims=True)
    return scaled
