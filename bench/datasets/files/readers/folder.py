"""A folder with one folder of texts per class, as scikit-learn's ``load_files`` and Keras read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from bench.datasets.files.readers.table import Row, Table
from bench.datasets.files.readers.text_file import TextFile, find_encoding, reading, text_codec
from bench.errors import DataError
from bench.records import FileOptions
from bench.utils.text import counted, first_of, is_unicode, shown

TRAIN, TEST = "train", "test"
LAYOUT = "expected one folder of text files per class, or train/ and test/ that hold such"


class FolderTable(Table):
    """A folder of classes. A row is a file: its text, and the name of the folder that it is in.

    Raises
    ------
    DataError
        There are no folders, or one holds something else than text files.
    """

    LAYOUT = "a text per file, its folder is its class"
    OPTIONS = frozenset({"encoding"})

    def __init__(self, path: Path, options: FileOptions, leave_out: Sequence[str] = ()) -> None:
        super().__init__(path, "row")
        self.encoding = text_codec(options.encoding) if options.encoding else None
        self.names = ["text", "label"]
        self._length_max = options.max_text_length
        entries = _visible(path)
        self._classes = [entry for entry in entries if entry.is_dir() and entry.name not in leave_out]
        if not self._classes:
            raise DataError(f"{path} holds no folders; {LAYOUT}")
        for folder in self._classes:
            if not is_unicode(folder.name):
                raise DataError(f"{path}: the name of the folder {folder.name!r} is not UTF-8; rename it")
        if beside := [_written(entry) for entry in entries if not entry.is_dir()]:
            self.note(f"{counted(len(beside), 'file')} beside the classes' folders: not read ({first_of(beside, 4)})")
        if leave_out:
            left_out = [_written(path / name) for name in leave_out]
            self.note(f"not read, since the test rows have no such class: {first_of(left_out, 4)}")

    def rows(self, columns: Sequence[int]) -> Iterator[Row]:
        """Yield the files, class by class, by name."""
        number, empty, without_files = 0, [], []
        for folder in self._classes:
            files = _visible(folder)
            if not files:
                without_files.append(folder.name)
            for file in files:
                number += 1
                text = self._read(file)
                if not text.strip():
                    empty.append(f"{folder.name}/{_written(file)}")
                cells = (text, folder.name)
                yield number, [cells[column] for column in columns]
        if empty:
            self.note(f"{counted(len(empty), 'file')} without text: {first_of(empty, 4)}")
        if without_files:
            self.note(
                f"{counted(len(without_files), 'folder')} without files, so no class: {first_of(without_files, 4)}"
            )

    def _read(self, file: Path) -> str:
        if not file.resolve().is_relative_to(self.path.resolve()):
            raise DataError(
                f"{file} is a link to {file.resolve()}, outside of {self.path}; copy the file there instead"
            )
        if not file.is_file():
            raise DataError(f"{file} is not a regular file; {LAYOUT}")
        text = TextFile(file, find_encoding(file, self.encoding), self._length_max)
        with text.open() as stream, text.decoding():
            content = stream.read(self._length_max + 1)
        if len(content) > self._length_max:
            raise DataError(f"{file} has more than {self._length_max:,} characters; --max-text-length raises the limit")
        return content.removeprefix("\ufeff")


class Parts(NamedTuple):
    """The training rows of a folder, and its test rows where it has such."""

    train: Path
    test: Path | None
    leave_out: tuple[str, ...]
    """Classes without a folder in ``test``, such as IMDB's reviews without a label."""
    beside: tuple[str, ...]
    """What else is in the folder, and is not read."""


def find_parts(path: Path) -> Parts:
    """Find ``train`` and ``test`` in a folder; a folder without them, or a file, holds one set of rows."""
    train, test = path / TRAIN, path / TEST
    with reading(path):
        if not (train.is_dir() and test.is_dir()):
            return Parts(path, None, (), ())
    known = {entry.name for entry in _visible(test) if entry.is_dir()}
    unknown = [entry.name for entry in _visible(train) if entry.is_dir() and entry.name not in known]
    beside = [_written(entry) for entry in _visible(path) if entry.name not in (TRAIN, TEST)]
    return Parts(train, test, tuple(unknown), tuple(beside))


def folder_fingerprint(path: Path) -> str:
    """Return what changes when a file in a folder does; none is opened."""
    stats = [(str(file.relative_to(path)), file.stat()) for file in sorted(path.rglob("*")) if file.is_file()]
    return " ".join(f"{shown(name)} {stat.st_size} {stat.st_mtime_ns}" for name, stat in stats)


def _written(path: Path) -> str:
    """Return the name of a file or folder as notes may hold it, whatever bytes it has."""
    return path.name.encode("utf-8", "backslashreplace").decode()


def _visible(folder: Path) -> list[Path]:
    with reading(folder):
        return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
