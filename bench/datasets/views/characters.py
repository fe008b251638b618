"""Texts as characters: what is left when nobody has found the words."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from bench.datasets.base import Part, TextDataset
from bench.datasets.views.base import View


class Characters(View):
    """Each character of a text is a word: letters and digits as they are, others by their names.

    So models that read words read characters, and n-grams are n-grams of characters.

    Parameters
    ----------
    of : str
        See View.

    Examples
    --------
    >>> spell("A film, no?")
    'a space f i l m comma space n o questionmark'
    """

    name = "characters"
    summary = "view: the texts of another dataset spelt, each character a word"

    def _change(self, whole: TextDataset) -> TextDataset:
        train, test = (Part([spell(text) for text in part.texts], part.labels) for part in (whole.train, whole.test))
        return replace(whole, train=train, test=test)


def spell(text: str) -> str:
    """Return a text with each character written as a word."""
    return text.lower().translate(_WORDS)[:-1]


class _Words(dict[int, str]):
    """The word for each character, with a space behind it; made when it is first needed."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character.isalnum():
            word = character
        else:
            name = unicodedata.name(character, f"u{code:04x}")
            word = "".join(c for c in name.lower() if c.isalnum())
        self[code] = f"{word} "
        return self[code]


_WORDS = _Words()
