"""What a dataset holds, in numbers that should be known before anything is trained."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.corpus import Int64Array
from bench.datasets.base import TextDataset
from bench.datasets.cut import number_texts
from bench.records import Record
from bench.terminal import short

SHOWN_CLASSES = 12


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
        Numbers of the texts, training rows first, as :func:`bench.datasets.cut.number_texts` gives them; counted
        here if left out.
    """
    train, test = dataset.train, dataset.test
    if text_numbers is None:
        text_numbers = number_texts(text for part in (train, test) for text in part.texts)
    labels = np.concatenate([train.labels, test.labels])
    n_classes = len(dataset.class_names)
    pairs = np.unique(np.stack([text_numbers, labels]), axis=1)
    numbers, n_labels = np.unique(pairs[0], return_counts=True)
    with_two = numbers[n_labels > 1]
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
        n_two_label_texts=len(with_two),
        n_two_label_rows=int(np.isin(text_numbers, with_two).sum()),
        n_test_in_train=int(np.isin(text_numbers[len(train) :], text_numbers[: len(train)]).sum()),
        notes=dataset.notes,
    )


def _counts(labels: Int64Array, n_classes: int) -> tuple[int, ...]:
    return tuple(np.bincount(labels, minlength=n_classes).tolist())


def fact_rows(facts: Facts) -> list[tuple[str, str]]:
    """Facts with their names, for a table and for the lines before a run."""
    return [
        ("rows", f"{facts.n_rows:,}: {facts.n_train:,} to train on, {facts.n_test:,} to test on"),
        ("read", facts.origin),
        ("empty texts", f"{facts.n_empty_texts:,}"),
        ("texts that stand in an earlier row", f"{facts.n_repeated_texts:,}"),
        ("texts with two labels", _with_two_labels(facts)),
        ("test rows whose text is in training", f"{facts.n_test_in_train:,}"),
        *(("note", note) for note in facts.notes),
    ]


def class_rows(facts: Facts) -> list[dict[str, str]]:
    """One row a class: its rows, and on which side of the cut they are."""
    return [
        {"class": short(name), "rows": f"{train + test:,}", "training": f"{train:,}", "test": f"{test:,}"}
        for name, train, test in zip(facts.class_names, facts.train_counts, facts.test_counts, strict=True)
    ]


def fact_lines(facts: Facts) -> list[str]:
    """The same in a few lines, said before a run."""
    counts = [train + test for train, test in zip(facts.train_counts, facts.test_counts, strict=True)]
    classes = [f"{short(name)} {count:,}" for name, count in zip(facts.class_names, counts, strict=True)]
    return [
        f"{facts.dataset}: {facts.n_rows:,} rows, {facts.n_train:,} to train on and {facts.n_test:,} to test on; "
        f"{facts.origin}",
        f"{len(classes)} classes: {_first(classes, SHOWN_CLASSES)}",
        f"empty texts {facts.n_empty_texts:,}, repeated texts {facts.n_repeated_texts:,}, texts with two labels "
        f"{_with_two_labels(facts)}, test rows whose text is in training {facts.n_test_in_train:,}",
        *facts.notes,
    ]


def _with_two_labels(facts: Facts) -> str:
    rows = f" (in {facts.n_two_label_rows:,} rows)" if facts.n_two_label_texts else ""
    return f"{facts.n_two_label_texts:,}{rows}"


def _first(values: Sequence[str], most: int) -> str:
    return ", ".join(values[:most]) + (f" and {len(values) - most:,} more" if len(values) > most else "")
