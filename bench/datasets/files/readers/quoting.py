"""What a double quote means in a file of tab-separated lines: there are three customs, and none is marked.

*doubled*: as in CSV, a field in quotes may hold tabs and line breaks, and its quotes are doubled. *backslash*: fields
stand in quotes, the quotes in them after a backslash. *literal*: a quote is a character like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bench.datasets.files.readers.text_file import TextFile
from bench.errors import DataError
from bench.records import Quoting

_CELL = r'(?:"[^"]*(?:""[^"]*)*"|[^"\t]*)'
_RECORD = re.compile(rf"{_CELL}(?:\t{_CELL})*")
_CELLS = re.compile(rf"(?:^|\t)({_CELL})")
_BACKSLASH_CELL = re.compile(r'"(?:[^"]|(?<=\\)")*"')


def find_quoting(text: TextFile, *, has_header: bool, record_length_max: int) -> tuple[Quoting, str | None]:
    """Return the custom that the whole file keeps to.

    Parameters
    ----------
    text : TextFile
        It is read once, and once more if a field begins with a quote.
    has_header : bool
        Whether the first line names the columns.
    record_length_max : int
        A longer quoted field counts as unquoted.

    Returns
    -------
    quoting : "doubled", "backslash" or "literal"
    note : str or None
        What the user should know.

    Raises
    ------
    DataError
        The file can be read in two ways that differ in their rows, or in none.
    """
    by_line = _ByLine.of(text)
    if not by_line.first_quoted_line:
        return "literal", None
    doubled = _Doubled.of(text, record_length_max)
    if doubled.is_kept:
        return _doubled_or_literal(text, by_line, doubled, has_header=has_header)
    if by_line.has_backslash_custom:
        return "backslash", r'quotes around fields are left out, and \" in them is read as "'
    if by_line.is_even:
        return "literal", f"quotes are taken as characters, since they do not pair (line {doubled.first_breach:,})"
    raise DataError(
        f"{text.path}, line {by_line.first_uneven:,}: this line has another number of fields than the first, and "
        f"the quotes that would join lines do not pair (line {doubled.first_breach:,}); mend these lines, or say what "
        "quotes mean with --quoting doubled, backslash or literal"
    )


def _doubled_or_literal(
    text: TextFile, by_line: _ByLine, doubled: _Doubled, *, has_header: bool
) -> tuple[Quoting, str | None]:
    """Which custom a file keeps to whose quotes pair, as in CSV."""
    if doubled.n_joined == 0:
        return "doubled", (
            f"quotes around fields are left out, as in CSV (the first in line {by_line.first_quoted_line:,}); "
            "--quoting literal keeps them"
        )
    if not by_line.is_even:
        return "doubled", None
    if has_header:
        raise DataError(
            f"{text.path}, line {doubled.first_joined:,}: a quote opens here and closes in a later line, and both "
            "readings have the same number of fields everywhere; say which holds: --quoting doubled (the lines "
            "between are one text) or --quoting literal (each line is a row)"
        )
    return "literal", (
        f"quotes are taken as characters and each line as a row; --quoting doubled joins {doubled.n_joined:,} "
        f"lines into others, the first of them after line {doubled.first_joined:,}"
    )


@dataclass
class _ByLine:
    """Each line taken as a row.

    It has the backslash custom where all cells of a column, the header's apart, are in quotes or none holds one, and a
    backslash stands before each quote inside.
    """

    first_quoted_line: int = 0
    first_uneven: int = 0
    has_backslash_custom: bool = False

    @property
    def is_even(self) -> bool:
        """Every line has as many fields as the first."""
        return self.first_uneven == 0

    @classmethod
    def of(cls, text: TextFile) -> _ByLine:
        found = cls()
        width = 0
        wrapped: list[bool] = []  # a column: all its cells so far stand in quotes
        plain: list[bool] = []  # a column: no cell so far holds a quote
        n_escaped = 0
        for number, line in enumerate(text.lines(), start=text.first_line):
            if not _without_end(line):
                continue
            cells = _without_end(line).split("\t")
            is_first = not width
            if is_first:
                width = len(cells)
                wrapped, plain = [True] * width, [True] * width
            elif len(cells) != width and not found.first_uneven:
                found.first_uneven = number
            if any(cell.startswith('"') for cell in cells):
                found.first_quoted_line = found.first_quoted_line or number
            if is_first or len(cells) != width:
                continue
            if '"' not in line:
                wrapped = [False] * width
                continue
            n_escaped += line.count('\\"')
            wrapped = [so_far and bool(_BACKSLASH_CELL.fullmatch(c)) for so_far, c in zip(wrapped, cells, strict=True)]
            plain = [so_far and '"' not in cell for so_far, cell in zip(plain, cells, strict=True)]
        is_custom = all(w or p for w, p in zip(wrapped, plain, strict=True))
        found.has_backslash_custom = found.is_even and n_escaped > 0 and is_custom
        return found


@dataclass
class _Doubled:
    """Fields in quotes taken as CSV has them, as a program writes them.

    A program quotes a field where it must, or a whole column. A column with both a bare cell and a cell that needs no
    quotes but has them was not written so: its quotes are characters.
    """

    first_breach: int = 0
    n_joined: int = 0
    first_joined: int = 0
    _needless: dict[int, int] = field(default_factory=dict)
    """By column, the first line that has a field in quotes which needs none."""
    _bare: set[int] = field(default_factory=set)
    """Columns with fields that stand without quotes."""

    @property
    def is_kept(self) -> bool:
        """The whole file keeps to this custom."""
        return self.first_breach == 0

    @classmethod
    def of(cls, text: TextFile, record_length_max: int) -> _Doubled:
        found = cls()
        width = 0
        for number, n_lines, record in _records(text, record_length_max):
            if record == "":
                continue
            cells = _CELLS.findall(record) if record and _RECORD.fullmatch(record) else []
            if not cells or (width and len(cells) != width):
                found.first_breach = number
                return found
            if n_lines > 1:
                found.first_joined = found.first_joined or number
                found.n_joined += n_lines - 1
            if width:
                found._count(number, cells)
            width = len(cells)
        breaches = [number for column, number in found._needless.items() if column in found._bare]
        found.first_breach = min(breaches, default=0)
        return found

    def _count(self, number: int, cells: Iterable[str]) -> None:
        for column, cell in enumerate(cells):
            if not cell.startswith('"'):
                if cell:
                    self._bare.add(column)
            elif len(cell) > 2 and not _needs_quotes(cell[1:-1]):
                self._needless.setdefault(column, number)


def _needs_quotes(content: str) -> bool:
    return any(character in content for character in '"\t\n\r')


def _records(text: TextFile, length_max: int) -> Iterator[tuple[int, int, str | None]]:
    """First line, number of lines and text of each record; None where a quote is never closed."""
    first, parts, length, is_open = text.first_line, [], 0, False
    number = first
    for number, line in enumerate(text.lines(), start=first):
        parts.append(line)
        length += len(line)
        is_open ^= line.count('"') % 2 == 1
        if is_open and length <= length_max:
            continue
        yield first, number - first + 1, None if is_open else _without_end("".join(parts))
        first, parts, length, is_open = number + 1, [], 0, False
    if parts:
        yield first, number - first + 1, None


def _without_end(line: str) -> str:
    return line.removesuffix("\n").removesuffix("\r")
