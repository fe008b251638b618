"""The user's cache: reviews parsed once, and stamps that say which sources were verified."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench.datasets.cache import cache_dir
from bench.datasets.imdb.archive import Archive, Files, Tree, content_digest
from bench.utils.files import replacing


@dataclass(frozen=True)
class ParsedReviews:
    """The files of one content digest in one Parquet file. It is never trusted: opening it checks the digest.

    Parameters
    ----------
    digest : str
        As :func:`bench.datasets.imdb.archive.content_digest` gives it.
    """

    digest: str

    @property
    def path(self) -> Path:
        """The Parquet file, which may not exist."""
        return cache_dir() / f"imdb-{self.digest[:16]}.parquet"

    @property
    def exists(self) -> bool:
        """Whether there is such a file, whole or broken, in a folder that can be looked into."""
        try:
            return self.path.is_file()
        except OSError:
            return False

    def read(self) -> Files | None:
        """Return the files, or None if there is no such cache, or a broken or foreign one."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            with pq.ParquetFile(self.path) as parquet:
                table = parquet.read(columns=["path", "content"])
            files = dict(zip(table["path"].to_pylist(), table["content"].to_pylist(), strict=True))
            return files if content_digest(files) == self.digest else None
        except (OSError, pa.ArrowException, ValueError, KeyError, TypeError, AttributeError):
            return None

    def write(self, files: Files) -> None:
        """Replace the file as a whole; a reader or a kill never meets half of it."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        paths = sorted(files)
        columns = {"path": pa.array(paths, pa.string()), "content": pa.array([files[p] for p in paths], pa.binary())}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(self.path) as file:
            pq.write_table(pa.table(columns), file, compression="lz4", use_dictionary=False, write_statistics=False)


@dataclass(frozen=True)
class Stamp:
    """Remembers the content digest of an archive or tree, until that changes on disk."""

    source: Archive | Tree
    fingerprint: str

    @classmethod
    def of(cls, source: Archive | Tree) -> Stamp:
        """Return the stamp of a source as it now is."""
        return cls(source, source.fingerprint())

    @property
    def path(self) -> Path:
        """One small file a source, so that two processes never write over each other's stamps."""
        place = hashlib.sha256(os.fsencode(self.source.path.resolve())).hexdigest()
        return cache_dir() / f"imdb-{place[:16]}.stamp.json"

    def recall(self) -> str | None:
        """Return the digest that the source had when it was verified, if it is still the same on disk."""
        try:
            stamp = json.loads(self.path.read_bytes())
            return str(stamp["digest"]) if stamp["fingerprint"] == self.fingerprint else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def remember(self, digest: str) -> None:
        """Remember that the source holds verified content with this digest."""
        stamp = {"source": str(self.source.path.resolve()), "fingerprint": self.fingerprint, "digest": digest}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(self.path) as file:
            file.write(json.dumps(stamp, indent=1).encode())

    def forget(self) -> None:
        """Forget the source: it has to be verified again."""
        with suppress(OSError):
            self.path.unlink()
