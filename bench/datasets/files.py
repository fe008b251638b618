"""A file of the user's own: labelled texts, read exactly or refused, and cut into training and test rows."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.datasets.base import Part, TextDataset
from bench.datasets.columns import Columns, find_columns
from bench.datasets.cut import cut_rows, number_texts
from bench.datasets.facts import Facts, find_facts
from bench.datasets.labels import find_classes
from bench.datasets.readers import open_table
from bench.datasets.readers.content import file_kind
from bench.datasets.readers.table import Table, listed, shown
from bench.errors import DataError, UsageError
from bench.records import FileOptions

TEST_FRACTION = 0.2

_NUMBER = re.compile(r"([0-9]{1,9})(?:\.0+)?")
_CONTROLS = re.compile("[\x80-\x84\x86-\x9f]")


@dataclass(frozen=True)
class FileRead:
    """A file as it was read.

    Parameters
    ----------
    dataset : TextDataset
    options : FileOptions
        As given, the columns that were guessed filled in.
    facts : Facts
    """

    dataset: TextDataset
    options: FileOptions
    facts: Facts


class FileSource:
    """A source of the kind that ``bench.datasets`` registers, made from a path.

    Parameters
    ----------
    path : Path
    options : FileOptions
    """

    def __init__(self, path: Path, options: FileOptions) -> None:
        self.file = path
        self.options = options
        self.name = path.name
        self.summary = f"the file {path.name}"

    def is_at_hand(self, data_dir: Path | None) -> bool:
        """Whether there is such a file."""
        return self.file.is_file()

    def load(self, data_dir: Path | None) -> TextDataset:
        """The dataset; ``data_dir`` is not used."""
        return read_file(self.file, self.options).dataset


def read_file(path: Path, options: FileOptions) -> FileRead:
    """Read and cut a file.

    Raises
    ------
    DataError
        It cannot be read exactly, or holds too little.
    UsageError
        An option does not fit it.
    """
    if options.test_file and options.test_fraction is not None:
        raise UsageError(
            f"--test-file {options.test_file!r} and --test-fraction {options.test_fraction} exclude each other; "
            "expected one of them"
        )
    rows = _Rows()
    table, columns = _read(path, options, rows)
    n_train = len(rows)
    notes = _how_read(table, columns) + table.notes
    resolved = _resolved(table, columns, options)
    if options.test_file:
        test_path = Path(options.test_file)
        test_table, test_columns = _read(test_path, options, rows)
        test_notes = list(test_table.notes)
        if _resolved(test_table, test_columns, options) != resolved:
            resolved = options  # what was guessed holds for one of the two
            test_notes.insert(0, _which_columns(test_table, test_columns))
        notes += [f"{test_path.name}: {note}" for note in test_notes]
    known = table.class_names.get(columns.label, ()) if columns.label is not None else ()
    classes = find_classes(rows.codes, known)
    notes += classes.notes
    if len(classes.names) < 2:
        raise DataError(
            f"{path}: all labels in column {shown(table.names[columns.positions[-1]])} are {listed(classes.names)}; "
            "expected two classes at least"
        )
    positions = {name: i for i, name in enumerate(classes.names)}
    of_code = np.array([positions[classes.name_of[label]] for label in rows.codes], np.int64)
    labels = of_code[np.frombuffer(rows.labels, np.int32)]
    numbers = number_texts(rows.texts)
    if options.test_file:
        is_test = np.arange(len(rows)) >= n_train
        _refuse_unknown_classes(options.test_file, labels, n_train, classes.names)
    else:
        is_test, cut_note = _cut(path, labels, numbers, classes.names, options)
        notes += [cut_note] if cut_note else []
    dataset = TextDataset(
        path.name,
        _part(rows.texts, labels, ~is_test),
        _part(rows.texts, labels, is_test),
        classes.names,
        _origin(table, columns, options),
        tuple(notes),
    )
    sides = np.concatenate([numbers[~is_test], numbers[is_test]])
    return FileRead(dataset, resolved, find_facts(dataset, sides))


def read_texts(path: Path, options: FileOptions, note: Callable[[str], None]) -> list[str]:
    """The texts of a file alone: no label is needed. For ``bench predict``.

    Parameters
    ----------
    path : Path
    options : FileOptions
    note : callable
        Told what the user should know of how they were read.
    """
    table = open_table(path, options, n_columns_min=1)
    columns = find_columns(table, options, with_label=False)
    texts = [_text(table, number, cells, options) for number, cells in table.read(columns.positions)]
    if not texts:
        raise DataError(f"{path} holds no rows; expected at least one text")
    for text in table.notes:
        note(text)
    return texts


@dataclass
class _Rows:
    """Texts, and for each the number of its label as it was read."""

    texts: list[str] = field(default_factory=list)
    labels: array[int] = field(default_factory=lambda: array("i"))
    codes: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.texts)


def _read(path: Path, options: FileOptions, rows: _Rows) -> tuple[Table, Columns]:
    table = open_table(path, options)
    columns = find_columns(table, options)
    assert columns.label is not None
    names = table.class_names.get(columns.label)
    n_before, unlabelled, n_controls, n_escapes = len(rows), array("q"), 0, 0
    for number, (*cells, label) in table.read(columns.positions):
        text = _text(table, number, cells, options)
        label = _named(table, number, label, names) if names else (label or "").strip()
        if not label:
            unlabelled.append(number)
            continue
        rows.texts.append(text)
        rows.labels.append(rows.codes.setdefault(label, len(rows.codes)))
        n_escapes += "\\n" in text
        n_controls += not text.isascii() and _CONTROLS.search(text) is not None
    if unlabelled:
        raise _missing_labels(table, table.names[columns.label], unlabelled, names)
    if len(rows) == n_before:
        raise DataError(f"{path} holds no rows below its header; expected texts and labels")
    if n_controls and table.settings.get("encoding") == "iso8859-1":
        table.note(
            f"{n_controls:,} texts hold control characters, which quotes and dashes of Windows become when they are "
            "read as Latin-1: try --encoding cp1252"
        )
    if n_escapes:
        table.note(
            f"{n_escapes:,} texts hold a backslash and an n, as some exports write line breaks: it stays as it is"
        )
    return table, columns


def _text(table: Table, number: int, cells: Sequence[str | None], options: FileOptions) -> str:
    text = (cells[0] or "") if len(cells) == 1 else "\n".join(cell or "" for cell in cells)
    if len(text) > options.max_text_length:
        raise table.error(
            number,
            f"a text of {len(text):,} characters, expected {options.max_text_length:,} at most; --max-text-length "
            "raises the limit",
        )
    return text


def _named(table: Table, number: int, label: str | None, names: Sequence[str]) -> str:
    """The name of a numbered class; "" for a missing one."""
    label = (label or "").strip()
    if label in ("", "-1") or label in names:
        return "" if label == "-1" else label
    match = _NUMBER.fullmatch(label)
    if match and int(match[1]) < len(names):
        return names[int(match[1])]
    raise table.error(
        number, f"the label is {shown(label)}, expected 0 to {len(names) - 1}: the file names {listed(names)}"
    )


def _missing_labels(table: Table, column: str, numbers: array[int], names: Sequence[str] | None) -> DataError:
    others = f" (as have {len(numbers) - 1:,} more)" if len(numbers) > 1 else ""
    hint = "; -1 stands for a label that is hidden, as in a test set without answers" if names else ""
    return table.error(
        numbers[0],
        f"the row has no label in column {shown(column)}{others}; expected one in each row: fill it in, or leave the "
        f"row out{hint}",
    )


def _refuse_unknown_classes(test_file: str, labels: npt.NDArray[np.int64], n_train: int, names: Sequence[str]) -> None:
    unknown = np.setdiff1d(labels[n_train:], labels[:n_train])
    if unknown.size:
        raise DataError(
            f"{test_file}: the classes {listed([names[i] for i in unknown])} have no training row, so no model can "
            f"learn them; expected {listed([names[i] for i in np.unique(labels[:n_train])])}"
        )


def _cut(
    path: Path,
    labels: npt.NDArray[np.int64],
    numbers: npt.NDArray[np.int64],
    names: Sequence[str],
    options: FileOptions,
) -> tuple[npt.NDArray[np.bool_], str | None]:
    fraction = options.test_fraction or TEST_FRACTION
    try:
        is_test = cut_rows(labels, numbers, names, fraction, options.split_seed)
    except DataError as error:
        raise DataError(f"{path}: {error}") from error
    n_texts, n_test_texts = len(np.unique(numbers)), len(np.unique(numbers[is_test]))
    if abs(n_test_texts - fraction * n_texts) <= 0.5:
        return is_test, None
    return is_test, f"{n_test_texts:,} of {n_texts:,} texts are to test on, so that each class has one on either side"


def _part(texts: Sequence[str], labels: npt.NDArray[np.int64], chosen: npt.NDArray[np.bool_]) -> Part:
    return Part([texts[i] for i in np.flatnonzero(chosen).tolist()], labels[chosen])


def _origin(table: Table, columns: Columns, options: FileOptions) -> str:
    if options.test_file:
        cut = f"test rows of {Path(options.test_file).name}"
    else:
        cut = f"{options.test_fraction or TEST_FRACTION:g} of the texts to test on, seed {options.split_seed}"
    return f"{_which_columns(table, columns)}, {cut}"


def _which_columns(table: Table, columns: Columns) -> str:
    texts = " and ".join(_column(table, position) for position in columns.text)
    return f"text {texts}, label {_column(table, columns.positions[-1])}"


def _how_read(table: Table, columns: Columns) -> list[str]:
    """What was found out without being asked for."""
    notes = []
    if columns.guessed:
        verb = "chooses" if len(columns.guessed) == 1 else "choose"
        notes.append(f"columns are chosen by their names; {' and '.join(columns.guessed)} {verb} others")
    separator = table.settings.get("separator", ",")
    if separator not in (",", "\t") or (separator == "\t" and file_kind(table.path) == "csv"):
        notes.append(f"the separator is {separator!r}")
    if (encoding := table.settings.get("encoding", "utf-8")) not in ("utf-8", "utf-8-sig"):
        notes.append(f"the encoding is {encoding}")
    return notes


def _column(table: Table, position: int) -> str:
    return f"column {position + 1}" if table.has_header is False else shown(table.names[position])


def _resolved(table: Table, columns: Columns, options: FileOptions) -> FileOptions:
    """The options with the columns that were found, where their names say which they are."""
    update: dict[str, object] = {}
    names = list(table.names)
    if not options.text_column:
        update["text_column"] = tuple(names[position] for position in columns.text)
    if options.label_column is None:
        update["label_column"] = names[columns.positions[-1]]
    return options.model_copy(update=update)
