"""Pieces of the user's own, sequences of events: a file in the long format."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from bench.corpus import Int64Array
from bench.datasets.base import RowsDataset
from bench.datasets.files.columns import shown_column
from bench.datasets.files.labels import in_order
from bench.datasets.files.long_rows import read_both
from bench.datasets.files.readers.table import Table
from bench.datasets.files.sides import SplitRows, find_test_side, refuse_two_splits, which_test_rows
from bench.datasets.row_keys import number_rows
from bench.datasets.rows.events import make_event_dataset
from bench.ragged import Int32Array
from bench.records import FileOptions
from bench.tasks.base import BoolArray
from bench.tasks.next_event import NextEvent
from bench.utils.text import counted, listed

WORDS = NextEvent.words
_WHOLE = re.compile(r"(-?[1-9][0-9]*|0)\.0+")


def read_event_file(path: Path, options: FileOptions) -> RowsDataset:
    """Read pieces, and the file's test file or a split of its own.

    The columns of values are the voices of a step. Their tokens share one alphabet: those of the training pieces,
    numbers by size and words by the alphabet. If test pieces have others, one more token stands for all of these.

    Raises
    ------
    DataError
        It cannot be read exactly, or holds too little.
    UsageError
        An option does not fit it.
    """
    refuse_two_splits(options, None, path)
    test_path = Path(options.test_file) if options.test_file else None
    tokens = _Tokens()
    files, found, notes = read_both(path, test_path, "next-event", options, tokens.parse)
    first = files[0]
    pieces = [piece for file in files for piece in np.split(file.values.astype(np.int64), file.offsets[1:-1])]
    rows = SplitRows(path, WORDS, number_rows(pieces), groups=first.groups, splits=first.splits)
    is_test, split_notes = find_test_side(rows, options, test_path, len(first))
    coded, alphabet, n_symbols, token_notes = _encode(pieces, is_test, tokens.names)
    return make_event_dataset(
        path.name or path.resolve().name,
        [coded[row] for row in np.flatnonzero(~is_test)],
        [coded[row] for row in np.flatnonzero(is_test)],
        n_symbols,
        symbol_names=alphabet,
        origin=f"{first.origin}, {which_test_rows(options, test_path, WORDS)}",
        notes=(*notes, *tokens.notes, *split_notes, *token_notes),
        options=found,
    )


class _Tokens:
    """The tokens of files, numbered in the order in which they come."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self.spellings: set[str] = set()

    @property
    def names(self) -> list[str]:
        return list(self._codes)

    @property
    def notes(self) -> list[str]:
        """What the user should know of them."""
        are_joined = len(self.spellings) > len(self._codes)
        return ["whole numbers with and without a point, such as 60.0 and 60, are one event"] if are_joined else []

    def parse(self, table: Table, number: int, column: int, cell: str | None) -> float:
        """Return the number of a cell's token; 60.0 is 60, which tables write so where another row has no value."""
        text = (cell or "").strip()
        if not text:
            raise table.error(
                number,
                f"{shown_column(table, column)} is empty; expected an event in each row: leave the row out, or write "
                "a word that says that nothing happens",
            )
        self.spellings.add(text)
        if whole := _WHOLE.fullmatch(text):
            text = whole[1]
        return self._codes.setdefault(text, len(self._codes))


def _encode(
    pieces: list[Int64Array], is_test: BoolArray, names: list[str]
) -> tuple[list[Int32Array], list[str], int, list[str]]:
    """Return the pieces as tokens, the training pieces' alphabet, how many tokens there are, and notes."""
    in_train = np.unique(np.concatenate([pieces[row].ravel() for row in np.flatnonzero(~is_test)]))
    alphabet = in_order(names[code] for code in in_train.tolist())
    places = {name: place for place, name in enumerate(alphabet)}
    code_of = np.array([places.get(name, len(alphabet)) for name in names], np.int32)
    coded = [code_of[piece] for piece in pieces]
    notes = [f"{counted(len(alphabet), 'distinct event')} in the training pieces: {listed(alphabet)}"]
    unknown = [name for name in names if name not in places]
    if not unknown:
        return coded, alphabet, len(alphabet), notes
    n_events = sum(int(np.sum(coded[row] == len(alphabet))) for row in np.flatnonzero(is_test))
    n_test = sum(coded[row].size for row in np.flatnonzero(is_test))
    notes.append(
        f"{n_events:,} of {n_test:,} test events are in no training piece ({listed(unknown, 4)}): one more token "
        "stands for all of them"
    )
    return coded, alphabet, len(alphabet) + 1, notes
