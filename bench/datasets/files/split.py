"""A split into training and test rows that keeps duplicates on one side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bench.corpus import Int64Array
from bench.datasets.files.labels import in_order
from bench.datasets.sampling import draw_rows
from bench.errors import DataError
from bench.utils.text import counted, shown


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
