"""Questions of a bank's customers in 77 intents."""

from __future__ import annotations

import csv
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.datasets.base import Part, TextDataset
from bench.datasets.cache import cache_dir
from bench.datasets.download import download
from bench.errors import DataError
from bench.utils.paths import expand_home

FOLDER = "banking77"
FILES = ("train.csv", "test.csv")
NEXT_STEP = "`bench data fetch banking77` gets it; or name with --data-dir or BENCH_DATA_DIR the folder that holds"


@dataclass
class Banking77:
    """10,003 training and 3,080 test questions; two CSV files in a folder ``banking77``, or the user's cache.

    Parameters
    ----------
    digest : str
        Of texts, labels, split and order.
    url : str
        The folder of the files, where ``fetch`` finds them.

    References
    ----------
    I. Casanueva et al., "Efficient intent detection with dual sentence encoders", NLP for ConvAI 2020.
    """

    digest: str = "e13def01b6a0d4234302fa1e435e33efce8842055b82818eb2940f316449cd8f"
    url: str = "https://raw.githubusercontent.com/PolyAI-LDN/task-specific-datasets/master/banking_data"

    name = "banking77"
    summary = "10,003 training and 3,080 test questions of a bank's customers in 77 intents (Casanueva et al. 2020)"

    def is_at_hand(self, data_dir: Path | None) -> bool:
        """Whether both files are where the user said, or in the cache."""
        return _find(data_dir) is not None

    def load(self, data_dir: Path | None) -> TextDataset:
        """Return the questions, verified, in the order of the files; classes in alphabetical order."""
        folder = self.path(data_dir)
        train, test = (_read(folder / file) for file in FILES)
        names = tuple(sorted({label for _, label in train}))
        dataset = TextDataset(self.name, _part(train, names), _part(test, names), names, str(folder))
        if dataset.digest != self.digest:
            raise DataError(
                f"{folder} does not hold banking77 as published: found {len(train):,} and {len(test):,} questions in "
                f"{len(names)} intents with digest {dataset.digest[:16]}…, expected 10,003 and 3,080 in 77 with "
                f"{self.digest[:16]}…. {NEXT_STEP} {FOLDER}/ with {' and '.join(FILES)}."
            )
        return dataset

    def path(self, data_dir: Path | None) -> Path:
        """Return the folder that ``load`` reads."""
        folder = _find(data_dir)
        if folder is None:
            raise DataError(f"banking77 is not available. {NEXT_STEP} {FOLDER}/ with {' and '.join(FILES)}.")
        return folder

    def verify(self, data_dir: Path | None) -> str:
        """Read both files again and check their digest, as every ``load`` does."""
        dataset = self.load(data_dir)
        n_rows = len(dataset.train) + len(dataset.test)
        return f"{self.path(data_dir)}: {n_rows:,} questions were read, digest {self.digest[:16]}… as expected."

    def fetch(self, url: str | None = None) -> Path:
        """Download both files into the cache, and verify them.

        Parameters
        ----------
        url : str or None
            A mirror of the folder that holds them.

        Returns
        -------
        Path
            The folder.
        """
        folder, new = cache_dir() / FOLDER, cache_dir() / f".{FOLDER}.new"
        try:
            for file in FILES:
                download(f"{url or self.url}/{file}", new / FOLDER / file)
            self.load(new)
            folder.mkdir(exist_ok=True)
            for file in FILES:
                (new / FOLDER / file).replace(folder / file)
        finally:
            shutil.rmtree(new, ignore_errors=True)
        return folder


def _find(data_dir: Path | None) -> Path | None:
    named = data_dir or os.environ.get("BENCH_DATA_DIR")
    places = [expand_home(named) / FOLDER] if named else []
    for folder in (*places, cache_dir() / FOLDER):
        try:
            if all((folder / file).is_file() for file in FILES):
                return folder
        except OSError:  # a folder that cannot be looked into is as good as none
            continue
    return None


def _read(path: Path) -> list[tuple[str, str]]:
    """Return texts and labels; texts may span lines."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [(row["text"], row["category"]) for row in csv.DictReader(file, strict=True)]
        if any(label is None for _, label in rows):
            raise csv.Error("a row has no category")
        return rows
    except (OSError, UnicodeDecodeError, csv.Error, KeyError) as error:
        raise DataError(f"{path} cannot be read ({error}); expected CSV with columns text and category") from error


def _part(rows: list[tuple[str, str]], names: tuple[str, ...]) -> Part:
    places = {name: i for i, name in enumerate(names)}
    labels = [places.get(label, -1) for _, label in rows]
    if -1 in labels:
        raise DataError(f"banking77's test file has the intent {rows[labels.index(-1)][1]!r}, which training lacks")
    return Part([text for text, _ in rows], np.array(labels, np.int64))
