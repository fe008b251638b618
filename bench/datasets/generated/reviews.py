"""Synthetic reviews: a grammar whose sentiment must be read, not counted, with the best possible accuracy known."""

from __future__ import annotations

import bisect
from collections.abc import Sequence

import numpy as np

from bench.corpus import Int64Array
from bench.datasets.base import check_range
from bench.datasets.generated.base import FloatArray, GeneratedSource, Rows

KNOWN = {
    "good": 2.0, "bad": -2.0, "superb": 3.0, "awful": -3.0, "decent": 1.0, "dull": -1.0, "clever": 2.0, "poor": -2.0,
    "brilliant": 3.0, "dreadful": -3.0, "pleasant": 1.0, "bland": -1.0,
}  # fmt: skip
INVENTED = 2_000
"""Further words of sentiment, made of syllables: most are rare, so that there is always more to learn."""
SYLLABLES = ("ba", "de", "fi", "go", "lu", "ma", "ne", "pi", "ro", "tu")


def _invent(number: int) -> str:
    """Return a word for a number, such as ``debafiluous``."""
    return "".join(SYLLABLES[int(digit)] for digit in f"{number:04d}") + "ous"


STRENGTHS = KNOWN | {_invent(i): (-1.0) ** i * (1 + i // 2 % 3) for i in range(INVENTED)}
"""What each word says of the film, the most frequent first."""
DEGREES = {"very": 1.5, "rather": 0.7, "somewhat": 0.4}
NOT_VALUE = -0.7
"""Times the strength of what a ``not`` turns."""
BUT_VALUE = 0.25
"""What is left of the statement before a ``but``."""
STILL_VALUE = 0.3
"""What is left of all that came before a ``nevertheless``."""
REVERSE, PLAIN = "reverse", "plain"
"""Words that begin and end a passage that is meant the other way round."""
ASPECTS = ("plot", "cast", "music", "camera", "script", "ending", "pace", "dialogue", "lead", "editing")
BETWEEN = (
    "in my eyes", "as far as i can tell", "for most of its two hours", "to be honest", "this time", "",
    "at least to me", "all things considered", "",
)  # fmt: skip
NEUTRAL = (
    "the story follows a young {0} from the {1} to the {2} and back",
    "we watched it on a {1} evening with a {0} of ours",
    "a {0} meets another {0} in a {2} and they talk about the {1}",
    "it was shot in a {2} near the {1} some years ago",
    "the director had made a short film about a {0} before this one",
    "i saw it in a {2} where every {0} knew the {1}",
    "there is a long scene with a {0} in front of a {2} by the {1}",
)
NOUNS = (
    ("teacher", "sailor", "lawyer", "farmer", "singer", "doctor", "student", "soldier", "painter", "driver"),
    ("winter", "river", "mountain", "war", "harvest", "summer", "border", "desert", "coast", "storm"),
    ("kitchen", "hotel", "cinema", "village", "station", "garden", "castle", "factory", "church", "market"),
)
REVERSE_SENTENCE = f"from here on read every word in {REVERSE} as my cousin would say it"
PLAIN_SENTENCE = f"back to {PLAIN} words of mine"
STILL_SENTENCE = "nevertheless here is what i think of it in the end"

SPREAD = 0.77
"""Of the logarithm of the lengths: with a median of 177 words their mean is 238, as IMDB's."""
END_WORDS = 6
"""By which the sentence that ends a text exceeds the length that was drawn, in the median."""
NEUTRAL_SHARE, STILL_SHARE, REVERSE_SHARE, PLAIN_SHARE = 0.45, 0.02, 0.015, 0.06
"""Of sentences; of the passages' beginnings and ends where they can stand."""
NOT_SHARE, BUT_SHARE, DEGREE_SHARE = 0.25, 0.2, 0.3
"""Of statements."""
LEANING = 0.78
"""The share of statements that speak for the side that a text is on."""
SLOPE = 1.0
"""Log-odds of the label per unit of what is said."""
NOISE = 0.03
"""The share of labels that are turned at random."""


class SyntheticReviews(GeneratedSource):
    """Reviews out of statements on aspects of a film, with much that must be read in order.

    Words of graded strength, ``not`` with its scope, ``but``, after which little is left of the statement before it,
    ``nevertheless``, after which little is left of all before, sentences that say nothing, and passages that are meant
    the other way round: they begin and end with a sentence, often more than 100 words apart. What a text says in the
    end is a number; the log-odds of its label are proportional to it, and some labels are turned at random. So the
    probability of each label is known from the text alone.

    The best accuracy is that of whole texts. The closed division cuts those of more than 500 ids, about 7 %.

    Parameters
    ----------
    median_words : int
        Words of half of the texts, at most.
    n_train, n_test, seed : int
        See GeneratedSource.

    Examples
    --------
    >>> data = SyntheticReviews(n_train=2, n_test=1000).load(None)
    >>> 0.85 < data.best_accuracy < 0.97
    True
    """

    name = "synthetic-reviews"
    summary = "generated: reviews with negation, contrast and irony, as long as IMDB's; best accuracy about 0.92"

    def __init__(self, median_words: int = 177, n_train: int = 25_000, n_test: int = 10_000, seed: int = 0) -> None:
        super().__init__(n_train, n_test, seed)
        check_range("median_words", median_words, 10)
        self.median_words = median_words

    @property
    def class_names(self) -> tuple[str, ...]:
        """The sentiment."""
        return ("neg", "pos")

    def make(self, n_rows: int, random: np.random.Generator) -> Rows:
        """Return so many rows."""
        n_words = random.lognormal(np.log(self.median_words - END_WORDS), SPREAD, n_rows)
        texts, values = [], np.empty(n_rows)
        for i in range(n_rows):
            writer = _Writer(random)
            texts.append(writer.write(float(n_words[i])))
            values[i] = writer.value
        probability = _probability(values)
        labels = (random.random(n_rows) < probability).astype(np.int64)
        return Rows(texts, labels, np.maximum(probability, 1 - probability))

    def best_classes(self, texts: Sequence[str]) -> Int64Array:
        """Read what each text says."""
        return np.array([read(text) > 0 for text in texts], np.int64)


def read(text: str) -> float:
    """Return what a text says in the end: above 0, positive is the more probable label.

    Examples
    --------
    >>> read("the plot was not this time good but the cast was very good")
    2.65
    """
    total, last, degree, turned, sign = 0.0, 0.0, 1.0, 1.0, 1.0
    for word in text.split():
        if word in STRENGTHS:
            last = sign * turned * degree * STRENGTHS[word]
            total += last
            degree, turned = 1.0, 1.0
        elif word in DEGREES:
            degree = DEGREES[word]
        elif word == "not":
            turned = NOT_VALUE
        elif word == "but":
            total -= (1 - BUT_VALUE) * last
        elif word == "nevertheless":
            total *= STILL_VALUE
        elif word in (REVERSE, PLAIN):
            sign = -1.0 if word == REVERSE else 1.0
    return total


def _probability(values: FloatArray) -> FloatArray:
    """Of the label "pos"."""
    probability: FloatArray = NOISE + (1 - 2 * NOISE) / (1 + np.exp(-SLOPE * values))
    return probability


class _Writer:
    """Writes one review and adds up what it says."""

    def __init__(self, random: np.random.Generator) -> None:
        self._random = random
        self._numbers: list[float] = []
        self._leans = 1.0 if self._next() < 0.5 else -1.0
        self._sign = 1.0
        self.value = 0.0

    def write(self, n_words: float) -> str:
        """Return a text of about so many words."""
        sentences: list[str] = []
        written = 0
        while not sentences or written < n_words:
            sentence = self._sentence()
            sentences.append(sentence)
            written += sentence.count(" ") + 1
        return " ".join(sentences)

    def _sentence(self) -> str:
        kind = self._next()
        if kind < STILL_SHARE:
            self.value *= STILL_VALUE
            return STILL_SENTENCE
        if self._sign > 0 and kind < STILL_SHARE + REVERSE_SHARE:
            self._sign = -1.0
            return REVERSE_SENTENCE
        if self._sign < 0 and kind < STILL_SHARE + PLAIN_SHARE:
            self._sign = 1.0
            return PLAIN_SENTENCE
        if self._next() < NEUTRAL_SHARE:
            return self._pick(NEUTRAL).format(*map(self._pick, NOUNS))
        first, value = self._statement()
        if self._next() >= BUT_SHARE:
            self.value += value
            return first
        second, other = self._statement()
        self.value += BUT_VALUE * value + other
        return f"{first} but {second}"

    def _statement(self) -> tuple[str, float]:
        """Return a statement and what it says, on the side that the text leans to more often than not."""
        side = self._leans if self._next() < LEANING else -self._leans
        is_turned = self._next() < NOT_SHARE
        turned = NOT_VALUE if is_turned else 1.0
        wanted = side * self._sign * turned
        word = (_NEGATIVE if wanted < 0 else _POSITIVE).word(self._next())
        degree = self._pick(_DEGREES) if self._next() < DEGREE_SHARE else ""
        words = ["the", self._pick(ASPECTS), "was", "not" if is_turned else "", self._pick(BETWEEN), degree, word]
        value = self._sign * turned * DEGREES.get(degree, 1.0) * STRENGTHS[word]
        return " ".join(filter(None, words)), value

    def _pick(self, words: Sequence[str]) -> str:
        return words[int(self._next() * len(words))]

    def _next(self) -> float:
        """Return a random number of 0 to 1; they are drawn many at a time."""
        if not self._numbers:
            self._numbers = self._random.random(64).tolist()
        return self._numbers.pop()


class _Lexicon:
    """Words of one side, drawn with a probability that falls as 1 / rank (Zipf's law)."""

    def __init__(self, side: float) -> None:
        self.words = [word for word, strength in STRENGTHS.items() if strength * side > 0]
        shares = 1 / np.arange(1, len(self.words) + 1)
        self.bounds = (shares.cumsum() / shares.sum()).tolist()

    def word(self, number: float) -> str:
        """Return the word that a random number of 0 to 1 draws."""
        return self.words[bisect.bisect_left(self.bounds, number)]


_NEGATIVE, _POSITIVE = _Lexicon(-1.0), _Lexicon(1.0)
_DEGREES = tuple(DEGREES)
