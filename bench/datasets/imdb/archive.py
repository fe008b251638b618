"""The reviews of ``aclImdb``, packed or unpacked: where they are, what they hold and their digest."""

from __future__ import annotations

import hashlib
import os
import re
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.errors import DataError

SPLITS = ("train", "test")
LABELS = ("neg", "pos")
REVIEW_BYTES_MAX = 1_000_000
"""A review over this size is refused; the longest official one has 14,106 bytes."""

NEXT_STEP = (
    "`bench data fetch imdb` puts the official archive into the cache, which is read where neither --data-dir nor "
    "BENCH_DATA_DIR names another place."
)

_REVIEW = re.compile(r"(?:.*/)?((?:train|test)/(?:neg|pos)/[0-9]+_[0-9]+\.txt)")

Files = dict[str, bytes]
"""Content by path, written ``split/label/file``."""


def content_digest(files: Files) -> str:
    """sha256 over the paths in sorted order, each followed by a NUL byte and the raw sha256 of its bytes.

    >>> content_digest({"test/neg/0_2.txt": b"dull"})[:8]
    'c3516806'
    """
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.encode() + b"\0" + hashlib.sha256(files[path]).digest())
    return digest.hexdigest()


@dataclass(frozen=True)
class Archive:
    """An ``aclImdb*.tar.gz``. It is streamed, nothing is unpacked to disk."""

    path: Path

    def __str__(self) -> str:
        return f"the archive {self.path.name}"

    def fingerprint(self) -> str:
        """Return what changes when the file does; it is not opened."""
        with data_errors(self.path):
            return _fingerprint([(self.path.name, self.path.stat())])

    def read(self) -> Files:
        """All labelled reviews.

        Raises
        ------
        bench.errors.DataError
            The archive is damaged, or has a member that is neither a plain file nor a folder or leaves its folder.
        """
        files: Files = {}
        with data_errors(self.path), tarfile.open(self.path, "r:gz") as archive:
            for member in archive:
                self._refuse_unsafe(member)
                match = _REVIEW.fullmatch(member.name)
                content = archive.extractfile(member) if match else None
                if match is None or content is None:
                    continue
                if match[1] in files:
                    raise DataError(f"{self.path} holds {match[1]} twice. {NEXT_STEP}")
                files[match[1]] = content.read()
        return files

    def _refuse_unsafe(self, member: tarfile.TarInfo) -> None:
        problem = None
        if member.name.startswith("/") or ".." in member.name.split("/"):
            problem = "leaves its folder"
        elif not (member.isreg() or member.isdir()):
            problem = "is a link or a device, expected plain files only"
        elif _REVIEW.fullmatch(member.name) and member.size > REVIEW_BYTES_MAX:
            problem = f"has {member.size:,} bytes, expected {REVIEW_BYTES_MAX:,} at most"
        if problem:
            raise DataError(f"{self.path}: the member {member.name!r} {problem}; nothing of it was used. {NEXT_STEP}")


@dataclass(frozen=True)
class Tree:
    """An unpacked ``aclImdb`` folder."""

    path: Path

    def __str__(self) -> str:
        return f"the folder {self.path.name}"

    @property
    def looks_right(self) -> bool:
        """Whether there is at least one folder of labelled reviews."""
        return any(folder.is_dir() for folder in self._folders())

    def fingerprint(self) -> str:
        """Return what changes when a review does; none is opened."""
        with data_errors(self.path):
            return _fingerprint([(review, entry.stat()) for review, entry in self._reviews()])

    def read(self) -> Files:
        """All labelled reviews."""
        with data_errors(self.path):
            return {review: Path(entry.path).read_bytes() for review, entry in self._reviews()}

    def _folders(self) -> list[Path]:
        return [self.path / split / label for split in SPLITS for label in LABELS]

    def _reviews(self) -> Iterator[tuple[str, os.DirEntry[str]]]:
        for folder in self._folders():
            if not folder.is_dir():
                continue
            with os.scandir(folder) as entries:
                for entry in entries:
                    match = _REVIEW.fullmatch(f"{folder.as_posix()}/{entry.name}")
                    if match and entry.is_file():
                        yield match[1], entry


def find(place: Path) -> Archive | Tree | None:
    """Return the reviews in a folder, or the archive or ``aclImdb`` folder that ``place`` itself is."""
    with data_errors(place):
        if place.is_file():
            return Archive(place)
        for path in sorted(place.glob("aclImdb*.tar.gz")):
            if path.is_file():
                return Archive(path)
        for folder in (place, place / "aclImdb", *sorted(place.glob("aclImdb*/aclImdb"))):
            if Tree(folder).looks_right:
                return Tree(folder)
    return None


def _fingerprint(stats: list[tuple[str, os.stat_result]]) -> str:
    lines = sorted(f"{name} {stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns}" for name, stat in stats)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@contextmanager
def data_errors(path: Path) -> Iterator[None]:
    """Turn what tarfile, gzip and the file system raise on damaged or unreadable data into one kind of error."""
    try:
        yield
    except (OSError, EOFError, ValueError, tarfile.TarError, zlib.error) as error:
        raise DataError(f"{path} cannot be read ({error}). It may be damaged or cut short. {NEXT_STEP}") from error
