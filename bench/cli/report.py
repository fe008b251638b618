"""The commands that show what was measured: show, report, compare."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli import options
from bench.cli.terminal import make_console, print_rows
from bench.results.formats import Format
from bench.utils.escapes import visible

if TYPE_CHECKING:
    import pandas as pd

    from bench.results.comparison import ModelChange, Ratio, RunComparison
    from bench.results.run import Run

report_app = typer.Typer()

RunName = Annotated[str, typer.Argument(help="A run's name, or its folder.", metavar="RUN")]
RunNames = Annotated[list[str], typer.Argument(help="Names of runs, or their folders.", metavar="RUN…")]


@report_app.command(epilog="Example: bench show imdb-20260102-030405-a1b2 --wide")
def show(
    run: RunName,
    output: options.Output = options.RESULTS,
    wide: Annotated[bool, typer.Option("--wide", help="All columns, whatever the terminal's width.")] = False,
    form: Annotated[Format, typer.Option("--format", help="For other programs and papers: csv and json hold all.")] = (
        "table"
    ),
    sort: Annotated[
        str | None,
        typer.Option(
            help='The heading that rows are sorted by, such as "fit s". Default: accuracy.', metavar="HEADING"
        ),
    ] = None,
    errors: Annotated[bool, typer.Option("--errors", help="What failed trials wrote last, not the table.")] = False,
    as_json: options.AsJSON = False,
) -> None:
    """Show the table of a run."""
    found = _load(run, output)
    if errors:
        _print_errors(found)
    else:
        print_run(found, "json" if as_json else form, wide=True if wide else None, sort=sort)


@report_app.command(epilog="Example: bench report imdb-20260102-030405-a1b2")
def report(
    runs: RunNames,
    output: options.Output = options.RESULTS,
    no_texts: options.NoTexts = False,
    data_dir: options.DataDir = None,
    to: Annotated[
        Path | None,
        typer.Option("--to", help="The folder of the report. Default: the run's.", metavar="DIR"),
    ] = None,
) -> None:
    """Write report.html and report.md: the answer, the table, figures, tests and checks of one run or several.

    The page is one file that needs no network. Several runs must be of the same data and division.
    """
    from bench.report.make import make_report

    by_folder = {run.path.resolve(): run for run in (_load(name, output) for name in runs)}
    made = make_report(
        list(by_folder.values()), show_texts=not no_texts, data_dir=str(data_dir) if data_dir else None, folder=to
    )
    for note in made.notes:
        typer.echo(visible(note), err=True)
    for sentence in made.answer:
        typer.echo(visible(sentence))
    typer.echo(visible(f"{made.path} and {made.path.with_suffix('.md').name}"), err=True)


@report_app.command(epilog="Example: bench compare before after")
def compare(
    before: Annotated[str, typer.Argument(help="A run's name, or its folder.", metavar="RUN_A")],
    after: Annotated[str, typer.Argument(help="The run to compare with it.", metavar="RUN_B")],
    output: options.Output = options.RESULTS,
    as_json: options.AsJSON = False,
) -> None:
    """Compare the models that two runs have in common: scores by paired tests, costs as ratios.

    Runs on other data, another division or other training rows are refused.
    """
    from bench.results.comparison import compare_runs

    runs = [_load(name, output) for name in (before, after)]
    across = compare_runs(*runs)
    if as_json:
        typer.echo(json.dumps(across_as_json(across, runs[0].task.metric.field)))
        return
    typer.echo(visible(f"{runs[0].task.metric.heading}, B = {runs[1].name} against A = {runs[0].name}"))
    print_rows(_score_rows(across), as_json=False, empty="no model was measured in both")
    if across.changes:
        typer.echo("costs, B / A")
        print_rows(_cost_rows(across), as_json=False)
    for note in across.notes:
        typer.echo(visible(note))


def print_run(run: Run, form: Format, *, wide: bool | None, sort: str | None = None) -> None:
    """Print the table of a run, its rows by the main score or by the heading ``sort``."""
    from bench.cli.run_table import print_run as print_table
    from bench.results.columns import sort_rows
    from bench.results.formats import as_csv, as_latex, as_markdown

    summary = sort_rows(run.summary, run.task, sort) if sort else run.summary
    if form == "table":
        print_table(run.store.run, summary, run.compared, make_console(), wide=wide)
        _print_remarks(run)
    elif form == "json":
        typer.echo(as_json(run, summary))
    else:
        written = {"md": as_markdown, "latex": as_latex}
        typer.echo(as_csv(summary) if form == "csv" else written[form](summary, run.task), nl=False)


def as_json(run: Run, summary: pd.DataFrame) -> str:
    """Return the summary with full numbers, the comparisons of all pairs, and the trials that are missing."""
    models = json.loads(summary.to_json(orient="records"))
    comparisons = json.loads(run.comparisons.to_json(orient="records"))
    missing = [trial.label for trial in run.missing]
    return json.dumps(
        {"run": run.name, "path": str(run.path), "models": models, "comparisons": comparisons, "missing": missing}
    )


def across_as_json(across: RunComparison, field: str) -> dict[str, object]:
    """Return what changed, for programs."""
    return {
        "models": [
            {
                "model": change.model,
                "n_train": change.n_train,
                f"{field}_before": change.before,
                f"{field}_after": change.after,
                "difference": change.comparison and change.comparison.difference,
                "difference_low": change.comparison and change.comparison.broadest.interval.low,
                "difference_high": change.comparison and change.comparison.broadest.interval.high,
                "p_value": change.comparison and change.comparison.broadest.p_value,
                "test": change.comparison and change.comparison.broadest.test,
                "question": change.comparison and ("again" if change.comparison.again else "fitted"),
                "verdict": change.verdict,
                "ratios": {name: {"ratio": r.value, "interval": r.interval} for name, r in change.ratios.items()},
            }
            for change in across.changes
        ],
        "notes": across.notes,
    }


def _score_rows(across: RunComparison) -> list[dict[str, str]]:
    return [
        {
            **_named(change, across),
            "A": f"{change.before:.3f}",
            "B": f"{change.after:.3f}",
            "B - A": (
                f"{change.comparison.difference:+.3f} ({change.comparison.broadest.interval.low:+.3f} to "
                f"{change.comparison.broadest.interval.high:+.3f})"
                if change.comparison
                else "-"
            ),
            "verdict": change.verdict,
        }
        for change in across.changes
    ]


def _cost_rows(across: RunComparison) -> list[dict[str, str]]:
    costs = dict.fromkeys(cost for change in across.changes for cost in change.ratios)
    return [
        {**_named(change, across), **{cost: _ratio(change.ratios.get(cost)) for cost in costs}}
        for change in across.changes
    ]


def _named(change: ModelChange, across: RunComparison) -> dict[str, str]:
    has_sizes = len({change.n_train for change in across.changes}) > 1
    return {"model": change.model, **({"rows": f"{change.n_train:,}"} if has_sizes else {})}


def _ratio(ratio: Ratio | None) -> str:
    return ratio.text if ratio else "-"


def _load(name: str, output: Path) -> Run:
    from bench.api import load_run

    run = load_run(name, output)
    for warning in run.store.warnings:
        typer.echo(visible(warning), err=True)
    return run


def _print_remarks(run: Run) -> None:
    if run.missing:
        labels = ", ".join(trial.label for trial in run.missing)
        typer.echo(visible(f"not run yet: {labels}; go on with bench run --resume {run.name}"))
    if any(record.status != "ok" for record in run.records):
        typer.echo(visible(f"what failed trials wrote last: bench show {run.name} --errors"))


def _print_errors(run: Run) -> None:
    if all(record.status == "ok" for record in run.records):
        typer.echo("no trial failed")
    for record in run.records:
        if record.status != "ok":
            typer.secho(visible(f"{record.trial.label}: {record.status}: {record.reason}"), bold=True)
            for line in record.stderr_tail:
                typer.echo(visible(f"  {line}"))
