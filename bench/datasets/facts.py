"""What a dataset holds, counted before anything is trained, and the same in words for tables and notes."""

from __future__ import annotations

import numpy as np

from bench.corpus import Int64Array
from bench.datasets.base import Dataset, RowsDataset
from bench.datasets.duplicates import number_texts
from bench.records import DatasetInfo
from bench.tasks import find_task
from bench.utils.paths import scrub
from bench.utils.text import counted, first_of, short


class DatasetFacts(DatasetInfo):
    """What ``bench data check`` prints. Texts are equal if they are once white space is folded."""

    n_rows: int
    n_empty_texts: int
    """Rows without a token or frame, or whose text has nothing but white space."""
    n_repeated_texts: int
    """Rows whose text occurs in an earlier row."""
    n_two_label_texts: int
    n_two_label_rows: int
    """Rows whose text carries more than one label."""
    n_test_in_train: int
    lengths: tuple[int, float, int] | None = None
    """Parts of the shortest row, of the one in the middle, and of the longest; None: of texts. Here and below."""
    n_symbols: int | None = None
    """Distinct tokens of pieces, or distinct symbols of sources."""
    n_target_symbols: int | None = None
    width: int | None = None
    """Tokens per step of a piece."""
    horizon: int | None = None
    season_length: int | None = None


SHOWN_CLASSES = 12


def find_facts(dataset: Dataset) -> DatasetFacts:
    """Count rows, classes, duplicates and leaks."""
    if isinstance(dataset, RowsDataset):
        return _find_row_facts(dataset)
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


def _find_row_facts(dataset: RowsDataset) -> DatasetFacts:
    n_train, n_classes = len(dataset.X_train), len(dataset.class_names)
    in_train, in_test = np.split(dataset.row_numbers, [n_train])
    lengths = np.concatenate([dataset.X_train.lengths, dataset.X_test.lengths])
    n_symbols = _count_symbols(dataset)
    repeated = [len(numbers) - len(np.unique(numbers)) for numbers in (in_train, in_test)]
    is_forecast = dataset.task == "forecast"
    labels = (dataset.y_train, dataset.y_test)
    return DatasetFacts(
        name=dataset.name,
        task=dataset.task,
        digest=dataset.digest,
        origin=dataset.origin,
        n_rows=n_train + len(dataset.X_test),
        n_train=dataset.n_train,
        n_test=len(dataset.X_test),
        class_names=dataset.class_names,
        train_counts=_counts(labels[0], n_classes) if n_classes else (),
        test_counts=_counts(labels[1], n_classes) if n_classes else (),
        n_empty_texts=int(np.sum(lengths == 0)),
        n_repeated_texts=0 if is_forecast else sum(repeated),
        n_repeated_train=0 if is_forecast else repeated[0],
        n_repeated_test=0 if is_forecast else repeated[1],
        n_two_label_texts=0,
        n_two_label_rows=0,
        n_test_in_train=0 if is_forecast else int(np.isin(in_test, in_train).sum()),
        notes=dataset.notes,
        baseline=dataset.baseline,
        has_sizes=not is_forecast,
        n_channels=getattr(dataset.X_train, "n_channels", None),
        lengths=(int(lengths.min()), float(np.median(lengths)), int(lengths.max())),
        n_symbols=n_symbols[0],
        n_target_symbols=n_symbols[1],
        width=getattr(dataset.X_train, "width", None),
        horizon=getattr(dataset.X_train, "horizon", None),
        season_length=getattr(dataset.X_train, "season_length", None),
    )


def _count_symbols(dataset: RowsDataset) -> tuple[int | None, int | None]:
    """Return how many distinct tokens or source symbols there are, and how many distinct target symbols."""
    if dataset.task != "transduction":
        return getattr(dataset.X_train, "n_symbols", None), None
    sources = {symbol for X in (dataset.X_train, dataset.X_test) for source in X for symbol in source}
    targets = [*dataset.y_train, *(target for accepted in dataset.y_test for target in accepted)]
    return len(sources), len({symbol for target in targets for symbol in target})


def dataset_info(facts: DatasetFacts, data_dir: str | None = None) -> DatasetInfo:
    """Return what a run records of its data, with the folders of this machine written as names."""
    info = facts.model_dump(include=set(DatasetInfo.model_fields))
    notes = tuple(scrub(note, data_dir) for note in facts.notes)
    return DatasetInfo.model_validate({**info, "origin": scrub(facts.origin, data_dir), "notes": notes})


