"""What a dataset holds, in numbers that should be known before anything is trained."""

from __future__ import annotations

import numpy as np

from bench.corpus import Int64Array
from bench.datasets.base import TextDataset
from bench.datasets.duplicates import number_texts
from bench.records import Record


class Facts(Record):
    """What ``bench data check`` prints. Texts count as equal when they are, trimmed and with white space folded."""

    dataset: str
    digest: str
    origin: str
    n_rows: int
    n_train: int
    n_test: int
    class_names: tuple[str, ...]
    train_counts: tuple[int, ...]
    test_counts: tuple[int, ...]
    n_empty_texts: int
    """Rows whose text has nothing but white space."""
    n_repeated_texts: int
    """Rows whose text stands in an earlier row."""
    n_repeated_train: int
    n_repeated_test: int
    """The same, within one side of the cut."""
    n_two_label_texts: int
    """Distinct texts that carry more than one label."""
    n_two_label_rows: int
    """Rows with such a text."""
    n_test_in_train: int
    """Test rows whose text is in training."""
    notes: tuple[str, ...]


def find_facts(dataset: TextDataset, text_numbers: Int64Array | None = None) -> Facts:
    """Count what there is.

    Parameters
    ----------
    dataset : TextDataset
    text_numbers : int64 array, shape (n_train + n_test,)
        Numbers of the texts, training rows first, as :func:`bench.datasets.duplicates.number_texts` gives them;
        counted here if left out.
    """
    train, test = dataset.train, dataset.test
    if text_numbers is None:
        text_numbers = number_texts(text for part in (train, test) for text in part.texts)
    labels = np.concatenate([train.labels, test.labels])
    n_classes = len(dataset.class_names)
    pairs = np.unique(np.stack([text_numbers, labels]), axis=1)
    numbers, n_labels = np.unique(pairs[0], return_counts=True)
    with_two = numbers[n_labels > 1]
    in_train, in_test = np.split(text_numbers, [len(train)])
    return Facts(
        dataset=dataset.name,
        digest=dataset.digest,
        origin=dataset.origin,
        n_rows=len(labels),
        n_train=len(train),
        n_test=len(test),
        class_names=dataset.class_names,
        train_counts=_counts(train.labels, n_classes),
        test_counts=_counts(test.labels, n_classes),
        n_empty_texts=sum(not text.strip() for part in (train, test) for text in part.texts),
        n_repeated_texts=len(labels) - len(numbers),
        n_repeated_train=len(in_train) - len(np.unique(in_train)),
        n_repeated_test=len(in_test) - len(np.unique(in_test)),
        n_two_label_texts=len(with_two),
        n_two_label_rows=int(np.isin(text_numbers, with_two).sum()),
        n_test_in_train=int(np.isin(in_test, in_train).sum()),
        notes=dataset.notes,
    )


def _counts(labels: Int64Array, n_classes: int) -> tuple[int, ...]:
    return tuple(np.bincount(labels, minlength=n_classes).tolist())
