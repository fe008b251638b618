"""What was detected of a file without an option: in words for the user, and as options, so that it is done once."""

from __future__ import annotations

from collections.abc import Sequence

from bench.datasets.files.readers.table import Table
from bench.datasets.files.readers.text_file import file_kind
from bench.errors import UsageError
from bench.records import FileOptions, TaskName, option_name

_SPLIT = frozenset({"group_column", "split_column", "test_file", "test_fraction", "split_seed"})
_LONG = frozenset({"id_column", "time_column", "value_column"})
_TEXTS = frozenset({"text_column", "label_column", "max_text_length"})
_READING = frozenset({"header", "separator", "quoting", "encoding"})
"""Of use to some kinds of files, whatever the task."""

USES: dict[TaskName, frozenset[str]] = {
    "classification": _TEXTS | _SPLIT,
    "sequence": _LONG | _SPLIT | {"label_column", "missing"},
    "forecast": _LONG | {"missing", "horizon", "season_length", "origins"},
    "next-event": _LONG | _SPLIT,
    "transduction": _TEXTS | _SPLIT | {"symbols"},
}
"""The options that files of each task have a use for, beside those of reading."""


def refuse_useless(task: TaskName, options: FileOptions) -> None:
    """Refuse options that a task has no use for.

    Raises
    ------
    UsageError
    """
    given = [name for name in options.model_dump(exclude_defaults=True) if name not in USES[task] | _READING]
    if given:
        names = ", ".join(map(option_name, given))
        others = [f"--task {other}" for other, uses in USES.items() if uses.issuperset(given)]
        hint = f", or choose {' or '.join(others)}" if others else ""
        raise UsageError(f"{names}: the task {task} has no use for it with a file; leave it out{hint}")


def refuse_unused(options: FileOptions, tables: Sequence[Table]) -> None:
    """Refuse options that none of the files has a use for.

    Raises
    ------
    UsageError
    """
    given = {name for name in ("separator", "quoting", "encoding") if getattr(options, name) is not None}
    given |= set() if options.header else {"header"}
    unused = given - set().union(*(table.OPTIONS for table in tables))
    if unused:
        names = ", ".join(sorted(option_name(name) for name in unused))
        raise UsageError(f"{names}: a file such as {tables[0].path} has no use for it; leave it out")


def how_read(table: Table, guessed: Sequence[str], options: FileOptions) -> list[str]:
    """Return what was detected without an option, and what was noticed.

    Parameters
    ----------
    table : Table
        All of whose rows were read.
    guessed : sequence of str
        The options that would have named columns but were not given.
    options : FileOptions
        As given.
    """
    notes = []
    if guessed and not table.LAYOUT:
        *names, last = guessed
        all_names = f"{', '.join(names)} and {last} choose" if names else f"{last} chooses"
        notes.append(f"columns are chosen by their names; {all_names} others")
    usual = "," if table.path.is_dir() or file_kind(table.path) != "tsv" else "\t"
    if options.separator is None and table.separator not in (None, usual):
        notes.append(f"the separator is {table.separator!r}")
    if options.encoding is None and table.encoding not in (None, "utf-8", "utf-8-sig"):
        notes.append(f"the encoding is {table.encoding}")
    return notes + table.notes


def found_characters(table: Table, options: FileOptions) -> dict[str, object]:
    """Return the options of reading with what was detected."""
    return {
        "encoding": options.encoding or table.encoding,
        "separator": options.separator or table.separator,
        "quoting": table.quoting,
    }