def fact_rows(facts: DatasetFacts) -> list[tuple[str, str]]:
    """Facts with their names, for a table."""
    if facts.task != "classification":
        return _row_fact_rows(facts)
    return [
        ("rows", _sides(facts)),
        ("read", facts.origin),
        ("empty texts", f"{facts.n_empty_texts:,}"),
        ("texts that stand in an earlier row", f"{facts.n_repeated_texts:,}"),
        ("texts with two labels", _with_two_labels(facts)),
        ("test rows whose text is in training", f"{facts.n_test_in_train:,}"),
        *(("note", note) for note in facts.notes),
    ]


def _row_fact_rows(facts: DatasetFacts) -> list[tuple[str, str]]:
    """As :func:`fact_rows`, of tasks other than the classification of texts."""
    task = find_task(facts.task)
    words = task.words
    shortest, median, longest = facts.lengths or (0, 0.0, 0)
    symbols = f"{facts.n_symbols}"
    if facts.n_target_symbols is not None:
        symbols = f"{facts.n_symbols} in sources, {facts.n_target_symbols} in targets"
    baseline = "" if facts.baseline is None else f"{task.metric.heading} {task.metric.write(facts.baseline)}"
    is_forecast = facts.task == "forecast"
    rows: list[tuple[str, str, bool]] = [
        ("task", facts.task, True),
        ("rows", _sides(facts), True),
        ("read", facts.origin, True),
        (f"{words.parts} per {words.row}", f"{shortest:,} to {longest:,}, median {median:g}", True),
        ("channels", f"{facts.n_channels}", facts.n_channels is not None),
        (f"distinct {words.parts}", symbols, facts.n_symbols is not None),
        ("tokens per step", f"{facts.width}", facts.width is not None),
        ("horizon, season", f"{facts.horizon}, {counted(facts.season_length or 1, 'step')}", is_forecast),
        (f"empty {words.rows}", f"{facts.n_empty_texts:,}", facts.n_empty_texts > 0),
        (f"{words.rows} that stand in an earlier row", f"{facts.n_repeated_texts:,}", not is_forecast),
        (f"test rows whose {words.row} is in training", f"{facts.n_test_in_train:,}", not is_forecast),
        ("baseline", f"{baseline}: {words.baseline}", bool(baseline)),
        *(("note", note, True) for note in facts.notes),
    ]
    return [(name, value) for name, value, is_there in rows if is_there]


def _sides(facts: DatasetFacts) -> str:
    if facts.task == "forecast":
        return f"{facts.n_train:,} values to train on, {counted(facts.n_test, 'forecast')} to test"
    n_copies = facts.n_rows - facts.n_train - facts.n_test
    copies = f" and {n_copies:,} copies of these" if n_copies else ""
    return f"{facts.n_rows:,}: {facts.n_train:,} to train on{copies}, {facts.n_test:,} to test on"


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
    sides = f"{facts.n_rows:,} rows, {facts.n_train:,} to train on and {facts.n_test:,} to test on"
    rows = f"{facts.name}: {_sides(facts) if facts.task == 'forecast' else sides}; {facts.origin}"
    class_line = f"{counted(len(classes), 'class', 'classes')}: {first_of(classes, SHOWN_CLASSES)}"
    if facts.task != "classification":
        others = [
            value if name == "note" else f"{name}: {value}"
            for name, value in fact_rows(facts)
            if name not in ("task", "rows", "read")
        ]
        return [rows, *([class_line] if classes else []), *others]
    return [
        rows,
        class_line,
        f"empty texts {facts.n_empty_texts:,}, repeated texts {facts.n_repeated_texts:,}, texts with two labels "
        f"{_with_two_labels(facts)}, test rows whose text is in training {facts.n_test_in_train:,}",
        *facts.notes,
    ]


def _with_two_labels(facts: DatasetFacts) -> str:
    rows = f" (in {facts.n_two_label_rows:,} rows)" if facts.n_two_label_texts else ""
    return f"{facts.n_two_label_texts:,}{rows}"


def _counts(labels: Int64Array, n_classes: int) -> tuple[int, ...]:
    return tuple(np.bincount(labels, minlength=n_classes).tolist())
