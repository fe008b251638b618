"""fastText's format: a text a line, with its label as a word that begins with ``__label__``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.datasets.files.readers.table import Row, Table
from bench.datasets.files.readers.text_file import ENDINGS, TextFile, find_encoding
from bench.errors import UsageError
from bench.records import FileOptions
from bench.utils.text import listed

PREFIX = "__label__"
LINE_LIMITS = 10
_WHITE_SPACE = " \t\r\n\v\f\0"
"""What ends a word, as fastText has it."""
_LABEL = re.compile(rf"(?<![^{_WHITE_SPACE}]){PREFIX}([^{_WHITE_SPACE}]*)[{_WHITE_SPACE}]?")


class FastTextTable(Table):
    """A file of lines such as ``__label__pos a lovely film``.

    Raises
    ------
    UsageError
        No line has a label.
    """

    LAYOUT = "a text and its label per line"
    OPTIONS = frozenset({"encoding"})

    def __init__(self, path: Path, options: FileOptions) -> None:
        super().__init__(path, "line")
        self.encoding = find_encoding(path, options.encoding)
        self.names = ["text", "label"]
        self._text = TextFile(path, self.encoding, options.max_text_length * LINE_LIMITS)
        if not any(PREFIX in line for line in self._text.lines()):
            raise UsageError(
                f"{path} has no line with a word that begins with {PREFIX}, as fastText's files of texts and labels "
                f"have; where tabs or commas separate its fields, name it .tsv or .csv; expected {ENDINGS}"
            )

    def rows(self, columns: Sequence[int]) -> Iterator[Row]:
        """Yield the lines that are not empty."""
        for number, line in enumerate(self._text.lines(), start=1):
            labels = _LABEL.findall(line)
            if len(labels) > 1 or any(PREFIX in label for label in labels):
                raise self.error(number, f"it has the labels {listed(labels)}; expected one label a text")
            text = _LABEL.sub("", line).strip(_WHITE_SPACE)
            if labels or text.strip():
                cells = (text, labels[0] if labels else None)
                yield number, [cells[column] for column in columns]
