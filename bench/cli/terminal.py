"""What is printed for a user: rows as a table or JSON, as wide as the terminal, without control characters."""

from __future__ import annotations

import csv
import json
import os
import sys
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bench.utils.escapes import no_formula, visible
from bench.utils.text import short

COLUMNS_WITHOUT_TERMINAL = 160


def plain(text: str, style: str = "") -> Text:
    """Return a text for rich: what could steer the terminal is marked, and markup in it stays text."""
    return Text(visible(text), style=style)


class ErrorConsole(Console):
    """Standard error, which falls silent when its reader leaves: rich's own would end the command."""

    def __init__(self) -> None:
        super().__init__(stderr=True)

    def on_broken_pipe(self) -> None:
        """Print nothing more."""
        self.quiet = True


def make_console() -> Console:
    """Return standard output: as wide as the terminal, or wide enough for a table if it is redirected."""
    console = Console()
    if not sys.stdout.isatty() and "COLUMNS" not in os.environ:
        console.width = COLUMNS_WITHOUT_TERMINAL
    return console


def print_answers(rows: list[dict[str, Any]], form: str) -> None:
    """Print predictions, one per text: as a table of short texts, as CSV without formulas, or as a JSON list."""
    if form == "json":
        typer.echo(json.dumps(rows))
    elif form == "csv":
        # Python before 3.11.9 leaves a carriage return unquoted, at which readers end the row: so all texts are quoted.
        writer = csv.writer(sys.stdout, quoting=csv.QUOTE_NONNUMERIC)
        writer.writerows([no_formula(cell) for cell in row] for row in (rows[0], *(row.values() for row in rows)))
    else:
        headings = [short(key.removeprefix("probability of ")) for key in rows[0]]
        _print_table(headings, [[_cell(value) for value in row.values()] for row in rows])


def _cell(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else short(str(value))


def print_rows(rows: list[dict[str, str]], as_json: bool, empty: str = "none") -> None:
    """Rows with the same keys, as a table with a heading or as a JSON list."""
    if as_json:
        typer.echo(json.dumps(rows))
        return
    if not rows:
        typer.echo(empty)
        return
    _print_table(list(rows[0]), [list(row.values()) for row in rows])


def _print_table(headings: list[str], rows: list[list[str]]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for i, heading in enumerate(headings):
        table.add_column(plain(heading), overflow="fold", no_wrap=i == 0)  # the first is a name to copy
    for row in rows:
        table.add_row(*map(plain, row))
    make_console().print(table)
