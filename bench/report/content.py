"""What a report says, before it is a page: gathered once from the runs, for HTML and Markdown alike."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.errors import OutputError, UsageError, counted
from bench.records import DatasetInfo, RunFile
from bench.report.answer import Contest, answer
from bench.report.checks import Checked, Finding, find_all
from bench.report.entries import Entry
from bench.report.examples import OnlyRight, Suspects, find_only_right, find_suspects
from bench.report.figures import Subject, draw_all
from bench.report.palette import looks
from bench.report.provenance import machine_notes, provenance_notes, repeat_command
from bench.report.summary import compare, summarize
from bench.report.svg import Figure, drawing
from bench.results import Run
from bench.stats.intervals import score_intervals
from bench.stats.paired import Comparison, shared_seeds
from bench.stats.ranking import Outperformance, probability_of_outperforming, ranking_groups

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Content:
    """A report's parts, in the order in which they are shown.

    Parameters
    ----------
    title, subtitle : str
    answer : sequence of str
        Three sentences.
    summary : DataFrame
        One row a model and number of training rows, with ``group`` and the intervals of other scores.
    comparisons : sequence of Comparison
        Of the models with most training rows.
    outperformance : mapping of pair to Outperformance
        From 10 seeds on.
    n_train : int
        The number of training rows that comparisons, figures and examples are about.
    figures : sequence of Figure
    only_right : sequence of OnlyRight
    suspects : Suspects or None
    texts : mapping of test row to text, or None
        None: the report quotes none.
    class_names : sequence of str
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
    summary: pd.DataFrame
    comparisons: Sequence[Comparison]
    outperformance: Mapping[tuple[str, str], Outperformance]
    n_train: int
    figures: Sequence[Figure]
    only_right: Sequence[OnlyRight]
    suspects: Suspects | None
    texts: Mapping[int, str] | None
    class_names: Sequence[str]
    findings: Sequence[Finding]
    runs: Sequence[RunFile]
    notes: Sequence[str]
    repeat: Sequence[str]


def check_comparable(runs: Sequence[Run]) -> None:
    """Refuse runs on other data, another division or other test rows.

    Raises
    ------
    UsageError
    """
    first, *others = runs
    for other in others:
        a, b = first.store.run, other.store.run
        x, y = a.manifest.dataset, b.manifest.dataset
        names = f"runs {a.name!r} and {b.name!r} cannot be compared:"
        if x.digest != y.digest:
            raise UsageError(f"{names} their data differ, {_data(x)} and {_data(y)}; run both on the same data")
        if a.spec.division != b.spec.division:
            raise UsageError(
                f"{names} one is in the {a.spec.division} division and one in the {b.spec.division}, where models see "
                "other texts; run both in the same one"
            )


def gather(runs: Sequence[Run], test_texts: Sequence[str] | None, notes: Sequence[str] = ()) -> Content:
    """The content of a report on one run, or on several of the same data.

    Parameters
    ----------
    runs : sequence of Run
    test_texts : sequence of str or None
        The test rows' texts; None: none are quoted.
    notes : sequence of str
        What the reader should be told beside what is found here.

    Raises
    ------
    UsageError
        The runs are not of the same data.
    OutputError
        Predictions are missing, damaged, or of other rows.
    """
    check_comparable(runs)
    entries = _all_entries(runs)
    dataset = runs[0].store.run.manifest.dataset
    n_train = _main_size(entries, dataset.n_train)
    main = [entry for entry in entries if entry.n_train == n_train]
    good = [entry for entry in main if entry.good]

    comparisons = (runs[0].compared if len(runs) == 1 else compare(good)).get(n_train, [])
    groups = ranking_groups([entry.name for entry in good], comparisons)
    summary = _with_intervals(summarize(entries), entries, {n_train: groups})
    suspects = find_suspects(good)
    only_right = find_only_right(good)
    missing = [trial for run in runs for trial in run.missing]
    return Content(
        title=_title(runs, entries),
        subtitle=_subtitle(runs, dataset),
        answer=answer(
            Contest(
                main,
                comparisons,
                groups,
                dataset.n_test,
                guess=max(dataset.test_counts) / dataset.n_test,
                run_name=runs[0].name,
                n_missing=len(missing),
                n_train=n_train if len({entry.n_train for entry in entries}) > 1 else None,
                are_costs_comparable=not machine_notes(runs),
            )
        ),
        summary=summary,
        comparisons=comparisons,
        outperformance=_outperformance(good),
        n_train=n_train,
        figures=_figures(good, summary, n_train, dataset),
        only_right=only_right,
        suspects=suspects,
        texts=_quoted(test_texts, only_right, suspects),
        class_names=dataset.class_names,
        findings=find_all(Checked(dataset, entries, suspects, [trial.label for trial in missing])),
        runs=[run.store.run for run in runs],
        notes=[*notes, *provenance_notes(runs), *_unchecked_notes(runs), *_missing_note(runs)],
        repeat=[repeat_command(run.store.run) for run in runs],
    )


