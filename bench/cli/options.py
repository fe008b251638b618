"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from bench.errors import UsageError

RESULTS = Path("results")
FILE_PANEL = "A file of your own"

Output = Annotated[Path, typer.Option(help="The folder that holds runs.")]
DataDir = Annotated[
    Path | None, typer.Option(help="IMDB's archive or its unpacked tree, or the folder that holds it.", metavar="DIR")
]
DatasetName = Annotated[str, typer.Argument(help="A name that bench list datasets shows.", metavar="NAME")]
NoTexts = Annotated[bool, typer.Option("--no-texts", help="Reports give row numbers of test texts, not their words.")]
AsJSON = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]

Models = Annotated[
    str | None,
    typer.Option(
        help=r'Comma-separated names; "name\[p=v]" sets parameters. Default: gru,hmm,logreg for texts, else all.'
    ),
]
Task = Annotated[
    str | None,
    typer.Option(help="A task that bench list tasks shows. Default: what the dataset is for.", metavar="TASK"),
]
Dataset = Annotated[
    str | None,
    typer.Option(
        help="A name that bench list datasets shows, auto (imdb if it is available, else imdb-dev), a file (csv, tsv, "
        "jsonl, json, parquet, xlsx, fastText's txt, ts of series), or a folder with one folder per class. A file that "
        "does not hold labelled texts needs --task. Default: auto.",
        metavar="NAME|PATH",
    ),
]
Division = Annotated[str | None, typer.Option(help="closed: 10,000 ids, 500 tokens. open: the whole training texts.")]
Seeds = Annotated[int | None, typer.Option(help="Seeds 0 to N - 1. Default: 1.", metavar="N")]
TrainSize = Annotated[
    str | None, typer.Option(help="Training rows to draw, one or several numbers. Default: all.", metavar="N[,N…]")
]
TimeLimit = Annotated[
    float | None, typer.Option(help="Time limit per trial in seconds, its start included.", metavar="S")
]
MemoryLimit = Annotated[str | None, typer.Option(help="Memory limit per trial, such as 4GB.", metavar="SIZE")]
Threads = Annotated[int | None, typer.Option(help="CPU cores per trial. Default: all.", metavar="N")]
SaveModels = Annotated[
    bool | None, typer.Option("--save-models", help="Save the fitted models; bench predict reads those of texts.")
]
NoReport = Annotated[bool, typer.Option("--no-report", help="Write no report at the end; bench report does it later.")]
RunName = Annotated[str | None, typer.Option(help="The run's name. Default: dataset, date, time.")]
RunFolder = Annotated[Path | None, typer.Option(help="The folder that holds runs. Default: results.")]
Resume = Annotated[
    str | None,
    typer.Option(
        help="Go on with this run: what failed or is missing; --seeds 5 or --models +lstm add to it.", metavar="NAME"
    ),
]
SpecFile = Annotated[
    Path | None, typer.Option(help="Options from a TOML file or a run.json; the command line wins.", metavar="FILE")
]

