"""The report as files: one HTML page that needs no network, Markdown for a pull request, and its figures."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.report.content import ReportContent
from bench.report.figures.plots import FIGURES
from bench.report.rendering import asset, check_own, load_template
from bench.report.views import Matrix, Quote, difference_matrix, manifest_rows, quotes
from bench.results.columns import make_rows, page_columns, page_scores
from bench.results.formats import as_markdown
from bench.utils.escapes import markdown
from bench.utils.files import write_text

PACKAGE = "bench.report"
HTML_FILE, MARKDOWN_FILE, FIGURES_FOLDER = "report.html", "report.md", "figures"


def write_report(content: ReportContent, folder: Path, dashboard: str | None = None) -> Path:
    """Write ``report.html``, ``report.md`` and ``figures/`` into a folder, each file whole or not at all.

    The page links to a dashboard where there is one.

    Raises
    ------
    OutputError
        There is a page of another maker.
    OSError
        The folder cannot be written.
    """
    check_own(folder / HTML_FILE)
    figures = folder / FIGURES_FOLDER
    figures.mkdir(parents=True, exist_ok=True)
    for figure in content.figures:
        write_text(figures / f"{figure.slug}.svg", figure.file)
    for slug in set(FIGURES) - {figure.slug for figure in content.figures}:
        (figures / f"{slug}.svg").unlink(missing_ok=True)
    write_text(folder / MARKDOWN_FILE, render_markdown(content))
    write_text(folder / HTML_FILE, render_html(content, dashboard))
    return folder / HTML_FILE


def render_html(content: ReportContent, dashboard: str | None = None) -> str:
    """Return the page."""
    script = asset("sort.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    page: str = load_template(PACKAGE, "report.html").render(
        **_parts(content), dashboard=dashboard, style=asset("style.css"), script=script, script_digest=digest
    )
    return page


def render_markdown(content: ReportContent) -> str:
    """Return the same as Markdown, figures as files beside it."""
    page: str = load_template(PACKAGE, "report.md").render(
        **_parts(content), table=as_markdown(content.analysis.summary, content.analysis.task), md=markdown
    )
    return page


def _parts(content: ReportContent) -> dict[str, Any]:
    summary, task = content.analysis.summary, content.analysis.task
    columns = page_columns(task)
    matrix: Matrix | None = difference_matrix(content.analysis.comparisons, content.analysis.outperformance, task)
    examples: Sequence[Quote] = quotes(content)
    return {
        "content": content,
        "task": task,
        "columns": columns,
        "other_scores": page_scores(task),
        "rows": list(zip(make_rows(summary, columns), summary.to_dict("records"), strict=True)),
        "has_sizes": content.analysis.has_several_sizes,
        "matrix": matrix,
        "examples": examples,
        "manifest": [manifest_rows(run) for run in content.runs],
    }
