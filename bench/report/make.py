"""From runs on disk to the files of their report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.errors import BenchError, OutputError
from bench.records import RunSpec
from bench.report.content import gather
from bench.report.page import write_report
from bench.results.comparison import check_comparable
from bench.results.run import Run
from bench.running.resolve import find_test_texts


@dataclass(frozen=True)
class Report:
    """What was written.

    Parameters
    ----------
    path : Path
        The HTML file; the Markdown and the figures are beside it.
    answer : tuple of str
        Its three or four sentences.
    notes : tuple of str
        What it lacks, and why.
    """

    path: Path
    answer: tuple[str, ...]
    notes: tuple[str, ...]


def make_report(
    runs: Sequence[Run],
    *,
    show_texts: bool = True,
    data_dir: str | None = None,
    folder: Path | None = None,
    dashboard: str | None = None,
) -> Report:
    """Write the report of one run, or of several of the same data.

    Parameters
    ----------
    runs : sequence of Run
    show_texts : bool
        Quote test texts, where the runs allow it and their data are available.
    data_dir : str, optional
        Where the data are.
    folder : Path, optional
        Where the files go; by default into the folder of the only run, or beside the first of several.
    dashboard : str, optional
        Address of the history of speed, for a link.

    Raises
    ------
    UsageError
        The runs are not of the same data.
    OutputError
        Predictions are missing, damaged or of other rows, or the folder cannot be written.
    """
    check_comparable(runs)
    spec, digest = runs[0].store.run.spec, runs[0].store.run.manifest.dataset.digest
    texts: Sequence[str] | None = None
    notes: list[str] = []
    is_text = runs[0].store.run.manifest.dataset.task == "classification"
    if is_text and show_texts and all(run.store.run.spec.show_texts for run in runs):
        texts, notes = _texts(spec.model_copy(update={"data_dir": data_dir}), digest)
    content = gather(runs, texts, notes)
    target = folder or (runs[0].path if len(runs) == 1 else _shared_folder(runs))
    try:
        return Report(write_report(content, target, dashboard), tuple(content.answer), tuple(content.notes))
    except OSError as error:
        raise OutputError(
            f"cannot write the report {error.filename or target}: {error.strerror}; name another folder with --to"
        ) from error


def report_after(
    run: Run, note: Callable[[str], None], *, show_texts: bool = True, data_dir: str | None = None
) -> Report | None:
    """Write the report of a run that has just ended, or say why there is none: what was measured is safe by now.

    Parameters
    ----------
    run : Run
    note : callable
        Called with each message for the user.
    show_texts, data_dir
        As for :func:`make_report`.
    """
    note("writing the report")
    try:
        return make_report([run], show_texts=show_texts, data_dir=data_dir)
    except Exception as error:  # plotting libraries may raise anything
        said = str(error) if isinstance(error, BenchError) else f"{type(error).__name__}: {error}"
        note(f"no report, {said}; all that was measured is kept: bench report {run.name} tries again")
        return None


def _texts(spec: RunSpec, digest: str) -> tuple[Sequence[str] | None, list[str]]:
    try:
        return find_test_texts(spec, digest), []
    except BenchError as error:
        return None, [f"Examples have no words here: {error}"]


def _shared_folder(runs: Sequence[Run]) -> Path:
    return runs[0].path.parent / f"report-{'-'.join(run.name for run in runs)}"[:200]
