"""Datasets that come inside packages: what their sources share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

from bench.datasets.base import RowsDataset
from bench.errors import DataError
from bench.records import TaskName


class PackageSource(ABC):
    """A dataset of a task other than the classification of texts, out of the files of an installed package.

    Each ``load`` reads the files as data and verifies them; no code of the package is imported.
    """

    name: str
    summary: str
    task: TaskName

    @abstractmethod
    def find(self) -> Path:
        """Return the file or folder that is read.

        Raises
        ------
        bench.errors.DataError
            The package is not installed; the text names the extra that installs it.
        """

    @abstractmethod
    def read(self) -> RowsDataset:
        """Return the dataset, verified.

        Raises
        ------
        bench.errors.DataError
            The package is not installed, or its files are not the expected ones.
        """

    def is_at_hand(self, data_dir: Path | None) -> bool:
        """Whether the package is installed; ``data_dir`` is not used."""
        try:
            return self.find().exists()
        except (DataError, OSError):
            return False

    def load(self, data_dir: Path | None) -> RowsDataset:
        """Return the dataset, verified; ``data_dir`` is not used."""
        return self.read()

    def verify(self, data_dir: Path | None) -> str:
        """Read the files again and check them, as every ``load`` does."""
        dataset = self.read()
        return f"{self.find()}: {dataset.n_train:,} and {len(dataset.X_test):,} rows were read, as expected."

    def path(self, data_dir: Path | None) -> Path:
        """Return the file or folder that is read."""
        return self.find()
