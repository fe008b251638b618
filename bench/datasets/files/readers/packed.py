"""Files that are compressed, or one file in a ZIP archive: unpacked while they are read, never onto the disk."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from bench.errors import DataError
from bench.utils.text import first_of

PACKED = (".gz", ".bz2", ".xz", ".zst", ".zip")
UNPACKED_BYTES_MIN = 200_000_000
UNPACKED_TIMES = 100
"""A file may unpack to so many times its size, or to the bytes above if that is more. Text packs to a third or less."""


def packed_ending(path: Path) -> str:
    """Return the ending that says how a file is packed, "" where it is not."""
    return next((ending for ending in PACKED if path.name.lower().endswith(ending)), "")


def inner_name(path: Path) -> str:
    """Return the name of what is packed, in lower case: of a file that is not packed, its own.

    Raises
    ------
    DataError
        A ZIP archive does not hold exactly one file, or cannot be read.
    """
    ending = packed_ending(path)
    if ending == ".zip":
        with zipfile.ZipFile(path) as archive:
            return PurePosixPath(_member(path, archive).filename).name.lower()
    return path.name.lower().removesuffix(ending)


def open_bytes(path: Path) -> IO[bytes]:
    """Return a file's bytes, unpacked where its name says that it is packed.

    Raises
    ------
    DataError
        A ZIP archive does not hold exactly one file. While it is read: it unpacks to far more than it should.
    """
    ending = packed_ending(path)
    if not ending:
        return path.open("rb")
    return io.BufferedReader(_Bounded(path, _open(path, ending)))


def most_unpacked_bytes(path: Path) -> int:
    """Return to how much a file may unpack."""
    return max(UNPACKED_BYTES_MIN, UNPACKED_TIMES * path.stat().st_size)


def _open(path: Path, ending: str) -> IO[bytes]:
    if ending == ".gz":
        return cast("IO[bytes]", gzip.open(path, "rb"))
    if ending == ".bz2":
        return cast("IO[bytes]", bz2.open(path, "rb"))
    if ending == ".xz":
        return cast("IO[bytes]", lzma.open(path, "rb"))
    if ending == ".zst":
        import pyarrow as pa

        return cast("IO[bytes]", pa.CompressedInputStream(pa.OSFile(str(path)), "zstd"))
    archive = zipfile.ZipFile(path)
    return archive.open(_member(path, archive))


def _member(path: Path, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """Return the one file of an archive; what macOS adds is none."""
    files = [
        info
        for info in archive.infolist()
        if not info.is_dir() and not info.filename.startswith("__MACOSX/") and not info.filename.endswith(".DS_Store")
    ]
    if len(files) != 1:
        names = first_of([info.filename for info in files], 4)
        holds = f"{len(files)} files ({names})" if files else "no file"
        raise DataError(f"{path} holds {holds}, expected one; unpack it and name the file, or the folder of classes")
    (member,) = files
    parts = PurePosixPath(member.filename.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts:
        raise DataError(f"{path} holds {member.filename!r}, a path that leaves it; pack it anew, with the file alone")
    if member.flag_bits & 1:
        raise DataError(f"{path} is encrypted; unpack it first")
    return member


class _Bounded(io.RawIOBase):
    """A stream that is refused when it has given too many bytes."""

    def __init__(self, path: Path, stream: IO[bytes]) -> None:
        self._path = path
        self._stream = stream
        self._most = most_unpacked_bytes(path)
        self._n_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        chunk = self._stream.read(len(buffer))
        self._n_bytes += len(chunk)
        if self._n_bytes > self._most:
            raise DataError(
                f"{self._path} unpacks to more than {self._most / 1e6:,.0f} MB, {UNPACKED_TIMES} times its size or "
                "more: that is no text, or very repetitive; unpack it first if it is meant"
            )
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        self._stream.close()
        super().close()
