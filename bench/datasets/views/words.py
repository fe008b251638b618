"""The words of each text: the last ones alone, in random order, or filled up to one length."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from bench.datasets.base import Part, TextDataset, check_range
from bench.datasets.views.base import View
from bench.tokenizer import tokenize

FILLING = "padding"
"""The word that texts are filled up with."""


class _WordView(View):
    def _change(self, whole: TextDataset) -> TextDataset:
        train, test = (_each_text(part, self._rewrite(side)) for side, part in enumerate((whole.train, whole.test)))
        return replace(whole, train=train, test=test)

    def _rewrite(self, side: int) -> Callable[[list[str]], Sequence[str]]:
        """Return what becomes of the words of a text."""
        raise NotImplementedError


class LastWords(_WordView):
    """The last words of each text, in lower case and without punctuation.

    Parameters
    ----------
    of : str
        See View.
    n : int
        Words of a text, at most.
    """

    name = "last-words"
    summary = "view: the last n words of each text of another dataset"

    def __init__(self, of: str = "imdb-dev", n: int = 100) -> None:
        super().__init__(of)
        check_range("n", n, 1)
        self.n = n

    def _rewrite(self, side: int) -> Callable[[list[str]], Sequence[str]]:
        return lambda words: words[-self.n :]


class ShuffledWords(_WordView):
    """The words of each text in random order: what is left when order is taken away.

    Parameters
    ----------
    of : str
        See View.
    seed : int
        What the orders are drawn from; it is no model's seed.
    """

    name = "shuffled-words"
    summary = "view: the words of each text of another dataset in random order"

    def __init__(self, of: str = "imdb-dev", seed: int = 0) -> None:
        super().__init__(of)
        check_range("seed", seed, 0)
        self.seed = seed

    def _rewrite(self, side: int) -> Callable[[list[str]], Sequence[str]]:
        random = np.random.default_rng([self.seed, side])
        return lambda words: [words[i] for i in random.permutation(len(words)).tolist()]


class Padded(_WordView):
    """Each text filled up in front with one word, so that all are equally long, for every model to read.

    Parameters
    ----------
    of : str
        See View.
    length : int
        Words of a text; longer ones lose their beginning.
    """

    name = "padded"
    summary = "view: the texts of another dataset, all filled up to one length"

    def __init__(self, of: str = "imdb-dev", length: int = 499) -> None:
        super().__init__(of)
        check_range("length", length, 1)
        self.length = length

    def _rewrite(self, side: int) -> Callable[[list[str]], Sequence[str]]:
        return lambda words: [FILLING] * (self.length - len(words)) + words[-self.length :]


def _each_text(part: Part, rewrite: Callable[[list[str]], Sequence[str]]) -> Part:
    return Part([" ".join(rewrite(tokenize(text))) for text in part.texts], part.labels)
