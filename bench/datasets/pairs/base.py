"""What a data source of the task transduction gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Row: TypeAlias = "tuple[str, ...]"


@dataclass(frozen=True)
class Pairs:
    """Sources and their targets, split into training and test rows.

    Parameters
    ----------
    sources : list of tuple of str
        All different, unless a test file of the user's own repeats training rows.
    targets : list of tuple of tuple of str
        Accepted targets of each source; models are trained on the first one.
    is_test : bool array, shape (n_rows,)
    origin : str
        Where the rows were read from, in words.
    notes : tuple of str
        What the user should know of how they were read.
    """

    sources: list[Row]
    targets: list[tuple[Row, ...]]
    is_test: npt.NDArray[np.bool_]
    origin: str
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.sources)


def draw_test_rows(n_rows: int, n_test: int, seed: int) -> npt.NDArray[np.bool_]:
    """Return which rows are to test on, drawn at random.

    >>> draw_test_rows(5, 2, seed=0).sum()
    np.int64(2)
    """
    is_test = np.zeros(n_rows, bool)
    is_test[np.random.default_rng(seed).permutation(n_rows)[:n_test]] = True
    return is_test
