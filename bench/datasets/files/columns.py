"""Find the text and label columns: as the user names them, else guessed from common names, with a note."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bench.datasets.files.readers.names import (
    ID_NAMES,
    LABEL_NAMES,
    SOURCE_NAMES,
    SPLIT_NAMES,
    TARGET_NAMES,
    TEXT_NAMES,
    TIME_NAMES,
    TITLE_NAMES,
    VALUE_NAMES,
)
from bench.datasets.files.readers.table import Table
from bench.errors import UsageError
from bench.records import FileOptions
from bench.utils.text import listed, shown, suggestion


class Columns(NamedTuple):
    """Positions of the columns in use, and the options that would have named them but were not given."""

    text: tuple[int, ...]
    """One, or several that are joined by line breaks."""
    label: int
    guessed: tuple[str, ...]
    group: int | None = None
    split: int | None = None


def find_columns(table: Table, options: FileOptions) -> Columns:
    """Return the columns that the options name, else those with a usual name.

    Raises
    ------
    UsageError
        A column is not there, occurs twice, or cannot be guessed.
    """
    guessed = []
    named = _named_texts(table, options)
    text = tuple(find_named(table, name, "--text-column") for name in named)
    if options.label_column is not None:
        label = find_named(table, options.label_column, "--label-column")
    else:
        guessed.append("--label-column")
        label = find_usual(table, LABEL_NAMES, "--label-column", "labels", set(text), _task_hint(table))
    if not named:
        guessed.append("--text-column")
        text = (_guess_text(table, {label}),)
    group, split = (
        None if name is None else find_named(table, name, option)
        for name, option in ((options.group_column, "--group-column"), (options.split_column, "--split-column"))
    )
    refuse_twice(table, [*text, label, group, split], ("text", "label", "group", "split"))
    if split is None:
        note_split_column(table)
    return Columns(text, label, tuple(guessed), group, split)


def refuse_twice(table: Table, positions: Sequence[int | None], options: Sequence[str]) -> None:
    """Refuse a column that is named for two things.

    Raises
    ------
    UsageError
    """
    used = [position for position in positions if position is not None]
    if twice := [position for position in used if used.count(position) > 1]:
        *names, last = (f"--{option}-column" for option in options)
        raise UsageError(
            f"{table.path}: column {column_name(table, twice[0])} is named twice by {', '.join(names)} or {last}; "
            "expected a column each"
        )


def note_split_column(table: Table) -> None:
    """Say that a column may say which rows are for testing, if one has such a name."""
    if named_so := [name for name in table.names if name.lower() in SPLIT_NAMES]:
        table.note(f"the column {shown(named_so[0])} may say which rows are for testing: --split-column uses it")


def find_text_columns(table: Table, options: FileOptions) -> tuple[int, ...]:
    """As :func:`find_columns`, where labels are of no interest."""
    named = _named_texts(table, options)
    return tuple(find_named(table, name, "--text-column") for name in named) or (_guess_text(table, set()),)


def _named_texts(table: Table, options: FileOptions) -> Sequence[str]:
    """Return the names of text columns; one that holds commas was taken apart with the option."""
    whole = {comma.join(options.text_column) for comma in (",", ", ")} & set(table.names)
    return [whole.pop()] if len(options.text_column) > 1 and len(whole) == 1 else options.text_column


def find_named(table: Table, name: str, option: str) -> int:
    """Return the position of the column of this name or, where columns have no names, of this number.

    Raises
    ------
    UsageError
        There is none, or there are several.
    """
    named = [i for i, column in enumerate(table.names) if column == name.strip()]
    number = int(name) - 1 if table.is_ordered and name.isdecimal() and len(name) < 9 else -1
    has_number = 0 <= number < len(table.names)
    if table.has_header is False:
        if has_number:
            return number
        raise UsageError(
            f"{table.path}: {option} is {name!r}, but with --no-header columns are numbers; expected 1 to "
            f"{len(table.names)}"
        )
    if has_number and named and named != [number]:
        raise UsageError(
            f"{table.path}: {option} {name} may be column {number + 1} or the column of this name, which is column "
            f"{named[0] + 1}; rename the columns{_header_hint(table)}"
        )
    if len(named) == 1:
        return named[0]
    if named:
        raise _twice(table, named, option)
    if has_number and (not table.names[number] or table.names.count(table.names[number]) > 1):
        return number  # no name says which it is
    if has_number:
        raise UsageError(
            f"{table.path}: {option} is {name}, but column {name} has the name {column_name(table, number)}; use that"
            f"{_header_hint(table)}"
        )
    meant = _suggestion(name, table)
    raise UsageError(f"{table.path} has no column {name!r} ({option}): {meant}{_header_hint(table, meant)}")


def _suggestion(name: str, table: Table) -> str:
    return suggestion(name, [column if column.isprintable() else shown(column) for column in table.names if column])


def column_name(table: Table, position: int) -> str:
    """Return what messages call a column."""
    return str(position + 1) if table.has_header is False else shown(table.names[position])


def shown_column(table: Table, position: int) -> str:
    """Return what a sentence calls a column: its name in quotes, or ``column 3``."""
    return f"column {position + 1}" if table.has_header is False else shown(table.names[position])


def find_usual(table: Table, usual: Sequence[str], option: str, what: str, taken: set[int], hint: str = "") -> int:
    """Return the position of the one column that has a usual name, and is not taken.

    Parameters
    ----------
    table : Table
    usual : sequence of str
    option : str
        Names a column that has none of these names.
    what : str
        What the column holds.
    taken : set of int
        Positions.
    hint : str
        Ends the error, where there is no such column.

    Raises
    ------
    UsageError
        There is none, or there are several.
    """
    if table.has_header is False:
        raise UsageError(
            f"{table.path}: with --no-header the columns are numbers, 1 to {len(table.names)}; say which holds the "
            f"{what}, such as {option} 1. The first row is {listed(table.first)}"
        )
    found = [i for i, name in enumerate(table.names) if name.lower() in usual and i not in taken]
    if len(found) == 1:
        return found[0]
    if not found:
        besides = f" besides {column_name(table, min(taken))}" if taken else ""
        raise UsageError(
            f"{table.path}: no column{besides} has a usual name for {what} ({', '.join(usual)}); its columns are "
            f"{listed(table.names)}; name one with {option}{hint}{_header_hint(table)}"
        )
    if len({table.names[i] for i in found}) == 1:
        raise _twice(table, found, option)
    names = [table.names[i] for i in found]
    raise UsageError(f"{table.path}: {listed(names)} could all hold the {what}; name one with {option}")


def _guess_text(table: Table, taken: set[int]) -> int:
    text = find_usual(table, TEXT_NAMES, "--text-column", "texts", taken, _task_hint(table))
    titles = [name for i, name in enumerate(table.names) if name.lower() in TITLE_NAMES and i not in taken]
    if titles:
        name = table.names[text]
        raise UsageError(
            f"{table.path}: beside {shown(name)} {listed(titles)} may be text too; say what to use: --text-column "
            f"{name}, or --text-column {','.join([*titles, name])} for all of it, joined by line breaks"
        )
    return text


def _twice(table: Table, found: Sequence[int], option: str) -> UsageError:
    positions = " and ".join(str(i + 1) for i in found)
    hint = f"choose one by its number, such as {option} {found[0] + 1}" if table.is_ordered else "rename one of them"
    name = shown(table.names[found[0]])
    return UsageError(f"{table.path}: the column {name} occurs {len(found)} times, as columns {positions}; {hint}")


def _header_hint(table: Table, after: str = "") -> str:
    if not table.has_header:
        return ""
    stop = "" if after.endswith("?") else "."
    return f"{stop} If the first line is a row and no header, say so: --no-header, with numbers for the columns"


def _task_hint(table: Table) -> str:
    """Return which task would read a table that is not one of labelled texts."""
    names = {name.lower() for name in table.names}
    if not names.isdisjoint(SOURCE_NAMES) and len(names & set(SOURCE_NAMES + TARGET_NAMES)) > 1:
        return "; --task transduction reads pairs"
    if len(names & {*ID_NAMES, *TIME_NAMES, *VALUE_NAMES}) > 1:
        return "; --task sequence, forecast or next-event reads a table with one row per step"
    return ""
