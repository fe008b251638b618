"""Invented reviews in IMDB's structure, packed and unpacked, and a place for each test to write in."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import bench
from bench.datasets.facts import find_facts
from bench.datasets.files.read import read_file
from bench.datasets.imdb.archive import Files, content_digest
from bench.datasets.imdb.source import IMDB
from bench.records import FileOptions

REPOSITORY = Path(bench.__file__).parents[1]
NAMED_BY_USER = os.environ.get("BENCH_DATA_DIR")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache folder of this test. Nothing else of the user's is seen or written."""
    monkeypatch.setenv("BENCH_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.delenv("BENCH_DATA_DIR", raising=False)
    monkeypatch.delenv("KERAS_HOME", raising=False)
    return tmp_path / "cache"


@dataclass(frozen=True)
class Invented:
    """Twelve short reviews, and what it takes to ask for them as if they were IMDB."""

    files: Files

    @property
    def imdb(self) -> IMDB:
        return IMDB(digest=content_digest(self.files), n_reviews=len(self.files))

    def tree(self, folder: Path) -> Path:
        """Write ``aclImdb/`` into the folder."""
        for path, content in self.files.items():
            target = folder / "aclImdb" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        return folder / "aclImdb"

    def archive(self, path: Path, extra: Iterable[tarfile.TarInfo] = (), root: str = "aclImdb") -> Path:
        """Write an archive; the extra members come last, filled with spaces."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with tarfile.open(path, "w:gz", compresslevel=1) as archive:
            for name, content in self.files.items():
                archive.addfile(plain_file(f"{root}/{name}", len(content)), io.BytesIO(content))
            for member in extra:
                archive.addfile(member, io.BytesIO(b" " * member.size))
        return path


def plain_file(name: str, n_bytes: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size = n_bytes
    return member


def invent(n_per_class: int, padding: str = "") -> Invented:
    """Reviews whose order by number differs from their order as strings."""
    return Invented(
        {
            f"{split}/{label}/{number}_{number % 10}.txt": f"{split} {label} café {number}{padding}".encode()
            for split in ("train", "test")
            for label in ("pos", "neg")
            for number in range(8, 8 + n_per_class)
        }
    )


@pytest.fixture
def invented() -> Invented:
    return invent(3)


@pytest.fixture
def larger() -> Invented:
    """Enough to be caught in the act of writing it."""
    return invent(500, padding=" word" * 1000)


@pytest.fixture
def python() -> Callable[..., subprocess.Popen[str]]:
    """Start a Python process that runs this code with these arguments."""

    def start(code: str, *arguments: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", code, *map(str, arguments)]
        # a process that is killed would leave half of its coverage file
        env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
        return subprocess.Popen(
            command, cwd=REPOSITORY, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    return start


@pytest.fixture(scope="session")
def official_place() -> Path:
    """Where the user keeps the whole archive."""
    if not NAMED_BY_USER or not list(Path(NAMED_BY_USER).expanduser().glob("aclImdb*.tar.gz")):
        pytest.skip("needs the full IMDB archive in the folder that BENCH_DATA_DIR names")
    return Path(NAMED_BY_USER).expanduser()


class Whole:
    """A file that was read as training and as test rows, so that no row needs a second one of its class."""

    def __init__(self, path: Path, options: dict[str, Any]) -> None:
        read = read_file(path, FileOptions(test_file=str(path), **options))
        self.dataset, self.options = read.dataset, read.options
        self.facts = find_facts(read.dataset)

    @property
    def rows(self) -> list[tuple[str, str]]:
        part = self.dataset.train
        return [(t, self.dataset.class_names[k]) for t, k in zip(part.texts, part.labels.tolist(), strict=True)]

    @property
    def notes(self) -> str:
        return "\n".join(self.dataset.notes)


@pytest.fixture
def whole() -> Callable[..., Whole]:
    """Read a file whole, with options."""
    return lambda path, **options: Whole(path, options)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Write a file of this name and content."""

    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def table() -> Callable[..., str]:
    """Texts and labels as lines under a header, nothing in quotes."""

    def table(pairs: list[tuple[str, str]], separator: str = ",", names: str = "text,label") -> str:
        lines = [names.replace(",", separator), *(separator.join(pair) for pair in pairs)]
        return "".join(f"{line}\n" for line in lines)

    return table
