"""The scope of a negation: which of two statements a ``not`` turns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.corpus import Int64Array
from bench.datasets.base import check_range
from bench.datasets.generated.base import GeneratedSource, Rows, balanced, certain

OPINIONS = ("bad", "good")
ASIDES = ("crowded", "cold", "late", "loud", "long", "cheap", "sold", "full")
FILLERS = ("really", "at", "all", "in", "my", "view", "that", "so", "very", "quite")


class Negation(GeneratedSource):
    """An opinion on the film, an aside on the evening, and one ``not`` that turns one of the two.

    The class is the opinion. Each text has one ``not`` and one word of opinion, so that a bag of words is at chance.

    Parameters
    ----------
    distance : int
        Words between ``not`` and what it turns. n-grams of so many words and two more reach across.
    has_interaction : bool
        Each word after ``not`` in its clause begins with ``not``: the scope of the negation, marked by hand, as was
        done for bags of words.
    n_train, n_test, seed : int
        See GeneratedSource.

    References
    ----------
    B. Pang, L. Lee and S. Vaithyanathan, "Thumbs up? Sentiment classification using machine learning techniques",
    EMNLP 2002, section 5, after S. Das and M. Chen 2001: words in the scope of a negation, marked.

    Examples
    --------
    >>> data = Negation(distance=1, n_train=2, n_test=1).load(None)
    >>> for text, label in zip(data.train.texts, data.train.labels):
    ...     print(data.class_names[label], "|", text)
    neg | the evening was not really long and the film was so bad
    pos | the film was so good and the evening was not really long
    >>> Negation(distance=1, has_interaction=True, n_train=2, n_test=1).load(None).train.texts[0]
    'the evening was not notreally notlong and the film was so bad'
    """

    name = "negation"
    summary = "generated: an opinion that a negation elsewhere in the text does or does not turn; best accuracy 1"

    def __init__(
        self,
        distance: int = 4,
        has_interaction: bool = False,
        n_train: int = 10_000,
        n_test: int = 5_000,
        seed: int = 0,
    ) -> None:
        super().__init__(n_train, n_test, seed)
        check_range("distance", distance, 0)
        self.distance = distance
        self.has_interaction = has_interaction

    @property
    def class_names(self) -> tuple[str, ...]:
        """The opinion."""
        return ("neg", "pos")

    def make(self, n_rows: int, random: np.random.Generator) -> Rows:
        """Return so many rows."""
        labels = balanced(n_rows, 2, random)
        turns_film = random.integers(2, size=n_rows).astype(bool)
        film_first = random.integers(2, size=n_rows).astype(bool)
        asides = random.integers(len(ASIDES), size=n_rows)
        fillers = random.integers(len(FILLERS), size=(n_rows, 2, self.distance))
        texts = []
        for i in range(n_rows):
            opinion = OPINIONS[labels[i] ^ turns_film[i]]
            film = self._clause("film", bool(turns_film[i]), fillers[i, 0], opinion)
            evening = self._clause("evening", not turns_film[i], fillers[i, 1], ASIDES[asides[i]])
            texts.append(" and ".join((film, evening) if film_first[i] else (evening, film)))
        return certain(texts, labels)

    def best_classes(self, texts: Sequence[str]) -> Int64Array:
        """Find the statement on the film, and turn its opinion if ``not`` is in it."""
        labels = []
        for text in texts:
            (film,) = (clause.split() for clause in text.split(" and ") if " film " in clause)
            labels.append(OPINIONS.index(film[-1].removeprefix("not")) ^ ("not" in film))
        return np.array(labels, np.int64)

    def _clause(self, subject: str, is_turned: bool, fillers: Int64Array, word: str) -> str:
        said = [*(FILLERS[i] for i in fillers.tolist()), word]
        if is_turned:
            said = ["not", *(f"not{each}" if self.has_interaction else each for each in said)]
        return " ".join(["the", subject, "was", *said])
