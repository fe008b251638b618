"""What a dataset holds, in words: the lines before a run, and the table of ``bench data check``."""

from __future__ import annotations

from bench.datasets.facts import Facts
from bench.utils.text import counted, first_of, short

SHOWN_CLASSES = 12


def fact_rows(facts: Facts) -> list[tuple[str, str]]:
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


def class_rows(facts: Facts) -> list[dict[str, str]]:
    """One row a class: its rows, and on which side of the cut they are."""
    return [
        {"class": short(name), "rows": f"{train + test:,}", "training": f"{train:,}", "test": f"{test:,}"}
        for name, train, test in zip(facts.class_names, facts.train_counts, facts.test_counts, strict=True)
    ]


def fact_lines(facts: Facts) -> list[str]:
    """The same in a few lines, said before a run."""
    counts = [train + test for train, test in zip(facts.train_counts, facts.test_counts, strict=True)]
    classes = [f"{short(name)} ({count:,})" for name, count in zip(facts.class_names, counts, strict=True)]
    return [
        f"{facts.dataset}: {facts.n_rows:,} rows, {facts.n_train:,} to train on and {facts.n_test:,} to test on; "
        f"{facts.origin}",
        f"{counted(len(classes), 'class', 'classes')}: {first_of(classes, SHOWN_CLASSES)}",
        f"empty texts {facts.n_empty_texts:,}, repeated texts {facts.n_repeated_texts:,}, texts with two labels "
        f"{_with_two_labels(facts)}, test rows whose text is in training {facts.n_test_in_train:,}",
        *facts.notes,
    ]


def _with_two_labels(facts: Facts) -> str:
    rows = f" (in {facts.n_two_label_rows:,} rows)" if facts.n_two_label_texts else ""
    return f"{facts.n_two_label_texts:,}{rows}"
