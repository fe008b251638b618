"""The table of a run as text for other programs: CSV, JSON, Markdown, LaTeX; and as HTML for notebooks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from typing import TYPE_CHECKING, Literal

from bench.results.columns import Row, make_rows, table_columns
from bench.utils.escapes import latex, markdown, no_formula

if TYPE_CHECKING:
    import pandas as pd

    from bench.tasks.base import Task

Format = Literal["table", "csv", "json", "md", "latex"]


def as_csv(summary: pd.DataFrame) -> str:
    """Return the summary as CSV with full numbers; no cell is a formula to a spreadsheet."""
    texts = summary.select_dtypes(exclude="number").columns
    guarded = summary.assign(**{column: summary[column].map(no_formula) for column in texts})
    written: str = guarded.to_csv(index=False)
    return written


def as_markdown(summary: pd.DataFrame, task: Task) -> str:
    """Return a table for a pull request, the best of each column in bold."""
    headings, rows = _written(summary, task, markdown, lambda text: f"**{text}**")
    lines = [headings, ["---", *["---:"] * (len(headings) - 1)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def as_latex(summary: pd.DataFrame, task: Task) -> str:
    """Return a ``tabular``, the best of each column in bold."""
    headings, rows = _written(summary, task, latex, lambda text: rf"\textbf{{{text}}}")
    lines = [rf"{' & '.join(line)} \\" for line in (headings, *rows)]
    columns = "l" + "r" * (len(headings) - 1)
    body = "\n".join([lines[0], r"\hline", *lines[1:]])
    return f"\\begin{{tabular}}{{{columns}}}\n\\hline\n{body}\n\\hline\n\\end{{tabular}}\n"


def notebook_html(summary: pd.DataFrame, task: Task, caption: str) -> str:
    """Return the table for the last line of a notebook's cell."""
    headings, rows = _written(summary, task, escape, lambda text: f"<b>{text}</b>")
    lines = ["".join(f"<th>{cell}</th>" for cell in headings)]
    lines += ["".join(f"<td>{cell}</td>" for cell in row) for row in rows]
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<table><caption>{escape(caption)}</caption>{body}</table>"


def _written(
    summary: pd.DataFrame, task: Task, write: Callable[[str], str], bold: Callable[[str], str]
) -> tuple[list[str], list[list[str]]]:
    """Headings and rows, each text written so that it is no markup."""
    has_sizes, columns = summary["n_train"].nunique() > 1, table_columns(task)
    headings = ["model", *(["rows"] if has_sizes else []), *(column.heading for column in columns)]
    return list(map(write, headings)), [
        list(_cells(row, has_sizes, len(columns), write, bold)) for row in make_rows(summary, columns)
    ]


def _cells(
    row: Row, has_sizes: bool, n_columns: int, write: Callable[[str], str], bold: Callable[[str], str]
) -> Iterable[str]:
    yield write(row.model)
    if has_sizes:
        yield f"{row.n_train:,}"
    if row.failure:
        yield write(row.failure)
        yield from [""] * (n_columns - 1)
    for cell in row.cells:
        yield bold(write(cell.text)) if cell.is_best else write(cell.text)
