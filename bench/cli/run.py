"""The commands that run models: run, predict."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from bench.cli import options
from bench.cli.report import print_run
from bench.errors import UsageError
from bench.utils.escapes import visible

if TYPE_CHECKING:
    from bench.report.make import Report
    from bench.results.run import Run
    from bench.running.progress import Display

Form = Literal["table", "csv", "json"]

run_app = typer.Typer()


@run_app.command(
    epilog='Example: bench run --models "gru,logreg[C=4]" --dataset imdb --seeds 3; with a file of your own: '
    "bench run --dataset reviews.csv"
)
def run(
    ctx: typer.Context,
    models: options.Models = None,
    task: options.Task = None,
    dataset: options.Dataset = None,
    data_dir: options.DataDir = None,
    division: options.Division = None,
    seeds: options.Seeds = None,
    train_size: options.TrainSize = None,
    time_limit: options.TimeLimit = None,
    memory_limit: options.MemoryLimit = None,
    threads: options.Threads = None,
    save_models: options.SaveModels = None,
    no_texts: options.NoTexts = False,
    no_report: options.NoReport = False,
    name: options.RunName = None,
    output: options.RunFolder = None,
    resume: options.Resume = None,
    spec: options.SpecFile = None,
    as_json: options.AsJSON = False,
    text_column: options.TextColumn = None,
    label_column: options.LabelColumn = None,
    id_column: options.IdColumn = None,
    time_column: options.TimeColumn = None,
    value_column: options.ValueColumn = None,
    group_column: options.GroupColumn = None,
    split_column: options.SplitColumn = None,
    test_file: options.TestFile = None,
    test_fraction: options.TestFraction = None,
    split_seed: options.SplitSeed = None,
    missing: options.Missing = None,
    horizon: options.Horizon = None,
    season_length: options.SeasonLength = None,
    origins: options.Origins = None,
    symbols: options.SymbolKinds = None,
    no_header: options.NoHeader = False,
    separator: options.Separator = None,
    quoting: options.Quotes = None,
    encoding: options.Encoding = None,
    max_text_length: options.MaxTextLength = None,
) -> None:
    """Train models on the same data under the same rules, and compare their scores and their speed."""
    from bench.cli.display import make_display
    from bench.cli.terminal import ErrorConsole
    from bench.results.store import find_run
    from bench.running.progress import Guarded
    from bench.running.runner import resume as resume_run
    from bench.running.spec import merge, read_spec

    given = options.spec_values(ctx)
    with make_display(ErrorConsole()) as shown:
        display = Guarded(shown)
        if resume is not None:
            _refuse_with_resume({**given, "name": name, "spec": spec})
            values = given
            finished = resume_run(find_run(resume, output or options.RESULTS), overrides=given, display=display)
        else:
            values = merge(read_spec(spec) if spec else {}, given)
            finished = _start(values, name, output, display)
        written = None if no_report else _write_report(finished, display, values)
    _print_end(finished, written, as_json=as_json)
    if any(record.status != "ok" for record in finished.records):
        raise typer.Exit(1)


@run_app.command(epilog='Example: bench predict imdb-20260102-030405-a1b2/gru-s0 "a quiet masterpiece"')
def predict(
    ctx: typer.Context,
    trial: Annotated[str, typer.Argument(help="A run's name or folder, and a trial's id.", metavar="RUN/TRIAL")],
    text: Annotated[
        str,
        typer.Argument(
            help="A text, or a file: .txt of one text per line, or a kind that --dataset reads.", metavar="TEXT|FILE"
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
    """Let a model that bench run --save-models saved predict new texts.

    Of built-in models only data are read from disk, never code. The class that the run names is imported, and a model
    of another package loads its files its own way: use only runs that you trust.
    """
    from bench.cli.terminal import print_answers
    from bench.datasets.files.texts import read_texts
    from bench.running.predict import find_trial
    from bench.running.predict import predict as answer
    from bench.running.spec import make_spec

    find_trial(trial, output)  # a wrong one is told before a file is read
    texts = read_texts(text, make_spec(options.file_values(ctx)).file, lambda note: typer.echo(visible(note), err=True))
    print_answers(answer(trial, texts, output).rows(), form)


def _start(values: Mapping[str, Any], name: str | None, output: Path | None, display: Display) -> Run:
    """Start a new run; the command line's name and folder win over those of a spec file."""
    from bench.running.runner import start
    from bench.running.spec import FILE_KEYS, make_spec

    spec = make_spec({key: value for key, value in values.items() if key not in FILE_KEYS})
    folder = output or Path(values.get("output") or options.RESULTS)
    return start(spec, name=name or values.get("name"), output=folder, display=display)


def _write_report(run: Run, display: Display, values: Mapping[str, Any]) -> Report | None:
    from bench.report.make import report_after

    data_dir = values.get("data_dir")
    show_texts = values.get("show_texts", True)
    return report_after(run, display.note, show_texts=show_texts, data_dir=str(data_dir) if data_dir else None)


def _print_end(run: Run, report: Report | None, *, as_json: bool) -> None:
    """Print the table and the answer, and where both are saved."""
    print_run(run, "json" if as_json else "table", wide=None)
    if report and not as_json:
        typer.echo(visible("\n".join(["", *report.answer])))
    where = f", report in {report.path}" if report else ""
    typer.echo(f"saved in {run.path}{where}", err=True)


def _refuse_with_resume(given: Mapping[str, Any]) -> None:
    from bench.records import option_name

    # Data may be elsewhere now.
    changeable = ("data_dir", "dataset", "test_file", "time_limit", "memory_limit", "show_texts", "seeds", "models")
    fixed = [key for key, value in given.items() if value is not None and key not in changeable]
    if fixed:
        names = ", ".join(map(option_name, fixed))
        raise UsageError(
            f"{names} cannot change with --resume: the run's run.json says what it is; leave it out, or "
            "start a new run with --spec"
        )
