"""What a report says, before it is a page: gathered once from the runs, for HTML and Markdown alike."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from bench.records import DatasetInfo, RunFile
from bench.report.answer import Standings, answer
from bench.report.checks import Evidence, Finding, find_all
from bench.report.examples import OnlyRight, Suspects, find_only_right, find_suspects
from bench.report.figures.palette import model_styles
from bench.report.figures.plots import FigureData, draw_all
from bench.report.figures.svg import Figure, drawing
from bench.results.analysis import Analysis, analyse
from bench.results.entries import Entry
from bench.results.provenance import provenance_notes
from bench.results.run import Run
from bench.running.spec import repeat_command
from bench.utils.text import counted


@dataclass(frozen=True)
class ReportContent:
    """A report's parts, in the order in which they are shown.

    Parameters
    ----------
    title, subtitle : str
    answer : sequence of str
        Three sentences.
    analysis : Analysis
    only_right : sequence of OnlyRight
    suspects : Suspects or None
    texts : mapping of test row to text, or None
        None: the report quotes none.
    findings : sequence of Finding
    runs : sequence of RunFile
    notes : sequence of str
        What is missing, and why.
    repeat : sequence of str
        Commands that make the runs again.
    """

    title: str
    subtitle: str
    answer: Sequence[str]
    analysis: Analysis
    only_right: Sequence[OnlyRight]
    suspects: Suspects | None
    texts: Mapping[int, str] | None
    findings: Sequence[Finding]
    runs: Sequence[RunFile]
    notes: Sequence[str]
    repeat: Sequence[str]

    @cached_property
    def figures(self) -> Sequence[Figure]:
        """The figures that there are data for."""
        return _figures(self.analysis)


def gather(runs: Sequence[Run], test_texts: Sequence[str] | None, notes: Sequence[str] = ()) -> ReportContent:
    """Return the content of a report on one run, or on several of the same data.

    Parameters
    ----------
    runs : sequence of Run
    test_texts : sequence of str or None
        The test rows' texts; None: none are quoted.
    notes : sequence of str
        Further notes for the reader.

    Raises
    ------
    UsageError
        The runs are not of the same data.
    OutputError
        Predictions are missing, damaged, or of other rows.
    """
    analysis = analyse(runs)
    of_classes = analysis.good if analysis.task.has_classes else []
    suspects = find_suspects(of_classes)
    only_right = find_only_right(of_classes)
    return ReportContent(
        title=_title(runs, analysis.entries),
        subtitle=_subtitle(runs, analysis.dataset),
        answer=answer(Standings(analysis, runs[0].name)),
        analysis=analysis,
        only_right=only_right,
        suspects=suspects,
        texts=_quoted(test_texts, only_right, suspects),
        findings=find_all(Evidence(analysis, suspects)),
        runs=[run.store.run for run in runs],
        notes=[*notes, *provenance_notes(runs), *_unchecked_notes(runs), *_missing_note(runs)],
        repeat=[repeat_command(run.store.run) for run in runs],
    )


def _figures(analysis: Analysis) -> Sequence[Figure]:
    summary = analysis.summary
    main = summary[(summary["n_train"] == analysis.n_train) & summary["fit_seconds"].notna()]
    names = dict.fromkeys(summary["model"])
    with drawing():
        return draw_all(
            FigureData(
                analysis.task, analysis.good, main, summary, analysis.dataset.class_names, model_styles(list(names))
            )
        )


def _quoted(
    texts: Sequence[str] | None, only_right: Sequence[OnlyRight], suspects: Suspects | None
) -> dict[int, str] | None:
    if texts is None:
        return None
    examples = [example for found in only_right for example in found.examples]
    examples += list(suspects.examples) if suspects else []
    return {example.row: texts[example.row] for example in examples}


def _unchecked_notes(runs: Sequence[Run]) -> list[str]:
    """Return what older runs do not hold."""
    old = [run.name for run in runs if run.store.run.manifest.dataset.n_repeated_train is None]
    if not old:
        return []
    return [
        f"{', '.join(old)}: made before schema 4, which began to record lengths and repeats of texts and other load on "
        "the machine: the checks of these are left out."
    ]


def _title(runs: Sequence[Run], entries: Sequence[Entry]) -> str:
    names = list(dict.fromkeys(entry.name for entry in entries))
    what = names[0] if len(names) == 1 else f"{len(names)} models compared"
    return f"{' + '.join(run.name for run in runs)}: {what}"


def _subtitle(runs: Sequence[Run], dataset: DatasetInfo) -> str:
    spec = runs[0].store.run.spec
    sizes = sorted({record.trial.train_size or dataset.n_train for run in runs for record in run.records})
    rows = " / ".join(f"{size:,}" for size in sizes or [dataset.n_train])
    seeds = sorted({run.store.run.spec.seeds for run in runs})
    division = f"{spec.division} division" if dataset.task == "classification" else f"task {dataset.task}"
    return (
        f"{dataset.name} ({re.sub(r'^the ', '', dataset.origin)}), {division}, {rows} training and "
        f"{dataset.n_test:,} test rows, {' / '.join(map(str, seeds))} seed{'s' * (seeds != [1])}"
    )


def _missing_note(runs: Sequence[Run]) -> list[str]:
    return [
        f"{counted(len(run.missing), 'trial has', 'trials have')} not run yet: bench run --resume {run.name} goes on."
        for run in runs
        if run.missing
    ]
