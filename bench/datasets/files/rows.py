"""The texts and labels of files, row by row."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from bench.corpus import Int64Array
from bench.datasets.files.columns import Columns, find_columns, find_text_columns
from bench.datasets.files.readers import open_table
from bench.datasets.files.readers.table import Table
from bench.errors import DataError
from bench.records import FileOptions
from bench.utils.text import counted, shown

_CONTROLS = re.compile("[\x80-\x84\x86-\x9f]")


class LabelledRows:
    """Texts and labels of one or more files, in order.

    Attributes
    ----------
    texts : list of str
    labels : list of str
        The distinct labels, in order of first appearance.
    """

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.groups: list[str] = []
        """The group of each row, where --group-column names one."""
        self.splits: list[str] = []
        """The part of each row, where --split-column names one."""
        self._codes: dict[str, int] = {}
        self._code_of_row = array("i")

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def labels(self) -> list[str]:
        """The distinct labels, in order of first appearance."""
        return list(self._codes)

    @property
    def label_numbers(self) -> Int64Array:
        """For each row its label's position in ``labels``."""
        return np.array(self._code_of_row, np.int64)

    def read(self, path: Path, options: FileOptions, leave_out: Sequence[str] = ()) -> tuple[Table, Columns]:
        """Add the rows of a file or folder.

        Raises
        ------
        DataError
            It cannot be read exactly, has no rows, or a row has no label.
        UsageError
            An option does not fit it.
        """
        table = open_table(path, options, leave_out=leave_out)
        columns = find_columns(table, options)
        groups, splits = ([] if column is None else [column] for column in (columns.group, columns.split))
        n_text = len(columns.text)
        n_before, unlabelled, n_controls, n_escapes = len(self), array("q"), 0, 0
        for number, cells in table.rows([*columns.text, columns.label, *groups, *splits]):
            text, label = _text(table, number, cells[:n_text], options), cells[n_text]
            name = (label or "").strip()
            if not name:
                unlabelled.append(number)
                continue
            others = [(cell or "").strip() for cell in cells[n_text + 1 :]]
            if not all(others):
                raise table.error(number, "the row has no group or part; expected one in each row: fill it in")
            self.groups += others[: len(groups)]
            self.splits += others[len(groups) :]
            self.texts.append(text)
            self._code_of_row.append(self._codes.setdefault(name, len(self._codes)))
            n_escapes += "\\n" in text
            n_controls += not text.isascii() and _CONTROLS.search(text) is not None
        if unlabelled:
            raise _missing_labels(table, columns, unlabelled)
        if len(self) == n_before:
            below = " below its header" if table.has_header else ""
            raise DataError(f"{path} holds no rows{below}; expected texts and labels")
        if n_controls and table.encoding == "iso8859-1":
            table.note(
                f"{counted(n_controls, 'text')} with control characters, which quotes and dashes of Windows become "
                "when they are read as Latin-1: try --encoding cp1252"
            )
        if n_escapes:
            table.note(
                f"{counted(n_escapes, 'text')} with a backslash and an n, as some exports write line breaks: read as "
                "they stand"
            )
        return table, columns


def read_table_texts(path: Path, options: FileOptions, note: Callable[[str], None]) -> list[str]:
    """Return the texts of a file alone: no label is needed. For ``bench predict``.

    Parameters
    ----------
    path : Path
    options : FileOptions
    note : callable
        Called with each message for the user on how they were read.

    Returns
    -------
    list of str
        One per row, in order.

    Raises
    ------
    DataError
        The file cannot be read exactly, or has no rows.
    UsageError
        An option does not fit it.
    """
    table = open_table(path, options, n_columns_min=1)
    columns = find_text_columns(table, options)
    texts = [_text(table, number, cells, options) for number, cells in table.rows(columns)]
    if not texts:
        raise DataError(f"{path} holds no rows; expected at least one text")
    for text in table.notes:
        note(text)
    return texts


def _text(table: Table, number: int, cells: Sequence[str | None], options: FileOptions) -> str:
    text = (cells[0] or "") if len(cells) == 1 else "\n".join(cell or "" for cell in cells)
    if len(text) > options.max_text_length:
        raise table.error(
            number,
            f"a text of {len(text):,} characters, expected {options.max_text_length:,} at most; --max-text-length "
            "raises the limit",
        )
    return text


def _missing_labels(table: Table, columns: Columns, numbers: array[int]) -> DataError:
    others = f" (as have {len(numbers) - 1:,} more)" if len(numbers) > 1 else ""
    is_numbered = bool(table.class_names(columns.label))
    hint = "; -1 stands for a label that is hidden, as in a test set without answers" if is_numbered else ""
    return table.error(
        numbers[0],
        f"the row has no label in column {shown(table.names[columns.label])}{others}; expected one in each row: fill "
        f"it in, leave the row out, or choose another --label-column{hint}",
    )
