"""New texts for a saved model: an argument of the command line, the lines of a file, or a column of a table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bench.datasets.files.readers.text_file import FILE_ENDINGS
from bench.errors import DataError, UsageError
from bench.records import FileOptions, option_name
from bench.utils.text import is_unicode

OTHER_WORKBOOKS = (".xls", ".ods")


def read_texts(argument: str, options: FileOptions, note: Callable[[str], None]) -> list[str]:
    """Return the texts that an argument of the command line means: those of a file, or the argument itself.

    Parameters
    ----------
    argument : str
        A text, a file of one text per line, or a table of a kind that ``--dataset`` reads; labels are ignored.
    options : FileOptions
        How a table is read.
    note : callable
        Called with each message for the user on a table.

    Raises
    ------
    UsageError
        It is a folder, or looks like a missing file; or a table has no such column.
    DataError
        The file cannot be read exactly.
    """
    path = Path(argument)
    ending = path.suffix.lower()
    is_table = ending in (*FILE_ENDINGS, *OTHER_WORKBOOKS) and ending != ".txt"
    is_meant_as_file = (is_table or ending == ".txt") and ("/" in argument or " " not in argument)
    try:
        is_file = path.exists()
    except OSError:  # too long for a path
        is_file = False
    if is_file and path.is_dir():
        raise UsageError(f"{argument} is a folder; expected a text, or a file of texts")
    if not is_file and is_meant_as_file:
        raise UsageError(f"there is no file {argument}; expected a text, or a file of texts")
    if is_file and is_table:
        from bench.datasets.files.rows import read_table_texts

        return read_table_texts(path, options, note)
    unused = set(options.model_dump(exclude_defaults=True)) - ({"encoding"} if is_file else set())
    if unused:
        what = "a file of one text a line" if is_file else "a text"
        raise UsageError(f"{', '.join(sorted(map(option_name, unused)))}: {what} has no use for it; leave it out")
    if is_file:
        return _read_lines(path, options.encoding or "utf-8-sig")
    if not is_unicode(argument):
        raise UsageError("the text is not UTF-8")
    return [argument]


def _read_lines(path: Path, encoding: str) -> list[str]:
    try:
        text = path.read_bytes().decode(encoding)
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path} is not {encoding.removesuffix('-sig').upper()} at byte {error.start}; name the right one, such as "
            "--encoding cp1252"
        ) from error
    except LookupError as error:
        raise UsageError(
            f"--encoding {encoding!r} is not an encoding of text files; expected such as cp1252"
        ) from error
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    if not text:
        raise DataError(f"{path} is empty; expected one text a line")
    return [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]
