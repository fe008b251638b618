"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

RESULTS = Path("results")
FILE_PANEL = "A file of your own"

Output = Annotated[Path, typer.Option(help="The folder that runs stand in.")]
DataDir = Annotated[
    Path | None, typer.Option(help="IMDB's archive or its unpacked tree, or the folder that holds it.", metavar="DIR")
]
DatasetName = Annotated[str, typer.Argument(help="A name that bench list datasets shows.", metavar="NAME")]
NoTexts = Annotated[
    bool, typer.Option("--no-texts", help="Reports name test rows by number, and leave their words out.")
]
AsJSON = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]

TextColumn = Annotated[
    str | None,
    typer.Option(
        help="The column of texts; several, with commas between, are joined by line breaks. Default: by usual names.",
        metavar="NAME[,NAME…]",
        rich_help_panel=FILE_PANEL,
    ),
]
LabelColumn = Annotated[
    str | None,
    typer.Option(help="The column of labels. Default: by usual names.", metavar="NAME", rich_help_panel=FILE_PANEL),
]
TestFile = Annotated[
    Path | None, typer.Option(help="A file of test rows; else rows are cut off.", rich_help_panel=FILE_PANEL)
]
TestFraction = Annotated[
    float | None,
    typer.Option(help="The part of distinct texts to test on. Default: 0.2.", metavar="F", rich_help_panel=FILE_PANEL),
]
SplitSeed = Annotated[
    int | None, typer.Option(help="Draws the test rows. Default: 0.", metavar="N", rich_help_panel=FILE_PANEL)
]
NoHeader = Annotated[
    bool,
    typer.Option(
        "--no-header",
        help="The first line is a row; columns are named by numbers from 1.",
        rich_help_panel=FILE_PANEL,
    ),
]
Separator = Annotated[
    str | None,
    typer.Option(help="comma, semicolon, tab, pipe or one character. Default: found out.", rich_help_panel=FILE_PANEL),
]
Quotes = Annotated[
    str | None,
    typer.Option(
        "--quoting",
        help="What a double quote means: doubled (as in CSV), backslash (before a quote), literal (a character). "
        "Default: doubled, and found out where tabs separate.",
        rich_help_panel=FILE_PANEL,
    ),
]
Encoding = Annotated[
    str | None,
    typer.Option(help="Such as cp1252 or latin-1. Default: the file's mark, else UTF-8.", rich_help_panel=FILE_PANEL),
]
MaxTextLength = Annotated[
    int | None,
    typer.Option(
        help="A longer text is refused. Default: 1,000,000 characters.", metavar="N", rich_help_panel=FILE_PANEL
    ),
]


def file_values(ctx: typer.Context) -> dict[str, Any]:
    """The options for files of a command, those that were given, by the names of ``bench.records.FileOptions``."""
    from bench.records import FileOptions

    given = {key: value for key, value in ctx.params.items() if key in FileOptions.model_fields and value is not None}
    return {**given, **({"header": False} if ctx.params.get("no_header") else {})}
