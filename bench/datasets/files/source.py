"""A file of the user's own as a source of data like any other."""

from __future__ import annotations

from pathlib import Path

from bench.datasets.base import TextDataset
from bench.records import FileOptions


class FileSource:
    """A file of the user's own.

    Parameters
    ----------
    file : Path
    options : FileOptions
        How it is read and split.
    """

    summary = "a file of your own"

    def __init__(self, file: Path, options: FileOptions) -> None:
        self.file = file
        self.options = options
        self.name = file.name or file.resolve().name

    def is_at_hand(self, data_dir: Path | None) -> bool:
        """Whether there is such a file or folder; ``data_dir`` is not used."""
        return self.file.exists()

    def load(self, data_dir: Path | None) -> TextDataset:
        """Read the file and split it; ``data_dir`` is not used.

        Raises
        ------
        bench.errors.DataError
            It cannot be read exactly, or holds too little.
        bench.errors.UsageError
            An option does not fit it.
        """
        from bench.datasets.files.read import read_file

        return read_file(self.file, self.options).dataset

    def fingerprint(self) -> str:
        """Return what changes when the file or its test file does; neither is opened."""
        from bench.datasets.files.readers.folder import folder_fingerprint

        paths = [self.file, *([Path(self.options.test_file)] if self.options.test_file else [])]
        folders = [folder_fingerprint(path) for path in paths if path.is_dir()]
        stats = [path.stat() for path in paths if path.is_file()]
        return " ".join([*folders, *(f"{stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns}" for stat in stats)])
