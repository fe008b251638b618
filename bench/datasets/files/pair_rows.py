"""Pairs of the user's own, a source and a target in each row, both sequences of symbols."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bench.datasets.base import RowsDataset
from bench.datasets.files.columns import find_named, find_usual, note_split_column, refuse_twice, shown_column
from bench.datasets.files.detected import found_characters, how_read, refuse_unused
from bench.datasets.files.readers import open_table
from bench.datasets.files.readers.names import SOURCE_NAMES, TARGET_NAMES
from bench.datasets.files.readers.table import Table
from bench.datasets.files.sides import SplitRows, find_test_side, refuse_two_splits, which_test_rows
from bench.datasets.row_keys import number_rows
from bench.datasets.rows.pairs import make_pair_dataset
from bench.errors import DataError, UsageError
from bench.records import FileOptions, SymbolKind
from bench.tasks.base import BoolArray
from bench.tasks.transduction import Transduction
from bench.utils.text import counted

WORDS = Transduction.words
SIDES = ("source", "target")
SPACE = "\u2423"
"""Stands for white space where symbols are characters: no symbol is white space itself."""

Row = tuple[str, ...]


@dataclass
class _Pairs:
    """The rows of a file, and behind them those of its test file."""

    texts: list[tuple[str, str]] = field(default_factory=list)
    """Source and target, white space folded."""
    groups: list[str] = field(default_factory=list)
    splits: list[str] = field(default_factory=list)


def read_pair_file(path: Path, options: FileOptions) -> RowsDataset:
    """Read pairs, and the file's test file or a split of its own.

    Rows of one source are one row, and all their targets are right. Each side's symbols are what stands between white
    space if more than half of its texts hold any, and characters if none does.

    Raises
    ------
    DataError
        It cannot be read exactly, a side is empty, or it is not clear what a symbol is.
    UsageError
        An option does not fit it.
    """
    refuse_two_splits(options, None, path)
    test_path = Path(options.test_file) if options.test_file else None
    pairs = _Pairs()
    table, guessed = _read(path, options, pairs)
    n_train, tables, notes = len(pairs.texts), [table], how_read(table, guessed, options)
    found = first_found = _found(table, options)
    if test_path:
        test_table, test_guessed = _read(test_path, options, pairs)
        tables.append(test_table)
        found = found if _found(test_table, options) == found else options  # what was detected holds for one
        notes += [f"{test_path.name}: {note}" for note in how_read(test_table, test_guessed, options)]
    refuse_unused(options, tables)
    read_from = f"{path} and {test_path}" if test_path else str(path)
    kinds = [
        _find_kind(read_from, side, [pair[place] for pair in pairs.texts], options) for place, side in enumerate(SIDES)
    ]
    sources, targets = ([_symbols(pair[place], kinds[place]) for pair in pairs.texts] for place in range(len(SIDES)))
    rows = SplitRows(path, WORDS, number_rows(sources), groups=pairs.groups, splits=pairs.splits)
    is_test, split_notes = find_test_side(rows, options, test_path, n_train)
    merged = _merge(sources, targets, is_test)
    return make_pair_dataset(
        path.name or path.resolve().name,
        *merged,
        origin=f"{_which_columns(table, first_found)}, {which_test_rows(options, test_path, WORDS)}",
        notes=(
            *notes,
            *_kind_notes(kinds, options),
            *_single_symbol_notes(sources),
            *split_notes,
            *_merge_notes(len(sources), len(merged[0])),
        ),
        options=found.model_copy(update={"symbols": tuple(kinds)}),
    )


def _read(path: Path, options: FileOptions, pairs: _Pairs) -> tuple[Table, list[str]]:
    """Add the rows of a file; return it, and the options that would have named its columns but were not given."""
    table = open_table(path, options)
    if table.LAYOUT:
        raise UsageError(
            f"{path} holds texts ({table.LAYOUT}), not pairs; expected a .csv, .tsv, .jsonl, .parquet or .xlsx file "
            "with a column of sources and one of targets"
        )
    columns, guessed = _find_columns(table, options)
    others = [
        None if name is None else find_named(table, name, option)
        for name, option in ((options.group_column, "--group-column"), (options.split_column, "--split-column"))
    ]
    refuse_twice(table, [*columns, *others], ("text", "label", "group", "split"))
    if options.split_column is None:
        note_split_column(table)
    n_before = len(pairs.texts)
    for number, cells in table.rows([*columns, *(column for column in others if column is not None)]):
        texts = [" ".join((cell or "").split()) for cell in cells]
        if not all(texts):
            what = "side of the pair" if not all(texts[:2]) else "group or part"
            raise table.error(number, f"a {what} is empty; expected one in each row: fill it in, or leave the row out")
        if (length := max(map(len, texts))) > options.max_text_length:
            raise table.error(
                number,
                f"a text of {length:,} characters, expected {options.max_text_length:,} at most; --max-text-length "
                "raises the limit",
            )
        pairs.texts.append((texts[0], texts[1]))
        if options.group_column:
            pairs.groups.append(texts[2])
        if options.split_column:
            pairs.splits.append(texts[-1])
    if len(pairs.texts) == n_before:
        raise DataError(f"{path} holds no rows; expected pairs of a source and a target")
    return table, guessed


def _find_columns(table: Table, options: FileOptions) -> tuple[list[int], list[str]]:
    if len(options.text_column) > 1:
        raise UsageError(
            f"{table.path}: --text-column names {len(options.text_column)} columns; expected one, that of the sources"
        )
    named = (options.text_column[0] if options.text_column else None, options.label_column)
    option_names = ("--text-column", "--label-column")
    columns = {
        option: find_named(table, name, option)
        for name, option in zip(named, option_names, strict=True)
        if name is not None
    }
    guessed = [option for option in option_names if option not in columns]
    for option, usual, what in zip(option_names, (SOURCE_NAMES, TARGET_NAMES), ("sources", "targets"), strict=True):
        if option not in columns:
            columns[option] = find_usual(table, usual, option, what, set(columns.values()))
    return [columns[option] for option in option_names], guessed


def _found(table: Table, options: FileOptions) -> FileOptions:
    source, target = _find_columns(table, options)[0]
    names = [str(i + 1) if table.has_header is False else table.names[i] for i in (source, target)]
    update = {**found_characters(table, options), "text_column": (names[0],), "label_column": names[1]}
    return options.model_copy(update=update)


def _which_columns(table: Table, found: FileOptions) -> str:
    source, target = _find_columns(table, found)[0]
    return f"source {shown_column(table, source)}, target {shown_column(table, target)}"


def _find_kind(read_from: str, side: str, texts: Sequence[str], options: FileOptions) -> SymbolKind:
    if options.symbols:
        return options.symbols[0] if side == SIDES[0] else options.symbols[-1]
    n_spaced = sum(" " in text for text in texts)
    if 0 < n_spaced <= len(texts) / 2:
        raise DataError(
            f"{read_from}: {n_spaced:,} of {len(texts):,} {side}s hold white space, so that symbols may be words or "
            "characters; say which with --symbols words, characters, or one for each side such as characters,words"
        )
    return "words" if n_spaced else "characters"


def _symbols(text: str, kind: SymbolKind) -> Row:
    return tuple(text.split()) if kind == "words" else tuple(text.replace(" ", SPACE))


def _kind_notes(kinds: Sequence[SymbolKind], options: FileOptions) -> list[str]:
    said = {"words": "what stands between white space", "characters": "characters"}
    otherwise = "" if options.symbols else "; --symbols says otherwise"
    sides = ", ".join(f"of {side}s {said[kind]}" for side, kind in zip(SIDES, kinds, strict=True))
    return [f"symbols are {sides}{otherwise}"]


def _single_symbol_notes(sources: Sequence[Row]) -> list[str]:
    if any(len(source) > 1 for source in sources):
        return []
    return ["each source is a single symbol: models cannot know sources that are not in training; see --symbols"]


def _merge(
    sources: Sequence[Row], targets: Sequence[Row], is_test: BoolArray
) -> tuple[list[Row], list[tuple[Row, ...]], BoolArray]:
    """Return one row per source and side; the targets of all its rows are right, those of its own side first."""
    accepted: dict[Row, dict[Row, None]] = {}
    own: dict[tuple[bool, Row], dict[Row, None]] = {}
    for source, target, side in zip(sources, targets, is_test.tolist(), strict=True):
        accepted.setdefault(source, {})[target] = None
        own.setdefault((side, source), {})[target] = None
    merged = [source for _, source in own]
    right = [tuple({**of_side, **accepted[source]}) for (_, source), of_side in own.items()]
    return merged, right, np.array([side for side, _ in own], np.bool_)


def _merge_notes(n_rows: int, n_sources: int) -> list[str]:
    if n_rows == n_sources:
        return []
    return [
        f"{counted(n_rows - n_sources, 'row')} with the source of an earlier one: all targets of a source are right"
    ]
