"""Words for messages: counts with their nouns, lists, suggestions, and values shortened to a readable length."""

from __future__ import annotations

import math
from collections.abc import Sequence

SHOWN_CHARACTERS = 60


def suggestion(name: str, known: Sequence[str]) -> str:
    """Return a sentence that offers the closest known name, or lists them.

    >>> suggestion("gruu", ["gru", "hmm"])
    'did you mean gru?'
    >>> suggestion("svm", ["gru", "hmm"])
    'known: gru, hmm'
    """
    import difflib

    by_lower = {word.lower(): word for word in known}
    close = difflib.get_close_matches(name.lower(), by_lower, n=1)
    return f"did you mean {by_lower[close[0]]}?" if close else f"known: {first_of(known, 40)}"


def shown(value: str, length: int = 40) -> str:
    r"""Return a value as an error shows it: in quotes, control characters escaped, shortened where it is long.

    >>> shown("a\tb"), shown("x" * 50, 5)
    ("'a\\tb'", "'xxxxx…'")
    """
    return repr(value if len(value) <= length else value[:length] + "…")


def listed(values: Sequence[str], most: int = 8) -> str:
    """Values as an error lists them.

    >>> listed(["a", "b", "c"], 2)
    "'a', 'b' and 1 more"
    """
    return first_of([shown(value) for value in values], most)


def first_of(words: Sequence[str], most: int) -> str:
    """Return the first few of many words, with commas between."""
    more = f" and {len(words) - most:,} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more


def is_number(text: str) -> bool:
    """Whether a text is a number, whatever its size.

    >>> is_number("-1.5"), is_number("1e999"), is_number("nan"), is_number("1_000")
    (True, True, False, False)
    """
    try:
        return "_" not in text and not math.isnan(float(text))
    except ValueError:
        return False


def capital(text: str) -> str:
    """Return a text that begins with a capital, for a sentence.

    >>> capital("film reviews of IMDB")
    'Film reviews of IMDB'
    """
    return text[:1].upper() + text[1:]


def counted(n: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun.

    >>> counted(1, "row"), counted(2000, "row"), counted(2, "class", "classes")
    ('1 row', '2,000 rows', '2 classes')
    """
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def points(share: float) -> str:
    """Return a share in percentage points.

    >>> points(0.01), points(0.005)
    ('1 point', '0.5 points')
    """
    return f"{100 * share:g} {'point' if share == 0.01 else 'points'}"


def short(text: str) -> str:
    """Return a text in one line, shortened where it is long."""
    text = " ".join(text.split())
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


def is_unicode(text: str) -> bool:
    """Whether a text can be written as UTF-8: names of files and arguments that are not hold half characters."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def rounded_up(number: int) -> int:
    """Return a number with two digits, rounded up.

    >>> rounded_up(12345), rounded_up(7)
    (13000, 7)
    """
    unit: int = 10 ** max(0, len(str(number)) - 2)
    return -(-number // unit) * unit
