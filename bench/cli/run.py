"""The commands that run models: run, predict."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console

from bench.cli import options
from bench.cli.report import print_run
from bench.cli.terminal import printable
from bench.errors import UsageError

Form = Literal["table", "csv", "json"]

run_app = typer.Typer()


@run_app.command(
    epilog='Example: bench run --models "gru,logreg[C=4]" --dataset imdb --seeds 3; with a file of your own: '
    "bench run --dataset reviews.csv"
)
def run(
    ctx: typer.Context,
    models: Annotated[
        str | None,
        typer.Option(help=r'Names with commas between; "name\[p=v]" sets parameters. Default: gru,hmm,logreg.'),
    ] = None,
    dataset: Annotated[
        str | None,
        typer.Option(
            help="auto (imdb if it is at hand, else imdb-dev), imdb, imdb-dev, rotten-tomatoes, or a file: "
            "csv, tsv, jsonl, json, parquet.",
            metavar="NAME|PATH",
        ),
    ] = None,
    data_dir: options.DataDir = None,
    division: Annotated[
        str | None, typer.Option(help="closed: 10,000 ids, 500 tokens. open: the whole training texts.")
    ] = None,
    seeds: Annotated[int | None, typer.Option(help="Seeds 0 to N - 1. Default: 1.", metavar="N")] = None,
    train_size: Annotated[
        str | None, typer.Option(help="Training rows to draw, one or several numbers. Default: all.", metavar="N[,N…]")
    ] = None,
    time_limit: Annotated[
        float | None, typer.Option(help="Seconds a trial may take, its start included.", metavar="S")
    ] = None,
    memory_limit: Annotated[str | None, typer.Option(help="Memory of a trial, such as 4GB.", metavar="SIZE")] = None,
    threads: Annotated[int | None, typer.Option(help="Processors of a trial. Default: all.", metavar="N")] = None,
    save_models: Annotated[
        bool | None, typer.Option("--save-models", help="Keep the fitted models, for bench predict.")
    ] = None,
    no_texts: options.NoTexts = False,
    no_report: Annotated[
        bool, typer.Option("--no-report", help="Write no report at the end; bench report does it later.")
    ] = False,
    name: Annotated[str | None, typer.Option(help="The run's name. Default: dataset, date, time.")] = None,
    output: Annotated[Path | None, typer.Option(help="The folder that runs stand in. Default: results.")] = None,
    resume: Annotated[
        str | None, typer.Option(help="Go on with this run: what failed or is missing.", metavar="NAME")
    ] = None,
    spec: Annotated[
        Path | None, typer.Option(help="Options from a TOML file or a run.json; the command line wins.", metavar="FILE")
    ] = None,
    as_json: options.AsJSON = False,
    text_column: options.TextColumn = None,
    label_column: options.LabelColumn = None,
    test_file: options.TestFile = None,
    test_fraction: options.TestFraction = None,
    split_seed: options.SplitSeed = None,
    no_header: options.NoHeader = False,
    separator: options.Separator = None,
    quoting: options.Quotes = None,
    encoding: options.Encoding = None,
    max_text_length: options.MaxTextLength = None,
) -> None:
    """Train models on the same reviews under the same rules, and compare accuracy and speed."""
    from bench.cli.display import make_display
    from bench.registry import split_names
    from bench.results.store import find_run
    from bench.running.runner import resume as resume_run
    from bench.running.runner import start
    from bench.running.spec import FILE_KEYS, make_spec, merge, read_spec

    given: dict[str, Any] = {
        "models": split_names(models) if models is not None else None,
        "dataset": dataset,
        "data_dir": str(data_dir) if data_dir else None,
        "division": division,
        "seeds": seeds,
        "train_size": _sizes(train_size) if train_size is not None else None,
        "time_limit": time_limit,
        "memory_limit": memory_limit,
        "threads": threads,
        "save_models": save_models,
        "show_texts": False if no_texts else None,
        **options.file_values(ctx),
    }
    given = {key: value for key, value in given.items() if value is not None}
    with make_display(Console(stderr=True)) as display:
        if resume is not None:
            _refuse_with_resume({**given, "name": name, "spec": spec})
            path = find_run(resume, output or options.RESULTS)
            finished = resume_run(path, overrides=given, display=display)
        else:
            values = merge(read_spec(spec) if spec else {}, given)
            in_file = {key: values.pop(key, None) for key in FILE_KEYS}
            folder = output or Path(in_file["output"] or options.RESULTS)
            finished = start(
                make_spec(values),
                name=name or in_file["name"],
                output=folder,
                display=display,
            )
        shown = None
        if not no_report:
            from bench.report.make import report_after

            shown = report_after(
                finished, display.note, show_texts=not no_texts, data_dir=str(data_dir) if data_dir else None
            )
    print_run(finished, "json" if as_json else "table", wide=None)
    if shown and not as_json:
        typer.echo(printable("\n".join(["", *shown.answer])))
    report = f", report in {shown.path}" if shown else ""
    typer.echo(f"kept in {finished.path}{report}", err=True)
    if any(record.status != "ok" for record in finished.records):
        raise typer.Exit(1)


@run_app.command(epilog='Example: bench predict imdb-20260102-030405-a1b2/gru-s0 "a quiet masterpiece"')
def predict(
    ctx: typer.Context,
    trial: Annotated[str, typer.Argument(help="A run's name or folder, and a trial's id.", metavar="RUN/TRIAL")],
    text: Annotated[
        str,
        typer.Argument(
            help="A text, or a file: .txt of one text a line, or a kind that --dataset reads.", metavar="TEXT|FILE"
        ),
    ],
    output: options.Output = options.RESULTS,
    form: Annotated[
        Form, typer.Option("--format", help="json leaves texts as they are, csv puts ' before a formula.")
    ] = "table",
    text_column: options.TextColumn = None,
    no_header: options.NoHeader = False,
    separator: options.Separator = None,
    quoting: options.Quotes = None,
    encoding: options.Encoding = None,
    max_text_length: options.MaxTextLength = None,
) -> None:
    """Let a model that bench run --save-models kept answer new texts.

    Of built-in models only data are read from disk, never code. The class that the run names is imported, and a model
    of another package loads its files its own way: ask runs that you trust.
    """
    from bench.cli.terminal import print_answers
    from bench.datasets.files.texts import read_texts
    from bench.running.predict import predict as answer
    from bench.running.spec import make_spec

    texts = read_texts(
        text, make_spec(options.file_values(ctx)).file, lambda note: typer.echo(printable(note), err=True)
    )
    print_answers(answer(trial, texts, output).rows(), form)


def _sizes(text: str) -> list[int]:
    try:
        return [int(part.replace("_", "")) for part in text.split(",")]
    except ValueError:
        raise UsageError(f"--train-size {text!r} is no list of whole numbers; expected such as 1000,5000") from None


def _refuse_with_resume(given: Mapping[str, Any]) -> None:
    # Data may stand elsewhere now.
    changeable = ("data_dir", "dataset", "test_file", "time_limit", "memory_limit", "show_texts")
    fixed = [key for key, value in given.items() if value is not None and key not in changeable]
    if fixed:
        names = ", ".join(f"--{key.replace('_', '-')}" for key in fixed)
        raise UsageError(
            f"{names} cannot change with --resume: the run's run.json says what it is; leave it out, or "
            "start a new run with --spec"
        )
