"""A file of the user's own as a source of data like any other."""

from __future__ import annotations

from pathlib import Path

from bench.datasets.base import Dataset
from bench.datasets.files.ts_files import TS_ENDING, find_ts_companion
from bench.errors import UsageError
from bench.records import FileOptions, TaskName


class FileSource:
    """A file of the user's own.

    Parameters
    ----------
    file : Path
    options : FileOptions
        How it is read and split.
    task : str
        What it is read for.
    """

    summary = "a file of your own"

    def __init__(self, file: Path, options: FileOptions, task: TaskName = "classification") -> None:
        self.file = file
        self.options = options
        self.task: TaskName = task
        self.name = file.name or file.resolve().name

    def is_at_hand(self, data_dir: Path | None) -> bool:
        """Whether there is such a file or folder; ``data_dir`` is not used."""
        return self.file.exists()

    def load(self, data_dir: Path | None) -> Dataset:
        """Read the file and split it; ``data_dir`` is not used.

        Raises
        ------
        bench.errors.DataError
            It cannot be read exactly, or holds too little.
        bench.errors.UsageError
            An option does not fit it, or the task.
        """
        from bench.datasets.files.detected import refuse_useless

        refuse_useless(self.task, self.options)
        if self.file.suffix.lower() == TS_ENDING and self.task != "sequence":
            raise UsageError(f"{self.file}: a .ts file holds series with classes; choose --task sequence")
        match self.task:
            case "sequence":
                from bench.datasets.files.series_rows import read_series_file

                return read_series_file(self.file, self.options)
            case "forecast":
                from bench.datasets.files.forecast_rows import read_forecast_file

                return read_forecast_file(self.file, self.options)
            case "next-event":
                from bench.datasets.files.event_rows import read_event_file

                return read_event_file(self.file, self.options)
            case "transduction":
                from bench.datasets.files.pair_rows import read_pair_file

                return read_pair_file(self.file, self.options)
        from bench.datasets.files.read import read_file

        return read_file(self.file, self.options).dataset

    def fingerprint(self) -> str:
        """Return what changes when the file or its test file does; neither is opened."""
        from bench.datasets.files.readers.folder import folder_fingerprint

        test_path = Path(self.options.test_file) if self.options.test_file else find_ts_companion(self.file)
        paths = [self.file, *([test_path] if test_path else [])]
        folders = [folder_fingerprint(path) for path in paths if path.is_dir()]
        stats = [path.stat() for path in paths if path.is_file()]
        return " ".join([*folders, *(f"{stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns}" for stat in stats)])
