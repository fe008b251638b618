"""The table of a run, for the terminal: wide or narrow, the best of each column marked, failures as rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bench.cli.terminal import plain
from bench.records import RunFile
from bench.results.columns import Cell, Column, make_rows, table_columns, write_p
from bench.stats.verdicts import Comparison, Verdict
from bench.tasks import find_task
from bench.tasks.base import Task
from bench.utils.escapes import visible
from bench.utils.text import counted

if TYPE_CHECKING:
    import pandas as pd

WIDE_COLUMNS = 150
NAME_COLUMNS = 16
"""Of a model's name, that stay whatever the terminal's width; a longer name goes on in a second line."""


def render(
    run: RunFile,
    summary: pd.DataFrame,
    comparisons: Mapping[int, Sequence[Comparison]],
    *,
    is_wide: bool,
    width: int = WIDE_COLUMNS,
) -> list[Table | Text]:
    """Return the run as a table with the data above it and the comparisons under it.

    Parameters
    ----------
    run : RunFile
    summary : DataFrame
        From ``bench.results.summary.summarize``.
    comparisons : mapping of training rows to comparisons
        From ``bench.results.summary.compare``.
    is_wide : bool
        All columns, else the most important ones, as many as fit.
    width : int
        Columns of the terminal.
    """
    task = find_task(run.manifest.dataset.task)
    columns = table_columns(task)
    parts: list[Table | Text] = [plain(heading(run, summary))]
    if not summary.empty:
        parts.append(_table(summary, columns if is_wide else _fitting(summary, columns, width)))
    if summary["fit_seconds"].notna().any():
        best = "* best in its column; " if len(summary) > 1 else ""
        parts.append(Text(f"{best}± is half of the 95 % interval of the {task.metric.heading}", style="dim"))
    parts += _failures(summary)
    deterministic = summary["is_deterministic"].eq(True)  # may hold None
    if deterministic.any():
        names = summary.loc[deterministic, "model"].unique()
        parts.append(plain(f"deterministic (the same predictions from every fit): {', '.join(names)}"))
    if unseen := _unseen_note(summary, task):
        parts.append(plain(unseen))
    if encode := _encode_note(summary, task):
        parts.append(Text(encode, style="dim"))
    parts += map(plain, _processors_notes(summary))
    parts += [
        plain(line)
        for size, found in comparisons.items()
        for line in comparison_lines(found, size, len(comparisons), task)
    ]
    if not is_wide and not summary.empty:
        parts.append(Text(f"all columns: bench show {run.name} --wide", style="dim"))
    return parts


def heading(run: RunFile, summary: pd.DataFrame) -> str:
    """Return what was run on what: a line over every table."""
    dataset = run.manifest.dataset
    sizes = sorted(set(summary["n_train"]))
    rows = " / ".join(f"{size:,}" for size in sizes) if sizes else f"{dataset.n_train:,}"
    seeds = f"{run.spec.seeds} seed{'s' * (run.spec.seeds > 1)}"
    division = f"{run.spec.division} division" if dataset.task == "classification" else f"task {dataset.task}"
    return (
        f"{run.name}: {dataset.name} ({dataset.origin}), {division}, "
        f"{rows} training and {dataset.n_test:,} test rows, {seeds}, {run.spec.threads} threads"
    )


def comparison_lines(comparisons: Sequence[Comparison], n_train: int, n_sizes: int, task: Task) -> list[str]:
    """Which differences are not significant: of these models, and of such models trained again."""
    if not comparisons:
        return []
    at = f" with {n_train:,} training rows" if n_sizes > 1 else ""
    return [_fitted_line(comparisons, at, task), *_again_lines(comparisons, at, task)]


def _fitted_line(comparisons: Sequence[Comparison], at: str, task: Task) -> str:
    method = _method([c.fitted for c in comparisons])
    if all(c.fitted.is_significant for c in comparisons):
        return f"these models: all differences in {task.metric.heading} are significant at 5 %{at} ({method})"
    pairs = ", ".join(
        f"{c.first} and {c.second} ({c.difference:+.3f}, {write_p(c.fitted.p_value)})"
        for c in comparisons
        if not c.fitted.is_significant
    )
    return f"these models: differences in {task.metric.heading} that are not significant at 5 %{at}: {pairs} ({method})"


def _again_lines(comparisons: Sequence[Comparison], at: str, task: Task) -> list[str]:
    unknown = [c for c in comparisons if c.again is None]
    if len(unknown) == len(comparisons):
        return ["trained again: not known from one fit each; --seeds 5 tells"]
    known = [c.again for c in comparisons if c.again is not None]
    if [c.again for c in comparisons] == [c.fitted for c in comparisons]:
        return []  # no model varies
    lines = []
    lost = [c for c in comparisons if c.fitted.is_significant and c.again is not None and not c.again.is_significant]
    if lost:
        pairs = ", ".join(
            f"{c.first} and {c.second} ({c.difference:+.3f}, {write_p(c.again.p_value)}, {_seeds_in_words(c, task)})"
            for c in lost
            if c.again is not None
        )
        lines.append(f"trained again: not significant either{at}: {pairs} ({_method(known)})")
    elif any(verdict.is_significant for verdict in known):
        lines.append(f"trained again: what is significant stays so{at} ({_method(known)})")
    if unknown:
        pairs = ", ".join(f"{c.first} and {c.second}" for c in unknown)
        lines.append(f"trained again: not known from one fit{at}: {pairs}")
    return lines


def _seeds_in_words(comparison: Comparison, task: Task) -> str:
    """Return how many seeds would settle a comparison."""
    n_seeds = comparison.seeds_needed
    return (
        f"more than 100 seeds or more test {task.words.rows} needed"
        if n_seeds is None
        else f"about {n_seeds} seeds needed"
    )


def _method(verdicts: Sequence[Verdict]) -> str:
    tests = " and ".join(sorted({verdict.test for verdict in verdicts}))
    return f"{tests}, Holm over {counted(len(verdicts), 'pair')}"


def print_run(
    run: RunFile, summary: pd.DataFrame, comparisons: Any, console: Console, *, wide: bool | None = None
) -> None:
    """Print the table with the columns that fit the console, or as ``wide`` says."""
    is_wide = console.width >= WIDE_COLUMNS if wide is None else wide
    if is_wide:
        console.width = max(console.width, WIDE_COLUMNS)
    for part in render(run, summary, comparisons, is_wide=is_wide, width=console.width):
        is_whole_line = isinstance(part, Text) and is_wide and not console.is_terminal
        console.print(part, soft_wrap=is_whole_line)


def _fitting(summary: pd.DataFrame, all_columns: Sequence[Column], width: int) -> list[Column]:
    """Return the most important columns that fit beside the models' names, at least the first."""
    columns = [column for column in all_columns if column.in_narrow]
    cells = [row.cells for row in make_rows(summary, columns) if row.cells]
    left = width - _name_columns(summary) - (8 if summary["n_train"].nunique() > 1 else 0)
    fitting: list[Column] = []
    for i, column in enumerate(columns):
        left -= 2 + max(len(column.heading), *(len(row[i].text) + 1 for row in cells), 1)
        if fitting and left < 0:
            break
        fitting.append(column)
    return fitting


