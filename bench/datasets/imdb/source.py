"""The IMDB setup: 25,000 training and 25,000 test reviews (Maas et al. 2011)."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.datasets.base import Part, TextDataset
from bench.datasets.cache import cache_dir
from bench.datasets.download import download
from bench.datasets.imdb.archive import LABELS, NEXT_STEP, Archive, Files, Tree, content_digest, data_errors, find
from bench.datasets.imdb.cache import ParsedReviews, Stamp
from bench.errors import DataError
from bench.utils.paths import expand_home

ARCHIVE_NAME = "aclImdb_v1.tar.gz"


@dataclass
class IMDB:
    """The official archive or its unpacked tree, from a folder that the user named or from the user's cache.

    Parameters
    ----------
    digest : str
        Content digest of the labelled reviews, whatever their packing.
    n_reviews : int
        How many there are, in both splits together.
    url, md5 : str
        Where ``fetch`` finds the archive, and its MD5.

    References
    ----------
    Maas, Daly, Pham, Huang, Ng and Potts (2011). Learning Word Vectors for Sentiment Analysis. ACL.
    """

    digest: str = "c16ffb0a1fd882dbd402f5b4f8f46b30935df8d86704fc3c60113757b4464483"
    n_reviews: int = 50_000
    url: str = "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz"
    md5: str = "7c2ac02c03563afcf9b574c7e56c153a"

    name = "imdb"
    summary = "25,000 training and 25,000 test film reviews in two classes (Maas et al. 2011)"

    def is_at_hand(self, data_dir: Path | None) -> bool:
        """Whether the user named a place, or the cache has the reviews."""
        return _named_place(data_dir) is not None or self._parsed.exists or _found_in_cache() is not None

    def load(self, data_dir: Path | None) -> TextDataset:
        """Return the reviews, verified, in the order of their paths: neg before pos, file names sorted as strings."""
        named = _named_place(data_dir)
        if named is None and (files := self._parsed.read()) is not None:
            return self._dataset(files, "the cache of verified reviews")
        source = self._locate(named)
        stamped = Stamp.of(source).recall() == self.digest
        files = self._parsed.read() if stamped else None
        return self._dataset(files or self._parse(source), str(source))

    def path(self, data_dir: Path | None) -> Path:
        """Return the file or folder that ``load`` reads."""
        named = _named_place(data_dir)
        if named is None and self._parsed.exists:
            return self._parsed.path
        return self._locate(named).path

    def verify(self, data_dir: Path | None) -> str:
        """Read every review again, also if it was verified before."""
        named = _named_place(data_dir)
        if named is None and _found_in_cache() is None and (files := self._parsed.read()) is not None:
            place = self._parsed.path
        else:
            source = self._locate(named)
            place, files = source.path, self._parse(source)
        return f"{place}: {len(files):,} labelled reviews were read, content digest {self.digest[:16]}… as expected."

    def fetch(self, url: str | None = None) -> Path:
        """Download the archive into the cache, verify and parse it.

        Parameters
        ----------
        url : str or None
            A mirror of the official archive.

        Returns
        -------
        Path
            The archive.
        """
        archive = Archive(cache_dir() / ARCHIVE_NAME)
        download(url or self.url, archive.path, self.md5)
        self._parse(archive)
        return archive.path

    @property
    def _parsed(self) -> ParsedReviews:
        return ParsedReviews(self.digest)

    def _locate(self, named: Path | None) -> Archive | Tree:
        found = _found_in(named) if named else _found_in_cache()
        if found is not None:
            return found
        problem = _nothing_found(named) if named else self._nothing_cached()
        raise DataError(
            f"{problem}{_keras_note(named)} {NEXT_STEP} Or name with one of these the folder that "
            f"holds {ARCHIVE_NAME} or aclImdb/; or use --dataset imdb-dev, which needs no download."
        )

    def _nothing_cached(self) -> str:
        if self._parsed.exists:
            return f"The cached reviews in {self._parsed.path} are damaged, and their archive is not available."
        return "The IMDB reviews are not available."

    def _parse(self, source: Archive | Tree) -> Files:
        """Read and verify everything; what passed is saved in the cache, if that can be written."""
        stamp = Stamp.of(source)  # before reading, so that a later change shows
        stamp.forget()
        files = source.read()
        found = content_digest(files)
        if found != self.digest:
            raise DataError(
                f"{source.path} does not hold the IMDB setup as published: found {len(files):,} labelled reviews with "
                f"content digest {found[:16]}…, expected {self.n_reviews:,} with {self.digest[:16]}…. It may be "
                f"damaged or incomplete. {NEXT_STEP}"
            )
        with suppress(OSError):
            self._parsed.write(files)
            stamp.remember(found)
        return files

    def _dataset(self, files: Files, origin: str) -> TextDataset:
        return TextDataset(self.name, _part(files, "train"), _part(files, "test"), LABELS, origin)


def _named_place(data_dir: Path | None) -> Path | None:
    named = data_dir or os.environ.get("BENCH_DATA_DIR")
    return expand_home(named) if named else None


def _found_in(named: Path) -> Archive | Tree | None:
    return None if named.suffix == ".npz" else find(named)


def _found_in_cache() -> Archive | Tree | None:
    with suppress(DataError):  # a cache that cannot be looked into is as good as none
        return find(cache_dir())
    return None


def _keras_note(named: Path | None) -> str:
    """Return what to know of Keras's own file, if that is where the user pointed, or else in Keras's folder."""
    folder = named or expand_home(os.environ.get("KERAS_HOME") or "~/.keras") / "datasets"
    file = folder if folder.suffix == ".npz" else folder / "imdb.npz"
    with suppress(OSError):
        if file.is_file():
            return f" {file} is Keras's: it holds token ids only, in pickled lists, and no texts."
    return ""


def _nothing_found(place: Path) -> str:
    expected = "expected an aclImdb*.tar.gz or an unpacked aclImdb/ there"
    with data_errors(place):
        if not place.is_dir():
            return f"{place} {'is no folder' if place.exists() else 'does not exist'}, {expected}."
        names = sorted(path.name for path in place.iterdir())
    found = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return f"{place} holds no IMDB reviews: found {found or 'nothing'}, {expected}."


def _part(files: Files, split: str) -> Part:
    paths = sorted(path for path in files if path.startswith(f"{split}/"))
    labels = np.array([LABELS.index(path.split("/")[1]) for path in paths], np.int64)
    return Part([_decode(path, files[path]) for path in paths], labels)


def _decode(path: str, content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise DataError(f"The review {path} is not UTF-8 ({error}). {NEXT_STEP}") from error