def _all_entries(runs: Sequence[Run]) -> list[Entry]:
    """Entries of all runs; a model that is in several is told apart by the run's name."""
    by_run = [(label, run.entries) for label, run in zip(_labels(runs), runs, strict=True)]
    uses = Counter(name for _, entries in by_run for name in {entry.name for entry in entries})
    found = [
        replace(entry, name=f"{entry.name} ({label})") if uses[entry.name] > 1 else entry
        for label, entries in by_run
        for entry in entries
    ]
    _check_rows([entry for entry in found if entry.good])
    return found


def _labels(runs: Sequence[Run]) -> list[str]:
    """The runs' names, numbered where two are equal."""
    names = [run.name for run in runs]
    return [name if names.count(name) == 1 else f"{name} {names[: i + 1].count(name)}" for i, name in enumerate(names)]


def _check_rows(entries: Sequence[Entry]) -> None:
    """Refuse predictions that are not of the same test rows in the same order."""
    if not entries:
        return
    labels = entries[0].predictions[0].labels
    for entry in entries:
        for record, predictions in zip(entry.good, entry.predictions, strict=True):
            if not np.array_equal(predictions.labels, labels):
                path = entry.store.predictions_path(record.trial)
                raise OutputError(
                    f"the predictions {path} are of other rows than those of {entries[0].trial.label}; bench run "
                    f"--resume {entry.store.run.name} makes them again if you remove the file"
                )


def _with_intervals(
    summary: pd.DataFrame, entries: Sequence[Entry], groups: Mapping[int, Mapping[str, int]]
) -> pd.DataFrame:
    intervals = {}
    for n_train in dict.fromkeys(entry.n_train for entry in entries):
        of_size = {entry.name: entry.predictions for entry in entries if entry.good and entry.n_train == n_train}
        intervals.update({(name, n_train): found for name, found in score_intervals(of_size).items()})
    columns: dict[str, Any] = {}
    for field in ("f1_macro", "roc_auc", "log_loss"):
        found = [
            intervals.get((model, n_train), {}).get(field)
            for model, n_train in zip(summary["model"], summary["n_train"], strict=True)
        ]
        columns[f"{field}_low"] = [interval.low if interval else None for interval in found]
        columns[f"{field}_high"] = [interval.high if interval else None for interval in found]
    columns["group"] = [
        groups.get(n_train, {}).get(model) for model, n_train in zip(summary["model"], summary["n_train"], strict=True)
    ]
    return summary.assign(**columns)


def _figures(entries: Sequence[Entry], summary: pd.DataFrame, n_train: int, dataset: DatasetInfo) -> Sequence[Figure]:
    main = summary[(summary["n_train"] == n_train) & summary["accuracy"].notna()]
    names = dict.fromkeys(summary["model"])
    with drawing():
        return draw_all(Subject(entries, main, summary, dataset.class_names, looks(list(names))))


def _outperformance(entries: Sequence[Entry]) -> dict[tuple[str, str], Outperformance]:
    found = {}
    for first, second in itertools.permutations(entries, 2):
        seeds = shared_seeds(first.answered, second.answered)
        accuracies = [entry.answered.at(seeds).mean(axis=1) for entry in (first, second)]
        if (probability := probability_of_outperforming(*accuracies)) is not None:
            found[first.name, second.name] = probability
    return found


def _quoted(
    texts: Sequence[str] | None, only_right: Sequence[OnlyRight], suspects: Suspects | None
) -> dict[int, str] | None:
    if texts is None:
        return None
    examples = [example for found in only_right for example in found.examples]
    examples += list(suspects.examples) if suspects else []
    return {example.row: texts[example.row] for example in examples}


def _main_size(entries: Sequence[Entry], all_rows: int) -> int:
    """The largest number of training rows at which there are models to compare, else one was measured, else any ran."""
    good = Counter(entry.n_train for entry in entries if entry.good)
    several = [size for size, n_models in good.items() if n_models > 1]
    return max(several or good or [entry.n_train for entry in entries] or [all_rows])


def _unchecked_notes(runs: Sequence[Run]) -> list[str]:
    """What older runs do not hold."""
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


def _data(dataset: DatasetInfo) -> str:
    return f"{dataset.name} ({dataset.digest[:12]}…, {dataset.n_train:,} + {dataset.n_test:,} rows)"


def _subtitle(runs: Sequence[Run], dataset: DatasetInfo) -> str:
    spec = runs[0].store.run.spec
    sizes = sorted({record.trial.train_size or dataset.n_train for run in runs for record in run.records})
    rows = " / ".join(f"{size:,}" for size in sizes or [dataset.n_train])
    seeds = sorted({run.store.run.spec.seeds for run in runs})
    return (
        f"{dataset.name} ({re.sub(r'^the ', '', dataset.origin)}), {spec.division} division, {rows} training and "
        f"{dataset.n_test:,} test rows, {' / '.join(map(str, seeds))} seed{'s' * (seeds != [1])}"
    )


def _missing_note(runs: Sequence[Run]) -> list[str]:
    return [
        f"{counted(len(run.missing), 'trial has', 'trials have')} not run yet: bench run --resume {run.name} goes on."
        for run in runs
        if run.missing
    ]
