"""What views share: another dataset, which they change."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from bench.datasets.base import Source, TextDataset
from bench.errors import UsageError


class View(ABC):
    """A dataset with something changed. Rows and labels are in the order of the dataset that it is made of.

    Parameters
    ----------
    of : str
        The registered name of that dataset, with or without parameters.
    """

    name: str
    summary: ClassVar[str]

    def __init__(self, of: str = "imdb-dev") -> None:
        self.of = of

    @property
    def source(self) -> Source:
        """The source of the dataset that it is made of."""
        from bench.datasets import find_source, is_file

        if self.of == "auto" or is_file(self.of):
            raise UsageError(
                f"{self.name} cannot be made: a view is of a dataset that bench list datasets shows, not of {self.of!r}"
            )
        return find_source(self.of)

    def is_at_hand(self, data_dir: Path | None) -> bool:
        """Whether the dataset that it is made of is available."""
        return self.source.is_at_hand(data_dir)

    def load(self, data_dir: Path | None) -> TextDataset:
        """Return the dataset, changed."""
        whole = self.source.load(data_dir)
        if not isinstance(whole, TextDataset):
            raise UsageError(f"{self.name} cannot be made: {self.of} is for the task {whole.task}, expected texts")
        changed = self._change(whole)
        return replace(changed, name=self.name, text_numbers=None, best_accuracy=None)

    @abstractmethod
    def _change(self, whole: TextDataset) -> TextDataset:
        """Return the view of a dataset."""
