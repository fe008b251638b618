"""What a dataset holds, counted before anything is trained, and the same in words for tables and notes."""

from __future__ import annotations

import numpy as np

from bench.corpus import Int64Array
from bench.datasets.base import TextDataset
from bench.datasets.duplicates import number_texts
from bench.records import DatasetInfo
from bench.utils.paths import scrub
from bench.utils.text import counted, first_of, short


class DatasetFacts(DatasetInfo):
    """What ``bench data check`` prints. Texts are equal if they are once white space is folded."""

    n_rows: int
    n_empty_texts: int
    """Rows whose text has nothing but white space."""
    n_repeated_texts: int
    """Rows whose text occurs in an earlier row."""
    n_two_label_texts: int
    n_two_label_rows: int
    """Rows whose text carries more than one label."""
    n_test_in_train: int


SHOWN_CLASSES = 12


def find_facts(dataset: TextDataset) -> DatasetFacts:
    """Count rows, classes, duplicates and leaks."""
    train, test = dataset.train, dataset.test
    text_numbers = dataset.text_numbers
    if text_numbers is None:
        text_numbers = number_texts(text for part in (train, test) for text in part.texts)
    labels = np.concatenate([train.labels, test.labels])
    n_classes = len(dataset.class_names)
    pairs = np.unique(np.stack([text_numbers, labels]), axis=1)
    numbers, n_labels = np.unique(pairs[0], return_counts=True)
    with_two = numbers[n_labels > 1]
    in_train, in_test = np.split(text_numbers, [len(train)])
    return DatasetFacts(
        name=dataset.name,
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
        best_accuracy=dataset.best_accuracy,
    )


def dataset_info(facts: DatasetFacts, data_dir: str | None = None) -> DatasetInfo:
    """Return what a run records of its data, with the folders of this machine written as names."""
    info = facts.model_dump(include=set(DatasetInfo.model_fields))
    notes = tuple(scrub(note, data_dir) for note in facts.notes)
    return DatasetInfo.model_validate({**info, "origin": scrub(facts.origin, data_dir), "notes": notes})


def fact_rows(facts: DatasetFacts) -> list[tuple[str, str]]:
    """Facts with their names, for a table."""
    return [
        ("rows", f"{facts.n_rows:,}: {facts.n_train:,} to train on, {facts.n_test:,} to test on"),
        ("read", facts.origin),
        ("empty texts", f"{facts.n_empty_texts:,}"),
        ("texts that stand in an earlier row", f"{facts.n_repeated_texts:,}"),
        ("texts with two labels", _with_two_labels(facts)),
        ("test rows whose text is in training", f"{facts.n_test_in_train:,}"),
        *(("note", note) for note in facts.notes),
    ]


def class_rows(facts: DatasetFacts) -> list[dict[str, str]]:
    """One row per class: its rows, and on which side of the split they are."""
    return [
        {"class": short(name), "rows": f"{train + test:,}", "training": f"{train:,}", "test": f"{test:,}"}
        for name, train, test in zip(facts.class_names, facts.train_counts, facts.test_counts, strict=True)
    ]


def fact_lines(facts: DatasetFacts) -> list[str]:
    """Return the same in a few lines, said before a run."""
    counts = [train + test for train, test in zip(facts.train_counts, facts.test_counts, strict=True)]
    classes = [f"{short(name)} ({count:,})" for name, count in zip(facts.class_names, counts, strict=True)]
    return [
        f"{facts.name}: {facts.n_rows:,} rows, {facts.n_train:,} to train on and {facts.n_test:,} to test on; "
        f"{facts.origin}",
        f"{counted(len(classes), 'class', 'classes')}: {first_of(classes, SHOWN_CLASSES)}",
        f"empty texts {facts.n_empty_texts:,}, repeated texts {facts.n_repeated_texts:,}, texts with two labels "
        f"{_with_two_labels(facts)}, test rows whose text is in training {facts.n_test_in_train:,}",
        *facts.notes,
    ]


def _with_two_labels(facts: DatasetFacts) -> str:
    rows = f" (in {facts.n_two_label_rows:,} rows)" if facts.n_two_label_texts else ""
    return f"{facts.n_two_label_texts:,}{rows}"


def _counts(labels: Int64Array, n_classes: int) -> tuple[int, ...]:
    return tuple(np.bincount(labels, minlength=n_classes).tolist())