TextColumn = Annotated[
    str | None,
    typer.Option(
        help="The column of texts; several, with commas between, are joined by line breaks. With --task transduction: "
        "the column of sources. Default: by usual names.",
        metavar="NAME[,NAME…]",
        rich_help_panel=FILE_PANEL,
    ),
]
LabelColumn = Annotated[
    str | None,
    typer.Option(
        help="The column of labels, or of targets. Default: chosen by usual names.",
        metavar="NAME",
        rich_help_panel=FILE_PANEL,
    ),
]
IdColumn = Annotated[
    str | None,
    typer.Option(
        help="The column that says which series or piece a row is a step of. Default: by usual names.",
        metavar="NAME",
        rich_help_panel=FILE_PANEL,
    ),
]
TimeColumn = Annotated[
    str | None,
    typer.Option(
        help="The column of times, numbers or ISO dates, which must run forwards. Default: by usual names.",
        metavar="NAME",
        rich_help_panel=FILE_PANEL,
    ),
]
ValueColumn = Annotated[
    str | None,
    typer.Option(
        help="The columns of a series' numbers, or of a piece's tokens. Default: by usual names, or what is left.",
        metavar="NAME[,NAME…]",
        rich_help_panel=FILE_PANEL,
    ),
]
GroupColumn = Annotated[
    str | None,
    typer.Option(
        help="A column of groups, such as users: no group is on both sides of the split.",
        metavar="NAME",
        rich_help_panel=FILE_PANEL,
    ),
]
SplitColumn = Annotated[
    str | None,
    typer.Option(help="A column that holds train or test in each row.", metavar="NAME", rich_help_panel=FILE_PANEL),
]
TestFile = Annotated[
    Path | None, typer.Option(help="A file of test rows. Default: split off.", rich_help_panel=FILE_PANEL)
]
TestFraction = Annotated[
    float | None,
    typer.Option(
        help="Fraction of the distinct texts (series, pieces, sources) to test on. Default: 0.2.",
        metavar="F",
        rich_help_panel=FILE_PANEL,
    ),
]
SplitSeed = Annotated[
    int | None, typer.Option(help="Seed of the split. Default: 0.", metavar="N", rich_help_panel=FILE_PANEL)
]
Missing = Annotated[
    str | None,
    typer.Option(
        help="Where a series has no value: refuse; interpolate (a forecast takes the value before); drop (leave the "
        "step out). Default: refuse.",
        metavar="HOW",
        rich_help_panel=FILE_PANEL,
    ),
]
Horizon = Annotated[
    int | None, typer.Option(help="Steps to forecast. Default: a season.", metavar="N", rich_help_panel=FILE_PANEL)
]
SeasonLength = Annotated[
    int | None,
    typer.Option(
        help="Steps of a season. Default: by the times (24 of hours, 7 of days, 12 of months, 4 of quarters), else 1.",
        metavar="N",
        rich_help_panel=FILE_PANEL,
    ),
]
Origins = Annotated[
    int | None,
    typer.Option(
        help="Moments of each series to test forecasts from. Default: 20, or fewer in a short series.",
        metavar="N",
        rich_help_panel=FILE_PANEL,
    ),
]
SymbolKinds = Annotated[
    str | None,
    typer.Option(
        "--symbols",
        help="What the symbols of pairs are: words (between spaces) or characters; two values are for source and "
        "target. Default: detected.",
        metavar="KIND[,KIND]",
        rich_help_panel=FILE_PANEL,
    ),
]
NoHeader = Annotated[
    bool,
    typer.Option(
        "--no-header",
        help="The first line is data; columns are numbered from 1.",
        rich_help_panel=FILE_PANEL,
    ),
]
Separator = Annotated[
    str | None,
    typer.Option(help="comma, semicolon, tab, pipe or one character. Default: detected.", rich_help_panel=FILE_PANEL),
]
Quotes = Annotated[
    str | None,
    typer.Option(
        "--quoting",
        help="What a double quote means: doubled (as in CSV), backslash (before a quote), literal (a character). "
        "Default: doubled, and detected where tabs separate.",
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


def spec_values(ctx: typer.Context) -> dict[str, Any]:
    """Return the options of a command that are parts of a spec, those that were given, by the spec's names."""
    from bench.records import OPTIONS, RunSpec
    from bench.registry import split_names

    known = {*RunSpec.model_fields, *OPTIONS.values()}
    given = {key: value for key, value in ctx.params.items() if key in known and value is not None}
    if "models" in given:
        given["models"] = split_names(given["models"])
    if "train_size" in given:
        given["train_size"] = _whole_numbers("--train-size", given["train_size"])
    return {**given, **({"show_texts": False} if ctx.params.get("no_texts") else {}), **file_values(ctx)}


def file_values(ctx: typer.Context) -> dict[str, Any]:
    """Return the given options of a command that are fields of ``bench.records.FileOptions``."""
    from bench.records import FileOptions

    given = {key: value for key, value in ctx.params.items() if key in FileOptions.model_fields and value is not None}
    return {**given, **({"header": False} if ctx.params.get("no_header") else {})}


def _whole_numbers(option: str, text: str) -> list[int]:
    try:
        return [int(part.replace("_", "")) for part in text.split(",")]
    except ValueError:
        raise UsageError(f"{option} {text!r} is no list of whole numbers; expected such as 1000,5000") from None
