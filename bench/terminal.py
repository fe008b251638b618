"""What is printed for a user: rows as a table or JSON, as wide as the terminal, without control characters."""

from __future__ import annotations

import json
import os

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

COLUMNS_WITHOUT_TERMINAL = 160


def printable(text: str) -> str:
    """A text from a file or a model without the control characters that could steer a terminal.

    >>> printable("red \\x1b[31mtext\\n")
    'red ?[31mtext\\n'
    """
    return "".join(character if character.isprintable() or character == "\n" else "?" for character in text)


def plain(text: str, style: str = "") -> Text:
    """A printable text for rich, markup in it left alone."""
    return Text(printable(text), style=style)


def make_console() -> Console:
    """Standard output: as wide as the terminal, and wide enough for a table where it is none."""
    console = Console()
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = COLUMNS_WITHOUT_TERMINAL
    return console


def print_rows(rows: list[dict[str, str]], as_json: bool, empty: str = "none") -> None:
    """Rows with the same keys, as a table with a heading or as a JSON list."""
    if as_json:
        typer.echo(json.dumps(rows))
        return
    if not rows:
        typer.echo(empty)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for i, heading in enumerate(rows[0]):
        table.add_column(heading, overflow="fold", no_wrap=i == 0)  # the first is a name to copy
    for row in rows:
        table.add_row(*(plain(value) for value in row.values()))
    make_console().print(table)
