"""The parity of marker words: each word by itself says nothing of the class."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from bench.corpus import Int64Array
from bench.datasets.base import check_range
from bench.datasets.generated.base import GeneratedSource, Rows, balanced, certain, distract, join

FACTORS = ("p", "q", "r", "s")


class Xor(GeneratedSource):
    """Each factor is a word that is present in one of two forms; the class is the parity of the forms.

    A bag of words is at chance: all words, and all sets of words of fewer factors than there are, are as frequent in
    one class as in the other. (A linear rule can be right about three of the four pairs of forms, but none of its
    words is evidence, and what fits probabilities to them finds no rule.)

    Parameters
    ----------
    markers : int
        Factors, 2 to 4: with 2 it is the exclusive or, with 3 the parity of 3.
    length : int
        Words of a text, the markers, which are at random places, among them.
    has_interaction : bool
        Adds a word that names the forms of all factors together: the interaction, given by hand.
    n_train, n_test, seed : int
        See GeneratedSource.

    References
    ----------
    M. Minsky and S. Papert, "Perceptrons", MIT Press, 1969: parity is not linear.

    Examples
    --------
    >>> data = Xor(length=4, n_train=2, n_test=1).load(None)
    >>> data.train.texts, [data.class_names[label] for label in data.train.labels]
    (['q0 f h p0', 'e a q1 p0'], ['even', 'odd'])
    >>> Xor(length=4, has_interaction=True, n_train=2, n_test=1).load(None).train.texts[0]
    'q0 f h p0 p0q0'
    """

    name = "xor"
    summary = "generated: the parity of marker words, of which a bag of words knows nothing; best accuracy 1"

    def __init__(
        self,
        markers: int = 2,
        length: int = 20,
        has_interaction: bool = False,
        n_train: int = 10_000,
        n_test: int = 5_000,
        seed: int = 0,
    ) -> None:
        super().__init__(n_train, n_test, seed)
        check_range("markers", markers, 2, len(FACTORS))
        check_range("length", length, markers, why=" (the number of markers)")
        self.markers = markers
        self.length = length
        self.has_interaction = has_interaction
        forms = list(itertools.product((0, 1), repeat=markers))
        self.forms = [[form for form in forms if sum(form) % 2 == parity] for parity in (0, 1)]

    @property
    def class_names(self) -> tuple[str, ...]:
        """The parity."""
        return ("even", "odd")

    def make(self, n_rows: int, random: np.random.Generator) -> Rows:
        """Return so many rows."""
        labels = balanced(n_rows, 2, random)
        chosen = np.array(self.forms)[labels, random.integers(len(self.forms[0]), size=n_rows)]
        markers = np.array([[f"{factor}{form}" for form in (0, 1)] for factor in FACTORS[: self.markers]], object)
        marked = markers[np.arange(self.markers), chosen]
        words = distract(n_rows, self.length, random)
        places = np.argsort(random.random((n_rows, self.length)), axis=1)[:, : self.markers]
        words[np.arange(n_rows)[:, None], places] = marked
        if self.has_interaction:
            together = np.array(["".join(row) for row in marked.tolist()], object)
            words = np.concatenate([words, together[:, None]], axis=1)
        return certain(join(words), labels)

    def best_classes(self, texts: Sequence[str]) -> Int64Array:
        """Add the forms."""
        known = {f"{factor}{form}": form for factor in FACTORS for form in (0, 1)}
        return np.array([sum(known.get(word, 0) for word in text.split()) % 2 for text in texts], np.int64)
