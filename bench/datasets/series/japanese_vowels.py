"""Utterances of two vowels by nine speakers, who are the classes; they come with the wheel ``aeon``."""

from __future__ import annotations

import numpy as np

from bench.datasets.package_files import PackageFile
from bench.datasets.series.rows import LabelledSeries
from bench.datasets.series.ts_file import parse_ts
from bench.ragged import RaggedArray
from bench.series import Series

TRAIN_FILE = PackageFile(
    package="aeon",
    version="1.6.0",
    path="aeon/datasets/data/JapaneseVowels/JapaneseVowels_TRAIN.ts",
    n_bytes=487_971,
    sha256="68a430eabd919cc77f40b1f5f3bc0dcafacc1486bca9260785aeb7d262cc78cd",
    extra="aeon",
)
TEST_FILE = PackageFile(
    package="aeon",
    version="1.6.0",
    path="aeon/datasets/data/JapaneseVowels/JapaneseVowels_TEST.ts",
    n_bytes=649_132,
    sha256="b3d41d6a0ca3bcad3afb9ca7d4365382aa51341e2e58bae2a574babdda5b9462",
    extra="aeon",
)
NOTE = "The classes are nine speakers who all say the same vowels, so this is recognition of the speaker."


def read_japanese_vowels() -> LabelledSeries:
    """Return 640 utterances of the vowels /ae/ by nine men, with the official split: 270 to train on and 370 to test.

    An utterance is a series of 7 to 29 frames with 12 coefficients of linear prediction. The classes are the speakers.

    Raises
    ------
    bench.errors.DataError
        The package is not installed, or its files are not the expected ones.

    References
    ----------
    M. Kudo, J. Toyama and M. Shimbo, "Multidimensional curve classification using passing-through regions", Pattern
    Recognition Letters 20(11-13), 1999.
    """
    train, test = (parse_ts(file.read().decode(), str(file.find())) for file in (TRAIN_FILE, TEST_FILE))
    return LabelledSeries(
        series=Series(RaggedArray.from_rows([*train.series, *test.series])),
        labels=np.concatenate([train.labels, test.labels]),
        class_names=tuple(f"speaker {name}" for name in train.class_names),
        is_test=np.repeat([False, True], [len(train.series), len(test.series)]),
        notes=(NOTE,),
    )
