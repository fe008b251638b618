"""JSON: an object a line, or one array of objects. Numbers stay as they are written."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import IO, Any

from bench.datasets.files.readers.table import Row, Table
from bench.datasets.files.readers.text_file import TextFile, find_encoding
from bench.errors import DataError
from bench.records import FileOptions
from bench.utils.text import shown

SAMPLE_ROWS = 1000
LINE_LIMITS = 20
"""A line may be this many times as long as the longest text allowed: JSON writes a character in up to 12."""
CHUNK_CHARACTERS = 1 << 20

_SPACE = re.compile(r"[ \t\r\n]*")
_HOW = "expected one JSON object a line, or one array of objects"


class JSONTable(Table):
    """A file of JSON lines or of one JSON array. Its columns are the keys of the first thousand rows.

    Raises
    ------
    DataError
        It is neither.
    """

    OPTIONS = frozenset({"encoding"})

    def __init__(self, path: Path, options: FileOptions) -> None:
        encoding = find_encoding(path, options.encoding)
        text = TextFile(path, encoding, options.max_text_length * LINE_LIMITS)
        is_array = _first_character(text) == "["
        super().__init__(path, "row" if is_array else "line")
        self.encoding = encoding
        self.is_ordered = False
        self._objects = partial(_array_rows if is_array else _line_rows, text)
        keys = dict.fromkeys(key for _, row in itertools.islice(self._objects(), SAMPLE_ROWS) for key in row)
        if not keys:
            raise DataError(f"{path} holds no rows with values; {_HOW}")
        self._keys = list(keys)
        self._known = set(keys)
        self.names = [key.strip() for key in keys]

    def rows(self, columns: Sequence[int]) -> Iterator[Row]:
        """Yield the rows, with the values of these keys."""
        keys = [self._keys[column] for column in columns]
        for number, row in self._objects():
            for late in row.keys() - self._known:
                self.note(f"the key {shown(late)} first occurs after {SAMPLE_ROWS:,} rows: it is not used")
                self._known.add(late)
            for key in keys:
                if key in row.repeated:
                    raise self.error(number, f"the key {shown(key)} occurs twice in it; expected once")
            yield number, [_written(self, number, key, row.get(key)) for key in keys]


class _Object(dict[str, Any]):
    """A JSON object that remembers which of its keys came more than once."""

    repeated: frozenset[str] = frozenset()

    @classmethod
    def of(cls, pairs: list[tuple[str, Any]]) -> _Object:
        found = cls(pairs)
        if len(found) != len(pairs):
            counts = Counter(key for key, _ in pairs)
            found.repeated = frozenset(key for key, count in counts.items() if count > 1)
        return found


_DECODER = json.JSONDecoder(
    object_pairs_hook=_Object.of,
    parse_int=str,
    parse_float=str,
    parse_constant=lambda name: None if name == "NaN" else name,
    strict=False,
)


def _written(table: Table, number: int, key: str, value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value)
    if value is not None and not isinstance(value, str):
        raise table.error(number, f"{shown(key)} is {shown(json.dumps(value))}, expected a string or a number")
    if value is not None and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise table.error(
                number,
                f"{shown(key)} holds {shown(value[error.start])}, an unpaired surrogate; expected whole characters",
            ) from error
    return None if value is None else str(value)


def _line_rows(text: TextFile) -> Iterator[tuple[int, _Object]]:
    for number, line in enumerate(text.lines(), start=1):
        if line.strip(" \t\r\n"):
            where = f"{text.path}, line {number:,}"
            try:
                yield number, _checked(where, _DECODER.decode(line))
            except (json.JSONDecodeError, RecursionError) as error:
                raise DataError(f"{where}: it is not JSON ({_reason(error)}); {_HOW}") from error


def _array_rows(text: TextFile) -> Iterator[tuple[int, _Object]]:
    """Yield the objects of an array, which is never held in memory as a whole."""
    with text.open() as stream, text.decoding():
        buffer = _Buffer(stream, text.line_length_max)
        number = 0
        buffer.take()
        is_over = buffer.peek() == "]"
        while not is_over:
            number += 1
            where = f"{text.path}, row {number:,}"
            try:
                yield number, _checked(where, buffer.value())
            except (json.JSONDecodeError, RecursionError) as error:
                raise DataError(f"{where}: it is not JSON ({_reason(error)}); {_HOW}") from error
            is_over = buffer.peek() != ","
            if not is_over:
                buffer.take()
        for expected in ("]", ""):
            if (found := buffer.take()) != expected:
                wanted = "a comma or the array's end" if expected else "nothing after the array"
                raise DataError(f"{text.path}, row {number:,}: {shown(found)} follows it, expected {wanted}; {_HOW}")


class _Buffer:
    """The part of a stream that is being decoded."""

    def __init__(self, stream: IO[str], length_max: int) -> None:
        self._stream = stream
        self._length_max = length_max
        self._text = stream.read(CHUNK_CHARACTERS).removeprefix("\ufeff")
        self._position = 0

    def peek(self) -> str:
        """Return the next character that is no space; "" at the end."""
        while True:
            space = _SPACE.match(self._text, self._position)
            self._position = space.end() if space else self._position
            if self._position < len(self._text) or not self._read_on():
                return self._text[self._position : self._position + 1]

    def take(self) -> str:
        """As ``peek``, and go beyond it."""
        character = self.peek()
        self._position += len(character)
        return character

    def value(self) -> Any:
        """Return the JSON value that begins here."""
        self.peek()
        while True:
            try:
                value, self._position = _DECODER.raw_decode(self._text, self._position)
                return value
            except json.JSONDecodeError:
                if len(self._text) - self._position > self._length_max or not self._read_on():
                    raise

    def _read_on(self) -> bool:
        rest = self._text[self._position :]
        more = self._stream.read(max(CHUNK_CHARACTERS, len(rest)))
        self._text, self._position = rest + more, 0
        return bool(more)


def _first_character(text: TextFile) -> str:
    with text.open() as stream, text.decoding():
        return _Buffer(stream, text.line_length_max).peek()


def _reason(error: Exception) -> str:
    """Return the decoder's reason without its line, which it counts in its own way."""
    return error.msg if isinstance(error, json.JSONDecodeError) else str(error)


def _checked(where: str, value: Any) -> _Object:
    if not isinstance(value, _Object):
        raise DataError(f"{where}: {shown(json.dumps(value))} is not a JSON object; {_HOW}")
    return value
