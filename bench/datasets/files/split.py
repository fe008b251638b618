"""A split into training and test rows that keeps duplicates on one side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.corpus import Int64Array
from bench.datasets.files.labels import in_order
from bench.datasets.sampling import draw_rows
from bench.errors import DataError
from bench.records import FileOptions
from bench.tasks.base import Words
from bench.utils.text import counted, listed, shown

LARGEST_TABLE = 50_000_000
"""Numbers of a table of groups and classes, of which there are copies."""
DRAWS = 100
"""Of groups, to take the closest to what is wanted."""


def cut_rows(
    labels: Int64Array, row_numbers: Int64Array, class_names: Sequence[str], fraction: float, seed: int, words: Words
) -> npt.NDArray[np.bool_]:
    """Which rows are to test on: a fraction of the distinct ones, each class in its proportion.

    A row counts as of the class of the first one that equals it. Each class has a row on either side.

    Parameters
    ----------
    labels : int64 array, shape (n_rows,)
        Positions in ``class_names``.
    row_numbers : int64 array, shape (n_rows,)
        Equal rows have equal numbers, from 0.
    words : Words
        What the rows are called.

    Raises
    ------
    DataError
        A class has fewer than two distinct rows.
    """
    # The order of classes is the file's in some kinds of files: it must not change the split.
    places = {name: place for place, name in enumerate(in_order(class_names))}
    rank = np.array([places[name] for name in class_names])
    _, first_rows = np.unique(row_numbers, return_index=True)
    of_distinct = rank[labels[first_rows]]
    n_distinct = np.bincount(of_distinct, minlength=len(class_names))
    if (small := np.flatnonzero(n_distinct[rank] < 2)).size:
        raise DataError(_too_small(small, labels, class_names, words))
    size = int(np.clip(round(fraction * len(of_distinct)), len(class_names), len(of_distinct) - len(class_names)))
    is_test = np.zeros(len(of_distinct), bool)
    is_test[draw_rows(of_distinct, size, seed, leave=1)] = True
    return np.asarray(is_test[row_numbers])


def _too_small(small: Int64Array, labels: Int64Array, class_names: Sequence[str], words: Words) -> str:
    first = int(small[0])
    rows = counted(int(np.sum(labels == first)), "row")
    others = f", and {len(small) - 1:,} more of {len(class_names):,} classes" if len(small) > 1 else ""
    hint = " Is --label-column the right one?" if len(small) > len(class_names) / 2 else ""
    return (
        f"the class {shown(class_names[first])} is too small to be cut ({rows}{others}): a cut needs two {words.rows} "
        f"of each class that differ and stand in no earlier row under another label.{hint} Add rows, leave the class "
        "out, or give test rows of your own with --test-file"
    )


def cut_groups(
    path: Path,
    options: FileOptions,
    labels: Int64Array,
    row_numbers: Int64Array,
    groups: Sequence[str],
    fraction: float,
    words: Words,
) -> npt.NDArray[np.bool_]:
    """Which rows are to test on: whole groups, about a fraction of the rows, each class in about its proportion.

    Groups that share a row count as one. Of many random draws the one is taken that comes closest.

    Raises
    ------
    DataError
        There are too few groups.
    """
    units = _join_groups(path, options, row_numbers, groups, words)
    n_units, n_classes = int(units.max()) + 1, int(labels.max()) + 1
    if n_units * n_classes > LARGEST_TABLE:
        raise DataError(
            f"{path}: {n_classes:,} classes in {n_units:,} groups are too many to split by group; is --label-column "
            "the right one? Else give test rows of your own with --test-file"
        )
    counts = np.zeros((n_units, n_classes), np.int64)
    np.add.at(counts, (units, labels), 1)
    draws = [chosen for chosen in _draw_units(counts, fraction, options.split_seed) if len(chosen)]
    if not draws:
        raise DataError(
            f"{path}: however --group-column {options.group_column} splits the rows, a class has none to learn from; "
            f"expected two groups with other {words.rows} of each class at least"
        )
    is_test_unit = np.zeros(len(counts), bool)
    is_test_unit[min(draws, key=lambda chosen: _distance(counts, chosen, fraction))] = True
    return np.asarray(is_test_unit[units])


def _join_groups(
    path: Path, options: FileOptions, row_numbers: Int64Array, groups: Sequence[str], words: Words
) -> Int64Array:
    """Return a number for each row, from 0, which rows of one group and equal rows have in common."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    names, codes = np.unique(np.asarray(groups), return_inverse=True)
    column = f"--group-column {options.group_column}"
    if len(names) < 2:
        raise DataError(f"{path}: all rows have the group {shown(str(names[0]))} ({column}); expected two at least")
    n_nodes = len(names) + int(row_numbers.max()) + 1
    links = coo_array((np.ones(len(codes), bool), (codes, len(names) + row_numbers)), shape=(n_nodes, n_nodes))
    n_units, unit_of_node = connected_components(links, directed=False)
    if n_units < 2:
        raise DataError(
            f"{path}: all groups share {words.rows} ({column}), so that none can be kept apart; see repeated "
            f"{words.rows}"
        )
    return np.asarray(unit_of_node[codes], np.int64)


def _draw_units(counts: Int64Array, fraction: float, seed: int) -> Iterator[Int64Array]:
    """Yield units to test on, about a fraction of the rows each time, so that every class has rows to learn from.

    Parameters
    ----------
    counts : int64 array, shape (n_units, n_classes)
        Rows.
    """
    sizes = counts.sum(axis=1)
    random = np.random.default_rng(seed)
    for _ in range(DRAWS):
        # Units up to some size alone, since a giant one leaves no room for others.
        order = random.permutation(np.flatnonzero(sizes <= random.choice(np.unique(sizes))))
        n_drawn = 1 + int(np.argmin(np.abs(np.cumsum(sizes[order]) - fraction * sizes.sum())))
        yield _without_lost_classes(counts, order[:n_drawn])


def _without_lost_classes(counts: Int64Array, chosen: Int64Array) -> Int64Array:
    """Return these units without those that leave a class no other row, as few rows as possible."""
    left = counts.sum(axis=0) - counts[chosen].sum(axis=0)
    for lost in np.flatnonzero(left == 0):
        if left[lost] == 0:
            holders = chosen[counts[chosen, lost] > 0]
            back = holders[np.argmin(counts[holders].sum(axis=1))]
            left += counts[back]
            chosen = chosen[chosen != back]
    return chosen


def _distance(counts: Int64Array, chosen: Int64Array, fraction: float) -> float:
    """How many rows are on the wrong side, class by class."""
    return float(np.abs(counts[chosen].sum(axis=0) - fraction * counts.sum(axis=0)).sum())


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
