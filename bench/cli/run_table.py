"""The table of a run, for the terminal: wide or narrow, the best of each column marked, failures as rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bench.cli.terminal import plain
from bench.records import RunFile
from bench.results.columns import COLUMNS, Cell, make_rows, write_share
from bench.stats.paired import Comparison

if TYPE_CHECKING:
    import pandas as pd

WIDE_COLUMNS = 150


def render(
    run: RunFile, summary: pd.DataFrame, comparisons: Mapping[int, Sequence[Comparison]], *, is_wide: bool
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
        All columns, else the most important ones.
    """
    parts: list[Table | Text] = [plain(heading(run, summary))]
    if not summary.empty:
        parts.append(_table(summary, is_wide=is_wide))
    if summary["accuracy"].notna().any():
        best = "* best in its column; " if len(summary) > 1 else ""
        parts.append(Text(f"{best}± is half of the 95 % interval of the accuracy", style="dim"))
    parts += _failures(summary)
    deterministic = summary["is_deterministic"].eq(True)  # may hold None
    if deterministic.any() and run.spec.seeds > 1:
        names = summary.loc[deterministic, "model"].unique()
        parts.append(Text(f"deterministic (the same predictions with every seed): {', '.join(names)}"))
    if unseen := _unseen_note(summary):
        parts.append(plain(unseen))
    if encode := _encode_note(summary):
        parts.append(Text(encode, style="dim"))
    parts += [
        plain(line) for size, found in comparisons.items() for line in comparison_lines(found, size, len(comparisons))
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
    return (
        f"{run.name}: {dataset.name} ({dataset.origin}), {run.spec.division} division, "
        f"{rows} training and {dataset.n_test:,} test rows, {seeds}, {run.spec.threads} threads"
    )


def comparison_lines(comparisons: Sequence[Comparison], n_train: int, n_sizes: int) -> list[str]:
    """Which differences are shown, and which are not."""
    if not comparisons:
        return []
    at = f" with {n_train:,} training rows" if n_sizes > 1 else ""
    test = " and ".join(sorted({comparison.test for comparison in comparisons}))
    method = f"{test}, Holm over {len(comparisons)} pair{'s' * (len(comparisons) > 1)}"
    open_pairs = [c for c in comparisons if not c.is_significant]
    if not open_pairs:
        return [f"all differences in accuracy are significant at 5 %{at} ({method})"]
    pairs = ", ".join(f"{c.first} and {c.second} ({c.difference:+.3f}, p = {c.p_value:.2f})" for c in open_pairs)
    return [f"no difference in accuracy shown{at} between {pairs} ({method})"]


def print_run(
    run: RunFile, summary: pd.DataFrame, comparisons: Any, console: Console, *, wide: bool | None = None
) -> None:
    """Print the table with the columns that fit the console, or as ``wide`` says."""
    is_wide = console.width >= WIDE_COLUMNS if wide is None else wide
    if is_wide:
        console.width = max(console.width, WIDE_COLUMNS)
    for part in render(run, summary, comparisons, is_wide=is_wide):
        is_whole_line = isinstance(part, Text) and is_wide and not console.is_terminal
        console.print(part, soft_wrap=is_whole_line)


def _table(summary: pd.DataFrame, *, is_wide: bool) -> Table:
    columns = [column for column in COLUMNS if is_wide or column.in_narrow]
    several_sizes = summary["n_train"].nunique() > 1
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("model", overflow="fold")
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


def _unseen_note(summary: pd.DataFrame) -> str | None:
    """Return a note on accuracy without the test rows that a model may have memorised."""
    rows = summary[summary["n_test_seen"].fillna(0) > 0]
    if rows.empty:
        return None
    counts = sorted(set(rows["n_test_seen"].round().astype(int)))
    several_sizes = summary["n_train"].nunique() > 1
    accuracies = []
    for row in rows.dropna(subset=["accuracy_unseen"]).to_dict("records"):
        size = f" ({row['n_train']:,} rows)" if several_sizes else ""
        accuracies.append(f"{row['model']}{size} {write_share(row['accuracy_unseen'])}")
    without = f": without them {', '.join(accuracies)}" if accuracies else ""
    return f"{' / '.join(f'{count:,}' for count in counts)} test rows have a text that is in training too{without}"


def _encode_note(summary: pd.DataFrame) -> str | None:
    seconds = summary["encode_seconds"].dropna()
    if seconds.empty:
        return None
    return (
        f"turning the texts into token ids took {seconds.median():.1f} s per trial, outside fit and predict: "
        "add it where an id model is weighed against one that reads raw text"
    )
