"""The user's cache: encoded data that are made once and mapped by many workers, and what it holds besides."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.datasets.base import TextDataset
from bench.datasets.encoded import META_FILE, EncodedDataError, encode_dataset, open_encoded, white_space, write_encoded
from bench.records import Trial
from bench.utils.paths import expand_home, home_folder

ENCODED = "encoded"
ENCODED_BYTES_MAX = 4_000_000_000
"""The encoded data of all datasets together; what was not used for longest goes first."""


def cache_dir() -> Path:
    """Return the folder that BENCH_CACHE_DIR names, else the user's cache folder. It may not exist yet."""
    if named := os.environ.get("BENCH_CACHE_DIR"):
        return expand_home(named)
    if home_folder() is None and "XDG_CACHE_HOME" not in os.environ:
        return Path(os.devnull, "gru-bench")  # cannot be made: there is no cache, which is said once
    import platformdirs

    return platformdirs.user_cache_path("gru-bench")


@dataclass(frozen=True)
class Cached:
    """Something in the cache.

    Parameters
    ----------
    path : Path
    n_bytes : int
    used_at : float
        When it was last used, seconds since 1970.
    """

    path: Path
    n_bytes: int
    used_at: float


class EncodedCache:
    """Encoded data by dataset digest, division and training rows, in folders that appear whole or not at all.

    What encoding cost is saved with them, so entries also differ by processor and number of processors.

    Parameters
    ----------
    machine : str
        The processor and how many of them a trial may use.
    n_bytes_max : int
    """

    def __init__(self, machine: str, n_bytes_max: int = ENCODED_BYTES_MAX) -> None:
        self._machine = machine
        self._n_bytes_max = n_bytes_max
        self._checked: set[Path] = set()
        self._is_off = False

    def path(self, trial: Trial, dataset: TextDataset) -> Path:
        """Return the folder of a trial's encoded data, which may not exist."""
        seed = trial.seed if trial.train_size is not None else None
        rule = white_space(dataset, trial.division)
        key = [trial.dataset_digest, trial.division, rule, trial.train_size, seed, self._machine]
        digest = hashlib.sha256(json.dumps(key).encode()).hexdigest()
        name = re.sub(r"[^A-Za-z0-9]+", "-", trial.dataset)[:40]
        return cache_dir() / ENCODED / f"{name}-{trial.division}-{digest[:16]}"

    def ensure(self, trial: Trial, dataset: TextDataset, note: Callable[[str], None]) -> Path | None:
        """Return the folder of a trial's encoded data; they are encoded and saved unless that was done before.

        Parameters
        ----------
        trial : Trial
        dataset : TextDataset
        note : callable
            Called with each message for the user.

        Returns
        -------
        Path or None
            None: the cache cannot be written.
        """
        path = self.path(trial, dataset)
        if self._is_off:
            return None
        if path in self._checked and path.is_dir():
            return path
        try:
            if path.exists():
                if _is_sound(path):
                    os.utime(path / META_FILE)
                    self._checked.add(path)
                    return path
                note(f"the encoded data in {path} are damaged or of another version, and are made again")
                _remove(path)
            self._write(path, trial, dataset)
        except OSError as error:
            note(
                f"encoded data cannot be saved in {path.parent} ({error.strerror}): each trial encodes them itself; "
                "BENCH_CACHE_DIR names another folder"
            )
            self._is_off = True
            return None
        self._checked.add(path)
        return path

    def _write(self, path: Path, trial: Trial, dataset: TextDataset) -> None:
        data = encode_dataset(dataset, trial.division, trial.train_size, trial.seed)
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            new.mkdir()
            write_encoded(new, data)
            with contextlib.suppress(FileExistsError):  # another process was faster
                new.rename(path)
        finally:
            shutil.rmtree(new, ignore_errors=True)
        self._evict(but=path)

    def _evict(self, but: Path) -> None:
        """Remove what was not used for longest until the rest is within the limit."""
        entries = sorted(encoded_entries(), key=lambda entry: entry.used_at)
        n_bytes = sum(entry.n_bytes for entry in entries)
        for entry in entries:
            if n_bytes <= self._n_bytes_max:
                return
            if entry.path != but:
                _remove(entry.path)
                n_bytes -= entry.n_bytes


def encoded_entries() -> list[Cached]:
    """Return the folders of encoded data, whole or broken."""
    folder = cache_dir() / ENCODED
    paths = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    return [_cached(path) for path in paths]


def other_entries() -> list[Cached]:
    """Whatever else the cache holds: downloads, verified reviews and the stamps of their sources."""
    folder = cache_dir()
    paths = sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []
    return [_cached(path) for path in paths]


def clear_encoded() -> int:
    """Remove all encoded data; the bytes that were freed.

    Raises
    ------
    OSError
        The cache cannot be written.
    """
    entries = encoded_entries()
    for entry in entries:
        _remove(entry.path)
    return sum(entry.n_bytes for entry in entries)


def _cached(path: Path) -> Cached:
    files = [file for file in path.iterdir() if file.is_file()] if path.is_dir() else [path]
    stats = [file.stat() for file in files]
    times = [stat.st_mtime for stat in stats] or [path.stat().st_mtime]
    return Cached(path, sum(stat.st_size for stat in stats), max(times))


def _is_sound(path: Path) -> bool:
    try:
        open_encoded(path)
    except EncodedDataError:
        return False
    return True


def _remove(path: Path) -> None:
    """Remove a folder: out of sight first, so that nobody opens half of it."""
    gone = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    path.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)