def _name_columns(summary: pd.DataFrame) -> int:
    return min(NAME_COLUMNS, max(len(visible(str(name))) for name in summary["model"]))


def _table(summary: pd.DataFrame, columns: Sequence[Column]) -> Table:
    several_sizes = summary["n_train"].nunique() > 1
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("model", overflow="fold", min_width=_name_columns(summary))  # the last thing to be cut
    for heading_ in [*(["rows"] if several_sizes else []), *(column.heading for column in columns)]:
        table.add_column(heading_, justify="right", no_wrap=True)
    for row in make_rows(summary, columns):
        cells: list[Text | str] = [plain(row.model), *([f"{row.n_train:,}"] if several_sizes else [])]
        if row.failure:
            table.add_row(*cells, Text(row.failure, style="red"), style="dim")
        else:
            table.add_row(*cells, *map(_marked, row.cells))
    return table


def _marked(cell: Cell) -> Text:
    return Text(f"{cell.text}*", style="bold green") if cell.is_best else Text(f"{cell.text} ")


def _failures(summary: pd.DataFrame) -> list[Text]:
    failed = summary[summary["status"] != "ok"]
    return [plain(f"{row['model']}: {row['status']}", style="red") for row in failed.to_dict("records")]


def _unseen_note(summary: pd.DataFrame, task: Task) -> str | None:
    """Return a note on the main score without the test rows that a model may have memorised."""
    rows = summary[summary["n_test_seen"].fillna(0) > 0]
    if rows.empty:
        return None
    counts = sorted(set(rows["n_test_seen"].round().astype(int)))
    several_sizes = summary["n_train"].nunique() > 1
    scores, unseen = [], f"{task.metric.field}_unseen"
    for row in rows.dropna(subset=[unseen]).to_dict("records") if unseen in rows else ():
        size = f" ({row['n_train']:,} rows)" if several_sizes else ""
        scores.append(f"{row['model']}{size} {task.metric.write(row[unseen])}")
    without = f": without them {', '.join(scores)}" if scores else ""
    n_rows = " / ".join(f"{count:,}" for count in counts)
    return f"{n_rows} test rows have a {task.words.row} that is in training too{without}"


def _processors_notes(summary: pd.DataFrame) -> list[str]:
    """Return notes on costs that cannot be compared, and on those that are of some seeds only."""
    notes = []
    models = summary.dropna(subset=["cpu_model"]).groupby("cpu_model", sort=False)["model"].unique()
    if len(models) > 1:
        where = "; ".join(f"{', '.join(names)} on {processor}" for processor, names in models.items())
        notes.append(f"seconds cannot be compared between processors: {where}")
    some = summary[(summary["seeds_timed"] < summary["seeds"]) & (summary["status"] == "ok")].to_dict("records")
    if some:
        of_seeds = ", ".join(f"{row['model']} {row['seeds_timed']:.0f} of {row['seeds']} seeds" for row in some)
        notes.append(f"costs are those of the trials where the run began: {of_seeds}")
    return notes


def _encode_note(summary: pd.DataFrame, task: Task) -> str | None:
    seconds = summary["encode_seconds"].dropna()
    if seconds.empty or task.name != "classification":
        return None
    return (
        f"turning the texts into token ids took {seconds.median():.1f} s per trial, outside fit and predict: "
        "add it where an id model is weighed against one that reads raw text"
    )
