"""A split into training and test rows that keeps duplicates on one side."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.corpus import Int64Array
from bench.datasets.files.labels import in_order
from bench.datasets.sampling import draw_rows
from bench.errors import DataError
from bench.records import FileOptions
from bench.utils.text import counted, listed, shown


def cut_rows(
    labels: Int64Array, text_numbers: Int64Array, class_names: Sequence[str], fraction: float, seed: int
) -> npt.NDArray[np.bool_]:
    """Which rows are to test on: a fraction of the distinct texts, each class in its proportion.

    A text counts as of the class of its first row. Each class has a text on either side.

    Parameters
    ----------
    labels : int64 array, shape (n_rows,)
        Positions in ``class_names``.
    text_numbers : int64 array, shape (n_rows,)
        As :func:`bench.datasets.duplicates.number_texts` gives them.

    Raises
    ------
    DataError
        A class has fewer than two distinct texts.
    """
    # The order of classes is the file's in some kinds of files: it must not change the split.
    places = {name: place for place, name in enumerate(in_order(class_names))}
    rank = np.array([places[name] for name in class_names])
    _, first_rows = np.unique(text_numbers, return_index=True)
    of_text = rank[labels[first_rows]]
    n_texts = np.bincount(of_text, minlength=len(class_names))
    if (small := np.flatnonzero(n_texts[rank] < 2)).size:
        raise DataError(_too_small(small, labels, class_names))
    size = int(np.clip(round(fraction * len(of_text)), len(class_names), len(of_text) - len(class_names)))
    is_test_text = np.zeros(len(of_text), bool)
    is_test_text[draw_rows(of_text, size, seed, leave=1)] = True
    return np.asarray(is_test_text[text_numbers])


def _too_small(small: Int64Array, labels: Int64Array, class_names: Sequence[str]) -> str:
    first = int(small[0])
    rows = counted(int(np.sum(labels == first)), "row")
    others = f", and {len(small) - 1:,} more of {len(class_names):,} classes" if len(small) > 1 else ""
    hint = " Is --label-column the right one?" if len(small) > len(class_names) / 2 else ""
    return (
        f"the class {shown(class_names[first])} is too small to be cut ({rows}{others}): a cut needs two texts of each "
        f"class that differ and stand in no earlier row under another label.{hint} Add rows, leave the class out, or "
        "give test rows of your own with --test-file"
    )


def cut_groups(
    path: Path,
    options: FileOptions,
    labels: Int64Array,
    text_numbers: Int64Array,
    groups: Sequence[str],
    fraction: float,
) -> npt.NDArray[np.bool_]:
    """Which rows are to test on: whole groups, about a fraction of the rows, each class in about its proportion.

    Groups that share a text count as one. The fraction is 1 / k for a whole k.

    Raises
    ------
    DataError
        There are too few groups, or a class is in too few.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from sklearn.model_selection import StratifiedGroupKFold

    names, codes = np.unique(np.asarray(groups), return_inverse=True)
    column = f"--group-column {options.group_column}"
    if len(names) < 2:
        raise DataError(f"{path}: all rows have the group {shown(str(names[0]))} ({column}); expected two at least")
    links = coo_array((np.ones(len(codes)), (codes, text_numbers)), shape=(len(names), int(text_numbers.max()) + 1))
    joined = (links @ links.T).tocsr()
    n_units, unit_of_group = connected_components(joined, directed=False)
    if n_units < 2:
        raise DataError(
            f"{path}: all groups share texts ({column}), so that none can be kept apart; see repeated texts"
        )
    n_folds = min(n_units, max(2, round(1 / min(fraction, 1 - fraction))))
    folds = StratifiedGroupKFold(n_folds, shuffle=True, random_state=options.split_seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of classes with fewer rows than folds
        one, other = next(folds.split(labels, labels, unit_of_group[codes]))
    is_test = np.zeros(len(labels), bool)
    is_test[other if fraction <= 0.5 else one] = True
    return is_test


PARTS = {
    "train": False,
    "training": False,
    "test": True,
    "testing": True,
}
"""What a column of parts may say, whatever the case, and whether it means testing."""


def find_test_rows(path: Path, column: str, splits: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Which rows a column says are to test on.

    Raises
    ------
    DataError
        It says something else than train and test, or not both.
    """
    found = sorted(set(splits))
    if unknown := [value for value in found if value.lower() not in PARTS]:
        raise DataError(
            f"{path}: the column {shown(column)} holds {listed(unknown)}; expected train and test: join validation "
            "rows with training or leave them out"
        )
    is_test = np.array([PARTS[value.lower()] for value in splits])
    if is_test.all() or not is_test.any():
        raise DataError(f"{path}: the column {shown(column)} holds {listed(found)} only; expected train and test")
    return is_test
