"""What a file is, by its ending and by its first bytes; its text, decoded exactly or refused."""

from __future__ import annotations

import codecs
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from bench.datasets.files.readers.packed import PACKED, inner_name, open_bytes, packed_ending
from bench.errors import DataError, UsageError

Kind = Literal["csv", "tsv", "json", "parquet", "xlsx", "fasttext"]

KINDS: dict[str, Kind] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "json",
    ".ndjson": "json",
    ".json": "json",
    ".parquet": "parquet",
    ".xlsx": "xlsx",
    ".txt": "fasttext",
}
FILE_ENDINGS = (*KINDS, *PACKED)
"""What is meant as a file, readable or not."""
ENDINGS = (
    ".csv, .tsv, .tab, .jsonl, .ndjson, .json, .parquet, .xlsx or .txt (fastText's lines), each also with .gz, .bz2, "
    ".xz or .zst or alone in a .zip"
)

_OTHER_CONTENT = (
    (b"PK\x03\x04", "a ZIP archive (an .xlsx workbook is one too); give it the ending .zip or .xlsx, or unpack it"),
    (b"\x1f\x8b", "compressed with gzip (once more, if it ends in .gz); give it an ending with .gz, or unpack it"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook, or one with a password; save the sheet as CSV"),
    (b"PAR1", "a Parquet file; give it the ending .parquet"),
    (b"BZh", "compressed with bzip2; give it an ending with .bz2, or unpack it"),
    (b"\xfd7zXZ", "compressed with xz; give it an ending with .xz, or unpack it"),
    (b"(\xb5/\xfd", "compressed with Zstandard; give it an ending with .zst, or unpack it"),
    (b"7z\xbc\xaf", "a 7z archive; unpack it"),
    (b"%PDF", "a PDF document; expected a table"),
    (b"SQLite format 3", "an SQLite database; export the table as CSV"),
    (b"version https://git-lfs", "a Git LFS pointer, not the file itself; `git lfs pull` gets that"),
)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SNIFFED_BYTES = 1024
_NO_ENCODINGS_OF_FILES = ("idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7")
"""Codecs for other things, some of which decode to half characters, which no text holds."""


def file_kind(path: Path) -> Kind:
    """Return the kind that a file's ending names.

    Raises
    ------
    UsageError
        Its kind is not supported.
    """
    with reading(path):
        name = inner_name(path) if path.exists() else path.name.lower().removesuffix(packed_ending(path))
    for ending, kind in KINDS.items():
        if name.endswith(ending):
            return kind
    inside = f" (it holds {name})" if packed_ending(path) == ".zip" and path.exists() else ""
    raise UsageError(f"{path}{inside} does not have an ending that can be read; expected {ENDINGS}")


def check_place(path: Path) -> None:
    """Refuse a path where there is neither a file nor a folder.

    Raises
    ------
    DataError
    """
    with reading(path):
        if not path.exists():
            raise DataError(f"there is no file {path}; expected a relative or absolute path")
        if not path.is_file() and not path.is_dir():
            raise DataError(f"{path} is not a regular file; write its content to one, since it is read more than once")


def check_content(path: Path, kind: Kind) -> None:
    """Refuse a file that is empty, or holds something else than its ending says.

    Raises
    ------
    DataError
    """
    with reading(path), open_bytes(path) as file:
        head = file.read(_SNIFFED_BYTES)
        is_whole = not file.read(1)
    if is_whole and not head.removeprefix(codecs.BOM_UTF8).strip():
        raise DataError(f"{path} is empty; expected rows of data")
    if (kind == "parquet" and head.startswith(b"PAR1")) or (kind == "xlsx" and head.startswith(b"PK\x03\x04")):
        return
    for magic, what in _OTHER_CONTENT:
        if head.startswith(magic):
            raise DataError(f"{path} is not what its ending says: it is {what}")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        raise DataError(
            f"{path} is not what its ending says: it is an HTML or XML page, perhaps what a server answered "
            "instead of the file; download the file itself"
        )
    if kind == "parquet":
        raise DataError(f"{path} is not a Parquet file: it begins with {head[:4]!r}, expected b'PAR1'")
    if kind == "xlsx":
        raise DataError(f"{path} is not an Excel workbook: it begins with {head[:4]!r}, expected b'PK\\x03\\x04'")


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what the file system and unpacking raise into an error for the user."""
    try:
        yield
    except (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError) as error:
        if isinstance(error, OSError) and error.strerror:
            raise DataError(f"{path} cannot be read: {error.strerror}") from error
        raise DataError(f"{path} cannot be read: {error}; it may be damaged or cut short") from error


@dataclass(frozen=True)
class TextFile:
    """A file's text.

    Parameters
    ----------
    path : Path
    encoding : str
        A Python codec; :func:`find_encoding` finds it.
    line_length_max : int
        A longer line is refused, so that damage does not fill the memory.
    first_line : int
        Where its content begins, from 1.
    """

    path: Path
    encoding: str
    line_length_max: int
    first_line: int = 1

    def lines(self) -> Iterator[str]:
        """Yield the lines with their ends, from the first one on. Only a line feed ends a line.

        Raises
        ------
        DataError
            A byte cannot be decoded, or a line is too long.
        """
        with self.open() as stream, self.decoding():
            number = 0
            while line := stream.readline(self.line_length_max + 1):
                number += 1
                if len(line) > self.line_length_max and not line.endswith("\n"):
                    raise DataError(
                        f"{self.path}, line {number:,}: it has more than {self.line_length_max:,} characters; is it "
                        "text with line breaks? A larger --max-text-length allows longer lines"
                    )
                if number >= self.first_line:
                    yield line.removeprefix("\ufeff") if number == 1 else line

    @contextmanager
    def open(self) -> Iterator[IO[str]]:
        """Open the decoded stream; line ends are left as they are."""
        with reading(self.path), open_bytes(self.path) as file:
            yield io.TextIOWrapper(file, encoding=self.encoding, newline="\n")

    @contextmanager
    def decoding(self) -> Iterator[None]:
        """Turn what decoding raises into an error that names byte and line."""
        try:
            yield
        except UnicodeError as error:
            raise DataError(f"{self.path}{self._undecodable() or f': {error}'}; {self._hint()}") from error

    def _undecodable(self) -> str | None:
        decoder = codecs.getincrementaldecoder(self.encoding)()
        n_bytes, n_breaks = 0, 0
        with reading(self.path), open_bytes(self.path) as file:
            while True:
                chunk = file.read(1 << 16)
                n_bytes += len(chunk)
                try:
                    n_breaks += decoder.decode(chunk, final=not chunk).count("\n")
                except UnicodeDecodeError as error:
                    before = error.object[: error.start].decode(self.encoding, errors="ignore")
                    byte = f"byte 0x{error.object[error.start]:02X} ({n_bytes - len(error.object) + error.start:,})"
                    line = n_breaks + before.count("\n") + 1
                    return f", line {line:,}: {byte} is not {self.encoding.removesuffix('-sig').upper()}"
                except UnicodeError:
                    return None
                if not chunk:
                    return None

    def _hint(self) -> str:
        if self.encoding.startswith("utf-8"):
            return "expected UTF-8; name the right one, such as --encoding cp1252 or --encoding latin-1"
        if self.encoding == "cp1252":
            return "name the right one; --encoding latin-1 knows every byte"
        return "name the right one with --encoding"


def find_encoding(path: Path, asked: str | None) -> str:
    """Return the codec that the file's mark names, else the one that was asked for, else UTF-8.

    Raises
    ------
    UsageError
        There is no such codec.
    DataError
        The mark says otherwise.
    """
    codec = text_codec(asked) if asked else None
    with reading(path), open_bytes(path) as file:
        head = file.read(64)
    marked = next((encoding for mark, encoding in _MARKS if head.startswith(mark)), None)
    if marked and codec and not codec.startswith(marked.removesuffix("-sig")):
        name = marked.removesuffix("-sig").upper()
        raise DataError(f"{path} begins with the mark of {name}, but --encoding is {asked}; leave --encoding out")
    if marked is None and codec is None and max(head[::2].count(0), head[1::2].count(0)) > len(head) / 4:
        raise DataError(
            f"{path}, line 1: it holds NUL bytes, as UTF-16 without a mark does; if it is that, name it with "
            "--encoding utf-16-le or utf-16-be"
        )
    return marked or codec or "utf-8"


def text_codec(name: str) -> str:
    """Return Python's name of an encoding.

    Raises
    ------
    UsageError
        There is no such encoding of text.
    """
    try:
        io.TextIOWrapper(io.BytesIO(), encoding=name)
        codec = codecs.lookup(name).name
    except (LookupError, ValueError):
        codec = None
    if codec is None or codec in _NO_ENCODINGS_OF_FILES:
        raise UsageError(
            f"--encoding {name!r} is not an encoding of text files; expected such as utf-8, cp1252, latin-1 or utf-16"
        )
    return codec
